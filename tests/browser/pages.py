"""Which pages are tested, in which browser, and how one is opened: from disk, without a network, faults noted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import ROOT
from playwright.sync_api import Browser, Page, Route

REVIEWS = sorted(path.parent.name for path in ROOT.glob("results/*/report.html"))

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"

# The names under which distributions install it; BROWSER_UNDER_TEST names another program.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
# What WCAG 2.2 calls reflow: 1280 px at a zoom of 400 %.
NARROWEST = {"width": 320, "height": 640}


def browser_program() -> str | None:
    """Return the path of a Chromium of this machine, None where there is none."""
    return os.environ.get("BROWSER_UNDER_TEST") or next(filter(None, map(shutil.which, BROWSERS)), None)


def address(review: str) -> str:
    return (ROOT / "results" / review / "report.html").as_uri()


@dataclass
class Opened:
    """A page, and what it asked for, complained of or broke."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def run(self, script: str, argument: object = None) -> Any:  # noqa: ANN401 — any JSON
        return self.page.evaluate(script, argument)


@contextmanager
def opened(browser: Browser, url: str, **options: object) -> Iterator[Opened]:
    """Open a page with the network off: whatever is no file is refused, and noted."""
    context = browser.new_context(**{"viewport": LAPTOP, "offline": True} | options)
    one = Opened(context.new_page())

    def refuse(route: Route) -> None:
        one.requests.append(route.request.url)
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            route.abort()

    context.route("**/*", refuse)
    one.page.on("console", lambda message: one.complaints.append(f"{message.type}: {message.text}"))
    one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
    one.page.on("dialog", lambda dialog: one.complaints.append(dialog.message))
    one.page.goto(url)
    try:
        yield one
    finally:
        context.close()

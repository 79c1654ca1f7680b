"""One browser for all tests of this folder. Where there is none they are skipped, in CI they fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser.pages import AXE, REVIEWS, Opened, address, browser_program, opened

WITHOUT_BROWSER = "no Chromium on this machine (Debian: apt-get install chromium)"
WITHOUT_AXE = "no axe-core in tests/browser/node_modules (npm ci --prefix tests/browser)"

# The container of a CI job runs as root, where Chromium's own sandbox does not work; the pages are the project's own.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic"]

Opener = Callable[..., AbstractContextManager[Opened]]


def lacking(what: str) -> NoReturn:
    """Skip a test, or let it fail where the machine is one that must have all."""
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once what is missing."""
    skipped = [str(one.longrepr) for one in terminalreporter.stats.get("skipped", [])]
    for what in (WITHOUT_BROWSER, WITHOUT_AXE):
        count = sum(what in one for one in skipped)
        if count:
            terminalreporter.write_line(f"{count} browser tests skipped: {what}")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Return the machine's Chromium. It ends with this folder: while it runs, no other event loop can."""
    program = browser_program()
    if program is None:
        lacking(WITHOUT_BROWSER)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture(params=REVIEWS)
def review(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_page(browser: Browser, review: str) -> Opener:
    """Return what opens the page of a review: ``with open_page(viewport=…) as one``."""

    def opener(**options: object) -> AbstractContextManager[Opened]:
        return opened(browser, address(review), **options)

    return opener


@pytest.fixture(scope="package")
def axe() -> str:
    """Return the text of axe-core."""
    if not AXE.is_file():
        lacking(WITHOUT_AXE)
    return AXE.read_text(encoding="utf-8")

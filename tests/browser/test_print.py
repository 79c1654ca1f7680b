"""On paper, A4 and Letter, with and without scripts: few pages, whole figures, open details, heads that repeat."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from browser.pages import REVIEWS, address, opened

MOST_PAGES = 25
# In points; 8 but for the rounding of CSS pixels.
SMALLEST_TYPE = 7.9

# Where each figure, each row and each folded text begins and ends: names that the printed file keeps, since something
# links to them. The mark of an end is the last thing of its element.
MARKS = """() => {
  const list = document.createElement("p");
  const mark = (one, name, where) => {
    one.insertAdjacentElement(where, Object.assign(document.createElement("a"), {id: name}));
    list.append(Object.assign(document.createElement("a"), {href: `#${name}`, textContent: "."}));
  };
  const put = (ones, kind) => ones.forEach((one, index) => {
    mark(one, `${kind}-${index}-first`, "afterbegin");
    mark(one, `${kind}-${index}-last`, "beforeend");
  });
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => !one.closest(".screen-only"));
  const tables = shown("main table");
  const letters = (text) => text.replace(/\\s+/g, "");
  put(shown("figure"), "figure");
  tables.forEach((one, index) => {
    const rows = one.tBodies[0].rows;
    mark(rows[0].cells[0], `table-${index}-first`, "afterbegin");
    mark(rows[rows.length - 1].cells[0], `table-${index}-last`, "beforeend");
  });
  document.querySelector("footer").append(list);
  const folded = [...document.querySelectorAll("details:not(.screen-only)")].map((one) => {
    const copy = one.cloneNode(true);
    copy.querySelectorAll("summary, .screen-only, code").forEach((part) => part.remove());
    const words = copy.querySelector("dd, td, li");
    return letters(words?.textContent ?? "").slice(0, 12);
  });
  return {
    figures: shown("figure").length,
    heads: tables.map((one) => [...one.tHead.rows[0].cells].map((cell) => letters(cell.textContent))),
    folded: folded.filter(Boolean),
  };
}"""

POINTS = 72 / 25.4
# In millimetres.
SIZES = {"A4": (210, 297), "Letter": (215.9, 279.4)}


# What is drawn costs a reader of PDF much time and says nothing: its place is kept.
UNDRAWN = "() => document.querySelectorAll('figure svg').forEach((one) => { one.style.visibility = 'hidden'; })"


@dataclass
class Printed:
    """What was marked on the page, and the file that it became."""

    marks: dict[str, Any]
    document: PdfReader

    sizes: set[float] = field(default_factory=set)

    @cached_property
    def texts(self) -> list[str]:
        """The letters of each page without any space; what sizes they have, in points, is noted on the way."""

        def note(text: str, user: list[float], line: list[float], _: object, size: float) -> None:
            if text.strip():
                self.sizes.add(size * abs(line[0] * user[0]))

        return [re.sub(r"\s+", "", page.extract_text(visitor_text=note)) for page in self.document.pages]

    @cached_property
    def places(self) -> dict[str, Any]:
        return {name.removeprefix("/"): place for name, place in self.document.named_destinations.items()}

    def page_of(self, name: str) -> int:
        number = self.document.get_destination_page_number(self.places[name])
        assert number is not None
        return number


@pytest.fixture(scope="module")
def printed(browser: Browser) -> Callable[[str, str], Printed]:
    """Return what prints a page once: on A4 with scripts, on Letter without."""

    @cache
    def make(review: str, paper: str) -> Printed:
        with opened(browser, address(review), java_script_enabled=paper == "A4") as one:
            marks = one.run(MARKS)
            one.run(UNDRAWN)
            return Printed(marks, PdfReader(BytesIO(one.page.pdf(format=paper))))

    return make


Printer = Callable[[str, str], Printed]


@pytest.mark.parametrize("paper", SIZES)
def test_it_prints_on_few_pages_of_the_size_asked_for(printed: Printer, review: str, paper: str) -> None:
    pages = printed(review, paper).document.pages
    assert 1 < len(pages) <= MOST_PAGES
    for page in pages:
        sides = (float(page.mediabox.width), float(page.mediabox.height))
        assert sides == pytest.approx([side * POINTS for side in SIZES[paper]], abs=1.5)


@pytest.mark.parametrize("paper", SIZES)
def test_no_figure_is_split(printed: Printer, review: str, paper: str) -> None:
    made = printed(review, paper)
    assert made.marks["figures"] >= 1
    for index in range(made.marks["figures"]):
        assert made.page_of(f"figure-{index}-first") == made.page_of(f"figure-{index}-last"), index


def test_heads_of_tables_repeat(printed: Printer, review: str) -> None:
    made = printed(review, "Letter")
    long = 0
    for index, head in enumerate(made.marks["heads"]):
        first, last = (made.page_of(f"table-{index}-{end}") for end in ("first", "last"))
        for page in range(first, last + 1):
            assert [words for words in head if words not in made.texts[page]] == [], (index, page)
        long += last > first
    assert long > 0


def test_folded_text_is_open(printed: Printer, review: str) -> None:
    made = printed(review, "Letter")
    text = "".join(made.texts)
    assert len(made.marks["folded"]) >= 1
    assert [words for words in made.marks["folded"] if words not in text] == []


def test_the_browser_does_not_shrink_what_is_too_wide(printed: Printer, review: str) -> None:
    made = printed(review, "Letter")
    assert made.texts
    assert min(made.sizes) >= SMALLEST_TYPE


SHAPES = """() => ({
  small: [...document.querySelectorAll("main *")].filter((one) => one.checkVisibility() && !one.closest("svg")
    && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
    && parseFloat(getComputedStyle(one).fontSize) < 8 * 96 / 72 - 0.05).map((one) => one.outerHTML.slice(0, 80)),
  wide: [...document.querySelectorAll("main *")].filter((one) => !one.closest("svg") && one.checkVisibility()
    && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 80)),
  figures: [...document.querySelectorAll("figure svg")].map((one) => one.getBoundingClientRect().width * 25.4 / 96),
})"""

# The narrower of the two papers without its margins of 12 mm.
WITHIN = 186


@pytest.mark.parametrize("review", REVIEWS)
def test_type_and_figures_have_a_size_to_be_read_at(browser: Browser, review: str) -> None:
    with opened(browser, address(review), viewport={"width": int(WITHIN * 96 / 25.4), "height": 1000}) as one:
        one.page.emulate_media(media="print")
        found = one.run(SHAPES)
    assert found["small"] == []
    assert found["wide"] == []
    assert all(89 <= width <= WITHIN for width in found["figures"])

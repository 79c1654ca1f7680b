"""What is wider than its place says so, has a name, and keeps the study in sight; what fits says nothing."""

from __future__ import annotations

import pytest

from browser.conftest import Opener
from browser.pages import LAPTOP, PHONE

# Each region with its name, the height of the line that says that it scrolls, and how far it does.
REGIONS = """() => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  return [...document.querySelectorAll(".wide, .sheet")].filter((one) => one.checkVisibility()).map((one) => ({
    name: one.getAttribute("aria-label"), focus: one.tabIndex, role: one.getAttribute("role"),
    line: parseFloat(getComputedStyle(one, "::before").height), more: one.scrollWidth - one.clientWidth,
  }));
}"""


@pytest.mark.parametrize("viewport", [PHONE, {"width": 700, "height": 800}, LAPTOP])
def test_what_scrolls_says_so_and_what_does_not_is_silent(open_page: Opener, viewport: dict[str, int]) -> None:
    with open_page(viewport=viewport) as one:
        found = one.run(REGIONS)
    assert all(region["name"] and region["role"] == "region" and region["focus"] == 0 for region in found)
    assert [region["name"] for region in found if (region["more"] > 1) != (region["line"] > 10)] == []
    scrolled = [region["name"] for region in found if region["more"] > 1]
    assert scrolled
    # On a laptop nothing but the numbers of figures, which are folded and may have twenty columns.
    assert viewport["width"] < LAPTOP["width"] or all(name.startswith("Numbers: ") for name in scrolled)


STUCK = """() => [...document.querySelectorAll(".wide")].filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => {
    const cell = one.querySelector("tbody th[scope=row], tbody th[scope=rowgroup]");
    one.scrollLeft = one.scrollWidth;
    return [one.getAttribute("aria-label"), Math.round(cell.getBoundingClientRect().left
      - one.getBoundingClientRect().left)];
  }).filter(([, left]) => left !== 0)"""


def test_the_name_of_a_row_stays_while_its_numbers_scroll(open_page: Opener) -> None:
    with open_page(viewport=PHONE) as one:
        assert one.run(STUCK) == []


# Whether an upright line of the explorer runs through the numbers, which stand above their marks on a phone.
CROSSED = """() => {
  const svg = document.querySelector("#explore-forest svg");
  const words = [...svg.querySelectorAll("text")].map((one) => one.getBBox());
  const lines = [...svg.querySelectorAll("path.none, path.centre")].flatMap((one) =>
    [...one.getAttribute("d").matchAll(/M([-\\d.]+) ([-\\d.]+)(v|V)([-\\d.]+)/g)].map(([, x, y, kind, to]) =>
      [Number(x), Number(y), kind === "v" ? Number(y) + Number(to) : Number(to)]));
  const letters = 4;  // a box of letters is higher than they are
  return [lines.length, words.filter((box) => lines.some(([x, from, to]) => box.x < x && x < box.x + box.width
    && box.y + letters < to && from < box.y + box.height - letters)).length];
}"""


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP])
def test_no_line_runs_through_the_numbers_of_the_explorer(open_page: Opener, viewport: dict[str, int]) -> None:
    with open_page(viewport=viewport) as one:
        lines, crossed = one.run(CROSSED)
    assert lines >= 2
    assert crossed == 0

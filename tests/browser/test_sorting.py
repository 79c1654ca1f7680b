"""Tables sort as a reader of such tables would sort them, and go back to print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import pytest
from conftest import ROOT
from playwright.sync_api import Browser

from browser.conftest import Opener
from browser.pages import Opened, opened

SCRIPT = (ROOT / "workflow" / "reanalysis" / "report" / "sorting.js").read_text(encoding="utf-8")

COLUMN = """([table, column]) => [...document.querySelectorAll("table")[table].tBodies[0].rows]
  .map((row) => row.cells[column]?.textContent.replace(/\\s+/g, " ").trim())"""


@pytest.fixture(scope="module")
def empty(browser: Browser) -> Iterator[Opened]:
    with opened(browser, "about:blank") as one:
        yield one


def show(empty: Opened, rows: str, head: str = "<th>x</th>", attributes: str = "") -> None:
    """Put a table on the empty page and let the script see it."""
    empty.page.set_content(f"<table {attributes}><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    empty.run(SCRIPT)


def pressed(empty: Opened, cells: Sequence[str], times: int) -> list[str]:
    """Return the cells of a column after its button was pressed so often."""
    show(empty, "".join(f"<tr><td>{escape(cell)}</td></tr>" for cell in cells))
    for _ in range(times):
        empty.page.locator("button").click()
    return list(empty.run(COLUMN, [0, 0]))


@pytest.mark.parametrize(
    ("cells", "upwards"),
    [
        (["10", "9", "100", "2.5"], ["2.5", "9", "10", "100"]),
        (["0.12", "−0.5", "-0.7", "0", "−12"], ["−12", "-0.7", "−0.5", "0", "0.12"]),
        (["84.5%", "0.0%", "100%", "9.1%"], ["0.0%", "9.1%", "84.5%", "100%"]),
        (["0.001", "< 0.001", "0.44", "0.0005"], ["0.0005", "< 0.001", "0.001", "0.44"]),
        (["> 0.99", "0.99", "1.0", "≤ 0.99"], ["≤ 0.99", "0.99", "> 0.99", "1.0"]),
        (
            ["0.63 (0.56 to 0.71)", "0.6 (0.1 to 9)", "1.47 (1 to 2)"],
            ["0.6 (0.1 to 9)", "0.63 (0.56 to 0.71)", "1.47 (1 to 2)"],
        ),
        (["0.444 to 0.901", "—", "0.43 to 0.9", "0.44 to 2"], ["0.43 to 0.9", "0.44 to 2", "0.444 to 0.901", "—"]),
        (["16,023", "9,734", "320", "1,000,000"], ["320", "9,734", "16,023", "1,000,000"]),
        (["1e-5", "3", "2.5e-06", "4E2"], ["2.5e-06", "1e-5", "3", "4E2"]),
        (["", "b", "—", "a", "–"], ["a", "b", "", "—", "–"]),
        (["Żak", "Khan", "Ångström", "<b>&", "khan"], ["<b>&", "Ångström", "khan", "Khan", "Żak"]),
        (["trial 10", "trial 9", "trial 100"], ["trial 9", "trial 10", "trial 100"]),
        (["no effect", "3", "another outcome", "—", "12"], ["3", "12", "another outcome", "no effect", "—"]),
        (["1 b", "1 a", "0 z", "1 c"], ["0 z", "1 b", "1 a", "1 c"]),
    ],
)
def test_cells_sort_by_what_they_say(empty: Opened, cells: list[str], upwards: list[str]) -> None:
    assert pressed(empty, cells, 1) == upwards
    assert pressed(empty, cells, 3) == cells


def test_downwards_is_stable_and_keeps_the_empty_last(empty: Opened) -> None:
    cells = ["1 b", "—", "2", "1 a", "", "text", "3"]
    assert pressed(empty, cells, 2) == ["text", "3", "2", "1 b", "1 a", "—", ""]


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ({"attributes": 'class="facsimile"'}, "<tr><td>2</td></tr><tr><td>1</td></tr>"),
        ({}, "<tr><td>2</td></tr>"),
        ({}, ""),
        ({"head": "<th></th>"}, "<tr><td>2</td></tr><tr><td>1</td></tr>"),
        ({"head": "<th><a href='#'>x</a></th>"}, "<tr><td>2</td></tr><tr><td>1</td></tr>"),
        ({"head": "<th>x</th></tr><tr><th>y</th>"}, "<tr><td>2</td></tr><tr><td>1</td></tr>"),
    ],
)
def test_what_cannot_be_sorted_has_no_button(empty: Opened, options: dict[str, str], rows: str) -> None:
    show(empty, rows, **options)
    assert empty.page.locator("button").count() == 0
    assert empty.complaints == []


def test_rows_held_together_move_together_and_wide_cells_are_counted(empty: Opened) -> None:
    rows = (
        "<tr><th rowspan=2>two</th><td>2</td><td>9</td></tr><tr><td>7</td><td>1</td></tr>"
        "<tr><th>one</th><td>1</td><td>5</td></tr><tr><th>none</th><td colspan=2>no result</td></tr>"
    )
    show(empty, rows, "<th>a</th><th>b</th><th>c</th>")
    empty.page.get_by_role("button", name="c").click()
    assert empty.run(COLUMN, [0, 0]) == ["one", "two", "7", "none"]
    empty.page.get_by_role("button", name="b").click()
    empty.page.get_by_role("button", name="b").click()
    assert empty.run(COLUMN, [0, 0]) == ["none", "two", "7", "one"]


def test_the_tables_of_a_page_sort_by_keyboard_and_say_so(open_page: Opener) -> None:
    with open_page() as one:
        # A folded table has no button to reach.
        tables = one.run("""[...document.querySelectorAll('table')].map(
          (one) => one.closest('details') ? 0 : one.querySelectorAll('.sort').length)""")
        assert one.page.locator(".facsimile .sort").count() == 0
        assert sum(count > 0 for count in tables) >= 5
        index = tables.index(max(tables))
        table = one.page.locator("table").nth(index)
        buttons = table.locator(".sort")
        printed = one.run(COLUMN, [index, 0])
        column = buttons.count() - 1
        seen = []
        buttons.nth(column).focus()
        for state in ("ascending", "descending", None):
            one.page.keyboard.press("Enter")
            assert table.locator("[aria-sort]").count() == (state is not None)
            assert buttons.nth(column).locator("xpath=..").get_attribute("aria-sort") == state
            assert one.run("document.activeElement.className") == "sort"
            seen.append(one.run(COLUMN, [index, 0]))
        assert seen[2] == printed
        assert seen[0] != seen[1]
        assert sorted(map(str, seen[0])) == sorted(map(str, printed))
        buttons.nth(0).click()
        buttons.nth(column).click()
        assert table.locator("[aria-sort]").count() == 1
        assert one.complaints == []

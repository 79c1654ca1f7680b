"""Figures of reviews that nobody draws for: one study, hundreds, huge intervals, names that do not fit or run left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from made import REVIEW
from plotted import a_review, assert_legible, boxes

from reanalysis.figures import style
from reanalysis.results import Results
from reanalysis.views.bubble import show_bubble, show_bubble_others, show_bubble_size
from reanalysis.views.forest import forest_view, show_forest
from reanalysis.views.funnel import show_funnel

LONG = "A consortium of very many hospitals of the northern provinces and their academic partners 2009"
NAMES = [
    LONG,
    "X" * 70,
    "<b>&\"quoted\" 'name' $a$ \\alpha",
    "כהן ולוי 2009",
    "محمد الأحمد 2011",
    "山田太郎 2012",
    "Łopuszański",
]
FAVOURS = {
    "below": "an intervention with a long name, given twice daily",
    "above": "another one with a long name, never",
}


def some(k: int) -> list[str]:
    return [f"Study {i + 1} {1990 + i % 30}" for i in range(k)]


def many(k: int, **more: object) -> Results:
    spread = np.random.default_rng(k)
    sei = spread.uniform(0.05, 0.5, k)
    return a_review(some(k), list(spread.normal(-0.2, np.hypot(sei, 0.2))), list(sei), **more)  # type: ignore[arg-type]


@cache
def review(name: str) -> Results:
    made: dict[str, Callable[[], Results]] = {
        "one": lambda: a_review(["Solo"], [-0.3], [0.2]),
        "two": lambda: a_review(["Ayer", "Bell"], [-0.3, 0.4], [0.2, 0.1], left_out=["Cady"]),
        "three": lambda: a_review(["Ayer", "Bell", "Cole"], [-0.3, 0.4, 0.1], [0.2, 0.1, 0.3], groups=["a", "a", "b"]),
        "sixty": lambda: many(60, groups=[("Europe", "Asia", "")[i % 3] for i in range(60)]),
        "two hundred": lambda: many(200, left_out=some(80)),
        "huge": lambda: a_review(some(6), [-0.2, -0.1, 0.1, 2.5, -0.3, 0.0], [0.1, 0.12, 0.2, 9.0, 0.15, 30.0]),
        "names": lambda: a_review(
            NAMES, [-0.2, 0.1, 0.0, -0.4, -0.1, -0.3, 0.2], [0.1, 0.2, 0.15, 0.12, 0.3, 0.2, 0.1],
            groups=[LONG] * 3 + ["b"] * 4, left_out=[LONG],
        ),
        "differences": lambda: a_review(
            some(9), [-8.6, -21.6, -2.8, 1.8, -16.6, -11.7, -3.6, -20.9, -23.9],
            [6, 1.2, 5, 5.5, 5.5, 4.5, 4.5, 4.6, 3.9],
            review=replace(REVIEW, measure="MD", favours=FAVOURS),
        ),
        "far from no difference": lambda: a_review(some(5), [4.1, 4.0, 4.3, 3.9, 4.2], [0.1, 0.1, 0.2, 0.1, 0.1]),
        "all the same": lambda: a_review(some(4), [0.0] * 4, [0.1] * 4),
    }  # fmt: skip
    return made[name]()


REVIEWS = [
    "one", "two", "three", "sixty", "two hundred", "huge", "names", "differences", "far from no difference",
    "all the same",
]  # fmt: skip


@pytest.mark.parametrize("width", [89, 183])
@pytest.mark.parametrize("name", REVIEWS)
def test_figures_stay_legible(name: str, width: int) -> None:
    style.use(width)
    for show in (show_forest, show_funnel, show_bubble, show_bubble_size, show_bubble_others):
        figure = show(review(name)).figure
        assert_legible(figure)
        assert figure.get_size_inches()[0] * 25.4 <= width + 0.01


@pytest.mark.parametrize("width", [89, 183])
@pytest.mark.parametrize("name", REVIEWS)
def test_no_word_of_a_forest_lies_on_the_plot(name: str, width: int) -> None:
    style.use(width)
    figure = show_forest(review(name)).figure
    found = boxes(figure)
    total = figure.get_size_inches() * 72
    for axes in figure.axes:
        frame = axes.get_position()
        x0, x1 = total[0] * frame.x0, total[0] * frame.x1
        y0, y1 = total[1] * frame.y0, total[1] * frame.y1
        for text, a0, b0, a1, b1 in found:
            assert min(a1, x1) - max(a0, x0) <= 0.5 or min(b1, y1) - max(b0, y0) <= 2.5, text


def test_columns_leave_in_their_declared_order() -> None:
    heads = {}
    for width in (183, 140, 120, 105, 89, 70):
        style.use(width)
        heads[width] = {text.get_text() for text in show_forest(many(12)).figure.texts}
    order = ["SE from", "Inclusion", "control", "Patients", "Weight"]
    assert set(order) <= heads[183]
    for found in heads.values():
        kept = [name in found for name in order]
        assert kept == sorted(kept)
        assert {"Study", "as printed"} <= found
    assert "SE from" not in heads[89]


def test_huge_intervals_do_not_squeeze_the_others() -> None:
    style.use()
    low, high = show_forest(review("huge")).figure.axes[0].get_xlim()
    assert high - low < 4
    markers = [line.get_marker() for line in show_forest(review("huge")).figure.axes[0].lines]
    assert markers.count("<") == markers.count(">") == 2


def test_a_pool_wider_than_the_axis_ends_in_arrows() -> None:
    style.use()
    axes = show_forest(review("two")).figure.axes[0]
    arrows = [line for line in axes.lines if line.get_marker() in ("<", ">")]
    assert {line.get_color() for line in arrows} == {style.ORANGE}
    assert review("two").pooled["primary"]["ci_high"] > axes.get_xlim()[1]


def test_names_that_the_fonts_cannot_write_are_rows_and_the_caption_says_so() -> None:
    style.use()
    cells = [line.cells[0] for line in forest_view(review("names")).lines]
    assert cells == [*(" ".join(name.split()) for name in NAMES[:5]), "row 6", NAMES[6]]
    assert "rows of the table" in show_forest(review("names")).caption
    assert "rows of the table" not in show_forest(review("two")).caption


def test_a_dollar_or_a_backslash_is_no_formula() -> None:
    style.use()
    figure = show_forest(review("names")).figure
    assert any("$a$" in text.get_text() for text in figure.texts)
    assert style.width("$a$") == pytest.approx(style.width("$") * 2 + style.width("a"), abs=0.2)


def test_one_study_has_no_spread_to_tell() -> None:
    style.use()
    assert forest_view(review("one")).notes[0] == "k = 1; N = 137."

"""Figures re-read: marks stand where the numbers say, words do not touch, the bytes are the same each time."""

from __future__ import annotations

import math
import re
from functools import cache
from itertools import pairwise

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from plotted import assert_legible, boxes

from reanalysis import figures
from reanalysis.figures import style, ticks
from reanalysis.figures.bubble import bubble
from reanalysis.results import Results, read_results
from reanalysis.views import FIGURES
from reanalysis.views.shown import effect_scale

FOLDER = ROOT / "results" / "le-scodan-2010"


@cache
def results(review: str = "le-scodan-2010") -> Results:
    return read_results(ROOT / "data/raw" / review, ROOT / "results" / review)


@pytest.fixture(autouse=True)
def _style() -> None:
    style.use()


def test_every_figure_has_a_name_and_a_drawing() -> None:
    assert tuple(FIGURES) == figures.NAMES


@pytest.mark.parametrize("width", [89, 183])
@pytest.mark.parametrize("review", ["le-scodan-2010", "randomised-trials"])
@pytest.mark.parametrize("name", figures.NAMES)
def test_no_words_touch_leave_the_figure_or_are_small(name: str, review: str, width: int) -> None:
    style.use(width)
    shown = FIGURES[name](results(review))
    assert shown.reason or len(boxes(shown.figure)) > 10
    assert_legible(shown.figure)


@pytest.mark.parametrize("name", figures.NAMES)
def test_the_committed_svg_is_what_the_numbers_draw(name: str) -> None:
    shown = FIGURES[name](results())
    made = style.save(shown.figure, shown.breaks)
    # Held apart from `assert`, which would look for the differences of two long texts.
    same = made["svg"] == (FOLDER / "figures" / f"{name}.svg").read_bytes()
    assert same
    again = style.save(FIGURES[name](results()).figure, shown.breaks)
    same = made == again
    assert same


def test_svg_asks_for_nothing() -> None:
    for name in figures.NAMES:
        text = (FOLDER / "figures" / f"{name}.svg").read_text()
        assert not re.search(r'href="(?!#)', text)
        assert "<text" not in text  # words are outlines: they look the same without the font


def test_a_review_without_meta_regressions_has_a_figure_that_says_so() -> None:
    assert "No meta-regression" in boxes(bubble([])[0])[0][0]


@given(st.floats(0.01, 50), st.floats(1.05, 100))
def test_ratio_ticks_are_round_and_inside(low: float, factor: float) -> None:
    high = low * factor
    found = ticks.ratio_ticks(low, high)
    assert found == sorted(set(found))
    assert all(low * (1 - 1e-9) <= tick <= high * (1 + 1e-9) for tick in found)
    assert len(found) <= ticks.MOST + 2
    if low <= 0.5 and high >= 2:
        assert 1.0 in found


@given(st.floats(-1000, 1000), st.floats(0.001, 5000))
def test_plain_ticks_are_even_and_inside(low: float, span: float) -> None:
    found = ticks.plain_ticks(low, low + span)
    assert 1 <= len(found) <= ticks.MOST
    steps = [b - a for a, b in pairwise(found)]
    assert all(math.isclose(step, steps[0], rel_tol=1e-6) for step in steps)
    assert all(low - 1e-6 * span <= tick <= low + span * (1 + 1e-6) for tick in found)


def test_wrapped_lines_keep_every_word() -> None:
    text = "Printed without an interval: standard error worked back from p"
    lines = style.wrapped(text, 80)
    assert " ".join(lines) == text
    assert all(style.width(line) <= 80 for line in lines)


def test_a_word_wider_than_its_room_is_broken_and_a_text_shortened() -> None:
    lines = style.wrapped("Donaudampfschifffahrtsgesellschaft is long", 60)
    assert "".join(lines).replace(" ", "") == "Donaudampfschifffahrtsgesellschaftislong"
    assert all(style.width(line) <= 60 for line in lines)
    assert style.shortened("short", 60) == "short"
    cut = style.shortened("Donaudampfschifffahrtsgesellschaft", 60)
    assert cut.endswith("…")
    assert 50 < style.width(cut) <= 60


def test_labels_of_ticks_do_not_touch_however_short_the_axis() -> None:
    scale = effect_scale(results())
    for room in (20.0, 50.0, 140.0, 400.0):
        places, words = scale.ticks(math.log(0.002), math.log(900), room)
        for (a, b), (one, other) in zip(pairwise(places), pairwise(words), strict=True):
            apart = room * (b - a) / (math.log(900) - math.log(0.002))
            assert apart >= (style.width(one) + style.width(other)) / 2


@pytest.mark.parametrize(("value", "text"), [(0.0000001, "0.0000001"), (1e12, "1000000000000"), (-2.5, "−2.5")])
def test_ticks_are_written_out(value: float, text: str) -> None:
    assert ticks.tick_label(value) == text

"""Figures re-read: marks stand where the numbers say, words do not touch, the bytes are the same each time."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from reanalysis import figures
from reanalysis.figures import style, ticks
from reanalysis.figures.bubble import bubble
from reanalysis.figures.forest import forest
from reanalysis.results import Results, read_results
from reanalysis.views import FIGURES
from reanalysis.views.bubble import bubble_view
from reanalysis.views.forest import forest_view
from reanalysis.views.funnel import funnel_view

FOLDER = ROOT / "results" / "le-scodan-2010"


@cache
def results(review: str = "le-scodan-2010") -> Results:
    return read_results(ROOT / "data/raw" / review, ROOT / "results" / review)


@pytest.fixture(autouse=True)
def _style() -> None:
    style.use()


def test_every_figure_has_a_name_and_a_drawing() -> None:
    assert tuple(FIGURES) == figures.NAMES


def boxes(figure: Figure) -> list[tuple[str, float, float, float, float]]:
    """Return every visible text of a figure with its extent in points."""
    figure.set_dpi(style.PNG_DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    found = []
    texts = list(figure.texts)
    for axes in figure.axes:
        labels = [*axes.get_xticklabels(), *axes.get_yticklabels()]
        low, high = sorted(axes.get_xlim()), sorted(axes.get_ylim())
        shown = [
            one
            for one in labels
            if low[0] <= one.get_position()[0] <= low[1] or high[0] <= one.get_position()[1] <= high[1]
        ]
        texts += [*axes.texts, axes.xaxis.label, axes.yaxis.label, *shown]
    for text in texts:
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(renderer)
            scale = 72 / figure.dpi
            found.append((text.get_text(), *(scale * value for value in (box.x0, box.y0, box.x1, box.y1))))
    return found


@pytest.mark.parametrize("review", ["le-scodan-2010", "randomised-trials"])
@pytest.mark.parametrize("name", figures.NAMES)
def test_no_words_touch_or_leave_the_figure(name: str, review: str) -> None:
    figure = FIGURES[name](results(review)).figure
    width, height = figure.get_size_inches() * 72
    found = boxes(figure)
    assert len(found) > 10
    for index, (text, x0, y0, x1, y1) in enumerate(found):
        assert x0 >= -0.5, text
        assert y0 >= -0.5, text
        assert x1 <= width + 0.5, text
        assert y1 <= height + 0.5, text
        for other, a0, b0, a1, b1 in found[index + 1 :]:
            # Boxes include the room for accents and tails; letters themselves are smaller.
            across, up = min(x1, a1) - max(x0, a0), min(y1, b1) - max(y0, b0)
            assert across <= 0.5 or up <= 2.5, (text, other)


@pytest.mark.parametrize("name", figures.NAMES)
def test_no_text_is_smaller_than_eight_points(name: str) -> None:
    figure = FIGURES[name](results()).figure
    texts = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    texts += [axes.xaxis.label for axes in figure.axes]
    assert min(text.get_fontsize() for text in texts) >= 8


@pytest.mark.parametrize("name", figures.NAMES)
def test_the_committed_svg_is_what_the_numbers_draw(name: str) -> None:
    made = style.save(FIGURES[name](results()).figure)
    assert made["svg"] == (FOLDER / "figures" / f"{name}.svg").read_bytes()
    again = style.save(FIGURES[name](results()).figure)
    assert made == again


def test_svg_asks_for_nothing() -> None:
    for name in figures.NAMES:
        text = (FOLDER / "figures" / f"{name}.svg").read_text()
        assert not re.search(r'href="(?!#)', text)
        assert "<text" not in text  # words are outlines: they look the same without the font


def test_forest_marks_stand_where_the_effects_are() -> None:
    """Positions in the SVG itself, to a tenth of a point."""
    data = forest_view(results())
    figure = forest(data)
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    frame = axes.get_position()
    width, height = figure.get_size_inches() * 72
    svg = style.save(figure)["svg"].decode()
    # A line of a study is a path of two points on one level, in ink.
    drawn = re.findall(r'<path d="M ([\d.]+) ([\d.]+) \nL ([\d.]+) ([\d.]+) \n" clip-path="[^"]*" style="([^"]*)"', svg)
    ink = [
        (float(x0), float(x1), float(y0))
        for x0, y0, x1, y1, look in drawn
        if y0 == y1 and "stroke: #1a1a1a" in look and "stroke-width: 0.9" in look
    ]
    assert len(ink) == len(data.lines) == 11

    def x_of(value: float) -> float:
        return float(width * (frame.x0 + frame.width * (value - low) / (high - low)))

    levels = []
    for line, (x0, x1, y) in zip(data.lines, ink, strict=True):
        assert x0 == pytest.approx(x_of(max(line.low, low)), abs=0.1)
        assert x1 == pytest.approx(x_of(min(line.high, high)), abs=0.1)
        levels.append(y)
    assert levels == sorted(levels)
    assert max(levels) < height


def test_forest_says_what_is_printed() -> None:
    data = forest_view(results())
    cells = {line.cells[0]: line.cells[-1] for line in data.lines}
    assert cells["Gnerlich 2007"] == "0.57 (0.55 to 0.60)"
    assert cells["Shien 2009"] == "0.89 (0.79 to 1)"
    assert cells["Hazard"] == "0.798 (p = 0.52)†"
    assert data.summary.text == "0.63 (0.56 to 0.71)"
    assert data.summary.prediction_text == "0.44 to 0.90"
    assert sum(line.weight for line in data.lines) == pytest.approx(100)
    assert len(data.left_out) == 7
    assert [line.hollow for line in data.lines].count(True) == 2


def test_an_interval_beyond_the_axis_is_cut_with_an_arrow() -> None:
    data = forest_view(results())
    wild = replace(data.lines[0], low=-9.0, high=9.0, envelope=None)
    figure = forest(replace(data, lines=[wild, *data.lines[1:]]))
    low, high = figure.axes[0].get_xlim()
    assert low > -9
    assert high < 9
    markers = [line.get_marker() for line in figure.axes[0].lines]
    assert "<" in markers
    assert ">" in markers


def test_bubbles_have_areas_in_proportion_to_weight() -> None:
    figure = bubble(bubble_view(results())[:1])
    sizes = sorted(line.get_markersize() for line in figure.axes[0].lines if line.get_marker() == "o")
    weights = sorted(point.weight for point in bubble_view(results())[0].points)
    large = [(size, weight) for size, weight in zip(sizes, weights, strict=True) if size > 4]
    ratios = [size**2 / weight for size, weight in large]
    assert max(ratios) == pytest.approx(min(ratios))


def test_a_review_without_meta_regressions_has_a_figure_that_says_so() -> None:
    assert "No meta-regression" in boxes(bubble([]))[0][0]


def test_funnel_points_are_the_effects() -> None:
    view = funnel_view(results())
    assert [(point.yi, point.sei) for point in view.points] == [(one.yi, one.sei) for one in results().included]
    assert [round(contour.z, 3) for contour in view.contours] == [1.645, 1.960, 2.576]


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

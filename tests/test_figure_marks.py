"""Marks of the forest, funnel and bubble plots, read back from the SVG, stand where the numbers say, to 0.1 px."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from plotted import a_review, markers, segments
from test_figures import results

from reanalysis.figures import bubble as bubbles
from reanalysis.figures import funnel as funnels
from reanalysis.figures import style
from reanalysis.figures.forest import LEAST_LARGEST, SMALLEST_HOLLOW, forest
from reanalysis.formatting import shares
from reanalysis.results import Results
from reanalysis.views.bubble import bubble_view
from reanalysis.views.forest import forest_view
from reanalysis.views.funnel import funnel_view

# A pixel of a page has 0.75 points.
EXACT = 0.075
REVIEWS = ["le-scodan-2010", "randomised-trials"]
WIDTHS = [89, 183]
Place = Callable[[float], float]


@pytest.fixture(autouse=True)
def _style() -> None:
    style.use()


def places(figure: Figure, axes: Axes) -> tuple[Place, Place]:
    """Return where values of both axes lie in the SVG, by the limits of the axes and their frame alone."""
    width, height = figure.get_size_inches() * 72
    frame = axes.get_position()
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()

    def across(value: float) -> float:
        return float(width * (frame.x0 + frame.width * (value - left) / (right - left)))

    def down(value: float) -> float:
        return float(height * (1 - frame.y0 - frame.height * (value - low) / (high - low)))

    return across, down


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("review", REVIEWS)
def test_forest_intervals_and_squares(review: str, width: int) -> None:
    style.use(width)
    data = forest_view(results(review))
    figure, _ = forest(data)
    across, _ = places(figure, figure.axes[0])
    low, high = figure.axes[0].get_xlim()
    svg = style.save(figure)["svg"].decode()
    # Level lines in ink, from the top of the page downwards.
    level = sorted((y0, x0, x1) for x0, y0, x1, y1 in segments(svg, style.INK, style.LINE) if y0 == y1)
    assert len(level) == len(data.lines)
    squares = {round(y, 1): (x, side) for face in (style.BLUE, "#ffffff") for x, y, side in markers(svg, face)}
    heaviest = max(line.weight for line in data.lines)
    sides = {}
    for line, (y, x0, x1) in zip(data.lines, level, strict=True):
        assert x0 == pytest.approx(across(max(line.low, low)), abs=EXACT)
        assert x1 == pytest.approx(across(min(line.high, high)), abs=EXACT)
        x, side = squares[round(y, 1)]
        assert x == pytest.approx(across(line.estimate), abs=EXACT)
        sides[line] = side
    largest = max(sides.values())
    for line, side in sides.items():
        least = SMALLEST_HOLLOW if line.hollow else 2.2
        assert side == pytest.approx(max(least, largest * (line.weight / heaviest) ** 0.5), abs=EXACT)


def test_whiskers_show_beside_or_on_every_square() -> None:
    data = forest_view(results())
    figure, _ = forest(data)
    svg = style.save(figure)["svg"].decode()
    across, _ = places(figure, figure.axes[0])
    white = {round(y0, 1): (x0, x1) for x0, y0, x1, _ in segments(svg, "#ffffff", style.LINE)}
    filled = {round(y, 1): (x, side) for x, y, side in markers(svg, style.BLUE)}
    lines = sorted(filled)
    assert len(lines) == len(white) == sum(not line.hollow for line in data.lines)
    for y, line in zip(lines, (one for one in data.lines if not one.hollow), strict=True):
        x, side = filled[y]
        left, right = white[y]
        inside = max(across(line.low), x - side / 2), min(across(line.high), x + side / 2)
        assert (left, right) == pytest.approx(inside, abs=EXACT)
    assert max(side for _, side in filled.values()) >= LEAST_LARGEST - EXACT


@pytest.mark.parametrize("review", REVIEWS)
def test_forest_diamonds_and_prediction_bars(review: str) -> None:
    data = forest_view(results(review))
    figure, _ = forest(data)
    across, _ = places(figure, figure.axes[0])
    corners = [patch.get_xy()[:4, 0] for patch in figure.axes[0].patches]
    assert len(corners) == len(data.summaries)
    for one, found in zip(data.summaries, corners, strict=True):
        assert sorted(found) == pytest.approx(sorted([one.low, one.estimate, one.estimate, one.high]))
    svg = style.save(figure)["svg"].decode()
    bars = sorted((y0, x0, x1) for x0, y0, x1, _ in segments(svg, style.ORANGE, 2.4))
    predicted = [one.prediction for one in data.summaries if one.prediction is not None]
    for (_, x0, x1), ends in zip(bars, predicted, strict=True):
        low, high = figure.axes[0].get_xlim()
        assert (x0, x1) == pytest.approx((across(max(ends[0], low)), across(min(ends[1], high))), abs=EXACT)
    # Rows of their own: no bar has the height of a diamond.
    middles = [patch.get_xy()[0, 1] for patch in figure.axes[0].patches]
    height = figure.get_size_inches()[1] * 72
    assert min(abs(height - y - middle) for y, _, _ in bars for middle in middles) > 10


def test_forest_says_what_is_printed() -> None:
    data = forest_view(results())
    cells = {line.cells[0]: line.cells[-1] for line in data.lines}
    assert cells["Gnerlich 2007"] == "0.57 (0.55 to 0.60)"
    assert cells["Shien 2009‡"] == "0.89 (0.79 to 1)"
    assert [name for name in cells if "‡" in name] == ["Shien 2009‡", "Fields‡"]
    assert "‡ A check found an error" in data.notes[-1]
    right = forest_view(replace(results(), findings=()))
    assert "‡" not in "".join([*right.notes, *(line.cells[0] for line in right.lines)])
    assert cells["Hazard"] == "0.798 (p = 0.52)†"
    assert data.summary.text == "0.63 (0.56 to 0.71)"
    assert data.summary.prediction_text == "0.44 to 0.90"
    assert len(data.left_out) == 7
    assert [line.hollow for line in data.lines].count(True) == 2
    assert data.notes[0].replace("\N{NO-BREAK SPACE}", " ") == (
        "k = 11; N = 28,978; tau = 0.150 (0.070 to 0.274); I² = 84.5% (54.2 to 94.8%); Q = 53.82, df = 10, p < 0.001."
    )
    assert [group.heading for group in data.groups] == ["Surgery", "Mainly radiotherapy, 22% with surgery"]
    assert [len(group.lines) for group in data.groups] == [10, 1]
    assert data.groups[1].summary is None
    assert (
        data.notes[1].replace("\N{NO-BREAK SPACE}", " ")
        == "Difference between subgroups: F(1, 9) = 0.44, p = 0.52; by permutation p = 0.55."
    )


@pytest.mark.parametrize("review", REVIEWS)
def test_printed_weights_add_up_to_a_hundred(review: str) -> None:
    data = forest_view(results(review))
    printed = [round(10 * float(line.cells[data.weight].removesuffix("%"))) for line in data.lines]
    assert sum(printed) == 1000
    assert data.summary.weight == "100.0%"
    for tenths, line in zip(printed, data.lines, strict=True):
        assert abs(tenths / 10 - line.weight) < 0.1


def test_largest_remainders() -> None:
    assert shares([100 / 3] * 3) == ["33.4%", "33.3%", "33.3%"]
    assert shares([50.04, 49.96]) == ["50.0%", "50.0%"]
    assert shares([0.06, 0.06, 99.88]) == ["0.1%", "0.0%", "99.9%"]
    assert shares([100.0]) == ["100.0%"]
    assert shares([20.0] * 5, 0) == ["20%"] * 5


def test_an_interval_beyond_the_axis_is_cut_with_an_arrow() -> None:
    data = forest_view(results())
    first = data.groups[0]
    wild = replace(first.lines[0], low=-9.0, high=9.0, envelope=None)
    figure, _ = forest(replace(data, groups=[replace(first, lines=[wild, *first.lines[1:]]), data.groups[1]]))
    low, high = figure.axes[0].get_xlim()
    assert low > -3
    assert high < 3
    arrows = {
        line.get_marker(): line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() in ("<", ">")
    }
    assert arrows == {"<": low, ">": high}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("review", REVIEWS)
def test_funnel_points_and_lines(review: str, width: int) -> None:
    style.use(width)
    found: Results = results(review)
    view = funnel_view(found)
    assert [(point.yi, point.sei) for point in view.points] == [(one.yi, one.sei) for one in found.included]
    assert [round(contour.z, 3) for contour in view.contours] == [1.645, 1.960, 2.576]
    figure = funnels.funnel(view)
    across, down = places(figure, figure.axes[0])
    svg = style.save(figure)["svg"].decode()
    for face, hollow in ((style.BLUE, False), ("#ffffff", True)):
        # The legend has one of each kind too, below the axes.
        drawn = [(x, y) for x, y, _ in markers(svg, face) if y < down(figure.axes[0].get_ylim()[0])]
        expected = [(across(one.yi), down(one.sei)) for one in view.points if one.hollow is hollow]
        assert len(drawn) == len(expected)
        for one, other in zip(sorted(drawn), sorted(expected), strict=True):
            assert one == pytest.approx(other, abs=EXACT)
    (pooled,) = {x0 for x0, _, x1, _ in segments(svg, style.ORANGE, 1.2) if x0 == x1}
    assert pooled == pytest.approx(across(found.pooled["primary"]["estimate"]), abs=EXACT)
    nulls = {x0 for x0, _, x1, _ in segments(svg, style.INK, style.HAIRLINE) if x0 == x1}
    assert any(x == pytest.approx(across(0.0), abs=EXACT) for x in nulls)
    # Contours begin at no difference and end, at the foot or where they leave the axes, z standard errors away.
    (x_null, top), foot = (across(0.0), down(0.0)), figure.axes[0].get_ylim()[0]
    edges = [
        one for one in segments(svg, style.GREY, style.HAIRLINE) if one[:2] == pytest.approx((x_null, top), abs=EXACT)
    ]
    assert len(edges) == 6
    for contour in view.contours:
        for side in (-1, 1):
            ends = [(x, y) for _, _, x, y in edges if (x > x_null) == (side > 0)]
            assert any(
                x == pytest.approx(across(side * contour.z * foot * (y - top) / (down(foot) - top)), abs=EXACT)
                for x, y in ends
            )


@pytest.mark.parametrize("width", WIDTHS)
def test_bubbles_periods_and_lines(width: int) -> None:
    style.use(width)
    panels = bubble_view(results())
    figure, _ = bubbles.bubble(panels)
    svg = style.save(figure)["svg"].decode()
    drawn = [(x, y, size) for face in (style.SKY, "#ffffff") for x, y, size in markers(svg, face)]
    heaviest = max(point.weight for panel in panels for point in panel.points)
    bars = segments(svg, style.INK, style.HAIRLINE)
    for panel, axes in zip(panels, figure.axes, strict=True):
        across, down = places(figure, axes)
        for point in panel.points:
            size = next(
                size for x, y, size in drawn if (x, y) == pytest.approx((across(point.x), down(point.y)), abs=EXACT)
            )
            # Area in proportion to weight, but for the smallest.
            assert size == pytest.approx(max(3.2, 16 * (point.weight / heaviest) ** 0.5), abs=EXACT)
            if point.bar is not None:
                bar = across(point.bar[0]), down(point.y), across(point.bar[1]), down(point.y)
                assert any(one == pytest.approx(bar, abs=EXACT) for one in bars)
        line = next(one for one in axes.lines if one.get_linewidth() == 1.4)
        slope, intercept = (
            next(
                one
                for one in results().regression["models"]
                if one["curve"] and one["curve"][0]["x"] == panel.curve[0].x
            )["coefficients"][place]["estimate"]
            for place in (1, 0)
        )
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
            assert down(y) == pytest.approx(down(intercept + slope * x), abs=EXACT)


def test_points_far_beyond_the_others_are_triangles_at_the_edge() -> None:
    far = a_review([f"Study {i}" for i in range(6)], [-0.2, -0.1, 0.1, 2.5, -0.3, 0.0], [0.1, 0.12, 0.2, 9, 0.15, 30])
    figure = funnels.funnel(funnel_view(far))
    assert figure.axes[0].get_ylim()[0] < 2
    assert [line.get_marker() for line in figure.axes[0].lines].count("v") == 2
    figure, _ = bubbles.bubble(bubble_view(far))
    assert [line.get_marker() for line in figure.axes[0].lines].count("^") == 1

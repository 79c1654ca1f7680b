"""The figures of influence and of periods, re-read: each mark in the SVG stands where the results say."""

from __future__ import annotations

import base64
import re
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from drawn import boxes, clashes, markers_of, on_paper, some_results, strokes_of, svg_of
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from reanalysis.figures import rows, style
from reanalysis.figures.rows import Mark
from reanalysis.mixed_effects import Choices
from reanalysis.results import Results, read_results
from reanalysis.views import FIGURES
from reanalysis.views.gosh import gosh_view
from reanalysis.views.leave_one_out import leave_one_out_view

NEW = ("periods", "leave_one_out", "baujat", "galbraith", "gosh", "cumulative")
TENTH = 0.1
THICK = 1.4 * style.LINE


@pytest.fixture(autouse=True)
def _style() -> None:
    style.use()


@cache
def shipped(review: str = "le-scodan-2010") -> Results:
    return read_results(ROOT / "data/raw" / review, ROOT / "results" / review)


HOSTILE: dict[str, dict[str, Any]] = {
    "one study": {"k": 1},
    "two": {"k": 2},
    "three": {"k": 3},
    "a cluster of three": {"k": 4, "clusters": 3},
    "sixteen": {"k": 16, "clusters": 4},
    "sixty": {"k": 60, "clusters": 5},
    "two hundred": {"k": 200, "clusters": 5},
    "no years": {"k": 8, "years": False, "moderators": ()},
    "differences": {"k": 9, "measure": "MD"},
    "common effect": {"k": 9, "choices": Choices("FE", "wald", 0.9)},
}


@cache
def hostile(name: str) -> Results:
    return some_results(**HOSTILE[name])


def figure_of(name: str, results: Results) -> Figure:
    return FIGURES[name](results).figure


def close(found: tuple[float, ...], expected: tuple[float, ...]) -> bool:
    return all(abs(one - other) <= TENTH for one, other in zip(found, expected, strict=True))


def test_every_result_without_a_study_stands_at_its_number() -> None:
    results, figure = shipped(), figure_of("leave_one_out", shipped())
    svg = svg_of(figure)
    by_estimate = sorted(results.influence["pooled"]["studies"], key=lambda one: one["estimate"])
    slopes = {one["name"]: one for one in results.influence["regressions"]}
    names = ["start", "mid", "end", "log_n"]
    step = {"log_n": np.log(2)}
    expected = [[(one["ci_low"], one["ci_high"]) for one in by_estimate]]
    expected += [[(one["prediction_low"], one["prediction_high"]) for one in by_estimate]]
    for name in names:
        of = {one["study"]: one["slopes"][0] for one in slopes[name]["studies"]}
        by = step.get(name, 10)
        expected.append([(by * of[one["study"]]["ci_low"], by * of[one["study"]]["ci_high"]) for one in by_estimate])
    drawn = strokes_of(svg, style.BLUE, THICK)
    panels = [axes for place, axes in enumerate(figure.axes) if place != 2]  # I2 has no intervals
    assert len(drawn) == len(expected) == len(panels) == 6
    for axes, segments, limits in zip(panels, drawn, expected, strict=True):
        assert len(segments) == 11
        for row, (segment, (low, high)) in enumerate(zip(segments, limits, strict=True)):
            left, right = axes.get_xlim()
            y = axes.get_ylim()[1] - rows.ROW * (row + 0.5)
            ends = (*on_paper(axes, max(low, left), y), *on_paper(axes, min(high, right), y))
            assert close(segment, ends), (row, segment, ends)
    dots = strokes_of(svg, style.BLUE, rows.DOT)
    shares = [(x0 + x1) / 2 for x0, _, x1, _ in dots[1]]  # estimates, I2, four slopes
    assert len(dots) == 6
    assert close(tuple(shares), tuple(on_paper(figure.axes[2], one["i2"], 0)[0] for one in by_estimate))
    # Without Shien the slope on the last year is negative, with all studies positive: one hole.
    assert [len(one) for one in strokes_of(svg, "#ffffff", rows.HOLE)] == [1]


def test_the_full_analysis_is_a_line_through_each_panel() -> None:
    figure, primary = figure_of("leave_one_out", shipped()), shipped().pooled["primary"]
    broken = [[line for line in axes.lines if line.get_linestyle() == "--"] for axes in figure.axes]
    assert [len(one) for one in broken] == [1, 2, 1, 1, 1, 1, 1]
    assert broken[0][0].get_xdata()[0] == primary["estimate"]  # type: ignore[index]
    assert [one.get_xdata()[0] for one in broken[1]] == [primary["prediction_low"], primary["prediction_high"]]  # type: ignore[index]
    assert broken[2][0].get_xdata()[0] == primary["i2"]  # type: ignore[index]


# metafor 3.8-1: radial(rma(yi, vi, method = "FE"), center = TRUE) of the eleven effects.
RADIAL = [
    (34.4021541012106, 0.268348154380876),
    (45.0507520361079, -2.70404823789104),
    (3.93066113138801, -0.994166131889874),
    (16.629429679092, 6.41169006064245),
    (8.97007120430525, 0.0552524141762232),
    (8.39343663970203, -1.11449411967884),
    (2.25984410473165, -0.431744411111608),
    (2.85111839901241, 0.788191596652262),
    (9.82665387198817, 0.236437653291267),
    (4.27803952688946, -0.0373428870761114),
    (10.25600051982, 1.49144511147464),
]


@pytest.mark.parametrize("name", ["galbraith", "baujat"])
def test_points_stand_at_their_numbers(name: str) -> None:
    figure, found = figure_of(name, shipped()), shipped().influence
    if name == "galbraith":
        assert [(one["x"], one["y"]) for one in found["radial"]["studies"]] == [
            pytest.approx(one, abs=1e-9, rel=1e-9) for one in RADIAL
        ]
        expected = RADIAL
    else:
        expected = [(one["baujat_x"], one["baujat_y"]) for one in found["pooled"]["studies"]]
    marks = markers_of(svg_of(figure))
    assert len(marks) == 11
    for x, y in expected:
        assert any(close(one, on_paper(figure.axes[0], x, y)) for one in marks), (x, y)
    said = {text for text, *_ in boxes(figure)}
    assert "Shien 2009" in said
    assert ("Gnerlich 2007" in said) == (name == "galbraith")


@pytest.mark.parametrize("results", [shipped(), shipped("randomised-trials"), hostile("sixteen")])
def test_subsets_are_counted_where_they_lie(results: Results) -> None:
    """The fits of the file itself, counted again, against marks in the SVG and against the cells they come from."""
    content = results.subsets
    view, cloud, k = gosh_view(results), content["cloud"], len(content["studies"])
    numbers = np.arange(1, 2**k)
    estimate, i2 = (
        np.frombuffer(base64.b64decode(content["fits"][name]), "<f4").astype(float) for name in ("estimate", "i2")
    )
    several = np.array([one.bit_count() > 1 for one in numbers.tolist()])
    there = numbers >> content["studies"].index(cloud["study"]) & 1 == 1
    figure = figure_of("gosh", results)
    svg = svg_of(figure)
    assert len(svg) < 60_000
    ends = cloud["estimate_low"], cloud["estimate_high"]
    assert ends == pytest.approx((estimate[several].min(), estimate[several].max()), rel=1e-9)
    axes = figure.axes[0]
    for group, kept, colour in ((view.groups[0], there, style.ORANGE), (view.groups[1], ~there, style.BLUE)):
        chosen = several & kept
        grid = [np.linspace(*ends, view.columns + 1), np.linspace(0, 100, view.rows + 1)]
        # The file keeps ten digits of the ends: the outermost subsets may be a hair beyond them.
        counts, _, _ = np.histogram2d(np.clip(estimate[chosen], *ends), i2[chosen], bins=grid)
        assert {(x, y): count for x, y, count in group.cells} == {
            (x, y): counts[x, y] for x, y in np.argwhere(counts).tolist()
        }
        expected = sorted(on_paper(axes, x + 0.5, y + 0.5) for x, y, _ in group.cells)
        paths = [found for found in _all_strokes(svg, colour) if len(found) > 1 or len(expected) < 9]
        drawn = sorted(((x0 + x1) / 2, y) for path in paths for x0, y, x1, _ in path)
        inside = [one for one in drawn if one[1] > on_paper(axes, 0, view.rows)[1]]
        near = sum(any(close(one, other) for other in inside) for one in expected)
        assert near == len(expected)


def _all_strokes(svg: str, colour: str) -> list[list[tuple[float, float, float, float]]]:
    widths = {float(one) for one in re.findall(r"stroke-width: ([\d.]+)", svg)}
    return [path for width in sorted(widths) for path in strokes_of(svg, colour, width)]


def test_each_step_of_the_growth_stands_at_its_number() -> None:
    figure = figure_of("cumulative", shipped())
    svg = svg_of(figure)
    intervals = strokes_of(svg, style.BLUE, THICK)
    for axes, one, segments in zip(figure.axes, shipped().influence["cumulative"], intervals, strict=True):
        steps = one["steps"][:-1]  # the last one is the diamond
        assert len(segments) == len(steps)
        for row, (step, segment) in enumerate(zip(steps, segments, strict=True)):
            low, high = axes.get_xlim()
            y = axes.get_ylim()[1] - rows.ROW * (row + 0.5)
            ends = on_paper(axes, max(step["ci_low"], low), y), on_paper(axes, min(step["ci_high"], high), y)
            assert close(segment, (*ends[0], *ends[1]))
    # Blanchard, the second by inclusion, has an interval from 0.07 to 8.3: it is cut, with an arrow at each end.
    assert [len(line.get_ydata()) for line in figure.axes[0].lines if line.get_marker() in "<>"].count(1) == 2  # type: ignore[arg-type,operator]


def test_bars_run_from_the_first_year_to_the_last() -> None:
    figure, results = figure_of("periods", shipped()), shipped()
    svg, axes = svg_of(figure), figure.axes[0]
    pooled = {one.row for one in results.included}
    for colour, width, wanted in ((style.BLUE, 6.25, True), (style.GREY, 2.75, False)):
        bars = strokes_of(svg, colour, width)[0]
        spans = Counter((round(x0, 1), round(x1, 1)) for x0, _, x1, _ in bars)
        expected = [
            (on_paper(axes, one.start, 0)[0], on_paper(axes, one.end, 0)[0])
            for one in results.studies
            if (one.row in pooled) is wanted and one.start is not None and one.end is not None
        ]
        assert len(bars) == len(expected)
        assert all(any(close(one, other) for other in spans) for one in expected)
    years = sorted(one.year for one in results.studies if one.year is not None)
    marks = sorted(x for x, y in markers_of(svg) if y < on_paper(axes, 0, 0)[1])
    assert close(tuple(marks), tuple(on_paper(axes, year, 0)[0] for year in years))
    shaded = [one for one in axes.patches if isinstance(one, Rectangle)]
    shades = sorted((one.get_x(), one.get_x() + one.get_width()) for one in shaded)
    assert shades == [(1990, 1993), (1998, 2002)]  # the registries, the hospitals of Boston


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("case", HOSTILE)
def test_no_words_touch_whatever_the_review(case: str, name: str) -> None:
    shown = FIGURES[name](hostile(case))
    assert clashes(shown.figure) == []
    assert shown.description
    assert len(svg_of(shown.figure)) < (60_000 if name == "gosh" and len(hostile(case).studies) < 200 else 250_000)
    # With its caption it is to stand on one page of A4.
    assert shown.figure.get_figheight() * 25.4 < 245


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("review", ["le-scodan-2010", "randomised-trials"])
def test_no_words_touch_in_what_is_shipped(review: str, name: str) -> None:
    assert clashes(figure_of(name, shipped(review))) == []


@pytest.mark.parametrize(
    ("case", "empty"),
    [
        ("one study", {"leave_one_out", "baujat", "galbraith", "gosh", "cumulative"}),
        ("two", {"baujat", "gosh"}),
        ("three", set()),
        ("no years", {"periods", "cumulative"}),
    ],
)
def test_what_cannot_be_shown_says_why(case: str, empty: set[str]) -> None:
    shown = {name: FIGURES[name](hostile(case)) for name in NEW}
    assert {name for name, one in shown.items() if one.reason} == empty
    for name in empty:
        said = " ".join(text for text, *_ in boxes(shown[name].figure))
        assert said == shown[name].reason == shown[name].caption


def test_of_many_studies_those_that_move_most_are_drawn_and_the_rest_is_counted() -> None:
    view = leave_one_out_view(hostile("two hundred"))
    assert len(view.names) == rows.MOST_ROWS
    assert view.notes[0] == "152 studies move the pooled estimate less: not drawn."
    whole = hostile("two hundred").pooled["primary"]["estimate"]
    moves = [abs(one["estimate"] - whole) for one in hostile("two hundred").influence["pooled"]["studies"]]
    least = min(abs((mark.value or 0.0) - whole) for mark in view.panels[0].marks if mark)
    assert sum(move > least for move in moves) == rows.MOST_ROWS - 1


def test_a_wild_interval_does_not_press_the_others_into_a_line() -> None:
    marks = [Mark(0.0, -0.1, 0.1), Mark(0.1, -0.1, 0.3), Mark(0.05, -90.0, 90.0)]
    low, high = rows.limits(marks)
    assert -1 < low < -0.1
    assert 0.3 < high < 1
    assert rows.limits([Mark(2.0)]) == (1.9, 2.1)


def test_a_long_name_ends_in_an_ellipsis_and_keeps_its_width() -> None:
    name = "The Collaborative Group"
    assert rows.shortened(name, 500) == name
    short = rows.shortened(name, 60)
    assert short.endswith(rows.ELLIPSIS)
    assert 40 < style.width(short) <= 60

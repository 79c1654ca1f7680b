"""The figure of strong effects under bias, re-read: curves, marks and both axes stand where the numbers say."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from test_confounding import SPREAD, leading, of, some
from test_figures import boxes

from reanalysis.e_values import confounding_strength, log_bias
from reanalysis.figures import style
from reanalysis.figures.bias import bias
from reanalysis.results import Results, read_results
from reanalysis.views.bias import bias_view, show_bias

WAYS = ("parametric", "calibrated")
POINTS = re.compile(r'<path d="(M [^"]*)"([^>]*)style="([^"]*)"')


@cache
def results(review: str = "le-scodan-2010") -> Results:
    return read_results(ROOT / "data/raw" / review, ROOT / "results" / review)


@pytest.fixture(autouse=True)
def _style() -> None:
    style.use()


def lines(figure: Figure, colour: str, width: float) -> list[list[tuple[float, float]]]:
    """Return the corners of every line of a colour and width, in points from the upper left of the figure."""
    svg = style.save(figure)["svg"].decode()
    return [
        [(float(x), float(y)) for x, y in re.findall(r"[ML] (-?[\d.]+) (-?[\d.]+)", path)]
        for path, _, look in POINTS.findall(svg)
        if f"stroke: {colour}" in look and f"stroke-width: {width:g}" in look and "fill: none" in look
    ]


def place(figure: Figure, axes: Axes, x: float, y: float) -> tuple[float, float]:
    """Return where a point of the axes lies in the figure, by the frame and the limits alone."""
    (low, high), (bottom, top), frame = axes.get_xlim(), axes.get_ylim(), axes.get_position()
    width, height = figure.get_size_inches() * 72
    across = frame.x0 + frame.width * (x - low) / (high - low)
    up = frame.y0 + frame.height * (y - bottom) / (top - bottom)
    return float(width * across), float(height * (1 - up))


@pytest.mark.parametrize("review", ["le-scodan-2010", "randomised-trials"])
def test_curves_and_marks_stand_where_the_numbers_are(review: str) -> None:
    figure = bias(bias_view(results(review)))
    whole = results(review).confounding["strong_effects"]
    part = leading(results(review).confounding)
    curves = lines(figure, style.BLUE, 1.5 * style.LINE)
    orange = lines(figure, style.ORANGE, 1.5 * style.LINE)
    upright = lines(figure, style.ORANGE, style.HAIRLINE)
    assert len(curves) == len(orange) == len(upright) == 2
    for axes, key, curve, interval, rule in zip(figure.axes, WAYS, curves, orange, upright, strict=True):
        assert axes.get_xlim() == (0.0, math.log(3))
        expected = [place(figure, axes, math.log(one["bias_factor"]), one[key]["estimate"]) for one in part["curve"]]
        assert len(curve) == 41
        for drawn, wanted in zip(curve, expected, strict=True):
            assert drawn == pytest.approx(wanted, abs=0.1)
        least = part[key]["bias_factor"]
        for drawn, name in zip(interval, ("ci_low", "ci_high"), strict=True):
            assert drawn == pytest.approx(place(figure, axes, math.log(least[name]), whole["share"]), abs=0.1)
        assert [x for x, _ in rule] == pytest.approx(
            [place(figure, axes, math.log(least["estimate"]), 0)[0]] * 2, abs=0.1
        )


def test_the_bands_are_the_intervals() -> None:
    view = bias_view(results())
    for key, panel in zip(WAYS, view.panels, strict=True):
        found = [one[key] for one in leading(results().confounding)["curve"]]
        assert list(panel.lows) == [one["ci_low"] for one in found]
        assert list(panel.highs) == [one["ci_high"] for one in found]


def test_the_other_pool_is_marked_in_each_panel() -> None:
    view = bias_view(results())
    figure = bias(view)
    factor = results().elsewhere["comparison"]["bias"][0]["bias_factor"]
    broken = [one for one in lines(figure, style.INK, style.LINE) if one[0][0] == one[-1][0]]
    drawn = [x for (x, _), *_ in broken]
    assert drawn == pytest.approx([place(figure, axes, math.log(factor), 0)[0] for axes in figure.axes], abs=0.1)
    assert view.other is not None
    assert "1.31" in view.other.said[0]
    assert "1.94" in view.other.said[0]
    assert view.other.said[1] == "if the outcome were rare: 1.47, confounding of 2.31"
    assert view.panels[0].least.said[2] == "if the outcome were rare: T = 1.72, G = 2.84"
    assert "outcome common" in bias(view).axes[0].get_xlabel()
    assert bias_view(results("randomised-trials")).other is None


def test_a_pool_that_is_further_off_is_no_mark() -> None:
    comparison = results().elsewhere["comparison"]
    turned = {**comparison, "estimate": -comparison["estimate"]}
    assert bias_view(replace(results(), elsewhere={**results().elsewhere, "comparison": turned})).other is None


def test_the_axis_above_says_what_confounding_makes_the_bias_below() -> None:
    view = bias_view(results())
    places = {text: at for at, text in view.strengths}
    # A confounder with a risk ratio of 3 on both sides makes 3 * 3 / (3 + 3 - 1) at most.
    assert math.exp(places["3"]) == pytest.approx(9 / 5)
    assert places["1"] == 0
    (above,) = figure_above = bias(view).axes[0].child_axes
    assert len(figure_above) == 1
    assert above.get_xticks() == pytest.approx([at for at, _ in view.strengths])
    part = leading(results().confounding)["parametric"]
    assert confounding_strength(math.log(part["bias_factor"]["estimate"])) == pytest.approx(
        part["confounding"]["estimate"]
    )


@given(st.floats(1.0, 1e6))
def test_the_strength_of_a_bias_and_back(strength: float) -> None:
    assert confounding_strength(max(0.0, log_bias(strength))) == pytest.approx(strength, rel=1e-6)


def made(found: dict[str, Any]) -> Results:
    return replace(results(), confounding=found)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (of(some((-0.4, 0.1))), "one study alone"),
        (of(some((-0.4, 0.1), (-0.4, 0.2))), "the plain E-value"),
        (of(some(*SPREAD), measure="MD"), "has units"),
    ],
)
def test_where_there_is_no_curve_the_figure_says_why(found: dict[str, Any], why: str) -> None:
    shown = show_bias(made(found))
    figure = shown.figure
    assert figure.axes == []
    assert why in " ".join(text for text, *_ in boxes(figure))
    assert why in shown.description
    width = figure.get_size_inches()[0] * 72
    assert all(x0 >= 0 and x1 <= width for _, x0, _, x1, _ in boxes(figure))
    assert ("a bias factor of" in shown.description) is (found["measure"] != "MD")


@pytest.mark.parametrize("by", [1e-20, 0.1, 10.0, 300.0, 1e24, -1.0])
@pytest.mark.parametrize("measure", ["HR", "OR", "SMD"])
def test_any_spread_is_drawn(by: float, measure: str) -> None:
    shown = show_bias(made(of(some(*[(by * yi, abs(by) * sei) for yi, sei in SPREAD]), measure=measure)))
    assert style.save(shown.figure)["svg"]
    assert all(x1 <= 72 * shown.figure.get_size_inches()[0] + 0.5 for *_, x1, _ in boxes(shown.figure))
    assert "nan" not in shown.description + shown.caption


def test_a_bias_beyond_the_axis_is_said_and_not_drawn() -> None:
    found = of(some(*[(10 * yi, sei) for yi, sei in SPREAD]))
    assert leading(found)["parametric"]["bias_factor"]["estimate"] > 3
    view = bias_view(made(found))
    assert view.panels[0].least.said[0].endswith("beyond the axis")
    diamonds = [line for axes in bias(view).axes for line in axes.lines if line.get_marker() == "D"]
    assert diamonds == []


def test_an_interval_that_the_axis_cuts_has_an_arrow() -> None:
    view = bias_view(results())
    cut = replace(view.panels[0], least=replace(view.panels[0].least, high=9.0))
    figure = bias(replace(view, panels=[cut, view.panels[1]]))
    assert [">" in [line.get_marker() for line in axes.lines] for axes in figure.axes] == [True, False]
    assert max(x for x, _ in lines(figure, style.ORANGE, 1.5 * style.LINE)[0]) == pytest.approx(
        place(figure, figure.axes[0], math.log(3), 0)[0], abs=0.1
    )

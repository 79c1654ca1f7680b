"""What each figure shows: finished numbers and words, made from the results of a review; `FIGURES` lists them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from matplotlib.figure import Figure

from reanalysis import narrative
from reanalysis.distributions import critical_value
from reanalysis.figures.bubble import Bubble, bubble
from reanalysis.figures.bubble import Line as BubbleLine
from reanalysis.figures.bubble import Point as BubblePoint
from reanalysis.figures.forest import Forest, Line, Summary, forest
from reanalysis.figures.funnel import Contour, Funnel, funnel
from reanalysis.figures.funnel import Point as FunnelPoint
from reanalysis.figures.scale import Scale
from reanalysis.figures.scenarios import scenarios
from reanalysis.figures.specifications import specifications
from reanalysis.formatting import interval, number, p_phrase, percent, percent_interval, plural, significant
from reanalysis.measures import NAMES, is_ratio, null_value, to_analysis, to_print
from reanalysis.multiverse_views import curve_view, scenarios_view
from reanalysis.records import Effect
from reanalysis.results import Results
from reanalysis.routes import WAYS
from reanalysis.wording import (
    DAGGER,
    INTERVAL_NAMES,
    MODERATOR_NAMES,
    arms,
    effect_label,
    effect_text,
    on_print,
    period,
    printed_estimate,
    step_text,
    study_label,
)

# The levels of significance that the contours of a funnel plot mark.
CONTOUR_P = (0.10, 0.05, 0.01)


@dataclass(frozen=True)
class Shown:
    """A figure and its words: a title, a caption that explains its marks, and a text alternative made from the data."""

    figure: Figure
    title: str
    caption: str
    description: str


def limits(effect: Effect, level: float) -> tuple[float, float]:
    """Return the Wald interval of an effect, on the scale of the analysis."""
    assert effect.yi is not None  # noqa: S101 (an included effect has both)
    assert effect.sei is not None  # noqa: S101
    margin = critical_value(level) * effect.sei
    return effect.yi - margin, effect.yi + margin


def envelope(results: Results, effect: Effect) -> tuple[float, float] | None:
    """Return the widest limits that any pair of the effect's region has; None where no pair prints as it does."""
    z = critical_value(results.pooled["level"])
    corners = results.region(effect)
    if not corners:
        return None
    return min(y - z * s for y, s in corners), max(y + z * s for y, s in corners)


def effect_scale(results: Results) -> Scale:
    """Return the axis of effects that all figures of a review share."""
    measure = results.review.measure
    name = f"{NAMES[measure][0].upper()}{NAMES[measure][1:]}"
    logarithmic = ", logarithmic scale" if is_ratio(measure) else ""
    return Scale(
        measure=name,
        name=f"{name} ({results.review.outcome}{logarithmic})",
        ratio=is_ratio(measure),
        null=to_analysis(measure, null_value(measure)),
        to_print=partial(to_print, measure),
        to_analysis=partial(to_analysis, measure),
    )


def forest_view(results: Results) -> Forest:
    """Return what the forest plot shows."""
    review, pooled = results.review, results.pooled
    primary, level = pooled["primary"], pooled["level"]
    shown: dict[str, Callable[[Effect], str]] = {
        "Study": lambda e: effect_label(e, results.study(e.row)),
        "Inclusion": lambda e: period(results.study(e.row)),
        "Patients": lambda e: "" if results.study(e.row).n is None else f"{results.study(e.row).n:,}",
        "Treated/not": lambda e: arms(results.study(e.row)),
        "SE from": lambda e: WAYS[e.route].short,
        "Weight": lambda e: percent(results.weights[e.row]),
        f"{review.measure} as printed": lambda e: printed_estimate(results.estimate(e)),
    }
    kept = {name: make for name, make in shown.items() if any(make(one) for one in results.included)}
    lines = [
        Line(
            cells=tuple(make(one) for make in kept.values()),
            estimate=one.yi or 0.0,
            low=limits(one, level)[0],
            high=limits(one, level)[1],
            envelope=envelope(results, one),
            weight=results.weights[one.row],
            hollow=one.route == "p",
        )
        for one in results.included
    ]
    predicted = primary["prediction_low"], primary["prediction_high"]
    has_prediction = predicted[0] is not None
    return Forest(
        headings=tuple(kept),
        after=len(kept) - 2,
        lines=lines,
        summary=Summary(
            label=f"Pooled ({primary['tau2_method']}, {INTERVAL_NAMES[primary['interval']]})",
            text=effect_text(review.measure, primary["estimate"], primary["ci_low"], primary["ci_high"]),
            estimate=primary["estimate"],
            low=primary["ci_low"],
            high=primary["ci_high"],
            prediction_label=f"{100 * level:g}% prediction interval" if has_prediction else "",
            prediction_text=interval(
                on_print(review.measure, primary, "prediction_low"),
                on_print(review.measure, primary, "prediction_high"),
            )
            if has_prediction
            else "",
            prediction=predicted if has_prediction else None,
        ),
        notes=_forest_notes(results),
        left_out=[
            (
                effect_label(one, results.study(one.row)),
                f"“{' '.join(words.split())}”: {one.reason}" if (words := results.estimate(one).text) else one.reason,
            )
            for one in results.effects
            if not one.included
        ],
        scale=effect_scale(results),
        favours=(f"favours {review.favours['below']}", f"favours {review.favours['above']}"),
    )


def _forest_notes(results: Results) -> list[str]:
    primary = results.pooled["primary"]
    known = sum(results.study(one.row).n or 0 for one in results.included)
    tau = math.sqrt(primary["tau2"])
    spread = ""
    if primary["tau2_ci_low"] is not None:
        tau_ci = interval(math.sqrt(primary["tau2_ci_low"]), math.sqrt(primary["tau2_ci_high"]), 3)
        spread = f" ({tau_ci}); I\N{SUPERSCRIPT TWO} = {percent(primary['i2'])}"
        spread += f" ({percent_interval(primary['i2_ci_low'], primary['i2_ci_high'])})"
    counts = f"k = {primary['k']}" + (f"; N = {known:,}" if known else "")
    q = (
        ""
        if primary["q_p"] is None
        else f"; Q = {number(primary['q'])}, df = {primary['q_df']}, {p_phrase(primary['q_p'])}"
    )
    marks = "Pale bars: how far rounding of the printed digits could move each interval."
    counted = any(WAYS[one.route].kind == "approximate" for one in results.included)
    hollow = _hollow(results, "p (hollow)")
    if counted or hollow:
        ways = " or ".join([*([hollow] if hollow else []), *(["counts"] if counted else [])])
        marks += f" {DAGGER} Printed without an interval: standard error worked back from {ways}."
    return [f"{counts}; tau = {number(tau, 3)}{spread}{q}.", marks]


def show_forest(results: Results) -> Shown:
    """Draw the forest plot."""
    measure, primary = results.review.measure, results.pooled["primary"]
    each = "; ".join(f"{one.study} {number(to_print(measure, one.yi or 0.0))}" for one in results.included)
    pooled = effect_text(measure, primary["estimate"], primary["ci_low"], primary["ci_high"])
    bar = ", the bar below it the prediction interval" if primary["prediction_low"] is not None else ""
    return Shown(
        forest(forest_view(results)),
        title=f"Forest plot of {plural(len(results.included), 'study', 'studies')}",
        caption="The area of a square is in proportion to its weight; the diamond is the pooled estimate with its "
        f"{100 * results.pooled['level']:g}% interval{bar}.",
        description=f"{NAMES[measure]} of each study: {each}. Pooled: {pooled}. The tables give every number.",
    )


def _hollow(results: Results, said: str) -> str:
    """Return what is said of hollow points; nothing where the figure has none."""
    return said if any(one.route == "p" for one in results.included) else ""


def funnel_view(results: Results) -> Funnel:
    """Return what the funnel plot shows."""
    measure = results.review.measure
    return Funnel(
        points=[
            FunnelPoint(study_label(results.study(one.row)), one.yi or 0.0, one.sei or 0.0, one.route == "p")
            for one in results.included
        ],
        contours=[Contour(f"p = {p:.2f}", critical_value(1 - p)) for p in CONTOUR_P],
        pooled=results.pooled["primary"]["estimate"],
        pooled_label=f"pooled {number(on_print(measure, results.pooled['primary'], 'estimate'))}",
        scale=effect_scale(results),
        sei_axis="Standard error of the log ratio" if is_ratio(measure) else "Standard error",
    )


def show_funnel(results: Results) -> Shown:
    """Draw the funnel plot."""
    each = "; ".join(
        f"{one.study} {number(to_print(results.review.measure, one.yi or 0.0))}, standard error {number(one.sei, 3)}"
        for one in results.included
    )
    return Shown(
        funnel(funnel_view(results)),
        title="Funnel plot",
        caption="Contours show where a study would be significant against no difference."
        + _hollow(
            results,
            " Hollow points: the standard error was worked back from a p value, so that their place follows from their "
            "own significance.",
        ),
        description=f"Effect against standard error: {each}.",
    )


def bubble_view(results: Results) -> list[Bubble]:
    """Return what each panel of the bubble plot shows: one a meta-regression on a single numeric moderator."""
    return [_bubble(results, model) for model in results.regression["models"] if model["curve"]]


def _bubble(results: Results, model: dict[str, Any]) -> Bubble:
    measure, name = results.review.measure, model["name"]
    by_study = {one.study: one for one in results.included}
    points = []
    for point in model["points"]:
        one = by_study[point["study"]]
        study = results.study(one.row)
        recruited = study.start is not None and study.end is not None and name in ("start", "mid", "end")
        points.append(
            BubblePoint(
                label=study_label(study),
                x=float(one.extra[name]),
                y=one.yi or 0.0,
                weight=point["weight"],
                bar=(study.start or 0.0, study.end or 0.0) if recruited else None,
                hollow=one.route == "p",
            )
        )
    slope = model["coefficients"][1]
    r2 = "" if model["r2"] is None else f"; R\N{SUPERSCRIPT TWO} {percent(model['r2'], 0)}"
    return Bubble(
        title=MODERATOR_NAMES.get(name, name),
        caption=[
            f"{'Ratio' if is_ratio(measure) else 'Change'} {slope['step_name']}: {step_text(slope)}",
            f"{p_phrase(slope['p'])}; residual tau\N{SUPERSCRIPT TWO} {significant(model['tau2'], 2)}{r2}",
        ],
        points=points,
        curve=[BubbleLine(**one) for one in model["curve"]],
        log_n=name == "log_n",
        scale=effect_scale(results),
    )


def show_bubble(results: Results) -> Shown:
    """Draw the bubble plots of the meta-regressions."""
    return Shown(
        bubble(bubble_view(results)),
        title="Bubble plots of the meta-regressions",
        caption="One panel a meta-regression on one numeric moderator. The area of a bubble is in proportion to its "
        f"weight{_hollow(results, '; hollow ones have a standard error worked back from a p value')}.",
        description=" ".join(narrative.regression_summary(results)) or "No meta-regression was asked for.",
    )


def show_scenarios(results: Results) -> Shown:
    """Draw the pooled effect under each scenario."""
    view = scenarios_view(results, effect_scale(results))
    return Shown(
        scenarios(view),
        title="The pooled effect under each scenario",
        caption="Dots with their intervals, pale bars the prediction intervals; the primary analysis is the diamond "
        "and the broken line.",
        description="; ".join(f"{one.name}: {one.text}" for one in view.lines) + ".",
    )


def show_specifications(results: Results) -> Shown:
    """Draw the specification curve."""
    view = curve_view(results, effect_scale(results))
    return Shown(
        specifications(view),
        title=f"Specification curve of {plural(len(view.estimates), 'specification', 'specifications')}",
        caption="Above, every estimate in order with its interval; the diamond is the primary analysis. Below, the "
        "darker a part, the more of its specifications make the choice.",
        description="The paragraph above says what the curve shows; specifications.csv has every number.",
    )


FIGURES: dict[str, Callable[[Results], Shown]] = {
    "forest": show_forest,
    "funnel": show_funnel,
    "bubble": show_bubble,
    "scenarios": show_scenarios,
    "specifications": show_specifications,
}

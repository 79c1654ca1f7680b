"""What the forest plot shows."""

from __future__ import annotations

import math
from collections.abc import Callable

from reanalysis.figures.forest import Forest, Line, Summary, forest
from reanalysis.formatting import interval, number, p_phrase, percent, percent_interval, plural
from reanalysis.measures import NAMES, to_print
from reanalysis.records import Effect
from reanalysis.results import Results
from reanalysis.routes import WAYS
from reanalysis.views.shown import Shown, effect_scale, envelope, hollow, limits
from reanalysis.wording import (
    DAGGER,
    INTERVAL_NAMES,
    arms,
    effect_label,
    effect_text,
    on_print,
    period,
    printed_estimate,
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
    hollow_ones = hollow(results, "p (hollow)")
    if counted or hollow_ones:
        ways = " or ".join([*([hollow_ones] if hollow_ones else []), *(["counts"] if counted else [])])
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

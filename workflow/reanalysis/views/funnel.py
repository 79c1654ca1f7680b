"""What the funnel plot shows."""

from __future__ import annotations

import math

from reanalysis.distributions import critical_value
from reanalysis.figures.funnel import Contour, Funnel, Point, funnel
from reanalysis.formatting import number
from reanalysis.measures import is_ratio, null_value, to_print
from reanalysis.results import Results
from reanalysis.views.shown import MOST_NAMED, Shown, effect_scale, hollow, named, unnamed
from reanalysis.views.study_data import funnel_data
from reanalysis.wording import on_print, study_label

# The levels of significance that the contours mark.
CONTOUR_P = (0.10, 0.05, 0.01)


def funnel_view(results: Results) -> Funnel:
    """Return what the funnel plot shows."""
    measure, primary = results.review.measure, results.pooled["primary"]
    told = _named(results)
    return Funnel(
        points=[
            Point(
                named(study_label(results.study(one.row)), one.row) if one.row in told else "",
                one.yi or 0.0,
                one.sei or 0.0,
                one.route == "p",
            )
            for one in results.included
        ],
        contours=[Contour(f"p = {p:.2f}", critical_value(1 - p)) for p in CONTOUR_P],
        pooled=primary["estimate"],
        pooled_label=f"pooled {number(on_print(measure, primary, 'estimate'))}",
        null_label=f"no difference {null_value(measure):g}",
        scale=effect_scale(results),
        sei_axis="Standard error of the log ratio" if is_ratio(measure) else "Standard error",
    )


def _named(results: Results) -> set[int]:
    """Return the rows of the studies that are named: of many, those farthest from the pool for their precision."""
    primary = results.pooled["primary"]
    distance = {
        one.row: abs((one.yi or 0.0) - primary["estimate"]) / math.hypot(one.sei or 0.0, math.sqrt(primary["tau2"]))
        for one in results.included
    }
    return set(sorted(distance, key=lambda row: (-distance[row], row))[:MOST_NAMED])


def show_funnel(results: Results) -> Shown:
    """Draw the funnel plot."""
    each = "; ".join(
        f"{one.study} {number(to_print(results.review.measure, one.yi or 0.0))}, standard error {number(one.sei, 3)}"
        for one in results.included
    )
    some = (
        f" Of {len(results.included)} studies, the {MOST_NAMED} farthest from the pool for their precision are named."
        if len(results.included) > MOST_NAMED
        else ""
    )
    return Shown(
        funnel(funnel_view(results)),
        title="Funnel plot",
        caption="Contours show where a study would be significant against no difference, which is the solid line; the "
        "broken line is the pooled estimate. A triangle at an edge points to a study beyond it."
        + some
        + hollow(
            results,
            " Hollow points: the standard error was worked back from a p value, so that their place follows from their "
            "own significance.",
        )
        + unnamed(results, " Names in letters that the figure cannot show are given as rows of the table."),
        description=f"Effect against standard error: {each}.",
        data=funnel_data(results),
    )

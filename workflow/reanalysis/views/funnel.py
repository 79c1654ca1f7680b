"""What the funnel plot shows."""

from __future__ import annotations

from reanalysis.distributions import critical_value
from reanalysis.figures.funnel import Contour, Funnel, Point, funnel
from reanalysis.formatting import number
from reanalysis.measures import is_ratio, to_print
from reanalysis.results import Results
from reanalysis.views.shown import Shown, effect_scale, hollow
from reanalysis.wording import on_print, study_label

# The levels of significance that the contours mark.
CONTOUR_P = (0.10, 0.05, 0.01)


def funnel_view(results: Results) -> Funnel:
    """Return what the funnel plot shows."""
    measure = results.review.measure
    return Funnel(
        points=[
            Point(study_label(results.study(one.row)), one.yi or 0.0, one.sei or 0.0, one.route == "p")
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
        + hollow(
            results,
            " Hollow points: the standard error was worked back from a p value, so that their place follows from their "
            "own significance.",
        ),
        description=f"Effect against standard error: {each}.",
    )

"""What Galbraith's radial plot shows."""

from __future__ import annotations

from reanalysis.figures.galbraith import Galbraith, galbraith
from reanalysis.figures.scatter import Point
from reanalysis.formatting import number, plural
from reanalysis.measures import NAMES, is_ratio, to_print
from reanalysis.results import Results
from reanalysis.views.baujat import MOST_NAMED
from reanalysis.views.shown import Shown, effect_scale, hollow, none_shown
from reanalysis.views.study_data import points_data
from reanalysis.wording import study_label

ONE_STUDY = "There is one study only: it is the common effect."


def galbraith_view(results: Results) -> Galbraith:
    """Return what the plot shows, with the names of the studies furthest outside the band."""
    found, measure = results.influence["radial"], results.review.measure
    outside = [place for place, one in enumerate(found["studies"]) if one["outside"]]
    named = sorted(outside, key=lambda one: -abs(found["studies"][one]["y"]))[:MOST_NAMED]
    level = f"{100 * results.influence['level']:g}%"
    return Galbraith(
        points=[
            Point(study_label(results.study(effect.row)), one["x"], one["y"], place in named, effect.route == "p")
            for place, (one, effect) in enumerate(zip(found["studies"], results.included, strict=True))
        ],
        estimate=found["estimate"],
        estimate_label=f"common {number(to_print(measure, found['estimate']))}",
        critical=found["critical"],
        band_label=f"{level} of studies, by sampling error alone",
        scale=effect_scale(results),
        x_axis=f"Precision: 1 / standard error{' of the log ratio' if is_ratio(measure) else ''}",
        y_axis="Standard errors from the common effect",
    )


def show_galbraith(results: Results) -> Shown:
    """Draw Galbraith's radial plot."""
    title = "Radial (Galbraith) plot"
    if len(results.included) == 1:
        return none_shown(title, ONE_STUDY)
    view, found = galbraith_view(results), results.influence["radial"]
    outside = [
        f"{one.label} {number(one.y)}"
        for one, study in zip(view.points, found["studies"], strict=True)
        if study["outside"]
    ]
    beyond = f" ({'; '.join(outside)} standard errors)" if outside else ""
    return Shown(
        galbraith(view),
        title=title,
        caption="Each study by its precision and by its distance from the common effect in its own standard errors, "
        "without tau\N{SUPERSCRIPT TWO}. The effect is the same along each ray from the origin, and stands at its end. "
        f"Diamonds lie outside the band{hollow(results, '; hollow: the standard error is from a p value')}.",
        description=f"{plural(len(outside), 'study lies', 'studies lie')} outside the band of "
        f"{number(found['critical'])} standard errors round the common {NAMES[results.review.measure]} "
        f"{number(to_print(results.review.measure, found['estimate']))}{beyond}.",
        data=points_data(view.points, view.x_axis, view.y_axis),
    )

"""What Baujat's plot shows."""

from __future__ import annotations

from reanalysis.distributions import critical_value
from reanalysis.figures.baujat import Baujat, baujat
from reanalysis.figures.scatter import Point
from reanalysis.formatting import number
from reanalysis.influence_narrative import ONE_STUDY
from reanalysis.results import Results
from reanalysis.views.shown import Shown, hollow, none_shown
from reanalysis.views.study_data import points_data
from reanalysis.wording import study_label

# More names than this are no longer names of outliers.
MOST_NAMED = 8
# So many of the furthest on each axis are named whether or not a rule of thumb marks them.
FURTHEST = 2

NO_SPREAD = "Fewer than three studies: without one of them there is no spread, and its move has no size."


def baujat_view(results: Results) -> Baujat:
    """Return what the plot shows: the studies whose move can be told, with the names of those that stand out."""
    found = results.influence["pooled"]["studies"]
    known = [
        (one, effect)
        for one, effect in zip(found, results.included, strict=True)
        if one["baujat_x"] is not None and one["baujat_y"] is not None
    ]
    limit = critical_value(results.influence["level"]) ** 2
    far = {
        place
        for name in ("baujat_x", "baujat_y")
        for place in sorted(range(len(known)), key=lambda one: -known[one][0][name])[:FURTHEST]
    }
    marked = [one for one in range(len(known)) if known[one][0]["influential"] or known[one][0]["baujat_x"] > limit]
    named = [*marked, *sorted(far - set(marked))]
    named = sorted(named, key=lambda one: (one not in marked, -known[one][0]["baujat_y"]))[:MOST_NAMED]
    return Baujat(
        points=[
            Point(study_label(results.study(effect.row)), one["baujat_x"], one["baujat_y"], place in named,
                  hollow=effect.route == "p")
            for place, (one, effect) in enumerate(known)
        ],
        x_axis="Part in the spread between studies: squared Pearson residual",
        y_axis="Move of the pooled estimate, squared",
    )  # fmt: skip


def show_baujat(results: Results) -> Shown:
    """Draw Baujat's plot."""
    title = "Baujat plot"
    found = results.influence["pooled"]["studies"]
    if not found:
        return none_shown(title, ONE_STUDY)
    if all(one["baujat_y"] is None for one in found):
        return none_shown(title, NO_SPREAD)
    view = baujat_view(results)
    each = "; ".join(f"{one.label} {number(one.x)}, {number(one.y)}" for one in view.points if one.outlying)
    return Shown(
        baujat(view),
        title=title,
        caption="To the right: studies far from the others for their size. Upwards: studies that move the pooled "
        "estimate, in variances of the estimate without them. Diamonds with names: marked as influential, or among "
        f"those that stand out most{hollow(results, '; hollow: the standard error was worked back from a p value')}.",
        description="Squared Pearson residual and squared move of the pooled estimate of the studies that stand out: "
        f"{each}. The other {len(view.points) - sum(one.outlying for one in view.points)} lie nearer the origin.",
        data=points_data(view.points, view.x_axis, view.y_axis),
    )

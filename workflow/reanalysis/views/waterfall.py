"""What the figure of what changed shows."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

from reanalysis.comparison.told import cause_name, move_text, summary, value_text
from reanalysis.figures import style
from reanalysis.figures.waterfall import End, Step, Waterfall, waterfall
from reanalysis.formatting import number
from reanalysis.measures import NAMES
from reanalysis.results import Results
from reanalysis.views.data import Column, Data, printed
from reanalysis.views.shown import Shown, effect_scale, none_shown

TITLE = "The pooled effect then and now, and what each cause moved"


def waterfall_view(results: Results) -> Waterfall | None:
    """Return what the figure shows; None where nothing is divided."""
    changes, measure = results.changes, results.review.measure
    by = {one["quantity"]: one for one in changes["quantities"] if one["quantity"] != "slope"}
    one = by.get("estimate")
    if one is None or not one["shares"]:
        return None
    places = list(accumulate(one["shares"], initial=one["then"]))
    # The last one is there by the sum of the shares, but for the last bits of floating-point numbers.
    places[-1] = one["now"]
    steps = [
        Step(cause_name(cause["parts"]), move_text(one, share, measure), *ends)
        for cause, share, ends in zip(changes["causes"], one["shares"], pairwise(places), strict=True)
    ]
    level = f"{100 * results.pooled['level']:g}%"
    return Waterfall(
        then=_end(f"Version {changes['against']}", by, "then", measure),
        steps=steps,
        now=_end("Now", by, "now", measure),
        headings=("From then to now", f"{measure} ({level} CI)"),
        scale=effect_scale(results),
    )


def _end(name: str, by: dict[str, Any], when: str, measure: str) -> End:
    low, high = by["ci_low"][when], by["ci_high"][when]
    text = value_text(by["estimate"], when, measure)
    if low is not None and high is not None:
        text += f" ({value_text(by['ci_low'], when, measure)} to {value_text(by['ci_high'], when, measure)})"
    return End(name if style.writable(name) else "Then", text, by["estimate"][when], low, high)


def show_waterfall(results: Results) -> Shown:
    """Draw what moved the pooled effect since the archived version."""
    view = waterfall_view(results)
    if view is None:
        return none_shown(TITLE, " ".join(summary(results.changes)))
    moved = "; ".join(f"{one.name}: {one.text}" for one in view.steps)
    return Shown(
        waterfall(view),
        title=TITLE,
        caption="Diamonds with their intervals are the effect then and now. Each arrow is what a cause moved it by, "
        "averaged over all orders of putting the causes in; a circle is a move too small for an arrow, a short stroke "
        "none. Together they are the whole move.",
        description=f"{view.then.name}: {view.then.text}; {moved}; {view.now.name}: {view.now.text}.",
        of=("changes",),
        data=_data(view, results),
    )


def _data(view: Waterfall, results: Results) -> Data:
    """Return a row for each cause, between the effect then and now: from where to where it moved it."""
    ends = [Column("From", number), Column("To", number)]
    rows = [[one.name, one.text, *printed(results, one.start, one.end)] for one in view.steps]
    outer = [[one.name, one.text, None, *printed(results, one.estimate)] for one in (view.then, view.now)]
    return Data(
        f"What each cause moved, on the scale of the {NAMES[results.review.measure]}, in the order of the figure.",
        [Column("Cause"), Column("Effect, or move"), *ends],
        [outer[0], *rows, outer[1]],
    )

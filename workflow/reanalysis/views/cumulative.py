"""What the figure of the cumulative analyses shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis.figures.cumulative import Cumulative, Order, Step, cumulative
from reanalysis.figures.rows import MOST_ROWS, Mark
from reanalysis.formatting import plural
from reanalysis.influence_narrative import NO_YEARS, ORDERS, cumulative_said, cumulative_shown, named_or_counted
from reanalysis.results import Results
from reanalysis.views.result_data import cumulative_data
from reanalysis.views.shown import Shown, effect_scale, none_shown


def cumulative_view(results: Results) -> Cumulative:
    """Return what the figure shows: the orders in which the pool grows."""
    return Cumulative(
        orders=[_order(one) for one in cumulative_shown(results)],
        whole=results.pooled["primary"]["estimate"],
        scale=effect_scale(results),
    )


def _order(one: Mapping[str, Any]) -> Order:
    name, missing = ORDERS[one["by"]]
    steps, notes = _shown_steps(one["steps"])
    if one["left_out"]:
        notes.append(f"Without {named_or_counted(one['left_out'])}: {missing}.")
    return Order(
        title=f"By {name}",
        headings=("Year", "Study added", "k"),
        steps=[
            Step(
                f"{step['year']:.0f}",
                step["study"],
                f"{step['k']}",
                Mark(step["estimate"], step["ci_low"], step["ci_high"]),
            )
            for step in steps
        ],
        notes=notes,
    )


def _shown_steps(steps: Sequence[Mapping[str, Any]]) -> tuple[Sequence[Mapping[str, Any]], list[str]]:
    """Return the steps that have room, and what is said of the others: the last of each year, and the latest years."""
    if len(steps) <= MOST_ROWS:
        return steps, []
    yearly = list({step["year"]: step for step in steps}.values())
    shown = yearly if len(yearly) > 1 else steps
    kept = shown[-MOST_ROWS:]
    what = "the last study of each year" if len(yearly) > 1 else "the last studies"
    return kept, [f"Of {plural(len(steps), 'step', 'steps')}, {what} {'is' if len(yearly) > 1 else 'are'} shown."]


def show_cumulative(results: Results) -> Shown:
    """Draw the cumulative analyses."""
    title, said = "The pooled estimate as studies were added", cumulative_said(results)
    if said == [NO_YEARS]:
        return none_shown(title, NO_YEARS)
    return Shown(
        cumulative(cumulative_view(results)),
        title=title,
        caption="Each row pools the studies down to it; its interval is not corrected for looking often. The diamond "
        "is the last row; the broken line is the full analysis. Arrows: the interval goes on.",
        description=" ".join(said),
        data=cumulative_data(results),
    )

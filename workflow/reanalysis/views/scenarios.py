"""What the figure of scenarios shows."""

from __future__ import annotations

from reanalysis.figures.scenarios import Scenario, Scenarios, scenarios
from reanalysis.results import Results
from reanalysis.views.result_data import scenarios_data
from reanalysis.views.shown import Shown, effect_scale
from reanalysis.wording import effect_text


def scenarios_view(results: Results) -> Scenarios:
    """Return what the figure of scenarios shows: those that pool something, the primary analysis first."""
    measure, level = results.review.measure, results.multiverse["level"]
    lines = []
    for one in results.multiverse["scenarios"]:
        record = one["pooled"]
        if record is None or record["ci_low"] is None:
            continue
        ahead = record["prediction_low"], record["prediction_high"]
        lines.append(
            Scenario(
                name=one["name"],
                studies=str(record["k"]),
                text=effect_text(measure, record["estimate"], record["ci_low"], record["ci_high"]),
                estimate=record["estimate"],
                low=record["ci_low"],
                high=record["ci_high"],
                prediction=None if ahead[0] is None else ahead,
            )
        )
    return Scenarios(lines, ("Scenario", "Studies", f"{measure} ({100 * level:g}% CI)"), effect_scale(results))


def show_scenarios(results: Results) -> Shown:
    """Draw the pooled effect under each scenario."""
    view = scenarios_view(results)
    return Shown(
        scenarios(view),
        title="The pooled effect under each scenario",
        caption="Dots with their intervals, pale bars the prediction intervals; the primary analysis is the diamond "
        "and the broken line.",
        description="; ".join(f"{one.name}: {one.text}" for one in view.lines) + ".",
        of=("multiverse",),
        data=scenarios_data(results, view),
    )

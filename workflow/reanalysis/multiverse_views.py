"""What the figures of scenarios and specifications show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from reanalysis.figures.scale import Scale
from reanalysis.figures.scenarios import Scenario, Scenarios
from reanalysis.figures.specifications import PARTS, Curve, Group
from reanalysis.records import Specification
from reanalysis.results import Results
from reanalysis.scenario import AND
from reanalysis.wording import INTERVAL_NAMES, effect_text


def scenarios_view(results: Results, scale: Scale) -> Scenarios:
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
    return Scenarios(lines, ("Scenario", "Studies", f"{measure} ({100 * level:g}% CI)"), scale)


def curve_view(results: Results, scale: Scale) -> Curve:
    """Return what the specification curve shows."""
    ordered = sorted(results.specifications, key=lambda one: (one.estimate, one.ci_low or 0.0))
    parts = np.array_split(np.arange(len(ordered)), min(PARTS, len(ordered)))

    def shares(holds: Callable[[Specification], bool]) -> list[float]:
        made = np.array([holds(one) for one in ordered], float)
        return [float(made[part].mean()) for part in parts]

    names = [one["choice"] for one in results.multiverse["explained"]]
    told = [one["name"] for one in results.multiverse["scenarios"][1:] if one["name"] in names]
    groups = [
        Group("Scenario", [(name, shares(partial(_takes, name))) for name in told]),
        _group("Studies that may share patients", "dependence", ordered, shares),
        _group("Estimator of tau\N{SUPERSCRIPT TWO}", "tau2_method", ordered, shares),
        _group("Interval", "interval", ordered, shares),
    ]
    limits = np.array([[one.estimate, one.ci_low, one.ci_high] for one in ordered], float)
    return Curve(
        estimates=limits[:, 0],
        lows=limits[:, 1],
        highs=limits[:, 2],
        primary=results.pooled["primary"]["estimate"],
        primary_label="primary analysis",
        groups=[one for one in groups if one.choices],
        scale=scale,
    )


def _takes(name: str, one: Specification) -> bool:
    return name in one.scenario.split(AND)


def _has(choice: str, level: str, one: Specification) -> bool:
    return bool(getattr(one, choice) == level)


def _group(
    name: str,
    choice: str,
    ordered: Sequence[Specification],
    shares: Callable[[Callable[[Specification], bool]], list[float]],
) -> Group:
    """Return a kind of choice with each of its levels; CR2, which is a treatment of dependence, is no interval too."""
    levels = sorted({getattr(one, choice) for one in ordered if choice != "interval" or one.interval in INTERVAL_NAMES})
    found = [(INTERVAL_NAMES.get(level, level), shares(partial(_has, choice, level))) for level in levels]
    return Group(name, found if len(found) > 1 else [])

"""What the specification curve shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from reanalysis.figures.specifications import PARTS, Curve, Group, specifications
from reanalysis.formatting import plural
from reanalysis.records import Specification
from reanalysis.results import Results
from reanalysis.scenario import AND
from reanalysis.views.shown import Shown, effect_scale
from reanalysis.wording import INTERVAL_NAMES


def curve_view(results: Results) -> Curve:
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
        scale=effect_scale(results),
    )


def show_specifications(results: Results) -> Shown:
    """Draw the specification curve."""
    view = curve_view(results)
    return Shown(
        specifications(view),
        title=f"Specification curve of {plural(len(view.estimates), 'specification', 'specifications')}",
        caption="Above, every estimate in order with its interval; the diamond is the primary analysis. Below, the "
        "darker a part, the more of its specifications make the choice.",
        description="The paragraph above says what the curve shows; specifications.csv has every number.",
        of=("specifications",),
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

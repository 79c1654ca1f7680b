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
from reanalysis.views.result_data import specifications_data
from reanalysis.views.shown import Shown, effect_scale
from reanalysis.wording import INTERVAL_NAMES

Holds = Callable[[Specification], bool]


def curve_view(results: Results) -> Curve:
    """Return what the specification curve shows."""
    ordered = sorted(results.specifications, key=lambda one: (one.estimate, one.ci_low or 0.0))
    parts = np.array_split(np.arange(len(ordered)), min(PARTS, len(ordered)))

    def shares(holds: Callable[[Specification], bool]) -> list[float]:
        made = np.array([holds(one) for one in ordered], float)
        return [float(made[part].mean()) for part in parts]

    made: dict[str, list[tuple[str, Sequence[float]]]] = {}
    for kind, name, holds in choices(results):
        made.setdefault(kind, []).append((name, shares(holds)))
    limits = np.array([[one.estimate, one.ci_low, one.ci_high] for one in ordered], float)
    return Curve(
        estimates=limits[:, 0],
        lows=limits[:, 1],
        highs=limits[:, 2],
        primary=results.pooled["primary"]["estimate"],
        primary_label="primary analysis",
        groups=[Group(kind, shown) for kind, shown in made.items()],
        scale=effect_scale(results),
    )


def choices(results: Results) -> list[tuple[str, str, Holds]]:
    """Return the kind of each choice, its name, and which specifications make it; no kind that has one choice only."""
    names = [one["choice"] for one in results.multiverse["explained"]]
    told = [one["name"] for one in results.multiverse["scenarios"][1:] if one["name"] in names]
    return [
        *(("Scenario", name, partial(_takes, name)) for name in told),
        *_levels(results, "Studies that may share patients", "dependence"),
        *_levels(results, "Estimator of tau\N{SUPERSCRIPT TWO}", "tau2_method"),
        *_levels(results, "Interval", "interval"),
    ]


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
        data=specifications_data(results, choices(results)),
    )


def _takes(name: str, one: Specification) -> bool:
    return name in one.scenario.split(AND)


def _has(choice: str, level: str, one: Specification) -> bool:
    return bool(getattr(one, choice) == level)


def _levels(results: Results, kind: str, choice: str) -> list[tuple[str, str, Holds]]:
    """Return each level of a kind of choice; CR2, which is a treatment of dependence, is no interval too."""
    every = results.specifications
    levels = sorted({getattr(one, choice) for one in every if choice != "interval" or one.interval in INTERVAL_NAMES})
    found: list[tuple[str, str, Holds]] = [
        (kind, INTERVAL_NAMES.get(level, level), partial(_has, choice, level)) for level in levels
    ]
    return found if len(found) > 1 else []

"""What the page says of the second computation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reanalysis.traced import derived


@dataclass(frozen=True)
class Once:
    """What the page computes once, and the file in tests/oracles that holds its method, with the program it is of."""

    what: str
    oracle: str = ""
    program: str = ""


COMPUTED_ONCE = (
    Once("Permutation p values", "permutation.json", "metafor"),
    Once("Diagnostics of influence, Baujat coordinates and the pool as it grew", "influence.json", "metafor"),
    Once("Correlated estimates and two-level models", "dependence.json", "metafor"),
    Once("Cluster-robust standard errors (CR2)", "dependence.json", "clubSandwich"),
    Once("Strong effects under bias, T and G", "confounding.json", "metafor"),
    Once("Egger, Begg, PET, PEESE, fail-safe numbers and excess significance", "small-study.json", "metafor and lm"),
    Once("The power of Egger's test", "small-study.json", "R, where it has a closed form"),
    Once("Trim and fill, and selection models", "selection.json", "metafor"),
    Once("Limit meta-analysis", "selection.json", "lm and the formulas of its paper"),
    Once("The pool of each scenario", "scenarios.json", "metafor, on ten scenarios of the first review"),
    Once("The comparison with the companion's pool", "trials.json", "t.test"),
    Once("Numbers that verdicts on claims rest on", "claims.json", "R, some of them"),
    Once("E-values, subgroups, subsets, specifications, sign flips, rounding, and the verdicts themselves"),
)


def primary_compared(crosscheck: Mapping[str, Any], primary: Mapping[str, Any]) -> str:
    """Return whether the other engine has computed the primary pool, from `crosscheck.json` and `pooled.json`."""
    name = f"{primary['tau2_method']}, {primary['interval']}"
    among = any(one["model"] == name for one in crosscheck["comparisons"])
    return f"The primary pool ({name}) is {'among them' if among else 'not among them'}."


def left_out(certification: Mapping[str, Any]) -> str:
    """Return how many of the models without one study were computed again; empty where there are none."""
    parts = certification["left_out"]
    if not parts:
        return ""
    if all(one["certified"] == one["of"] for one in parts):
        return "Every model without one study is among them."
    counts = ", ".join(f"{one['certified']} of {one['of']} of {_model(one['part'])}" for one in parts)
    return (
        "Of the models without one study, those without the studies of the largest weight and without others evenly "
        f"spread in the table are among them: {counts}."
    )


def _model(part: str) -> str:
    return "the pool" if part == "pooled" else f"the regression on {part.removeprefix('regression ')}"


def agreement(certification: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each kind of number computed twice: its `name`, `count` and least `digits` that agree."""
    left_out = tuple(f"{one['part']} without " for one in certification["left_out"])
    kinds: dict[str, list[Any]] = {}
    for one in certification["comparisons"]:
        if one["part"].startswith(left_out):
            name = "Models without one study"
        else:
            name = "Meta-regressions" if one["part"].startswith("regression ") else "Pooled models"
        kinds.setdefault(name, []).append(one["digits"])
    kinds["Models of data made up to break an engine"] = [one["digits"] for one in certification["stress"]]
    return [
        {
            "name": name,
            "count": derived(len(digits), certification["comparisons"]),
            "digits": min(digits),
        }
        for name, digits in kinds.items()
        if digits
    ]

"""The prose of how far a slope can be trusted: its p values side by side, and whether it outlives each study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis.formatting import listed, number, p_phrase, p_value
from reanalysis.influence_narrative import named_or_counted
from reanalysis.results import Results
from reanalysis.traced import derived
from reanalysis.wording import INTERVAL_NAMES, MODERATOR_NAMES

Model = Mapping[str, Any]


def p_values(results: Results, model: Model) -> str:
    """Return the p values of a model's slope: by its own test, by permutation, and with a cluster-robust error."""
    slope = model["coefficients"][1]
    said = [f"{p_phrase(slope['p'])} by {INTERVAL_NAMES[model['interval']]}"]
    if slope.get("permutation_p") is not None:
        said.append(f"{p_phrase(slope['permutation_p'])} by permutation")
    robust = _robust(results, model)
    if robust is not None:
        said.append(f"{p_phrase(robust['p'])} by CR2 (df = {number(robust['df'], 1)})")
    return ", ".join(said)


def _robust(results: Results, model: Model) -> Mapping[str, Any] | None:
    """Return the cluster-robust test of a slope, each study its own cluster; None where there is none."""
    for one in results.dependence.get("robust", {}).get("regression", []):
        if (one["name"], one["clustering"]) == (model["name"], "study"):
            slope: Mapping[str, Any] = one["coefficients"][1]
            return None if slope["reason"] else slope
    return None


def outlives(results: Results) -> str:
    """Return whether a slope that differs from none does so without each of the studies; empty where none differs."""
    models = [one for one in results.regression["models"] if len(one["coefficients"]) == 2 and one["leave_one_out"]]  # noqa: PLR2004 (intercept and one slope)
    level = results.regression["level"]
    alpha = derived(1 - level, level)
    clear = [one for one in models if _below(one["coefficients"][1]["p"], alpha)]
    if not clear:
        return ""
    limit = f"p below {alpha:g}"
    decisive = _decisive(models, alpha)
    if decisive:
        least = min(p for p in _without(models, decisive) if p is not None)
        them = "it" if len(decisive) == 1 else "any of them"
        none = "the slope has no" if len(models) == 1 else "no slope here has"
        return (
            f"No trend outlives leaving out {_either(decisive)}: without {them} {none} {limit} "
            f"(the least is {p_value(least)})."
        )
    return " ".join(_each(one, alpha, limit) for one in clear)


def _below(p: float | None, alpha: float) -> bool:
    return p is not None and p < alpha


def _decisive(models: Sequence[Model], alpha: float) -> list[str]:
    """Return the studies without each of which no slope of the models differs from none."""
    studies = dict.fromkeys(one["study"] for model in models for one in model["leave_one_out"])
    found = []
    for study in studies:
        left = _without(models, [study])
        if len(left) == len(models) and any(p is not None for p in left) and not any(_below(p, alpha) for p in left):
            found.append(study)
    return found


def _without(models: Sequence[Model], studies: Sequence[str]) -> list[float | None]:
    return [one["p"] for model in models for one in model["leave_one_out"] if one["study"] in studies]


def _either(studies: Sequence[str]) -> str:
    counted = named_or_counted(studies)
    return listed(studies, "or") if studies[0] in counted else f"any of {counted}"


def _each(model: Model, alpha: float, limit: str) -> str:
    """Return what becomes of one slope without each study."""
    slope = model["coefficients"][1]
    name = MODERATOR_NAMES.get(slope["term"], slope["term"])
    lost = [
        one["study"]
        for one in model["leave_one_out"]
        if not _below(one["p"], alpha) or (one["estimate"] < 0) != (slope["estimate"] < 0)
    ]
    if not lost:
        return f"The slope on {name} keeps {limit} and its sign whichever study is left out."
    return f"The slope on {name} loses {limit} or its sign without {_either(lost)}."

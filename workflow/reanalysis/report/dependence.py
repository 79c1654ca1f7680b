"""What the page says of estimates that are not independent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reanalysis import formatting, wording
from reanalysis.measures import NAMES, is_ratio, null_value, to_analysis
from reanalysis.traced import plain

# ASSUME: below this many degrees of freedom a cluster-robust p value says too little (Tipton 2015, Psychol Methods
# 20:375).
FEW_DF = 4

# The page shows every third correlation; dependence.json has all.
SHOWN_EVERY = 3

# What clusters are called.
WAYS = {"study": "each study its own cluster", "cluster": "declared clusters"}


def dependence(
    found: Mapping[str, Any], regressions: Sequence[Mapping[str, Any]], pooled_p: float | None
) -> dict[str, Any]:
    """Return what the section shows.

    Parameters
    ----------
    found
        The content of `dependence.json`.
    regressions
        The models of `regression.json`.
    pooled_p
        The p value of the primary analysis.
    """
    return {
        "parts": [
            _part(found, found["shared_controls"], _shared) | {"label": "Estimates that share a control group"},
            _part(found, found["overlap"], _overlapping) | {"label": "Studies that may share patients"},
        ],
        "robust": _robust(found, regressions, pooled_p),
        "few_df": FEW_DF,
    }


def _part(
    found: Mapping[str, Any], part: Mapping[str, Any], said: Callable[[Mapping[str, Any]], str]
) -> dict[str, Any]:
    """Return what is pooled together, under which correlations, and what comes of it; why not, where it is not."""
    if not part["sweep"]:
        return {"said": said(part), "answer": "", "rows": []}
    rows = [
        {"name": formatting.number(one["correlation"], 1)} | _result(found["measure"], one)
        for one in part["sweep"][::SHOWN_EVERY]
    ]
    two = part["two_level"]
    answer = _answer(found["measure"], [one for one in part["sweep"] if one["ci_low"] is not None])
    if two is not None:
        rows.append({"name": "two-level model"} | _result(found["measure"], two))
    return {"said": said(part), "answer": answer, "rows": rows, "k": part["sweep"][0]["k"]}


def _answer(measure: str, fitted: Sequence[Mapping[str, Any]]) -> str:
    """Return in words how far the correlations move the pool; empty where it could be fitted under none."""
    if not fitted:
        return ""
    low, high = (end(fitted, key=lambda one: one["estimate"]) for end in (min, max))
    null = to_analysis(measure, null_value(measure))
    holding = sum(one["ci_low"] <= null <= one["ci_high"] for one in fitted)
    verdict = {0: "every interval excludes no difference", len(fitted): "every interval includes no difference"}
    between = [formatting.number(wording.on_print(measure, one, "estimate"), 3) for one in (low, high)]
    ends = [formatting.number(one["correlation"], 1) for one in (fitted[0], fitted[-1])]
    moves = plain(between[0]) != plain(between[1])
    where = f"lies between {between[0]} and {between[1]}" if moves else f"is {between[0]} to three decimals"
    return (
        f"Under correlations from {ends[0]} to {ends[1]} the pooled {NAMES[measure]} {where}; "
        f"{verdict.get(holding, 'some intervals exclude no difference, others include it')}."
    )


def _result(measure: str, one: Mapping[str, Any]) -> dict[str, str]:
    if one["reason"]:
        return {"effect": formatting.NONE, "tau2": formatting.NONE, "p": formatting.NONE, "reason": one["reason"]}
    if "tau2" in one:
        tau2 = formatting.number(one["tau2"], 4)
    else:
        tau2 = (
            f"{formatting.number(one['tau2_cluster'], 4)} between clusters, "
            f"{formatting.number(one['tau2_estimate'], 4)} within"
        )
    return {
        "effect": wording.model_text(measure, one),
        "tau2": tau2,
        "p": formatting.p_value(one["p"]),
        "reason": "",
    }


def _shared(part: Mapping[str, Any]) -> str:
    studies = part["studies"]
    if not studies:
        return "No study of this review prints several results of its outcome against one control group."
    each = [
        f"{one['study']} ({', '.join(est['contrast'] or 'unnamed' for est in one['estimates'])})" for one in studies
    ]
    return (
        f"One control group serves several results of {'; '.join(each)}. The primary analysis takes one of them. Here "
        "all are in, with a correlation for the patients that they share."
    )


def _overlapping(part: Mapping[str, Any]) -> str:
    pooled = [one for one in part["clusters"] if len(one["studies"]) > 1]
    if not pooled:
        return "No two pooled studies are declared to share patients."
    each = [f"{' and '.join(one['studies'])} ({'; '.join(one['because'])})" for one in pooled]
    return f"These may share patients: {'. '.join(each)}. Here a correlation between them is assumed."


def _logarithm(measure: str) -> str:
    return f"logarithm of the {NAMES[measure]}" if is_ratio(measure) else NAMES[measure]


def _robust(
    found: Mapping[str, Any], regressions: Sequence[Mapping[str, Any]], pooled_p: float | None
) -> list[dict[str, Any]]:
    """Return the cluster-robust tests: the pooled effect, then each slope, with the primary p value beside them."""
    primary = {
        (model["name"], one["term"]): one["p"] for model in regressions for one in model["coefficients"] if one["p"]
    }
    rows = [
        _robust_row(f"Pooled {_logarithm(found['measure'])}", one, one["coefficients"][0], formatting.p_value(pooled_p))
        for one in found["robust"]["pooled"]
    ]
    for model in found["robust"]["regression"]:
        for one in model["coefficients"][1:]:
            name = wording.MODERATOR_NAMES.get(one["term"], one["term"])
            beside = ", in the model of several" if " + " in model["name"] else ""
            p = formatting.p_value(primary.get((model["name"], one["term"])))
            rows.append(_robust_row(f"Slope on {name}{beside}", model, one, p))
    return rows


def _robust_row(name: str, model: Mapping[str, Any], one: Mapping[str, Any], primary_p: str) -> dict[str, Any]:
    if one["reason"]:
        return {"name": name, "clusters": WAYS[model["clustering"]], "reason": one["reason"]}
    return {
        "name": name,
        "clusters": WAYS[model["clustering"]],
        "estimate": formatting.number(one["estimate"], 4),
        "se": formatting.number(one["se"], 4),
        "df": formatting.number(one["df"], 1),
        "few": one["df"] < FEW_DF,
        "ci": formatting.interval(one["ci_low"], one["ci_high"], 4),
        "p": formatting.p_value(one["p"]),
        "primary_p": primary_p,
        "reason": "",
    }

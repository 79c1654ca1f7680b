"""What the page says of bias that could explain the pooled effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reanalysis import formatting
from reanalysis.measures import is_ratio, to_print

# Shown on the page; confounding.json has more.
SHOWN = (1.0, 1.2, 1.5, 2.0, 3.0)


def confounding(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the section shows.

    Parameters
    ----------
    found
        The content of `confounding.json`.
    """
    rows = [("pooled", found["pooled"]), *((one["study"], one["e_values"]) for one in found["studies"])]
    return {
        "reason": found["reason"],
        "conversions": [one["conversion"] for one in found["pooled"]],
        "rows": [
            {
                "name": name,
                "cells": [
                    f"{formatting.number(one['e_value'])} ({formatting.number(one['e_value_limit'])})" for one in values
                ],
            }
            for name, values in rows
        ],
        "said": _said(found),
        "bias": _bias(found),
        "splits": [_split(found["measure"], one, found["level"]) for one in found["time_splits"]],
    }


def _said(found: Mapping[str, Any]) -> str:
    """Return in words what the pooled E-value means."""
    if not found["pooled"]:
        return ""
    first = found["pooled"][0]
    return (
        "To explain the pooled effect away altogether, something not adjusted for would have to go with the treatment "
        f"and with the outcome by risk ratios of {formatting.number(first['e_value'])} each, and of "
        f"{formatting.number(first['e_value_limit'])} to move the nearer limit to no effect"
        f"{' (read as a risk ratio)' if first['conversion'] == 'rare outcome' else ''}."
    )


def _bias(found: Mapping[str, Any]) -> dict[str, Any]:
    bias, measure = found["bias"], found["measure"]
    if bias["reason"]:
        return {"reason": bias["reason"]}
    parametric, counted = bias["parametric"], bias["calibrated"]
    return {
        "reason": "",
        "threshold": formatting.number(to_print(measure, bias["threshold"])),
        "side": bias["side"],
        "share": formatting.percent(100 * bias["share"], 0),
        "draws": formatting.count(bias["draws"]),
        "rows": [
            {"factor": formatting.number(one["factor"], 1), "parametric": _percent(one), "calibrated": _percent(other)}
            for one, other in zip(parametric["proportions"], counted["proportions"], strict=True)
            if one["factor"] in SHOWN
        ],
        "factor": [_factor(one["least_factor"]) for one in (parametric, counted)],
        "strength": [_factor(one["least_confounding"]) for one in (parametric, counted)],
    }


def _percent(one: Mapping[str, Any]) -> str:
    value, low, high = (None if one[name] is None else 100 * one[name] for name in ("value", "low", "high"))
    return f"{formatting.percent(value, 0)} ({formatting.percent_interval(low, high, 0)})"


def _factor(one: Mapping[str, Any]) -> str:
    return f"{formatting.number(one['value'])} ({formatting.interval(one['low'], one['high'])})"


def _split(measure: str, one: Mapping[str, Any], level: float) -> str:
    """Return in words what an early excess says."""
    length, differ = f"{one['months']:g} months", "differ" if one["p"] < 1 - level else "do not clearly differ"
    text = (
        f"{one['study']} prints {measure} {formatting.number(one['early'])} for the first {length} and "
        f"{formatting.number(one['late'])} after them: the two {differ} (z = {formatting.number(one['z'])}, "
        f"{formatting.p_phrase(one['p'])})."
    )
    if one["immortal_months"] > 0:
        text += (
            f" Without any effect of treatment, {formatting.number(one['immortal_months'], 1)} of those months that "
            "the treated must have lived to be treated would alone give the early ratio, if deaths come at one small "
            "rate."
        )
    if one["pooled_as_later"] is not None and is_ratio(measure):
        later = formatting.number(to_print(measure, one["pooled_as_later"]))
        text += f" If every study had such an early excess, the pooled {measure} of the time after it would be {later}."
    return text

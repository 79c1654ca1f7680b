"""What the page says of scenarios and specifications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reanalysis import formatting, wording
from reanalysis.measures import NAMES, to_print
from reanalysis.report.permalinks import anchors

# What the choices that every specification makes are called; others are scenarios, called as declared.
CHOICE_NAMES = {"dependence": "treatment of overlap", "tau2_method": "estimator of tau²", "interval": "interval"}

# Shares of the variance below this are not worth a row.
WORTH_SAYING = 0.0005


def multiverse(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what both sections show.

    Parameters
    ----------
    found
        The content of `multiverse.json`.
    """
    return {
        "scenarios": [_scenario(found, one) for one in found["scenarios"]],
        "anchors": anchors("scenario", [one["name"] for one in found["scenarios"]]),
        "said": _summary(found),
        "tested": _tested(found["joint_test"]),
        "explained": [
            {
                "name": CHOICE_NAMES.get(one["choice"], one["choice"]),
                "estimate": _share(one["estimate"]),
                "width": _share(one["width"]),
            }
            for one in found["explained"]
            if max(one["estimate"] or 0.0, one["width"] or 0.0) >= WORTH_SAYING
        ],
    }


def _share(value: float | None) -> str:
    return formatting.NONE if value is None else formatting.percent(100 * value)


def _scenario(found: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    record = one["pooled"]
    said = {"name": one["name"], "why": one["why"], "what": _what(one), "reason": one["problem"]}
    if record is None:
        return said
    measure = found["measure"]
    predicted = [wording.on_print(measure, record, name) for name in ("prediction_low", "prediction_high")]
    return said | {
        "k": record["k"],
        "effect": wording.model_text(measure, record),
        "prediction": formatting.interval(predicted[0], predicted[1], 3),
        "i2": formatting.percent(record["i2"]),
        "p": formatting.p_value(record["p"]),
    }


def _what(one: Mapping[str, Any]) -> str:
    """Return which studies a scenario treats otherwise."""
    if one["same_as"] != one["name"]:
        return f"the same effects as “{one['same_as']}”"
    parts = [
        f"{word} {', '.join(one[key])}"
        for key, word in (("without", "without"), ("added", "with"), ("changed", "another value of"))
        if one[key]
    ]
    return "; ".join(parts)


def _summary(found: Mapping[str, Any]) -> str:
    """Return in words what the specifications say together."""
    every, measure = found["specifications"], found["measure"]
    low, median, high = (
        formatting.number(to_print(measure, every["estimate"][name]), 3) for name in ("low", "median", "high")
    )
    side = "below" if every["excluding_below"] >= every["excluding_above"] else "above"
    share = formatting.percent(100 * every[f"excluding_{side}"])
    fewest, most = every["fewest_studies"], every["most_studies"]
    studies = formatting.plural(most, "estimate", "estimates")
    return (
        f"{formatting.count(every['count'])} specifications pool "
        f"{formatting.plural(every['choices'], 'distinct set', 'distinct sets')} of "
        f"{studies if fewest == most else f'{fewest} to {studies}'} in every way that the choices below allow. The "
        f"median {NAMES[measure]} is {median}; nine in ten lie from {low} to {high}. {share} of the intervals lie "
        f"entirely {side} no effect."
    )


def _tested(test: Mapping[str, Any]) -> str:
    """Return in words what the joint test says."""
    how = "all" if test["exact"] else "drawn at random"
    return (
        "The specifications share their data, so their p values cannot be counted. Had there been no effect, each "
        f"study’s could as well have had the other sign: over {formatting.count(test['patterns'])} patterns of signs "
        f"({how}), a median as far from no effect occurs with {formatting.p_phrase(test['median']['p'])}, and as many "
        f"intervals on one side with {formatting.p_phrase(test['excluding']['p'])}."
    )

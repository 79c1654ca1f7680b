"""What the page says of other pools on the same question."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis import formatting, wording
from reanalysis.companion_narrative import agreement, companion_pool, randomised
from reanalysis.wording import READINGS

KINDS = {"": "", "observational": "Observational studies", "randomised": "Randomised trials"}


def elsewhere(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the section shows.

    Parameters
    ----------
    found
        The content of `elsewhere.json`.
    """
    measure, companion = found["measure"], found["companion"]
    rows = [{"name": "This review", "own": True, "note": "Of the table above"} | _pool(measure, found["pool"])]
    rows += [_published(one, found["level"]) for one in found["published"]]
    if companion is not None:
        named = {
            "name": formatting.capitalised(companion_pool(companion)),
            "own": False,
            "note": f"{companion['title']}: pooled as this review is, on a page of its own",
        }
        rows.append(named | _pool(measure, companion["pool"]))
    return {
        "rows": rows if len(rows) > 1 else [],
        "published": len(found["published"]),
        "companion": companion is not None,
        "answer": " ".join(agreement(found)),
        "choices": "" if companion is None else _choices(companion),
        "said": [] if companion is None else _compared(found, companion),
    }


def _pool(measure: str, pool: Mapping[str, Any]) -> dict[str, str]:
    prediction = [wording.on_print(measure, pool, f"prediction_{end}") for end in ("low", "high")]
    return {
        "k": formatting.count(pool["k"]),
        "effect": wording.model_text(measure, pool),
        "prediction": formatting.interval(prediction[0], prediction[1], 3),
    }


def _published(one: Mapping[str, Any], level: float) -> dict[str, Any]:
    printed = {name: text.replace("-", formatting.MINUS) for name, text in one["printed"].items()}
    effect = f"{printed['ratio']} ({one['reason']})"
    if not one["reason"]:
        other = "" if math.isclose(one["level"], level) else f"{100 * one['level']:g}% CI "
        effect = f"{printed['ratio']} ({other}{printed['lower']} to {printed['upper']})"
    return {
        "name": one["name"],
        "own": False,
        "k": formatting.count(one["k"]),
        "effect": effect,
        "prediction": formatting.NONE,
        "note": ". ".join(filter(None, (KINDS[one["design"]], one["note"]))),
        "citation": one["citation"],
        "published": True,
    }


def _compared(found: Mapping[str, Any], companion: Mapping[str, Any]) -> list[str]:
    """Return what would take this pool to the companion's, and what they share."""
    measure, one = found["measure"], found["comparison"]
    if one["reason"]:
        return []
    chance, said = randomised(companion["designs"]), []
    if one["bias"]:
        truth = f"If {'the trials are' if chance else 'the companion is'} right"
        said.append(
            f"{truth} and both pools are of one effect, bias has moved the risk ratio of this review by a factor "
            f"of {_factors(measure, one['bias'])}."
        )
    if one["shared"]:
        said.append(
            f"Both pools hold {', '.join(one['shared'])}: they are not independent, and the interval is not right."
        )
    return said


def _choices(companion: Mapping[str, Any]) -> str:
    """Return what the companion decided about printed rows; empty where that is nothing."""
    made = [
        f"{words} {formatting.listed(companion[key])}"
        for key, words in (("inverted", "inverts the printed ratio of"), ("left_out", "leaves out"))
        if companion[key]
    ]
    return (
        f"The companion {' and '.join(made)}; its own page says why, and what comes of other choices." if made else ""
    )


def _factors(measure: str, bias: Sequence[Mapping[str, Any]]) -> str:
    """Return the bias factor by each way to read the measure as a risk ratio, the leading one first."""
    called = ["" if measure == "RR" else f" ({READINGS[one['reading']]})" for one in bias]
    return " or ".join(f"{formatting.number(one['bias_factor'])}{name}" for one, name in zip(bias, called, strict=True))

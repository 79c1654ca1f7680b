"""What changed since an archived version, in words and printed numbers, for the page and for the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis import formatting, wording
from reanalysis.comparison.causes import CELLS, CORRECTIONS, DECLARATIONS, SETTINGS, SLOPE, SOFTWARE, STUDIES
from reanalysis.measures import NAMES, is_ratio, to_print

CAUSE_NAMES = {
    STUDIES: "studies",
    CELLS: "cells of the table",
    CORRECTIONS: "corrections",
    DECLARATIONS: "declarations",
    SETTINGS: "settings",
    SOFTWARE: "software",
}
NO_CHANGE = "none"
ARCHIVING = (
    "The command snakemake archive keeps this one; once config.yaml has a higher version, what changed since is said "
    "here."
)

# Decimals of a pooled effect on the page; of what moves it, which has more where it would be no move else.
DECIMALS = 3
MOVE_DECIMALS = 4
MOST_DECIMALS = 8


def cause_name(parts: Sequence[str]) -> str:
    """Return what a cause is called, a capital first."""
    name = formatting.listed([CAUSE_NAMES[one] for one in parts])
    return name[0].upper() + name[1:]


def quantity_name(one: Mapping[str, Any], measure: str) -> str:
    """Return what a compared number is called, a capital first."""
    if one["quantity"] != SLOPE:
        pooled = f"Pooled {NAMES[measure]}"
        return {
            "estimate": pooled,
            "ci_low": f"{pooled}, lower limit",
            "ci_high": f"{pooled}, upper limit",
            "tau2": "Variance between studies (tau²)",
        }[one["quantity"]]
    term = wording.MODERATOR_NAMES.get(one["term"], one["term"])
    model = "" if one["model"] == one["term"] else f", in the model {one['model']}"
    return f"Slope on {term}, {one['step_name']}{model}"


def value_text(one: Mapping[str, Any], name: str, measure: str) -> str:
    """Return a compared number then or now, on the printed scale; a slope for its step."""
    value = one[name]
    if value is None:
        return formatting.NONE
    if one["quantity"] == "tau2":
        return formatting.number(value, MOVE_DECIMALS)
    printed = to_print(measure, _stepped(one, value))
    return formatting.number(printed, DECIMALS) if math.isfinite(printed) else formatting.NONE


def move_text(one: Mapping[str, Any], move: float | None, measure: str) -> str:
    """Return a move or a share of it: a factor of a ratio, else what is added; a dash where there is none to tell."""
    if move is None:
        return formatting.NONE
    if move == 0:
        return NO_CHANGE
    if one["quantity"] == "tau2" or not is_ratio(measure):
        value = move if one["quantity"] == "tau2" else _stepped(one, move)
        return f"{'+' if value > 0 else ''}{formatting.number(value, _decimals(value))}"
    factor = to_print(measure, _stepped(one, move))
    if not math.isfinite(factor):
        return formatting.NONE
    return f"×{formatting.NO_BREAK}{formatting.number(factor, _decimals(float(factor) - 1))}"


def _stepped(one: Mapping[str, Any], value: float) -> float:
    return value if one["step"] is None else one["step"] * value


def _decimals(away: float) -> int:
    """Return how many decimals show a move: `MOVE_DECIMALS`, or as many as its first two digits need."""
    size = abs(float(away))
    needed = MOST_DECIMALS if size == 0 else 1 - math.floor(math.log10(size))
    return MOVE_DECIMALS if size >= 10**-MOVE_DECIMALS else min(MOST_DECIMALS, needed)


def summary(changes: Mapping[str, Any]) -> list[str]:
    """Return what changed in a few sentences; where nothing is compared, why."""
    against, measure = changes["against"], changes["measure"]
    if changes["reason"]:
        if not against:
            return [
                f"No version lower than this one, {changes['version']}, is archived, so that nothing is compared.",
                ARCHIVING,
            ]
        return [f"Version {against} is archived, and nothing is compared: {changes['reason']}."]
    said = [pooled_said(changes)]
    if changes["problem"]:
        return [*said, f"The move is not divided among causes: {changes['problem']}."]
    if not changes["causes"]:
        return [*said, f"Nothing differs from version {against}: no cell, declaration, setting, package or module."]
    joined = [cause_name(one["parts"]) for one in changes["causes"] if len(one["parts"]) > 1]
    said += [f"{one} count as one cause: they cannot be analysed one without the other." for one in joined]
    first = next((one for one in changes["quantities"] if one["quantity"] == "estimate"), None)
    if first is not None and first["shares"]:
        moved = [
            f"{cause_name(cause['parts'])}: {move_text(first, share, measure)}"
            for cause, share in zip(changes["causes"], first["shares"], strict=True)
        ]
        said.append(f"What each cause moved it by: {'; '.join(moved)}.")
    return said


def pooled_said(changes: Mapping[str, Any]) -> str:
    """Return the pooled effect with its interval then and now."""
    measure, against = changes["measure"], changes["against"]
    by = {one["quantity"]: one for one in changes["quantities"] if one["quantity"] != SLOPE}
    then, now = (_effect(by, name, measure) for name in ("then", "now"))
    one = by.get("estimate")
    if changes["problem"] and one is not None and one["move"] is not None:
        return f"In version {against} the pooled effect was {then}, and now it is {now}."
    if one is None or one["move"] is None:
        return f"In version {against} there was no pooled effect to compare with."
    if all(by[name]["move"] == 0 for name in by):
        return f"The pooled {NAMES[measure]} is what it was in version {against}: {now}."
    return f"The pooled {NAMES[measure]} was {then} in version {against} and is {now} now: {_times(one, measure)}."


def _times(one: Mapping[str, Any], measure: str) -> str:
    if one["move"] == 0:
        return "the estimate is the same, its interval or the variance between studies is not"
    text = move_text(one, one["move"], measure)
    return f"{text.removeprefix('×').lstrip()} times what it was" if is_ratio(measure) else f"{text} on what it was"


def _effect(by: Mapping[str, Mapping[str, Any]], name: str, measure: str) -> str:
    value, low, high = (
        value_text(by[one], name, measure) if one in by else formatting.NONE
        for one in ("estimate", "ci_low", "ci_high")
    )
    return value if formatting.NONE in (low, high) else f"{value} ({low} to {high})"

"""The prose of another pool beside this one: what it is called, how far away it lies, and whether that is agreement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis.formatting import interval, listed, number, p_phrase, plural
from reanalysis.measures import NAMES, is_ratio, to_print
from reanalysis.traced import derived
from reanalysis.wording import model_text, on_print

RANDOMISED = "randomised"


def randomised(designs: Sequence[str]) -> bool:
    """Whether every study is declared to be randomised; `designs` has one a study, empty where none is declared."""
    return bool(designs) and all(design == RANDOMISED for design in designs)


def companion_pool(companion: Mapping[str, Any]) -> str:
    """Return what the page calls the companion's pool, from `companion` of `elsewhere.json`."""
    return "the pool of randomised trials" if randomised(companion["designs"]) else "the companion's pool"


def apart(measure: str, comparison: Mapping[str, Any]) -> str:
    """Return how far another pool lies from this one, as a ratio or a difference, with its interval."""
    value, low, high = (to_print(measure, comparison[name]) for name in ("estimate", "ci_low", "ci_high"))
    return f"{number(value)} {'times' if is_ratio(measure) else 'more than'} this one ({interval(low, high)})"


def trials_beside(elsewhere: Mapping[str, Any], designs: Sequence[str]) -> str:
    """Return the companion's pool of trials beside a pool that is not all of trials; nothing where there are not both.

    Parameters
    ----------
    elsewhere
        The content of `elsewhere.json`; empty where it is not read.
    designs
        The declared design of each study in the pool, empty where none is.
    """
    companion = _trials(elsewhere, designs)
    if companion is None:
        return ""
    measure, one = elsewhere["measure"], elsewhere["comparison"]
    said = f"The pool of randomised trials is {model_text(measure, companion['pool'])}"
    return f"{said}." if one["reason"] else f"{said}, {apart(measure, one)}."


def trials_in_short(elsewhere: Mapping[str, Any], designs: Sequence[str]) -> str:
    """Return the same in a sentence of the answer, to two decimals."""
    companion = _trials(elsewhere, designs)
    if companion is None:
        return ""
    value, low, high = (on_print(elsewhere["measure"], companion["pool"], n) for n in ("estimate", "ci_low", "ci_high"))
    return f"The pool of randomised trials is {number(value)} ({interval(low, high)})."


def _trials(elsewhere: Mapping[str, Any], designs: Sequence[str]) -> Mapping[str, Any] | None:
    companion: Mapping[str, Any] | None = elsewhere.get("companion")
    if companion is None or not randomised(companion["designs"]) or not any(designs) or randomised(designs):
        return None
    return companion


def agreement(elsewhere: Mapping[str, Any]) -> list[str]:
    """Return whether other pools agree with this one, the companion's first; nothing where there are none."""
    return [*_with_companion(elsewhere), *_with_published(elsewhere)]


def _with_companion(elsewhere: Mapping[str, Any]) -> list[str]:
    companion, one = elsewhere["companion"], elsewhere["comparison"]
    if companion is None:
        return []
    measure, pool = elsewhere["measure"], companion_pool(companion)
    if one["reason"]:
        return [f"With {pool} this one is not compared: {one['reason']}."]
    agrees = one["ci_low"] <= 0 <= one["ci_high"]
    answer = f"With {pool}, as far as its interval tells" if agrees else f"Not with {pool}"
    over = f"over {plural(companion['pool']['k'], 'study', 'studies')} it is {model_text(measure, companion['pool'])}"
    return [f"{answer}: {over}, {apart(measure, one)}, {p_phrase(one['p'])}."]


def _with_published(elsewhere: Mapping[str, Any]) -> list[str]:
    """Return how many published intervals hold this pool, and which do not."""
    measure, published = elsewhere["measure"], elsewhere["published"]
    if not published:
        return []
    told = [one for one in published if not one["reason"]]
    if not told:
        return ["No published pool prints an interval that could hold this pool or not."]
    here = on_print(measure, elsewhere["pool"], "estimate") or 0.0
    outside = [one["name"] for one in told if not one["low"] <= here <= one["high"]]
    inside, all_told = (derived(count, published) for count in (len(told) - len(outside), len(told)))
    how = "With" if not outside else "Not with" if not inside else "With most" if 2 * inside > all_told else "With some"
    held = f"{inside} of {all_told} printed intervals {'holds' if inside == 1 else 'hold'}"
    others = f" (outside: {listed(outside)})" if outside and inside else ""
    return [f"{how} published pools: {held} this review’s {NAMES[measure]} of {number(here, 3)}{others}."]

"""The prose of another pool beside this one: what it is called, how far away it lies, and whether that is agreement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis.formatting import interval, listed, number, p_phrase, plural
from reanalysis.measures import NAMES, is_ratio, to_print
from reanalysis.traced import derived
from reanalysis.wording import model_text, on_print

RANDOMISED = "randomised"

# What a published pool of each declared design is of.
DESIGNS = {"": "", "observational": " of observational studies", RANDOMISED: " of randomised trials"}


def randomised(designs: Sequence[str]) -> bool:
    """Whether every study is declared to be randomised; `designs` has one a study, empty where none is declared."""
    return bool(designs) and all(design == RANDOMISED for design in designs)


def companion_pool(companion: Mapping[str, Any]) -> str:
    """Return what the page calls the companion's pool, from `companion` of `elsewhere.json`."""
    return "the pool of randomised trials" if randomised(companion["designs"]) else "the companion's pool"


def put_together(companion: Mapping[str, Any]) -> str:
    """Return what the companion's rows were put together from, between commas; empty where a publication has them."""
    return f", put together from {companion['assembled']}," if companion["assembled"] else ""


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
    trials = plural(companion["pool"]["k"], "randomised trial", "randomised trials")
    said = f"The pool of {trials}{put_together(companion)} is {model_text(measure, companion['pool'])}"
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
    studies = plural(companion["pool"]["k"], "study", "studies")
    over = f"over {studies}{put_together(companion)} it is {model_text(measure, companion['pool'])}"
    return [f"{answer}: {over}, {apart(measure, one)}, {p_phrase(one['p'])}."]


def _with_published(elsewhere: Mapping[str, Any]) -> list[str]:
    """Return for each declared design how many published intervals hold this pool, and which pools print none."""
    published = elsewhere["published"]
    told = [one for one in published if not one["reason"]]
    if not told:
        return ["No published pool prints an interval that could hold this pool or not."] if published else []
    designs = list(dict.fromkeys(one["design"] for one in told))
    said = [_held(elsewhere, [one for one in told if one["design"] == design], design) for design in designs]
    untold = [one["name"] for one in published if one["reason"]]
    return [*said, f"Without a printed interval, and not counted: {listed(untold)}."] if untold else said


def _held(elsewhere: Mapping[str, Any], told: Sequence[Mapping[str, Any]], design: str) -> str:
    """Return how many intervals of one design hold this pool; one that holds no effect too is no agreement with one."""
    measure, pool = elsewhere["measure"], elsewhere["pool"]
    here, none = on_print(measure, pool, "estimate") or 0.0, to_print(measure, 0.0)
    within = [one["low"] <= here <= one["high"] for one in told]
    outside = [one["name"] for one, holds in zip(told, within, strict=True) if not holds]
    wide = [
        one["name"]
        for one, holds in zip(told, within, strict=True)
        if holds and one["low"] <= none <= one["high"] and not pool["ci_low"] <= 0 <= pool["ci_high"]
    ]
    inside, all_told = (derived(count, elsewhere["published"]) for count in (sum(within), len(told)))
    how = _how(sum(within) - len(wide), len(outside))
    kinds = (("outside", outside), ("holding no effect as well", wide))
    notes = [f"{words}: {listed(names)}" for words, names in kinds if names]
    more = f" ({'; '.join(notes)})" if notes and inside else ""
    return (
        f"{how} published pools{DESIGNS[design]}: {inside} of {all_told} printed intervals "
        f"{'holds' if inside == 1 else 'hold'} this review’s {NAMES[measure]} of {number(here, 3)}{more}."
    )


def _how(holding: int, outside: int) -> str:
    """Return how a sentence begins, of intervals that say something: so many hold this pool, so many do not."""
    if not holding:
        return "Not with" if outside else "Undecided by"
    if not outside:
        return "With"
    return "With most" if holding > outside else "With some"

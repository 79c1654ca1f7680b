"""What each cause moved: the analysis of every mixture of then and now, and the shares that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reanalysis.audit import analysed
from reanalysis.comparison.causes import POOLED, SLOPE
from reanalysis.comparison.mixtures import Side, Versions
from reanalysis.comparison.shapley import Coalition, finest, shares, summing
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices
from reanalysis.moderators import ONE_UNIT, STEPS

# A compared number: its kind, and of a slope its model and its term.
Key = tuple[str, str, str]
Numbers = Mapping[Key, float | None]

NOWHERE: Coalition = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What a mixture of both versions gives: its numbers, or why it cannot be analysed."""

    numbers: Numbers = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Attribution:
    """What the causes moved.

    Parameters
    ----------
    blocks
        The causes, those together that cannot be put in one without the other; none where nothing can be divided.
    quantities
        A record for each number that is compared, as `changes.json` has it; its shares follow the blocks, and the last
        one is what the software moved.
    problem
        Why nothing is divided; empty where something is.
    """

    blocks: Sequence[Coalition]
    quantities: list[dict[str, Any]]
    problem: str


def published(then: Mapping[str, Any]) -> Numbers:
    """Return the archived numbers, from the part `then` of `against.json`."""
    pooled: dict[Key, float | None] = {(name, "", ""): value for name, value in then["pooled"].items()}
    return pooled | {(SLOPE, one["model"], one["term"]): one["estimate"] for one in then["slopes"]}


def attribute(versions: Versions, causes: Sequence[str], before: Numbers) -> Attribution:
    """Return what each cause moved, averaged over all orders of putting the causes in.

    The code and the packages of then cannot be run: theirs is what lies between the archived result and what is made of
    the archived input now.

    Parameters
    ----------
    causes
        Those with any difference.
    before
        The archived numbers.

    Raises
    ------
    ReanalysisError
        Where today's input cannot be analysed.
    """
    every = frozenset(causes)
    # Without a cause both inputs are the same; with all causes it is today's, which other steps refuse as well.
    outcomes = {every: Outcome(_analysed(versions.now))}
    outcomes.setdefault(NOWHERE, _tried(versions.then))

    def usable(chosen: Coalition) -> bool:
        if chosen not in outcomes:
            outcomes[chosen] = _mixture(versions, chosen)
        return not outcomes[chosen].problem

    problem = _not_divided(versions, outcomes[NOWHERE])
    blocks = finest(causes, usable) if causes and not problem else []
    numbers = {chosen: one.numbers for chosen, one in outcomes.items() if not one.problem}
    after = numbers[every]
    keys = dict.fromkeys((*before, *after))
    return Attribution(
        blocks, [_quantity(key, before.get(key), after.get(key), numbers, blocks, problem) for key in keys], problem
    )


def _not_divided(versions: Versions, archived: Outcome) -> str:
    then, now = versions.then.raw.review.measure, versions.now.raw.review.measure
    if then != now:
        return f"the measure was {then} and is {now}"
    if archived.problem:
        return f"what was archived cannot be analysed by this version of the program ({archived.problem})"
    return ""


def _mixture(versions: Versions, chosen: Coalition) -> Outcome:
    try:
        return _tried(versions.mixed(chosen))
    except ReanalysisError as error:
        return Outcome(problem=said(error))


def _tried(side: Side) -> Outcome:
    try:
        return Outcome(_analysed(side))
    except ReanalysisError as error:
        return Outcome(problem=said(error))


def said(error: ReanalysisError) -> str:
    """Return what is wrong in one line, without places, which for a mixture of versions are no places."""
    return f"{error.study}: {error.problem}" if error.study else error.problem


def _analysed(side: Side) -> Numbers:
    choices = Choices(*(side.settings[name] for name in ("tau2_method", "interval", "level")))
    one = analysed(side.raw, choices, side.settings["routes"])
    pooled: dict[Key, float | None] = {(name, "", ""): one.pooled[name] for name in POOLED}
    return pooled | {(SLOPE, slope["model"], slope["term"]): slope["estimate"] for slope in one.slopes}


def _quantity(
    key: Key,
    then: float | None,
    now: float | None,
    outcomes: Mapping[Coalition, Numbers],
    blocks: Sequence[Coalition],
    problem: str,
) -> dict[str, Any]:
    """Return a number then and now, and what each cause moved it by."""
    size, step = STEPS.get(key[2], ONE_UNIT) if key[0] == SLOPE else (None, "")
    named = {"quantity": key[0], "model": key[1], "term": key[2], "step": size, "step_name": step}
    if then is None or now is None:
        reason = f"{'the archived version' if then is None else 'this version'} does not have it"
        return named | {"then": then, "now": now, "move": None, "shares": None, "reason": reason}
    values = {chosen: outcomes[chosen].get(key) for chosen in _unions(blocks)} if not problem else {}
    known = {chosen: value for chosen, value in values.items() if value is not None}
    reason = problem or (
        "" if len(known) == len(values) else "one of the causes alone leaves too little to estimate it"
    )
    parts = [] if reason else [*shares(known, blocks), known[NOWHERE] - then]
    made = summing(then, now, parts)
    divided = {"shares": None if reason else made.parts, "reason": reason}
    return named | {"then": made.then, "now": made.now, "move": made.move} | divided


def _unions(blocks: Sequence[Coalition]) -> Iterator[Coalition]:
    made = [NOWHERE]
    for block in blocks:
        made += [one | block for one in made]
    yield from made

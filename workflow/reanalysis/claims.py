"""Whether what a source says follows from its own numbers: each declared claim, its verdict, where it was read."""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from reanalysis import formatting
from reanalysis.claim_sources import Asked, CellSource, StatementSource
from reanalysis.claim_trials import Trial, expressions
from reanalysis.errors import ReanalysisError
from reanalysis.expressions import FUNCTIONS, Source, evaluate, unknown
from reanalysis.quantities import Quantity, Series, Value, sources

# All expressions of a file together: what bounds the work that a file by anybody can ask for.
MOST_WRITTEN = 50_000

# Numbers that differ by no more than this, relative to their size, are the same.
SAME = 1e-8

CANNOT = "cannot be checked"

# "{name}" in a text stands for a number.
PLACE = re.compile(r"\{([^{}]*)\}")

WRITTEN: dict[str, Callable[[float | None], str]] = {
    "number": formatting.significant,
    "percent": formatting.percent,
    "p": formatting.p_value,
    "count": formatting.count,
    "integer": lambda value: formatting.number(value, 0),
}


def check_claims(asked: Asked, trials: Sequence[Trial] = ()) -> dict[str, Any]:
    """Return the content of `claims.json`.

    Parameters
    ----------
    trials
        Other readings of the table, on which each verdict is tried again.

    Raises
    ------
    ReanalysisError
        Where an expression is none, or names what the review does not have.
    """
    file = str(asked.raw.folder / "claims.yaml")
    known = asked.sources
    written = sum(len(text) for claim in asked.raw.claims for text in expressions(claim))
    if written > MOST_WRITTEN:
        raise ReanalysisError(
            f"the expressions of this file have {written} characters, {MOST_WRITTEN} at most are allowed",
            file=file,
            remedy="name what several of them need as a number, or leave claims out",
        )
    found = []
    for claim in asked.raw.claims:
        try:
            checked = _checked(claim, asked, known)
        except ReanalysisError as error:
            place = ReanalysisError(f"claim {claim['id']!r}: {error.problem}", remedy=error.remedy, column=error.column)
            raise place.at(file=file, printed=error.printed) from error
        found.append(checked | {"tried": [_tried(claim, checked, one) for one in trials]})
    return {
        "schema_version": 1,
        "trials": [
            {"name": one.name, "why": one.why, "without": list(one.without), "reason": one.reason} for one in trials
        ],
        "claims": found,
    }


def _tried(claim: Mapping[str, Any], found: Mapping[str, Any], trial: Trial) -> dict[str, Any]:
    """Return the verdict on a claim in another reading of the table, or why there is none."""
    nothing = {"trial": trial.name, "verdict": None, "because": "", "flips": False, "moves": False}
    if trial.asked is None:
        return nothing | {"reason": trial.reason}
    try:
        again = _checked(claim, trial.asked, trial.asked.sources)
    except ReanalysisError as error:
        return nothing | {"reason": error.problem}
    return {
        "trial": trial.name,
        "verdict": again["verdict"],
        "because": again["because"],
        "flips": again["verdict"] != found["verdict"],
        "moves": any(
            _apart(one["value"], other["value"]) for one, other in zip(again["numbers"], found["numbers"], strict=True)
        ),
        "reason": "",
    }


def _apart(one: Any, other: Any) -> bool:  # noqa: ANN401 (a number, a list of them, or none)
    """Whether two values of a number differ; those of the files have ten digits."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) != len(other) or any(map(_apart, one, other))
    if isinstance(one, float | int) and isinstance(other, float | int):
        return not math.isclose(one, other, rel_tol=SAME, abs_tol=SAME)
    return bool(one != other)


def _checked(claim: Mapping[str, Any], asked: Asked, known: Mapping[str, Source]) -> dict[str, Any]:
    """Return a claim with its numbers, its verdict and where they were read."""
    named: dict[str, Value] = {}
    shown = []
    for one in claim.get("numbers", []):
        _refuse_name(one["name"], named, known)
        try:
            value = evaluate(str(one["value"]), known, named)
        except ReanalysisError as error:
            raise error.at(column=f"numbers › {one['name']} › value") from error
        named[one["name"]] = value
        shown.append(_shown(one, value))
    verdict, decided_by, tested = _decide(claim["verdicts"], known, named)
    ways = {one["name"]: one.get("as") for one in claim.get("numbers", [])}
    # In a sentence a p value has its letter with it.
    texts = {
        one["name"]: formatting.p_phrase(one["value"]) if ways[one["name"]] == "p" else one["text"] for one in shown
    }
    for one in claim["verdicts"]:
        _filled(one["because"], texts)  # a text that is not shown names what is there, too
    read = sources([*named.values(), *tested])
    return {
        "id": claim["id"],
        "section": claim["section"],
        "claim": _filled(claim["claim"], texts),
        "verdict": verdict["verdict"],
        "because": _filled(verdict["because"], texts),
        "decided_by": decided_by,
        "numbers": shown,
        "cells": _cells(read, asked),
        "statements": _statements(read, asked),
    }


def _decide(
    verdicts: Sequence[Mapping[str, Any]], known: Mapping[str, Source], named: Mapping[str, Value]
) -> tuple[Mapping[str, Any], str, list[Value]]:
    """Return the first verdict whose condition holds, that condition, and the values of all looked at until then.

    A condition that cannot be told decides as well: whether its verdict or a later one is right cannot be checked.
    """
    chosen: Mapping[str, Any] | None = None
    decided_by = ""
    tested: list[Value] = []
    for place, one in enumerate(verdicts):
        last = place == len(verdicts) - 1
        if ("when" in one) == last:
            raise ReanalysisError(
                "only the last verdict has no condition, and it must have none",
                column=f"verdicts › {place} › when",
                remedy="give every verdict but the last one a condition (when)",
            )
        if last:
            break
        text = str(one["when"])
        try:
            value = _condition(evaluate(text, known, named), text)
        except ReanalysisError as error:
            raise error.at(column=f"verdicts › {place} › when") from error
        if chosen is not None:
            continue  # evaluated all the same, so that an error in it is seen
        tested.append(value)
        if value.value is None:
            chosen, decided_by = (
                {"verdict": CANNOT, "because": f"A test of it needs what is not there: {value.reason}."},
                text,
            )
        elif value.value:
            chosen, decided_by = one, text
    return chosen or verdicts[-1], decided_by, tested


def _condition(value: Value, text: str) -> Quantity:
    if isinstance(value, Series) or not (value.value is None or isinstance(value.value, bool)):
        raise ReanalysisError(
            "this is no single condition",
            printed=text,
            remedy="compare two numbers; of a list say all(…), any(…) or count(…)",
        )
    return value


def _shown(one: Mapping[str, Any], value: Value) -> dict[str, Any]:
    """Return a number as the result and the page give it."""
    items = value.items if isinstance(value, Series) else (value,)
    if any(isinstance(item.value, bool) for item in items):
        raise ReanalysisError(
            "this is a condition, not a number",
            column=f"numbers › {one['name']} › value",
            printed=str(one["value"]),
            remedy="put it into a verdict, or count it with count(…) or share(…)",
        )
    known = [item for item in items if item.value is not None]
    if isinstance(value, Series):
        text = ", ".join(_written(item, one.get("as")) for item in known) or "none"
        return _entry(one, [item.value for item in known], text, "")
    return _entry(one, value.value, _written(value, one.get("as")), value.reason)


def _written(quantity: Quantity, how: str | None) -> str:
    """Return a number as the page writes it: with the decimals of print where it is straight from there."""
    if how is not None or not quantity.half_unit:
        return WRITTEN[how or "number"](quantity.value)
    return formatting.number(quantity.value, max(0, round(-math.log10(2 * quantity.half_unit))))


def _entry(one: Mapping[str, Any], value: object, text: str, reason: str) -> dict[str, Any]:
    expression = " ".join(str(one["value"]).split())
    return {
        "name": one["name"],
        "means": one["means"],
        "expression": expression,
        "value": value,
        "text": text,
        "reason": reason,
    }


def _refuse_name(name: str, named: Mapping[str, Value], known: Mapping[str, Source]) -> None:
    """Refuse a name that says something else already."""
    if name in named or name in known or name in FUNCTIONS or keyword.iskeyword(name):
        raise ReanalysisError(
            f"the name {name!r} is taken",
            column="numbers › name",
            remedy=f"choose another one; taken are: {', '.join([*known, *FUNCTIONS, *named])}",
        )


def _filled(text: str, texts: Mapping[str, str]) -> str:
    """Return a text with its numbers in place of their names."""

    def number(match: re.Match[str]) -> str:
        if match[1] not in texts:
            raise unknown("number", match[1], texts).at(printed=text)
        return texts[match[1]]

    return PLACE.sub(number, " ".join(text.split()))


def _cells(read: frozenset[Hashable], asked: Asked) -> list[dict[str, Any]]:
    """Return the cells among what was read, in the order of print."""
    headings = asked.raw.headings
    cells = [one for one in read if isinstance(one, CellSource)]
    return [
        {
            "row": one.row,
            "study": asked.results.study(one.row).study,
            "column": one.column,
            "printed": asked.raw.rows[one.row - 1][one.column],
        }
        for one in sorted(cells, key=lambda one: (one.row, headings.index(one.column)))
    ]


def _statements(read: frozenset[Hashable], asked: Asked) -> list[str]:
    """Return the ids of the statements among what was read, in the order of their file."""
    ids = {one.id for one in read if isinstance(one, StatementSource)}
    return [one["id"] for one in asked.raw.statements if one["id"] in ids]

"""What each declared correction does: to the values read from its cell, to the pooled result, to every slope."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np

from reanalysis.corrections import Correction
from reanalysis.dataset import dataset
from reanalysis.departures import FINDING, Departures
from reanalysis.effects import effects
from reanalysis.errors import ReanalysisError
from reanalysis.extraction import extract, read_rows
from reanalysis.mixed_effects import Choices
from reanalysis.pooling import pool
from reanalysis.raw import RawReview
from reanalysis.records import Effect, Estimate, Study
from reanalysis.regression import regress_all
from reanalysis.routes import routes
from reanalysis.scenario import ALL, Scenario

Record = Study | Estimate | Effect

# Of a record, what names or repeats it; the rest is compared.
KEYS = ("row", "item", "text", "column", "extra")

# What is read from the table before anything is worked back.
READ = ("studies", "estimates")

# The scenario in which every correction is applied, whatever its status.
CORRECTED = "corrected"

# All corrections applied, and the rows that still break a check left out.
MENDED = Scenario("mended", correct=(ALL,), leave_out={FINDING: ("error",)})

QUANTITIES = ("k", "estimate", "ci_low", "ci_high", "tau2", "i2", "prediction_low", "prediction_high")


@dataclass(frozen=True)
class Analysed:
    """A review read, worked back and pooled under some of its corrections."""

    studies: list[Study]
    estimates: list[Estimate]
    effects: list[Effect]
    pooled: dict[str, Any]
    slopes: list[dict[str, Any]]


def analysed(raw: RawReview, choices: Choices, precedence: Sequence[str], but: Collection[str] = ()) -> Analysed:
    """Return a review analysed with some corrections treated the other way, as `extract` says.

    Raises
    ------
    ReanalysisError
        Where the review cannot be analysed so.
    """
    review, file = raw.review, str(raw.folder / "review.yaml")
    found = extract(raw, but)
    made = routes(found.estimates, found.studies, review.outcome, precedence)
    result = effects(found.studies, found.estimates, made, review, file)
    data = dataset(result, file)
    fitted = regress_all(data, review.models, review.measure, choices)
    slopes = [
        {"model": one["name"], "term": slope["term"], "estimate": slope["estimate"], "p": slope["p"]}
        for one in fitted["models"]
        for slope in one["coefficients"][1:]
    ]
    return Analysed(found.studies, found.estimates, result, pool(data.yi, data.vi, review.measure, choices), slopes)


def audit(raw: RawReview, choices: Choices, precedence: Sequence[str]) -> dict[str, Any]:
    """Return the content of `audit.json`; the schema says what each key means."""
    analyse = partial(analysed, raw, choices, precedence)
    base = analyse()
    every = [one.id for one in raw.corrections if one.status != "applied"]
    return {
        "schema_version": 1,
        "measure": raw.review.measure,
        "level": choices.level,
        "as_analysed": _results(base),
        "corrections": [
            _said(one) | {"row": row, "study": base.studies[row - 1].study} | _toggled(raw, analyse, base, [one.id])
            for row, _, one in raw.corrected_cells()
        ],
        CORRECTED: _toggled(raw, analyse, base, every) if every else None,
        "without_errors": _without_errors(raw, choices, precedence),
    }


def _without_errors(raw: RawReview, choices: Choices, precedence: Sequence[str]) -> dict[str, Any] | None:
    """Return the pool of what breaks no check once every correction is applied; None where nothing has to go."""
    departures = Departures(raw, precedence)
    try:
        every = departures.rows(Scenario(CORRECTED, correct=(ALL,)))
    except ReanalysisError:
        return None  # `corrected` tells why
    try:
        kept = departures.rows(MENDED)
    except ReanalysisError as error:
        return {"left_out": [one.study for one in every], "pooled": None, "problem": error.problem}
    left_out = [one.study for one in every if one.row not in {other.row for other in kept}]
    if not left_out:
        return None
    yi, vi = (np.array([getattr(one, name) for one in kept]) for name in ("yi", "vi"))
    return {"left_out": left_out, "pooled": _pooled(pool(yi, vi, raw.review.measure, choices)), "problem": ""}


def _said(one: Correction) -> dict[str, Any]:
    """Return what a correction declares."""
    said = {name: getattr(one, name) for name in ("id", "status", "printed", "corrected", "reason", "source")}
    return said | {"column": " ".join(one.column.split())}


def _toggled(
    raw: RawReview, analyse: Callable[[Sequence[str]], Analysed], base: Analysed, ids: Sequence[str]
) -> dict[str, Any]:
    """Return what some corrections change, treated the other way; where that cannot be analysed, why."""
    try:
        other = analyse(ids)
    except ReanalysisError as error:
        where = f"{error.study}: " if error.study else ""
        return {"changes": _read_changes(raw, base, ids), "results": None, "problem": f"{where}{error.problem}"}
    changed = [change for name in (*READ, "effects") for change in changes(getattr(base, name), getattr(other, name))]
    return {"changes": changed, "results": _results(other), "problem": ""}


def _read_changes(raw: RawReview, base: Analysed, ids: Sequence[str]) -> list[dict[str, str]]:
    """Return what is read otherwise from the table; nothing where it cannot be read at all."""
    try:
        found = read_rows(raw, ids)
    except ReanalysisError:
        return []  # the problem that the caller tells
    return [change for name in READ for change in changes(getattr(base, name), getattr(found, name))]


def _results(one: Analysed) -> dict[str, Any]:
    return {"pooled": _pooled(one.pooled), "slopes": one.slopes}


def _pooled(model: dict[str, Any]) -> dict[str, Any]:
    names = (*QUANTITIES, *(name for name in ("ratio", "ratio_ci_low", "ratio_ci_high") if name in model))
    return {name: model[name] for name in names}


def changes(before: Sequence[Record], after: Sequence[Record]) -> list[dict[str, str]]:
    """Return each value that differs between two readings of one table: study, field, text before and after."""
    found = []
    theirs = {_key(one): _values(one) for one in after}
    for one in before:
        then = theirs.get(_key(one), {})
        found += [
            {"study": one.study, "field": field, "before": _text(value), "after": _text(then.get(field))}
            for field, value in _values(one).items()
            if value != then.get(field)
        ]
    return found


def _key(one: Record) -> tuple[int, int]:
    return one.row, 0 if isinstance(one, Study) else one.item


def _values(one: Record) -> dict[str, object]:
    """Return what a correction may change in a record, the moderators of an effect among it."""
    keys = KEYS if isinstance(one, Study) else (*KEYS, "study")
    own = {field.name: getattr(one, field.name) for field in fields(one) if field.name not in keys}
    return own | (one.extra if isinstance(one, Effect) else {})


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)

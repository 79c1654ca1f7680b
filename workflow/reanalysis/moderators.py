"""Moderators as columns of a design: numbers as they are, categories as 0/1, studies without a value left out."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reanalysis.collinearity import follows_from
from reanalysis.dataset import Dataset
from reanalysis.design import Design, design
from reanalysis.errors import ReanalysisError

# The change of a moderator that a reader thinks in: (how much, what it is called).
STEPS = dict.fromkeys(("start", "mid", "end", "duration", "year"), (10.0, "per decade")) | {
    "log_n": (math.log(2), "per doubling")
}
ONE_UNIT = (1.0, "per unit")


@dataclass(frozen=True)
class ModelDesign:
    """What a meta-regression is fitted on.

    Parameters
    ----------
    complete
        The places in the data set of the studies that have a value of every moderator.
    design
        Of those studies.
    steps
        Term to the change of it that a reader thinks in: how much, and what it is called.
    columns
        Name of a term to its values, the intercept aside.
    blocks
        Moderator to its terms, of which a category has several.
    """

    complete: list[int]
    design: Design
    steps: dict[str, tuple[float, str]]
    columns: dict[str, Sequence[float]]
    blocks: dict[str, tuple[str, ...]]


def model_design(data: Dataset, model: tuple[str, ...]) -> ModelDesign:
    """Return what a model is fitted on.

    Raises
    ------
    ReanalysisError
        Where a moderator is constant, of mixed kind, or collinear with others.
    """
    complete = complete_rows(data, model)
    try:
        return _designed(data, model, complete)
    except ReanalysisError as error:
        raise _in_model(error, data, model) from error


def _designed(data: Dataset, model: tuple[str, ...], complete: list[int]) -> ModelDesign:
    columns: dict[str, Sequence[float]] = {}
    blocks: dict[str, tuple[str, ...]] = {}
    steps = dict(STEPS)
    for name in model:
        cells = [data.moderators[name][index] for index in complete]
        added = coded(name, cells)
        columns |= added
        blocks[name] = tuple(added)
        if name not in added:
            steps |= dict.fromkeys(added, (1.0, f"instead of {min(cells)}"))
    if len(complete) > len(columns):
        _refuse_dependent(columns, blocks)
    return ModelDesign(complete, design(columns, len(complete)), steps, columns, blocks)


def _in_model(error: ReanalysisError, data: Dataset, model: tuple[str, ...]) -> ReanalysisError:
    """Return an error with the key of `review.yaml` that asks for a model, and with the model if it is a joint one."""
    problem = error.problem
    if len(model) > 1:
        complete = len(complete_rows(data, model))
        problem = f"{' + '.join(model)}, of the {complete} studies that have a value of each: {problem}"
    return ReanalysisError(problem, remedy=error.remedy, column="moderators", printed=error.printed)


def _refuse_dependent(columns: dict[str, Sequence[float]], blocks: dict[str, tuple[str, ...]]) -> None:
    """Refuse a term that follows from others: it names the moderator, and those that the term follows from."""
    X = np.column_stack([np.asarray(values, float) for values in columns.values()])
    found = follows_from(X) if np.ptp(X, axis=0).all() else None
    if found is None:
        return
    moderator = {term: name for name, terms in blocks.items() for term in terms}
    terms = list(columns)
    name, term = moderator[terms[found[0]]], terms[found[0]]
    others = [one for one in dict.fromkeys(moderator[terms[place]] for place in found[1]) if one != name]
    own = "" if name == term else f" ({term})"
    raise ReanalysisError(
        f"the moderator {name!r}{own} follows from {' and '.join(map(repr, others))}",
        remedy="leave one of them out of this model",
    )


def complete_rows(data: Dataset, model: tuple[str, ...]) -> list[int]:
    """Return the places of the studies that have a value of every moderator of a model."""
    return [index for index in range(len(data.studies)) if all(data.moderators[name][index] for name in model)]


def too_few(data: Dataset, model: tuple[str, ...]) -> str:
    """Return why a model has too few studies to be fitted; empty if it has enough.

    ASSUME: a fit needs one study more than coefficients; without it the residuals are 0 and say nothing.
    """
    complete = complete_rows(data, model)
    coefficients = 1 + sum(_columns(data, name, complete) for name in model)
    if len(complete) > coefficients:
        return ""
    have = f"{len(complete)} of {len(data.studies)} studies have a value of {' and '.join(model)}"
    return f"{have}; {coefficients} coefficients need at least {coefficients + 1}"


def fitted_or_not(
    data: Dataset, models: Sequence[tuple[str, ...]]
) -> tuple[list[tuple[str, ...]], list[dict[str, str]]]:
    """Return the models that have enough studies, and of each other one its name and the reason, as results keep it."""
    problems = {model: too_few(data, model) for model in models}
    others = [{"name": " + ".join(model), "reason": problem} for model, problem in problems.items() if problem]
    return [model for model in models if not problems[model]], others


def _columns(data: Dataset, name: str, rows: Sequence[int]) -> int:
    """Return how many coefficients a moderator takes: one, or one less than it has categories."""
    cells = [data.moderators[name][index] for index in rows]
    words = all(_as_number(cell) is None for cell in cells)
    return max(1, len(set(cells)) - 1) if cells and words else 1


# A plain number, and what a reader would take for one.
NUMBER = re.compile(r"[-+\u2212]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
LIKE_A_NUMBER = re.compile(r"[-+\u2212]?\d+[.,\u00b7]\d+(?:[.,\u00b7]\d+)*%?")


def coded(name: str, cells: Sequence[str]) -> dict[str, Sequence[float]]:
    """Return the columns of a moderator: its numbers, or a 0/1 column a category but the first.

    Raises
    ------
    ReanalysisError
        Where some cells are numbers and some are words.
    """
    numbers = [_as_number(cell) for cell in cells]
    if all(number is not None for number in numbers):
        return {name: [number for number in numbers if number is not None]}
    if any(number is not None for number in numbers):
        word = next(cell for cell, number in zip(cells, numbers, strict=True) if number is None)
        raise ReanalysisError(
            f"the moderator {name!r} is a number for some studies and a word for others",
            printed=word,
            remedy="leave cells without a number empty, or make all of them words",
        )
    mark = next((cell for cell in cells if LIKE_A_NUMBER.fullmatch(cell)), "")
    if mark:
        raise ReanalysisError(
            f"the moderator {name!r} looks like numbers that cannot be read",
            printed=mark,
            remedy="declare decimal_mark: comma in review.yaml, or write the numbers with a point",
        )
    # ASSUME: the alphabetically first category is the one that the others are compared with.
    categories = sorted(set(cells))
    if len(categories) < 2:  # noqa: PLR2004 (a difference needs two)
        raise ReanalysisError(
            f"the moderator {name!r} is the same for every study", remedy="leave it out of the models"
        )
    return {f"{name} = {one}": [float(cell == one) for cell in cells] for one in categories[1:]}


def _as_number(cell: str) -> float | None:
    if not NUMBER.fullmatch(cell):
        return None
    number = float(cell.replace("\u2212", "-"))
    return number if math.isfinite(number) else None

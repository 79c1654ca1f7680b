"""Meta-regression: how the effect changes with a moderator, or with several together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from reanalysis import tau2 as between
from reanalysis.dataset import Dataset
from reanalysis.design import Design, FloatArray, design
from reanalysis.digits import DRAWN_DIGITS, rounded
from reanalysis.distributions import critical_value
from reanalysis.errors import ReanalysisError
from reanalysis.measures import printable
from reanalysis.mixed_effects import Fit, fit, heterogeneity

# The change of a moderator that a reader thinks in: (how much, what it is called).
STEPS = dict.fromkeys(("start", "mid", "end", "duration", "year"), (10.0, "per decade")) | {
    "log_n": (math.log(2), "per doubling")
}
ONE_UNIT = (1.0, "per unit")

# Points of a fitted line: enough for a band that is curved.
CURVE_POINTS = 61


def regress_all(
    data: Dataset, models: Sequence[tuple[str, ...]], measure: str, tau2_method: str, interval: str, level: float
) -> dict[str, Any]:
    """Return the content of `regression.json`: one entry a model; the schema says what each key means.

    Raises
    ------
    ReanalysisError
        Where a model cannot be fitted: it names the moderator.
    """
    problems = {model: too_few(data, model) for model in models}
    return {
        "schema_version": 1,
        "measure": measure,
        "level": level,
        "models": [
            regress(data, model, measure, tau2_method, interval, level) for model in models if not problems[model]
        ],
        "not_fitted": [
            {"name": " + ".join(model), "reason": problem} for model, problem in problems.items() if problem
        ],
    }


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


def _columns(data: Dataset, name: str, rows: Sequence[int]) -> int:
    """Return how many coefficients a moderator takes: one, or one less than it has categories."""
    cells = [data.moderators[name][index] for index in rows]
    words = all(_as_number(cell) is None for cell in cells)
    return max(1, len(set(cells)) - 1) if cells and words else 1


def regress(
    data: Dataset, model: tuple[str, ...], measure: str, tau2_method: str, interval: str, level: float
) -> dict[str, Any]:
    """Return one meta-regression as `regression.json` keeps it."""
    complete = complete_rows(data, model)
    yi, vi = data.yi[complete], data.vi[complete]
    columns: dict[str, Sequence[float]] = {}
    steps = dict(STEPS)
    for name in model:
        cells = [data.moderators[name][index] for index in complete]
        added = coded(name, cells)
        columns |= added
        if name not in added:
            steps |= dict.fromkeys(added, (1.0, f"instead of {min(cells)}"))
    X = design(columns, len(complete))
    found = fit(yi, vi, X, tau2_method, interval, level)
    spread = heterogeneity(yi, vi, X, tau2_method, found.tau2, level)
    return {
        "name": " + ".join(model),
        "terms": list(found.terms),
        "k": found.k,
        "left_out": [study for index, study in enumerate(data.studies) if index not in complete],
        "tau2_method": tau2_method,
        "interval": interval,
        "coefficients": [_coefficient(found, index, measure, steps) for index in range(len(found.terms))],
        "tau2": found.tau2,
        "tau2_ci_low": spread.tau2_ci_low,
        "tau2_ci_high": spread.tau2_ci_high,
        "i2": spread.i2,
        "h2": spread.h2,
        "r2": explained(yi, vi, found, spread.q),
        "qe": spread.q,
        "qe_df": spread.q_df,
        "qe_p": spread.q_p,
        "qm": found.qm,
        "qm_df": found.qm_df,
        "qm_p": found.qm_p,
        "points": [
            {"study": data.studies[index], "weight": float(weight)}
            for index, weight in zip(complete, 100 * found.weights / found.weights.sum(), strict=True)
        ],
        "leave_one_out": _without_each(yi, vi, X, [data.studies[index] for index in complete], found, level),
        "curve": rounded(_curve(found, X, level), DRAWN_DIGITS) if columns.keys() == {model[0]} else [],
    }


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
            column=name,
            printed=word,
            remedy="leave cells without a number empty, or make all of them words",
        )
    # ASSUME: the alphabetically first category is the one that the others are compared with.
    categories = sorted(set(cells))
    if len(categories) < 2:  # noqa: PLR2004 (a difference needs two)
        raise ReanalysisError(
            f"the moderator {name!r} is the same for every study", column=name, remedy="leave it out of the models"
        )
    return {f"{name} = {one}": [float(cell == one) for cell in cells] for one in categories[1:]}


def _as_number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def explained(yi: FloatArray, vi: FloatArray, found: Fit, residual_q: float) -> float | None:
    """Return R2 in percent, None where there is nothing to explain.

    The share of tau2 that the moderators take away (Raudenbush 2009, in The Handbook of Research Synthesis
    and Meta-Analysis); for the common-effect model the adjusted R2 of the weighted regression.
    """
    mean = design({}, found.k)
    if found.tau2_method == "FE":
        total = heterogeneity(yi, vi, mean, "FE", 0.0, 0.95)
        residual_df = found.k - len(found.terms)
        if total.q == 0 or residual_df == 0:
            return None
        return max(0.0, 100 * (1 - (residual_q / residual_df) / (total.q / total.q_df)))
    before = between.estimate(found.tau2_method, yi, vi, mean)
    return max(0.0, 100 * (before - found.tau2) / before) if before > 0 else None


def _coefficient(found: Fit, index: int, measure: str, steps: dict[str, tuple[float, str]]) -> dict[str, Any]:
    term = found.terms[index]
    size, name = (0.0, "") if index == 0 else steps.get(term, ONE_UNIT)
    estimate, low, high = (float(values[index]) for values in (found.estimate, found.ci_low, found.ci_high))
    record: dict[str, Any] = {
        "term": term,
        "estimate": estimate,
        "se": float(found.se[index]),
        "stat": float(found.stat[index]),
        "df": None if math.isinf(found.df) else found.df,
        "p": float(found.p[index]),
        "ci_low": low,
        "ci_high": high,
    }
    if size:
        record |= {
            "step": size,
            "step_name": name,
            "step_effect": printable(measure, size * estimate),
            "step_ci_low": printable(measure, size * low),
            "step_ci_high": printable(measure, size * high),
        }
    return record


def _without_each(
    yi: FloatArray, vi: FloatArray, X: Design, studies: list[str], found: Fit, level: float
) -> list[dict[str, Any]]:
    """Return the last slope without each study; empty for several slopes, or where too few studies would be left."""
    if X.p != 2 or X.k <= X.p + 1:  # noqa: PLR2004 (intercept and slope)
        return []
    made = []
    for place, study in enumerate(studies):
        values = np.delete(X.X[:, 1], place)
        if float(np.ptp(values)) == 0:
            continue  # the others are all the same: no slope is left
        rest = design({X.terms[1]: list(values)}, X.k - 1)
        one = fit(np.delete(yi, place), np.delete(vi, place), rest, found.tau2_method, found.interval, level)
        numbers = {"estimate": one.estimate, "ci_low": one.ci_low, "ci_high": one.ci_high, "p": one.p}
        made.append({"study": study, **{name: float(value[1]) for name, value in numbers.items()}, "tau2": one.tau2})
    return made


def _curve(found: Fit, X: Design, level: float) -> list[dict[str, float | None]]:
    """Return the fitted line over the range of one moderator, with the bands of the mean and of a new study."""
    values = X.X[:, 1]
    grid = np.linspace(values.min(), values.max(), CURVE_POINTS)
    rows = np.column_stack([np.ones_like(grid), grid])
    line = rows @ found.estimate
    # On orthonormal columns, so that the variance at a year is not the small difference of two large numbers.
    turned = np.linalg.solve(X.R.T, rows.T)
    middle = X.R @ found.covariance @ X.R.T
    variance = np.einsum("pg,pq,qg->g", turned, middle, turned)
    df = found.df if math.isfinite(found.df) else found.k - X.p - 1
    confidence = critical_value(level, found.df) * np.sqrt(variance)
    # ASSUME: a new study's effect is predicted with t on k - p - 1 degrees of freedom beside a Wald interval,
    # as Higgins and others do for the mean.
    # A common effect has nothing to predict, and without a degree of freedom nothing can be.
    predicts = found.tau2_method != "FE" and df > 0
    prediction = (
        critical_value(level, df) * np.sqrt(variance + found.tau2) if predicts else np.full(CURVE_POINTS, np.nan)
    )
    return [
        {
            "x": float(grid[g]),
            "fit": float(line[g]),
            "ci_low": float(line[g] - confidence[g]),
            "ci_high": float(line[g] + confidence[g]),
            "prediction_low": float(line[g] - prediction[g]) if predicts else None,
            "prediction_high": float(line[g] + prediction[g]) if predicts else None,
        }
        for g in range(CURVE_POINTS)
    ]

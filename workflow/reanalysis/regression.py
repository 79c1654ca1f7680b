"""Meta-regression: how the effect changes with a moderator, or with several together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from reanalysis import batch
from reanalysis.collinearity import collinearity, inflation
from reanalysis.dataset import Dataset
from reanalysis.design import Design, FloatArray, design
from reanalysis.digits import DRAWN_DIGITS, rounded
from reanalysis.distributions import critical_value
from reanalysis.measures import printable
from reanalysis.mixed_effects import Choices, Fit, fit, heterogeneity
from reanalysis.moderators import ONE_UNIT, fitted_or_not, model_design
from reanalysis.permutation import PermutationTest, Resampling, permutation_test

# Points of a fitted line: enough for a band that is curved.
CURVE_POINTS = 61

# Studies for each slope, below which a result may well be chance (Cochrane Handbook, section 10.11.5.1).
STUDIES_A_SLOPE = 10


def regress_all(
    data: Dataset,
    models: Sequence[tuple[str, ...]],
    measure: str,
    choices: Choices,
    resampling: Resampling | None = None,
) -> dict[str, Any]:
    """Return the content of `regression.json`: one entry a model; the schema says what each key means.

    Parameters
    ----------
    resampling
        Of the permutation tests; without it there are none.

    Raises
    ------
    ReanalysisError
        Where a model cannot be fitted: it names the moderator.
    """
    fitted, not_fitted = fitted_or_not(data, models)
    return {
        "schema_version": 1,
        "measure": measure,
        "level": choices.level,
        "models": [regress(data, model, measure, choices, resampling) for model in fitted],
        "not_fitted": not_fitted,
    }


def regress(
    data: Dataset,
    model: tuple[str, ...],
    measure: str,
    choices: Choices,
    resampling: Resampling | None = None,
) -> dict[str, Any]:
    """Return one meta-regression as `regression.json` keeps it.

    Raises
    ------
    ReanalysisError
        Where the model cannot be fitted: it names the moderator.
    """
    made = model_design(data, model)
    complete, X = made.complete, made.design
    yi, vi = data.yi[complete], data.vi[complete]
    found = fit(yi, vi, X, choices)
    spread = heterogeneity(yi, vi, X, choices, found.tau2)
    record = {
        "name": " + ".join(model),
        "caution": caution(found.k, len(found.terms) - 1),
        "terms": list(found.terms),
        "k": found.k,
        "left_out": [study for index, study in enumerate(data.studies) if index not in complete],
        "tau2_method": choices.tau2_method,
        "interval": choices.interval,
        "coefficients": [_coefficient(found, X, index, measure, made.steps) for index in range(len(found.terms))],
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
        "collinearity": collinearity(X, found.weights, made.blocks),
        "points": [
            {"study": data.studies[index], "weight": float(weight)}
            for index, weight in zip(complete, 100 * found.weights / found.weights.sum(), strict=True)
        ],
        "leave_one_out": _without_each(yi, vi, X, [data.studies[index] for index in complete], choices),
        "curve": rounded(_curve(found, X, choices.level), DRAWN_DIGITS) if made.columns.keys() == {model[0]} else [],
    }
    return record if resampling is None else _permuted(record, permutation_test(yi, vi, X, choices, resampling))


def caution(k: int, slopes: int) -> str:
    """Return why a model with so few studies should be doubted; empty where it has ten for each slope."""
    if k >= STUDIES_A_SLOPE * slopes:
        return ""
    counted = "1 slope" if slopes == 1 else f"{slopes} slopes"
    return (
        f"{k} studies for {counted}: with fewer than {STUDIES_A_SLOPE} for each, a slope may well be chance "
        "(Cochrane Handbook, section 10.11.5.1)"
    )


def _permuted(record: dict[str, Any], test: PermutationTest) -> dict[str, Any]:
    """Return a model with its permutation p values."""
    first, *slopes = record["coefficients"]
    ps = zip(slopes, test.p.tolist(), test.error.tolist(), strict=True)
    return record | {
        "coefficients": [first, *(one | {"permutation_p": p, "permutation_p_error": error} for one, p, error in ps)],
        "qm_permutation_p": test.qm_p,
        "qm_permutation_p_error": test.qm_error,
        "permutations": test.count,
        "permutations_exact": test.exact,
    }


def explained(yi: FloatArray, vi: FloatArray, found: Fit, residual_q: float) -> float | None:
    """Return R2 in percent, None where there is nothing to explain.

    The share of tau2 that the moderators take away (Raudenbush 2009, in The Handbook of Research Synthesis
    and Meta-Analysis); for the common-effect model the adjusted R2 of the weighted regression.
    """
    if found.tau2_method == "FE":
        total = float(batch.fit(yi, vi, tau2="FE").q[0])
        residual_df = found.k - len(found.terms)
        if total == 0 or residual_df == 0:
            return None
        return max(0.0, 100 * (1 - (residual_q / residual_df) / (total / (found.k - 1))))
    before = float(batch.fit(yi, vi, tau2=found.tau2_method).tau2[0])
    return max(0.0, 100 * (before - found.tau2) / before) if before > 0 else None


def _coefficient(
    found: Fit, X: Design, index: int, measure: str, steps: dict[str, tuple[float, str]]
) -> dict[str, Any]:
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
            "vif": inflation(X.X, found.weights, [index]),
            "step": size,
            "step_name": name,
            "step_effect": printable(measure, size * estimate),
            "step_ci_low": printable(measure, size * low),
            "step_ci_high": printable(measure, size * high),
        }
    return record


def _without_each(
    yi: FloatArray, vi: FloatArray, X: Design, studies: list[str], choices: Choices
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
        one = fit(np.delete(yi, place), np.delete(vi, place), rest, choices)
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

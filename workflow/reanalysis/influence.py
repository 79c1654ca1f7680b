"""What each study does to the pool and to every meta-regression, and how the pool grew."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reanalysis import intervals
from reanalysis.batch import BatchFit
from reanalysis.cumulative import cumulative
from reanalysis.dataset import Dataset
from reanalysis.deletion import Diagnostics, diagnostics, without_each
from reanalysis.design import Design, FloatArray, design
from reanalysis.errors import ReanalysisError
from reanalysis.means import header, mean_records, number, p_values
from reanalysis.mixed_effects import Choices, fit
from reanalysis.moderators import fitted_or_not, model_design
from reanalysis.radial import radial

# What a study's record has of `Diagnostics`.
MOVES = ("rstudent", "dffits", "cooks_distance", "baujat_x", "baujat_y")
SIZES = ("cov_ratio", "hat", "weight")

# Decimals of a move: in standard errors, and in squares of them, less is rounding error, which no two machines share.
MOVE_DECIMALS = 12

ONE_STUDY = "a single study: without it there is nothing"
NO_SPREAD = "one study is left, and a spread between studies needs two: its diagnostics are not defined"
NO_FREEDOM = "the studies left are no more than the coefficients"
NOT_DETERMINED = "the studies left do not determine the model"


def influence_all(
    data: Dataset,
    years: Mapping[str, Sequence[float | None]],
    models: Sequence[tuple[str, ...]],
    measure: str,
    choices: Choices,
) -> dict[str, Any]:
    """Return the content of `influence.json`; the schema says what each key means.

    Parameters
    ----------
    years
        What a cumulative analysis is in the order of, to a year of each study of the data set.

    Raises
    ------
    ReanalysisError
        Where a model cannot be fitted: it names the moderator.
    """
    fitted, not_fitted = fitted_or_not(data, models)
    return {
        **header(measure, choices),
        "pooled": _pooled(data, measure, choices),
        "radial": radial(data, choices.level),
        "regressions": [_regression(data, model, choices) for model in fitted],
        "not_fitted": not_fitted,
        "cumulative": [{"by": by, **cumulative(data, values, measure, choices)} for by, values in years.items()],
    }


def _pooled(data: Dataset, measure: str, choices: Choices) -> dict[str, Any]:
    """Return the pool without each study, with what the study does to it."""
    k = len(data.studies)
    if k == 1:
        return {"k": k, "studies": [], "reason": ONE_STUDY}
    mean = design({}, k)
    without = without_each(data.yi, data.vi, None, choices)
    found = diagnostics(data.yi, data.vi, mean, without, choices)
    return {
        "k": k,
        "studies": [
            {
                "study": data.studies[place],
                **record,
                **_diagnosed(found, place),
                "dfbetas": _move(found.dfbetas[0, place]),
                "reason": NO_SPREAD if without.undefined[place] else "",
            }
            for place, record in enumerate(mean_records(without, measure, choices))
        ],
        "reason": "",
    }


def _regression(data: Dataset, model: tuple[str, ...], choices: Choices) -> dict[str, Any]:
    """Return the slopes of a model, those without each study, and what the study does to the model."""
    made = model_design(data, model)
    complete, X = made.complete, made.design
    yi, vi = data.yi[complete], data.vi[complete]
    whole = fit(yi, vi, X, choices)
    without = without_each(yi, vi, X, choices)
    found = diagnostics(yi, vi, X, without, choices)
    slopes = [_slopes(without, found, whole.estimate, term, choices) for term in range(1, X.p)]
    names, known = [data.studies[index] for index in complete], ~without.undefined
    return {
        "name": " + ".join(model),
        "k": X.k,
        "left_out": [study for index, study in enumerate(data.studies) if index not in complete],
        "slopes": [
            {
                "term": X.terms[term],
                "estimate": float(whole.estimate[term]),
                "sign_changes": [
                    name for name, one in zip(names, slopes[term - 1], strict=True) if one["sign_changed"]
                ],
            }
            for term in range(1, X.p)
        ],
        "studies": [
            {
                "study": name,
                "k": X.k - 1,
                **{key: number(getattr(without, key)[place]) if known[place] else None for key in ("tau2", "i2", "q")},
                **_diagnosed(found, place),
                "slopes": [{"term": term, **one[place]} for term, one in zip(X.terms[1:], slopes, strict=True)],
                "reason": "" if known[place] else _reason(X, place),
            }
            for place, name in enumerate(names)
        ],
    }


def _slopes(
    without: BatchFit, found: Diagnostics, whole: FloatArray, term: int, choices: Choices
) -> list[dict[str, Any]]:
    """Return a slope without each study; None where it cannot be told."""
    by, df = intervals.scale(without, choices.interval)
    low, high = intervals.limits(without, choices.interval, choices.level)
    estimate, se = without.estimate[term], np.sqrt(by) * without.se[term]
    p = p_values(estimate, se, df)
    arrays = {"estimate": estimate, "se": se, "ci_low": low[term], "ci_high": high[term], "df": df, "p": p}
    known = ~without.undefined
    return [
        {name: number(values[place]) if known[place] else None for name, values in arrays.items()}
        | {"dfbetas": _move(found.dfbetas[term, place])}
        | {"sign_changed": bool(np.sign(estimate[place]) * np.sign(whole[term]) < 0) if known[place] else None}
        for place in range(len(by))
    ]


def _diagnosed(found: Diagnostics, place: int) -> dict[str, Any]:
    """Return what a study does to a model."""
    known = math.isfinite(found.dffits[place])
    moves = {name: _move(getattr(found, name)[place]) for name in MOVES}
    sizes = {name: number(getattr(found, name)[place]) for name in SIZES}
    return moves | sizes | {"influential": bool(found.influential[place]) if known else None}


def _move(value: float) -> float | None:
    return number(round(float(value), MOVE_DECIMALS))


def _reason(X: Design, place: int) -> str:
    """Return why a model cannot be fitted without a study."""
    if X.k - 1 <= X.p:
        return f"{NO_FREEDOM}: {X.k - 1} for {X.p}"
    rest = np.delete(X.X, place, axis=0)
    try:
        design({term: list(rest[:, index]) for index, term in enumerate(X.terms) if index}, X.k - 1)
    except ReanalysisError as error:
        return f"without it {error.problem}"
    return NOT_DETERMINED

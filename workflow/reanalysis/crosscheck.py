"""The same numbers from an engine that shares no code with ours: statsmodels, reading with pandas.

Only what statsmodels computes itself is compared: the common effect, DerSimonian-Laird, Paule-Mandel, the Knapp-
Hartung interval (its weighted least squares with an estimated scale) and, given tau2, the weighted regressions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import statsmodels
import statsmodels.api as sm
from statsmodels.stats.meta_analysis import combine_effects

METHODS = {"FE": None, "DL": "chi2", "PM": "iterated"}

# statsmodels ends its Paule-Mandel steps here; a smaller bound can end below 0, where it gives up and says 0.
PAULE_MANDEL_TOLERANCE = 1e-9

# How far, as a share, Q may be from k - 1 at an estimate that counts as solved.
PAULE_MANDEL_ROOT = 1e-5

# More digits than the results carry cannot be compared; the last of ten may be rounded either way.
MOST_DIGITS = 9


def crosscheck(effects: pd.DataFrame, pooled: Mapping[str, Any], regression: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of `crosscheck.json`; the schema says what each key means.

    Parameters
    ----------
    effects
        `effects.csv` as pandas reads it, every cell a string.
    pooled, regression
        The content of the results to compare with.
    """
    rows, unsolved = effects[effects["included"] == "true"].copy(), []
    for name in ("yi", "sei"):
        rows[name] = pd.to_numeric(rows[name])
    level = float(pooled["level"])
    found: list[dict[str, Any]] = []
    for model in pooled["models"]:
        if model["tau2_method"] not in METHODS or model["interval"] == "hksj_guarded":
            continue
        try:
            found.extend(_pooled(rows, model, level))
        except NotSolvedError as error:
            unsolved.append({"model": _name(model), "reason": str(error)})
    for model in regression["models"]:
        # ASSUME: a moderator that statsmodels would have to code itself is left to the tests.
        if all(_own(rows, term) in rows.columns for term in model["terms"][1:]):
            found.extend(_regression(rows, model, level))
    return {
        "schema_version": 1,
        "engine": f"statsmodels {statsmodels.__version__}",
        "digits": min((one["digits"] for one in found), default=MOST_DIGITS),
        "not_solved": unsolved,
        "comparisons": found,
    }


class NotSolvedError(Exception):
    """The other engine's tau2 does not solve the equation that defines it."""


def _own(rows: pd.DataFrame, term: str) -> str:
    """Return the column of a moderator: one that is called like a column of ours stands under another heading."""
    return f"{term} (printed)" if f"{term} (printed)" in rows.columns else term


def _name(model: Mapping[str, Any]) -> str:
    return f"{model['tau2_method']}, {model['interval']}"


def _refuse_unsolved(yi: Any, vi: Any, tau2: float) -> None:  # noqa: ANN401 (arrays)
    """Refuse a Paule-Mandel estimate at which Q is not k - 1, or not below it where the estimate is 0."""
    weights = 1 / (vi + tau2)
    q = float(np.sum(weights * (yi - np.average(yi, weights=weights)) ** 2))
    goal = len(yi) - 1
    if q > goal * (1 + PAULE_MANDEL_ROOT) or (tau2 > 0 and q < goal * (1 - PAULE_MANDEL_ROOT)):
        raise NotSolvedError(f"at its tau2 of {tau2:.4g} Q is {q:.4g}, where it should be {goal}")


def agreeing_digits(ours: float, theirs: float) -> int:
    """Return how many significant digits two numbers share, `MOST_DIGITS` at most."""
    if not (math.isfinite(ours) and math.isfinite(theirs)):
        return 0
    scale = max(abs(ours), abs(theirs))
    if scale == 0 or ours == theirs:
        return MOST_DIGITS
    return max(0, min(MOST_DIGITS, math.floor(-math.log10(abs(ours - theirs) / scale))))


def _compare(model: str, quantity: str, ours: float | None, theirs: float) -> list[dict[str, Any]]:
    if ours is None:
        return []
    digits = agreeing_digits(ours, theirs)
    return [{"model": model, "quantity": quantity, "ours": ours, "theirs": float(theirs), "digits": digits}]


def _pooled(rows: pd.DataFrame, model: Mapping[str, Any], level: float) -> list[dict[str, Any]]:
    yi, vi = rows["yi"].to_numpy(), rows["sei"].to_numpy() ** 2
    method = METHODS[model["tau2_method"]]
    name = _name(model)
    tau2, found = 0.0, []
    combined = None
    if len(yi) > 1:
        options = {"atol": PAULE_MANDEL_TOLERANCE, "maxiter": 1000} if method == "iterated" else {}
        with np.errstate(invalid="ignore"):  # where it gives up below 0 it takes the root of that, too
            combined = combine_effects(yi, vi, method_re=method or "chi2", **options)
        found += _compare(name, "Q", model["q"], combined.q)
    if method is not None and combined is not None:
        tau2 = max(0.0, float(combined.tau2))
        if method == "iterated":
            _refuse_unsolved(yi, vi, tau2)
        found += _compare(name, "tau2", model["tau2"], tau2)
    fitted = _weighted(pd.DataFrame({"intercept": np.ones(len(yi))}), yi, vi + tau2, model["interval"], model["df"])
    return found + _coefficients(name, "", model, fitted, 0, level)


def _regression(rows: pd.DataFrame, model: Mapping[str, Any], level: float) -> list[dict[str, Any]]:
    terms = [_own(rows, term) for term in model["terms"][1:]]
    complete = rows[(rows[terms] != "").all(axis=1)]
    # A negative number may stand behind an apostrophe, which keeps spreadsheets from running it.
    values = complete[terms].apply(lambda column: pd.to_numeric(column.str.removeprefix("'")))
    # Centred, so that a year counted from 0 costs statsmodels no digits; slopes stay what they are.
    design = sm.add_constant(values - values.mean())
    variance = complete["sei"].to_numpy() ** 2 + model["tau2"]
    df = model["coefficients"][0]["df"]
    fitted = _weighted(design, complete["yi"].to_numpy(), variance, model["interval"], df)
    return [
        one
        for index, coefficient in enumerate(model["coefficients"])
        if index > 0
        for one in _coefficients(
            f"regression on {model['name']}", coefficient["term"], coefficient, fitted, index, level
        )
    ]


def _weighted(design: pd.DataFrame, yi: Any, variance: Any, interval: str, df: float | None) -> Any:  # noqa: ANN401
    """Return a weighted least squares fit: scale 1 and the normal distribution for Wald, else estimated and t.

    Parameters
    ----------
    interval, df
        As the results have them: without degrees of freedom they gave Wald's interval, whatever was asked for.
    """
    model = sm.WLS(yi, design, weights=1 / variance)
    if df is None:
        return model.fit(cov_type="fixed scale", use_t=False)
    found = model.fit(use_t=True)
    if interval == "hksj_guarded" and found.scale < 1:
        return model.fit(cov_type="fixed scale", use_t=True)
    return found


def _coefficients(
    model: str,
    term: str,
    ours: Mapping[str, Any],
    fitted: Any,  # noqa: ANN401 (untyped library)
    index: int,
    level: float,
) -> list[dict[str, Any]]:
    low, high = np.asarray(fitted.conf_int(alpha=1 - level))[index]
    theirs = {
        "estimate": np.asarray(fitted.params)[index],
        "se": np.asarray(fitted.bse)[index],
        "p": np.asarray(fitted.pvalues)[index],
        "ci_low": low,
        "ci_high": high,
    }
    label = f"{term} " if term else ""
    return [one for name, value in theirs.items() for one in _compare(model, label + name, ours[name], float(value))]

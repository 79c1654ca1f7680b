"""The pooled estimate under every estimator of tau2 and every interval."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reanalysis.dataset import Dataset
from reanalysis.design import FloatArray, design
from reanalysis.distributions import critical_value
from reanalysis.measures import is_ratio, printable
from reanalysis.mixed_effects import INTERVALS, Fit, fit, heterogeneity
from reanalysis.tau2 import ESTIMATORS

# ASSUME: two studies say too little of tau2 for an interval that rests on it.
PREDICTION_STUDIES = 3


def prediction_interval(estimate: float, se: float, tau2: float, df: float, level: float) -> tuple[float, float]:
    """Return the interval that the true effect of a new study lies in.

    estimate ± t(df) sqrt(tau2 + se^2) (Higgins, Thompson, Spiegelhalter 2009, J R Stat Soc A 172:137).

    Parameters
    ----------
    df
        k - 2 with a Wald standard error, as in that paper; k - 1 with Knapp and Hartung's, as metafor does.
    """
    margin = critical_value(level, df) * math.sqrt(tau2 + se**2)
    return estimate - margin, estimate + margin


def pool(yi: FloatArray, vi: FloatArray, measure: str, tau2_method: str, interval: str, level: float) -> dict[str, Any]:
    """Return one pooled model as `pooled.json` keeps it; the schema says what each key means.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances on the scale of the analysis, shape (k,), vi > 0.
    """
    mean = design({}, len(yi))
    found = fit(yi, vi, mean, tau2_method, interval, level)
    spread = heterogeneity(yi, vi, mean, tau2_method, found.tau2, level)
    estimate, se = float(found.estimate[0]), float(found.se[0])
    prediction = _prediction(found, estimate, se, level)
    record = {
        "tau2_method": tau2_method,
        "interval": interval,
        "k": found.k,
        "estimate": estimate,
        "se": se,
        "ci_low": float(found.ci_low[0]),
        "ci_high": float(found.ci_high[0]),
        "stat": float(found.stat[0]),
        "df": None if math.isinf(found.df) else found.df,
        "p": float(found.p[0]),
        "tau2": found.tau2,
        **{name: getattr(spread, name) for name in ("tau2_ci_low", "tau2_ci_high", "i2", "i2_ci_low", "i2_ci_high")},
        **{name: getattr(spread, name) for name in ("h2", "q", "q_df", "q_p")},
        "prediction_low": prediction[0],
        "prediction_high": prediction[1],
    }
    if is_ratio(measure):
        names = ("estimate", "ci_low", "ci_high", "prediction_low", "prediction_high")
        ratios = {name: printable(measure, record[name]) for name in names}
        record |= {"ratio" if name == "estimate" else f"ratio_{name}": value for name, value in ratios.items()}
    return record


def _prediction(found: Fit, estimate: float, se: float, level: float) -> tuple[float | None, float | None]:
    """Return the prediction interval, None for the common-effect model and for too few studies."""
    if found.tau2_method == "FE" or found.k < PREDICTION_STUDIES:
        return None, None
    df = found.k - 2 if math.isinf(found.df) else found.df
    return prediction_interval(estimate, se, found.tau2, df, level)


def pool_all(data: Dataset, measure: str, tau2_method: str, interval: str, level: float) -> dict[str, Any]:
    """Return the content of `pooled.json`: the primary model, its weights, all models, and it without each study."""
    yi, vi, studies = data.yi, data.vi, data.studies
    models = [pool(yi, vi, measure, method, name, level) for method in ESTIMATORS for name in INTERVALS]
    primary = next(one for one in models if (one["tau2_method"], one["interval"]) == (tau2_method, interval))
    without = [
        {"study": study} | pool(np.delete(yi, place), np.delete(vi, place), measure, tau2_method, interval, level)
        for place, study in enumerate(studies if len(studies) > 1 else [])
    ]
    weights = 1 / (vi + primary["tau2"])
    shares = 100 * weights / np.sum(weights)
    return {
        "schema_version": 1,
        "measure": measure,
        "level": level,
        "primary": primary,
        "weights": [{"study": one, "weight": float(share)} for one, share in zip(studies, shares, strict=True)],
        "models": models,
        "leave_one_out": without,
    }

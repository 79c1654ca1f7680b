"""The pooled estimate under every estimator of tau2 and every interval."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from reanalysis import intervals
from reanalysis.dataset import Dataset
from reanalysis.design import FloatArray, design
from reanalysis.henmi_copas import henmi_copas
from reanalysis.intervals import INTERVALS
from reanalysis.measures import is_ratio, printable
from reanalysis.mixed_effects import Choices, fit, heterogeneity
from reanalysis.permutation import Resampling
from reanalysis.sign_flip import sign_flip_test
from reanalysis.tau2 import ESTIMATORS


def pool(yi: FloatArray, vi: FloatArray, measure: str, choices: Choices) -> dict[str, Any]:
    """Return one pooled model as `pooled.json` keeps it; the schema says what each key means.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances on the scale of the analysis, shape (k,), vi > 0.
    """
    mean = design({}, len(yi))
    found = fit(yi, vi, mean, choices)
    spread = heterogeneity(yi, vi, mean, choices, found.tau2)
    predicted = intervals.prediction(found.batch, choices.interval, choices.level)
    record = {
        "tau2_method": choices.tau2_method,
        "interval": choices.interval,
        "k": found.k,
        "estimate": float(found.estimate[0]),
        "se": float(found.se[0]),
        "ci_low": float(found.ci_low[0]),
        "ci_high": float(found.ci_high[0]),
        "stat": float(found.stat[0]),
        "df": None if math.isinf(found.df) else found.df,
        "p": float(found.p[0]),
        "tau2": found.tau2,
        **{name: getattr(spread, name) for name in ("tau2_ci_low", "tau2_ci_high", "i2", "i2_ci_low", "i2_ci_high")},
        **{name: getattr(spread, name) for name in ("h2", "q", "q_df", "q_p")},
        "loglik": float(found.batch.loglik[0]),
        **{
            f"prediction_{end}": None if np.isnan(value[0, 0]) else float(value[0, 0])
            for end, value in zip(("low", "high"), predicted, strict=True)
        },
    }
    names = ("estimate", "ci_low", "ci_high", "prediction_low", "prediction_high")
    return record | _ratios(record, names, measure)


def pool_henmi_copas(yi: FloatArray, vi: FloatArray, measure: str, level: float) -> dict[str, Any] | None:
    """Return Henmi and Copas' interval as `pooled.json` keeps it; None for a single study.

    Parameters
    ----------
    yi, vi
        As for `pool`.
    level
        Confidence level in (0, 1).
    """
    found = henmi_copas(yi, vi, level)
    if found is None:
        return None
    record = asdict(found)
    return record | _ratios(record, ("estimate", "ci_low", "ci_high"), measure)


def _ratios(record: dict[str, Any], names: tuple[str, ...], measure: str) -> dict[str, Any]:
    """Return some numbers of a record as ratios, under the names of the results; nothing where there are no ratios."""
    if not is_ratio(measure):
        return {}
    return {"ratio" if name == "estimate" else f"ratio_{name}": printable(measure, record[name]) for name in names}


def pool_all(data: Dataset, measure: str, choices: Choices, resampling: Resampling | None = None) -> dict[str, Any]:
    """Return the content of `pooled.json`: the primary model, its weights, all models, and it without each study.

    Parameters
    ----------
    resampling
        Of the sign-flip test; without it there is none.
    """
    yi, vi, studies = data.yi, data.vi, data.studies
    models = [
        pool(yi, vi, measure, Choices(method, name, choices.level)) for method in ESTIMATORS for name in INTERVALS
    ]
    primary = next(
        one for one in models if (one["tau2_method"], one["interval"]) == (choices.tau2_method, choices.interval)
    )
    without = [
        {"study": study} | pool(np.delete(yi, place), np.delete(vi, place), measure, choices)
        for place, study in enumerate(studies if len(studies) > 1 else [])
    ]
    weights = 1 / (vi + primary["tau2"])
    shares = 100 * weights / np.sum(weights)
    return {
        "schema_version": 1,
        "measure": measure,
        "level": choices.level,
        "primary": primary,
        "weights": [{"study": one, "weight": float(share)} for one, share in zip(studies, shares, strict=True)],
        "sign_flip": None if resampling is None else sign_flip_test(yi, vi, choices, resampling),
        "henmi_copas": pool_henmi_copas(yi, vi, measure, choices.level),
        "models": models,
        "leave_one_out": without,
    }

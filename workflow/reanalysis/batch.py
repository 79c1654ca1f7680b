"""The mixed-effects model of `mixed_effects` for many data sets with one shared design at once.

ASSUME: what `mixed_effects` assumes, of each data set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reanalysis import batch_tau2 as between
from reanalysis.batch_tau2 import Sets, Weighted
from reanalysis.design import Design, FloatArray
from reanalysis.distributions import critical_value
from reanalysis.pooling import PREDICTION_STUDIES

# Numbers of one array that are worked on at a time: few enough to stay close to the processor, enough that the
# arithmetic outweighs its calls. A dozen such arrays are held, and a few more for each coefficient.
CELLS = 12_000
FEWEST = 32


@dataclass(frozen=True)
class BatchFit:
    """B fitted models.

    Parameters
    ----------
    k, tau2_method
        What the data sets share: the number of studies, a name in `tau2.ESTIMATORS`.
    estimate, se, ci_low, ci_high
        Shape (p, B), in the order of the terms, in the units of yi over those of the moderator.
    df
        Shape (B,): degrees of freedom of the reference distribution; infinite for the normal one.
    tau2
        Shape (B,), in the squared units of yi.
    i2
        Shape (B,): percent of the variability that is not sampling error.
    q
        Shape (B,): Cochran's Q of the residuals.
    """

    k: int
    tau2_method: str
    estimate: FloatArray
    se: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    df: FloatArray
    tau2: FloatArray
    i2: FloatArray
    q: FloatArray


def fit(yi: FloatArray, vi: FloatArray, design: Design, tau2_method: str, interval: str, level: float) -> BatchFit:
    """Fit the model to every column of yi and vi.

    Memory beyond arguments and results does not grow with B.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k, B), finite, vi > 0.
    design
        Of k studies and p coefficients, the same for every data set.
    tau2_method, interval
        A name in `tau2.ESTIMATORS` and in `mixed_effects.INTERVALS`, with the meanings they have there.
    level
        Confidence level in (0, 1).
    """
    k, count = yi.shape
    size = max(FEWEST, CELLS // k)
    coefficients = {name: np.empty((design.p, count)) for name in ("estimate", "se")}
    numbers = {name: np.empty(count) for name in ("df", "tau2", "i2", "q")}
    for start in range(0, count, size):
        part = slice(start, start + size)
        origin, sets = _shifted(np.ascontiguousarray(yi[:, part]), np.ascontiguousarray(vi[:, part]), design)
        tau2 = between.estimate(tau2_method, sets)
        found = sets.at(tau2)
        scale, df = _scale(found, yi[:, part], sets.df, interval)
        estimate, variance = _coefficients(found, design)
        estimate[0] += origin
        coefficients["estimate"][:, part] = estimate
        coefficients["se"][:, part] = np.sqrt(scale * variance)
        numbers["df"][part] = df
        numbers["tau2"][part] = tau2
        numbers["i2"][part] = _i2(sets, tau2_method, tau2)
        numbers["q"][part] = sets.zero.ypy
    margin = _critical_values(level, numbers["df"]) * coefficients["se"]
    return BatchFit(
        k=k,
        tau2_method=tau2_method,
        **coefficients,
        **numbers,
        ci_low=coefficients["estimate"] - margin,
        ci_high=coefficients["estimate"] + margin,
    )


def prediction(found: BatchFit, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the interval that the true effect of a new study lies in: two arrays of shape (B,).

    For fits of a mean; otherwise it is that of a study whose moderators are all 0. As `pooling.prediction_interval`,
    and NaN for the common-effect model and for too few studies.
    """
    if found.tau2_method == "FE" or found.k < PREDICTION_STUDIES:
        nothing = np.full_like(found.tau2, np.nan)
        return nothing, nothing
    df = np.where(np.isinf(found.df), found.k - 2, found.df)
    margin = _critical_values(level, df) * np.sqrt(found.tau2 + found.se[0] ** 2)
    return found.estimate[0] - margin, found.estimate[0] + margin


def _critical_values(level: float, df: FloatArray) -> FloatArray:
    """Return the critical value of each data set; there are at most two different ones."""
    different, places = np.unique(df, return_inverse=True)
    return np.array([critical_value(level, one) for one in different])[places]


def _shifted(yi: FloatArray, vi: FloatArray, design: Design) -> tuple[FloatArray, Sets]:
    """Return the effect of the most precise study, shape (n,), and data sets with effects counted from it.

    The residual of that study, which a large weight multiplies, so keeps all its digits where it alone makes the mean.
    """
    origin = np.take_along_axis(yi, np.argmin(vi, axis=0)[None, :], axis=0)[0]
    return origin, Sets(yi - origin, vi, design.Q[:, 1:])


def _scale(found: Weighted, yi: FloatArray, df: int, interval: str) -> tuple[FloatArray, FloatArray]:
    """Return what multiplies the covariance, and the degrees of freedom of the reference distribution.

    As in `mixed_effects`, with its assumptions: Wald's interval stands in where there is nothing to scale by.
    """
    noise = (len(yi) * np.finfo(float).eps) ** 2 * np.sum(found.weights * yi**2, axis=0)
    wald = (found.ypy <= noise) | (interval == "wald" or df == 0)
    scale = found.ypy / max(df, 1)
    if interval == "hksj_guarded":
        scale = np.maximum(1.0, scale)
    return np.where(wald, 1.0, scale), np.where(wald, math.inf, float(df))


def _coefficients(found: Weighted, design: Design) -> tuple[FloatArray, FloatArray]:
    """Return the coefficients and their variances without a scale, shape (p, n)."""
    p, n = design.p, len(found.trace_w)
    # With basis the columns of Q, the first one turned into ones: orthogonal columns = basis @ turn, X = basis @ upper.
    turn: FloatArray = np.zeros((p, p, n))
    for place, taken in enumerate(found.taken):
        turn[place, place] = 1
        for earlier, share in enumerate(taken):
            turn[:, place] -= turn[:, earlier] * share
    upper = design.R.copy()
    upper[0] *= design.Q[0, 0]
    turn = np.asarray(np.linalg.solve(upper, turn.reshape(p, p * n)), float).reshape(p, p, n)
    estimate = np.einsum("jan,an->jn", turn, np.array(found.along))
    variance: FloatArray = np.einsum("jan,an->jn", turn**2, 1 / np.array(found.norms))
    return estimate, variance


def _i2(sets: Sets, tau2_method: str, tau2: FloatArray) -> FloatArray:
    """Return I2 in percent, shape (n,), by the conventions and sources of `mixed_effects.heterogeneity`."""
    df, q = sets.df, sets.zero.ypy
    if df == 0:
        return np.zeros_like(q)
    if tau2_method == "FE":
        return 100 * np.maximum(0.0, q - df) / np.maximum(q, df)
    typical = df / sets.zero.trace_p
    share: FloatArray = 100 * tau2 / (typical + tau2)
    return share

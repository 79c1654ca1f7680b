"""Knapp and Hartung's scale, confidence limits and prediction intervals, of one fit or of many.

`hksj`: the covariance times sum w r^2 / (k - p), with Student's t of k - p degrees of freedom (Hartung and Knapp 2001,
Stat Med 20:3875; Knapp and Hartung 2003, Stat Med 22:2693). `hksj_guarded`: the same, the scale never below 1 (Röver et
al. 2015, BMC Med Res Methodol 15:99). `wald`: no scale, and the normal distribution.
"""

from __future__ import annotations

import math

import numpy as np

from reanalysis.batch import BatchFit
from reanalysis.design import FloatArray
from reanalysis.distributions import critical_value, two_sided_p

INTERVALS = ("wald", "hksj", "hksj_guarded")

# ASSUME: two studies say too little of tau2 for an interval that rests on it.
PREDICTION_STUDIES = 3


def scale(found: BatchFit, interval: str) -> tuple[FloatArray, FloatArray]:
    """Return what multiplies the covariance, and the degrees of freedom of the reference distribution, shape (B,) each.

    Degrees of freedom are infinite for the normal distribution.

    Parameters
    ----------
    interval
        A name in `INTERVALS`.
    """
    # ASSUME: the scale is taken for the common-effect model too, where it is that of weighted least squares; metafor
    # computes it and warns that it was not meant for it.
    return scale_of(found.rss, found.noise, found.df, interval)


def scale_of(rss: FloatArray, noise: FloatArray, df: FloatArray, interval: str) -> tuple[FloatArray, FloatArray]:
    """Return what `scale` does, from weighted residual sums of squares and their residual degrees of freedom.

    Parameters
    ----------
    rss, noise, df
        Of one shape; an `rss` up to `noise` is rounding error.
    interval
        A name in `INTERVALS`.
    """
    # ASSUME: without a residual degree of freedom, Wald's interval stands in for Knapp and Hartung's; with residuals of
    # rounding error only it stands in for the unguarded one, whose scale would be 0. The guarded one needs no residual:
    # its scale is 1 there, with Student's t.
    wald = (df <= 0) | (interval == "wald") | ((rss <= noise) & (interval == "hksj"))
    by = rss / np.maximum(df, 1)
    if interval == "hksj_guarded":
        by = np.maximum(1.0, by)
    return np.where(wald, 1.0, by), np.where(wald, math.inf, df)


def limits(found: BatchFit, interval: str, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the confidence limits of every coefficient, each of the shape of `found.estimate`.

    Parameters
    ----------
    interval, level
        A name in `INTERVALS`, and the confidence level in (0, 1).
    """
    by, df = scale(found, interval)
    margin = critical_values(level, df) * np.sqrt(by) * found.se
    return found.estimate - margin, found.estimate + margin


def prediction(found: BatchFit, interval: str, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the interval that the true effect of a new study lies in, for fits of a mean: two arrays of shape (B,).

    estimate ± t(df) sqrt(tau2 + se^2), with k - 2 degrees of freedom beside a Wald standard error (Higgins, Thompson,
    Spiegelhalter 2009, J R Stat Soc A 172:137), k - 1 beside Knapp and Hartung's, as metafor does. NaN for the
    common-effect model, and for too few studies.
    """
    by, df = scale(found, interval)
    predicts = (found.k >= PREDICTION_STUDIES) & (found.tau2_method != "FE")
    df = np.where(predicts, np.where(np.isinf(df), found.k - 2, df), 1.0)
    margin = critical_values(level, df) * np.sqrt(found.tau2 + by * found.se**2)
    margin = np.where(predicts, margin, np.nan)
    return found.estimate - margin, found.estimate + margin


def tests(estimate: FloatArray, se: FloatArray, df: float, level: float) -> dict[str, FloatArray]:
    """Return `stat`, the two-sided `p`, `ci_low` and `ci_high` of coefficients, each of shape (p,).

    Parameters
    ----------
    estimate, se
        Shape (p,).
    df
        Degrees of freedom of Student's t; infinite for the normal distribution.
    level
        Confidence level in (0, 1).
    """
    stat = estimate / se
    margin = critical_value(level, df) * se
    p = np.array([two_sided_p(value, df) for value in stat])
    return {"stat": stat, "p": p, "ci_low": estimate - margin, "ci_high": estimate + margin}


def critical_values(level: float, df: FloatArray) -> FloatArray:
    """Return the critical value of each number of degrees of freedom, of which few are different."""
    different, places = np.unique(df, return_inverse=True)
    return np.array([critical_value(level, one) for one in different])[places]

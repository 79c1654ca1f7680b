"""What the residuals say about spread: Q, I2, H2, and their intervals.

The typical sampling variance is (k - p) / tr P at tau2 = 0 (Higgins and Thompson 2002, Stat Med 21:1539; for moderators
as in Viechtbauer 2010, J Stat Softw 36(3)). For the common-effect model I2 comes from Q.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reanalysis.design import FloatArray
from reanalysis.distributions import chi2_quantile, chi2_upper
from reanalysis.sets import Sets
from reanalysis.tau2 import q_root


@dataclass(frozen=True)
class Heterogeneity:
    """What the residuals of one fit say about spread; intervals are None for the common-effect model.

    Parameters
    ----------
    q, q_df, q_p
        Cochran's Q of the residuals, its degrees of freedom and p value (None without degrees of freedom).
    i2, i2_ci_low, i2_ci_high
        Percent of the variability that is not sampling error.
    h2
        Total over sampling variability.
    tau2_ci_low, tau2_ci_high
        Q-profile interval of tau2.
    """

    q: float
    q_df: int
    q_p: float | None
    i2: float
    h2: float
    tau2_ci_low: float | None
    tau2_ci_high: float | None
    i2_ci_low: float | None
    i2_ci_high: float | None


def heterogeneity(sets: Sets, tau2_method: str, tau2: float, level: float) -> Heterogeneity:
    """Return Q, I2, H2 and, for a model with tau2, the Q-profile intervals (Viechtbauer 2007, Stat Med 26:37).

    Parameters
    ----------
    sets
        One data set.
    tau2_method, tau2
        The estimator and its value.
    level
        Confidence level in (0, 1).
    """
    q, df = float(sets.zero.ypy[0]), int(sets.df[0])
    if df <= 0:
        return Heterogeneity(q, df, None, 0.0, 1.0, None, None, None, None)
    share = float(i2(sets, tau2_method, np.array([tau2]))[0])
    q_p = chi2_upper(q, df)
    if tau2_method == "FE":
        return Heterogeneity(q, df, q_p, share, q / df, None, None, None, None)
    typical = float(typical_variance(sets)[0])
    tail = (1 - level) / 2
    low, high = (float(q_root(sets, np.array([chi2_quantile(one, df)]))[0]) for one in (tail, 1 - tail))
    shares = [100 * value / (typical + value) for value in (low, high)]
    return Heterogeneity(q, df, q_p, share, tau2 / typical + 1, low, high, *shares)


def typical_variance(sets: Sets) -> FloatArray:
    """Return the typical sampling variance of data sets with more studies than coefficients, shape (n,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return sets.df / sets.zero.trace_p


def i2(sets: Sets, tau2_method: str, tau2: FloatArray) -> FloatArray:
    """Return I2 in percent, shape (n,); 0 where there are no more studies than coefficients."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if tau2_method == "FE":
            q = sets.zero.ypy
            share = 100 * np.maximum(0.0, q - sets.df) / np.maximum(q, sets.df)
        else:
            share = 100 * tau2 / (typical_variance(sets) + tau2)
    return np.where(sets.df > 0, share, 0.0)

"""Tails and quantiles, from scipy.special: importing scipy.stats would take longer than the analysis."""

from __future__ import annotations

import math

from scipy import special


def critical_value(level: float, df: float = math.inf) -> float:
    """Return how many standard errors a two-sided interval of a level in (0, 1) reaches on each side.

    Parameters
    ----------
    level
        The confidence level, such as 0.95.
    df
        Degrees of freedom of Student's t; infinite for the normal distribution.
    """
    # The lower tail keeps its digits where the level is very high.
    tail = (1 - level) / 2
    return -float(special.ndtri(tail) if math.isinf(df) else special.stdtrit(df, tail))


def two_sided_p(statistic: float, df: float = math.inf) -> float:
    """Return the two-sided p value of a z statistic, or of a t statistic with finite `df`."""
    tail = -abs(statistic)
    return 2 * float(special.ndtr(tail) if math.isinf(df) else special.stdtr(df, tail))


def z_of_p(p: float) -> float:
    """Return the absolute z statistic of a two-sided p value in (0, 1]; infinite for a p of 0 or less."""
    return math.inf if p <= 0 else -float(special.ndtri(min(p, 1.0) / 2))


def chi2_upper(statistic: float, df: float) -> float:
    """Return the upper-tail probability of a chi-squared statistic."""
    return float(special.chdtrc(df, statistic))


def chi2_quantile(upper: float, df: float) -> float:
    """Return the chi-squared quantile of an upper-tail probability in (0, 1)."""
    return float(special.chdtri(df, upper))


def f_upper(statistic: float, df_numerator: float, df_denominator: float) -> float:
    """Return the upper-tail probability of an F statistic."""
    return float(special.fdtrc(df_numerator, df_denominator, statistic))

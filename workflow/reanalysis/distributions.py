"""Tails and quantiles, from scipy.special: importing scipy.stats would take longer than the analysis.

Even scipy.special is imported at the first call: the steps that only show results need none of it.
"""

from __future__ import annotations

import math
from functools import cache
from types import ModuleType

import numpy as np

from reanalysis.design import FloatArray


@cache
def _special() -> ModuleType:
    from scipy import special  # noqa: PLC0415 (0.3 s)

    return special


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
    return -float(_special().ndtri(tail) if math.isinf(df) else _special().stdtrit(df, tail))


def normal_lower(z: FloatArray) -> FloatArray:
    """Return the lower-tail probabilities of z statistics."""
    return np.asarray(_special().ndtr(z), float)


def normal_quantiles(lower: FloatArray) -> FloatArray:
    """Return the standard normal quantiles of lower-tail probabilities, of their shape; infinite at 0 and 1."""
    return np.asarray(_special().ndtri(lower), float)


def two_sided_p(statistic: float, df: float = math.inf) -> float:
    """Return the two-sided p value of a z statistic, or of a t statistic with finite `df`."""
    tail = -abs(statistic)
    return 2 * float(_special().ndtr(tail) if math.isinf(df) else _special().stdtr(df, tail))


def z_of_p(p: float, sides: int = 2) -> float:
    """Return the absolute z statistic of a one- or two-sided p value in (0, 1]; infinite for a p of 0 or less."""
    if p <= 0 or (sides == 1 and p >= 1):
        return math.inf
    return abs(float(_special().ndtri(min(p, 1.0) / sides)))


def chi2_upper(statistic: float, df: float) -> float:
    """Return the upper-tail probability of a chi-squared statistic."""
    return float(_special().chdtrc(df, statistic))


def chi2_quantile(upper: float, df: float) -> float:
    """Return the chi-squared quantile of an upper-tail probability in (0, 1)."""
    return float(_special().chdtri(df, upper))


def f_upper(statistic: float, df_numerator: float, df_denominator: float) -> float:
    """Return the upper-tail probability of an F statistic."""
    return float(_special().fdtrc(df_numerator, df_denominator, statistic))


def binomial_upper(successes: int, trials: int, chance: float) -> float:
    """Return the probability of at least so many successes in independent trials with one chance in [0, 1]."""
    return 1.0 if successes <= 0 else float(_special().bdtrc(successes - 1, trials, chance))

"""Tails and quantiles of the normal, t, chi-squared and F distributions, from the incomplete beta and gamma functions.

Every function carries 80 digits and returns 50, whatever the precision around it, except inside another function of
this package, which receives all 80. Formulas: Abramowitz and Stegun 1964, chapter 26.
"""

from __future__ import annotations

from functools import cache

from reanalysis.certification.precision import DIGITS, WORKING, bracketed_root, mp, mpf

_TAIL_DIGITS = 80
_SETTLED = 70


def _handed_out(value: mpf) -> mpf:
    """Return the value with 50 digits, or as it is inside a calculation at the working precision."""
    if mp.dps >= WORKING:
        return value
    with mp.workdps(DIGITS):
        return +value


def normal_upper(z: mpf) -> mpf:
    """Return the probability that a standard normal variable exceeds `z`."""
    with mp.workdps(_TAIL_DIGITS):
        tail = mp.erfc(mpf(z) / mp.sqrt(2)) / 2
    return _handed_out(tail)


def t_upper(t: mpf, df: mpf) -> mpf:
    """Return the probability that Student's t with `df` degrees of freedom exceeds `t`; infinite `df` is normal."""
    if mp.isnan(t):
        return mp.nan
    if mp.isinf(df):
        return normal_upper(t)
    with mp.workdps(_TAIL_DIGITS):
        t, df = mpf(t), mpf(df)
        outer = mp.betainc(df / 2, mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
        tail = outer if t >= 0 else 1 - outer
    return _handed_out(tail)


def two_sided_p(statistic: mpf, df: mpf = mp.inf) -> mpf:
    """Return the two-sided p value of a t statistic, or of a z statistic where `df` is infinite."""
    return 2 * t_upper(abs(statistic), df)


def chi2_upper(x: mpf, df: mpf) -> mpf:
    """Return the probability that a chi-squared variable exceeds `x` (1 for an `x` of 0 or less)."""
    if x <= 0:
        return mpf(1)
    with mp.workdps(_TAIL_DIGITS):
        tail = mp.gammainc(mpf(df) / 2, mpf(x) / 2, mp.inf, regularized=True)
    return _handed_out(tail)


def f_upper(x: mpf, df_numerator: mpf, df_denominator: mpf) -> mpf:
    """Return the probability that an F variable exceeds `x` (1 for an `x` of 0 or less)."""
    if x <= 0:
        return mpf(1)
    with mp.workdps(_TAIL_DIGITS):
        a, b = mpf(df_numerator), mpf(df_denominator)
        tail = mp.betainc(b / 2, a / 2, 0, b / (b + a * mpf(x)), regularized=True)
    return _handed_out(tail)


@cache
def _t_quantile(upper: mpf, df: mpf) -> mpf:
    """Return the t above which `upper` of the probability lies, to 70 digits, for `upper` below one half."""
    if mp.isinf(df):
        # The lower tail is 1 - 2 upper away from 0: exact at this precision for every float.
        start = mp.sqrt(2) * mp.erfinv(1 - 2 * upper)
        return bracketed_root(
            lambda z: (mp.erfc(z / mp.sqrt(2)) / 2 - upper, -mp.npdf(z)), start / 2, start * 2, mpf(0), _SETTLED
        )
    constant = mp.gamma((df + 1) / 2) / mp.gamma(df / 2) / mp.sqrt(df * mp.pi)

    def excess(t: mpf) -> tuple[mpf, mpf]:
        tail = mp.betainc(df / 2, mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
        return tail - upper, -constant * (1 + t * t / df) ** (-(df + 1) / 2)

    high = mpf(1)
    while excess(high)[0] > 0:
        high *= 2
    return bracketed_root(excess, mpf(0), high, mpf(0), _SETTLED)


def t_quantile(level: float, df: mpf = mp.inf) -> mpf:
    """Return how many standard errors a two-sided interval of a level in (0, 1) reaches on each side."""
    with mp.workdps(_TAIL_DIGITS):
        if not 0 < level < 1:
            raise ValueError("a confidence level lies between 0 and 1")
        quantile = _t_quantile((1 - mpf(level)) / 2, mpf(df))
    return _handed_out(quantile)


@cache
def _chi2_quantile(upper: mpf, df: mpf) -> mpf:
    """Return the chi-squared value above which `upper` of the probability lies, to 70 digits."""

    def excess(x: mpf) -> tuple[mpf, mpf]:
        tail = mp.gammainc(df / 2, x / 2, mp.inf, regularized=True)
        return tail - upper, -((x / 2) ** (df / 2 - 1)) * mp.exp(-x / 2) / (2 * mp.gamma(df / 2))

    high = df
    while excess(high)[0] > 0:
        high *= 2
    low = df
    while excess(low)[0] < 0:
        low /= 2
    return low if low == high else bracketed_root(excess, low, high, mpf(0), _SETTLED)


def chi2_quantile(upper: mpf, df: mpf) -> mpf:
    """Return the chi-squared value that is exceeded with a probability `upper` in (0, 1)."""
    with mp.workdps(_TAIL_DIGITS):
        quantile = _chi2_quantile(mpf(upper), mpf(df))
    return _handed_out(quantile)

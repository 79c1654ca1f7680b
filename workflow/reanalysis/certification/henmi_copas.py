"""Henmi and Copas' interval of a mean: Stat Med 2010;29:2969.

It is centred on the equal-effects mean, which publication bias moves less, with a standard error that allows for tau2
(DerSimonian and Laird's). Its quantile comes from the joint distribution of the mean and Q: given the mean, Q is
approximated by a gamma distribution with its conditional mean and variance.

ASSUME: for the quantile, that tau2 is DerSimonian and Laird's estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reanalysis.certification.precision import exact, false_position, fifty_digits, mp, mpf
from reanalysis.certification.reference import intercept
from reanalysis.certification.tau2 import tau2_of

_QUADRATURE_DIGITS = 30
_SETTLED = 22
_ENDS = (mpf(1), mpf(2), mpf(4), mpf(7), mpf(12))
"""Pieces of the integral over the normal density, counted from its lower end; what is beyond 12 is below 1e-32."""


@dataclass(frozen=True)
class HenmiCopas:
    """The mean, its standard error, the quantile that the standard error is multiplied with, and the limits; tau2."""

    estimate: mpf
    se: mpf
    quantile: mpf
    low: mpf
    high: mpf
    tau2: mpf


@fifty_digits
def henmi_copas(y: Sequence[float], v: Sequence[float], level: float = 0.95) -> HenmiCopas:
    """Return the interval of the mean of k effects with variances; its quantile to about 25 digits.

    Parameters
    ----------
    y, v
        Effects and sampling variances (k).
    level
        In (0, 1).
    """
    effects, variances = exact(y), exact(v)
    k = len(effects)
    tau2 = tau2_of("DL", y, v, intercept(k))
    weights = [1 / variance for variance in variances]
    first, second = mp.fsum(weights), mp.fsum(weight**2 for weight in weights)
    estimate = mp.fsum(weight * effect for weight, effect in zip(weights, effects, strict=True)) / first
    # The variance of the equal-effects mean where effects vary: sum of w^2 (v + tau2) over (sum of w)^2.
    inflation = 1 + tau2 * second / first
    se = mp.sqrt(inflation / first)
    level_terms, square_terms = _conditional_moments(weights, variances, tau2)
    quantile = _quantile(level_terms, square_terms, (first**2 - second) / second, k, level)
    reach = mp.sqrt(inflation) * quantile
    # The pivot divides the mean by its standard error at the estimated, not the true tau2.
    return HenmiCopas(estimate, se, reach, estimate - reach * se, estimate + reach * se, tau2)


def _conditional_moments(
    weights: Sequence[mpf], variances: Sequence[mpf], tau2: mpf
) -> tuple[tuple[mpf, mpf], tuple[mpf, mpf]]:
    """Return mean and variance of Q, given that the mean lies z standard errors from its expectation.

    Both are linear in z^2; the pairs are (mean, variance) at z = 0 and (mean, variance) per z^2. Q = e'Ae with
    A = W - ww'/sum of w. Given the mean, e is normal with an expectation m proportional to z and a covariance
    S = D - cc'/g, D of the variances v + tau2, c of the covariances with the mean and g its variance, so that
    E Q = tr(AS) + m'Am and Var Q = 2 tr(ASAS) + 4 m'ASAm. AS is the diagonal matrix WD and a left k by 2 times a right
    2 by k matrix, whose traces are sums over studies.
    """
    total = mp.fsum(weights)
    spread = [variance + tau2 for variance in variances]
    diagonal = [weight * one for weight, one in zip(weights, spread, strict=True)]
    # Covariance of an effect with the mean: w (v + tau2) / sum of w.
    shared = [one / total for one in diagonal]
    variance_of_mean = mp.fdot(weights, shared) / total
    # AS = WD + Wc (-c/g)' + w (-Dw / sum of w + (w'c) c / (g sum of w))'.
    left = [[weight * cell for weight, cell in zip(weights, shared, strict=True)], list(weights)]
    part = mp.fdot(weights, shared) / (variance_of_mean * total)
    right = [
        [-cell / variance_of_mean for cell in shared],
        [part * cell - one / total for cell, one in zip(shared, diagonal, strict=True)],
    ]
    inner = [[mp.fdot(one, other) for other in left] for one in right]
    trace = mp.fsum(diagonal) + inner[0][0] + inner[1][1]
    mixed = mp.fsum(
        one * mp.fdot(a, b)
        for one, a, b in zip(diagonal, zip(*left, strict=True), zip(*right, strict=True), strict=True)
    )
    crossed = mp.fsum(inner[i][j] * inner[j][i] for i in range(2) for j in range(2))
    trace_of_square = mp.fdot(diagonal, diagonal) + 2 * mixed + crossed
    slope = [cell / mp.sqrt(variance_of_mean) for cell in shared]
    level = mp.fdot(weights, slope) / total
    pulled = [weight * (one - level) for weight, one in zip(weights, slope, strict=True)]
    along = mp.fdot(pulled, slope)
    across = mp.fsum(one * cell**2 for one, cell in zip(spread, pulled, strict=True))
    across -= mp.fdot(shared, pulled) ** 2 / variance_of_mean
    return (trace, 2 * trace_of_square), (along, 4 * across)


def _quantile(level_terms: tuple[mpf, mpf], square_terms: tuple[mpf, mpf], ratio: mpf, k: int, level: float) -> mpf:
    """Return the t for which the pivot exceeds t times the root of the inflation with probability (1-level)/2.

    The pivot does so where z > t and tau2 as estimated from Q is small enough: Q at most
    ((z/t)^2 - 1) ((sum of w)^2 - sum of w^2)/(sum of w^2) + k - 1.
    """

    def excess(t: mpf) -> mpf:
        def density(z: mpf) -> mpf:
            mean = level_terms[0] + square_terms[0] * z**2
            variance = level_terms[1] + square_terms[1] * z**2
            ceiling = ratio * ((z / t) ** 2 - 1) + k - 1
            # A gamma variable of this mean and variance: shape mean^2/variance, scale variance/mean.
            below = mp.gammainc(mean**2 / variance, 0, ceiling * mean / variance, regularized=True)
            return below * mp.npdf(z)

        return mp.quad(density, [t, *(t + end for end in _ENDS)]) - (1 - mpf(level)) / 2

    with mp.workdps(_QUADRATURE_DIGITS):
        low, high = mpf(1), mpf(2)
        while excess(high) > 0:
            high *= 2
        while excess(low) < 0:
            low /= 2
        return false_position(excess, low, high, _SETTLED)

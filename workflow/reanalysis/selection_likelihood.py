"""The likelihood of a step-function selection model, with its first and second derivatives.

A study with effect y and sampling variance v has the one-sided p value 1 - Phi(y / sqrt(v)) of an effect above 0. The
chance that it is published is a step function of p, with one weight for each interval between the cut points; the first
weight is 1, because only ratios of weights can be known. Of the published studies

    log f(y) = log w(p) + log phi((y - mu) / eta) - log eta - log A,   A = sum_j w_j P(p in interval j),

with eta^2 = v + tau2 (Vevea and Hedges 1995, Psychometrika 60:419). A theta is (mu, tau2, log w_2, ..., log w_J).

ASSUME: selection favours p values of effects above 0: whoever looks for the other direction turns the signs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reanalysis.design import FloatArray

LOG_ROOT = math.log(2 * math.pi) / 2

# Places of mu, tau2 and the first log weight in a theta.
MU, TAU2, WEIGHTS = 0, 1, 2


@dataclass(frozen=True)
class Published:
    """The published studies, and the intervals of p that they lie in.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    cuts
        Shape (J - 1, k): the effects at which the p value of each study is a cut point, falling.
    counts
        Shape (J,): how many studies lie in each interval, that of the smallest p values first.
    """

    yi: FloatArray
    vi: FloatArray
    cuts: FloatArray
    counts: npt.NDArray[np.int_]

    @property
    def k(self) -> int:
        """The number of studies."""
        return len(self.yi)

    @property
    def size(self) -> int:
        """The number of elements of a theta."""
        return 1 + len(self.counts)


def published(yi: FloatArray, vi: FloatArray, steps: Sequence[float]) -> Published:
    """Return the studies by interval of p; a p value at a cut point lies in the interval below it.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    steps
        The J - 1 cut points of the one-sided p value, rising, in (0, 1).
    """
    cuts = -normal_quantile(np.asarray(steps, float))[:, None] * np.sqrt(vi)
    interval = (yi < cuts).sum(axis=0)
    return Published(yi, vi, cuts, np.bincount(interval, minlength=len(steps) + 1))


def log_masses(data: Published, mu: FloatArray, tau2: FloatArray) -> FloatArray:
    """Return the log probability of every interval of p, shape (J, k, G), at G pairs of mu and tau2.

    Each is taken from the tail in which it keeps its digits.
    """
    eta = np.sqrt(data.vi[:, None] + tau2)
    at = (data.cuts[:, :, None] - mu) / eta
    outer, inner = log_lower(-at[:1]), log_lower(at[-1:])
    high, low = at[:-1], at[1:]
    turned = high + low > 0
    high, low = np.where(turned, -low, high), np.where(turned, -high, low)
    top = log_lower(high)
    with np.errstate(divide="ignore"):
        between = top + np.log(-np.expm1(log_lower(low) - top))
    return np.concatenate([outer, between, inner])


def log_likelihoods(
    data: Published, mu: FloatArray, tau2: FloatArray, masses: FloatArray, log_weights: FloatArray
) -> FloatArray:
    """Return the log likelihood at G points, shape (G,).

    Parameters
    ----------
    masses
        What `log_masses` returns for these mu and tau2.
    log_weights
        Shape (J, G), the first row 0.
    """
    variance = data.vi[:, None] + tau2
    normal = -((data.yi[:, None] - mu) ** 2) / (2 * variance) - np.log(variance) / 2 - LOG_ROOT
    weighted = masses + log_weights[:, None]
    top = weighted.max(axis=0)
    log_a = top + np.log(np.exp(weighted - top).sum(axis=0))
    return np.asarray(data.counts @ log_weights + (normal - log_a).sum(axis=0), float)


def log_likelihood(data: Published, theta: FloatArray) -> float:
    """Return the log likelihood at one theta."""
    mu, tau2 = theta[:1], theta[1:2]
    return float(log_likelihoods(data, mu, tau2, log_masses(data, mu, tau2), _all_weights(theta)[:, None])[0])


def derivatives(data: Published, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the gradient, shape (p,), and the second derivatives, shape (p, p), of the log likelihood at one theta."""
    mu, tau2 = float(theta[MU]), float(theta[TAU2])
    log_weights = _all_weights(theta)
    variance = data.vi + tau2
    eta = np.sqrt(variance)
    weighted = log_masses(data, theta[:1], theta[1:2])[:, :, 0] + log_weights[:, None]
    top = weighted.max(axis=0)
    log_a = top + np.log(np.exp(weighted - top).sum(axis=0))
    share = np.exp(weighted - log_a)[1:]
    at = (data.cuts - mu) / eta
    # Of each cut point, phi(at) / A times the weights below it and above it: no weight or density alone overflows.
    log_density = -(at**2) / 2 - LOG_ROOT - log_a
    below = np.exp(log_density + log_weights[:-1, None])
    above = np.exp(log_density + log_weights[1:, None])
    step = below - above
    # Derivatives of A over A: by mu, by tau2, and of both twice.
    by_mu, by_tau2 = _moved(step, at, eta)
    twice_mu = (step * at).sum(axis=0) / variance
    mixed = (step * (at**2 - 1)).sum(axis=0) / (2 * variance * eta)
    twice_tau2 = (step * at * (at**2 - 3)).sum(axis=0) / (4 * variance**2)
    # The mass of interval j is moved at its two ends, times its weight: above the cut before it, below the one after.
    after = np.concatenate([below[1:], np.zeros((1, data.k))])
    at_after = np.concatenate([at[1:], np.zeros((1, data.k))])
    share_by_mu = (after - above) / eta
    share_by_tau2 = (after * at_after - above * at) / (2 * variance)

    away = data.yi - mu
    gradient = np.empty(data.size)
    gradient[MU] = (away / variance - by_mu).sum()
    gradient[TAU2] = ((away**2 / variance - 1) / (2 * variance) - by_tau2).sum()
    gradient[WEIGHTS:] = data.counts[1:] - share.sum(axis=1)
    second = np.empty((data.size, data.size))
    second[MU, MU] = (-1 / variance - twice_mu + by_mu**2).sum()
    second[MU, TAU2] = (-away / variance**2 - mixed + by_mu * by_tau2).sum()
    second[TAU2, TAU2] = ((1 / 2 - away**2 / variance) / variance**2 - twice_tau2 + by_tau2**2).sum()
    second[MU, WEIGHTS:] = (share * by_mu - share_by_mu).sum(axis=1)
    second[TAU2, WEIGHTS:] = (share * by_tau2 - share_by_tau2).sum(axis=1)
    second[WEIGHTS:, WEIGHTS:] = share @ share.T - np.diag(share.sum(axis=1))
    low = np.tril_indices(data.size, -1)
    second[low] = second.T[low]
    return gradient, second


def _moved(step: FloatArray, at: FloatArray, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the derivatives of A by mu and by tau2, over A, shape (k,) each."""
    return step.sum(axis=0) / eta, (step * at).sum(axis=0) / (2 * eta**2)


def _all_weights(theta: FloatArray) -> FloatArray:
    """Return the log weights of all J intervals, the first one 0."""
    return np.concatenate([[0.0], theta[WEIGHTS:]])


def normal_quantile(p: FloatArray) -> FloatArray:
    """Return the standard normal quantiles of lower-tail probabilities."""
    from scipy.special import ndtri  # noqa: PLC0415 (0.3 s)

    return np.asarray(ndtri(p), float)


def log_lower(z: FloatArray) -> FloatArray:
    """Return the logarithms of standard normal lower-tail probabilities, also where these would be 0."""
    from scipy.special import log_ndtr  # noqa: PLC0415 (0.3 s)

    return np.asarray(log_ndtr(z), float)

"""Henmi and Copas' confidence interval of a mean (Stat Med 2010;29:2969), which publication bias moves less.

It is centred on the mean of the common-effect model, in which small studies weigh least, with a standard error that
allows for DerSimonian and Laird's tau2. Its quantile comes from the joint distribution of the mean and Cochran's Q.

With w = 1 / vi, A = diag(w) - w w' / sum w, V = diag(vi) + tau2 I, and z the mean's distance from its expectation in
standard errors, Q is a quadratic form in A of normal effects. Given z their covariance is V - s s' and their
expectation z s, with s their covariances with z. So

    E(Q | z)   = tr AV + (z^2 - 1) s'As
    var(Q | z) = 2 tr AVAV + 4 (z^2 - 1) s'AVAs + (2 - 4 z^2) (s'As)^2,

and Q is taken for a gamma variable with this mean and variance.

ASSUME: for the quantile, that tau2 is as estimated.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from reanalysis import batch
from reanalysis.design import FloatArray
from reanalysis.distributions import critical_value

# Beyond so many standard errors the normal density is below 1e-31.
FAR = 12.0

# Nodes of each piece of the integral, and how many pieces it begins with: they are halved until nothing changes.
NODES, PIECES, MOST_PIECES = 20, 16, 4096

# Shares by which the integral and its root may be off.
INTEGRAL_TOLERANCE, ROOT_TOLERANCE = 1e-13, 1e-13

# Steps to the root, of which 66 were enough for variances of twelve orders of magnitude.
MOST_STEPS = 200

Law = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True)
class HenmiCopas:
    """The interval: its centre, standard error, limits, and tau2.

    Parameters
    ----------
    quantile
        How many standard errors the interval reaches on each side.
    """

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    quantile: float
    tau2: float


def henmi_copas(yi: FloatArray, vi: FloatArray, level: float) -> HenmiCopas | None:
    """Return the interval; None for a single study, which says nothing of a spread between studies.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    level
        Confidence level in (0, 1).
    """
    if len(yi) < 2:  # noqa: PLR2004 (a spread is between two)
        return None
    estimate = float(batch.fit(yi, vi, tau2="FE").estimate[0])
    tau2 = float(batch.fit(yi, vi, tau2="DL").tau2[0])
    weights = 1 / vi
    # The variance of the mean over what it would be with tau2 = 0.
    inflated = 1 + tau2 * float(weights @ weights / weights.sum())
    se = math.sqrt(inflated / float(weights.sum()))
    quantile = math.sqrt(inflated) * _distance(weights, tau2, level)
    return HenmiCopas(estimate, se, estimate - quantile * se, estimate + quantile * se, quantile, tau2)


def _form(weights: FloatArray) -> FloatArray:
    """Return A, shape (k, k); on its diagonal each weight times the share of all others, which keeps its digits."""
    total = weights.sum()
    form: FloatArray = -np.outer(weights, weights) / total
    others = np.array([np.delete(weights, place).sum() for place in range(len(weights))])
    np.fill_diagonal(form, weights * others / total)
    return form


def _law_of_q(weights: FloatArray, tau2: float) -> Law:
    """Return the function from z to mean and variance of Q given z.

    A diag(vi) A = A, and A times a constant is 0, so the traces and products are sums over weights.
    """
    k, total, form = len(weights), weights.sum(), _form(weights)
    second = weights @ weights / total
    free, inflated = np.trace(form), 1 + tau2 * second
    trace = k - 1 + tau2 * free
    trace_of_square = k - 1 + 2 * tau2 * free + tau2**2 * (form**2).sum()
    # A w = w (w - second), and a weight that outweighs all others is nearly `second`.
    beyond = (weights[:, None] - weights) @ weights / total
    spread, third = (weights**power @ beyond**2 / total for power in (1, 2))
    along = tau2**2 * spread / inflated
    across = tau2**2 * (spread + tau2 * third) / inflated

    def law(z: FloatArray) -> tuple[FloatArray, FloatArray]:
        variance = 2 * trace_of_square + 4 * (z**2 - 1) * across + (2 - 4 * z**2) * along**2
        return trace + (z**2 - 1) * along, variance

    return law


def _distance(weights: FloatArray, tau2: float, level: float) -> float:
    """Return the t at which the interval, t true standard errors to each side, would miss in 1 - level of all cases.

    It misses where z > t and Q is so small that the variance of the mean, estimated with DerSimonian and Laird's tau2,
    is below (z / t)^2 of the true one.
    """
    law, k = _law_of_q(weights, tau2), len(weights)
    ratio = np.trace(_form(weights)) * weights.sum() / (weights @ weights)
    tail = (1 - level) / 2

    def excess(t: float) -> float:
        def density(z: FloatArray) -> FloatArray:
            mean, variance = law(z)
            below = _gamma_lower(mean**2 / variance, mean / variance * (ratio * (z / t + 1) * (z / t - 1) + k - 1))
            return below * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)

        return _integral(density, t, t + FAR) / tail - 1

    highest = critical_value(level)
    lowest = highest / 2
    while excess(lowest) < 0:
        lowest /= 2
    return _root(excess, lowest, highest)


def _gamma_lower(shape: FloatArray, x: FloatArray) -> FloatArray:
    """Return the probability that a gamma variable of a shape and scale 1 is at most x."""
    from scipy import special  # noqa: PLC0415 (0.3 s)

    return np.asarray(special.gammainc(shape, x), float)


def _integral(density: Callable[[FloatArray], FloatArray], low: float, high: float) -> float:
    """Return the integral of a smooth function, by Gauss and Legendre's rule on ever shorter pieces."""
    nodes, weights = _rule()
    before, pieces = math.inf, PIECES
    while True:
        half = (high - low) / pieces / 2
        middles = low + half * (2 * np.arange(pieces) + 1)
        found = half * float(np.sum(density(middles[:, None] + half * nodes) @ weights))
        if abs(found - before) <= INTEGRAL_TOLERANCE * abs(found) or pieces >= MOST_PIECES:
            return found
        before, pieces = found, 2 * pieces


@cache
def _rule() -> tuple[FloatArray, FloatArray]:
    """Return nodes in (-1, 1) and their weights."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes, weights


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a falling function is 0, not below it at `low` nor above it at `high`.

    False position; an end that stays a second time has its value halved (Dowell and Jarratt 1971, BIT 11:168).
    """
    at_low, at_high = function(low), function(high)
    if at_high >= 0:
        return high
    moved = 0
    for _ in range(MOST_STEPS):
        middle = high - at_high * (high - low) / (at_high - at_low)
        value = function(middle)
        if value == 0 or min(middle - low, high - middle) <= ROOT_TOLERANCE * middle:
            break
        if value > 0:
            low, at_low = middle, value
            at_high /= 2 if moved > 0 else 1
            moved = 1
        else:
            high, at_high = middle, value
            at_low /= 2 if moved < 0 else 1
            moved = -1
    return middle

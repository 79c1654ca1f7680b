"""How much bias would leave few strong effects: sensitivity analysis of a pool for unmeasured confounding.

Parametric: true effects are normal round the pooled effect, bias factors log-normal (Mathur and VanderWeele 2020, J Am
Stat Assoc 115:163). The functions take a side on which effects are strong: those below a threshold. For the other side
turn all signs.

ASSUME: bias has moved every study away from no effect, by factors that do not depend on its true effect.
ASSUME: in the delta method the pooled effect and tau2 are independent, and tau2 is normal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reanalysis.distributions import critical_value, normal_lower, normal_quantiles, two_sided_p
from reanalysis.e_values import confounding_strength


@dataclass(frozen=True)
class Pool:
    """A pooled effect below no effect, or turned there, on the logarithmic scale.

    Parameters
    ----------
    estimate, se
        The pooled effect and its standard error.
    tau2, tau2_se
        The variance between studies, above 0, and its standard error.
    """

    estimate: float
    se: float
    tau2: float
    tau2_se: float


@dataclass(frozen=True)
class Bias:
    """The logarithm of the bias factor over studies: its mean, at least 0, and its standard deviation."""

    mean: float = 0.0
    sd: float = 0.0


@dataclass(frozen=True)
class Bounded:
    """An estimate, its standard error by the delta method, and its confidence limits."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float


def strong_effects(pool: Pool, threshold: float, bias: Bias, level: float) -> Bounded | None:
    """Return the proportion of true effects below a threshold; None where the bias varies as much as the effects do.

    Phi(z), z = (q - M - mu) / sqrt(tau2 - s^2), with the standard error phi(z) sqrt(se^2 / (tau2 - s^2) +
    se(tau2)^2 (q - M - mu)^2 / (4 (tau2 - s^2)^3)).

    Parameters
    ----------
    threshold
        q, on the logarithmic scale.
    level
        Of the interval, which is cut off at 0 and 1.
    """
    variance = pool.tau2 - bias.sd**2
    if variance <= 0:
        return None
    distance = threshold - pool.estimate - bias.mean
    z = distance / math.sqrt(variance)
    density = math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    # The second term is (se(tau2) z / (2 variance))^2, written so that it does not overflow.
    se = density * math.hypot(pool.se / math.sqrt(variance), pool.tau2_se * z / (2 * variance))
    return _bounded(float(normal_lower(np.array(z))), se, level, 0.0, 1.0)


def least_bias(pool: Pool, threshold: float, share: float, sd: float, level: float) -> Bounded | None:
    """Return T, the least mean bias factor that leaves no more than a share of true effects below a threshold.

    T = exp(q - M - z_r sqrt(tau2 - s^2)), at least 1; None where the bias varies as much as the effects do, or T is
    beyond any double.

    Parameters
    ----------
    threshold, share
        q, on the logarithmic scale, and r in (0, 1).
    sd
        s, the standard deviation of the log bias factors.
    level
        Of the interval, which is cut off at 1.
    """
    variance = pool.tau2 - sd**2
    if variance <= 0:
        return None
    z = float(normal_quantiles(np.array(share)))
    log_bias = threshold - pool.estimate - z * math.sqrt(variance)
    try:
        factor = math.exp(log_bias)
        se = factor * math.hypot(pool.se, pool.tau2_se * z / (2 * math.sqrt(variance)))
    except OverflowError:
        return None
    if log_bias <= 0:
        # No bias is needed: at the edge the delta method has no meaning.
        return Bounded(1.0, math.nan, math.nan, math.nan)
    return _bounded(factor, se, level, 1.0, math.inf)


def least_confounding(bias: Bounded, level: float) -> Bounded:
    """Return G = T + sqrt(T (T - 1)), the strength of confounding that can make a bias factor.

    Parameters
    ----------
    bias
        What `least_bias` returns.
    """
    factor = bias.estimate
    if factor <= 1:
        return Bounded(1.0, math.nan, math.nan, math.nan)
    slope = 1 + (2 * factor - 1) / (2 * math.sqrt(factor) * math.sqrt(factor - 1))
    return _bounded(confounding_strength(math.log(factor)), slope * bias.se, level, 1.0, math.inf)


def _bounded(estimate: float, se: float, level: float, least: float, most: float) -> Bounded:
    margin = critical_value(level) * se
    return Bounded(estimate, se, max(least, estimate - margin), min(most, estimate + margin))


@dataclass(frozen=True)
class Between:
    """The difference of two log ratios, or of two effects, with its test and limits."""

    estimate: float
    se: float
    stat: float
    p: float
    ci_low: float
    ci_high: float


def bias_between(one: tuple[float, float], other: tuple[float, float], level: float) -> Between:
    """Return how far an effect would have to move to be another: other - one.

    Its exponential is the bias factor that takes the first ratio to the second.

    Parameters
    ----------
    one, other
        Two effects and their standard errors, such as the pools of observational studies and of trials.
    """
    # ASSUME: the two share no patients, and both are normal round their true values.
    difference, se = other[0] - one[0], math.hypot(one[1], other[1])
    margin = critical_value(level) * se
    stat = difference / se
    return Between(difference, se, stat, two_sided_p(stat), difference - margin, difference + margin)

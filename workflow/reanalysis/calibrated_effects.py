"""Strong effects counted, not modelled: calibrated estimates and their bootstrap.

A calibrated estimate M + sqrt(tau2 / (tau2 + vi)) (yi - M) is shrunk so that the spread of all of them is that of the
true effects (Wang and Lee 2019, Res Synth Methods 10:255). Shares of them below a threshold need no normal distribution
(Mathur and VanderWeele 2020, Epidemiology 31:356).

ASSUME: studies are a random sample, so that drawing them anew with replacement shows how chance moves the shares.
ASSUME: bias has moved every study away from no effect by the same factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reanalysis import batch
from reanalysis.design import FloatArray
from reanalysis.distributions import normal_lower, normal_quantiles

# Studies times resamples that are fitted at a time.
CELLS = 2**21


@dataclass(frozen=True)
class Shares:
    """What n data sets say.

    Parameters
    ----------
    proportions
        Shape (m, n): the share of calibrated estimates below the threshold under each of m log bias factors.
    least
        Shape (n,): the least log bias factor that leaves no more than a share of them there, at least 0.
    """

    proportions: FloatArray
    least: FloatArray


@dataclass(frozen=True)
class Question:
    """What is counted.

    Parameters
    ----------
    threshold, share
        On the scale of the effects; and the share, in (0, 1), that `least` is to leave.
    biases
        Log bias factors, m of them.
    """

    threshold: float
    share: float
    biases: Sequence[float]


def calibrated(yi: FloatArray, vi: FloatArray, tau2_method: str) -> FloatArray:
    """Return the calibrated estimates of data sets, shape (k, n).

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k, n).
    """
    found = batch.fit(yi, vi, tau2=tau2_method)
    return found.estimate + np.sqrt(found.tau2 / (found.tau2 + vi)) * (yi - found.estimate)


def shares(effects: FloatArray, question: Question) -> Shares:
    """Return the shares of estimates below the threshold, and the least bias.

    Parameters
    ----------
    effects
        Calibrated estimates, shape (k, n).
    """
    k = len(effects)
    proportions = np.array([np.mean(effects < question.threshold - bias, axis=0) for bias in question.biases])
    # So many may stay below; the next must reach the threshold. A share of 3/10 of ten studies is three of them.
    left = min(int(np.floor(question.share * k + 1e-9)), k - 1)
    return Shares(proportions, np.maximum(0.0, question.threshold - np.sort(effects, axis=0)[left]))


def bootstrap(yi: FloatArray, vi: FloatArray, tau2_method: str, question: Question, draws: int, seed: int) -> Shares:
    """Return the shares of data sets drawn from the studies with replacement, tau2 estimated anew in each.

    Parameters
    ----------
    yi, vi
        Shape (k,).
    draws, seed
        How many data sets, and the seed of the random numbers.
    """
    k, random = len(yi), np.random.default_rng(seed)
    step = max(1, CELLS // k)
    parts = []
    for start in range(0, draws, step):
        drawn = random.integers(0, k, (k, min(step, draws - start)))
        parts.append(shares(calibrated(yi[drawn], vi[drawn], tau2_method), question))
    return Shares(
        np.concatenate([part.proportions for part in parts], axis=1), np.concatenate([part.least for part in parts])
    )


def jackknife(yi: FloatArray, vi: FloatArray, tau2_method: str, question: Question) -> Shares:
    """Return the shares without each study in turn; yi and vi of shape (k,), k at least 2."""
    rest = np.array([np.delete(np.arange(len(yi)), place) for place in range(len(yi))]).T
    return shares(calibrated(yi[rest], vi[rest], tau2_method), question)


def bootstrap_limits(drawn: FloatArray, estimate: float, without: FloatArray, level: float) -> tuple[float, float, str]:
    """Return the limits of an estimate, and how they were made: ``bca`` or ``percentile``.

    Bias-corrected and accelerated (Efron 1987, J Am Stat Assoc 82:171), or plain percentiles where all draws lie on one
    side of the estimate.

    Parameters
    ----------
    drawn
        The estimate of each resample.
    without
        The estimate without each study.
    """
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    # ASSUME: half of the draws that equal the estimate count as below it. Shares are steps, and many do.
    below = float(np.mean(drawn < estimate) + np.mean(drawn == estimate) / 2)
    kind = "percentile"
    if 0 < below < 1:
        shift = float(normal_quantiles(np.array(below)))
        deviation = np.mean(without) - without
        squares = float(np.sum(deviation**2))
        acceleration = float(np.sum(deviation**3)) / (6 * squares**1.5) if squares > 0 else 0.0
        moved = shift + normal_quantiles(tails)
        if np.all(acceleration * moved < 1):
            tails, kind = normal_lower(shift + moved / (1 - acceleration * moved)), "bca"
    low, high = np.quantile(drawn, tails)
    return float(low), float(high), kind

"""How many true effects are strong once a bias is taken out, and how much bias leaves few: sensitivity analysis.

Mathur and VanderWeele 2020, J Am Stat Assoc 115:163. With pooled effect m and spread tau on the log scale, a bias that
moves every study by a log factor B (mean b, standard deviation s) leaves true effects of mean m - b away from no effect
and variance tau2 - s2. The share of them beyond a threshold q is a normal tail; T is the bias factor that brings it
down to r, and G the strength of confounding that such a factor needs, as an E-value does.

The calibrated version counts the studies' own shrunken effects and assumes no normal spread: Mathur and VanderWeele
2020, Epidemiology 31:356, with the calibration of Wang and Lee 2019, Res Synth Methods 10:125.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reanalysis import batch
from reanalysis.design import FloatArray
from reanalysis.distributions import normal_lower, normal_quantile
from reanalysis.e_values import e_value


@dataclass(frozen=True)
class Bias:
    """What is asked of a pool.

    Parameters
    ----------
    threshold
        q, the effect beyond which one is strong, on the scale of the analysis, on the side of the pooled effect.
    share
        r, the share of strong effects that is few.
    side
        -1 where effects below no effect are asked for, 1 for those above.
    """

    threshold: float
    share: float
    side: int


def proportion(mean: FloatArray, tau2: FloatArray, bias: Bias, log_factor: float, spread: float = 0.0) -> FloatArray:
    """Return the share of true effects that are strong after a bias, of the shape of the arguments.

    NaN where the bias varies as much as the effects do, or more: then nothing is left to be spread.

    Parameters
    ----------
    mean, tau2
        Pooled effects and variances between studies.
    log_factor, spread
        The mean of the log bias factor, at least 0, and its standard deviation.
    """
    left = np.asarray(tau2) - spread**2
    beyond = bias.side * (np.asarray(mean) - bias.threshold) - log_factor
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(left > 0, beyond / np.sqrt(np.maximum(left, 0.0)), np.where(beyond > 0, np.inf, -np.inf))
    return np.where((left > 0) | ((left == 0) & (spread == 0)), normal_lower(z), np.nan)


def least_factor(mean: FloatArray, tau2: FloatArray, bias: Bias) -> FloatArray:
    """Return T: the bias factor, at least 1, that leaves the share r of effects strong."""
    log_factor = bias.side * (np.asarray(mean) - bias.threshold) - normal_quantile(bias.share) * np.sqrt(tau2)
    return np.exp(np.maximum(0.0, log_factor))


def least_confounding(factor: FloatArray) -> FloatArray:
    """Return G: the association with treatment and outcome that a bias factor needs, on the risk ratio scale."""
    return np.array([e_value(float(one)) for one in np.atleast_1d(factor)])


def calibrated(yi: FloatArray, vi: FloatArray, mean: FloatArray, tau2: FloatArray) -> FloatArray:
    """Return effects drawn in to the mean so that their spread is tau2, shape (k, B).

    Parameters
    ----------
    yi, vi
        Shape (k, B).
    mean, tau2
        Shape (B,).
    """
    return np.asarray(mean + np.sqrt(tau2 / (tau2 + vi)) * (yi - mean), float)


def calibrated_proportion(effects: FloatArray, bias: Bias, log_factor: float) -> FloatArray:
    """Return the share of calibrated effects that are strong after a bias, shape (B,)."""
    return np.asarray((bias.side * (effects - bias.threshold) > log_factor).mean(axis=0), float)


def calibrated_least_factor(effects: FloatArray, bias: Bias) -> FloatArray:
    """Return the bias factor, at least 1, that leaves no more than the share r of calibrated effects strong."""
    strength = -np.sort(-bias.side * (effects - bias.threshold), axis=0)
    allowed = math.floor(bias.share * len(effects) + 1e-9)
    return np.asarray(np.exp(np.maximum(0.0, strength[min(allowed, len(effects) - 1)])), float)


def resampled(
    yi: FloatArray, vi: FloatArray, tau2_method: str, draws: int, seed: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return studies drawn with replacement and pooled: yi and vi of shape (k, draws), means and tau2 (draws,)."""
    places = np.random.default_rng(seed).integers(0, len(yi), (len(yi), draws))
    found = batch.fit(yi[places], vi[places], tau2=tau2_method)
    return yi[places], vi[places], found.estimate, found.tau2

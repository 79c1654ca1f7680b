"""Excess significance: whether more studies are significant than their power lets one expect.

The power of each study against a mean effect, added up, is the number expected; the observed one is set against it
(Ioannidis and Trikalinos 2007, Clin Trials 4:245).

ASSUME: the pooled effect is the true mean, true effects are normal round it, and standard errors owe nothing to
selection. If the pool is itself too far from 0, so is the number expected, and the test finds too little.

The number observed goes by effects and standard errors, as the powers do. Where the rounding of print leaves open
whether a study is significant, the test is also made with the fewest and with the most that print allows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from reanalysis.design import BoolArray, FloatArray
from reanalysis.distributions import binomial_upper, critical_value, normal_lower
from reanalysis.means import number
from reanalysis.permutation import TIE

# A study is significant where its two-sided p, from its effect and standard error, is at most this.
ALPHA = 0.05


@dataclass(frozen=True)
class Truth:
    """What is taken to be true: the mean of the true effects, and their variance."""

    theta: float
    tau2: float


def excess_significance(
    yi: FloatArray, sei: FloatArray, truth: Truth, open_: tuple[int, int] | None = None
) -> dict[str, Any]:
    """Return the test against one truth, as `small_study.json` keeps it.

    All p values are one-sided, of at least as many significant studies as observed: `p_exact` of a sum of as many
    unlike chances as studies, `p_binomial` of one chance, the mean power, for all, `p_chi2` by the normal approximation
    of that, without a continuity correction.

    Parameters
    ----------
    yi, sei
        Effects and standard errors, shape (k,).
    open_
        How many studies are significant at least and at most, as the rounding of print has it; None where that leaves
        nothing open.
    """
    chances, seen = power(sei, truth), significant(yi, sei)
    k, observed, expected = len(yi), int(seen.sum()), float(chances.sum())
    spread = expected * (1 - expected / k)
    chi2 = (observed - expected) ** 2 / spread if spread > 0 else math.inf
    least, most = open_ or (observed, observed)
    above = math.copysign(math.sqrt(chi2), observed - expected)
    return {
        "theta": truth.theta,
        "tau2": truth.tau2,
        "observed": observed,
        "observed_least": least,
        "observed_most": most,
        "expected": expected,
        "chi2": number(chi2),
        "p_chi2": float(normal_lower(np.array([-above]))[0]) if spread > 0 else None,
        "p_binomial": binomial_upper(observed, k, min(1.0, expected / k)),
        "p_exact": at_least(observed, chances),
        "p_exact_least": at_least(least, chances),
        "p_exact_most": at_least(most, chances),
        "power": chances.tolist(),
        "significant": seen.tolist(),
    }


def power(sei: FloatArray, truth: Truth) -> FloatArray:
    """Return the power of studies of these standard errors at ALPHA, two-sided, shape (k,).

    The effect of a study is normal round theta with variance tau2 + se^2, so that no integral over true effects is
    needed.
    """
    total = np.sqrt(sei**2 + truth.tau2)
    limit = critical_value(1 - ALPHA) * sei
    return normal_lower((truth.theta - limit) / total) + normal_lower((-truth.theta - limit) / total)


def significant(yi: FloatArray, sei: FloatArray) -> BoolArray:
    """Return which studies are significant, shape (k,): those on the limit, as rounded, are."""
    return np.asarray(np.abs(yi) / sei >= critical_value(1 - ALPHA) * (1 - TIE), bool)


def at_least(observed: int, chances: FloatArray) -> float:
    """Return the probability of at least `observed` successes in independent trials with these chances."""
    distribution = np.ones(1)
    for one in chances:
        distribution = np.convolve(distribution, [max(0.0, 1 - one), one])
    return min(1.0, float(distribution[observed:].sum()))

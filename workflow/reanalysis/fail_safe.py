"""Fail-safe numbers: how many unseen studies without an effect would take the result away.

ASSUME: the unseen studies have no effect on average, which nothing supports: studies are hidden because of what they
found. The numbers take no account of heterogeneity, and many hold them to be obsolete (Becker 2005, in Publication Bias
in Meta-Analysis).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reanalysis import batch
from reanalysis.design import FloatArray
from reanalysis.distributions import critical_value, two_sided_p
from reanalysis.measures import is_ratio

ALPHA = 0.05

# ASSUME: a ratio between this and its inverse is too close to 1 to matter. For differences no such size is known, and
# half of the mean is taken, for which Orwin's number is always the number of studies.
TRIVIAL_RATIO = 0.9

# A number this close to a whole one is that one: the size of metafor's own tolerance.
WHOLE = math.sqrt(np.finfo(float).eps)


def fail_safe(yi: FloatArray, vi: FloatArray, measure: str) -> dict[str, Any]:
    """Return the numbers of Rosenthal, Orwin and Rosenberg, as `small_study.json` keeps them.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    measure
        HR, OR, RR, MD or SMD.
    """
    common = batch.fit(yi, vi, tau2="FE")
    weighted = float(common.estimate[0])
    return {
        "alpha": ALPHA,
        "rosenthal": rosenthal(yi, vi),
        "orwin": orwin(float(np.mean(yi)), len(yi), measure),
        "orwin_weighted": orwin(weighted, len(yi), measure),
        "rosenberg": rosenberg(weighted / float(common.se[0]), len(yi)),
    }


def rosenthal(yi: FloatArray, vi: FloatArray) -> dict[str, Any]:
    """Return how many studies with z = 0 bring the sum of z down to significance at ALPHA, one-sided.

    `p` is the one-sided p value of Stouffer's sum (Rosenthal 1979, Psychol Bull 86:638).
    """
    k = len(yi)
    z = abs(float(np.sum(yi / np.sqrt(vi)))) / math.sqrt(k)
    # A one-sided level is the two-sided one of half the confidence.
    return {"p": two_sided_p(z) / 2, "number": _whole(k * (z / critical_value(1 - 2 * ALPHA)) ** 2 - k)}


def orwin(mean: float, k: int, measure: str) -> dict[str, Any]:
    """Return how many studies with no effect bring the mean of the effects down to `target`.

    Orwin 1983, J Educ Stat 8:157.
    """
    size = -math.log(TRIVIAL_RATIO) if is_ratio(measure) else abs(mean) / 2
    number = _whole(k * (abs(mean) - size) / size) if size else 0
    return {"mean": mean, "target": math.copysign(size, mean), "number": number}


def rosenberg(z: float, k: int) -> dict[str, Any]:
    """Return how many studies without effect bring the weighted mean to significance at ALPHA, two-sided.

    Each has the mean weight of those at hand: Rosenberg 2005, Evolution 59:464. `p` is that of the common-effect mean,
    whose z statistic is given.
    """
    return {"p": two_sided_p(z), "number": _whole(k * (z / critical_value(1 - ALPHA)) ** 2 - k)}


def _whole(number: float) -> int:
    """Return a number of studies: none below 0, else the next whole number."""
    nearest = round(max(0.0, number))
    return nearest if abs(number - nearest) < WHOLE or number < 0 else math.ceil(number)

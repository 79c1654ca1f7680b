"""The rank test of Begg and Mazumdar: whether effects, set against their mean, rise with their variances.

The deviation of each effect from the common-effect mean, over its own standard error, is correlated by Kendall's tau-b
with the sampling variance (Begg and Mazumdar 1994, Biometrics 50:1088).

ASSUME: without small-study effects every pairing of deviations and variances is equally likely.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from reanalysis.design import FloatArray
from reanalysis.distributions import two_sided_p

# Up to so many studies without ties p is exact; beyond, the normal distribution is as good as that.
MOST_EXACT = 150

ONE_STUDY = "one study has no rank among others"
NO_ORDER = "the studies cannot be ranked: their effects, or their variances, are all the same"

Counts = npt.NDArray[np.int_]


def begg(yi: FloatArray, vi: FloatArray) -> dict[str, Any]:
    """Return the rank test as `small_study.json` keeps it: tau-b and its two-sided p value.

    Without ties p is exact, with ties it is the normal approximation whose variance allows for them (Kendall 1970, Rank
    Correlation Methods), without a continuity correction.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    """
    if len(yi) < 2:  # noqa: PLR2004 (a pair)
        return _nothing(ONE_STUDY)
    return kendall(standardised(yi, vi), vi)


def standardised(yi: FloatArray, vi: FloatArray) -> FloatArray:
    """Return the deviations from the common-effect mean over their own standard errors, shape (k,), k at least 2.

    (yi - mean) / sqrt(vi - 1 / sum w), written with differences between effects and with the weights of the others, so
    that a study that has nearly all of the weight keeps its digits, and equal studies stay equal.
    """
    # Any common factor of the weights cancels.
    w = vi.min() / vi
    total = math.fsum(w)
    others = np.array([math.fsum(np.delete(w, place)) for place in range(len(w))])
    deviations = np.array([math.fsum(w * (one - yi)) for one in yi])
    return np.asarray(deviations / np.sqrt(vi * total * others), float)


def kendall(x: FloatArray, y: FloatArray) -> dict[str, Any]:
    """Return Kendall's tau-b of two variables of shape (k,), k at least 2, its p value and how it was had."""
    k = len(x)
    signs = [np.sign(one[:, None] - one[None, :]) for one in (x, y)]
    s = round(float((signs[0] * signs[1]).sum()) / 2)
    pairs = [round(float(np.abs(one).sum()) / 2) for one in signs]
    if not all(pairs):
        return _nothing(NO_ORDER)
    ties = min(pairs) < k * (k - 1) // 2
    record = {"tau": s / math.sqrt(pairs[0] * pairs[1]), "ties": ties, "reason": ""}
    if not ties and k <= MOST_EXACT:
        return record | {"stat": None, "p": exact_p(s, k), "exact": True}
    z = s / math.sqrt(_variance(_sizes(x), _sizes(y), k))
    return record | {"stat": z, "p": two_sided_p(z), "exact": False}


def exact_p(s: int, k: int) -> float:
    """Return how often k ranks in random order have a Kendall score at least as far from 0 as `s`."""
    # Probabilities of 0, 1, ... pairs out of order: the i-th rank adds 0 to i - 1 of them, each as likely.
    chances = np.ones(1)
    for many in range(2, k + 1):
        chances = np.convolve(chances, np.full(many, 1 / many))
    far = (k * (k - 1) // 2 - abs(s)) // 2
    return min(1.0, 2 * float(chances[: far + 1].sum()))


def _sizes(values: FloatArray) -> Counts:
    """Return how many of the values are the same, for each that occurs."""
    return np.unique(values, return_counts=True)[1]


def _variance(first: Counts, second: Counts, k: int) -> float:
    """Return the variance of Kendall's score where ranks tie in groups of these sizes (Kendall 1970)."""
    both = [[float(size) for size in sizes] for sizes in (first, second)]
    whole, *tied = (
        sum(size * (size - 1) * (2 * size + 5) for size in sizes) for sizes in ([float(k)], both[0], both[1])
    )
    variance = (whole - sum(tied)) / 18
    pairs = [sum(size * (size - 1) for size in sizes) for sizes in both]
    variance += pairs[0] * pairs[1] / (2 * k * (k - 1))
    if k > 2:  # noqa: PLR2004 (there are triples)
        triples = [sum(size * (size - 1) * (size - 2) for size in sizes) for sizes in both]
        variance += triples[0] * triples[1] / (9 * k * (k - 1) * (k - 2))
    return variance


def _nothing(reason: str) -> dict[str, Any]:
    return dict.fromkeys(("tau", "stat", "p", "exact", "ties")) | {"reason": reason}

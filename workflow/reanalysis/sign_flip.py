"""The sign-flip test of a mean: how often effects of either sign would lie as far from 0 on one side as the data do.

Under the null hypothesis each effect is as likely with the other sign. Every pattern of signs is fitted anew, its tau2
estimated anew; the statistic is |estimate / se| with the scale of the model's own interval (Follmann and Proschan 1999,
Biometrics 55:732).

ASSUME: where the mean is 0, true effects and errors are distributed evenly round 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from reanalysis import batch
from reanalysis.design import FloatArray
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import CELLS, Resampling, p_values, ratios, scaled_by, tied

# Up to so many effects all patterns are tried: half a million fits, since all signs turned give the same statistic.
MOST_EFFECTS = 20


def sign_flip_test(yi: FloatArray, vi: FloatArray, choices: Choices, resampling: Resampling) -> dict[str, Any]:
    """Return the test that the mean is 0, as `pooled.json` keeps it; the schema says what each key means.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,), k at least 1.
    """
    k = len(yi)
    exact = k <= MOST_EFFECTS
    flips = 2**k if exact else resampling.most
    observed = batch.fit(yi, vi, tau2=choices.tau2_method)
    interval = scaled_by(observed, choices.interval)
    goal = tied(ratios(observed, interval))
    reached = 0
    for signs in every_pattern(k) if exact else drawn_patterns(k, flips, resampling.seed):
        found = batch.fit(yi[:, None] * signs, vi, tau2=choices.tau2_method)
        reached += int((ratios(found, interval) >= goal).sum())
    p, error = p_values(np.array([2 * reached if exact else reached]), flips, exact)
    return {"p": float(p[0]), "error": float(error[0]), "flips": flips, "exact": exact}


def every_pattern(k: int) -> Iterator[FloatArray]:
    """Yield the 2^(k - 1) patterns of k signs of which the first is plus, shape (k, n), n at a time."""
    number, step = 2 ** (k - 1), max(1, CELLS // k)
    places = np.arange(k)[:, None]
    for start in range(0, number, step):
        # The bits of a number below 2^(k - 1): its k-th, for the first sign, is 0.
        bits = np.arange(start, min(start + step, number)) >> (k - 1 - places) & 1
        yield np.asarray(1 - 2 * bits, float)


def drawn_patterns(k: int, count: int, seed: int) -> Iterator[FloatArray]:
    """Yield `count` random patterns of k signs, as `every_pattern` does; the same ones for the same seed."""
    random, step = np.random.default_rng(seed), max(1, CELLS // k)
    for start in range(0, count, step):
        heads = random.random((min(step, count - start), k)) < 1 / 2
        yield np.asarray(np.where(heads, -1.0, 1.0).T, float)

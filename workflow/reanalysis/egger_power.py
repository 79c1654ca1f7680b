"""The power of Egger's test with the studies at hand: how often it would find a bias of a stated size.

Effects are simulated round 0 with the standard errors of the review, each moved by `bias` of its own standard errors,
and with the tau2 of the review; where the mean lies is of no matter to either form of the test.

ASSUME: bias is in proportion to the standard error, as the test itself has it, and errors and true effects are normal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from reanalysis import batch
from reanalysis.design import Design, FloatArray, design
from reanalysis.egger import multiplicative, no_line
from reanalysis.intervals import critical_values, scale
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import CELLS, Resampling

# The level that Egger and others 1997 (BMJ 315:629) test at.
ALPHA = 0.10

# Biases, in standard errors of each study: none, for how often the test is wrong where nothing is; up to 1 is called
# little to modest selection, from 2 severe (Doucouliagos and Stanley 2013, J Econ Surv 27:316).
BIASES = (0.0, 1.0, 2.0)


def egger_power(sei: FloatArray, tau2: float, choices: Choices, resampling: Resampling) -> dict[str, Any]:
    """Return of each bias how often both forms of Egger's test are significant at ALPHA, two-sided.

    `error` is the Monte Carlo standard error. The same draws serve every bias.

    Parameters
    ----------
    sei
        Standard errors, shape (k,).
    tau2
        Variance of the true effects.
    resampling
        How many reviews are simulated, and the seed.
    """
    reason = no_line(sei, sei)
    record = {"alpha": ALPHA, "tau2": tau2, "reviews": resampling.most, "reason": reason}
    if reason:
        return record | {"biases": []}
    made = design({"sei": list(sei)}, len(sei))
    forms = {"egger": multiplicative(choices), "egger_mixed": choices}
    reached = np.zeros((len(BIASES), len(forms)), int)
    for noise in _noise(np.sqrt(sei**2 + tau2), resampling):
        for place, bias in enumerate(BIASES):
            yi = noise + bias * sei[:, None]
            reached[place] += [_rejected(yi, sei**2, made, form) for form in forms.values()]
    shares = reached / resampling.most
    return record | {
        "biases": [
            {"bias": bias}
            | {
                name: {"power": float(share), "error": math.sqrt(share * (1 - share) / resampling.most)}
                for name, share in zip(forms, row, strict=True)
            }
            for bias, row in zip(BIASES, shares, strict=True)
        ]
    }


def _noise(total: FloatArray, resampling: Resampling) -> Iterator[FloatArray]:
    """Yield effects round 0 with standard deviations of shape (k,), shape (k, n), n reviews at a time."""
    random, step = np.random.default_rng(resampling.seed), max(1, CELLS // len(total))
    for start in range(0, resampling.most, step):
        drawn = random.standard_normal((min(step, resampling.most - start), len(total)))
        yield np.asarray(total[:, None] * drawn.T, float)


def _rejected(yi: FloatArray, vi: FloatArray, made: Design, choices: Choices) -> int:
    """Return in how many of the data sets of shape (k, n) the slope is significant at ALPHA."""
    found = batch.fit(yi, vi, design=made, tau2=choices.tau2_method)
    by, df = scale(found, choices.interval)
    ratio = np.abs(found.estimate[1]) / (found.se[1] * np.sqrt(by))
    return int((ratio >= critical_values(1 - ALPHA, df)).sum())

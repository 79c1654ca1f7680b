"""Whether a review's specifications together show an effect, or could be those of no effect.

The specifications share their data, so their p values cannot be counted. Under no effect every study's effect could
have had the other sign as well: with the same signs turned in every specification, the whole curve is made anew.
Simonsohn, Simmons, Nelson 2020, Nat Hum Behav 4:1208, with signs in place of shuffled treatments.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from reanalysis import batch
from reanalysis.design import FloatArray
from reanalysis.intervals import limits
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling, p_values
from reanalysis.sign_flip import drawn_patterns, every_pattern
from reanalysis.specifications import Choice, arrays

# With so many signs or fewer all patterns are tried; with more as many are drawn, which leaves an error of 0.005 at
# p = 0.05, and costs a second for a hundred choices.
MOST_SIGNS, DRAWN = 12, 2000

# How many patterns are pooled at once: an array of so many curves is a few megabytes.
AT_ONCE = 256

# Statistics that differ by less than this share are one.
TIED = 1e-9


def joint_test(made: Sequence[Choice], options: Choices, seed: int) -> dict[str, Any]:
    """Return the test as `multiverse.json` keeps it; the schema says what each key means.

    ASSUME: effects are symmetric round no effect where there is none, and independent between overlap clusters; the
    effects of one cluster are turned together.

    Parameters
    ----------
    made
        Choices of effects, of one table.
    options
        How each is pooled.
    """
    yi, vi, include = arrays(made)
    named = {one.row: name for choice in made for one, name in zip(choice.pooled, choice.clusters, strict=True)}
    names = list(dict.fromkeys(named.values()))
    of_row = np.array([names.index(named[row]) if row in named else 0 for row in range(1, len(yi) + 1)])
    exact = len(names) <= MOST_SIGNS
    resampling = Resampling(2 ** len(names) if exact else DRAWN, seed)
    patterns = every_pattern(len(names)) if exact else drawn_patterns(len(names), DRAWN, seed)

    def statistics(signs: FloatArray) -> FloatArray:
        """Return for each pattern of signs the statistics of its curve, shape (2, n)."""
        n = signs.shape[1]
        turned = (yi[:, :, None] * signs[of_row][:, None, :]).reshape(len(yi), -1)
        fits = batch.fit(turned, _repeated(vi, n), _repeated(include, n), tau2=options.tau2_method)
        low, high = (one.reshape(-1, n) for one in limits(fits, options.interval, options.level))
        median = np.median(fits.estimate.reshape(-1, n), axis=0)
        return np.array([np.abs(median), np.maximum((low > 0).mean(axis=0), (high < 0).mean(axis=0))])

    observed = statistics(np.ones((len(names), 1)))
    reached = np.zeros(2, int)
    for some in patterns:
        for part in np.array_split(some, -(-some.shape[1] // AT_ONCE), axis=1):
            reached += (statistics(part) >= observed * (1 - TIED)).sum(axis=1)
    # Of the patterns with the first sign kept each stands for its opposite, too.
    p, error = p_values(reached * (2 if exact else 1), resampling.most, exact)
    return {
        "signs": len(names),
        "patterns": resampling.most,
        "exact": exact,
        "choices": len(made),
        "median": {"statistic": float(observed[0, 0]), "p": float(p[0]), "error": float(error[0])},
        "excluding": {"statistic": float(observed[1, 0]), "p": float(p[1]), "error": float(error[1])},
    }


def _repeated(values: Any, times: int) -> Any:  # noqa: ANN401 (an array of numbers, or of truth values)
    """Return every column so many times, one after another."""
    return np.repeat(values, times, axis=1)

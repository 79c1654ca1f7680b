"""The pool of every set of studies (Olkin, Dahabreh and Trikalinos 2012, Res Synth Methods 3:214).

All 2^k - 1 non-empty subsets up to 20 studies. Beyond that there are too many: the whole, all sets without one or two
studies, and a random sample of the subsets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reanalysis import batch, intervals
from reanalysis.dataset import Dataset
from reanalysis.design import BoolArray, FloatArray
from reanalysis.means import header
from reanalysis.mixed_effects import Choices
from reanalysis.subset_cloud import cloud
from reanalysis.subset_summaries import summaries
from reanalysis.subsets_file import KEPT, FitsOfSubsets, encoded

# Of more studies the sets without two of them are not declared.
MOST_PAIRED = 200

# All subsets of so many studies are fitted: a million, in about a second.
MOST_STUDIES = 20

# Studies times subsets that are fitted at a time.
CELLS = 2**21


@dataclass(frozen=True)
class Sampling:
    """How subsets are drawn where there are too many.

    Parameters
    ----------
    draws
        How many at most: those drawn twice are kept once.
    seed
        Of the random numbers.
    """

    draws: int
    seed: int


def subsets(data: Dataset, measure: str, choices: Choices, sampling: Sampling) -> dict[str, Any]:
    """Return the content of `subsets.json`; the schema says what each key means."""
    k = len(data.studies)
    complete = k <= MOST_STUDIES
    declared = np.empty((k, 0), bool) if complete else near_the_whole(k)
    sample = every_subset(k) if complete else drawn_subsets(k, sampling)
    include = np.concatenate([declared, sample], axis=1)
    fits = fit_subsets(data.yi, data.vi, include, choices)
    # What was not drawn is left out of shares and quartiles: it lies nearer the whole than a subset does.
    counted = fits.only(slice(declared.shape[1], None))
    summed = summaries(counted, sample, data.studies, measure, choices)
    return {
        **header(measure, choices),
        "studies": data.studies,
        "complete": complete,
        "seed": None if complete else sampling.seed,
        **encoded(fits, None if complete else include, choices),
        **summed,
        "cloud": cloud(counted, sample, summed["by_study"]),
    }


def every_subset(k: int) -> BoolArray:
    """Return all subsets of k studies but the empty one, shape (k, 2^k - 1), k at most 20.

    Study i is in subset n, at the place n - 1, if bit i of n is 1.
    """
    numbers = np.arange(1, 2**k, dtype=np.int32)
    return np.array([(numbers >> place) & 1 for place in range(k)], bool)


def near_the_whole(k: int) -> BoolArray:
    """Return the whole, each set without one study and each without two, in the order of their places.

    Of more than `MOST_PAIRED` studies those without two are left out: they would be more than a memory holds.
    """
    pairs = [(one, other) for one in range(k) for other in range(one + 1, k)] if k <= MOST_PAIRED else []
    out = [(), *((one,) for one in range(k)), *pairs]
    include = np.ones((k, len(out)), bool)
    for column, places in enumerate(out):
        include[list(places), column] = False
    return include


def drawn_subsets(k: int, sampling: Sampling) -> BoolArray:
    """Return subsets drawn with the same chance each, no two alike, none empty, shape (k, n) with n up to the draws."""
    rng = np.random.default_rng(sampling.seed)
    drawn = rng.integers(0, 2, (sampling.draws, k), dtype=np.uint8)
    first = dict.fromkeys(row.tobytes() for row in np.packbits(drawn, axis=1, bitorder="little"))
    rows = np.frombuffer(b"".join(first), np.uint8).reshape(len(first), -1)
    include = np.unpackbits(rows, axis=1, count=k, bitorder="little").astype(bool).T
    return np.ascontiguousarray(include[:, include.any(axis=0)])


def fit_subsets(yi: FloatArray, vi: FloatArray, include: BoolArray, choices: Choices) -> FitsOfSubsets:
    """Return the pool of each subset.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    include
        Shape (k, n): which studies each subset has.
    """
    count = include.shape[1]
    empty = {name: np.empty(count) for name in KEPT}
    fits = FitsOfSubsets(k=include.sum(axis=0), normal=np.empty(count, bool), **empty)
    at_once = max(1, CELLS // len(yi))
    for start in range(0, count, at_once):
        part = slice(start, start + at_once)
        found = batch.fit(yi, vi, include[:, part], tau2=choices.tau2_method)
        by, df = intervals.scale(found, choices.interval)
        fits.estimate[part], fits.se[part] = found.estimate, np.sqrt(by) * found.se
        fits.tau2[part], fits.i2[part] = found.tau2, found.i2
        # Rounding error differs from machine to machine.
        fits.q[part] = np.where(found.rss <= found.noise, 0.0, found.q)
        fits.normal[part] = np.isinf(df)
    return fits

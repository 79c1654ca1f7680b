"""The pool without any few or many studies, under every estimator of tau2 and every interval, as a page shows it.

What a reader may ask of a page is fitted here beforehand, so that the page looks up and computes nothing. Sets of
studies to leave out are in one order for all estimators: by their size, then in the colexicographic order (Knuth 2011,
The Art of Computer Programming 4A, 7.2.1.3), in which the set of places c_1 < ... < c_m stands behind
C(c_1, 1) + ... + C(c_m, m) others of its size.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np

from reanalysis import batch, intervals, shown_digits
from reanalysis.batch import BatchFit
from reanalysis.dataset import Dataset
from reanalysis.design import BoolArray, FloatArray
from reanalysis.intervals import INTERVALS
from reanalysis.means import header
from reanalysis.measures import is_ratio, printable
from reanalysis.mixed_effects import Choices
from reanalysis.shown_digits import Count
from reanalysis.subsets_file import floats
from reanalysis.tau2 import ESTIMATORS

# Fits that a page carries, at some 20 bytes each: every subset of 11 studies under nine estimators are 18,423, and of
# 200 studies all sets without two, under one estimator, 20,101.
MOST_FITS = 22_000

# Rows of the summary: without none, one, two and three studies.
SUMMARISED = 3

# The decimals that a page shows. Effects and their limits stand as ratios where the measure is one.
DECIMALS = {"estimate": 3, "tau2": 4, "i2": 1} | {
    f"{interval}_{kind}_{end}": 3 for interval in INTERVALS for kind in ("ci", "prediction") for end in ("low", "high")
}
Q_DECIMALS = 2


def leave_out(data: Dataset, measure: str, choices: Choices) -> dict[str, Any]:
    """Return the content of `leave_out.json`; the schema says what each key means."""
    k = len(data.studies)
    reach = reaches(k, choices.tau2_method)
    left = sets_left_out(k, reach[choices.tau2_method])
    include = _included(k, left)
    found = batch.fit(data.yi, data.vi, include, tau2=choices.tau2_method)
    columns = _columns(found, measure, choices.level)
    first = [count for column in columns for count in column]
    # Rounding error differs from machine to machine.
    q = shown_digits.counts(np.where(found.rss <= found.noise, 0.0, found.q).tolist(), Q_DECIMALS)
    texts = {choices.tau2_method: shown_digits.encoded(first, shown_digits.following(first, len(left)))}
    for name in ESTIMATORS:
        if name not in texts:
            most = number_of_sets(k, reach[name])
            made = _columns(batch.fit(data.yi, data.vi, include[:, :most], tau2=name), measure, choices.level)
            texts[name] = shown_digits.encoded(
                [count for column in made for count in column],
                [count for column in columns for count in column[:most]],
            )
    return {
        **header(measure, choices),
        "studies": data.studies,
        "quantities": [{"name": name, "decimals": decimals} for name, decimals in DECIMALS.items()],
        "most": shown_digits.MOST,
        "estimators": [_estimator(name, reach[name], texts, choices.tau2_method) for name in ESTIMATORS],
        "q": {"decimals": Q_DECIMALS, "fits": shown_digits.encoded(q, shown_digits.following(q, len(q)))},
        "summary": _summary(data, measure, choices, found, left),
    }


def number_of_sets(k: int, most: int) -> int:
    """Return how many sets of at most `most` of k studies there are, the empty one included."""
    return sum(math.comb(k, size) for size in range(most + 1))


def reaches(k: int, primary: str) -> dict[str, int]:
    """Return how many of k studies may be left out at most, under each estimator.

    All but one where every fit of every estimator has room. Else the primary estimator goes as far as leaves room for
    two studies left out under each other one, or one, or none; and the others share what it leaves. None goes further
    than the primary one, which they are written beside.
    """
    others = len(ESTIMATORS) - 1
    if k <= MOST_FITS.bit_length() and number_of_sets(k, k - 1) * len(ESTIMATORS) <= MOST_FITS:
        return dict.fromkeys(ESTIMATORS, k - 1)
    for least in (2, 1, 0):
        own = _farthest(k, MOST_FITS - others * number_of_sets(k, least))
        if own >= least:
            break
    rest = _farthest(k, (MOST_FITS - number_of_sets(k, own)) // others)
    return {name: own if name == primary else min(own, rest) for name in ESTIMATORS}


def _farthest(k: int, room: int) -> int:
    most = 0
    while most < k - 1 and number_of_sets(k, most + 1) <= room:
        most += 1
    return most


def sets_left_out(k: int, most: int) -> list[tuple[int, ...]]:
    """Return all sets of at most `most` of k places, in the order of the file."""
    return [one for size in range(most + 1) for one in sorted(combinations(range(k), size), key=lambda one: one[::-1])]


def _included(k: int, left: list[tuple[int, ...]]) -> BoolArray:
    include = np.ones((k, len(left)), bool)
    for column, places in enumerate(left):
        include[list(places), column] = False
    return include


def _columns(found: BatchFit, measure: str, level: float) -> list[list[Count]]:
    """Return the counts of each quantity, in the order of `DECIMALS`."""
    effects: dict[str, FloatArray] = {"estimate": found.estimate}
    for interval in INTERVALS:
        for kind, of in (("ci", intervals.limits), ("prediction", intervals.prediction)):
            ends = of(found, interval, level)
            effects |= {f"{interval}_{kind}_{end}": values for end, values in zip(("low", "high"), ends, strict=True)}
    with np.errstate(over="ignore"):
        printed = {name: np.exp(values) if is_ratio(measure) else values for name, values in effects.items()}
    values = printed | {"tau2": found.tau2, "i2": found.i2}
    return [shown_digits.counts(values[name].tolist(), decimals) for name, decimals in DECIMALS.items()]


def _estimator(name: str, reach: int, texts: dict[str, str], primary: str) -> dict[str, Any]:
    """Return an estimator with its fits, or with the name of an earlier one that has the same (PM and EB are one)."""
    # What the primary one has is written from other references: the same text would not be the same numbers.
    same = next(
        one for one, text in texts.items() if one == name or (text == texts[name] and primary not in (one, name))
    )
    same_as = None if same == name else same
    return {"name": name, "most_left_out": reach, "same_as": same_as, "fits": None if same_as else texts[name]}


def _summary(
    data: Dataset, measure: str, choices: Choices, found: BatchFit, left: list[tuple[int, ...]]
) -> list[dict[str, Any]]:
    """Return the primary analysis over all sets of each small size: its lowest and highest estimate, and who is out."""
    sizes = np.array([len(one) for one in left])
    low, high = intervals.limits(found, choices.interval, choices.level)
    excludes = (low > 0) | (high < 0)
    # As many digits as all machines have in common, so that a tie is one on each; the first stands for all.
    estimates = floats(found.estimate)
    rows = []
    for size in range(min(SUMMARISED, int(sizes.max())) + 1):
        places = np.flatnonzero(sizes == size)
        ends = {
            "lowest": int(places[np.argmin(estimates[places])]),
            "highest": int(places[np.argmax(estimates[places])]),
        }
        rows.append(
            {
                "left_out": size,
                "sets": len(places),
                "excludes": int(excludes[places].sum()),
                **{
                    name: {
                        "estimate": float(found.estimate[place]),
                        "ratio": printable(measure, float(found.estimate[place])) if is_ratio(measure) else None,
                        "without": [data.studies[one] for one in left[place]],
                    }
                    for name, place in ends.items()
                },
            }
        )
    return rows

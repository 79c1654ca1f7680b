"""What the fits of subsets say together: with and without each study, by the number of studies, and at the ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from reanalysis.design import BoolArray, FloatArray
from reanalysis.intervals import critical_values
from reanalysis.measures import is_ratio, printable
from reanalysis.mixed_effects import Choices
from reanalysis.subsets_file import FitsOfSubsets, floats

# A study alone has no spread, and its estimate is its own.
FEWEST = 2

QUARTILES = {"q1": 25, "median": 50, "q3": 75}


def summaries(
    fits: FitsOfSubsets, include: BoolArray, studies: Sequence[str], measure: str, choices: Choices
) -> dict[str, Any]:
    """Return `by_study`, `by_size` and `overall` of `subsets.json`, all of the subsets of two studies or more.

    Parameters
    ----------
    include
        Shape (k, n): which studies each subset has.
    """
    several = fits.k >= FEWEST
    include, fits = include[:, several], fits.only(several)
    critical = critical_values(choices.level, np.where(fits.normal, np.inf, fits.k - 1.0))
    excludes = np.abs(fits.estimate) > critical * fits.se
    sizes = [fits.k == size for size in range(FEWEST, len(studies) + 1)]
    return {
        "by_study": [
            {"study": study, "with": _quartiles(fits, there), "without": _quartiles(fits, ~there)}
            for study, there in zip(studies, include, strict=True)
        ],
        "by_size": [
            {"k": size, **_range(fits, include, excludes, of_size, studies, measure)}
            for size, of_size in enumerate(sizes, start=FEWEST)
        ],
        "overall": _range(fits, include, excludes, np.ones(len(fits.k), bool), studies, measure),
    }


def _quartiles(fits: FitsOfSubsets, there: BoolArray) -> dict[str, Any]:
    """Return how many subsets there are, and the quartiles of their estimates and shares; None of no subset."""
    made: dict[str, Any] = {"subsets": int(there.sum())}
    for name, values in {"estimate": fits.estimate, "i2": fits.i2}.items():
        made |= dict(zip((f"{name}_{one}" for one in QUARTILES), _percentiles(values[there]), strict=True))
    return made


def _percentiles(values: FloatArray) -> list[float | None]:
    return np.percentile(values, list(QUARTILES.values())).tolist() if len(values) else [None] * len(QUARTILES)


def _range(
    fits: FitsOfSubsets,
    include: BoolArray,
    excludes: BoolArray,
    there: BoolArray,
    studies: Sequence[str],
    measure: str,
) -> dict[str, Any]:
    """Return how many of some subsets exclude no difference, and the ends of their estimates with who makes them."""
    places = np.flatnonzero(there)
    if not len(places):
        return {"subsets": 0, "excludes": None, "minimum": None, "maximum": None}
    # As they are kept in the file, so that a tie is one on every machine; the first subset stands for all.
    estimates = floats(fits.estimate[places])
    ends = {"minimum": places[np.argmin(estimates)], "maximum": places[np.argmax(estimates)]}
    return {
        "subsets": len(places),
        "excludes": 100 * float(excludes[places].mean()),
        **{name: _end(fits, include, int(place), studies, measure) for name, place in ends.items()},
    }


def _end(fits: FitsOfSubsets, include: BoolArray, place: int, studies: Sequence[str], measure: str) -> dict[str, Any]:
    estimate = float(fits.estimate[place])
    members = [study for study, there in zip(studies, include[:, place], strict=True) if there]
    ratio = printable(measure, estimate) if is_ratio(measure) else None
    return {"estimate": estimate, "ratio": ratio, "studies": members}

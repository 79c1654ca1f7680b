"""How many subsets of the studies lie where, by estimate and I2, with one study and without it.

A picture of a million points says no more than their counts in the cells of a grid, and is as large as they are many.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from reanalysis.design import BoolArray
from reanalysis.subset_summaries import FEWEST
from reanalysis.subsets_file import FitsOfSubsets, floats

# Grids of columns and rows, the finest first.
GRIDS = ((65, 34), (52, 27), (39, 20), (26, 14))

# The finest grid that has no more marks than this is taken; a cell with subsets of both kinds has two.
MOST_MARKS = 420

# How the counts are kept: in decimal text they would be half of the file.
INTEGERS = np.dtype("<i4")

WITH, WITHOUT = 0, 1

Counts = npt.NDArray[np.int64]


def cloud(fits: FitsOfSubsets, include: BoolArray, by_study: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return how many subsets of two studies or more have which estimate and I2; None without any.

    Parameters
    ----------
    fits, include
        The subsets, and which studies each has, shape (k, n).
    by_study
        The quartiles with and without each study, as `subsets.json` has them.
    """
    several = fits.k >= FEWEST
    if not several.any():
        return None
    place = _mover(by_study)
    there, fits = include[place, several], fits.only(several)
    # As they are kept in the file: a subset on the edge of two cells is in the same one on every machine.
    estimates, i2 = floats(fits.estimate).astype(float), floats(fits.i2).astype(float)
    low, high = float(estimates.min()), float(estimates.max())
    across, up = _share(estimates, low, high), _share(i2, 0.0, 100.0)
    counts = _counted(across, up, there, GRIDS[0])
    for grid in GRIDS[1:]:
        if np.count_nonzero(counts) > MOST_MARKS:
            counts = _counted(across, up, there, grid)
    columns, rows = counts.shape[1:]
    filled = np.argwhere(counts.sum(axis=0))
    cells = np.column_stack([filled, counts[:, filled[:, 0], filled[:, 1]].T])
    return {
        "study": by_study[place]["study"],
        "estimate_low": low,
        "estimate_high": high,
        "columns": columns,
        "rows": rows,
        "cells": base64.b64encode(cells.astype(INTEGERS).tobytes()).decode("ascii"),
    }


def _mover(by_study: Sequence[Mapping[str, Any]]) -> int:
    """Return the place of the study that moves the median I2 most; where I2 cannot tell, the median estimate."""
    moves = [tuple(_move(one, name) for name in ("i2_median", "estimate_median")) for one in by_study]
    return max(range(len(moves)), key=moves.__getitem__)


def _move(one: Mapping[str, Any], name: str) -> float:
    inside, outside = one["with"][name], one["without"][name]
    # Seven digits, as the file keeps: less is rounding error, and a tie is one on every machine.
    return 0.0 if inside is None or outside is None else abs(float(f"{inside - outside:.7g}"))


def _share(values: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.float64]:
    """Return how far each value is from one end to the other, 0 to 1; the middle where all are one."""
    return (values - low) / (high - low) if high > low else np.full(len(values), 0.5)


def _counted(
    across: npt.NDArray[np.float64], up: npt.NDArray[np.float64], there: BoolArray, grid: tuple[int, int]
) -> Counts:
    """Return counts of shape (2, columns, rows): the subsets with the study, and those without."""
    column, row = (
        np.minimum((share * size).astype(int), size - 1) for share, size in zip((across, up), grid, strict=True)
    )
    counts = np.zeros((2, *grid), np.int64)
    np.add.at(counts, (np.where(there, WITH, WITHOUT), column, row), 1)
    return counts

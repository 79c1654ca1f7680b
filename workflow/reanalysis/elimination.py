"""Designs turned so that some studies, the pivots, have the identity, and effects counted from the fit through them."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from reanalysis.design import FloatArray
from reanalysis.twofold import Twofold

# Directions of a design that differ by less than this share of their length are one.
DEPENDENT = 1e-9

# Where an effect lies further from another than this many standard errors of the most precise study, the fit through
# the pivots is made with twofold digits: in residuals, which are that much smaller, too few of one would be left.
FAR = 1e3

Numbers = TypeVar("Numbers", Twofold, FloatArray)


def turned(rows: FloatArray, yi: FloatArray, vi: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the turned design, shape (k, p, n), what turns it, shape (p, p, n), and the effects left, shape (k, n).

    Parameters
    ----------
    rows
        Shape (k, p, n): the design of each data set, the pivots first.
    yi, vi
        Shape (k, n).
    """
    k, p, n = rows.shape
    whole = np.concatenate([rows, np.broadcast_to(np.eye(p)[:, :, None], (p, p, n))])
    spread = np.where(np.isfinite(vi), np.abs(yi - yi[0]), 0.0).max(axis=0)
    made, left = _turned(whole, yi)
    far = np.flatnonzero(spread > FAR * np.sqrt(vi.min(axis=0)))
    if len(far):
        exact, exact_left = _turned(Twofold(whole[:, :, far]), Twofold(yi[:, far]))
        made[:, :, far], left[:, far] = exact.high, exact_left.high
    # The pivots' own part is known: it needs no rounding errors.
    made[:p], left[:p] = np.eye(p)[:, :, None], 0.0
    return made[:k], made[k:], left


def bring_pivots_up(yi: FloatArray, vi: FloatArray, rows: FloatArray) -> npt.NDArray[np.bool_]:
    """Swap p studies of each data set into its first p rows; return where there are no p that determine a coefficient.

    Parameters
    ----------
    rows
        Shape (k, p, n).
    """
    (_, p, n), every = rows.shape, np.arange(yi.shape[1])
    scales = np.abs(rows - rows[:1]).max(axis=0)
    scales[0] = 1.0
    turned, weights, undetermined = rows.copy(), np.sqrt(1 / vi), np.zeros(n, bool)
    for place in range(p):
        first = place + np.argmax(np.abs(turned[place:, place]) * weights[place:], axis=0)
        for values in (yi, vi, weights, rows, turned):
            swap(values, first, every, place)
        pivot = turned[place, place].copy()
        undetermined |= (np.abs(pivot) <= DEPENDENT * scales[place]) | (weights[place] == 0)
        pivot[undetermined] = 1.0
        turned[:, place] /= pivot
        for other in range(place + 1, p):
            turned[:, other] -= turned[:, place] * turned[place, other].copy()
    return undetermined


def _turned(rows: Numbers, yi: Numbers) -> tuple[Numbers, Numbers]:
    """Return a design turned so that its first p rows are the identity, and effects less the fit through their studies.

    Parameters
    ----------
    rows
        Shape (k + p, p, n): below the design the identity, which becomes what turns it.
    yi
        Shape (k, n).
    """
    turned, (k, p) = rows.copy(), (yi.shape[0], rows.shape[1])
    for place in range(p):
        turned[:, place] = turned[:, place] / turned[place, place].copy()
        row = turned[place].copy()
        for other in range(p):
            if other != place:
                turned[:, other] = turned[:, other] - turned[:, place] * row[other]
    left = yi - yi[0].copy()
    ahead = left[:p].copy()
    for place in range(p):
        left = left - turned[:k, place] * ahead[place]
    return turned, left


def swap(values: FloatArray, first: npt.NDArray[np.intp], every: npt.NDArray[np.intp], place: int) -> None:
    """Bring the row `first` of each data set to a place, and what stood there to where it was.

    Parameters
    ----------
    values
        Shape (k, n), or (k, p, n).
    """
    if values.ndim == 2:  # noqa: PLR2004 (numbers, and not rows of a design)
        taken = values[first, every]
        values[first, every] = values[place]
        values[place] = taken
    else:
        taken = values[first, :, every]
        values[first, :, every] = values[place].T
        values[place] = taken.T

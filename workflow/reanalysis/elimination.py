"""Designs turned so that some studies, the pivots, have the identity, and effects counted from the fit through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from reanalysis.design import BoolArray, FloatArray, Places
from reanalysis.twofold import Twofold

# Directions of a design that differ by less than this share of their length are one.
DEPENDENT = 1e-9

# Where an effect lies further from another than this many standard errors of the most precise study, the fit through
# the pivots is made with twofold digits: in residuals, which are that much smaller, too few of one would be left.
FAR = 1e3

Numbers = TypeVar("Numbers", Twofold, FloatArray)


def turned(rows: FloatArray, yi: FloatArray, vi: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray]:
    """Bring the pivots up, and return the design turned to them.

    The turned design has shape (k, p, n), what turns it (p, p, n), the effects less the fit through the pivots (k, n).
    Last, where there are no p studies that determine the coefficients, shape (n,): there the numbers mean nothing.

    Parameters
    ----------
    rows
        Shape (k, p): the design.
    yi, vi
        Shape (k, n); their rows are put into the new order.
    """
    k, p = rows.shape
    whole: FloatArray = np.empty((k + p, p, yi.shape[1]))
    whole[:k], whole[k:] = rows[:, :, None], np.eye(p)[:, :, None]
    made, pivots, undetermined = _with_pivots(whole, vi, np.ptp(rows, axis=0))
    for values in (yi, vi, made[:k]):
        _bring_up(values, pivots)
    vi[:p, undetermined] = 1.0
    left = _left(made[:k], yi)
    spread = np.where(np.isfinite(vi), np.abs(yi - yi[0]), 0.0).max(axis=0)
    far = np.flatnonzero((spread > FAR * np.sqrt(vi.min(axis=0))) & ~undetermined)
    if len(far):
        some: FloatArray = whole[:, :, far]
        _bring_up(some[:k], [one[far] for one in pivots])
        exact = Twofold(some)
        for place in range(p):
            _eliminate(exact, place, exact[place].copy())
        made[:, :, far] = exact.high
        left[:, far] = _left(exact[:k], Twofold(yi[:, far])).high
    # The pivots' own part is known: it needs no rounding errors.
    made[:p], left[:p] = np.eye(p)[:, :, None], 0.0
    made[p:k, :, undetermined] = left[:, undetermined] = 0.0
    made[k:, :, undetermined] = np.eye(p)[:, :, None]
    return made[:k], made[k:], left, undetermined


def _with_pivots(whole: FloatArray, vi: FloatArray, scales: FloatArray) -> tuple[FloatArray, list[Places], BoolArray]:
    """Return the design eliminated by Gauss and Jordan, the pivot of each step, and where there was none to be had.

    The pivot is the study whose row weighs most. The rows stay where they are.

    Parameters
    ----------
    whole
        Shape (k + p, p, n): below the design the identity, which becomes what turns it.
    scales
        Shape (p,): how far each column of the design reaches.
    """
    made, (k, n), every = whole.copy(), vi.shape, np.arange(vi.shape[1])
    weights, undetermined, pivots = np.sqrt(1 / vi), np.zeros(n, bool), []
    for place, scale in enumerate(scales):
        first = np.argmax(np.abs(made[:k, place]) * weights, axis=0)
        row = np.ascontiguousarray(made[first, :, every].T)
        undetermined |= (np.abs(row[place]) <= DEPENDENT * scale) | (weights[first, every] == 0)
        row[:, undetermined] = np.eye(len(row))[:, [place]]
        _eliminate(made, place, row)
        weights[first, every] = 0.0
        pivots.append(first)
    # Where a pivot stood before it was brought up: an earlier one may have been put into its place.
    for place, first in enumerate(pivots):
        for later in pivots[place + 1 :]:
            later[:] = np.where(later == place, first, later)
    return made, pivots, undetermined


def _eliminate(rows: Numbers, place: int, row: Numbers) -> None:
    """Make a row of the design that of the identity, by columns.

    Parameters
    ----------
    rows
        Shape (k + p, p, n).
    row
        Shape (p, n): the row, a copy of it.
    """
    rows[:, place] = rows[:, place] / row[place]
    for other in range(row.shape[0]):
        if other != place:
            rows[:, other] = rows[:, other] - rows[:, place] * row[other]


def _left(turned_rows: Numbers, yi: Numbers) -> Numbers:
    """Return effects less the fit through the pivots, shape (k, n)."""
    left: Numbers = yi - yi[0].copy()
    ahead = left[: turned_rows.shape[1]].copy()
    for place in range(1, ahead.shape[0]):
        left = left - turned_rows[:, place] * ahead[place]
    return left


def _bring_up(values: FloatArray, pivots: Sequence[Places]) -> None:
    """Swap the pivots of each data set into its first rows."""
    every = np.arange(values.shape[-1])
    for place, first in enumerate(pivots):
        swap(values, first, every, place)


def swap(values: FloatArray, first: Places, every: Places, place: int) -> None:
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

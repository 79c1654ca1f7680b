"""Designs turned so that some studies, the pivots, have the identity, and effects counted from the fit through them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reanalysis.design import BoolArray, FloatArray, Places
from reanalysis.room import Room
from reanalysis.twofold import Twofold

# Directions of a design that differ by less than this share of their length are one.
DEPENDENT = 1e-9

# Where an effect lies further from another than this many standard errors of the most precise study, the fit through
# the pivots is made with twofold digits: in residuals, which are that much smaller, too few of one would be left.
FAR = 1e3


def turned(
    rows: FloatArray, yi: FloatArray, vi: FloatArray, room: Room
) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray]:
    """Bring the pivots up, and return the design turned to them.

    The turned design has shape (p, k, n), what turns it (p, p, n), the effects less the fit through the pivots (k, n).
    Last, where there are no p studies that determine the coefficients, shape (n,): there the numbers mean nothing.

    Parameters
    ----------
    rows
        Shape (k, p): the design.
    yi, vi
        Shape (k, n); their rows are put into the new order.
    room
        Where the arrays are made.
    """
    k, p = rows.shape
    made = _beside_identity(rows, room.array("turned", (p, k + p, yi.shape[1])))
    pivots, undetermined = _with_pivots(made, vi, np.ptp(rows, axis=0), room)
    for values in (yi, vi, *made[:, :k]):
        _bring_up(values, pivots)
    vi[:p, undetermined] = 1.0
    left = room.array("left", yi.shape)
    np.subtract(yi, yi[0], out=left)
    spread = np.abs(left, out=room.array("part", yi.shape))
    if not np.isfinite(vi.max(initial=0.0)):
        spread[np.isinf(vi)] = 0.0
    far = np.flatnonzero((spread.max(axis=0) > FAR * np.sqrt(vi.min(axis=0))) & ~undetermined)
    _take_fit(left, made[:, :k], room.array("part", yi.shape))
    if len(far):
        some = _beside_identity(rows, np.empty((p, k + p, len(far))))
        for column in some[:, :k]:
            _bring_up(column, [one[far] for one in pivots])
        exact = [Twofold(one) for one in some]
        for place in range(p):
            _eliminate_exactly(exact, place)
        for place, column in enumerate(exact):
            made[place][:, far] = column.high
        left[:, far] = _left(exact, Twofold(yi[:, far])).high
    # The pivots' own part is known: it needs no rounding errors.
    made[:, :p], left[:p] = np.eye(p)[:, :, None], 0.0
    if undetermined.any():
        made[:, p:k, undetermined] = left[:, undetermined] = 0.0
        made[:, k:, undetermined] = np.eye(p)[:, :, None]
    return made[:, :k], made[:, k:].transpose(1, 0, 2), left, undetermined


def _beside_identity(rows: FloatArray, out: FloatArray) -> FloatArray:
    """Write the columns of the design, and below it the identity, which becomes what turns it: shape (p, k + p, n)."""
    k, p = rows.shape
    out[:, :k], out[:, k:] = rows.T[:, :, None], np.eye(p)[:, :, None]
    return out


def _with_pivots(made: FloatArray, vi: FloatArray, scales: FloatArray, room: Room) -> tuple[list[Places], BoolArray]:
    """Eliminate by Gauss and Jordan; return the pivot of each step, and where there was none to be had.

    The pivot is the study whose row weighs most. The rows stay where they are.

    Parameters
    ----------
    made
        Shape (p, k + p, n): what `_beside_identity` returns.
    scales
        Shape (p,): how far each column of the design reaches.
    """
    (k, n), every = vi.shape, np.arange(vi.shape[1])
    weights, weighed = room.array("weights", vi.shape), room.array("weighed", vi.shape)
    np.sqrt(np.divide(1, vi, out=weights), out=weights)
    undetermined, pivots = np.zeros(n, bool), []
    for place, scale in enumerate(scales):
        np.abs(made[place, :k], out=weighed)
        weighed *= weights
        first = first_row(weighed, weighed.max(axis=0))
        row = np.stack([_at(column[:k], first, every) for column in made])
        none = (np.abs(row[place]) <= DEPENDENT * scale) | (_at(weights, first, every) == 0)
        if none.any():
            undetermined |= none
        row[:, undetermined] = np.eye(len(row))[:, [place]]
        _eliminate(made, place, row, room.array("eliminated", made.shape[1:]))
        weights[first, every] = 0.0
        pivots.append(first)
    # Where a pivot stood before it was brought up: an earlier one may have been put into its place.
    for place, first in enumerate(pivots):
        for later in pivots[place + 1 :]:
            later[:] = np.where(later == place, first, later)
    return pivots, undetermined


def _eliminate(columns: FloatArray, place: int, row: FloatArray, part: FloatArray) -> None:
    """Make a row of the design that of the identity, by columns.

    Parameters
    ----------
    columns
        Shape (p, k + p, n).
    row
        Shape (p, n): the row, a copy of it.
    part
        Shape (k + p, n): room for one column.
    """
    columns[place] /= row[place]
    for other in range(len(columns)):
        if other != place:
            columns[other] -= np.multiply(columns[place], row[other], out=part)


def _eliminate_exactly(columns: list[Twofold], place: int) -> None:
    """Make the row of that place that of the identity, with twofold digits."""
    row = [column[place].copy() for column in columns]
    columns[place] = columns[place] / row[place]
    for other, column in enumerate(columns):
        if other != place:
            columns[other] = column - columns[place] * row[other]


def _take_fit(left: FloatArray, columns: FloatArray, part: FloatArray) -> None:
    """Take the fit through the pivots from effects that are counted from the first of them, shape (k, n)."""
    ahead = left[: len(columns)].copy()
    for column, height in zip(columns[1:], ahead[1:], strict=True):
        left -= np.multiply(column, height, out=part)


def _left(columns: list[Twofold], yi: Twofold) -> Twofold:
    """Return effects less the fit through the pivots, shape (k, n), with twofold digits."""
    left = yi - yi[0].copy()
    ahead = left[: len(columns)].copy()
    for place, column in enumerate(columns[1:], start=1):
        left = left - column[: yi.shape[0]] * ahead[place]
    return left


def _bring_up(values: FloatArray, pivots: Sequence[Places]) -> None:
    """Swap the pivots of each data set into its first rows."""
    every = np.arange(values.shape[-1])
    for place, first in enumerate(pivots):
        swap(values, first, every, place)


def first_row(values: FloatArray, value: FloatArray) -> Places:
    """Return the first row in which each data set has its value, shape (n,): one of some other where none has.

    Parameters
    ----------
    values, value
        Shapes (k, n) and (n,).
    """
    # Small integers are compared many at a time; np.argmax of truth values is not.
    k = len(values)
    from_below = np.arange(k, 0, -1, dtype=np.min_scalar_type(k))[:, None]
    first: Places = np.minimum(k - (from_below * (values == value)).max(axis=0).astype(np.intp), k - 1)
    return first


def _at(values: FloatArray, row: Places, every: Places) -> FloatArray:
    """Return one row's value of each data set, shape (n,)."""
    return values.reshape(-1).take(row * len(every) + every)


def swap(values: FloatArray, first: Places, every: Places, place: int) -> None:
    """Bring the row `first` of each data set to a place, and what stood there to where it was.

    Parameters
    ----------
    values
        Shape (k, n), in one piece.
    """
    flat, places = values.reshape(-1), first * len(every) + every
    taken = flat.take(places)
    flat[places] = values[place]
    values[place] = taken

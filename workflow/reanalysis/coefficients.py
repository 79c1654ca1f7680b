"""Coefficients, their covariance and the test of all slopes, from a weighted fit back to the terms of a design."""

from __future__ import annotations

import numpy as np

from reanalysis.design import FloatArray
from reanalysis.weighted import Weighted


def coefficients(at: Weighted) -> tuple[FloatArray, FloatArray]:
    """Return the coefficients, shape (p, n), and their covariance without a scale, shape (p, p, n).

    Parameters
    ----------
    at
        Data sets at their tau2.
    """
    if not at.sets.columns:
        return at.sets.start + np.array(at.along), 1 / np.array(at.norms)[None]
    estimate, half = _coefficients(at)
    estimate[0] += at.sets.start
    return estimate, np.einsum("ian,jan->ijn", half, half)


def omnibus(at: Weighted) -> FloatArray:
    """Return the test statistic of all coefficients but the first being 0, without a scale, shape (n,); 0 for means."""
    if at.sets.p == 1:
        return np.zeros(len(at.tau2))
    slopes, half = _coefficients(at)
    slopes, half = slopes[1:].copy(), half[1:].copy()
    # With covariance H H' of the slopes b and L orthonormal rows, H = T L, the statistic is the squared length of
    # T^-1 b: Gram and Schmidt on the rows of H, with b carried along.
    for place in range(len(slopes)):
        length = np.sqrt(np.einsum("an,an->n", half[place], half[place]))
        half[place] /= length
        slopes[place] /= length
        for later in range(place + 1, len(slopes)):
            share = np.einsum("an,an->n", half[place], half[later])
            half[later] -= share * half[place]
            slopes[later] -= share * slopes[place]
    return np.asarray(np.einsum("jn,jn->n", slopes, slopes), float)


def _coefficients(at: Weighted) -> tuple[FloatArray, FloatArray]:
    """Return the coefficients of effects counted from the first pivot's, shape (p, n), and a root of their covariance.

    The fit at the pivots' rows says what the coefficients are. The root has shape (p, p, n).
    """
    through, root = _at_pivots(at)
    turn = at.sets.turn
    return np.einsum("ijn,jn->in", turn, at.sets.ahead + through), np.einsum("ijn,jan->ian", turn, root)


def _at_pivots(at: Weighted) -> tuple[FloatArray, FloatArray]:
    """Return the coefficients of the turned design, shape (p, n), and a root of their covariance, shape (p, p, n)."""
    p, n = at.sets.p, len(at.tau2)
    # With `basis` the orthogonal columns: turned design @ turn = basis, so coefficients = turn @ along.
    turn: FloatArray = np.zeros((p, p, n))
    for place, taken in enumerate(at.taken):
        turn[place, place] = 1
        for earlier, share in enumerate(taken):
            turn[:, place] -= turn[:, earlier] * share
    root: FloatArray = turn / np.sqrt(np.array(at.norms))
    return np.einsum("jan,an->jn", turn, np.array(at.along)), root

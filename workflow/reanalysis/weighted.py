"""What the models of many data sets are made of at one value of tau2.

With W = diag(1 / (vi + tau2)) and P = W - W X (X' W X)^-1 X' W (Viechtbauer 2005, J Educ Behav Stat 30:261):

    Q(tau2)                 = y' P y
    restricted score        = (y' P P y - tr P) / 2
    score                   = (y' P P y - tr W) / 2
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from reanalysis.design import FloatArray
from reanalysis.room import Room

if TYPE_CHECKING:
    from reanalysis.sets import Sets


SUMS = {2: "kn,kn->n", 3: "kn,kn,kn->n"}


def dot(*factors: FloatArray) -> FloatArray:
    """Return the sum of products over studies, of two or three factors."""
    products: FloatArray = np.einsum(SUMS[len(factors)], *factors)
    return products


class Weighted:
    """n data sets, each weighted by 1 / (vi + tau2) at its own tau2.

    The design is made orthogonal under the weights of each data set by modified Gram and Schmidt, which is as stable as
    a QR of the weighted design; normal equations would not be, with weights of many orders of magnitude.

    Parameters
    ----------
    sets
        The data sets.
    tau2
        Shape (n,), at least 0.
    room
        Where its arrays of shape (k, n) are made.
    """

    def __init__(self, sets: Sets, tau2: FloatArray, room: Room) -> None:
        self.sets, self.tau2, self._room = sets, tau2, room
        p, shape = sets.p, sets.yi.shape
        self.weights = room.array("weights", shape)
        np.add(sets.vi, tau2, out=self.weights)
        np.reciprocal(self.weights, out=self.weights)
        # Of the orthogonal columns: themselves, times the weights, squared norms, the norms without each one's own
        # pivot, coefficients, what of each earlier column was taken out.
        self.columns: list[FloatArray] = []
        self.pulled: list[FloatArray] = []
        self.norms: list[FloatArray] = []
        self.beside: list[FloatArray] = []
        self.along: list[FloatArray] = []
        self.taken: list[list[FloatArray]] = []
        if not sets.columns:
            beside = self.weights[1:].sum(axis=0)
            norm = beside + self.weights[0]
            self.pulled, self.norms, self.beside, self.taken = [self.weights], [norm], [beside], [[]]
            self.along = [dot(self.weights, sets.yi) / norm]
            self.residual = np.subtract(sets.yi, self.along[0], out=room.array("residual", shape))
        else:
            self.residual = sets.yi
        for place, turned in enumerate(sets.columns):
            column, taken = turned, []
            for norm, earlier, pulled in zip(self.norms, self.columns, self.pulled, strict=True):
                taken.append(dot(pulled, column) / norm)
                part = np.multiply(earlier, taken[-1], out=room.array("part", shape))
                column = np.subtract(column, part, out=room.array(f"column {place}", shape))
            pulled = np.multiply(self.weights, column, out=room.array(f"pulled {place}", shape))
            # All but the pivot's own part, which is its weight: its column has a 1 there, and zeros at later pivots.
            beside = dot(pulled[p:], column[p:]) + dot(pulled[:place], column[:place])
            norm = beside + self.weights[place]
            self.columns.append(column)
            self.pulled.append(pulled)
            self.beside.append(beside)
            self.norms.append(norm)
            self.taken.append(taken)
            self.along.append(dot(pulled, self.residual) / norm)
            part = np.multiply(column, self.along[-1], out=room.array("part", shape))
            self.residual = np.subtract(self.residual, part, out=room.array("residual", shape))

    @cached_property
    def py(self) -> FloatArray:
        """Shape (k, n): P y, the weighted residuals."""
        return np.multiply(self.weights, self.residual, out=self._room.array("py", self.residual.shape))

    @cached_property
    def ypy(self) -> FloatArray:
        """The weighted residual sum of squares, Q(tau2)."""
        return dot(self.py, self.residual)

    @cached_property
    def yppy(self) -> FloatArray:
        """Y' P P y: the slope of Q downwards."""
        return dot(self.py, self.py)

    @cached_property
    def ypppy(self) -> tuple[FloatArray, FloatArray]:
        """Y' P P P y, half the slope of `yppy` downwards, and how far rounding may have moved it."""
        total = dot(self.weights, self.py, self.py)
        error = 8 * np.finfo(float).eps * total
        for pulled, norm in zip(self.pulled, self.norms, strict=True):
            total = total - dot(pulled, self.py) ** 2 / norm
        return total, error

    @cached_property
    def trace_w(self) -> FloatArray:
        """Tr W."""
        total: FloatArray = self.weights.sum(axis=0) if self.columns else self.norms[0]
        return total

    @cached_property
    def trace_ww(self) -> FloatArray:
        """Tr W W."""
        return dot(self.weights, self.weights)

    @cached_property
    def _lower(self) -> list[FloatArray]:
        """Of each orthogonal column times the weights, the squared norm over all rows but the pivots'."""
        p = self.sets.p
        return [dot(pulled[p:], pulled[p:]) for pulled in self.pulled]

    @cached_property
    def trace_p(self) -> FloatArray:
        """Tr P, the expectation of `yppy` under the model.

        The diagonal of P is w (1 - h). Where a pivot outweighs all others its leverage h is nearly 1: there 1 - h is
        what the others add to its column's norm.
        """
        p = self.sets.p
        total: FloatArray = self.beside[0].copy() if not self.columns else self.weights[p:].sum(axis=0)
        for place, norm in enumerate(self.norms):
            total -= self._lower[place] / norm
            weight = self.weights[place]
            free = self.beside[place] / norm
            for later in range(place + 1, p):
                free = free - weight * self.columns[later][place] ** 2 / self.norms[later]
            total += weight * free
        return total

    @cached_property
    def trace_pp(self) -> tuple[FloatArray, FloatArray]:
        """Tr P P, which is the slope of `trace_p` downwards, and how far rounding may have moved it."""
        p = self.sets.p
        if not self.columns:
            total = self._lower[0] + self.weights[0] ** 2
            share = total / self.norms[0]
            twice = 2 * dot(self.weights, self.weights, self.weights) / self.norms[0]
            return total - twice + share**2, 16 * np.finfo(float).eps * total
        total = self.trace_ww.copy()
        for place, (pulled, norm) in enumerate(zip(self.pulled, self.norms, strict=True)):
            total -= 2 * dot(pulled, pulled, self.weights) / norm
            own = self._lower[place] + dot(pulled[:p], pulled[:p])
            total += (own / norm) ** 2
            for other in range(place):
                total += 2 * dot(pulled, self.pulled[other]) ** 2 / (norm * self.norms[other])
        return total, 16 * p * np.finfo(float).eps * self.trace_ww

    @cached_property
    def sum_log_variances(self) -> FloatArray:
        """The sum of log (vi + tau2) over the studies of each data set."""
        if self.sets.complete:
            return np.asarray(-np.log(self.weights).sum(axis=0), float)
        with np.errstate(divide="ignore"):
            logs = np.log(self.weights)
        logs[self.weights == 0] = 0.0
        return np.asarray(-logs.sum(axis=0), float)

    @property
    def log_norms(self) -> FloatArray:
        """Log |X' W X| of the turned design."""
        return np.asarray(np.log(self.norms).sum(axis=0), float)

"""Many data sets of one design, in the form that keeps the digits of their fits whatever the weights.

Nothing large is taken from anything large: the p most precise independent studies of a data set, its pivots, come
first; effects are counted from the fit that goes through them, so that their own are 0; and the design is turned so
that theirs is the identity. A study that is not in a data set has an infinite variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reanalysis.design import BoolArray, FloatArray, Places
from reanalysis.elimination import first_row, swap, turned
from reanalysis.room import NewRoom, Room
from reanalysis.weighted import Weighted


@dataclass(frozen=True)
class Sets:
    """n data sets of k studies and p coefficients, the pivots in the first p rows.

    Parameters
    ----------
    yi
        Shape (k, n): effects less the fit through the pivots.
    vi
        Shape (k, n): sampling variances; infinite for a study that is not in the data set.
    columns
        The p columns of the turned design, shape (k, n) each; none for a mean, whose only column is of ones.
    start
        Shape (n,): the effect of the first pivot.
    ahead
        Shape (p, n): the effects of the pivots less that of the first.
    turn
        Shape (p, p, n): from values at the pivots to coefficients.
    plain
        Shape (k, n): effects less that of the first pivot.
    room
        Where the arrays of its common-effect model are made.
    """

    yi: FloatArray
    vi: FloatArray
    columns: tuple[FloatArray, ...]
    start: FloatArray
    ahead: FloatArray
    turn: FloatArray
    plain: FloatArray
    room: Room

    @property
    def p(self) -> int:
        """The number of coefficients."""
        return len(self.ahead)

    @cached_property
    def complete(self) -> bool:
        """Whether every study is in every data set."""
        return bool(np.isfinite(self.vi.max(initial=0.0)))

    @cached_property
    def k(self) -> FloatArray:
        """How many studies each data set has, shape (n,)."""
        if self.complete:
            return np.full(self.vi.shape[1], float(len(self.vi)))
        return np.asarray(np.isfinite(self.vi).sum(axis=0), float)

    @property
    def smallest(self) -> FloatArray:
        """The smallest variance of each data set, shape (n,): for a mean that of its pivot."""
        smallest: FloatArray = self.vi.min(axis=0) if self.columns else self.vi[0]
        return smallest

    @property
    def largest(self) -> FloatArray:
        """The largest variance of each data set, shape (n,)."""
        largest: FloatArray = (self.vi if self.complete else np.where(np.isfinite(self.vi), self.vi, 0.0)).max(axis=0)
        return largest

    @property
    def df(self) -> FloatArray:
        """The residual degrees of freedom, k - p, of each data set."""
        return self.k - self.p

    @cached_property
    def zero(self) -> Weighted:
        """The data sets under the common-effect model."""
        return self.at(np.zeros(self.yi.shape[1]), self.room.part("zero"))

    @cached_property
    def log_gram(self) -> FloatArray:
        """Log |X' X| of the turned design, shape (n,)."""
        return np.log(self.k) if not self.columns else self.equal.log_norms

    @cached_property
    def equal(self) -> Weighted:
        """The data sets with every study of weight 1."""
        alike = np.broadcast_to(1.0, self.vi.shape) if self.complete else np.where(np.isfinite(self.vi), 1.0, np.inf)
        return self.with_variances(alike, self.room.part("equal")).zero

    def forget(self) -> None:
        """Let go of what was worked out: it refers back to the data sets, and would keep their memory."""
        for name in ("zero", "equal"):
            self.__dict__.pop(name, None)

    def at(self, tau2: FloatArray, room: Room | None = None) -> Weighted:
        """Return the data sets, each weighted at its value of tau2, shape (n,).

        What is made in a room is good until something else is made there.
        """
        return Weighted(self, tau2, room or NewRoom())

    def with_variances(self, vi: FloatArray, room: Room) -> Sets:
        """Return the same effects and design with other variances."""
        return Sets(self.yi, vi, self.columns, self.start, self.ahead, self.turn, self.plain, room)

    def only(self, places: Places, room: Room | None = None) -> Sets:
        """Return some of the data sets, made in a room; one may be asked for more than once."""
        room = room or NewRoom()
        shape = self.yi.shape[0], len(places)

        def taken(name: str, values: FloatArray) -> FloatArray:
            return np.take(values, places, axis=1, out=room.array(name, shape), mode="clip")

        yi = taken("yi", self.yi)
        return Sets(
            yi,
            taken("vi", self.vi),
            tuple(taken(f"turned {place}", column) for place, column in enumerate(self.columns)),
            self.start.take(places),
            self.ahead.take(places, axis=1),
            self.turn.take(places, axis=2),
            taken("plain", self.plain) if self.columns else yi,
            room,
        )


def of_means(yi: FloatArray, vi: FloatArray, room: Room | None = None) -> Sets:
    """Return data sets whose model is a mean, made in a room.

    Parameters
    ----------
    yi, vi
        Shape (k, n), k at least 1; a study that is not in a data set has a finite effect and an infinite variance.
    """
    room = room or NewRoom()
    every = np.arange(yi.shape[1])
    first = first_row(vi, vi.min(axis=0))
    origin = yi[first, every]
    counted, variance = room.array("yi", yi.shape), room.array("vi", vi.shape)
    np.subtract(yi, origin, out=counted)
    np.copyto(variance, vi)
    swap(counted, first, every, 0)
    swap(variance, first, every, 0)
    # Where there is no study at all the numbers mean nothing, but are some.
    variance[0, np.isinf(variance[0])] = 1.0
    zeros, ones = np.zeros((1, len(every))), np.ones((1, 1, len(every)))
    return Sets(counted, variance, (), origin, zeros, ones, counted, room)


def of_regressions(
    yi: FloatArray, vi: FloatArray, design: FloatArray, room: Room | None = None
) -> tuple[Sets, BoolArray]:
    """Return data sets whose model is a regression, and which of them leave a coefficient undetermined, shape (n,).

    Gauss and Jordan's elimination of each data set's design, the pivot being the study whose row weighs most.

    Parameters
    ----------
    yi, vi
        As for `of_means`, shape (k, n), k >= p.
    design
        Shape (k, p), the first column of ones.
    """
    room = room or NewRoom()
    plain, variance = room.array("plain", yi.shape), room.array("vi", vi.shape)
    np.copyto(plain, yi)
    np.copyto(variance, vi)
    made, turn, counted, undetermined = turned(design, plain, variance, room)
    start = plain[0].copy()
    plain -= start
    sets = Sets(counted, variance, tuple(made), start, plain[: len(turn)].copy(), turn, plain, room)
    return sets, undetermined

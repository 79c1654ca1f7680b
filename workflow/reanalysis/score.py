"""Where the score of a likelihood changes its sign, and how far it cannot.

The score is (f - g) / 2 with f = y' P P y and g = tr P, or tr W for the likelihood that is not restricted. Both are
sums over error contrasts or studies with variances l: f of z^2 / (l + tau2)^2, g of 1 / (l + tau2). Let c be the
smallest sampling variance, so that c <= l, and u = log(c + tau2). Then the log of f falls with u at a rate of 0 to 2,
that of g at 0 to 1, and their second derivatives lie in [-1/2, 1] and [-1/4, 1/4]: each term's rate is 2 r or r with
r = (c + tau2) / (l + tau2) in [0, 1] and r' = r (1 - r); a log of a sum adds the variance of the rates. So
q = log(f / g), which is positive where the likelihood rises, obeys

    -2 <= q' <= 1,    -3/4 <= q'' <= 5/4,

and one value of it with its slope says how far it cannot change its sign.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reanalysis.design import FloatArray
from reanalysis.room import Room
from reanalysis.sets import BoolArray, Places, Sets
from reanalysis.weighted import Weighted

# The bounds of q'' on either side.
FALL, RISE = 3 / 4, 5 / 4

# Of a step that must not pass a bound, to leave room for rounding.
WITHIN = 0.999


@dataclass(frozen=True)
class Likelihood:
    """What tells the two likelihoods apart: g, its slope downwards with an error bound, twice the log likelihood."""

    trace: Callable[[Weighted], FloatArray]
    slope: Callable[[Weighted], tuple[FloatArray, FloatArray]]
    height: Callable[[Weighted], FloatArray]


RESTRICTED = Likelihood(
    trace=lambda at: at.trace_p,
    slope=lambda at: at.trace_pp,
    height=lambda at: -at.sum_log_variances - at.log_norms - at.ypy,
)
FULL = Likelihood(
    trace=lambda at: at.trace_w,
    slope=lambda at: (at.trace_ww, np.zeros_like(at.tau2)),
    height=lambda at: -at.sum_log_variances - at.ypy,
)


@dataclass(frozen=True)
class Node:
    """At one tau2 of each data set: f / g, its logarithm q, how fast log f and log g fall with u, the error of both.

    f / g is 0 and q minus infinity where the residuals are 0.
    """

    tau2: FloatArray
    ratio: FloatArray
    q: FloatArray
    f_falls: FloatArray
    g_falls: FloatArray
    error: FloatArray

    @property
    def values(self) -> tuple[FloatArray, ...]:
        """All fields, in their order."""
        return self.tau2, self.ratio, self.q, self.f_falls, self.g_falls, self.error

    def only(self, places: Places) -> Node:
        """Return the node of some of the data sets."""
        return Node(*(one.take(places) for one in self.values))

    @staticmethod
    def joined(nodes: Sequence[Node]) -> Node:
        """Return the nodes of several groups of data sets as one."""
        return Node(*map(np.concatenate, zip(*(one.values for one in nodes), strict=True)))

    @cached_property
    def slope(self) -> FloatArray:
        """Q' as computed."""
        return self.g_falls - self.f_falls

    @property
    def above(self) -> FloatArray:
        """How far to the right q stays positive, where it is so here."""
        low = np.maximum(self.slope - self.error, -2.0)
        return WITHIN * np.maximum((low + np.sqrt(low * low + 2 * FALL * self.q)) / FALL, self.q / 2)

    @property
    def below(self) -> FloatArray:
        """How far to the right q stays negative, where it is so here."""
        high = np.minimum(self.slope + self.error, 1.0)
        return WITHIN * np.maximum((np.sqrt(high * high - 2 * RISE * self.q) - high) / RISE, -self.q)


@dataclass(frozen=True)
class Ends:
    """The smallest and the largest sampling variance of each data set."""

    smallest: FloatArray
    largest: FloatArray

    def only(self, places: Places) -> Ends:
        """Return the ends of some of the data sets."""
        return Ends(self.smallest.take(places), self.largest.take(places))

    def moved(self, tau2: FloatArray, step: FloatArray) -> FloatArray:
        """Return tau2 after a step of u."""
        return np.maximum(0.0, tau2 + (self.smallest + tau2) * np.expm1(step))

    def over(self, node: Node) -> BoolArray:
        """Whether q, which is not positive at the node, is so for no greater tau2.

        Beyond it f falls at least as (largest + tau2)^-2, g at most as (smallest + tau2)^-1; of the bound of their
        ratio the greatest value is at largest - 2 smallest.
        """
        span = self.largest - self.smallest
        bounded = node.ratio * (self.largest + node.tau2) ** 2 <= 4 * span * (self.smallest + node.tau2)
        return (node.ratio <= 1) & (bounded | (node.tau2 >= self.largest - 2 * self.smallest))

    def clear_of(self, root: Node) -> tuple[BoolArray, FloatArray]:
        """Whether there is no root beyond one where q falls, and how far there is none in any case.

        The rates r of the terms of f rise at most to 1, and those of g: with means m and n of the rates here, worst
        where every rate is 0 or 1,

            q(u + x) <= log(1 - m + m exp(-2 x)) + log(1 - n + n exp(x)),

        which returns to 0 at a root of a quadratic in exp(x). The other bound is that of `over`, which is below 0 from
        the other root of a quadratic in tau2 on.
        """
        m = np.maximum((root.f_falls - root.error) / 2, 0.0)
        n = np.minimum(root.g_falls + root.error, 1.0)
        lead = 2 * n * (1 - m)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            far = (m + np.sqrt(m * m + 2 * lead * m * (1 - n))) / lead
            reach = self.smallest + root.tau2
            again = (self.largest**2 - (self.largest + root.tau2) ** 2 * self.smallest / reach) / root.tau2
            over = (root.tau2 >= self.largest - 2 * self.smallest) | (self.smallest + again <= WITHIN * far * reach)
            return over, WITHIN * np.log(far)


@dataclass(frozen=True)
class Search:
    """Data sets whose maximum is looked for."""

    sets: Sets
    likelihood: Likelihood
    ends: Ends
    room: Room

    def only(self, places: Places, room: str) -> Search:
        """Return the search in some of the data sets, good until another is made in the same room."""
        sets = self.sets.only(places, self.room.part(room))
        return Search(sets, self.likelihood, self.ends.only(places), self.room)

    def at(self, tau2: FloatArray) -> Node:
        """Return the node at a value of tau2 of each data set."""
        return self.node(self.sets.at(tau2, self.room))

    def node(self, at: Weighted) -> Node:
        """Return what is known at a value of tau2."""
        f, g = at.yppy, self.likelihood.trace(at)
        (bend_f, error_f), (bend_g, error_g) = at.ypppy, self.likelihood.slope(at)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratio = f / g
            q = np.log(ratio)
            reach = self.ends.smallest + at.tau2
            by_f, by_g = 2 * reach / f, reach / g
            f_falls, g_falls = by_f * bend_f, by_g * bend_g
            error = by_f * error_f + by_g * error_g
        return Node(at.tau2, ratio, q, f_falls, g_falls, error)

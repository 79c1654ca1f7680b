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

from reanalysis.design import BoolArray, FloatArray, Places
from reanalysis.room import Room
from reanalysis.sets import Sets
from reanalysis.weighted import Weighted

# The bounds of q'' on either side.
FALL, RISE = 3 / 4, 5 / 4

# No interval of u shorter than this is divided, so that two roots closer than it may be passed over: q is below 2e-5
# between them, and the log likelihood gains less than 1e-7 a study.
SHORTEST = 0.01

# Squares of residuals that sum to less are those of equal effects: the sum has lost its digits to the smallest number
# there is, and is far too small for a root.
NOTHING = 1e-290

# How far a step towards a root may go, in parts of c + tau2.
MOST_AT_ONCE = 150.0

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
    """At one tau2 of each data set: c + tau2, f / g, how fast log f and log g fall with u, the error of both.

    f / g is 0 and q minus infinity where the residuals are 0.
    """

    tau2: FloatArray
    span: FloatArray
    ratio: FloatArray
    f_falls: FloatArray
    g_falls: FloatArray
    error: FloatArray

    @property
    def values(self) -> tuple[FloatArray, ...]:
        """All fields, in their order."""
        return self.tau2, self.span, self.ratio, self.f_falls, self.g_falls, self.error

    def only(self, places: Places | slice) -> Node:
        """Return the node of some of the data sets."""
        return Node(*(one[places] for one in self.values))

    def copy(self) -> Node:
        """Return a node whose numbers can be written over."""
        return Node(*(one.copy() for one in self.values))

    @staticmethod
    def joined(nodes: Sequence[Node]) -> Node:
        """Return the nodes of several groups of data sets as one."""
        return Node(*map(np.concatenate, zip(*(one.values for one in nodes), strict=True)))

    @cached_property
    def q(self) -> FloatArray:
        """Log (f / g)."""
        with np.errstate(divide="ignore"):
            return np.log(self.ratio)

    @cached_property
    def inverse(self) -> FloatArray:
        """Of f / g: were all sampling variances one, it would be straight in tau2."""
        return 1 / self.ratio

    @cached_property
    def inverse_slope(self) -> FloatArray:
        """How fast tau2 grows with `inverse`."""
        return -self.span * self.ratio / self.slope

    def stepped(self, step: FloatArray) -> FloatArray:
        """Return tau2 after a step of at most `MOST_AT_ONCE` times c + tau2."""
        return np.maximum(0.0, self.tau2 + np.minimum(step, MOST_AT_ONCE * self.span))

    @cached_property
    def slope(self) -> FloatArray:
        """Q' as computed."""
        return self.g_falls - self.f_falls

    @cached_property
    def kept(self) -> FloatArray:
        """How far to the right the sign of q cannot change."""
        return self._kept(1)

    def reach(self, direction: int) -> tuple[FloatArray, FloatArray]:
        """Return how far the sign of q cannot change, and how far it changes once at most: q is monotone beyond.

        Parameters
        ----------
        direction
            1 to the right, -1 to the left.
        """
        kept = self._kept(direction)
        bound = np.where(self.ratio > 1, RISE, FALL)
        straight = WITHIN * (-self._rise(direction) - 2 * self.error) / bound
        # A bound that is not a number is none.
        return kept, np.fmax(kept, straight)

    def _rise(self, direction: int) -> FloatArray:
        """How fast |q| grows at least."""
        return np.where(self.ratio > 1, direction * self.slope, -direction * self.slope) - self.error

    def _kept(self, direction: int) -> FloatArray:
        """How far the sign of q cannot change: |q| bends down as bounded, and falls no faster than -2 <= q' <= 1."""
        up, rise, size = self.ratio > 1, self._rise(direction), np.abs(self.q)
        bound = np.where(up, FALL, RISE)
        with np.errstate(invalid="ignore"):
            bent = (rise + np.sqrt(rise * rise + 2 * bound * size)) / bound
            far: FloatArray = WITHIN * np.fmax(bent, np.where(up == (direction > 0), 0.5 * size, size))
        return far


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

    def width(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return how far one tau2 is from another in u."""
        return np.asarray(np.log((self.smallest + high) / (self.smallest + low)), float)

    def over(self, node: Node) -> BoolArray:
        """Whether q, which is not positive at the node, is so for no greater tau2.

        Let z be how far tau2 has gone, over c + tau2. A term of f falls as (1 + r z)^-2, which is convex in its rate r:
        with the mean m of the rates here and the least possible one, s, f falls at least as that of two groups of
        rates 1 and s, p (1 + z)^-2 + (1 - p) (1 + s z)^-2. A term of g falls as (1 + r z)^-1, so g at most as that of
        its mean rate, (1 + n z)^-1. Of the quotient the first summand is at most p, the second greatest at
        z = (n - 2 s) / (n s).
        """
        s, p, n = self._rates(node)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            greatest = np.where(n > 2 * s, n * n / (4 * s * (n - s)), 1.0)
            bounded = node.ratio * (p + (1 - p) * greatest) <= WITHIN
        sure: BoolArray = (node.ratio == 0) | ((node.ratio <= 1) & bounded)
        return sure

    def around(self, root: Node) -> tuple[BoolArray, FloatArray]:
        """Return whether a root where q falls is the only one to its right, and down to which tau2 there is none left.

        To the right, by the bound of `over`, (1 + z)^2 (1 + s z)^2 - (1 + n z) (p (1 + s z)^2 + (1 - p) (1 + z)^2), a
        polynomial that is 0 at z = 0, must not be negative; over z it is a cubic, whose least value for z >= 0 is at 0
        or at its minimum. To the left, with z < 0, bounds change their places: f is at least as that of its mean rate,
        (1 + m z)^-2, g at most as that of two groups. So q is positive where
        (1 + m z)^2 (1 + (1 - n + s) z) < (1 + z) (1 + s z), which over z is a quadratic.
        """
        s, p, n = self._rates(root)
        rest = 1 - p
        zeroth = 2 + 2 * s - n - 2 * (p * s + rest)
        first = 1 + 4 * s + s * s - 2 * n * (p * s + rest) - (p * s * s + rest)
        second = 2 * s + 2 * s * s - n * (p * s * s + rest)
        third = s * s
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            bend = second * second - 3 * third * first
            at = np.where(bend > 0, (np.sqrt(np.maximum(bend, 0.0)) - second) / (3 * third), 0.0)
            at = np.maximum(at, 0.0)
            least = zeroth + at * (first + at * (second + at * third))
        alone = (zeroth > 0) & (least > 0)
        m = p + rest * s
        last = 1 - n + s
        linear, square = s - m * m - 2 * m * last, -m * m * last
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            # Of a quadratic that is negative at 0 the root below 0 that is nearest to it, if there is one.
            bend = linear * linear - 4 * square * (n - 2 * m)
            at = WITHIN * 2 * (n - 2 * m) / (np.sqrt(np.maximum(bend, 0.0)) - linear)
        at = np.where(n < 2 * m, np.where((bend > 0) & (linear < 0), at, -1.0), 0.0)
        return alone, np.maximum(0.0, root.tau2 + (self.smallest + root.tau2) * at)

    def _rates(self, node: Node) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the least rate, the share of rates 1 when all others are the least, and the mean rate of g."""
        least = (self.smallest + node.tau2) / (self.largest + node.tau2)
        m = np.clip((node.f_falls - node.error) / 2, least, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(least < 1, (m - least) / (1 - least), 1.0)
        return least, share, np.clip(node.g_falls + node.error, least, 1.0)


@dataclass(frozen=True)
class Search:
    """Data sets whose maximum is looked for."""

    sets: Sets
    likelihood: Likelihood
    ends: Ends
    room: Room

    @property
    def count(self) -> int:
        """How many data sets there are."""
        return len(self.ends.smallest)

    def furthest(self) -> FloatArray:
        """Return a tau2 of each data set, at least 0, from which on q is negative.

        With r the distances from the fit through the pivots, f <= sum r^2 / (c + tau2)^2, because y' P y is least of
        all fits, and no eigenvalue of P above 1 / (c + tau2); g >= (k - p) / (L + tau2), L the largest variance.
        """
        sets, ends = self.sets, self.ends
        there = sets.yi if sets.complete else np.where(np.isfinite(sets.vi), sets.yi, 0.0)
        squares = np.square(there).sum(axis=0) / np.maximum(sets.df, 1.0)
        reach = (squares + np.sqrt(squares * (squares + 4 * (ends.largest - ends.smallest)))) / 2
        return np.asarray(np.maximum(0.0, reach / WITHIN - ends.smallest), float)

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
            span, some = self.ends.smallest + at.tau2, f > NOTHING
            ratio, by_f = np.where(some, f / g, 0.0), np.where(some, 2 * span / f, 0.0)
            by_g = span / g
            f_falls, g_falls = by_f * bend_f, by_g * bend_g
            error = by_f * error_f + by_g * error_g
        return Node(at.tau2, span, ratio, f_falls, g_falls, error)

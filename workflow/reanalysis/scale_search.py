"""The scale s >= 0 at the global maximum of the likelihood of z ~ N(0, I + s S), and proven to be global.

With the eigenvalues g of S and z turned to its axes, 2 l is a constant less D + Q, the sums of log(1 + s g) and of
z^2 / (1 + s g). Its derivatives are differences of sums that fall with s:

    2 dl  = rise - drag,     rise = sum z^2 g / (1 + s g)^2,     drag = sum g / (1 + s g)
    2 ddl = lift - bend,     lift = sum g^2 / (1 + s g)^2,       bend = sum 2 z^2 g^2 / (1 + s g)^3

So from s = a to b the first lies between rise(b) - drag(a) and rise(a) - drag(b), and the second is at most
lift(a) - bend(b).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from reanalysis.design import BoolArray, FloatArray

# Points of the first grid: a term changes on the scale of s and the inverse of its eigenvalue, so that each point
# follows another by a small factor of their sum.
GRID_POINTS = 400

# Below this share of the largest, an eigenvalue is 0.
NEGLIGIBLE = 1e-14

# No interval is divided inside which the log likelihood is above its ends by less.
UNSEEN = 1e-10

# Newton's steps end when they move s by less than this share of it, or after so many.
RELATIVE_TOLERANCE = 4 * np.finfo(float).eps
MOST_STEPS = 100


class Scale(NamedTuple):
    """A scale, and D and Q there."""

    s: float
    log_det: float
    quadratic: float


class _Axes(NamedTuple):
    """The eigenvalues g that are not 0 and the squares z^2 along their axes, shape (n,) each; the sum of the others."""

    g: FloatArray
    z2: FloatArray
    rest: float

    def at(self, s: float) -> Scale:
        return Scale(s, float(np.log1p(s * self.g).sum()), self.rest + float((self.z2 / (1 + s * self.g)).sum()))


class _Slopes(NamedTuple):
    """Twice the derivative at some scales s, and the sums that bound it and the second: shape (points,) each."""

    s: FloatArray
    score: FloatArray
    rise: FloatArray
    drag: FloatArray
    lift: FloatArray
    bend: FloatArray

    def only(self, places: BoolArray | slice) -> _Slopes:
        return _Slopes(*(one[places] for one in self))


def best_scale(z: FloatArray, part: FloatArray) -> Scale:
    """Return the s >= 0 of the global maximum where M = I + s * part, of equal maxima the least.

    Parameters
    ----------
    z
        Shape (m,).
    part
        Shape (m, m), positive semidefinite.
    """
    if not len(z):
        return Scale(0.0, 0.0, 0.0)
    values, turned = np.linalg.eigh(part)
    squares = (turned.T @ z) ** 2
    felt = values > NEGLIGIBLE * max(float(values[-1]), np.finfo(float).tiny)
    axes = _Axes(values[felt], squares[felt], float(squares[~felt].sum()))
    return min((axes.at(s) for s in [0.0, *_falling_roots(axes)]), key=lambda one: one.log_det + one.quadratic)


def _falling_roots(axes: _Axes) -> list[float]:
    """Return every s > 0 at which the score falls through 0: those of maxima, but for ones lower than UNSEEN.

    Each term of D + Q has one minimum, at s = (z^2 - 1) / g: all those of the sum lie between. Intervals there are
    divided until the score is shown to keep its sign in each, or to fall all the way.
    """
    peaks = (axes.z2 - 1) / axes.g
    high = float(peaks.max(initial=0.0))
    if high <= 0:
        return []
    low, offset = max(0.0, float(peaks.min())), 1 / float(axes.g.max())
    grid = np.geomspace(low + offset, high + offset, GRID_POINTS) - offset
    grid[0], grid[-1] = low, high
    points = _slopes(axes, grid)
    # At the ends the score has the sign that the bounds promise, whatever rounding makes of it.
    points.score[-1] = min(points.score[-1], 0.0)
    if low > 0:
        points.score[0] = max(points.score[0], np.finfo(float).tiny)
    found: list[float] = []
    a, b = points.only(slice(None, -1)), points.only(slice(1, None))
    while len(a.s):
        middle = (a.s + b.s) / 2
        sure = _settled(a, b) | (middle <= a.s) | (middle >= b.s)
        falls = sure & (a.score > 0) & (b.score <= 0)
        found += [
            _root(axes, left, right) for left, right in zip(a.s[falls].tolist(), b.s[falls].tolist(), strict=True)
        ]
        a, b = a.only(~sure), b.only(~sure)
        if len(a.s):
            c = _slopes(axes, middle[~sure])
            a, b = (_Slopes(*(np.concatenate(pair) for pair in zip(*ends, strict=True))) for ends in ((a, c), (c, b)))
    return sorted(found)


def _settled(a: _Slopes, b: _Slopes) -> BoolArray:
    """Return between which points the likelihood is monotone, is concave, or rises too little above both to matter."""
    up, down = a.rise - b.drag, a.drag - b.rise
    little = (b.s - a.s) * np.minimum(up, down) / 2 <= UNSEEN
    sure: BoolArray = (up < 0) | (down < 0) | (a.lift < b.bend) | little
    return sure


def _slopes(axes: _Axes, s: FloatArray) -> _Slopes:
    spread = 1 + s[:, None] * axes.g
    slope, each = axes.g / spread, axes.z2 / spread
    square, rise = slope * slope, slope * each
    return _Slopes(
        s,
        (slope * (each - 1)).sum(axis=1),
        rise.sum(axis=1),
        slope.sum(axis=1),
        square.sum(axis=1),
        2 * (rise * slope).sum(axis=1),
    )


def _root(axes: _Axes, low: float, high: float) -> float:
    """Return where the score falls through 0 between two points, by Newton's steps or halving."""
    s = (low + high) / 2
    for _ in range(MOST_STEPS):
        spread = 1 + s * axes.g
        slope, each = axes.g / spread, axes.z2 / spread
        score, bend = float((slope * (each - 1)).sum()), float((slope**2 * (1 - 2 * each)).sum())
        low, high = (s, high) if score > 0 else (low, s)
        newer = s - score / bend if bend < 0 else math.inf
        if not low <= newer <= high:
            newer = (low + high) / 2
        if abs(newer - s) <= RELATIVE_TOLERANCE * s:
            return newer
        s = newer
    return s

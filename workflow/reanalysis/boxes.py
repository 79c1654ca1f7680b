"""How high the restricted likelihood of two variance components can be inside a box of them.

In the letters of `variance_components`, twice the log likelihood is a constant less D + Q, where D = log |M| is concave
in theta and grows with each component, and Q = z' M^-1 z is convex and falls (Boyd and Vandenberghe 2004, Convex
Optimization, sections 3.1.5 and 3.1.7). So for a <= theta <= b and any c

    D + Q >= D(a) + Q(b),
    D + Q >= Q(c) + min over the corners v of the box of D(v) + dQ(c) (v - c):

a tangent bounds Q, and what is concave is least at a corner. The error of the second falls with the square of the box's
width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from reanalysis.design import BoolArray, FloatArray, Places
from reanalysis.scale_search import NEGLIGIBLE

# The first boxes: so many, at most, along each component.
FIRST = 12

# A box is divided along both components if one is felt in it at least by this share of the other.
ALIKE = 0.5

# How many numbers one array may hold.
AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Boxes:
    """Boxes of u_j = log(1 + theta_j * the largest eigenvalue of S_j), shape (n, 2) each.

    A component does not matter where its u is far below 1, and changes M by a factor where u changes by 1.
    """

    low: FloatArray
    high: FloatArray

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.low)

    def divided(self, places: BoolArray, felt: FloatArray) -> Boxes:
        """Return some of the boxes, each halved along the component that is felt more in it; along both if alike.

        Parameters
        ----------
        places, felt
            Of all boxes: which to take, and how much each component is felt, shape (n, 2).
        """
        low, high, felt = self.low[places], self.high[places], felt[places]
        along = felt >= ALIKE * felt.max(axis=1, keepdims=True)
        for j in (0, 1):
            halved = np.flatnonzero(along[:, j])
            low, high, along = (np.concatenate([one, one[halved]]) for one in (low, high, along))
            middle = (low[halved, j] + high[halved, j]) / 2
            high[halved, j], low[len(low) - len(halved) :, j] = middle, middle
        return Boxes(low, high)


class Bounds(NamedTuple):
    """Of each box a lower bound of D + Q, D and Q at its centre, and their rounding errors at least: shape (n,) each.

    `felt` says by how much D + Q changes with either component from side to side, shape (n, 2).
    """

    least: FloatArray
    log_det: FloatArray
    quadratic: FloatArray
    rounding: FloatArray
    felt: FloatArray


@dataclass(frozen=True)
class Surface:
    """D and Q over two components, in the axes of S_2.

    Parameters
    ----------
    z, first, second
        z and S_1 turned to the axes of S_2, and the eigenvalues of S_2: shapes (m,), (m, m) and (m,).
    units
        Of each component, 1 over the largest eigenvalue of its S_j: shape (2,).
    """

    z: FloatArray
    first: FloatArray
    second: FloatArray
    units: FloatArray

    @staticmethod
    def of(z: FloatArray, first: FloatArray, second: FloatArray) -> Surface:
        """Return the surface of z, S_1 and S_2, neither of them 0."""
        values, axes = np.linalg.eigh(second)
        units = 1 / np.array([float(np.linalg.eigvalsh(first)[-1]), float(values[-1])])
        return Surface(axes.T @ z, axes.T @ first @ axes, np.maximum(values, 0.0), units)

    def everything(self) -> Boxes:
        """Return boxes outside of which there is no maximum, where S_2 is positive definite.

        With one component held, so that M = A + theta_j S_j, take the generalised eigenvectors v of S_j and A, of
        eigenvalue g and v' A v = 1: as for a single component, a maximum has theta_j <= ((v' z)^2 - 1) / g for one of
        them. Of the second component that is at most z' S_2^-1 z. Of the first it is at most |z|^2 times the largest
        eigenvalue of A over the least positive one of S_1, because A >= I.
        """
        second = float(np.sum(self.z**2 / np.maximum(self.second, NEGLIGIBLE * self.second[-1])))
        values = np.linalg.eigvalsh(self.first)
        least = float(values[values > NEGLIGIBLE * values[-1]][0])
        first = float(self.z @ self.z) * (1 + second * float(self.second[-1])) / least
        ends = [np.linspace(0.0, top, FIRST + 1) for top in np.log1p(np.array([first, second]) / self.units)]
        low, high = (
            np.stack(np.meshgrid(*one, indexing="ij"), axis=-1).reshape(-1, 2)
            for one in ((ends[0][:-1], ends[1][:-1]), (ends[0][1:], ends[1][1:]))
        )
        return Boxes(low, high)

    def theta(self, u: FloatArray) -> FloatArray:
        """Return the components, of the shape of u."""
        return self.units * np.expm1(u)

    def bounds(self, boxes: Boxes) -> Bounds:
        """Return what is known of each box."""
        a, c, b = (self.theta(u) for u in (boxes.low, (boxes.low + boxes.high) / 2, boxes.high))
        every, places = np.unique(np.concatenate([a[:, 1], c[:, 1], b[:, 1]]), return_inverse=True)
        lines = self._lines(every)
        at_a, at_c, at_b = np.split(places, 3)
        corners = [(a, a, at_a), (a, b, at_b), (b, a, at_a), (b, b, at_b)]
        logs = [lines.log_det(at, one[:, 0]) for one, _, at in corners]
        q, fall = lines.quadratic(at_c, c[:, 0]), lines.slopes(at_c, c[:, 0])
        tangent = [
            log_det + q - (fall * (np.column_stack([one[:, 0], other[:, 1]]) - c)).sum(axis=1)
            for log_det, (one, other, _) in zip(logs, corners, strict=True)
        ]
        least_q = lines.quadratic(at_b, b[:, 0])
        # An eigenvalue of M errs by the largest times the precision of numbers, and so does its share of D + Q. In the
        # box that is least where M is smallest, Q is, and the smallest eigenvalue is largest.
        condition = np.exp(boxes.low).sum(axis=1) / (1 + b[:, 1] * self.second[0])
        with np.errstate(over="ignore"):
            rounding = np.finfo(float).eps * condition * (len(self.z) + least_q)
        return Bounds(
            least=np.maximum(logs[0] + least_q, np.min(tangent, axis=0)),
            log_det=lines.log_det(at_c, c[:, 0]),
            quadratic=q,
            rounding=rounding,
            felt=np.column_stack([logs[2] - logs[0], logs[1] - logs[0]]) + fall * (b - a),
        )

    def _lines(self, second: FloatArray) -> _Lines:
        """Return the surface along the first component, at some values of the second."""
        spread = 1 + second[:, None] * self.second
        root = 1 / np.sqrt(spread)
        values, axes = np.linalg.eigh(root[:, :, None] * self.first * root[:, None, :])
        turned = axes.transpose(0, 2, 1)
        return _Lines(
            start=np.log(spread).sum(axis=1),
            g=np.maximum(values, 0.0),
            w=(turned @ (root * self.z)[:, :, None])[:, :, 0],
            across=turned @ ((self.second / spread)[:, :, None] * axes),
        )


@dataclass(frozen=True)
class _Lines:
    """Lines on which theta_2 is constant, M = R (I + theta_1 diag(g)) R' on each, with z = R w and S_2 = R across R'.

    Parameters
    ----------
    start
        D where theta_1 = 0, shape (n,).
    g, w, across
        Shapes (n, m), (n, m), (n, m, m).
    """

    start: FloatArray
    g: FloatArray
    w: FloatArray
    across: FloatArray

    def log_det(self, lines: Places, first: FloatArray) -> FloatArray:
        """Return D at a value of the first component on each of some lines."""
        found: FloatArray = self.start[lines] + np.log1p(first[:, None] * self.g[lines]).sum(axis=1)
        return found

    def quadratic(self, lines: Places, first: FloatArray) -> FloatArray:
        """Return Q at such points."""
        found: FloatArray = (self.w[lines] ** 2 / (1 + first[:, None] * self.g[lines])).sum(axis=1)
        return found

    def slopes(self, lines: Places, first: FloatArray) -> FloatArray:
        """Return how fast Q falls with either component at such points, shape (n, 2)."""
        p = self.w[lines] / (1 + first[:, None] * self.g[lines])
        step = max(1, AT_ONCE // self.g.shape[1] ** 2)
        second = [
            np.einsum("ni,nij,nj->n", p[at : at + step], self.across[lines[at : at + step]], p[at : at + step])
            for at in range(0, len(p), step)
        ]
        return np.column_stack([(p * p * self.g[lines]).sum(axis=1), np.concatenate(second)])

"""The restricted likelihood of variance components: y ~ N(X beta, V + sum theta_j G_j) with V known, theta_j >= 0.

Let K be an orthonormal basis of all that is orthogonal to X, and K' V K = L L'. The contrasts z = L^-1 K' y do not know
beta, and their covariance is M = I + sum theta_j S_j with S_j = L^-1 K' G_j K L^-T. Their log likelihood is the
restricted one of y (Patterson and Thompson 1971, Biometrika 58:545; Harville 1974, Biometrika 61:383):

    l       = -(log |K' V K| + log |M| + z' M^-1 z + (k - p) log 2 pi) / 2
    dl      = -(tr M^-1 S_j - z' M^-1 S_j M^-1 z) / 2
    ddl     =   tr (M^-1 S_i M^-1 S_j) / 2 - z' M^-1 S_i M^-1 S_j M^-1 z
    E[-ddl] =   tr (M^-1 S_i M^-1 S_j) / 2
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reanalysis.design import FloatArray
from reanalysis.errors import ReanalysisError

# Points of the grid on which one component is searched: a term of the likelihood changes on the scale of theta and the
# inverse of its eigenvalue, so that each point follows another by a small factor of their sum.
GRID_POINTS = 400

# Shares of the first of two components: dense at both ends, where a small component may still matter.
SHARES = np.sin(np.linspace(0.0, math.pi / 2, 65)) ** 2

# Below this share of the largest, an eigenvalue is 0; two components that differ by less are one.
NEGLIGIBLE = 1e-14
SAME = 1e-8

# Newton's steps end when they move a component by less than this share of it, or after so many.
RELATIVE_TOLERANCE = 4 * np.finfo(float).eps
MOST_STEPS = 100
# A step goes at most this share of the way to a boundary, whose maxima are found apart.
TOWARDS_BOUNDARY = 0.9


@dataclass(frozen=True)
class Point:
    """The restricted log likelihood and its derivatives at one theta: a number, shape (c,), (c, c), (c, c)."""

    height: float
    gradient: FloatArray
    hessian: FloatArray
    information: FloatArray


@dataclass(frozen=True)
class Contrasts:
    """What the restricted likelihood needs of the data.

    Parameters
    ----------
    z
        Shape (k - p,).
    parts
        The matrices S_j, shape (k - p, k - p) each.
    log_det
        log |K' V K|.
    """

    z: FloatArray
    parts: tuple[FloatArray, ...]
    log_det: float

    def at(self, theta: Sequence[float]) -> Point:
        """Return the likelihood at some components, each at least 0."""
        total = np.eye(len(self.z)) + sum(value * part for value, part in zip(theta, self.parts, strict=True))
        root = np.linalg.cholesky(total)
        u = np.linalg.solve(root, self.z)
        turned = [np.linalg.solve(root, np.linalg.solve(root, part).T) for part in self.parts]
        moved = np.array([part @ u for part in turned]).reshape(len(turned), len(u))
        traces = np.array([[float(np.sum(one * other)) for other in turned] for one in turned])
        return Point(
            height=self.height(2 * float(np.sum(np.log(np.diagonal(root)))), float(u @ u)),
            gradient=(moved @ u - np.array([float(np.trace(part)) for part in turned])) / 2,
            hessian=traces / 2 - moved @ moved.T,
            information=traces / 2,
        )

    def height(self, log_det: float, quadratic: float) -> float:
        """Return the log likelihood of log |M| and z' M^-1 z."""
        return -(self.log_det + log_det + quadratic + len(self.z) * math.log(2 * math.pi)) / 2


def contrasts(yi: FloatArray, covariance: FloatArray, X: FloatArray, parts: Sequence[FloatArray]) -> Contrasts:
    """Return the contrasts of the data.

    Parameters
    ----------
    yi
        Shape (k,).
    covariance
        Shape (k, k): V, positive definite.
    X
        Shape (k, p) of rank p.
    parts
        The matrices G_j, shape (k, k) each, positive semidefinite.
    """
    basis = np.linalg.qr(X, mode="complete")[0][:, X.shape[1] :]
    root = np.linalg.cholesky(basis.T @ covariance @ basis)
    half = np.linalg.solve(root, basis.T)
    return Contrasts(
        z=half @ yi,
        parts=tuple(half @ part @ half.T for part in parts),
        log_det=2 * float(np.sum(np.log(np.diagonal(root)))),
    )


def one_component(data: Contrasts) -> float:
    """Return the theta >= 0 at the global maximum of the restricted likelihood of a single component."""
    return _best_scale(data, data.parts[0])[0]


def two_components(data: Contrasts) -> tuple[float, float]:
    """Return both components at the highest maximum of the restricted likelihood found.

    For each share of the first in their sum, the likelihood is maximised over the sum; from each share that is better
    than its neighbours, Newton's method goes on in both. The boundaries, at which one of them is 0 or both, are
    shares 0 and 1 and are searched exactly.

    Raises
    ------
    ReanalysisError
        Where the data cannot tell the two apart.
    """
    _refuse_alike(*data.parts)
    found = [_best_scale(data, share * data.parts[0] + (1 - share) * data.parts[1]) for share in SHARES]
    heights = np.array([height for _, height in found])
    candidates = [(found[place][1], _shared(found[place][0], place)) for place in (0, len(SHARES) - 1)]
    for place in range(1, len(SHARES) - 1):
        if found[place][0] > 0 and heights[place] >= max(heights[place - 1], heights[place + 1]):
            theta = _climb(data, np.array(_shared(found[place][0], place)))
            candidates.append((data.at(theta).height, theta))
    # Of equal heights the simpler model is taken, with a component at 0: it stands first.
    return max(candidates, key=lambda one: one[0])[1]


def _shared(total: float, place: int) -> tuple[float, float]:
    share = float(SHARES[place])
    return total * share, total * (1 - share)


def _refuse_alike(first: FloatArray, second: FloatArray) -> None:
    """Refuse two components of which one is a multiple of the other, or 0."""
    lengths = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    if min(lengths) <= SAME * max(lengths) or np.linalg.norm(first / lengths[0] - second / lengths[1]) <= SAME:
        raise ReanalysisError(
            "these estimates cannot tell the variance between clusters from that within",
            remedy="that needs two clusters, and one of them with two estimates",
        )


def _best_scale(data: Contrasts, part: FloatArray) -> tuple[float, float]:
    """Return the s >= 0 of the global maximum where M = I + s * part, and the log likelihood there.

    With the eigenvalues g of the part and z turned to its axes, 2 l is a constant less the sum of
    log(1 + s g) + z^2 / (1 + s g). Each term has one maximum, at s = (z^2 - 1) / g: all those of the sum lie between.
    """
    if not len(data.z):
        return 0.0, data.height(0.0, 0.0)
    values, axes = np.linalg.eigh(part)
    squares = (axes.T @ data.z) ** 2
    felt = values > NEGLIGIBLE * max(float(values[-1]), np.finfo(float).tiny)
    g, z2 = values[felt], squares[felt]
    rest = float(squares[~felt].sum())

    def height(s: float) -> float:
        return data.height(float(np.log1p(s * g).sum()), rest + float((z2 / (1 + s * g)).sum()))

    peaks = (z2 - 1) / g
    high = float(peaks.max(initial=0.0))
    if high <= 0:
        return 0.0, height(0.0)
    low, offset = max(0.0, float(peaks.min())), 1 / float(g.max())
    grid = np.geomspace(low + offset, high + offset, GRID_POINTS) - offset
    grid[0], grid[-1] = low, high
    scores = _score(grid, g, z2)[0]
    # At the ends the score has the sign that the bounds promise, whatever rounding makes of it.
    scores[-1] = min(scores[-1], 0.0)
    if low > 0:
        scores[0] = max(scores[0], np.finfo(float).tiny)
    falls = np.flatnonzero((scores[:-1] > 0) & (scores[1:] <= 0))
    places = [0.0] + [_falling_root(g, z2, float(grid[at]), float(grid[at + 1])) for at in falls]
    return max(((s, height(s)) for s in places), key=lambda one: one[1])


def _score(s: FloatArray, g: FloatArray, z2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return twice the first and the second derivative of the log likelihood by s, each of the shape of s."""
    spread = 1 + s[:, None] * g
    slope = g / spread
    return (slope * (z2 / spread - 1)).sum(axis=1), (slope**2 * (1 - 2 * z2 / spread)).sum(axis=1)


def _falling_root(g: FloatArray, z2: FloatArray, low: float, high: float) -> float:
    """Return where the score falls through 0 between two points, by Newton's steps or halving."""
    s = (low + high) / 2
    for _ in range(MOST_STEPS):
        (score,), (slope,) = _score(np.array([s]), g, z2)
        low, high = (s, high) if score > 0 else (low, s)
        newer = s - score / slope if slope < 0 else math.inf
        if not low <= newer <= high:
            newer = (low + high) / 2
        if abs(newer - s) <= RELATIVE_TOLERANCE * s:
            return float(newer)
        s = newer
    return float(s)


def _climb(data: Contrasts, theta: FloatArray) -> tuple[float, float]:
    """Return the maximum that Newton's method reaches from a point inside, never going down or over a boundary."""
    here = data.at(theta.tolist())
    for _ in range(MOST_STEPS):
        concave = bool(np.linalg.eigvalsh(here.hessian)[-1] < 0)
        step = np.linalg.solve(-here.hessian if concave else here.information, here.gradient)
        down = step < 0
        length = min(1.0, TOWARDS_BOUNDARY * float(np.min(theta[down] / -step[down]))) if down.any() else 1.0
        there = data.at((theta + length * step).tolist())
        # Near the maximum the heights differ by rounding only, and Newton's step is to be trusted.
        noise = 1e-12 * (1 + abs(here.height))
        while there.height < here.height - noise and length > RELATIVE_TOLERANCE:
            length /= 2
            there = data.at((theta + length * step).tolist())
        moved = float(np.max(np.abs(length * step) / theta))
        theta, here = theta + length * step, there
        if moved <= RELATIVE_TOLERANCE:
            break
    return float(theta[0]), float(theta[1])

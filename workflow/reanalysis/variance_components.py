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

from reanalysis.boxes import Surface
from reanalysis.design import FloatArray
from reanalysis.errors import ReanalysisError
from reanalysis.scale_search import NEGLIGIBLE, Scale, best_scale

# By how much a log likelihood that is not found may be greater than the one that is.
SURPLUS = 1e-9

# Two components that differ by less than this share are one.
SAME = 1e-8

# Newton's steps end when they move a component by less than this share of it, or after so many.
RELATIVE_TOLERANCE = 4 * np.finfo(float).eps
MOST_STEPS = 100
# A step goes at most this share of the way to a boundary, whose maxima are found apart.
TOWARDS_BOUNDARY = 0.9


# Both components, and the log likelihood there.
Found = tuple[tuple[float, float], float]


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
    bare
        The matrices K' G_j K, of the same shapes.
    log_det
        log |K' V K|.
    """

    z: FloatArray
    parts: tuple[FloatArray, ...]
    bare: tuple[FloatArray, ...]
    log_det: float

    def at(self, theta: Sequence[float]) -> Point:
        """Return the likelihood at some components, each at least 0."""
        total = np.eye(len(self.z)) + sum(value * part for value, part in zip(theta, self.parts, strict=True))
        # In units in which each contrast has the variance 1, a large component does not cost the digits of the others.
        sd = np.sqrt(np.diagonal(total))
        units = np.outer(sd, sd)
        root = np.linalg.cholesky(total / units)
        u = np.linalg.solve(root, self.z / sd)
        turned = [np.linalg.solve(root, np.linalg.solve(root, part / units).T) for part in self.parts]
        moved = np.array([part @ u for part in turned]).reshape(len(turned), len(u))
        traces = np.array([[float(np.sum(one * other)) for other in turned] for one in turned])
        return Point(
            height=self.height(2 * float(np.sum(np.log(np.diagonal(root) * sd))), float(u @ u)),
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
    if len(parts) > 1:
        # Contrasts that the first component does not move, within clusters, come first: the Cholesky root leaves them
        # among themselves.
        basis = basis @ np.linalg.eigh(basis.T @ parts[0] @ basis)[1]
    root = np.linalg.cholesky(basis.T @ covariance @ basis)
    half = np.linalg.solve(root, basis.T)
    return Contrasts(
        z=half @ yi,
        parts=tuple(half @ part @ half.T for part in parts),
        bare=tuple(basis.T @ part @ basis for part in parts),
        log_det=2 * float(np.sum(np.log(np.diagonal(root)))),
    )


def one_component(data: Contrasts) -> float:
    """Return the theta >= 0 at the global maximum of the restricted likelihood of a single component."""
    return best_scale(data.z, data.parts[0]).s


def two_components(data: Contrasts) -> tuple[float, float]:
    """Return both components at the global maximum of the restricted likelihood.

    No components have a log likelihood greater by more than SURPLUS, or by what rounding makes of it: the boundaries
    are searched as for a single component, and what is inside is divided into boxes until each is shown to hold nothing
    higher (`boxes`).

    Parameters
    ----------
    data
        Its second part is positive definite.

    Raises
    ------
    ReanalysisError
        Where the data cannot tell the two apart.
    numpy.linalg.LinAlgError
        Where effects differ by some 1e60 of their standard errors, so that no sum of variances has digits of both.
    """
    _refuse_alike(*data.bare)
    first, second = (best_scale(data.z, part) for part in data.parts)
    alone = ((first.s, 0.0), _height(data, first)), ((0.0, second.s), _height(data, second))
    # Of equal heights the simpler model is taken, with a component at 0: it is there first.
    best = max(alone, key=lambda one: one[1])
    surface = Surface.of(data.z, *data.parts)
    boxes = surface.everything()
    while len(boxes):
        found = surface.bounds(boxes)
        here = found.log_det + found.quadratic
        top = int(np.argmin(here))
        if data.height(float(found.log_det[top]), float(found.quadratic[top])) > best[1] + _noise(best[1]):
            start = surface.theta((boxes.low[top] + boxes.high[top]) / 2)
            best = _higher(data, best, start, surface.units)
        wanted = 2 * (data.height(0.0, 0.0) - best[1] - SURPLUS)
        unsure = (found.least < wanted) & (here - found.least > 2 * SURPLUS + found.rounding)
        boxes = boxes.divided(unsure, found.felt)
    return _off_boundary(data, best, surface.units)[0]


def _height(data: Contrasts, found: Scale) -> float:
    return data.height(found.log_det, found.quadratic)


def _higher(data: Contrasts, best: Found, start: FloatArray, units: FloatArray) -> Found:
    """Return what a climb from a point inside leads to, if that is higher than the best found so far."""
    theta = _climb(data, start, NEGLIGIBLE * units)
    height = data.at(theta).height
    return (theta, height) if height > best[1] + _noise(best[1]) else best


def _off_boundary(data: Contrasts, best: Found, units: FloatArray) -> Found:
    """Return the best point, moved inside from a boundary on which the likelihood rises with the component at 0."""
    here = data.at(best[0])
    for place in (0, 1):
        if best[0][place] == 0 and here.gradient[place] > 0:
            start, step = np.array(best[0]), float(here.gradient[place] / here.information[place, place])
            start[place] = step
            while data.at(start.tolist()).height <= here.height and start[place] > RELATIVE_TOLERANCE * step:
                start[place] /= 2
            if start.min() > 0:
                best = _higher(data, best, start, units)
    return best


def _noise(height: float) -> float:
    """Return by how much two heights may differ that rounding alone makes different."""
    return 1e-12 * (1 + abs(height))


def _refuse_alike(first: FloatArray, second: FloatArray) -> None:
    """Refuse two components of which one is a multiple of the other, or 0."""
    lengths = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    if min(lengths) <= SAME * max(lengths) or np.linalg.norm(first / lengths[0] - second / lengths[1]) <= SAME:
        raise ReanalysisError(
            "these estimates cannot tell the variance between clusters from that within",
            remedy="that needs two clusters, and one of them with two estimates",
        )


def _climb(data: Contrasts, theta: FloatArray, nothing: FloatArray) -> tuple[float, float]:
    """Return the maximum that Newton's method reaches from a point inside, never going down or over a boundary.

    Parameters
    ----------
    nothing
        Components that are not felt any more, shape (2,): there a climb ends, because its way leads to the boundary.
    """
    here = data.at(theta.tolist())
    for _ in range(MOST_STEPS):
        concave = bool(np.linalg.eigvalsh(here.hessian)[-1] < 0)
        step = np.linalg.solve(-here.hessian if concave else here.information, here.gradient)
        down = step < 0
        length = min(1.0, TOWARDS_BOUNDARY * float(np.min(theta[down] / -step[down]))) if down.any() else 1.0
        there = data.at((theta + length * step).tolist())
        # Near the maximum the heights differ by rounding only, and Newton's step is to be trusted.
        while there.height < here.height - _noise(here.height) and length > RELATIVE_TOLERANCE:
            length /= 2
            there = data.at((theta + length * step).tolist())
        moved = float(np.max(np.abs(length * step) / theta))
        theta, here = theta + length * step, there
        if moved <= RELATIVE_TOLERANCE or (theta < nothing).any():
            break
    return float(theta[0]), float(theta[1])

"""The residuals of many studies: the sums of `contrasts` from the weights, in time that grows with the studies.

The eigenvectors behind independent contrasts take time that grows with the cube of the studies: minutes for a hundred.
With W = diag(1/(v + tau2)), Q an orthonormal basis of the design's columns and S = Q'WQ,
    P = W - W Q S^-1 Q'W,      Py = W (y - Q S^-1 Q'W y),
    trace of P = sum of w - tr(S^-1 Q'W^2 Q),
    trace of PP = sum of w^2 - 2 tr(S^-1 Q'W^3 Q) + tr((S^-1 Q'W^2 Q)^2),
    sum of log(root + tau2) = sum of log(v + tau2) + log|S|
(Harville 1977, J Am Stat Assoc 72:320). What cancels in them is a ratio of weights, for which the digits carried are
more than enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from reanalysis.certification.contrasts import Residuals, contrasts, orthonormal
from reanalysis.certification.precision import exact, matrix, mp, mpf

MOST_ROOTS = 13
"""Up to so many studies the contrasts are made independent."""
_EXACT_DIGITS = 250
"""A sum of squared residuals this small against that of the effects is 0: only rounding makes one so small."""


@dataclass(frozen=True)
class Projected:
    """The residuals of one model as functions of tau2; what `contrasts.Residuals` asks for.

    Attributes
    ----------
    effects, variances
        Of k studies.
    basis
        p columns of k numbers, orthonormal.
    length, variance
        The sum of squares of y, and the trace of V, each without its part along the basis.
    """

    effects: tuple[mpf, ...]
    variances: tuple[mpf, ...]
    basis: tuple[tuple[mpf, ...], ...]
    length: mpf
    variance: mpf

    @property
    def df(self) -> int:
        """The number of contrasts, k - p."""
        return len(self.effects) - len(self.basis)

    @property
    def smallest(self) -> mpf:
        """The smallest sampling variance, which no root is below (Cauchy's interlacing theorem)."""
        return min(self.variances)

    @property
    def beyond(self) -> mpf:
        """The sum of squares, which no squared contrast exceeds, less the smallest variance."""
        return self.length - self.smallest

    def q(self, tau2: mpf) -> mpf:
        """Return y'Py."""
        return self.squares(tau2)[0]

    def squares(self, tau2: mpf) -> tuple[mpf, mpf, mpf]:
        """Return y'Py, y'PPy and y'PPPy."""
        weights = [1 / (variance + tau2) for variance in self.variances]
        weighted, inverse = self._weighted(weights)
        across = matrix([mp.fdot(one, self.effects) for one in weighted])
        fitted = inverse * across
        residuals = [
            effect - mp.fdot(fitted, row)
            for effect, row in zip(self.effects, zip(*self.basis, strict=True), strict=True)
        ]
        projected = [weight * residual for weight, residual in zip(weights, residuals, strict=True)]
        first = mp.fdot(projected, residuals)
        total = mp.fsum(weight * effect**2 for weight, effect in zip(weights, self.effects, strict=True))
        if first <= mpf(10) ** -_EXACT_DIGITS * total:
            return mpf(0), mpf(0), mpf(0)
        along = matrix([mp.fdot(one, projected) for one in weighted])
        third = mp.fsum(weight * one**2 for weight, one in zip(weights, projected, strict=True))
        return first, mp.fdot(projected, projected), third - (along.T * inverse * along)[0]

    def traces(self, tau2: mpf) -> tuple[mpf, mpf]:
        """Return the traces of P and of PP."""
        weights = [1 / (variance + tau2) for variance in self.variances]
        weighted, inverse = self._weighted(weights)
        twice = [[weight * one for weight, one in zip(weights, column, strict=True)] for column in weighted]
        second = inverse * _crossed(weighted, weighted)
        third = inverse * _crossed(twice, weighted)
        return (
            mp.fsum(weights) - _trace(second),
            mp.fdot(weights, weights) - 2 * _trace(third) + _trace(second * second),
        )

    def log_determinant(self, tau2: mpf) -> mpf:
        """Return the sum of the logarithms of the variances of the contrasts."""
        totals = [variance + tau2 for variance in self.variances]
        crossed = _crossed(
            [[one / total for one, total in zip(column, totals, strict=True)] for column in self.basis], self.basis
        )
        return mp.fsum(mp.log(total) for total in totals) + mp.log(mp.det(crossed))

    def _weighted(self, weights: Sequence[mpf]) -> tuple[list[list[mpf]], matrix]:
        """Return the columns of WQ, and the inverse of Q'WQ."""
        columns = [[weight * one for weight, one in zip(weights, column, strict=True)] for column in self.basis]
        return columns, mp.inverse(_crossed(columns, self.basis))


def residuals_of(y: Sequence[float], v: Sequence[float], X: Sequence[Sequence[float]]) -> Residuals:
    """Return what `contrasts.contrasts` returns for few studies, and the same functions of many.

    Parameters
    ----------
    y, v, X
        Effects (k), variances (k) and a design (k rows, p columns).

    Raises
    ------
    ValueError
        As `contrasts.contrasts` does.
    """
    if len(y) <= MOST_ROOTS:
        return contrasts(y, v, X)
    return projected(y, v, X)


def projected(y: Sequence[float], v: Sequence[float], X: Sequence[Sequence[float]]) -> Projected:
    """Return the residuals of `residuals_of` by their weights, however few studies there are."""
    return _projected(tuple(y), tuple(v), tuple(map(tuple, X)), mp.dps)


@cache
def _projected(
    y: tuple[float, ...], v: tuple[float, ...], X: tuple[tuple[float, ...], ...], precision: int
) -> Projected:
    del precision  # what is kept at one is not what is asked for at another
    effects, variances = exact(y), exact(v)
    if not len(X) == len(effects) == len(variances):
        raise ValueError("effects, variances and design must have as many studies")
    if min(variances) <= 0:
        raise ValueError("every variance must be positive")
    Q = orthonormal(matrix([exact(row) for row in X]), "skinny")
    basis = tuple(tuple(Q[i, j] for i in range(Q.rows)) for j in range(Q.cols))
    along = [mp.fdot(column, effects) for column in basis]
    rows = list(zip(*basis, strict=True))
    length = mp.fsum((effect - mp.fdot(along, row)) ** 2 for effect, row in zip(effects, rows, strict=True))
    if length <= mpf(10) ** -_EXACT_DIGITS * mp.fdot(effects, effects):
        length = mpf(0)
    variance = mp.fsum(one * (1 - mp.fdot(row, row)) for one, row in zip(variances, rows, strict=True))
    return Projected(tuple(effects), tuple(variances), basis, length, variance)


def _crossed(left: Sequence[Sequence[mpf]], right: Sequence[Sequence[mpf]]) -> matrix:
    """Return the products of columns with columns."""
    return matrix([[mp.fdot(one, other) for other in right] for one in left])


def _trace(square: matrix) -> mpf:
    return mp.fsum(square[j, j] for j in range(square.rows))

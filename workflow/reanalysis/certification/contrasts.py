"""Error contrasts: the data with the coefficients taken out, as independent normal variables.

Let the columns of K be an orthonormal basis of the vectors that are orthogonal to the design. K'y has the covariance
K'VK + tau2 I, whose eigenvectors do not depend on tau2. Along them the contrasts are independent, with variances
root + tau2, so that for every tau2
    Q(tau2) = y'P y = sum of squares/(root + tau2),      trace of P = sum of 1/(root + tau2),
    -2 log restricted likelihood = Q(tau2) + sum of log(root + tau2) + constant
(Patterson and Thompson 1971, Biometrika 58:545; Harville 1974, Biometrika 61:383).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from reanalysis.certification.precision import bracketed_root, column, exact, matrix, mp, mpf

_RANK_DIGITS = 100
"""A column within 100 digits of the others' span is one of them."""
_EXACT_DIGITS = 250
"""A squared contrast this small against the sum of squared effects is 0: only rounding makes one so small."""
_SLACK_DIGITS = 120
"""A sign is believed where the value exceeds 120 digits of its own terms; rounding reaches only the last few of 200."""
_SMALLEST_DIGITS = 60
"""An undecided piece this small against its place is a multiple root, known to 60 digits."""


class Residuals(Protocol):
    """What is left of the data when the coefficients are taken out, as functions of tau2 >= 0; P is P(tau2)."""

    @property
    def df(self) -> int:
        """The number of contrasts, k - p."""

    @property
    def smallest(self) -> mpf:
        """A number that no variance of a contrast at tau2 = 0 is below."""

    @property
    def beyond(self) -> mpf:
        """A number that no squared contrast less its variance at tau2 = 0 is above."""

    @property
    def length(self) -> mpf:
        """The sum of the squared contrasts."""

    @property
    def variance(self) -> mpf:
        """The sum of their variances at tau2 = 0."""

    def q(self, tau2: mpf) -> mpf:
        """Return y'Py."""

    def squares(self, tau2: mpf) -> tuple[mpf, mpf, mpf]:
        """Return y'Py, y'PPy and y'PPPy."""

    def traces(self, tau2: mpf) -> tuple[mpf, mpf]:
        """Return the traces of P and of PP."""

    def log_determinant(self, tau2: mpf) -> mpf:
        """Return the sum of the logarithms of the variances of the contrasts."""


@dataclass(frozen=True)
class Contrasts:
    """The independent contrasts of one model.

    Attributes
    ----------
    roots
        The k-p eigenvalues of K'VK: variances at tau2 = 0.
    squared
        The squared contrasts.
    """

    roots: tuple[mpf, ...]
    squared: tuple[mpf, ...]

    @property
    def df(self) -> int:
        """The number of contrasts."""
        return len(self.roots)

    @property
    def smallest(self) -> mpf:
        """The smallest root."""
        return min(self.roots)

    @property
    def beyond(self) -> mpf:
        """The most that a squared contrast exceeds its variance at tau2 = 0 by."""
        return max(square - root for root, square in zip(self.roots, self.squared, strict=True))

    @property
    def length(self) -> mpf:
        """The sum of squares."""
        return mp.fsum(self.squared)

    @property
    def variance(self) -> mpf:
        """The sum of the roots."""
        return mp.fsum(self.roots)

    def q(self, tau2: mpf) -> mpf:
        """Return the weighted sum of squares of the residuals, y'P(tau2)y."""
        return mp.fsum(square / (root + tau2) for root, square in zip(self.roots, self.squared, strict=True))

    def squares(self, tau2: mpf) -> tuple[mpf, mpf, mpf]:
        """Return the sums of square/(root + tau2), of square/(root + tau2)^2 and of square/(root + tau2)^3."""
        weights = [1 / (root + tau2) for root in self.roots]
        first = [square * weight for square, weight in zip(self.squared, weights, strict=True)]
        second = [term * weight for term, weight in zip(first, weights, strict=True)]
        return mp.fsum(first), mp.fsum(second), mp.fdot(second, weights)

    def traces(self, tau2: mpf) -> tuple[mpf, mpf]:
        """Return the sums of 1/(root + tau2) and of 1/(root + tau2)^2."""
        return inverse_sums(self.roots, tau2)

    def log_determinant(self, tau2: mpf) -> mpf:
        """Return the sum of log(root + tau2)."""
        return mp.fsum(mp.log(root + tau2) for root in self.roots)


def inverse_sums(variances: Sequence[mpf], tau2: mpf) -> tuple[mpf, mpf]:
    """Return the sums of 1/(variance + tau2) and of 1/(variance + tau2)^2."""
    weights = [1 / (variance + tau2) for variance in variances]
    return mp.fsum(weights), mp.fdot(weights, weights)


def contrasts(y: Sequence[float], v: Sequence[float], X: Sequence[Sequence[float]]) -> Contrasts:
    """Return the contrasts of effects (k), variances (k) and a design (k rows, p columns), at the current precision.

    Raises
    ------
    ValueError
        If a variance is not positive, there are no more studies than coefficients, or the columns are dependent.
    """
    return _contrasts(tuple(y), tuple(v), tuple(map(tuple, X)), mp.dps)


@cache
def _contrasts(
    y: tuple[float, ...], v: tuple[float, ...], X: tuple[tuple[float, ...], ...], precision: int
) -> Contrasts:
    """Return the contrasts, kept for the next estimator and interval of the same data: most of the time goes here."""
    del precision  # what is kept at one is not what is asked for at another
    effects, variances = exact(y), exact(v)
    design = matrix([exact(row) for row in X])
    if not design.rows == len(effects) == len(variances):
        raise ValueError("effects, variances and design must have as many studies")
    if min(variances) <= 0:
        raise ValueError("every variance must be positive")
    return along_roots(effects, mp.diag(variances), null_space(design))


def along_roots(y: Sequence[mpf], covariance: matrix, basis: matrix) -> Contrasts:
    """Return the contrasts of effects (k) with a covariance (k by k) along a `null_space` (k by k-p)."""
    if not basis.cols:
        return Contrasts((), ())
    roots, vectors = mp.eigsy(basis.T * covariance * basis)
    along = vectors.T * (basis.T * column(y))
    floor = mpf(10) ** -_EXACT_DIGITS * mp.fsum(value**2 for value in y)
    return Contrasts(tuple(roots), tuple(value**2 if value**2 > floor else mpf(0) for value in along))


def null_space(design: matrix) -> matrix:
    """Return an orthonormal basis (k by k-p) of the vectors that are orthogonal to the columns of a design (k by p).

    Raises
    ------
    ValueError
        If there are no more rows than columns, or the columns are dependent.
    """
    return orthonormal(design, "full")[:, design.cols :]


def orthonormal(design: matrix, mode: str) -> matrix:
    """Return a basis of the columns of a design, p columns for the mode "skinny", and of what is orthogonal to them.

    Raises
    ------
    ValueError
        If there are no more rows than columns, or the columns are dependent.
    """
    k, p = design.rows, design.cols
    if k <= p:
        raise ValueError(f"{k} studies cannot give a variance beside {p} coefficients")
    orthogonal, triangle = mp.qr(design, mode=mode)
    for j in range(p):
        length = mp.sqrt(mp.fsum(design[i, j] ** 2 for i in range(k)))
        if abs(triangle[j, j]) <= length * mpf(10) ** -_RANK_DIGITS:
            raise ValueError("the columns of the design are dependent")
    return orthogonal


def stationary_points(model: Residuals, variances: Sequence[mpf] | None = None) -> list[mpf]:
    """Return every tau2 > 0 at which the likelihood is level, ascending.

    Twice the derivative of the log likelihood is A(t) - B(t), where A = sum of squares/(root + t)^2 and B = sum of
    1/(variance + t).

    No root is missed. (1) Beyond t = max(square - root) there is none: there each term square/(root + t)^2 of A is less
    than 1/(root + t), and the sum of those is at most B, because the j-th smallest variance is at most the j-th
    smallest root (Cauchy's interlacing theorem; for REML the two sums are the same). (2) All of A, B and their
    derivatives -2C, -D (C = sum of squares/(root + t)^3, D = sum of 1/(variance + t)^2) are monotone in t. So on a
    piece [a, b] the derivative lies in [A(b) - B(a), A(a) - B(b)], and its own slope D - 2C in
    [D(b) - 2C(a), D(a) - 2C(b)]. A piece is dropped only where the first interval excludes 0; it is searched for a
    single root only where the second excludes 0, so that the function is monotone there; it is halved otherwise.
    (3) Halving ends at a simple root, where the slope is not 0, and on a piece without a root; what stays undecided
    down to 60 digits is a multiple root, and its middle is returned.

    Parameters
    ----------
    model
        The contrasts.
    variances
        What log(variance + tau2) is summed over: the roots for the restricted likelihood, which is meant without, the k
        sampling variances for the full one. In general as many numbers or more, the j-th smallest at most the j-th
        smallest root.
    """
    if not model.df:
        return []
    # An eighth more, because with one contrast the root lies on the bound, where rounding decides the sign.
    bound = model.beyond * 9 / 8
    if bound <= 0:
        return []
    smallest = min([model.smallest, *(variances or ())])
    sums = _Sums(model, variances)
    pieces = [(mpf(0), sums.at(mpf(0)), bound, sums.at(bound))]
    found: list[mpf] = []
    slack, tiny = mpf(10) ** -_SLACK_DIGITS, mpf(10) ** -_SMALLEST_DIGITS
    while pieces:
        a, at_a, b, at_b = pieces.pop()
        margin = slack * (at_a.a + at_a.b)
        if at_b.a - at_a.b > margin or at_a.a - at_b.b < -margin:
            continue
        margin = slack * (at_a.c + at_a.d)
        if at_b.d - 2 * at_a.c > margin or at_a.d - 2 * at_b.c < -margin:
            ends = at_a.a - at_a.b, at_b.a - at_b.b
            if min(ends) <= 0 <= max(ends):
                found.append(bracketed_root(sums.score, a, b, smallest))
            continue
        # The geometric middle, seen from the smallest variance below 0, meets every order of magnitude alike.
        middle = mp.sqrt((a + smallest) * (b + smallest)) - smallest
        if b - a <= tiny * (b + smallest):
            found.append(middle)
            continue
        at_middle = sums.at(middle)
        pieces += [(a, at_a, middle, at_middle), (middle, at_middle, b, at_b)]
    return _distinct(found, tiny)


@dataclass(frozen=True)
class _At:
    """The four sums of `stationary_points` at one tau2."""

    a: mpf
    b: mpf
    c: mpf
    d: mpf


@dataclass(frozen=True)
class _Sums:
    """The four sums as functions of tau2."""

    model: Residuals
    variances: Sequence[mpf] | None

    def at(self, tau2: mpf) -> _At:
        _, second, third = self.model.squares(tau2)
        first, square = self.model.traces(tau2) if self.variances is None else inverse_sums(self.variances, tau2)
        return _At(second, first, third, square)

    def score(self, tau2: mpf) -> tuple[mpf, mpf]:
        """Return twice the derivative of the log likelihood, and its own derivative."""
        here = self.at(tau2)
        return here.a - here.b, here.d - 2 * here.c


def _distinct(points: list[mpf], apart: mpf) -> list[mpf]:
    """Return the positive points ascending, one of those that agree to `apart` of their size."""
    kept: list[mpf] = []
    for point in sorted(points):
        if point > 0 and (not kept or point - kept[-1] > 4 * apart * point):
            kept.append(point)
    return kept

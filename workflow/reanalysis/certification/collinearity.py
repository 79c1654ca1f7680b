"""How far the moderators of a model stand in for each other."""

from __future__ import annotations

from collections.abc import Sequence

from reanalysis.certification.precision import exact, fifty_digits, matrix, mp, mpf
from reanalysis.certification.reference import fit
from reanalysis.certification.tau2 import tau2_of


@fifty_digits
def variance_inflation(
    y: Sequence[float], v: Sequence[float], X: Sequence[Sequence[float]], method: str = "REML"
) -> tuple[mpf, ...]:
    """Return the variance inflation factor of each column but the first, from the weighted covariance.

    It is the diagonal of the inverse of the slopes' correlation matrix: Fox and Monette 1992, J Am Stat Assoc 87:178.

    Parameters
    ----------
    y, v, X, method
        As in `reference.fit`, with at least two columns.
    """
    block = fit(y, v, X, method).covariance[1:, 1:]
    inverse = mp.inverse(block)
    return tuple(inverse[j, j] * block[j, j] for j in range(block.rows))


@fifty_digits
def condition_index(y: Sequence[float], v: Sequence[float], X: Sequence[Sequence[float]], method: str = "REML") -> mpf:
    """Return the largest condition index of the weighted design, its columns, the intercept among them, of length 1.

    It is the square root of the largest over the smallest eigenvalue of the scaled X'WX: Belsley, Kuh and Welsch 1980,
    Regression Diagnostics, chapter 3.

    Parameters
    ----------
    y, v, X, method
        As in `reference.fit`.
    """
    tau2, design = tau2_of(method, y, v, X), matrix([exact(row) for row in X])
    weights = [1 / (variance + tau2) for variance in exact(v)]
    crossed = matrix([[weight * design[i, j] for i, weight in enumerate(weights)] for j in range(design.cols)])
    product = crossed * design
    lengths = [mp.sqrt(product[j, j]) for j in range(design.cols)]
    for i in range(design.cols):
        for j in range(design.cols):
            product[i, j] /= lengths[i] * lengths[j]
    eigenvalues = mp.eigsy(product, eigvals_only=True)
    return mp.sqrt(max(eigenvalues) / min(eigenvalues))

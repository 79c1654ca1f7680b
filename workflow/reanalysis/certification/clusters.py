"""The CR2 cluster-robust covariance and Satterthwaite's degrees of freedom.

Pustejovsky and Tipton 2018, J Bus Econ Stat 36:672.

ASSUME: the working covariance is diag(v + tau2), the inverse of the weights; estimates of one cluster may be correlated
in any way, estimates of different clusters are not.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from reanalysis.certification.precision import column, exact, fifty_digits, matrix, mp, mpf
from reanalysis.certification.reference import weighted
from reanalysis.certification.tails import t_quantile, two_sided_p
from reanalysis.certification.tau2 import tau2_of

_ZERO_DIGITS = 100
"""An eigenvalue within 100 digits of 0, against the largest, is 0: the cluster alone determines a coefficient."""


@dataclass(frozen=True)
class Robust:
    """Robust tests of p coefficients: covariance (p by p), and one value a coefficient of everything else."""

    coefficients: tuple[mpf, ...]
    covariance: matrix
    se: tuple[mpf, ...]
    df: tuple[mpf, ...]
    statistic: tuple[mpf, ...]
    p: tuple[mpf, ...]
    low: tuple[mpf, ...]
    high: tuple[mpf, ...]


@fifty_digits
def cr2(
    y: Sequence[float],
    v: Sequence[float],
    X: Sequence[Sequence[float]],
    clusters: Sequence[Hashable],
    method: str = "REML",
    level: float = 0.95,
) -> Robust:
    """Return weighted least squares with weights 1/(v + tau2) and robust tests of its coefficients.

    Parameters
    ----------
    y, v, X, method, level
        As in `reference.fit`.
    clusters
        The cluster of each of the k estimates.
    """
    tau2 = tau2_of(method, y, v, X)
    effects, design = exact(y), matrix([exact(row) for row in X])
    variances = [variance + tau2 for variance in exact(v)]
    k, p = design.rows, design.cols
    here = weighted(effects, exact(v), design, tau2)
    # With weights that invert the working covariance, residuals have the covariance V - X (X'WX)^-1 X'.
    residual_covariance = mp.diag(variances) - design * here.inverse * design.T
    residual_maker = residual_covariance * mp.diag([1 / variance for variance in variances])
    members = [[i for i in range(k) if clusters[i] == cluster] for cluster in dict.fromkeys(clusters)]
    halves = [_half(residual_covariance, residual_maker, design, here.inverse, variances, own) for own in members]
    # A cluster's part of the estimate's error is linear in the effects: half' y, k by p.
    parts = [half.T * column(effects) for half in halves]
    covariance = matrix(p, p)
    for part in parts:
        covariance += part * part.T
    se = tuple(mp.sqrt(covariance[j, j]) for j in range(p))
    df = tuple(_satterthwaite([half[:, j] for half in halves], variances) for j in range(p))
    coefficients = tuple(here.coefficients)
    statistic = tuple(b / s for b, s in zip(coefficients, se, strict=True))
    reach = [t_quantile(level, d) * s for d, s in zip(df, se, strict=True)]
    return Robust(
        coefficients=coefficients,
        covariance=covariance,
        se=se,
        df=df,
        statistic=statistic,
        p=tuple(two_sided_p(t, d) for t, d in zip(statistic, df, strict=True)),
        low=tuple(b - r for b, r in zip(coefficients, reach, strict=True)),
        high=tuple(b + r for b, r in zip(coefficients, reach, strict=True)),
    )


def _half(
    residual_covariance: matrix,
    residual_maker: matrix,
    X: matrix,
    inverse: matrix,
    variances: Sequence[mpf],
    own: Sequence[int],
) -> matrix:
    """Return, for one cluster, (I - H)_j' A_j W_j X_j (X'WX)^-1: k by p.

    A_j = D B^(-1/2) D with D the root of the working covariance and B = D (residual covariance)_j D, the inverse root
    being Moore and Penrose's.
    """
    n = len(own)
    roots = mp.diag([mp.sqrt(variances[i]) for i in own])
    block = matrix(n, n)
    rows, maker = matrix(n, X.cols), matrix(n, X.rows)
    for a, i in enumerate(own):
        for b, j in enumerate(own):
            block[a, b] = residual_covariance[i, j]
        for c in range(X.cols):
            rows[a, c] = X[i, c] / variances[i]
        for c in range(X.rows):
            maker[a, c] = residual_maker[i, c]
    values, vectors = mp.eigsy(roots * block * roots)
    floor = max(abs(value) for value in values) * mpf(10) ** -_ZERO_DIGITS
    inverted = mp.diag([1 / mp.sqrt(value) if value > floor else mpf(0) for value in values])
    adjustment = roots * (vectors * inverted * vectors.T) * roots
    return maker.T * adjustment * rows * inverse


def _satterthwaite(halves: Sequence[matrix], variances: Sequence[mpf]) -> mpf:
    """Return 2 mean^2/variance of a coefficient's robust variance under the working covariance."""
    working = mp.diag(variances)
    products = [[(one.T * working * other)[0] for other in halves] for one in halves]
    trace = mp.fsum(products[i][i] for i in range(len(halves)))
    return trace**2 / mp.fsum(cell**2 for row in products for cell in row)

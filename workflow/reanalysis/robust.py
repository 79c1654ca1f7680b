"""Cluster-robust standard errors with the bias-reduced linearisation CR2 and Satterthwaite's degrees of freedom.

Bell and McCaffrey 2002, Surv Methodol 28:169; for meta-regression Tipton 2015, Psychol Methods 20:375; in the form
used here Pustejovsky and Tipton 2018, J Bus Econ Stat 36:672.

Let M be the working covariance, block-diagonal by cluster, M_j = D_j' D_j with D_j upper triangular; the weights W are
its inverse; C = (X' W X)^-1. Each cluster's residuals e_j are adjusted by

    A_j = D_j' B_j^(-1/2) D_j   with   B_j = D_j (M_j - X_j C X_j') D_j'

(the symmetric root), so that the sandwich C (sum X_j' W_j A_j e_j e_j' A_j' W_j X_j) C is unbiased where the working
covariance is right. For a coefficient it is a sum of squares of linear forms in y, whose covariance under the working
model is G: the degrees of freedom are (tr G)^2 / tr(G G).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from reanalysis.design import FloatArray, rounding_error
from reanalysis.errors import ReanalysisError

# A direction of a cluster's residuals with less than this share of its variance left is not left at all.
ABSORBED = 1e-10

# How much of a coefficient's variance the adjusted residuals may fail to show: rounding error.
UNSEEN = 1e-6

ONE_CLUSTER = "all estimates are in one cluster, and the spread between clusters is what the standard error rests on"
DETERMINED = "a cluster alone determines this coefficient, so that its residuals say nothing of its spread"
NO_RESIDUALS = "the estimates leave no residuals"


@dataclass(frozen=True)
class Robust:
    """Coefficients with robust standard errors; arrays of shape (p,), in the order of the columns of X.

    Parameters
    ----------
    clusters
        The number of clusters.
    se, df
        NaN where there is none. Below about 4 degrees of freedom p values are not to be trusted (Tipton 2015).
    reasons
        Why there is none; empty where there is one.
    """

    clusters: int
    estimate: FloatArray
    se: FloatArray
    df: FloatArray
    reasons: tuple[str, ...]


def cr2(yi: FloatArray, working: FloatArray, X: FloatArray, clusters: Sequence[Hashable]) -> Robust:
    """Return the weighted least squares coefficients with CR2 standard errors.

    Parameters
    ----------
    yi
        Shape (k,).
    working
        Shape (k, k): M, the working covariance, positive definite; the weights are its inverse.
    X
        Shape (k, p) of rank p.
    clusters
        The k labels of the clusters.

    Raises
    ------
    ReanalysisError
        Where the working covariance of two clusters is not 0.
    """
    names = list(dict.fromkeys(clusters))
    labels = np.array([names.index(one) for one in clusters])
    if np.any(working[labels[:, None] != labels] != 0):
        raise ReanalysisError(
            "the working covariance reaches from one cluster into another", remedy="put them into one cluster"
        )
    members = [np.flatnonzero(labels == place) for place in range(len(names))]
    roots = [np.asarray(np.linalg.cholesky(working[np.ix_(rows, rows)]), float) for rows in members]
    y, half = np.empty(len(yi)), np.empty(X.shape)
    for rows, root in zip(members, roots, strict=True):
        y[rows], half[rows] = np.linalg.solve(root, yi[rows]), np.linalg.solve(root, X[rows])
    Q, R = np.linalg.qr(half)
    inverse = np.asarray(np.linalg.inv(R), float)
    residual = y - Q @ (Q.T @ y)
    # Per cluster and coefficient, on the axes that make M the identity: the linear form (rows, p), its value (p,).
    forms = [_form(root, Q[rows], inverse) for rows, root in zip(members, roots, strict=True)]
    values = np.array([residual[rows] @ form for rows, form in zip(members, forms, strict=True)])
    norms = np.array([(form**2).sum(axis=0) for form in forms])
    shared = np.array([Q[rows].T @ form for rows, form in zip(members, forms, strict=True)])
    variance, plain = (values**2).sum(axis=0), (inverse**2).sum(axis=1)
    noise = rounding_error(len(yi), float(y @ y))
    df, reasons = np.empty(X.shape[1]), []
    for place in range(X.shape[1]):
        joint = np.diag(norms[:, place]) - shared[:, :, place] @ shared[:, :, place].T  # G
        seen = float(np.trace(joint))
        df[place] = seen**2 / float(np.sum(joint**2)) if seen > 0 else np.nan
        problems = {
            ONE_CLUSTER: len(names) == 1,
            DETERMINED: seen < (1 - UNSEEN) * plain[place],
            NO_RESIDUALS: variance[place] <= noise * plain[place],
        }
        reasons.append(next((reason for reason, holds in problems.items() if holds), ""))
    there = np.array([not reason for reason in reasons])
    return Robust(
        clusters=len(names),
        estimate=inverse @ (Q.T @ y),
        se=np.where(there, np.sqrt(variance), np.nan),
        df=np.where(there, df, np.nan),
        reasons=tuple(reasons),
    )


def _form(root: FloatArray, Q: FloatArray, inverse: FloatArray) -> FloatArray:
    """Return what a cluster's residuals are multiplied by, root' root B^(-1/2) Q inverse', shape (rows, p).

    Parameters
    ----------
    root
        Shape (rows, rows), lower triangular: D'.
    Q
        Shape (rows, p): the cluster's rows of the orthonormal weighted design.
    inverse
        Shape (p, p): from that design to the coefficients.
    """
    left = np.eye(len(Q)) - Q @ Q.T
    square = root.T @ root
    values, axes = np.linalg.eigh(square @ left @ square)
    # Where the model absorbs a direction, the root is a pseudo-inverse; the rank is that of what is left.
    absorbed = int(np.sum(np.linalg.eigvalsh(left) <= ABSORBED))
    kept = axes[:, absorbed:]
    form: FloatArray = square @ (kept / np.sqrt(values[absorbed:])) @ (kept.T @ Q @ inverse.T)
    return form

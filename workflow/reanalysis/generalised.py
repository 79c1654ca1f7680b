"""Generalised least squares: effects whose sampling errors are correlated, and effects in clusters.

Two models of yi = X beta + u + e with e ~ N(0, V), V known and full: in the first each estimate has an effect u of its
own, of variance tau2; in the second its cluster has one too (Konstantopoulos 2011, Res Synth Methods 2:61).

ASSUME: true effects are normal, those of different estimates (the second model: given their cluster) independent.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from reanalysis.design import FloatArray, rounding_error
from reanalysis.errors import ReanalysisError
from reanalysis.intervals import scale_of, tests
from reanalysis.mixed_effects import Choices
from reanalysis.variance_components import Contrasts, contrasts, one_component, two_components

# Of a correlation matrix: the smallest eigenvalue, a row, that is not rounding error.
SINGULAR = 100 * np.finfo(float).eps

# The largest eigenvalue of sampling covariances, in terms of the smallest, up to which a variance component has digits:
# at this ratio tau2 may err by some 3e-5 of itself, and the error grows with the ratio.
MOST_UNEQUAL = 1e12


@dataclass(frozen=True)
class GeneralisedFit:
    """A fitted model; arrays of shape (p,) in the order of the columns of X.

    Parameters
    ----------
    k
        The number of estimates.
    components
        The variances between true effects: (tau2,), or (of clusters, of estimates within them).
    df
        Degrees of freedom of the reference distribution; infinite for the normal one.
    log_likelihood
        The restricted one, with its constant.
    """

    k: int
    components: tuple[float, ...]
    estimate: FloatArray
    se: FloatArray
    stat: FloatArray
    df: float
    p: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    log_likelihood: float


def correlated(yi: FloatArray, covariance: FloatArray, X: FloatArray, choices: Choices) -> GeneralisedFit:
    """Fit the model with an effect of each estimate.

    Parameters
    ----------
    yi
        Shape (k,).
    covariance
        Shape (k, k): V, the sampling covariances.
    X
        Shape (k, p) of rank p.
    choices
        tau2 is 0 for the estimator FE, and by restricted maximum likelihood for all others: moment estimators are made
        for independent estimates. With a Knapp-Hartung interval the covariance is scaled by r' M^-1 r / (k - p), where
        M = V + tau2 I, and t has k - p degrees of freedom, as in Knapp and Hartung 2003, Stat Med 22:2693, where M is
        diagonal.

    Raises
    ------
    ReanalysisError
        Where the covariances are singular, or too unequal for an estimate of tau2.
    """
    refuse_singular(covariance)
    if choices.tau2_method != "FE":
        _refuse_unequal(covariance)
    own = np.eye(len(yi))
    data = contrasts(yi, covariance, X, [own])
    tau2 = 0.0 if choices.tau2_method == "FE" else one_component(data)
    df, solved = len(yi) - X.shape[1], _solve(yi, covariance + tau2 * own, X)
    noise = rounding_error(len(yi), solved.total)
    by, degrees = scale_of(np.array(solved.rss), np.array(noise), np.array(float(df)), choices.interval)
    return _finish(solved, data, (tau2,), float(by), float(degrees), choices.level)


def two_level(
    yi: FloatArray,
    covariance: FloatArray,
    X: FloatArray,
    clusters: Sequence[Hashable],
    choices: Choices,
) -> GeneralisedFit:
    """Fit the model with an effect of each cluster and of each estimate within it, by restricted maximum likelihood.

    Parameters
    ----------
    yi, covariance, X
        As for `correlated`.
    clusters
        The k labels of the clusters.
    choices
        Its estimator of tau2 is not used.

    Raises
    ------
    ReanalysisError
        Where the covariances are singular or too unequal, or the data cannot tell the two variances apart.
    """
    refuse_singular(covariance)
    _refuse_unequal(covariance)
    labels = np.array([list(dict.fromkeys(clusters)).index(one) for one in clusters])
    together, own = (labels[:, None] == labels).astype(float), np.eye(len(yi))
    data = contrasts(yi, covariance, X, [together, own])
    between, within = two_components(data)
    solved = _solve(yi, covariance + between * together + within * own, X)
    # ASSUME: beside a Knapp-Hartung interval, t on as many degrees of freedom as there are clusters more than
    # coefficients, without a scale: the clusters are what varies independently.
    df = int(labels.max()) + 1 - X.shape[1]
    return _finish(
        solved, data, (between, within), 1.0, math.inf if choices.interval == "wald" or df < 1 else df, choices.level
    )


def refuse_singular(covariance: FloatArray) -> None:
    """Refuse a covariance matrix that is not positive definite beyond rounding error.

    Raises
    ------
    ReanalysisError
        If so.
    """
    sd = np.sqrt(np.diagonal(covariance))
    if not (np.isfinite(covariance).all() and (sd > 0).all()):
        raise ReanalysisError("a sampling variance is not above 0, or not finite", remedy="check the standard errors")
    if float(np.linalg.eigvalsh(covariance / np.outer(sd, sd))[0]) <= SINGULAR * len(sd):
        raise ReanalysisError(
            "the covariance matrix of the estimates is singular: one of them follows from others",
            remedy="take a correlation further from 1",
        )


def _refuse_unequal(covariance: FloatArray) -> None:
    """Refuse sampling covariances so unequal that the digits of the smallest are lost beside the largest."""
    values = np.linalg.eigvalsh(covariance)
    if float(values[-1]) > MOST_UNEQUAL * float(values[0]):
        raise ReanalysisError(
            "the sampling variances are too unequal for a variance between effects to have digits: the largest is more "
            f"than {MOST_UNEQUAL:.0e} times the smallest",
            remedy="leave out the estimate whose standard error is out of scale",
        )


@dataclass(frozen=True)
class _Solved:
    """Least squares under a covariance M: coefficients, their covariance, r' M^-1 r as rss, y' M^-1 y as total."""

    estimate: FloatArray
    covariance: FloatArray
    rss: float
    total: float


def _solve(yi: FloatArray, total: FloatArray, X: FloatArray) -> _Solved:
    root = np.linalg.cholesky(total)
    y, half = np.linalg.solve(root, yi), np.linalg.solve(root, X)
    Q, R = np.linalg.qr(half)
    turned = Q.T @ y
    residual = y - Q @ turned
    inverse = np.linalg.inv(R)
    return _Solved(inverse @ turned, inverse @ inverse.T, float(residual @ residual), float(y @ y))


def _finish(
    solved: _Solved, data: Contrasts, components: tuple[float, ...], scale: float, df: float, level: float
) -> GeneralisedFit:
    estimate, se = solved.estimate, np.sqrt(scale * np.diagonal(solved.covariance))
    return GeneralisedFit(
        k=len(data.z) + len(estimate),
        components=components,
        estimate=estimate,
        se=se,
        df=float(df),
        **tests(estimate, se, df, level),
        log_likelihood=data.at(components).height,
    )

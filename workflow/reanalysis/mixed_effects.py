"""The mixed-effects model yi = X beta + u + e, u ~ N(0, tau2), e ~ N(0, vi): one fit for pooling and regression.

ASSUME: studies are independent, true effects are normal round X beta, and the sampling variances vi are known.
ASSUME: estimates adjusted for different covariates are of one effect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reanalysis import batch
from reanalysis.batch import BatchFit
from reanalysis.coefficients import coefficients
from reanalysis.design import Design, FloatArray
from reanalysis.distributions import chi2_upper, f_upper
from reanalysis.heterogeneity import Heterogeneity
from reanalysis.heterogeneity import heterogeneity as heterogeneity_of
from reanalysis.intervals import scale, tests


@dataclass(frozen=True)
class Choices:
    """How a model is fitted.

    Parameters
    ----------
    tau2_method, interval
        A name in `tau2.ESTIMATORS` and in `intervals.INTERVALS`.
    level
        The confidence level in (0, 1).
    """

    tau2_method: str
    interval: str
    level: float


@dataclass(frozen=True)
class Fit:
    """A fitted model; arrays of shape (p,) in the order of the terms.

    Parameters
    ----------
    df
        Degrees of freedom of the reference distribution of each coefficient; infinite for the normal one.
    qm, qm_df, qm_p
        The test that all coefficients but the intercept are 0: chi-squared, or F with `df` below; None for a mean.
    weights
        Shape (k,): 1 / (vi + tau2).
    covariance
        Shape (p, p): of the coefficients, with the scale.
    batch
        The same as a batch of one data set.
    """

    terms: tuple[str, ...]
    k: int
    tau2_method: str
    interval: str
    tau2: float
    estimate: FloatArray
    se: FloatArray
    stat: FloatArray
    df: float
    p: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    qm: float | None
    qm_df: int
    qm_p: float | None
    weights: FloatArray
    covariance: FloatArray
    batch: BatchFit


def fit(yi: FloatArray, vi: FloatArray, design: Design, choices: Choices) -> Fit:
    """Fit the model.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    """
    found = batch.fit(yi, vi, design=design, tau2=choices.tau2_method)
    tau2 = float(found.tau2[0])
    sets, _ = batch.of(yi[:, None], vi[:, None], design)
    by, dfs = (float(one[0]) for one in scale(found, choices.interval))
    covariance = by * coefficients(sets.at(found.tau2))[1][:, :, 0]
    estimate, se = found.estimate[:, 0], np.sqrt(np.diagonal(covariance))
    qm, qm_p = _omnibus(float(found.qm[0]) / by, design.p - 1, dfs)
    return Fit(
        terms=design.terms,
        k=design.k,
        tau2_method=choices.tau2_method,
        interval=choices.interval,
        tau2=tau2,
        estimate=estimate,
        se=se,
        df=dfs,
        **tests(estimate, se, dfs, choices.level),
        qm=qm,
        qm_df=design.p - 1,
        qm_p=qm_p,
        weights=1 / (vi + tau2),
        covariance=covariance,
        batch=found,
    )


def _omnibus(qm: float, count: int, df: float) -> tuple[float | None, float | None]:
    """Return statistic and p value of the test that `count` slopes are 0."""
    if count == 0:
        return None, None
    if math.isinf(df):
        return qm, chi2_upper(qm, count)
    return qm / count, f_upper(qm / count, count, df)


def heterogeneity(yi: FloatArray, vi: FloatArray, design: Design, choices: Choices, tau2: float) -> Heterogeneity:
    """Return what the residuals of a fit with `tau2` say about spread."""
    sets, _ = batch.of(yi[:, None], vi[:, None], design)
    return heterogeneity_of(sets, choices.tau2_method, tau2, choices.level)

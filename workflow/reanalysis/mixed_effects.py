"""The mixed-effects model yi = X beta + u + e, u ~ N(0, tau2), e ~ N(0, vi): one fit for pooling and regression.

ASSUME: studies are independent, true effects are normal round X beta, and the sampling variances vi are known.
ASSUME: estimates adjusted for different covariates are of one effect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reanalysis import tau2 as between
from reanalysis.design import Design, FloatArray
from reanalysis.distributions import chi2_quantile, chi2_upper, critical_value, f_upper, two_sided_p

# Interval methods: the normal distribution; Knapp and Hartung's scale with Student's t; the same, never below 1.
INTERVALS = ("wald", "hksj", "hksj_guarded")


@dataclass(frozen=True)
class Choices:
    """How a model is fitted: a name in `tau2.ESTIMATORS`, one in `INTERVALS`, and the confidence level in (0, 1)."""

    tau2_method: str
    interval: str
    level: float


@dataclass(frozen=True)
class Heterogeneity:
    """What the fixed-effect residuals say about spread; intervals are None for the common-effect model.

    Parameters
    ----------
    q, q_df, q_p
        Cochran's Q of the residuals, its degrees of freedom and p value (None without degrees of freedom).
    i2, i2_ci_low, i2_ci_high
        Percent of the variability that is not sampling error.
    h2
        Total over sampling variability.
    tau2_ci_low, tau2_ci_high
        Q-profile interval of tau2.
    """

    q: float
    q_df: int
    q_p: float | None
    i2: float
    h2: float
    tau2_ci_low: float | None
    tau2_ci_high: float | None
    i2_ci_low: float | None
    i2_ci_high: float | None


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


def fit(
    yi: FloatArray,
    vi: FloatArray,
    design: Design,
    tau2_method: str,
    interval: str,
    level: float,
) -> Fit:
    """Fit the model.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    tau2_method, interval
        A name in `tau2.ESTIMATORS` and in `INTERVALS`.
    level
        Confidence level in (0, 1).

    Returns
    -------
    Fit
        With Knapp and Hartung's scale sum w r^2 / (k - p) and k - p degrees of freedom for ``hksj``
        (Hartung and Knapp 2001, Stat Med 20:3875; Knapp and Hartung 2003, Stat Med 22:2693), the
        same but never below 1 for ``hksj_guarded`` (Röver et al. 2015, BMC Med Res Methodol 15:99).
    """
    df = between.residual_df(design)
    tau2 = between.estimate(tau2_method, yi, vi, design)
    weights = 1 / (vi + tau2)
    root = np.sqrt(weights)
    half, upper = np.linalg.qr(root[:, None] * design.Q)
    scaled = root * yi
    residual = scaled - half @ (half.T @ scaled)
    # On the orthonormal design: W^(1/2) Q = H U, gamma = U^-1 H' W^(1/2) y; then X = Q R, beta = R^-1 gamma.
    inverse = np.linalg.inv(upper)
    gamma = inverse @ (half.T @ scaled)
    scale, reference_df = _scale(residual, scaled, df, interval)
    spread = scale * inverse @ inverse.T
    estimate: FloatArray = np.asarray(np.linalg.solve(design.R, gamma), float)
    turned = np.linalg.solve(design.R, inverse)
    covariance = scale * turned @ turned.T
    se = np.sqrt(np.diagonal(covariance))
    stat = estimate / se
    margin = critical_value(level, reference_df) * se
    qm, qm_p = _omnibus(gamma, spread, reference_df)
    return Fit(
        terms=design.terms,
        k=design.k,
        tau2_method=tau2_method,
        interval=interval,
        tau2=tau2,
        estimate=estimate,
        se=se,
        stat=stat,
        df=reference_df,
        p=np.array([two_sided_p(value, reference_df) for value in stat]),
        ci_low=estimate - margin,
        ci_high=estimate + margin,
        qm=qm,
        qm_df=design.p - 1,
        qm_p=qm_p,
        weights=weights,
        covariance=covariance,
    )


def _scale(residual: FloatArray, scaled: FloatArray, df: int, interval: str) -> tuple[float, float]:
    """Return what multiplies the covariance, and the degrees of freedom of the reference distribution."""
    # ASSUME: with as many coefficients as studies, or with residuals of rounding error only, nothing is left to scale
    # by, and Wald's interval stands in.
    noise = (len(residual) * np.finfo(float).eps) ** 2 * float(scaled @ scaled)
    rss = float(residual @ residual)
    if interval == "wald" or df == 0 or rss <= noise:
        return 1.0, math.inf
    # ASSUME: the scale is taken for the common-effect model too, where it is that of weighted least squares; metafor
    # computes it and warns that it was not meant for it.
    scale = rss / df
    return (max(1.0, scale) if interval == "hksj_guarded" else scale), float(df)


def _omnibus(gamma: FloatArray, covariance: FloatArray, df: float) -> tuple[float | None, float | None]:
    """Return statistic and p value of the test that all coefficients but the first are 0.

    All slopes are 0 where all coefficients of the orthonormal design but the first are, whose covariance is well
    conditioned whatever the units of the moderators.
    """
    count = len(gamma) - 1
    if count == 0:
        return None, None
    wald = float(gamma[1:] @ np.linalg.solve(covariance[1:, 1:], gamma[1:]))
    if math.isinf(df):
        return wald, chi2_upper(wald, count)
    return wald / count, f_upper(wald / count, count, df)


def heterogeneity(
    yi: FloatArray, vi: FloatArray, design: Design, tau2_method: str, tau2: float, level: float
) -> Heterogeneity:
    """Return Q, I2, H2 and, for a model with tau2, the Q-profile intervals.

    The typical sampling variance is (k - p) / tr P at tau2 = 0 (Higgins and Thompson 2002, Stat Med 21:1539;
    for moderators as in Viechtbauer 2010, J Stat Softw 36(3)). Q-profile: Viechtbauer 2007, Stat Med
    26:37.
    """
    df = between.residual_df(design)
    zero = between.at(yi, vi, design, 0.0)
    q = float(zero.ypy[0])
    q_p = chi2_upper(q, df) if df > 0 else None
    if df == 0:
        return Heterogeneity(q, df, q_p, 0.0, 1.0, None, None, None, None)
    if tau2_method == "FE":
        return Heterogeneity(q, df, q_p, max(0.0, 100 * (q - df) / q) if q > 0 else 0.0, q / df, None, None, None, None)
    typical = df / float(zero.trace_p[0])
    tails = (1 - level) / 2
    low = between.q_root(yi, vi, design, chi2_quantile(tails, df))
    high = between.q_root(yi, vi, design, chi2_quantile(1 - tails, df))
    shares = [100 * value / (typical + value) for value in (tau2, low, high)]
    return Heterogeneity(q, df, q_p, shares[0], tau2 / typical + 1, low, high, shares[1], shares[2])

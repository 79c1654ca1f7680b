"""The mixed-effects model yi = X beta + u + e, u ~ N(0, tau2), e ~ N(0, vi): one fit for pooling and regression."""

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
    scale
        What the covariance of the coefficients was multiplied with.
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
    scale: float
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
    tau2: float | None = None,
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
    tau2
        A value to take instead of estimating it.

    Returns
    -------
    Fit
        With Knapp and Hartung's scale sum w r^2 / (k - p) and k - p degrees of freedom for ``hksj``
        (Hartung and Knapp 2001, Stat Med 20:3875; Knapp and Hartung 2003, Stat Med 22:2693, equation 7), the
        same but never below 1 for ``hksj_guarded`` (Röver et al. 2015, BMC Med Res Methodol 15:99).
    """
    df = between.residual_df(design)
    if tau2 is None:
        tau2 = between.estimate(tau2_method, yi, vi, design)
    weights = 1 / (vi + tau2)
    root = np.sqrt(weights)
    half, upper = np.linalg.qr(root[:, None] * design.Q)
    gamma = half.T @ (root * yi)
    residual = root * yi - half @ gamma
    # X = Q R and W^(1/2) Q = H U, so beta = R^-1 U^-1 gamma.
    inverse = np.linalg.inv(upper @ design.R)
    estimate = inverse @ gamma
    scale, reference_df = 1.0, math.inf
    # ASSUME: with as many coefficients as studies nothing is left to scale by, and Wald's interval stands in.
    if interval != "wald" and df > 0:
        scale, reference_df = float(residual @ residual) / df, float(df)
        if interval == "hksj_guarded":
            scale = max(1.0, scale)
    covariance = scale * inverse @ inverse.T
    se = np.sqrt(np.diagonal(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        stat = np.where(se > 0, estimate / se, np.inf * np.sign(estimate))
    margin = critical_value(level, reference_df) * se
    qm, qm_p = _omnibus(estimate, covariance, reference_df)
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
        scale=scale,
        qm=qm,
        qm_df=design.p - 1,
        qm_p=qm_p,
        weights=weights,
        covariance=covariance,
    )


def _omnibus(estimate: FloatArray, covariance: FloatArray, df: float) -> tuple[float | None, float | None]:
    """Return statistic and p value of the test that all coefficients but the first are 0."""
    count = len(estimate) - 1
    if count == 0:
        return None, None
    slopes = estimate[1:]
    # Scaled to unit variances, so that moderators in years and in patients are inverted alike.
    deviations = np.sqrt(np.diagonal(covariance)[1:])
    if np.any(deviations == 0):
        return None, None
    unit = slopes / deviations
    wald = float(unit @ np.linalg.solve(covariance[1:, 1:] / np.outer(deviations, deviations), unit))
    if math.isinf(df):
        return wald, chi2_upper(wald, count)
    return wald / count, f_upper(wald / count, count, df)


def heterogeneity(
    yi: FloatArray, vi: FloatArray, design: Design, tau2_method: str, tau2: float, level: float
) -> Heterogeneity:
    """Return Q, I2, H2 and, for a model with tau2, the Q-profile intervals.

    The typical sampling variance is (k - p) / tr P at tau2 = 0 (Higgins and Thompson 2002, Stat Med 21:1539,
    equation 9; for moderators as in Viechtbauer 2010, J Stat Softw 36(3)). Q-profile: Viechtbauer 2007, Stat Med
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

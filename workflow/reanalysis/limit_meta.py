"""Limit meta-analysis: the mean that studies of unlimited size would have, were the small-study effect to go on.

With eta_i^2 = vi + tau2, effects are yi = beta + eta_i (alpha + e_i), e_i ~ N(0, 1): alpha is the bias of a small
study in its own standard deviations (Rücker, Schwarzer, Carpenter, Binder, Schumacher 2011, Biostatistics 12:122).
alpha and beta are intercept and slope of yi / eta_i on 1 / eta_i. A study whose vi shrinks to 0 has the expectation
beta0 = beta + tau alpha. The limits of the studies are beta + (tau / eta_i) (yi - beta), and two lines are fitted to
them in the plot of limit / sei on 1 / sei: beta_lim is the slope of a free line, mu_lim that of one through the
origin. Cochran's Q is divided into what the line of yi / sei on 1 / sei (slope beta_f) leaves, and the rest, which is
due to small-study effects; G2 is the share of the limits' spread in their plot that their line does not explain.

ASSUME: tau2 is as estimated, for every standard error; bias is proportional to eta_i.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reanalysis import batch
from reanalysis.design import FloatArray
from reanalysis.distributions import chi2_upper, critical_value, two_sided_p

# A line has two parameters, and something must be left over.
FEWEST_STUDIES = 3

# Standard errors that differ by less than this share have no slope of their own.
EQUAL = 1e-7


@dataclass(frozen=True)
class Adjusted:
    """An estimate with its standard error, Wald interval and two-sided p value."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p: float


@dataclass(frozen=True)
class LimitMetaAnalysis:
    """A limit meta-analysis; where there is none all numbers are None, and `reason` says why.

    Parameters
    ----------
    tau2
        In the squared units of yi.
    alpha, beta
        Bias in standard deviations of a study, and slope, in the generalised radial plot.
    beta_f
        The slope in the radial plot without tau2, which is the intercept of Egger's regression on standard errors.
    beta0, beta_lim, mu_lim
        The three adjusted means.
    q, q_df, q_p, q_small, q_small_p, q_resid, q_resid_df, q_resid_p
        Cochran's Q = q_small + q_resid, of k - 1 = 1 + (k - 2) degrees of freedom.
    g2
        In percent; None where the limits do not spread in their plot.
    limits
        The effect of each study in the limit.
    """

    tau2_method: str
    k: int
    tau2: float | None = None
    alpha: float | None = None
    beta: float | None = None
    beta_f: float | None = None
    beta0: Adjusted | None = None
    beta_lim: Adjusted | None = None
    mu_lim: Adjusted | None = None
    q: float | None = None
    q_df: int | None = None
    q_p: float | None = None
    q_small: float | None = None
    q_small_p: float | None = None
    q_resid: float | None = None
    q_resid_df: int | None = None
    q_resid_p: float | None = None
    g2: float | None = None
    limits: tuple[float, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class Line:
    """A line through (1 / spread, yi / spread): intercept, slope, and their covariance for errors of variance 1.

    Parameters
    ----------
    rss, tss
        The sums of squares round the line and round the mean.
    """

    intercept: float
    slope: float
    covariance: FloatArray
    rss: float
    tss: float


def limit_meta_analysis(yi: FloatArray, vi: FloatArray, level: float, tau2_method: str = "DL") -> LimitMetaAnalysis:
    """Return the limit meta-analysis.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    level
        Confidence level in (0, 1).
    tau2_method
        A name in `tau2.ESTIMATORS`.
    """
    k, sei = len(yi), np.sqrt(vi)
    if k < FEWEST_STUDIES:
        return LimitMetaAnalysis(tau2_method, k, reason=f"{k} studies cannot tell a line from their spread round it")
    if float(np.ptp(sei)) <= EQUAL * float(sei.max()):
        return LimitMetaAnalysis(
            tau2_method, k, reason="the standard errors are equal, so that no bias can depend on them"
        )
    found = batch.fit(yi, vi, tau2=tau2_method)
    tau2 = float(found.tau2[0])
    eta = np.sqrt(vi + tau2)
    if float(np.ptp(eta)) <= EQUAL * float(eta.max()):
        return LimitMetaAnalysis(tau2_method, k, reason="beside tau2 the standard errors are as good as equal")
    plain, random = line(yi, sei), line(yi, eta)
    limits = random.slope + math.sqrt(tau2) / eta * (yi - random.slope)
    limit = line(limits, sei)
    toward = np.array([math.sqrt(tau2), 1.0])
    weights = 1 / vi
    q = float(found.q[0])
    # Rounding could bring them below 0.
    resid = min(plain.rss, q)
    return LimitMetaAnalysis(
        tau2_method,
        k,
        tau2=tau2,
        alpha=random.intercept,
        beta=random.slope,
        beta_f=plain.slope,
        beta0=_adjusted(
            random.slope + math.sqrt(tau2) * random.intercept, float(toward @ random.covariance @ toward), level
        ),
        beta_lim=_adjusted(limit.slope, float(limit.covariance[1, 1]), level),
        mu_lim=_adjusted(float(weights @ limits / weights.sum()), float(1 / weights.sum()), level),
        q=q,
        q_df=k - 1,
        q_p=chi2_upper(q, k - 1),
        q_small=q - resid,
        q_small_p=chi2_upper(q - resid, 1),
        q_resid=resid,
        q_resid_df=k - 2,
        q_resid_p=chi2_upper(resid, k - 2),
        g2=100 * min(1.0, limit.rss / limit.tss) if limit.tss > 0 else None,
        limits=tuple(float(one) for one in limits),
    )


def line(yi: FloatArray, spread: FloatArray) -> Line:
    """Return the line of least squares in a radial plot.

    Parameters
    ----------
    yi, spread
        Shape (k,): effects, and what they and 1 are divided by.
    """
    x, y = 1 / spread, yi / spread
    middle = float(x.mean())
    off = x - middle
    square = float(off @ off)
    slope = float(off @ (y - y.mean()) / square)
    intercept = float(y.mean()) - slope * middle
    covariance = np.array([[1 / len(x) + middle**2 / square, -middle / square], [-middle / square, 1 / square]])
    left, around = y - intercept - slope * x, y - y.mean()
    return Line(intercept, slope, covariance, float(left @ left), float(around @ around))


def _adjusted(estimate: float, variance: float, level: float) -> Adjusted:
    """Return an estimate with what its variance says of it."""
    se = math.sqrt(variance)
    margin = critical_value(level) * se
    return Adjusted(estimate, se, estimate - margin, estimate + margin, two_sided_p(estimate / se))

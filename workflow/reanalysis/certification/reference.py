"""One weighted least-squares model of study effects, to fifty digits, by dense matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reanalysis.certification.precision import column, exact, fifty_digits, matrix, mp, mpf
from reanalysis.certification.projected import residuals_of
from reanalysis.certification.tails import chi2_upper, f_upper, t_quantile, two_sided_p
from reanalysis.certification.tau2 import tau2_of

INTERVALS = ("wald", "hksj", "hksj_guarded")
_EXACT_DIGITS = 250


@dataclass(frozen=True)
class Test:
    """A statistic, its degrees of freedom (`df` infinite for z, `df2` infinite for chi-squared) and its p value."""

    statistic: mpf
    df: mpf
    df2: mpf
    p: mpf


@dataclass(frozen=True)
class Fit:
    """One fitted model; k studies, p coefficients.

    Attributes
    ----------
    tau2, typical, i2, h2
        Variance between studies; the typical variance (k-p)/trace of P at tau2 = 0 (Higgins and Thompson 2002, Stat Med
        21:1539); I2 in percent; H2. For equal effects I2 and H2 come from Q.
    q, q_p
        Cochran's Q of the residuals at tau2 = 0, and its p value.
    scale
        What the covariance was multiplied with: 1 for Wald, Q(tau2)/(k-p) for Knapp and Hartung 2003, Stat Med 22:2693,
        never below 1 in its guarded form.
    coefficients, se, statistic, p, low, high
        p values each, in the order of the columns.
    covariance
        Scaled, p by p.
    df
        Of the t distribution of the statistics; infinite for Wald.
    log_likelihood, restricted_log_likelihood
        At tau2, with all constants.
    omnibus
        The test that all coefficients but the first are 0; None where there is but one.
    r2
        Percent of the mean model's tau2 (for equal effects: of its Q/(k-1)) that the moderators take away; None where
        there are none.
    prediction
        Limits for the effect in a new study: tau2 + se^2, t with k-2 degrees of freedom beside Wald (Higgins et al.
        2009, J R Stat Soc A 172:137), k-1 beside Knapp and Hartung; None for a regression, and for Wald at k = 2.
    """

    tau2: mpf
    typical: mpf
    i2: mpf
    h2: mpf
    q: mpf
    q_p: mpf
    scale: mpf
    coefficients: tuple[mpf, ...]
    covariance: matrix
    se: tuple[mpf, ...]
    df: mpf
    statistic: tuple[mpf, ...]
    p: tuple[mpf, ...]
    low: tuple[mpf, ...]
    high: tuple[mpf, ...]
    log_likelihood: mpf
    restricted_log_likelihood: mpf
    omnibus: Test | None
    r2: mpf | None
    prediction: tuple[mpf, mpf] | None


@dataclass(frozen=True)
class Weighted:
    """Weighted least squares at one tau2: coefficients, (X'WX)^-1, Q = y'P y and the trace of P.

    P = W - W X (X'WX)^-1 X'W, which is not made: it has a row and a column a study.
    """

    coefficients: matrix
    inverse: matrix
    q: mpf
    trace: mpf


def weighted(y: Sequence[mpf], v: Sequence[mpf], X: matrix, tau2: mpf) -> Weighted:
    """Return weighted least squares with weights 1/(v + tau2), for k effects and variances and a design k by p."""
    weights = [1 / (variance + tau2) for variance in v]
    crossed = matrix([[weight * X[i, j] for i, weight in enumerate(weights)] for j in range(X.cols)])
    inverse = mp.inverse(crossed * X)
    coefficients = inverse * (crossed * column(y))
    residuals = column(y) - X * coefficients
    q = mp.fsum(weight * residual**2 for weight, residual in zip(weights, residuals, strict=True))
    # A perfect fit leaves rounding of the 400th digit; floats that differ leave more than the 100th.
    if q <= mpf(10) ** -_EXACT_DIGITS * mp.fsum(weight * effect**2 for weight, effect in zip(weights, y, strict=True)):
        q = mpf(0)
    taken = inverse * (crossed * crossed.T)
    return Weighted(coefficients, inverse, q, mp.fsum(weights) - mp.fsum(taken[j, j] for j in range(X.cols)))


def intercept(k: int) -> list[list[float]]:
    """Return the design of the mean model: k rows of one column of ones."""
    return [[1.0] for _ in range(k)]


@fifty_digits
def fit(
    y: Sequence[float],
    v: Sequence[float],
    X: Sequence[Sequence[float]],
    method: str = "REML",
    interval: str = "wald",
    level: float = 0.95,
) -> Fit:
    """Return the model of effects (k) with variances (k) on a design (k rows, p columns, the first of ones).

    Parameters
    ----------
    y, v, X
        Effects, sampling variances, design.
    method
        An estimator of tau2, as in `tau2.ESTIMATORS`.
    interval
        One of `INTERVALS`.
    level
        Of the confidence limits and of the prediction interval, in (0, 1).

    Raises
    ------
    ValueError
        If the data determine no such model, or a name is unknown.
    """
    if interval not in INTERVALS:
        raise ValueError(f"{interval!r} is none of {', '.join(INTERVALS)}")
    tau2 = tau2_of(method, y, v, X)
    effects, variances, design = exact(y), exact(v), matrix([exact(row) for row in X])
    k, p = design.rows, design.cols
    here, fixed = weighted(effects, variances, design, tau2), weighted(effects, variances, design, mpf(0))
    scale = scale_of(interval, here.q / (k - p))
    covariance, df = scale * here.inverse, mp.inf if interval == "wald" else mpf(k - p)
    se = tuple(mp.sqrt(covariance[j, j]) for j in range(p))
    coefficients = tuple(here.coefficients)
    statistic = tuple(ratio(b, s) for b, s in zip(coefficients, se, strict=True))
    reach = t_quantile(level, df)
    typical = (k - p) / fixed.trace
    return Fit(
        tau2=tau2,
        typical=typical,
        i2=_i2_of_q(fixed.q, k - p) if method == "FE" else 100 * tau2 / (typical + tau2),
        h2=fixed.q / (k - p) if method == "FE" else tau2 / typical + 1,
        q=fixed.q,
        q_p=chi2_upper(fixed.q, mpf(k - p)),
        scale=scale,
        coefficients=coefficients,
        covariance=covariance,
        se=se,
        df=df,
        statistic=statistic,
        p=tuple(two_sided_p(value, df) for value in statistic),
        low=tuple(b - reach * s for b, s in zip(coefficients, se, strict=True)),
        high=tuple(b + reach * s for b, s in zip(coefficients, se, strict=True)),
        log_likelihood=_log_likelihood(variances, tau2, here.q),
        restricted_log_likelihood=_restricted(variances, design, tau2, here),
        omnibus=_omnibus(here.coefficients, covariance, df) if p > 1 and scale else None,
        r2=_r2(method, y, v, tau2, fixed.q / (k - p)) if p > 1 else None,
        prediction=_prediction(coefficients[0], mp.sqrt(tau2 + se[0] ** 2), k, interval, level) if p == 1 else None,
    )


def scale_of(interval: str, dispersion: mpf) -> mpf:
    """Return what an interval multiplies the covariance with, from Q(tau2)/(k-p)."""
    return {"wald": mpf(1), "hksj": dispersion, "hksj_guarded": max(mpf(1), dispersion)}[interval]


def standing(interval: str, q: mpf) -> str:
    """Return the interval that a model with residuals of weighted square sum `q` is given in place of the one asked."""
    # ASSUME: as ours: an effect without residuals leaves Knapp and Hartung's scale 0, and Wald's interval stands in;
    # the guarded scale is 1 there and stands.
    return "wald" if interval == "hksj" and not q else interval


def standing_fit(
    y: Sequence[float], v: Sequence[float], X: Sequence[Sequence[float]], method: str, interval: str, level: float
) -> Fit:
    """Return `fit` with the `standing` interval."""
    found = fit(y, v, X, method, interval, level)
    used = standing(interval, found.q)
    return found if used == interval else fit(y, v, X, method, used, level)


def ratio(estimate: mpf, se: mpf) -> mpf:
    """Return estimate/se; infinite or not a number where a perfect fit leaves a Knapp-Hartung standard error of 0."""
    if se:
        return estimate / se
    return mp.sign(estimate) * mp.inf if estimate else mp.nan


def _i2_of_q(q: mpf, df: int) -> mpf:
    """Return 100 max(0, (Q - df)/Q): Higgins et al. 2003, BMJ 327:557."""
    return max(mpf(0), 100 * (q - df) / q) if q else mpf(0)


def _log_likelihood(v: Sequence[mpf], tau2: mpf, q: mpf) -> mpf:
    """Return the log of the normal density of the data, the coefficients profiled out."""
    logs = mp.fsum(mp.log(variance + tau2) for variance in v)
    return -(len(v) * mp.log(2 * mp.pi) + logs + q) / 2


def _restricted(v: Sequence[mpf], X: matrix, tau2: mpf, here: Weighted) -> mpf:
    """Return the log restricted likelihood, with log|X'X|/2 so that X's scale does not matter: Harville 1974."""
    k, p = X.rows, X.cols
    logs = mp.fsum(mp.log(variance + tau2) for variance in v)
    determinants = mp.log(mp.det(X.T * X)) + mp.log(mp.det(here.inverse))
    return -((k - p) * mp.log(2 * mp.pi) - determinants + logs + here.q) / 2


def _omnibus(coefficients: matrix, covariance: matrix, df: mpf) -> Test:
    """Return the Wald test of all coefficients but the first: chi-squared, or F where `df` is finite."""
    slopes, block = coefficients[1:, 0], covariance[1:, 1:]
    m = mpf(slopes.rows)
    wald = (slopes.T * mp.inverse(block) * slopes)[0]
    if mp.isinf(df):
        return Test(wald, m, df, chi2_upper(wald, m))
    return Test(wald / m, m, df, f_upper(wald / m, m, df))


def _r2(method: str, y: Sequence[float], v: Sequence[float], tau2: mpf, h2: mpf) -> mpf:
    """Return the share of heterogeneity that the moderators take away, in percent, not below 0.

    Raudenbush 2009, in The Handbook of Research Synthesis and Meta-Analysis, 295; for equal effects the adjusted R2 of
    weighted least squares. 0 where the mean model has no heterogeneity.
    """
    if method == "FE":
        mean, rest = residuals_of(y, v, intercept(len(y))).q(mpf(0)) / (len(y) - 1), h2
    else:
        mean, rest = tau2_of(method, y, v, intercept(len(y))), tau2
    return max(mpf(0), 100 * (mean - rest) / mean) if mean > 0 else mpf(0)


def _prediction(mean: mpf, sd: mpf, k: int, interval: str, level: float) -> tuple[mpf, mpf] | None:
    """Return the limits for the effect in a new study, or None where no degree of freedom is left."""
    df = k - 2 if interval == "wald" else k - 1
    if df < 1:
        return None
    reach = t_quantile(level, mpf(df)) * sd
    return mean - reach, mean + reach

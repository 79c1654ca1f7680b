"""The records of `pooled.json` and `regression.json`, to fifty digits.

Scales: estimates and limits on |estimate| + se, because a limit near 0 has no digits of its own; statistics on
|estimate| / se + 1 for the same reason; tau2 and its limits on themselves, or where they are 0 on the smallest sampling
variance; the log likelihood on itself and the number of its terms; all others on themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from reanalysis.certification.collinearity import condition_index
from reanalysis.certification.compare import LEAST, Number
from reanalysis.certification.henmi_copas import henmi_copas
from reanalysis.certification.precision import exact, fifty_digits, matrix, mp, mpf
from reanalysis.certification.reference import Fit, fit, intercept, scale_of, standing, standing_fit, weighted
from reanalysis.certification.tails import t_quantile, two_sided_p
from reanalysis.certification.tau2 import tau2_of
from reanalysis.certification.tau2_intervals import QProfile, q_profile

Floats = Sequence[float]
Rows = Sequence[Sequence[float]]
Record = dict[str, Number]


def own(value: mpf | None, instead: float = 1.0) -> Number:
    """Return a number whose error is measured against itself, or against `instead` where it is 0."""
    return Number(value, abs(value) if value and abs(value) >= LEAST else mpf(instead))


def models(y: Floats, v: Floats, methods: Sequence[str], level: float, ratio: bool) -> dict[tuple[str, str], Record]:
    """Return the mean's record under every estimator of tau2 and every interval.

    Parameters
    ----------
    ratio
        Whether effects are logarithms of ratios.
    """
    made, X = {}, intercept(len(y))
    profile = q_profile(y, v, X, level)
    for method in methods:
        scaled = fit(y, v, X, method, "hksj", level)
        for interval in ("wald", "hksj", "hksj_guarded"):
            # Nothing scaled by 0 is scaled back.
            found = under(scaled, interval, level) if scaled.q else standing_fit(y, v, X, method, interval, level)
            made[method, interval] = mean_record(found, v, None if method == "FE" else profile, method, ratio)
    return made


@fifty_digits
def under(found: Fit, interval: str, level: float) -> Fit:
    """Return a mean's model with Knapp and Hartung's interval under another interval."""
    k = int(found.df) + 1
    scale = scale_of(interval, found.scale)
    se = mp.sqrt(scale / found.scale) * found.se[0]
    mean, df = found.coefficients[0], mp.inf if interval == "wald" else found.df
    reach, statistic = t_quantile(level, df) * se, mean / se
    ahead_df = k - 2 if interval == "wald" else k - 1
    ahead = t_quantile(level, mpf(ahead_df)) * mp.sqrt(found.tau2 + se**2) if ahead_df > 0 else mp.nan
    return replace(
        found,
        scale=scale,
        covariance=matrix([[se**2]]),
        se=(se,),
        df=df,
        statistic=(statistic,),
        p=(two_sided_p(statistic, df),),
        low=(mean - reach,),
        high=(mean + reach,),
        prediction=(mean - ahead, mean + ahead) if ahead_df > 0 else None,
    )


def mean_of(y: Floats, v: Floats, method: str, interval: str, level: float, ratio: bool) -> Record:
    """Return the record of one mean."""
    X = intercept(len(y))
    found = standing_fit(y, v, X, method, interval, level)
    return mean_record(found, v, None if method == "FE" else q_profile(y, v, X, level), method, ratio)


def mean_record(found: Fit, v: Floats, profile: QProfile | None, method: str, ratio: bool) -> Record:
    """Return a fitted mean as `pooled.json` keeps it."""
    smallest = min(v)
    record = coefficient_record(found, 0)
    # ASSUME: as ours, a common effect has no prediction interval, and two studies have none.
    ahead = found.prediction if method != "FE" and len(v) > 2 else None  # noqa: PLR2004 (two studies)
    record |= {
        f"prediction_{end}": Number(ahead[place] if ahead else None, record["estimate"].scale)
        for place, end in enumerate(("low", "high"))
    }
    if ratio:
        record |= _ratios(record, ("estimate", "ci_low", "ci_high", "prediction_low", "prediction_high"))
    height = found.restricted_log_likelihood if method == "REML" else found.log_likelihood
    return (
        record
        | _spread(found, profile, smallest)
        | {
            "q": own(found.q),
            "q_p": own(found.q_p),
            "loglik": Number(height, abs(height) + len(v)),
        }
    )


def coefficient_record(found: Fit, place: int) -> Record:
    """Return estimate, standard error, test and limits of one coefficient."""
    estimate, se, statistic = found.coefficients[place], found.se[place], found.statistic[place]
    size = abs(estimate) + se
    return {
        "estimate": Number(estimate, size),
        "se": own(se),
        "ci_low": Number(found.low[place], size),
        "ci_high": Number(found.high[place], size),
        "stat": Number(statistic, abs(statistic) + 1),
        "df": own(None if mp.isinf(found.df) else found.df),
        "p": own(found.p[place]),
    }


def regression_record(found: Fit, y: Floats, v: Floats, X: Rows, method: str, level: float) -> Record:
    """Return a fitted regression as `regression.json` keeps it, without what it keeps of each coefficient.

    Raises
    ------
    ValueError
        If the design has no slope.
    """
    if found.omnibus is None:
        raise ValueError("a regression needs a slope, and residuals")
    profile = None if method == "FE" else q_profile(y, v, X, level)
    return _spread(found, profile, min(v)) | {
        "r2": own(found.r2 if _has_spread(y, v, method) else None, 100),
        "qe": own(found.q),
        "qe_p": own(found.q_p),
        "qm": own(found.omnibus.statistic),
        "qm_p": own(found.omnibus.p),
    }


def index_record(y: Floats, v: Floats, X: Rows, method: str) -> Record:
    """Return the condition index of a regression."""
    return {"condition_index": own(condition_index(y, v, X, method))}


@fifty_digits
def inflation(found: Fit, block: Sequence[int]) -> mpf:
    """Return the generalised variance inflation factor of some coefficients: Fox and Monette 1992.

    det(covariance of the block) det(covariance of the other slopes) / det(covariance of all slopes), which is the same
    for the correlations of coefficients as for those of columns.

    Parameters
    ----------
    found
        A regression.
    block
        Places of coefficients, from 1.
    """
    slopes = range(1, len(found.coefficients))
    whole = _determinant(found.covariance, list(slopes))
    others = [place for place in slopes if place not in block]
    return _determinant(found.covariance, list(block)) * _determinant(found.covariance, others) / whole


@fifty_digits
def without_each(
    y: Floats, v: Floats, X: Rows, method: str, interval: str, level: float, places: Sequence[int] | None = None
) -> list[Record | None]:
    """Return the last coefficient without each of k studies; None where the others do not determine it.

    Parameters
    ----------
    places
        Of the studies left out in turn; all of them without.
    """
    every = range(len(y)) if places is None else places
    return [_without(y, v, X, place, method, interval, level) for place in every]


def _without(y: Floats, v: Floats, X: Rows, place: int, method: str, interval: str, level: float) -> Record | None:
    rest = [other for other in range(len(y)) if other != place]
    effects, variances, design = [y[i] for i in rest], [v[i] for i in rest], [X[i] for i in rest]
    try:
        tau2 = tau2_of(method, effects, variances, design)
    except ValueError:
        return None
    # Not `fit`, which looks for tau2 of the mean as well: most of the time would go there.
    here = weighted(exact(effects), exact(variances), matrix([exact(row) for row in design]), tau2)
    df = len(rest) - len(X[0])
    used, last = standing(interval, here.q), len(X[0]) - 1
    degrees = mp.inf if used == "wald" else mpf(df)
    estimate, se = here.coefficients[last], mp.sqrt(scale_of(used, here.q / df) * here.inverse[last, last])
    reach = t_quantile(level, degrees) * se
    size = abs(estimate) + se
    return {
        "estimate": Number(estimate, size),
        "ci_low": Number(estimate - reach, size),
        "ci_high": Number(estimate + reach, size),
        "p": own(two_sided_p(estimate / se, degrees)),
        "tau2": own(tau2, min(variances)),
    }


def step_record(record: Record, size: float, ratio: bool) -> Record:
    """Return the effect of a change of a moderator, from the record of its coefficient."""
    step = {"step_effect": "estimate", "step_ci_low": "ci_low", "step_ci_high": "ci_high"}
    made = {}
    for name, of in step.items():
        with mp.workdps(50):
            value = mpf(size) * record[of].value
            made[name] = own(mp.exp(value)) if ratio else Number(value, abs(mpf(size)) * record[of].scale)
    return made


def shares(v: Floats, tau2: mpf) -> list[Record]:
    """Return each study's percent of the sum of weights 1 / (v + tau2)."""
    with mp.workdps(50):
        weights = [1 / (variance + tau2) for variance in exact(v)]
        total = mp.fsum(weights)
        return [{"weight": own(100 * weight / total)} for weight in weights]


def henmi_copas_record(y: Floats, v: Floats, level: float, ratio: bool) -> Record:
    """Return Henmi and Copas' interval as `pooled.json` keeps it."""
    found = henmi_copas(y, v, level)
    size = abs(found.estimate) + found.se
    record = {
        "estimate": Number(found.estimate, size),
        "se": own(found.se),
        "ci_low": Number(found.low, size),
        "ci_high": Number(found.high, size),
        "quantile": own(found.quantile),
        "tau2": own(found.tau2, min(v)),
    }
    return record | (_ratios(record, ("estimate", "ci_low", "ci_high")) if ratio else {})


def _spread(found: Fit, profile: QProfile | None, smallest: float) -> Record:
    limits = zip(("low", "high"), profile.tau2 if profile else (None, None), strict=True)
    shared = zip(("low", "high"), profile.i2 if profile else (None, None), strict=True)
    return {
        "tau2": own(found.tau2, smallest),
        **{f"tau2_ci_{end}": own(value, smallest) for end, value in limits},
        "i2": own(found.i2, 100),
        **{f"i2_ci_{end}": own(value, 100) for end, value in shared},
        "h2": own(found.h2),
    }


def _ratios(record: Record, names: Sequence[str]) -> Record:
    with mp.workdps(50):
        return {
            "ratio" if name == "estimate" else f"ratio_{name}": own(
                None if record[name].value is None else mp.exp(record[name].value)
            )
            for name in names
        }


def _has_spread(y: Floats, v: Floats, method: str) -> bool:
    """Return whether the mean model has something to explain."""
    if method == "FE":
        return any(one != other for one, other in pairwise(y))
    return bool(tau2_of(method, y, v, intercept(len(y))) > 0)


def _determinant(whole: matrix, places: Sequence[int]) -> mpf:
    return mp.det(matrix([[whole[i, j] for j in places] for i in places])) if places else mpf(1)

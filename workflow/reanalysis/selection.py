"""Step-function selection models: what the pooled estimate would be if some p values were published more often.

The chance of publication is a step function of the one-sided p value (Vevea and Hedges 1995, Psychometrika 60:419; with
one cut point the three-parameter model). Its weights are estimated together with mu and tau2 by maximum likelihood, or
held at values chosen beforehand where there are too few studies for that (Vevea and Woods 2005, Psychol Methods
10:428).

ASSUME: what `mixed_effects` assumes, of all studies done; a study is published or not by its p value alone.
ASSUME: the curvature at the estimate gives standard errors, with tau2 held where it is 0.
ASSUME: the values of a parameter that the likelihood allows are one interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reanalysis import batch
from reanalysis.design import FloatArray
from reanalysis.distributions import chi2_quantile, chi2_upper
from reanalysis.errors import ReanalysisError
from reanalysis.means import number
from reanalysis.selection_likelihood import MU, TAU2, WEIGHTS, derivatives, published
from reanalysis.selection_search import Peak, Search

ABOVE, BELOW = 1, -1

# Cut points and weights of Vevea and Woods 2005, as the documentation of metafor's selmodel gives them.
FIXED_STEPS = (0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995)
FIXED_WEIGHTS: Mapping[str, tuple[float, ...]] = {
    "moderate one-tailed": (1, 0.99, 0.95, 0.80, 0.75, 0.65, 0.60, 0.55, 0.50, 0.50, 0.50, 0.50, 0.50, 0.50),
    "severe one-tailed": (1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.40, 0.35, 0.30, 0.25, 0.10, 0.10, 0.10, 0.10),
    "moderate two-tailed": (1, 0.99, 0.95, 0.90, 0.80, 0.75, 0.60, 0.60, 0.75, 0.80, 0.90, 0.95, 0.99, 1.00),
    "severe two-tailed": (1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.25, 0.25, 0.50, 0.60, 0.75, 0.90, 0.99, 1.00),
}

# A curvature of the likelihood, beside 1 for each parameter alone, at which rounding decides.
FLAT = 1e-13

# The first step of the search for a limit, in standard errors; how it grows, and how near its root is found.
FIRST_STEP, GROWTH, ROOT_TOLERANCE = 0.5, 1.5, 1e-12


@dataclass(frozen=True)
class Interval:
    """A profile-likelihood interval; where an end is open it is None, and `low_reason` or `high_reason` says why."""

    low: float | None
    high: float | None
    low_reason: str | None
    high_reason: str | None


@dataclass(frozen=True)
class Weight:
    """The relative chance that a study with its p value in (p_low, p_high] is published.

    Parameters
    ----------
    k
        How many studies have such a p value.
    weight, se, ci
        Relative to the interval of the smallest p values. Without `se` and `ci` where it is held.
    """

    p_low: float
    p_high: float
    k: int
    weight: float | None
    se: float | None
    ci: Interval | None


@dataclass(frozen=True)
class SelectionModel:
    """A selection model; where it cannot be fitted all numbers are None, and `reason` says why.

    Parameters
    ----------
    favoured
        The direction of the effects whose small p values are favoured: `ABOVE` or `BELOW` 0.
    fixed
        Whether the weights were held.
    estimate, se, ci
        The mean of all studies done, published or not, in the units of yi, with its profile-likelihood interval.
    tau2
        In the squared units of yi; 0 may be the maximum.
    loglik, loglik_without
        The log likelihood of the model, and of that without selection, by maximum likelihood.
    lrt, lrt_df, lrt_p
        The likelihood-ratio test that all weights are 1; None for weights that were held.
    """

    steps: tuple[float, ...]
    favoured: int
    fixed: bool
    k: int
    weights: tuple[Weight, ...]
    estimate: float | None = None
    se: float | None = None
    ci: Interval | None = None
    tau2: float | None = None
    loglik: float | None = None
    loglik_without: float | None = None
    lrt: float | None = None
    lrt_df: int | None = None
    lrt_p: float | None = None
    reason: str | None = None


def selection_model(
    yi: FloatArray,
    vi: FloatArray,
    steps: Sequence[float],
    favoured: int,
    level: float,
    weights: Sequence[float] | None = None,
) -> SelectionModel:
    """Fit a selection model.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    steps
        The cut points of the one-sided p value, rising, in (0, 1), without the 1 at the end.
    favoured
        `ABOVE` where the p value tests for an effect above 0, `BELOW` for one below.
    level
        Confidence level in (0, 1).
    weights
        Those to hold, one more than cut points, above 0; estimated by default.

    Raises
    ------
    ReanalysisError
        Where cut points or weights have no meaning.
    """
    cuts = _checked(steps, favoured, weights)
    data = published(favoured * yi, vi, cuts)
    ends = zip((0.0, *cuts), (*cuts, 1.0), data.counts, strict=True)
    relative = [] if weights is None else [one / weights[0] for one in weights]
    given: list[float | None] = [*relative] or [None] * len(data.counts)
    shown = tuple(
        Weight(low, high, int(k), weight, None, None) for (low, high, k), weight in zip(ends, given, strict=True)
    )
    unfitted = SelectionModel(cuts, favoured, weights is not None, len(yi), shown)
    reason = _unusable(unfitted)
    if reason is not None:
        return replace(unfitted, reason=reason)
    held = {place + WEIGHTS: float(np.log(one)) for place, one in enumerate(relative[1:])}
    search = Search(data, held)
    plain = batch.fit(favoured * yi, vi, tau2="ML")
    start = np.zeros(data.size)
    start[MU], start[TAU2] = plain.estimate[0], plain.tau2[0]
    peak = search.peak(start=start)
    if search.at_edge(peak).any():
        return replace(unfitted, reason="the likelihood has no maximum: it rises on and on away from the data")
    return _fitted(unfitted, search, peak, float(plain.loglik[0]), level)


def _checked(steps: Sequence[float], favoured: int, weights: Sequence[float] | None) -> tuple[float, ...]:
    """Return the cut points; refuse what has no meaning."""
    cuts = tuple(float(one) for one in steps)
    if not cuts or list(cuts) != sorted(set(cuts)) or not 0 < cuts[0] <= cuts[-1] < 1:
        raise ReanalysisError(f"{steps} are no cut points of a p value", remedy="give rising numbers between 0 and 1")
    if favoured not in {ABOVE, BELOW}:
        raise ReanalysisError(f"{favoured} is no direction", remedy="give 1 for above no effect, -1 for below")
    if weights is not None and (len(weights) != len(cuts) + 1 or not all(0 < one < np.inf for one in weights)):
        raise ReanalysisError(
            f"{weights} are no weights for {len(cuts)} cut points", remedy="give one more than cut points, above 0"
        )
    return cuts


def _unusable(model: SelectionModel) -> str | None:
    """Return why a model cannot be fitted to these studies; None if it can."""
    size = 2 if model.fixed else len(model.weights) + 1
    # ASSUME: as many studies as parameters at least, as metafor has it.
    if model.k < size:
        return f"{model.k} studies cannot tell {size} parameters"
    empty = [f"({one.p_low:g}, {one.p_high:g}]" for one in model.weights if not one.k]
    if empty and not model.fixed:
        where = " or ".join(empty)
        return f"no study has its one-sided p value in {where}, so that the weights cannot be estimated"
    return None


def _fitted(unfitted: SelectionModel, search: Search, peak: Peak, without: float, level: float) -> SelectionModel:
    """Return the model at its maximum, with standard errors and intervals."""
    errors = _standard_errors(search, peak)
    mean = _profile(search, peak, MU, errors[MU], level)
    sign = unfitted.favoured
    weights = list(unfitted.weights)
    if not unfitted.fixed:
        weights[0] = replace(weights[0], weight=1.0)
        for place, one in enumerate(weights[1:], start=WEIGHTS):
            weight = float(np.exp(peak.theta[place]))
            logs = _profile(search, peak, place, errors[place], level)
            low, high = (None if end is None else float(np.exp(end)) for end in (logs.low, logs.high))
            ci = replace(logs, low=low, high=high)
            weights[place - WEIGHTS + 1] = replace(one, weight=weight, se=number(weight * errors[place]), ci=ci)
    lrt, df = max(0.0, 2 * (peak.loglik - without)), len(unfitted.steps)
    return replace(
        unfitted,
        weights=tuple(weights),
        estimate=sign * float(peak.theta[MU]),
        se=number(errors[MU]),
        ci=mean if sign == ABOVE else _turned(mean),
        tau2=float(peak.theta[TAU2]),
        loglik=peak.loglik,
        loglik_without=without,
        lrt=None if unfitted.fixed else lrt,
        lrt_df=None if unfitted.fixed else df,
        lrt_p=None if unfitted.fixed else chi2_upper(lrt, df),
    )


def _standard_errors(search: Search, peak: Peak) -> FloatArray:
    """Return the standard errors of a theta, shape (p,); NaN for what is held, and where the top is flat."""
    inside = peak.free.copy()
    inside[TAU2] &= peak.theta[TAU2] > 0
    _, second = derivatives(search.data, peak.theta)
    errors = np.full(len(inside), np.nan)
    information = -second[np.ix_(inside, inside)]
    # In units in which each curvature alone is 1, so that no choice of units decides.
    unit = np.sqrt(np.maximum(np.diagonal(information), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(information / np.outer(unit, unit))
    if values[0] > FLAT:
        errors[inside] = np.sqrt((vectors**2 / values).sum(axis=1)) / unit
    return errors


def _profile(search: Search, peak: Peak, place: int, error: float, level: float) -> Interval:
    """Return the values of one element of theta at which the likelihood, all others at their best, is high enough."""
    critical = chi2_quantile(1 - level, 1)
    low, high = search.limits
    # A weight's logarithm has no unit.
    first = error if np.isfinite(error) else search.unit if place == MU else 1.0

    def beyond(value: float) -> float:
        return 2 * (peak.loglik - search.peak({place: value}, peak.theta).loglik) - critical

    ends = [
        _end(beyond, float(peak.theta[place]), way * first, float(last[place])) for way, last in ((-1, low), (1, high))
    ]
    reasons = [None if end is not None else _open(place, way) for end, way in zip(ends, ("low", "high"), strict=True)]
    return Interval(ends[0], ends[1], reasons[0], reasons[1])


def _open(place: int, way: str) -> str:
    """Return why an interval has no end on one side, `low` or `high`."""
    return f"the likelihood stays high however {way} the {'mean' if place == MU else 'weight'} is"


def _end(beyond: Callable[[float], float], start: float, error: float, last: float) -> float | None:
    """Return where a function that is negative at a start is 0, outwards; None if that is nowhere before the last."""
    from scipy.optimize import brentq  # noqa: PLC0415 (0.2 s)

    inner, step = start, FIRST_STEP * error
    while True:
        outer = min(inner + step, last) if step > 0 else max(inner + step, last)
        if beyond(outer) > 0:
            found = brentq(beyond, inner, outer, xtol=ROOT_TOLERANCE * abs(error), rtol=4 * np.finfo(float).eps)
            return float(found)
        if outer == last:
            return None
        inner, step = outer, GROWTH * step


def _turned(one: Interval) -> Interval:
    """Return the interval of the effect with its sign turned."""
    low, high = (None if end is None else -end for end in (one.high, one.low))
    reasons = [None if end is not None else _open(MU, way) for end, way in ((low, "low"), (high, "high"))]
    return Interval(low, high, reasons[0], reasons[1])

"""Routes from printed numbers to an effect and its standard error.

Each route is a function of an estimate; `ROUTES` names them. All that an estimate allows are computed, the
precedence in `config.yaml` says which is used.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from reanalysis.distributions import critical_value, z_of_p
from reanalysis.measures import to_analysis
from reanalysis.printed import PrintedNumber
from reanalysis.records import Estimate
from reanalysis.rounding import Interval, RoundingPolygon, polygon


@dataclass(frozen=True)
class Reconstruction:
    """An effect and its standard error on the scale of the analysis, each with the range that rounding leaves.

    A range of sei that is None: no standard error is compatible with the printed digits.
    """

    yi: float
    sei: float
    yi_range: Interval
    sei_range: Interval | None


def _bounds(measure: str, number: PrintedNumber) -> Interval:
    return to_analysis(measure, number.low), to_analysis(measure, number.high)


def effect(estimate: Estimate) -> tuple[float, Interval] | None:
    """Return the printed effect on the scale of the analysis and the range that rounding leaves it."""
    if estimate.estimate is not None:
        printed = estimate.estimate
        return to_analysis(estimate.measure, printed.value), _bounds(estimate.measure, printed)
    if estimate.log_estimate is not None:
        return estimate.log_estimate.value, (estimate.log_estimate.low, estimate.log_estimate.high)
    return None


def rounding_polygon(estimate: Estimate) -> RoundingPolygon | None:
    """Return the pairs (yi, sei) that round to a printed estimate and its interval; None without both."""
    found = effect(estimate)
    if found is None or estimate.lower is None or estimate.upper is None:
        return None
    lower, upper = _bounds(estimate.measure, estimate.lower), _bounds(estimate.measure, estimate.upper)
    return polygon(found[1], lower, upper, critical_value(estimate.level))


def from_interval(estimate: Estimate) -> Reconstruction | None:
    """Return sei = (upper - lower) / (2 z), limits on the scale of the analysis.

    Source: Parmar, Torri, Stewart 1998, Stat Med 17:2815; Tierney et al. 2007, Trials 8:16.
    """
    found, box = effect(estimate), rounding_polygon(estimate)
    if found is None or box is None or estimate.lower is None or estimate.upper is None:
        return None
    # ASSUME: the interval was made as yi ± z sei on the scale of the analysis (Wald).
    low = to_analysis(estimate.measure, estimate.lower.value)
    high = to_analysis(estimate.measure, estimate.upper.value)
    sei = (high - low) / (2 * critical_value(estimate.level))
    if box.empty:
        return Reconstruction(found[0], sei, found[1], None)
    return Reconstruction(found[0], sei, box.yi, box.sei)


def from_standard_error(estimate: Estimate) -> Reconstruction | None:
    """Return the printed standard error."""
    found = effect(estimate)
    if found is None or estimate.se is None:
        return None
    return Reconstruction(found[0], estimate.se.value, found[1], (estimate.se.low, estimate.se.high))


def from_variance(estimate: Estimate) -> Reconstruction | None:
    """Return the square root of the printed variance."""
    found, variance = effect(estimate), estimate.variance
    if found is None or variance is None or estimate.o_minus_e is not None:
        return None
    bounds = math.sqrt(max(variance.low, 0.0)), math.sqrt(variance.high)
    return Reconstruction(found[0], math.sqrt(variance.value), found[1], bounds)


def from_score(estimate: Estimate) -> Reconstruction | None:
    """Return yi = (O - E) / V and sei = 1 / sqrt(V), from a log-rank test.

    Source: Yusuf et al. 1985, Prog Cardiovasc Dis 27:335; Parmar et al. 1998.
    """
    score, variance = estimate.o_minus_e, estimate.variance
    if score is None or variance is None:
        return None
    corners = [o / v for o in (score.low, score.high) for v in (max(variance.low, 1e-300), variance.high)]
    sei_range = (1 / math.sqrt(variance.high), 1 / math.sqrt(max(variance.low, 1e-300)))
    yi = score.value / variance.value
    return Reconstruction(yi, 1 / math.sqrt(variance.value), (min(corners), max(corners)), sei_range)


def from_p(estimate: Estimate) -> Reconstruction | None:
    """Return sei = |yi| / z, z the normal quantile of an exact two-sided p value.

    Source: Altman and Bland 2011, BMJ 343:d2090, with the quantile itself in place of its approximation.
    """
    found, p = effect(estimate), estimate.p
    if found is None or p is None or estimate.p_operator != "=" or not 0 < p.value < 1 or found[0] == 0:
        return None
    # ASSUME: the p value is two-sided and from a Wald test of no difference.
    yi, (low, high) = found
    nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    furthest = max(abs(low), abs(high))
    z_low = z_of_p(p.high)
    sei_range = (nearest / z_of_p(p.low), furthest / z_low) if z_low > 0 else None
    return Reconstruction(yi, abs(yi) / z_of_p(p.value), (low, high), sei_range)


ROUTES: dict[str, Callable[[Estimate], Reconstruction | None]] = {
    "ci": from_interval,
    "se": from_standard_error,
    "variance": from_variance,
    "score": from_score,
    "p": from_p,
}

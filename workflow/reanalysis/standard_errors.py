"""Routes from a printed effect with a measure of its spread to its standard error; `routes` lists them."""

from __future__ import annotations

import math

from reanalysis.distributions import critical_value, z_of_p
from reanalysis.measures import to_analysis
from reanalysis.reconstruction import Reconstruction, bounds, effect, rectangle
from reanalysis.records import Estimate, Study
from reanalysis.rounding import Interval, RoundingPolygon, hull, polygon

# A variance printed as 0.00 may be anything down to nothing.
SMALLEST = 1e-300

# ASSUME: "not significant" stands for a two-sided p value above 0.05: less than this many standard errors from none.
Z_SIGNIFICANT = 1.959963984540054

# Points on each edge of a curved region, so that its hull is close to it.
EDGE_POINTS = 5


def rounding_polygon(estimate: Estimate) -> RoundingPolygon | None:
    """Return the pairs (yi, sei) that round to a printed estimate and its interval; None without both."""
    found = effect(estimate)
    if found is None or estimate.lower is None or estimate.upper is None:
        return None
    lower, upper = bounds(estimate.measure, estimate.lower), bounds(estimate.measure, estimate.upper)
    return polygon(found[1], lower, upper, critical_value(estimate.level))


def from_interval(estimate: Estimate, study: Study) -> Reconstruction | None:
    """Return sei = (upper - lower) / (2 z), limits on the scale of the analysis.

    Source: Parmar, Torri, Stewart 1998, Stat Med 17:2815; Tierney et al. 2007, Trials 8:16.
    """
    del study
    found, box = effect(estimate), rounding_polygon(estimate)
    if found is None or box is None or estimate.lower is None or estimate.upper is None:
        return None
    # ASSUME: the interval was made as yi ± z sei on the scale of the analysis (Wald).
    low = to_analysis(estimate.measure, estimate.lower.value)
    high = to_analysis(estimate.measure, estimate.upper.value)
    sei = (high - low) / (2 * critical_value(estimate.level))
    if box.empty:
        return Reconstruction(found[0], sei, found[1])
    return Reconstruction(found[0], sei, box.yi, box.sei, box)


def from_standard_error(estimate: Estimate, study: Study) -> Reconstruction | None:
    """Return the printed standard error."""
    del study
    found = effect(estimate)
    if found is None or estimate.se is None or estimate.se.value <= 0:
        return None
    sei_range = max(estimate.se.low, 0.0), estimate.se.high
    return Reconstruction(found[0], estimate.se.value, found[1], sei_range, rectangle(found[1], sei_range))


def from_variance(estimate: Estimate, study: Study) -> Reconstruction | None:
    """Return the square root of the printed variance."""
    del study
    found, variance = effect(estimate), estimate.variance
    if found is None or variance is None or variance.value <= 0 or estimate.o_minus_e is not None:
        return None
    sei_range = math.sqrt(max(variance.low, 0.0)), math.sqrt(variance.high)
    return Reconstruction(found[0], math.sqrt(variance.value), found[1], sei_range, rectangle(found[1], sei_range))


def from_score(estimate: Estimate, study: Study) -> Reconstruction | None:
    """Return yi = (O - E) / V and sei = 1 / sqrt(V), from a log-rank test.

    Source: Yusuf et al. 1985, Prog Cardiovasc Dis 27:335; Parmar et al. 1998.
    """
    del study
    score, variance = estimate.o_minus_e, estimate.variance
    if score is None or variance is None or variance.value <= 0:
        return None
    least, most = max(variance.low, SMALLEST), variance.high
    between = [least + (most - least) * place / EDGE_POINTS for place in range(EDGE_POINTS + 1)]
    region = hull([(o / v, 1 / math.sqrt(v)) for v in between for o in (score.low, score.high)])
    yi = score.value / variance.value
    return Reconstruction(yi, 1 / math.sqrt(variance.value), region.yi, region.sei, region)


def from_p(estimate: Estimate, study: Study) -> Reconstruction | None:
    """Return sei = |yi| / z, z the normal quantile of an exact p value.

    Source: Altman and Bland 2011, BMJ 343:d2090, with the quantile itself in place of its approximation.
    """
    del study
    found, p = effect(estimate), estimate.p
    if found is None or p is None or estimate.p_operator != "=" or not 0 < p.value < 1 or found[0] == 0:
        return None
    # ASSUME: the p value is from a Wald test of no difference, two-sided unless print or review.yaml say otherwise.
    yi, (low, high) = found
    z = z_of_p(p.value, estimate.p_sides)
    if z == 0:
        return None
    nearest, furthest = distances(low, high)
    z_least, z_most = z_range(p.low, p.high, estimate.p_sides)
    sei_range = (nearest / z_most, furthest / z_least if z_least > 0 else None)
    corners = [(y, abs(y) / one) for y in (low, high) for one in (z_least, z_most) if one > 0]
    if sei_range[1] is None:
        corners = []
    return Reconstruction(yi, abs(yi) / z, (low, high), sei_range, hull(corners))


def distances(low: float, high: float) -> Interval:
    """Return how near to no effect, and how far from it, the effects from one to another lie."""
    return (0.0 if low <= 0 <= high else min(abs(low), abs(high))), max(abs(low), abs(high))


def z_range(low: float, high: float, sides: int) -> tuple[float, float]:
    """Return the smallest and the largest absolute z statistic of the p values from one to another."""
    ends = sorted((z_of_p(low, sides), z_of_p(high, sides)))
    none = sides / 2  # the p value of no difference: 1, or 0.5 where the test has one side
    return (0.0 if low <= none <= high else ends[0]), ends[1]


def p_bounds(estimate: Estimate) -> Interval | None:
    """Return the smallest and the largest absolute z statistic that a printed p value allows; None without one.

    An effect that is printed as not significant has one below `Z_SIGNIFICANT`.
    """
    p, operator = estimate.p, estimate.p_operator
    if operator == "ns":
        return 0.0, Z_SIGNIFICANT
    if p is None:
        return None
    # A one-sided p value beyond 0.5 is of an effect on the other side than expected: only its distance counts here.
    if operator == "=":
        return z_range(p.low, p.high, estimate.p_sides)
    if not 0 < p.value < 1:
        return 0.0, math.inf
    z = z_of_p(p.value, estimate.p_sides)
    if operator.startswith("<"):
        # Below a bound of a one-sided p value lie the effects on the expected side, beyond z.
        return (z if estimate.p_sides == 2 or p.value < 0.5 else 0.0), math.inf  # noqa: PLR2004
    # Above a bound of a one-sided one lies any effect on the other side.
    return 0.0, (z if estimate.p_sides == 2 else math.inf)  # noqa: PLR2004


def from_inequality(estimate: Estimate, study: Study) -> Reconstruction | None:
    """Return what an inequality such as p < 0.001 says of sei: |yi| / z is its upper bound, for p > 0.05 the lower one.

    No value of sei follows from it. Source: Altman and Bland 2011, BMJ 343:d2090.
    """
    del study
    found, p = effect(estimate), estimate.p
    bound = estimate.p_operator[:1]
    # An inequality of a one-sided p value leaves open on which side the estimate lies.
    if found is None or p is None or bound not in ("<", ">") or not 0 < p.value < 1 or estimate.p_sides != 2:  # noqa: PLR2004
        return None
    yi, (low, high) = found
    z = z_of_p(p.value)
    nearest, furthest = distances(low, high)
    return Reconstruction(yi, None, (low, high), (None, furthest / z) if bound == "<" else (nearest / z, None))

"""Whether the numbers printed of one result can belong together: whether an effect and a standard error print so.

Each printed number is a pair of half-planes in (yi, sei): a limit is yi ± z sei, a p value a cone round no effect, a
standard error or a variance a strip. They belong together where the half-planes share a point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from reanalysis.distributions import critical_value, two_sided_p
from reanalysis.reconstruction import bounds
from reanalysis.records import Estimate
from reanalysis.rounding import HalfPlane, Interval, RoundingPolygon, region, strip
from reanalysis.standard_errors import Z_SIGNIFICANT, p_bounds, rounding_polygon

# How far effects and standard errors may lie out, times the largest printed number on the scale of the analysis: a p
# value of 0.999 alone asks for a standard error of 800 times the effect. Wider would cost digits in cutting the plane.
WIDEST_EFFECT = 10.0
WIDEST_SPREAD = 1e4

# ASSUME: a p value of another test than Wald's, log-rank or likelihood ratio, lies within this share and this many
# standard errors of Wald's z. (Tata trial, Lancet Oncol 2015;16:1380: 0.28 by its interval, 0.27 by its p value;
# POSYTIVE, Ann Surg 2019;269:1163: 1.10 and 1.11.)
OTHER_TEST_SHARE = 0.05
OTHER_TEST_Z = 0.05

# Where nobody says how many patients there are: degrees of freedom of small and of middling studies.
FEW_DF = (10, 20, 60)

# What may be printed of one result, in the order in which a finding names it.
NAMES = {
    "estimate": "estimate",
    "lower": "lower limit",
    "upper": "upper limit",
    "log_estimate": "logarithm",
    "se": "standard error",
    "variance": "variance",
    "p": "p value",
}


def printed(estimate: Estimate) -> list[str]:
    """Return the names of the numbers that are printed of a result and say something of yi and sei."""
    there = [name for name in NAMES if getattr(estimate, name) is not None]
    if estimate.p_operator == "ns":
        there.append("p")
    if estimate.o_minus_e is not None and "variance" in there:
        there.remove("variance")  # it is of O - E, not of the effect
    return there


def with_student(estimate: Estimate, names: Sequence[str], n: int | None) -> bool:
    """Whether numbers of a difference belong together if interval and test are of Student's t, n patients in all."""
    if estimate.measure not in ("MD", "SMD"):
        return False
    dfs = FEW_DF if n is None else (n - 2, n - 1, n / 2 - 1)
    return any(not one.empty for df in dfs if df >= 1 for one in regions(estimate, names, df=df))


def together(estimate: Estimate, names: Sequence[str], *, other_test: bool = False) -> bool:
    """Whether some of the numbers printed of a result can belong together, whatever their rounding.

    Parameters
    ----------
    names
        Which of them, keys of `NAMES`.
    other_test
        Whether the p value may be of another test than Wald's.
    """
    return any(not one.empty for one in regions(estimate, names, other_test=other_test))


def regions(
    estimate: Estimate, names: Sequence[str], *, other_test: bool = False, df: float = math.inf
) -> list[RoundingPolygon]:
    """Return the pairs (yi, sei) that print some of the numbers, effects below and above 0 apart; see `together`.

    `df`: of the distribution behind interval and p value, Student's t; infinite for the normal one.
    """
    given = [name for name in names if name != "p"]
    sides = [side for name in given for side in _sides(estimate, name, df)]
    scale = 1.0 + max((abs(bound) for _, _, bound in sides if math.isfinite(bound)), default=0.0)
    yi, sei = (-WIDEST_EFFECT * scale, WIDEST_EFFECT * scale), (0.0, WIDEST_SPREAD * scale)
    if len(given) == len(names):
        return [region(yi, sei, sides)]
    return [region(yi, sei, [*sides, *_cone(estimate, sign, other_test=other_test, df=df)]) for sign in (-1.0, 1.0)]


def implied_p_range(estimate: Estimate) -> Interval | None:
    """Return the smallest and the largest two-sided p value that an interval implies; None without an interval."""
    box = rounding_polygon(estimate)
    if box is None or box.empty:
        return None
    ratios = [abs(y) / s if s > 0 else math.inf for y, s in box.corners]
    return two_sided_p(max(ratios)), 1.0 if box.yi[0] <= 0 <= box.yi[1] else two_sided_p(min(ratios))


def implied_p(estimate: Estimate) -> str:
    """Return the two-sided p values that an interval implies, in words."""
    found = implied_p_range(estimate)
    if found is None:
        return "The interval implies another p value"
    sides = " (two-sided)" if estimate.p_sides == 1 else ""
    # As many digits as are printed, or the two would look alike.
    digits = 2 if estimate.p is None else len(estimate.p.text.replace(".", "").lstrip("0"))
    how = f"#.{digits}g" if digits > 2 else ".2g"  # noqa: PLR2004 (a printed 0.3 is told from 0.34)
    return f"The interval implies p from {found[0]:{how}} to {found[1]:{how}}{sides}"


def _sides(estimate: Estimate, name: str, df: float) -> list[HalfPlane]:
    z = critical_value(estimate.level, df)
    number = getattr(estimate, name)
    if name == "log_estimate":
        return strip(1.0, 0.0, (number.low, number.high))
    if name == "se":
        return strip(0.0, 1.0, (max(number.low, 0.0), number.high))
    if name == "variance":
        return strip(0.0, 1.0, (math.sqrt(max(number.low, 0.0)), math.sqrt(max(number.high, 0.0))))
    low, high = bounds(estimate.measure, number)
    slope = {"estimate": 0.0, "lower": -z, "upper": z}[name]
    sides = strip(1.0, slope, (low, high))
    return sides if math.isfinite(low) else sides[1:]  # a ratio that rounds to 0 sets no bound below


def _cone(estimate: Estimate, sign: float, *, other_test: bool, df: float) -> list[HalfPlane]:
    """Return the half-planes of a p value for effects of one sign: z of p is |yi| / sei."""
    least, most = (_student(z, df) for z in p_bounds(estimate) or (0.0, Z_SIGNIFICANT))
    if other_test:
        least = max(0.0, (1 - OTHER_TEST_SHARE) * least - OTHER_TEST_Z)
        most = (1 + OTHER_TEST_SHARE) * most + OTHER_TEST_Z
    sides = [(sign, 0.0, 0.0), (sign, -least, -1e-12)]
    return sides if math.isinf(most) else [*sides, (-sign, most, -1e-12)]


def _student(z: float, df: float) -> float:
    """Return the t statistic with the p value of a z statistic."""
    if math.isinf(df) or math.isinf(z) or z == 0:
        return z
    return critical_value(1 - two_sided_p(z), df)

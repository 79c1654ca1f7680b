"""Whether a study differs from no effect as print has it: its own limits, and the z statistics that its digits allow.

A limit that is printed as 1.0 stands for anything from 0.95 to 1.05. A standard error worked back from such an interval
puts the limit somewhere in between, and a test by it says more than print does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.distributions import critical_value
from reanalysis.measures import to_analysis
from reanalysis.reconstruction import Reconstruction
from reanalysis.records import Effect, Estimate
from reanalysis.rounding import Interval, RoundingPolygon
from reanalysis.routes import WAYS
from reanalysis.standard_errors import p_bounds

# A z statistic that is as near as this to the critical one, relative to its size, lies on it.
SAME = 1e-8

# What print says of "the interval leaves out no effect".
YES, NO, UNDECIDED = "yes", "no", "undecided"


@dataclass(frozen=True)
class Print:
    """What print says of one result, on the scale of the analysis; the names of `effects.csv`.

    Parameters
    ----------
    printed_low, printed_high, printed_level
        The printed limits and their level, turned where the result is; None where no interval is printed, and where a
        limit has no place on this scale.
    z_low, z_high
        The smallest and the largest |effect| / standard error that the printed digits allow; `z_high` infinite where
        they set no bound.
    """

    printed_low: float | None
    printed_high: float | None
    printed_level: float | None
    z_low: float
    z_high: float


def of_print(estimate: Estimate, made: dict[str, Reconstruction], route: str) -> Print:
    """Return what print says of a result.

    Parameters
    ----------
    made
        What each way to a standard error makes of it.
    route
        The one that is used, with a standard error.
    """
    limits = printed_limits(estimate)
    low, high, level = (None, None, None) if limits is None else (*limits, estimate.level)
    return Print(low, high, level, *_z_range(estimate, made, route))


def printed_limits(estimate: Estimate) -> Interval | None:
    """Return the printed limits on the scale of the analysis, turned where the result is; None without both."""
    if estimate.lower is None or estimate.upper is None:
        return None
    low, high = (to_analysis(estimate.measure, one.value) for one in (estimate.lower, estimate.upper))
    if not math.isfinite(low) or not math.isfinite(high):
        return None  # a ratio that is printed as 0
    return (-high, -low) if estimate.inverted else (low, high)


def _z_range(estimate: Estimate, made: dict[str, Reconstruction], route: str) -> Interval:
    """Return the z statistics that all of print allows; where its parts contradict each other, those of any part."""
    used = made[route]
    own = z_of_region(used.region) or _point(used)
    others = [
        found
        for name, one in made.items()
        if name != route and WAYS[name].kind == "exact" and (found := z_of_region(one.region)) is not None
    ]
    # ASSUME: a printed p value says whether its study differs from no effect, whatever test it is of.
    told = p_bounds(estimate)
    parts = [own, *others, *([] if told is None else [told])]
    low, high = max(low for low, _ in parts), min(high for _, high in parts)
    return (low, high) if low <= high * (1 + SAME) else (min(one for one, _ in parts), max(one for _, one in parts))


def _point(used: Reconstruction) -> Interval:
    z = abs(used.yi) / used.sei if used.sei else math.inf
    return z, z


def z_of_region(region: RoundingPolygon) -> Interval | None:
    """Return the smallest and the largest |yi| / sei of a region; None where it is empty."""
    if region.empty:
        return None
    # Along a line yi / sei runs one way, so that the ends are at corners, or at no effect where the region holds it.
    ratios = [abs(y) / s if s > 0 else math.inf for y, s in region.corners]
    return (0.0 if region.yi[0] <= 0 <= region.yi[1] else min(ratios)), max(ratios)


def limits_as_printed(effect: Effect, level: float) -> Interval | None:
    """Return the limits that print has of an effect at a level; None where it has none."""
    there = effect.printed_low is not None and effect.printed_high is not None and effect.printed_level is not None
    if not there or not math.isclose(effect.printed_level or 0.0, level):
        return None
    return effect.printed_low or 0.0, effect.printed_high or 0.0


def z_bounds(effect: Effect) -> Interval:
    """Return the z statistics between which print lets an effect lie: its own one where nothing else is known."""
    own = abs(effect.yi or 0.0) / effect.sei if effect.sei else math.inf
    if effect.z_low is None:
        return own, own
    return effect.z_low, math.inf if effect.z_high is None else effect.z_high


def excludes_none(bounds: Interval, level: float) -> str:
    """Return whether an interval of a level leaves out no effect at every rounding, at none, or as rounding has it.

    Parameters
    ----------
    bounds
        What `z_bounds` returns.
    """
    critical = critical_value(level) * (1 - SAME)
    return YES if bounds[0] >= critical else UNDECIDED if bounds[1] >= critical else NO


def counted(bounds: Iterable[Interval], level: float) -> tuple[int, int]:
    """Return how many intervals leave out no effect at least, and at most, as rounding has it."""
    said = [excludes_none(one, level) for one in bounds]
    return said.count(YES), len(said) - said.count(NO)

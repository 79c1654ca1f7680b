"""An effect and its standard error, worked back from print, with all that rounding leaves open."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reanalysis.measures import to_analysis
from reanalysis.printed import PrintedNumber
from reanalysis.records import Estimate
from reanalysis.rounding import Corner, Interval, RoundingPolygon

NOWHERE = RoundingPolygon(())

OptionalInterval = tuple[float | None, float | None]


@dataclass(frozen=True)
class Reconstruction:
    """An effect and its standard error on the scale of the analysis, each with the range that rounding leaves.

    Parameters
    ----------
    sei
        None where a route gives an effect, or bounds of a standard error, and no value of it.
    sei_range
        None where print sets no bound on that side; both None where no standard error fits the printed digits.
    region
        The pairs (yi, sei) that print allows; empty where they are not known or there are none.
    """

    yi: float
    sei: float | None
    yi_range: Interval
    sei_range: OptionalInterval = (None, None)
    region: RoundingPolygon = NOWHERE

    def inverted(self) -> Reconstruction:
        """Return the same for the comparison the other way round."""
        mirrored = RoundingPolygon(tuple((-y, s) for y, s in reversed(self.region.corners)))
        return replace(self, yi=-self.yi, yi_range=(-self.yi_range[1], -self.yi_range[0]), region=mirrored)


def bounds(measure: str, number: PrintedNumber) -> Interval:
    """Return the unrounded values of a printed number, on the scale of the analysis."""
    return to_analysis(measure, number.low), to_analysis(measure, number.high)


def effect(estimate: Estimate) -> tuple[float, Interval] | None:
    """Return the printed effect on the scale of the analysis and the range that rounding leaves it."""
    if estimate.estimate is not None:
        printed = estimate.estimate
        return to_analysis(estimate.measure, printed.value), bounds(estimate.measure, printed)
    if estimate.log_estimate is not None:
        return estimate.log_estimate.value, (estimate.log_estimate.low, estimate.log_estimate.high)
    return None


def rectangle(yi: Interval, sei: Interval) -> RoundingPolygon:
    """Return the region of an effect and a standard error that were rounded on their own."""
    corners: list[Corner] = [(yi[0], sei[0]), (yi[1], sei[0]), (yi[1], sei[1]), (yi[0], sei[1])]
    return RoundingPolygon(tuple(dict.fromkeys(corners)))

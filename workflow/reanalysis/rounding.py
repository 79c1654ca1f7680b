"""What a rounded estimate with its interval really stands for: a polygon in (yi, sei).

A printed "0.57 (0.55-0.60)" says only that three numbers lie in three small intervals. If the interval was
made on the scale of the analysis as yi ± z sei, those three intervals are three strips in the plane of
(yi, sei), and what they share is a convex polygon.
"""

from __future__ import annotations

from dataclasses import dataclass

Corner = tuple[float, float]
Interval = tuple[float, float]

# Three strips that only touch would come out empty by the last bit of a float.
SLACK = 1e-12


@dataclass(frozen=True)
class RoundingPolygon:
    """The pairs (yi, sei) that round to what is printed.

    Parameters
    ----------
    corners
        In order round the polygon, on the scale of the analysis; none where no pair rounds to the print.
    """

    corners: tuple[Corner, ...]

    @property
    def empty(self) -> bool:
        """Whether the three printed numbers cannot belong together."""
        return not self.corners

    @property
    def yi(self) -> Interval:
        """The extent in yi."""
        return min(y for y, _ in self.corners), max(y for y, _ in self.corners)

    @property
    def sei(self) -> Interval:
        """The extent in sei."""
        return min(s for _, s in self.corners), max(s for _, s in self.corners)


def polygon(estimate: Interval, lower: Interval, upper: Interval, z: float) -> RoundingPolygon:
    """Return the polygon of (yi, sei) inside the rounding intervals of an estimate and its limits.

    Parameters
    ----------
    estimate, lower, upper
        The unrounded values that each printed number may stand for, on the scale of the analysis.
    z
        How many standard errors the interval reaches on each side.
    """
    top = max((upper[1] - lower[0]) / (2 * z), 0.0)
    corners: list[Corner] = [
        (estimate[0], 0.0),
        (estimate[1], 0.0),
        (estimate[1], top),
        (estimate[0], top),
    ]
    slack = SLACK * max(1.0, *(abs(bound) for bound in (*lower, *upper)))
    for slope, (low, high) in ((-z, lower), (z, upper)):
        corners = _clip(corners, 1.0, slope, low - slack)
        corners = _clip(corners, -1.0, -slope, -high - slack)
    return RoundingPolygon(tuple(corners))


def _clip(corners: list[Corner], a: float, b: float, bound: float) -> list[Corner]:
    """Return the part of a convex polygon where a y + b s >= bound (Sutherland and Hodgman 1974)."""
    kept: list[Corner] = []
    for index, (y, s) in enumerate(corners):
        y_before, s_before = corners[index - 1]
        here, before = a * y + b * s - bound, a * y_before + b * s_before - bound
        if (here >= 0) != (before >= 0):
            share = before / (before - here)
            kept.append((y_before + share * (y - y_before), s_before + share * (s - s_before)))
        if here >= 0:
            kept.append((y, s))
    return kept

"""What a rounded estimate with its interval really stands for: a polygon in (yi, sei).

A printed "0.57 (0.55-0.60)" says only that three numbers lie in three small intervals. If the interval was
made on the scale of the analysis as yi ± z sei, those three intervals are three strips in the plane of
(yi, sei), and what they share is a convex polygon.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Corner = tuple[float, float]
Interval = tuple[float, float]
# (a, b, bound): the points with a yi + b sei >= bound.
HalfPlane = tuple[float, float, float]

# Three strips that only touch would come out empty by the last bit of a float.
SLACK = 1e-12

# Corners as close as this are one: results carry ten digits.
SAME = 1e-10


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

    @property
    def center(self) -> Corner:
        """The centre of gravity: of the area, of the line where two corners are all, of the one corner."""
        y0, s0 = self.corners[0]
        area = y = s = 0.0
        for (y1, s1), (y2, s2) in zip(self.corners[1:], self.corners[2:], strict=False):
            # Triangles from the first corner: their centres, weighted by their areas.
            part = (y1 - y0) * (s2 - s0) - (y2 - y0) * (s1 - s0)
            area += part
            y += part * (y0 + y1 + y2) / 3
            s += part * (s0 + s1 + s2) / 3
        if abs(area) > SLACK * (self.yi[1] - self.yi[0] + self.sei[1] - self.sei[0]) ** 2:
            return y / area, s / area
        count = len(self.corners)
        return sum(y for y, _ in self.corners) / count, sum(s for _, s in self.corners) / count


def hull(points: Sequence[Corner]) -> RoundingPolygon:
    """Return the smallest convex polygon round some points (Andrew 1979, Inf Process Lett 9:216)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:  # noqa: PLR2004 (a line or a point)
        return RoundingPolygon(tuple(ordered))
    chains = []
    for line in (ordered, ordered[::-1]):
        chain: list[Corner] = []
        for y, s in line:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], (y, s)) <= 0:
                chain.pop()
            chain.append((y, s))
        chains.append(chain[:-1])
    return RoundingPolygon(tuple(chains[0] + chains[1]))


def _turn(first: Corner, second: Corner, third: Corner) -> float:
    """Return twice the signed area of a triangle: positive where it turns left."""
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (third[0] - first[0])


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
    return region(estimate, (0.0, top), [*strip(1.0, -z, lower), *strip(1.0, z, upper)])


def strip(a: float, b: float, between: Interval) -> list[HalfPlane]:
    """Return the two half-planes in which a yi + b sei lies in an interval, the last bit of a float allowed for."""
    slack = SLACK * max([1.0, *(abs(bound) for bound in between if math.isfinite(bound))])
    return [(a, b, between[0] - slack), (-a, -b, -between[1] - slack)]


def region(yi: Interval, sei: Interval, sides: Iterable[HalfPlane]) -> RoundingPolygon:
    """Return what a rectangle of (yi, sei) and some half-planes share."""
    corners: list[Corner] = [(yi[0], sei[0]), (yi[1], sei[0]), (yi[1], sei[1]), (yi[0], sei[1])]
    for a, b, bound in sides:
        corners = _clip(corners, a, b, bound)
    # A cut through a corner leaves it twice, but for its last bits.
    apart = [corner for place, corner in enumerate(corners) if place == 0 or not _same(corner, corners[place - 1])]
    if len(apart) > 1 and _same(apart[0], apart[-1]):
        apart.pop()
    return RoundingPolygon(tuple(apart))


def _same(one: Corner, other: Corner) -> bool:
    return all(math.isclose(a, b, rel_tol=SAME, abs_tol=SAME) for a, b in zip(one, other, strict=True))


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

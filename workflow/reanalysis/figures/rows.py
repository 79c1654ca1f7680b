"""Estimates with their intervals under one another, a row each: what figures with a line a study share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from matplotlib.axes import Axes

from reanalysis.figures import style
from reanalysis.figures.scale import Scale
from reanalysis.figures.strokes import dots, strokes

ROW = 12.5
# From the base line of a row's words to the middle of its marks.
MIDDLE = 3.0

# Of so many rows each can be read on one page of print. Figures with more show some of them and say so.
MOST_ROWS = 48

# An interval is cut where it reaches this many half widths of the middle interval beyond all estimates.
CUT = 3.0
PAD = 0.05

DOT = 4.2
HOLE = 2.2
CLEAR = 3.0
# A label at a tick may stand out of its panel so far.
OUT = 7.0

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True)
class Mark:
    """An estimate with its interval, or one of both, on the scale of its panel; hollow where it differs in kind."""

    value: float | None
    low: float | None = None
    high: float | None = None
    hollow: bool = False

    @property
    def known(self) -> list[float]:
        """Return what of it is a number."""
        return [one for one in (self.value, self.low, self.high) if one is not None]


def shortened(text: str, most: float, *, bold: bool = False) -> str:
    """Return a text that is no wider than `most` points: an ellipsis ends one that would be."""
    if style.width(text, bold=bold) <= most:
        return text
    kept = len(text)
    while kept and style.width(text[:kept].rstrip() + ELLIPSIS, bold=bold) > most:
        kept -= 1
    return text[:kept].rstrip() + ELLIPSIS


def limits(marks: Sequence[Mark], whole: Sequence[float] = ()) -> tuple[float, float]:
    """Return the ends of an axis for marks; it holds all estimates and `whole`, and intervals that do not reach far."""
    values = [one.value for one in marks if one.value is not None] or [end for one in marks for end in one.known]
    inner_low, inner_high = min([*values, *whole]), max([*values, *whole])
    halves = [(one.high - one.low) / 2 for one in marks if one.low is not None and one.high is not None]
    reach = CUT * median(halves) if halves else 0.0
    ends = [end for one in marks for end in one.known]
    low = min(inner_low, max(min(ends, default=inner_low), inner_low - reach))
    high = max(inner_high, min(max(ends, default=inner_high), inner_high + reach))
    # Where all are one there is no width of which to take a share.
    pad = PAD * (high - low) or PAD * abs(low) or PAD
    return low - pad, high + pad


def draw_rows(axes: Axes, marks: Sequence[tuple[float, Mark]], colour: str = style.BLUE) -> None:
    """Draw marks, each at a height in data units; arrows end what is cut."""
    low, high = axes.get_xlim()
    shown = [
        (y, max(one.low, low), min(one.high, high)) for y, one in marks if one.low is not None and one.high is not None
    ]
    strokes(axes, [(x0, y, x1, y) for y, x0, x1 in shown if x1 > x0], colour=colour, width=1.4 * style.LINE)
    for marker, end, beyond in (
        ("<", low, [y for y, one in marks if one.low is not None and one.low < low]),
        (">", high, [y for y, one in marks if one.high is not None and one.high > high]),
    ):
        look: dict[str, Any] = {"color": colour, "markersize": 3.6, "markeredgewidth": 0, "linestyle": "none"}
        axes.plot([end] * len(beyond), beyond, marker, clip_on=False, zorder=4, **look)
    known = [(one.value, y, one.hollow) for y, one in marks if one.value is not None]
    dots(axes, [(x, y) for x, y, _ in known], colour=colour, size=DOT)
    dots(axes, [(x, y) for x, y, hollow in known if hollow], colour="white", size=HOLE, zorder=3.5)


def ticks(axes: Axes, scale: Scale, length: float) -> None:
    """Put as many round ticks on the x axis, of a length in points, as have room for their labels."""
    low, high = axes.get_xlim()
    positions, labels = scale.ticks(low, high)
    places = [length * (one - low) / (high - low) for one in positions]
    kept = _with_room(places, labels, length, scale.ratio)
    axes.set_xticks([positions[one] for one in kept], [labels[one] for one in kept])


def _with_room(places: Sequence[float], labels: Sequence[str], length: float, ratio: bool) -> list[int]:
    """Return which labels to keep so that none touches another: evenly spaced ones, but for ratios."""
    inside = [
        one
        for one, (place, label) in enumerate(zip(places, labels, strict=True))
        if place - style.width(label) / 2 >= -OUT and place + style.width(label) / 2 <= length + OUT
    ]
    if ratio:
        # No difference first, then those with the fewest digits, of these the even ones and the halves.
        kept: list[int] = []
        for one in sorted(
            inside, key=lambda one: (labels[one] != "1", len(labels[one]), labels[one][-1] in "1379", one)
        ):
            if all(_apart(places, labels, one, other) for other in kept):
                kept.append(one)
        return sorted(kept)
    for stride in range(1, len(inside) + 1):
        anchor = labels.index("0") % stride if "0" in labels else 0
        kept = [one for one in inside if one % stride == anchor]
        if kept and all(_apart(places, labels, one, other) for one, other in pairwise(kept)):
            return kept
    return inside[:1]


def _apart(places: Sequence[float], labels: Sequence[str], one: int, other: int) -> bool:
    wide = (style.width(labels[one]) + style.width(labels[other])) / 2
    return abs(places[one] - places[other]) >= wide + CLEAR

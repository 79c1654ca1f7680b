"""The funnel plot: effect against standard error, with contours of significance round no difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reanalysis.figures import style
from reanalysis.figures.labels import Label, label_points
from reanalysis.figures.legend import Entry, legend
from reanalysis.figures.scale import Scale
from reanalysis.figures.ticks import plain_ticks, tick_label

HEIGHT = 290.0
# Of two columns, the share that a funnel needs.
SHARE = 0.78
RIGHT = 8.0
BOTTOM = 34.0
TOP = 20.0
RADIUS = 2.5
# Between the names of the two lines.
APART = 8.0

# How far down each contour its name interrupts it: apart, so that the names do not touch.
NAMED_AT = (0.92, 0.78, 0.60)

# White round each name, in points.
NAME_PAD = 1.0

# From the least to the most significant: the lighter, the more significant.
SHADES = ("#e1e5ea", "#ecf0f2", "#f6f7f9")

# A study this many times as deep as the middle one is drawn at the edge, as a triangle; so is one whose effect is this
# many times as far from the pool.
CUT = 6.0


@dataclass(frozen=True)
class Point:
    """One study; hollow where its standard error was worked back from a p value; not named where its label is empty."""

    label: str
    yi: float
    sei: float
    hollow: bool


@dataclass(frozen=True)
class Contour:
    """A level of significance and its number of standard errors."""

    label: str
    z: float


@dataclass(frozen=True)
class Funnel:
    """All that a funnel plot shows, finished; positions on the scale of the analysis."""

    points: Sequence[Point]
    contours: Sequence[Contour]
    pooled: float
    pooled_label: str
    null_label: str
    scale: Scale
    sei_axis: str


def funnel(data: Funnel) -> Figure:
    """Draw a contour-enhanced funnel plot."""
    width = min(style.full_width(), max(style.SINGLE, SHARE * style.full_width()))
    entries = _entries(data)
    deepest = 1.08 * _within([point.sei for point in data.points])
    depths = plain_ticks(0, deepest)
    left = style.margin([tick_label(depth) for depth in depths])
    edges = left, width - RIGHT
    foot = legend(None, entries, edges, 0.0)
    figure = style.sheet(width, HEIGHT + foot)
    axes = style.panel(figure, left, BOTTOM + foot, edges[1] - left, HEIGHT - BOTTOM - TOP)
    low, high = limits(data, deepest)
    axes.set_xlim(low, high)
    axes.set_ylim(deepest, 0)
    names = _contours(axes, data, deepest, (low, high), edges[1] - left)
    ends = (0, deepest)
    axes.plot((data.scale.null,) * 2, ends, color=style.INK, linewidth=style.HAIRLINE, zorder=1)
    axes.plot((data.pooled,) * 2, ends, color=style.ORANGE, linewidth=1.2, linestyle=(0, (4, 3)), zorder=2)
    placed = []
    for point in data.points:
        x, y = min(max(point.yi, low), high), min(point.sei, deepest)
        face = "white" if point.hollow else style.BLUE
        axes.plot(
            [x], [y], _marker(point, (x, y)), markersize=2 * RADIUS, markerfacecolor=face, markeredgecolor=style.BLUE,
            markeredgewidth=style.LINE, clip_on=False, zorder=4,
        )  # fmt: skip
        placed.append(Label(point.label, x, y, RADIUS + 1))
    lines = [((x, 0.0), (x, deepest)) for x in (data.scale.null, data.pooled)]
    label_points(figure, axes, placed, lines, names)
    axes.set_xticks(*data.scale.ticks(low, high, edges[1] - left))
    axes.set_yticks(depths, [tick_label(depth) for depth in depths])
    axes.set_xlabel(style.shortened(data.scale.name, edges[1] - left))
    style.name_upright(axes, data.sei_axis, left, edges[1] - left)
    style.bare(axes, "left", "bottom")
    _names(figure, data, (low, high), (edges, HEIGHT + foot - TOP + 6))
    legend(figure, entries, edges, foot)
    return figure


def _marker(point: Point, place: tuple[float, float]) -> str:
    """Return a dot, or a triangle towards where a study lies that is beyond the axes."""
    if point.sei > place[1]:
        return "v"
    return "<" if point.yi < place[0] else ">" if point.yi > place[0] else "o"


def _within(values: Sequence[float]) -> float:
    """Return the largest of some values, or less where it leaves the others far behind."""
    return min(max(values), CUT * float(np.median(values)) or math.inf)


def limits(data: Funnel, deepest: float) -> tuple[float, float]:
    """Return the limits of the axis of effects."""
    reach = _within([abs(point.yi - data.pooled) for point in data.points])
    effects = [data.scale.null, data.pooled]
    effects += [min(max(point.yi, data.pooled - reach), data.pooled + reach) for point in data.points]
    outer = data.contours[0].z * deepest
    low, high = min(*effects, data.scale.null - outer), max(*effects, data.scale.null + outer)
    pad = 0.04 * (high - low)
    return low - pad, high + pad


def _contours(axes: Axes, data: Funnel, deepest: float, ends: tuple[float, float], width: float) -> list[Label]:
    """Shade where a study would be significant at each level, and name the level at its edge; return the names."""
    names = []
    depth = np.array([0.0, deepest])
    outer = [*(contour.z for contour in data.contours[1:]), None]
    for contour, further, shade in zip(data.contours, outer, SHADES, strict=True):
        for side, end in ((-1, ends[0]), (1, ends[1])):
            inner_edge = data.scale.null + side * contour.z * depth
            outer_edge = np.full(2, end) if further is None else data.scale.null + side * further * depth
            axes.fill_betweenx(depth, inner_edge, outer_edge, color=shade, linewidth=0, zorder=0)
            axes.plot(inner_edge, depth, color=style.GREY, linewidth=style.HAIRLINE, linestyle=(0, (1, 2)), zorder=1)
    # On the emptier side.
    side = -1 if sum(point.yi > data.scale.null for point in data.points) * 2 > len(data.points) else 1
    room = ends[1] - data.scale.null if side > 0 else data.scale.null - ends[0]
    for contour, share in zip(data.contours, NAMED_AT, strict=True):
        half = (style.width(contour.label) / 2 + 3) * (ends[1] - ends[0]) / width
        height = min(share * deepest, max(0.1 * room, room - half) / contour.z)
        x = data.scale.null + side * contour.z * height
        names.append(Label(contour.label, x, height, NAME_PAD))
        axes.text(
            x, height, contour.label, ha="center", va="center", color=style.GREY, zorder=3,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": NAME_PAD},
        )  # fmt: skip
    return names


def _names(figure: Figure, data: Funnel, ends: tuple[float, float], place: tuple[tuple[float, float], float]) -> None:
    """Name the line of the pool and that of no difference above the plot, side by side where they are near."""
    (left, right), y = place
    width = right + RIGHT
    said = sorted([(data.pooled, data.pooled_label, style.RUST), (data.scale.null, data.null_label, style.INK)])
    halves = [style.width(text) / 2 for _, text, _ in said]
    middles = [
        min(max(left + (right - left) * (value - ends[0]) / (ends[1] - ends[0]), left + half), width - half)
        for (value, _, _), half in zip(said, halves, strict=True)
    ]
    overlap = sum(halves) + APART - (middles[1] - middles[0])
    if overlap > 0:
        middles = [middles[0] - overlap / 2, middles[1] + overlap / 2]
        shift = max(0.0, halves[0] - middles[0]) - max(0.0, middles[1] + halves[1] - width)
        middles = [middle + shift for middle in middles]
    for middle, (_, text, colour) in zip(middles, said, strict=True):
        style.write(figure, middle, y, text, align="center", colour=colour)


def _entries(data: Funnel) -> list[Entry]:
    """Return what the marks mean, where there is more than one kind of study."""
    if not any(point.hollow for point in data.points):
        return []
    return [
        Entry("standard error as printed or from an interval", marker="o", face=style.BLUE, size=2 * RADIUS),
        Entry("worked back from a p value", marker="o", face="white", size=2 * RADIUS),
    ]

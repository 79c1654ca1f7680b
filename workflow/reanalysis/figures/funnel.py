"""The funnel plot: effect against standard error, with contours of significance round no difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reanalysis.figures import style
from reanalysis.figures.labels import Label, label_points
from reanalysis.figures.scale import Scale
from reanalysis.figures.ticks import plain_ticks, tick_label

HEIGHT = 270.0
LEFT = 34.0
RIGHT = 6.0
BOTTOM = 34.0
TOP = 18.0

# How far down each contour its name interrupts it: apart, so that the names do not touch.
NAMED_AT = (0.92, 0.78, 0.60)

# White round each name, in points.
NAME_PAD = 1.0

# From the least to the most significant: the lighter, the more significant.
SHADES = ("#d9dee3", "#e8ebee", "#f5f6f8")


@dataclass(frozen=True)
class Point:
    """One study; hollow where its standard error was worked back from a p value."""

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
    scale: Scale
    sei_axis: str


def funnel(data: Funnel) -> Figure:
    """Draw a contour-enhanced funnel plot."""
    width = 0.75 * style.DOUBLE
    figure = style.sheet(width, HEIGHT)
    axes = style.panel(figure, LEFT, BOTTOM, width - LEFT - RIGHT, HEIGHT - BOTTOM - TOP)
    deepest = 1.08 * max(point.sei for point in data.points)
    low, high = _range(data, deepest)
    axes.set_xlim(low, high)
    axes.set_ylim(deepest, 0)
    names = _contours(axes, data, deepest, (low, high))
    axes.plot((data.scale.null, data.scale.null), (0, deepest), color=style.INK, linewidth=style.HAIRLINE, zorder=1)
    axes.plot(
        (data.pooled, data.pooled),
        (0, deepest),
        color=style.ORANGE,
        linewidth=style.LINE,
        linestyle=(0, (4, 3)),
        zorder=2,
    )
    for point in data.points:
        face = "white" if point.hollow else style.BLUE
        axes.plot(
            [point.yi], [point.sei], "o", markersize=5, markerfacecolor=face, markeredgecolor=style.BLUE,
            markeredgewidth=style.LINE, zorder=4,
        )  # fmt: skip
    lines = [((x, 0.0), (x, deepest)) for x in (data.scale.null, data.pooled)]
    label_points(figure, axes, [Label(point.label, point.yi, point.sei, 3.5) for point in data.points], lines, names)
    axes.set_xticks(*data.scale.ticks(low, high))
    depths = plain_ticks(0, deepest)
    axes.set_yticks(depths, [tick_label(depth) for depth in depths])
    axes.set_xlabel(data.scale.name)
    axes.set_ylabel(data.sei_axis)
    style.bare(axes, "left", "bottom")
    place = LEFT + (width - LEFT - RIGHT) * (data.pooled - low) / (high - low)
    style.write(figure, place, HEIGHT - TOP + 5, data.pooled_label, align="center", colour=style.ORANGE)
    return figure


def _range(data: Funnel, deepest: float) -> tuple[float, float]:
    effects = [point.yi for point in data.points] + [data.scale.null, data.pooled]
    reach = data.contours[0].z * deepest
    low, high = min(*effects, data.scale.null - reach), max(*effects, data.scale.null + reach)
    pad = 0.04 * (high - low)
    return low - pad, high + pad


def _contours(axes: Axes, data: Funnel, deepest: float, limits: tuple[float, float]) -> list[Label]:
    """Shade where a study would be significant at each level, and name the level at its edge; return the names."""
    names = []
    depth = np.array([0.0, deepest])
    outer = [*(contour.z for contour in data.contours[1:]), None]
    for contour, further, shade in zip(data.contours, outer, SHADES, strict=True):
        for side, end in ((-1, limits[0]), (1, limits[1])):
            inner_edge = data.scale.null + side * contour.z * depth
            outer_edge = np.full(2, end) if further is None else data.scale.null + side * further * depth
            axes.fill_betweenx(depth, inner_edge, outer_edge, color=shade, linewidth=0, zorder=0)
            axes.plot(inner_edge, depth, color=style.GREY, linewidth=style.HAIRLINE, linestyle=(0, (1, 2)), zorder=1)
    for contour, share in zip(data.contours, NAMED_AT, strict=True):
        height = min(share * deepest, 0.9 * (limits[1] - data.scale.null) / contour.z)
        names.append(Label(contour.label, data.scale.null + contour.z * height, height, NAME_PAD))
        axes.text(
            data.scale.null + contour.z * height, height, contour.label,
            ha="center", va="center", color=style.GREY, zorder=3,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": NAME_PAD},
        )  # fmt: skip
    return names

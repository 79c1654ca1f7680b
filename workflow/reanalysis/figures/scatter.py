"""Studies as points by two numbers, the outlying ones with names: what Baujat's and Galbraith's plots share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reanalysis.figures import style
from reanalysis.figures.labels import Label, Segment, label_points
from reanalysis.figures.rows import shortened
from reanalysis.figures.ticks import plain_ticks, tick_label

RADIUS = 2.6
NAMES = 130.0


@dataclass(frozen=True)
class Point:
    """One study: a named diamond where it is `outlying`, `hollow` where its standard error is from a p value."""

    label: str
    x: float
    y: float
    outlying: bool
    hollow: bool


def draw_points(figure: Figure, axes: Axes, points: Sequence[Point], lines: Sequence[Segment] = ()) -> None:
    """Draw points, and the names of the outlying ones off other points and, where there is room, off `lines`."""
    for outlying, hollow in ((False, False), (False, True), (True, False), (True, True)):
        some = [one for one in points if (one.outlying, one.hollow) == (outlying, hollow)]
        colour = style.ORANGE if outlying else style.BLUE
        if some:
            axes.plot(
                [one.x for one in some], [one.y for one in some], "D" if outlying else "o", linestyle="none",
                markersize=2 * RADIUS - (0.4 if outlying else 0), markerfacecolor="white" if hollow else colour,
                markeredgecolor=colour, markeredgewidth=style.LINE, zorder=4, clip_on=False,
            )  # fmt: skip
    names = [Label(shortened(one.label, NAMES), one.x, one.y, RADIUS + 1) for one in points if one.outlying]
    others = [Label("", one.x, one.y, RADIUS) for one in points if not one.outlying]
    label_points(figure, axes, names, lines, others)


def plain_axes(axes: Axes, x: str, y: str) -> None:
    """Put round ticks and names on both axes."""
    for low, high, put in ((*axes.get_xlim(), axes.set_xticks), (*axes.get_ylim(), axes.set_yticks)):
        places = plain_ticks(low, high)
        put(places, [tick_label(one) for one in places])
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    style.bare(axes, "left", "bottom")

"""Baujat's plot: what each study adds to the spread between studies, against how far it moves the pooled estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from reanalysis.figures import style
from reanalysis.figures.scatter import Point, draw_points, plain_axes

HEIGHT = 175.0
LEFT = 40.0
RIGHT = 10.0
TOP = 12.0
BOTTOM = 34.0


@dataclass(frozen=True)
class Baujat:
    """All that the plot shows, finished."""

    points: Sequence[Point]
    x_axis: str
    y_axis: str


def baujat(data: Baujat) -> Figure:
    """Draw Baujat's plot."""
    figure = style.sheet(style.DOUBLE, HEIGHT)
    axes = style.panel(figure, LEFT, BOTTOM, style.DOUBLE - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
    far_x = max(one.x for one in data.points) or 1.0
    far_y = max(one.y for one in data.points) or 1.0
    axes.set_xlim(-0.02 * far_x, 1.06 * far_x)
    axes.set_ylim(-0.03 * far_y, 1.08 * far_y)
    draw_points(figure, axes, data.points)
    plain_axes(axes, data.x_axis, data.y_axis)
    return figure

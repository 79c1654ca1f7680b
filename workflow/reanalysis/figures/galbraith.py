"""Galbraith's radial plot: how many standard errors each study is from the common effect, against its precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from reanalysis.figures import style
from reanalysis.figures.rows import CLEAR
from reanalysis.figures.scale import Scale
from reanalysis.figures.scatter import Point, draw_points, plain_axes

HEIGHT = 240.0
LEFT = 42.0
RIGHT = 84.0
TOP = 28.0
BOTTOM = 34.0
TICK = 3.0
BAND = "#ebebeb"
LINE = 10.0


@dataclass(frozen=True)
class Galbraith:
    """All that the plot shows, finished.

    Parameters
    ----------
    estimate, estimate_label
        The common effect on the scale of the analysis, and what stands at its line.
    critical, band_label
        Half the height of the band, and what it is called.
    """

    points: Sequence[Point]
    estimate: float
    estimate_label: str
    critical: float
    band_label: str
    scale: Scale
    x_axis: str
    y_axis: str


def galbraith(data: Galbraith) -> Figure:
    """Draw a radial plot: on each ray from the origin the effect is the same, and its scale stands at the right."""
    figure = style.sheet(style.DOUBLE, HEIGHT)
    height = HEIGHT - TOP - BOTTOM
    axes = style.panel(figure, LEFT, BOTTOM, style.DOUBLE - LEFT - RIGHT, height)
    far = 1.05 * max(one.x for one in data.points)
    reach = 1.12 * max(data.critical, *(abs(one.y) for one in data.points))
    axes.set_xlim(0, far)
    axes.set_ylim(-reach, reach)
    axes.fill_between([0, far], -data.critical, data.critical, color=BAND, linewidth=0, zorder=0)
    axes.axhline(0, color=style.ORANGE, linewidth=style.LINE, linestyle=(0, (4, 3)), zorder=2)
    _rays(figure, data, far, reach)
    draw_points(figure, axes, data.points, [((0.0, 0.0), (far, 0.0))])
    key = style.panel(figure, LEFT + 6, HEIGHT - LINE - 1, 14, 8)
    key.set_facecolor(BAND)
    key.set_xticks([])
    key.set_yticks([])
    style.bare(key)
    style.write(figure, LEFT + 26, HEIGHT - LINE, data.band_label, colour=style.GREY)
    plain_axes(axes, data.x_axis, data.y_axis)
    return figure


def _rays(figure: Figure, data: Galbraith, far: float, reach: float) -> None:
    """Draw the ray of each round effect, its tick and its label, and name the band and the line beside them."""
    axes, height = figure.axes[0], HEIGHT - TOP - BOTTOM
    right = style.DOUBLE - RIGHT

    def at(y: float) -> float:
        return BOTTOM + height * (y + reach) / (2 * reach)

    taken = [at(0.0)]
    style.write(figure, right + TICK + 3, at(0.0) - 3, data.estimate_label, bold=True, colour=style.ORANGE)
    for effect, label in zip(*data.scale.ticks(data.estimate - reach / far, data.estimate + reach / far), strict=True):
        y = (effect - data.estimate) * far
        if any(abs(at(y) - other) < LINE + CLEAR / 2 for other in taken):
            continue
        colour = style.INK if effect == data.scale.null else style.PALE
        axes.plot((0, far), (0, y), color=colour, linewidth=style.HAIRLINE, zorder=1)
        end = far * (1 + TICK / (right - LEFT))
        axes.plot((far, end), (y, y), color=style.INK, linewidth=style.HAIRLINE, clip_on=False)
        style.write(figure, right + TICK + 3, at(y) - 3, label)
        taken.append(at(y))
    for place, text in enumerate((data.scale.measure, "along each ray")):
        style.write(figure, right + TICK + 3, HEIGHT - LINE * (place + 1), text, colour=style.GREY)

"""The specification curve: all estimates in order above, and below where each choice stands among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from reanalysis.figures import style
from reanalysis.figures.scale import Scale

CURVE = 170.0
ROW = 12.5
HEADING = 15.0
BOTTOM = 8.0
TOP = 8.0
GAP = 8.0
AXIS = 30.0

# Into so many parts of equal size the curve is cut; each is shaded by the share of specifications that make a choice.
PARTS = 40

SHADE = LinearSegmentedColormap.from_list("share", ["#ffffff", style.BLUE])


@dataclass(frozen=True)
class Group:
    """A kind of choice: its name, and for each choice its name and the share of each part that makes it, 0 to 1."""

    name: str
    choices: Sequence[tuple[str, Sequence[float]]]


@dataclass(frozen=True)
class Curve:
    """All that the figure shows, finished.

    Parameters
    ----------
    estimates, lows, highs
        Shape (n,), in the order of the estimates, on the scale of the analysis; NaN where there is no limit.
    primary, primary_label
        The estimate of the primary analysis, and what it is called.
    """

    estimates: npt.NDArray[np.float64]
    lows: npt.NDArray[np.float64]
    highs: npt.NDArray[np.float64]
    primary: float
    primary_label: str
    groups: Sequence[Group]
    scale: Scale


def specifications(data: Curve) -> Figure:
    """Draw the specification curve."""
    rows = sum(len(group.choices) for group in data.groups)
    height = TOP + CURVE + BOTTOM + ROW * rows + HEADING * len(data.groups)
    width = style.DOUBLE
    figure = style.sheet(width, height)
    names = max(style.width(name) for group in data.groups for name, _ in group.choices)
    left = max(names + GAP, AXIS)
    axes = style.panel(figure, left, height - TOP - CURVE, width - left - GAP, CURVE)
    _curve(data, axes)
    top = height - TOP - CURVE - BOTTOM
    for group in data.groups:
        style.write(figure, 0, top - HEADING + 4, group.name, bold=True)
        top -= HEADING
        for name, shares in group.choices:
            strip = style.panel(figure, left, top - ROW + 1, width - left - GAP, ROW - 2)
            edges = np.linspace(0, 1, len(shares) + 1)
            strip.pcolormesh(edges, [0, 1], [list(shares)], cmap=SHADE, vmin=0, vmax=1, linewidth=0)
            strip.set_xticks([])
            strip.set_yticks([])
            style.bare(strip, "bottom")
            strip.spines["bottom"].set_color(style.PALE)
            style.write(figure, 0, top - ROW + 3.5, name)
            top -= ROW
    return figure


def _curve(data: Curve, axes: Axes) -> None:
    places = (np.arange(len(data.estimates)) + 0.5) / len(data.estimates)
    lows, highs = _limits(data)
    axes.fill_between(places, lows, highs, color=style.PALE, linewidth=0, zorder=1)
    axes.plot(places, data.estimates, color=style.BLUE, linewidth=1.5 * style.LINE, zorder=3)
    axes.axhline(data.scale.null, color=style.INK, linewidth=style.HAIRLINE, zorder=2)
    at = float(np.interp(data.primary, data.estimates, places))
    axes.plot([at], [data.primary], "D", color=style.ORANGE, markersize=5, zorder=4)
    axes.annotate(
        data.primary_label, (at, data.primary), (0, 9), textcoords="offset points", color=style.ORANGE, zorder=5,
        ha="right" if at > 1 / 2 else "left",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85},
    )  # fmt: skip
    low, high = float(np.nanmin([*lows, data.scale.null])), float(np.nanmax([*highs, data.scale.null]))
    pad = 0.04 * (high - low)
    axes.set_xlim(0, 1)
    axes.set_ylim(low - pad, high + pad)
    axes.set_xticks([])
    axes.set_yticks(*data.scale.ticks(low - pad, high + pad))
    axes.set_ylabel(data.scale.measure)
    style.bare(axes, "left")


def _limits(data: Curve) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the limits, cut where a few would make the rest a line: at twice the reach of nine in ten."""
    reach = 2 * float(np.nanquantile(np.abs([*(data.lows - data.estimates), *(data.highs - data.estimates)]), 0.9))
    lows = np.maximum(data.lows, data.estimates - reach)
    return lows, np.minimum(data.highs, data.estimates + reach)

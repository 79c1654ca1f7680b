"""The bubble plot of a meta-regression: effect against moderator, bubbles by weight, the fitted line with its bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reanalysis.figures import style
from reanalysis.figures.labels import Label, label_points
from reanalysis.figures.scale import Scale
from reanalysis.figures.ticks import plain_ticks, tick_label

COLUMNS = 2
LEFT = 40.0
RIGHT = 8.0
TOP = 36.0
PLOT = 165.0
BOTTOM = 34.0
LEGEND = 26.0
LARGEST_RADIUS = 8.0
SMALLEST_RADIUS = 1.6


@dataclass(frozen=True)
class Point:
    """One study: its moderator, effect, weight in percent, and the period it recruited in."""

    label: str
    x: float
    y: float
    weight: float
    bar: tuple[float, float] | None
    hollow: bool


@dataclass(frozen=True)
class Line:
    """The fitted line at one value of the moderator."""

    x: float
    fit: float
    ci_low: float
    ci_high: float
    prediction_low: float | None
    prediction_high: float | None


@dataclass(frozen=True)
class Bubble:
    """All that one panel shows, finished; effects on the scale of the analysis."""

    title: str
    caption: Sequence[str]
    points: Sequence[Point]
    curve: Sequence[Line]
    log_n: bool
    scale: Scale


def bubble(panels: Sequence[Bubble]) -> Figure:
    """Draw a panel a meta-regression, with one scale of effects and of weights for all of them."""
    rows = max(1, math.ceil(len(panels) / COLUMNS))
    tall = TOP + PLOT + BOTTOM
    figure = style.sheet(style.DOUBLE, rows * tall + LEGEND)
    if not panels:
        style.write(figure, LEFT, LEGEND + PLOT / 2, "No meta-regression on a single numeric moderator was asked for.")
        return figure
    wide = style.DOUBLE / COLUMNS
    limits = _effects(panels)
    heaviest = max(point.weight for panel in panels for point in panel.points)
    for index, data in enumerate(panels):
        left = LEFT + wide * (index % COLUMNS)
        bottom = LEGEND + tall * (rows - 1 - index // COLUMNS) + BOTTOM
        axes = style.panel(figure, left, bottom, wide - LEFT - RIGHT, PLOT)
        _panel(figure, axes, data, limits, heaviest)
        style.write(figure, left, bottom + PLOT + 24, f"{chr(65 + index)}  {_sentence(data.title)}", bold=True)
        for line, text in enumerate(data.caption):
            style.write(figure, left, bottom + PLOT + 14 - 10 * line, text, colour=style.GREY)
    _legend(figure, heaviest, any(point.bar for panel in panels for point in panel.points))
    return figure


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _effects(panels: Sequence[Bubble]) -> tuple[float, float]:
    values = [point.y for panel in panels for point in panel.points] + [panels[0].scale.null]
    values += [value for panel in panels for line in panel.curve for value in (line.ci_low, line.ci_high)]
    pad = 0.06 * (max(values) - min(values))
    return min(values) - pad, max(values) + pad


def _radius(weight: float, heaviest: float) -> float:
    return max(SMALLEST_RADIUS, LARGEST_RADIUS * math.sqrt(weight / heaviest))


def _panel(figure: Figure, axes: Axes, data: Bubble, limits: tuple[float, float], heaviest: float) -> None:
    xs = [point.x for point in data.points] + [end for point in data.points for end in (point.bar or ())]
    pad = 0.05 * (max(xs) - min(xs)) or 1.0
    axes.set_xlim(min(xs) - pad, max(xs) + pad)
    axes.set_ylim(*limits)
    grid = [line.x for line in data.curve]
    axes.fill_between(
        grid, [line.ci_low for line in data.curve], [line.ci_high for line in data.curve],
        color=style.ORANGE, alpha=0.15, linewidth=0, zorder=0,
    )  # fmt: skip
    for ends in ("prediction_low", "prediction_high"):
        values = [getattr(line, ends) for line in data.curve]
        if None not in values:
            axes.plot(grid, values, color=style.ORANGE, linewidth=style.HAIRLINE, linestyle=(0, (2, 2)), zorder=1)
    axes.plot(grid, [line.fit for line in data.curve], color=style.ORANGE, linewidth=1.2, zorder=2)
    axes.axhline(data.scale.null, color=style.INK, linewidth=style.HAIRLINE, zorder=0)
    # Small bubbles over large ones.
    for point in sorted(data.points, key=lambda one: -one.weight):
        if point.bar is not None:
            axes.plot(point.bar, (point.y, point.y), color=style.GREY, linewidth=style.HAIRLINE, zorder=2)
        size = 2 * _radius(point.weight, heaviest)
        face = "white" if point.hollow else style.SKY
        axes.plot(
            [point.x], [point.y], "o", markersize=size, markerfacecolor=face, markeredgecolor=style.BLUE,
            markeredgewidth=style.LINE, alpha=0.85, zorder=3,
        )  # fmt: skip
    names = [Label(point.label, point.x, point.y, _radius(point.weight, heaviest)) for point in data.points]
    bars = [((point.bar[0], point.y), (point.bar[1], point.y)) for point in data.points if point.bar is not None]
    label_points(figure, axes, names, bars)
    _ticks(axes, data)


def _ticks(axes: Axes, data: Bubble) -> None:
    low, high = axes.get_ylim()
    axes.set_yticks(*data.scale.ticks(low, high))
    left, right = axes.get_xlim()
    if data.log_n:
        powers = [10.0**power for power in range(10) if left <= math.log(10.0**power) <= right]
        axes.set_xticks([math.log(tick) for tick in powers], [f"{tick:,.0f}" for tick in powers])
        axes.set_xlabel("Patients, logarithmic scale")
    else:
        ticks = plain_ticks(left, right)
        axes.set_xticks(ticks, [tick_label(tick) for tick in ticks])
        axes.set_xlabel(_sentence(data.title))
    axes.set_ylabel(data.scale.measure)
    style.bare(axes, "left", "bottom")


def _legend(figure: Figure, heaviest: float, bars: bool) -> None:
    """Explain bubble sizes, bands and bars in one line under the panels."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 (only the legend draws lines outside axes)

    size = figure.get_size_inches() * 72
    x, y = LEFT, 8.0
    shares = [share for share in (20.0, 10.0, 5.0, 1.0) if share <= heaviest][:3] or [heaviest]
    style.write(figure, x, y, "Weight")
    x += style.width("Weight") + 10
    for share in shares:
        radius = _radius(share, heaviest)
        x += radius
        figure.add_artist(
            Line2D(
                [x / size[0]], [(y + 3) / size[1]], marker="o", markersize=2 * radius, markerfacecolor=style.SKY,
                markeredgecolor=style.BLUE, markeredgewidth=style.LINE, transform=figure.transFigure,
            )
        )  # fmt: skip
        text = f"{share:.3g}%"
        style.write(figure, x + radius + 3, y, text)
        x += radius + 3 + style.width(text) + 9
    entries: list[tuple[str, str, float, Any]] = [
        ("fitted line", style.ORANGE, 1.2, "-"),
        ("confidence band", "#f8dccc", 7.0, "-"),
        ("prediction band", style.ORANGE, style.HAIRLINE, (0, (2, 2))),
    ]
    if bars:
        entries.append(("inclusion period", style.GREY, style.HAIRLINE, "-"))
    x += 6
    for text, colour, thick, dashes in entries:
        ends = [x / size[0], (x + 16) / size[0]]
        figure.add_artist(
            Line2D(
                ends, [(y + 3) / size[1]] * 2, color=colour, linewidth=thick, linestyle=dashes,
                solid_capstyle="butt", transform=figure.transFigure,
            )
        )  # fmt: skip
        style.write(figure, x + 20, y, text)
        x += 20 + style.width(text) + 12

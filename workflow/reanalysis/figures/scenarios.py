"""The pooled effect under each scenario, one below another, with the primary analysis as a line through all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from reanalysis.figures import style
from reanalysis.figures.scale import Scale

ROW = 15.0
BOTTOM = 34.0
TOP = 20.0
GAP = 10.0


@dataclass(frozen=True)
class Scenario:
    """One line: its name and numbers as text, the estimate with its interval, and a prediction interval if any."""

    name: str
    studies: str
    text: str
    estimate: float
    low: float
    high: float
    prediction: tuple[float, float] | None


@dataclass(frozen=True)
class Scenarios:
    """All that the figure shows, finished; positions on the scale of the analysis. The first line is the primary."""

    lines: Sequence[Scenario]
    headings: tuple[str, str, str]
    scale: Scale


def scenarios(data: Scenarios) -> Figure:
    """Draw the scenarios."""
    width, height = style.DOUBLE, TOP + BOTTOM + ROW * len(data.lines)
    figure = style.sheet(width, height)
    names, studies, texts = (
        max(style.width(text, bold=place == 0) for place, text in enumerate((heading, *column)))
        for heading, column in zip(
            data.headings, zip(*((one.name, one.studies, one.text) for one in data.lines), strict=True), strict=True
        )
    )
    left, right = names + GAP + studies + GAP, width - texts - GAP
    axes = style.panel(figure, left, BOTTOM, right - left, height - TOP - BOTTOM)
    axes.set_ylim(len(data.lines), 0)
    low, high = _range(data)
    axes.set_xlim(low, high)
    axes.axvline(data.scale.null, color=style.INK, linewidth=style.HAIRLINE, zorder=1)
    axes.axvline(data.lines[0].estimate, color=style.ORANGE, linewidth=style.LINE, linestyle=(0, (4, 3)), zorder=1)
    for place, one in enumerate(data.lines):
        y, colour = place + 0.5, style.ORANGE if place == 0 else style.BLUE
        if one.prediction is not None:
            axes.plot(
                one.prediction, (y, y), color=style.PALE, linewidth=4 * style.LINE, solid_capstyle="butt", zorder=2
            )
        axes.plot((one.low, one.high), (y, y), color=colour, linewidth=1.5 * style.LINE, zorder=3)
        axes.plot([one.estimate], [y], "D" if place == 0 else "o", color=colour, markersize=4.5, zorder=4)
        base = height - TOP - ROW * (place + 0.5) - 3
        style.write(figure, 0, base, one.name, bold=place == 0)
        style.write(figure, names + GAP + studies, base, one.studies, align="right")
        style.write(figure, width, base, one.text, align="right")
    style.write(figure, 0, height - TOP + 6, data.headings[0], bold=True)
    style.write(figure, names + GAP + studies, height - TOP + 6, data.headings[1], align="right", bold=True)
    style.write(figure, width, height - TOP + 6, data.headings[2], align="right", bold=True)
    axes.set_xticks(*data.scale.ticks(low, high))
    axes.set_yticks([])
    axes.set_xlabel(data.scale.name)
    style.bare(axes, "bottom")
    return figure


def _range(data: Scenarios) -> tuple[float, float]:
    ends = [end for one in data.lines for end in (one.low, one.high, *(one.prediction or ()))]
    low, high = min(*ends, data.scale.null), max(*ends, data.scale.null)
    pad = 0.04 * (high - low)
    return low - pad, high + pad

"""How many true effects stay strong under bias: the share against the bias factor, a panel for each way to count.

The axis above each panel says how strong confounding must be to make the bias factor below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reanalysis.figures import style

LEFT = 40.0
RIGHT = 8.0
APART = 36.0
TOP = 44.0
PLOT = 150.0
BOTTOM = 36.0
LINE = 12.0
SIGN = 18.0
NOTE = 24.0

BROKEN = (0, (4, 3))
DOTTED = (0, (1, 2))
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Mark:
    """A bias factor of its own.

    Parameters
    ----------
    at, low, high
        Its logarithm and the limits of it; None where there is none.
    said
        The lines that explain it under the panel.
    """

    at: float | None
    low: float | None
    high: float | None
    said: Sequence[str]


@dataclass(frozen=True)
class Panel:
    """One way to count.

    Parameters
    ----------
    title
        What stands above.
    shares, lows, highs
        Of strong effects at each bias factor, 0 to 1, and their limits; NaN where there is none.
    least
        The bias factor that leaves few of them.
    """

    title: str
    shares: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]
    least: Mark


@dataclass(frozen=True)
class StrongEffects:
    """All that the figure shows, finished.

    Parameters
    ----------
    log_factors
        The logarithms of the bias factors, rising.
    few
        The share that the marks leave, 0 to 1.
    strong
        Which effects are strong, for the axis.
    scale
        Which risk ratio bias multiplies, for the axis; empty where that goes without saying.
    factors, strengths
        Places and labels on the axes below and above, by the logarithm of the bias factor.
    other
        The bias factor that takes the pool to another one; None where there is none.
    missing
        Why there are no panels; empty where there are.
    """

    panels: Sequence[Panel]
    log_factors: Sequence[float]
    few: float
    strong: str
    scale: str
    factors: Sequence[tuple[float, str]]
    strengths: Sequence[tuple[float, str]]
    other: Mark | None
    missing: str


def bias(data: StrongEffects) -> Figure:
    """Draw a panel for each way to count, or say why there is none."""
    if data.missing:
        return _missing(data.missing)
    said = LINE * max(len(one.least.said) for one in data.panels)
    others = 0.0 if data.other is None else LINE * len(data.other.said)
    height = TOP + PLOT + BOTTOM + said + others
    figure = style.sheet(style.DOUBLE, height)
    wide = (style.DOUBLE - LEFT - RIGHT - APART * (len(data.panels) - 1)) / len(data.panels)
    for index, one in enumerate(data.panels):
        left = LEFT + (wide + APART) * index
        axes = style.panel(figure, left, height - TOP - PLOT, wide, PLOT)
        _panel(data, one, axes)
        style.write(figure, left, height - 9, f"{chr(65 + index)}  {one.title}", bold=True)
        if index == 0:
            axes.set_ylabel(data.strong)
        _key(
            figure, (left, said + others), one.least.said, Line2D([], [], color=style.ORANGE, marker="D", markersize=5)
        )
    if data.other is not None:
        look = Line2D([], [], color=style.INK, linewidth=style.LINE, linestyle=BROKEN)
        _key(figure, (LEFT, others), data.other.said, look)
    return figure


def _missing(reason: str) -> Figure:
    lines = style.wrapped(reason, style.DOUBLE - 2 * RIGHT)
    figure = style.sheet(style.DOUBLE, NOTE + LINE * len(lines))
    for place, line in enumerate(reversed(lines)):
        style.write(figure, RIGHT, NOTE / 2 + LINE * place + 3, line)
    return figure


def _panel(data: StrongEffects, one: Panel, axes: Axes) -> None:
    first, last = data.log_factors[0], data.log_factors[-1]
    axes.set_xlim(first, last)
    axes.set_ylim(-0.02, 1.02)
    axes.fill_between(data.log_factors, one.lows, one.highs, color=style.PALE, alpha=0.6, linewidth=0, zorder=1)
    axes.axhline(data.few, color=style.GREY, linewidth=style.HAIRLINE, linestyle=DOTTED, zorder=2)
    if data.other is not None and data.other.at is not None and data.other.at <= last:
        axes.axvline(data.other.at, color=style.INK, linewidth=style.LINE, linestyle=BROKEN, zorder=2)
    axes.plot(data.log_factors, one.shares, color=style.BLUE, linewidth=1.5 * style.LINE, zorder=3)
    _least(one.least, data.few, axes)
    axes.set_xticks(*_ticks(data.factors))
    axes.set_yticks(SHARES, [f"{100 * share:g}%" for share in SHARES])
    axes.set_xlabel(f"Bias factor in every study{f' ({data.scale})' if data.scale else ''}")
    above = axes.secondary_xaxis("top")
    above.set_xticks(*_ticks(data.strengths))
    above.set_xlabel("Confounding that can make it, risk ratio")
    style.bare(axes, "left", "bottom", "top")


def _ticks(places: Sequence[tuple[float, str]]) -> tuple[list[float], list[str]]:
    return [at for at, _ in places], [text for _, text in places]


def _least(mark: Mark, few: float, axes: Axes) -> None:
    """Mark the least bias factor and its interval, with an arrow where the axis cuts it."""
    first, last = axes.get_xlim()
    if mark.low is not None and mark.high is not None and mark.low < last:
        ends = max(mark.low, first), min(mark.high, last)
        axes.plot(ends, (few, few), color=style.ORANGE, linewidth=1.5 * style.LINE, zorder=4, solid_capstyle="butt")
        if mark.high > last:
            axes.plot([last], [few], ">", color=style.ORANGE, markersize=4, zorder=4, clip_on=False)
    if mark.at is not None and mark.at <= last:
        axes.axvline(mark.at, color=style.ORANGE, linewidth=style.HAIRLINE, zorder=2)
        axes.plot([mark.at], [few], "D", color=style.ORANGE, markersize=5, zorder=5, clip_on=False)


def _key(figure: Figure, place: tuple[float, float], said: Sequence[str], look: Line2D) -> None:
    """Explain a mark in lines of text, from a place at their upper left, after the mark itself."""
    size = figure.get_size_inches() * 72
    left, top = place
    middle = (top - LINE / 2) / size[1]
    look.set_data([left / size[0], (left + SIGN) / size[0]], [middle, middle])
    if look.get_marker() == "D":
        look.set_data([(left + SIGN / 2) / size[0]], [middle])
    look.set_transform(figure.transFigure)
    figure.add_artist(look)
    for index, text in enumerate(said):
        style.write(figure, left + SIGN + 5, top - LINE * index - LINE / 2 - 3, text)

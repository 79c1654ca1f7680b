"""A pooled effect then and now, and between them what each cause moved, one below another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from reanalysis.figures import style
from reanalysis.figures.scale import Scale

ROW = 17.0
BOTTOM = 34.0
TOP = 20.0
GAP = 10.0
# Of an arrow, in points: how thick it is, how wide and how long its head; a move shorter than that is a spot.
SHAFT = 3.5
WING = 8.0
HEAD = 6.0
SPOT = 4.5
# Of the width, what the names take at most, so that the plot keeps the rest.
NAMES = 0.34


@dataclass(frozen=True)
class End:
    """The effect then or now: its name and number as text, and its place with its interval."""

    name: str
    text: str
    estimate: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Step:
    """What a cause moved: its name and number as text, and from where to where."""

    name: str
    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Waterfall:
    """All that the figure shows, finished; positions on the scale of the analysis."""

    then: End
    steps: Sequence[Step]
    now: End
    headings: tuple[str, str]
    scale: Scale


def waterfall(data: Waterfall) -> Figure:
    """Draw the way from the effect then to the effect now."""
    lines: list[End | Step] = [data.then, *data.steps, data.now]
    width, height = style.DOUBLE, TOP + BOTTOM + ROW * len(lines)
    figure = style.sheet(width, height)
    names = [style.shortened(one.name, NAMES * width) for one in lines]
    left = GAP + max(style.width(one, bold=True) for one in (*names, data.headings[0]))
    right = width - GAP - max(style.width(one, bold=True) for one in (*(one.text for one in lines), data.headings[1]))
    axes = style.panel(figure, left, BOTTOM, right - left, height - TOP - BOTTOM)
    axes.set_ylim(len(lines), 0)
    low, high = _range(data)
    axes.set_xlim(low, high)
    point = (high - low) / (right - left)
    if low < data.scale.null < high:
        axes.axvline(data.scale.null, color=style.INK, linewidth=style.HAIRLINE, zorder=1)
    _end(axes, data.then, 0.5)
    for place, step in enumerate(data.steps, start=1):
        _joined(axes, step.start, place - 0.5, place + 0.5)
        _step(axes, step, place + 0.5, point)
    _joined(axes, data.now.estimate, len(lines) - 1.5, len(lines) - 0.5)
    _end(axes, data.now, len(lines) - 0.5)
    for place, (name, one) in enumerate(zip(names, lines, strict=True)):
        base, bold = height - TOP - ROW * (place + 0.5) - 3, isinstance(one, End)
        style.write(figure, 0, base, name, bold=bold)
        style.write(figure, width, base, one.text, align="right", bold=bold)
    style.write(figure, 0, height - TOP + 6, data.headings[0], bold=True)
    style.write(figure, width, height - TOP + 6, data.headings[1], align="right", bold=True)
    axes.set_xticks(*data.scale.ticks(low, high, right - left))
    axes.set_yticks([])
    axes.set_xlabel(data.scale.name)
    style.bare(axes, "bottom")
    return figure


def _end(axes: Axes, one: End, y: float) -> None:
    if one.low is not None and one.high is not None:
        axes.plot((one.low, one.high), (y, y), color=style.ORANGE, linewidth=1.5 * style.LINE, zorder=3)
    axes.plot([one.estimate], [y], "D", color=style.ORANGE, markersize=4.5, zorder=4)


def _step(axes: Axes, one: Step, y: float, point: float) -> None:
    """Draw a move as an arrow; one too short for it as a circle, none as a stroke."""
    if abs(one.end - one.start) < HEAD * point:
        marker = "|" if one.start == one.end else "o"
        axes.plot([one.end], [y], marker, color=style.BLUE, markersize=SPOT, zorder=3)
        return
    neck = one.end - (HEAD * point if one.end > one.start else -HEAD * point)
    thin, wide = SHAFT / 2 / ROW, WING / 2 / ROW
    outline = [
        *((one.start, y - thin), (neck, y - thin), (neck, y - wide), (one.end, y)),
        *((neck, y + wide), (neck, y + thin), (one.start, y + thin)),
    ]
    axes.add_patch(Polygon(outline, closed=True, facecolor=style.BLUE, linewidth=0, zorder=3))


def _joined(axes: Axes, x: float, above: float, below: float) -> None:
    axes.plot((x, x), (above, below), color=style.GREY, linewidth=style.HAIRLINE, zorder=2)


def _range(data: Waterfall) -> tuple[float, float]:
    places = [place for one in data.steps for place in (one.start, one.end)]
    for one in (data.then, data.now):
        places += [place for place in (one.estimate, one.low, one.high) if place is not None]
    low, high = min(places), max(places)
    # An effect alone has no width of its own.
    pad = 0.04 * (high - low) or max(0.1, 0.1 * abs(low))
    return low - pad, high + pad

"""The forest plot: what each study printed, what was used of it, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from reanalysis.figures import style
from reanalysis.figures.scale import Scale

ROW = 13.5
MARGIN = 4.0
GAP = 11.0
PLOT = 150.0
# From the foot of a row to the base line of its text, and from there to the middle of a small letter.
BASE = 4.0
MIDDLE = 2.9
DIAMOND = 4.2
# The axis is cut this many times beyond the farthest estimate, or this many pooled intervals from the centre.
CUT_ESTIMATES = 4.0
CUT_INTERVALS = 5.0
LARGEST_SQUARE = 9.0
SMALLEST_SQUARE = 2.2


@dataclass(frozen=True)
class Line:
    """One study.

    Parameters
    ----------
    cells
        The texts of its columns, one a heading of the plot.
    estimate, low, high
        On the scale of the analysis.
    envelope
        The widest limits that rounding allows; None where no rounding fits.
    weight
        In percent.
    hollow
        Whether the standard error was worked back from a p value.
    """

    cells: tuple[str, ...]
    estimate: float
    low: float
    high: float
    envelope: tuple[float, float] | None
    weight: float
    hollow: bool


@dataclass(frozen=True)
class Summary:
    """The pooled estimate: texts, centre, interval and prediction interval on the scale of the analysis."""

    label: str
    text: str
    estimate: float
    low: float
    high: float
    prediction_label: str
    prediction_text: str
    prediction: tuple[float, float] | None


@dataclass(frozen=True)
class Forest:
    """All that a forest plot shows, finished.

    Parameters
    ----------
    headings
        Of the columns; those from `after` on stand right of the plot.
    """

    headings: tuple[str, ...]
    after: int
    lines: Sequence[Line]
    summary: Summary
    notes: Sequence[str]
    left_out: Sequence[tuple[str, str]]
    scale: Scale
    favours: tuple[str, str]


def forest(data: Forest) -> Figure:
    """Draw a forest plot at the width of two columns."""
    widths = [_column(data, index) for index in range(len(data.headings))]
    label = max(style.width(data.summary.label, bold=True), style.width(data.summary.prediction_label))
    left = max(sum(width + GAP for width in widths[: data.after]), label + GAP)
    right = sum(width + GAP for width in widths[data.after :])
    plot = max(PLOT, style.DOUBLE - 2 * MARGIN - left - right)
    total = 2 * MARGIN + left + plot + right
    footer = _footer(data, total - 2 * MARGIN)
    rows = len(data.lines) + 3
    axis = 44.0
    height = 2 * MARGIN + ROW * (rows + len(footer)) + axis + 6
    figure = style.sheet(total, height)
    top = height - MARGIN - ROW
    # The axes count points from the foot of the figure, as the text does, so that marks and words share a line.
    bottom = top - ROW * (rows - 1)
    axes = style.panel(figure, MARGIN + left, bottom, plot, top - bottom)
    axes.set_ylim(bottom, top)
    axes.set_xlim(*_range(data))

    places = _places(widths, data.after, left, plot)
    for index, heading in enumerate(data.headings):
        _cell(figure, places[index], widths[index], top + 4, heading, right=index > 0, bold=True)
    _rule(figure, MARGIN, total - MARGIN, top)
    for index, line in enumerate(data.lines):
        y = top - ROW * (index + 1) + BASE
        for column, text in enumerate(line.cells):
            _cell(figure, places[column], widths[column], y, text, right=column > 0)
        _study(axes, y + MIDDLE, line, _square(data, line))
    y = top - ROW * (len(data.lines) + 1) + BASE - 1
    _vertical(axes, data.scale.null, (bottom, top), {"color": style.INK})
    _vertical(axes, data.summary.estimate, (y + MIDDLE, top), {"color": style.ORANGE, "linestyle": (0, (4, 3))})
    _rule(figure, MARGIN, MARGIN + left - GAP, y + ROW - 2)
    _summary(figure, axes, data.summary, (places[-1] + widths[-1], y))
    _axis(figure, axes, data, (MARGIN + left, bottom, plot), total - MARGIN)
    y = bottom - axis
    for text, bold in footer:
        y -= ROW
        style.write(figure, MARGIN, y, text, bold=bold, colour=style.INK if bold else style.GREY)
    return figure


def _column(data: Forest, index: int) -> float:
    texts = [line.cells[index] for line in data.lines]
    if index == len(data.headings) - 1:
        texts += [data.summary.text, data.summary.prediction_text]
    return max(style.width(data.headings[index], bold=True), *(style.width(text, bold=True) for text in texts))


def _places(widths: Sequence[float], after: int, left: float, plot: float) -> list[float]:
    places, x = [], MARGIN
    for index, width in enumerate(widths):
        if index == after:
            x = MARGIN + left + plot + GAP
        places.append(x)
        x += width + GAP
    return places


def _cell(figure: Figure, place: float, width: float, y: float, text: str, *, right: bool, bold: bool = False) -> None:
    style.write(figure, place + width if right else place, y, text, align="right" if right else "left", bold=bold)


def _rule(figure: Figure, left: float, right: float, y: float) -> None:
    width, height = figure.get_size_inches() * 72
    size = ((right - left) / width, style.HAIRLINE / height)
    figure.add_artist(
        Rectangle((left / width, y / height), *size, facecolor=style.INK, linewidth=0, transform=figure.transFigure)
    )


def _vertical(axes: Axes, x: float, ends: tuple[float, float], look: dict[str, Any]) -> None:
    axes.plot((x, x), ends, linewidth=style.HAIRLINE, zorder=0, **look)


def _range(data: Forest) -> tuple[float, float]:
    """Return the limits of the axis: all estimates, and limits unless they reach far beyond the others."""
    centre, summary = data.summary.estimate, data.summary
    farthest = max(abs(line.estimate - centre) for line in data.lines)
    reach = max(CUT_ESTIMATES * farthest, CUT_INTERVALS * (summary.high - summary.low))
    low = max(min(line.low for line in data.lines), centre - reach)
    high = min(max(line.high for line in data.lines), centre + reach)
    low, high = (end(value, data.scale.null) for end, value in ((min, low), (max, high)))
    if summary.prediction is not None:
        low, high = min(low, summary.prediction[0]), max(high, summary.prediction[1])
    pad = 0.03 * (high - low)
    return low - pad, high + pad


def _square(data: Forest, line: Line) -> float:
    """Return the side of a study's square: its area is in proportion to its weight."""
    largest = max(one.weight for one in data.lines)
    return float(max(SMALLEST_SQUARE, LARGEST_SQUARE * (line.weight / largest) ** 0.5))


def _study(axes: Axes, y: float, line: Line, side: float) -> None:
    low, high = axes.get_xlim()
    if line.envelope is not None:
        outer = max(line.envelope[0], low), min(line.envelope[1], high)
        axes.plot(outer, (y, y), color=style.PALE, linewidth=3.6, solid_capstyle="butt", zorder=1)
    # The square first and the line over it, so that a short interval is not hidden behind a large square.
    colours: dict[str, Any] = {"markerfacecolor": "white" if line.hollow else style.BLUE, "markeredgecolor": style.BLUE}
    axes.plot([line.estimate], [y], "s", markersize=side, markeredgewidth=style.LINE, zorder=2, **colours)
    ends = max(line.low, low), min(line.high, high)
    axes.plot(ends, (y, y), color=style.INK, linewidth=style.LINE, solid_capstyle="butt", zorder=3)
    for inside, end, marker in ((line.low >= low, low, "<"), (line.high <= high, high, ">")):
        if not inside:
            axes.plot([end], [y], marker, color=style.INK, markersize=4, clip_on=False, zorder=4)


def _summary(figure: Figure, axes: Axes, summary: Summary, corner: tuple[float, float]) -> None:
    """Draw the diamond and, in a row of its own, the prediction interval; `corner` ends the first row of text."""
    right, y = corner
    style.write(figure, MARGIN, y, summary.label, bold=True)
    style.write(figure, right, y, summary.text, align="right", bold=True)
    middle = y + MIDDLE
    corners = [
        (summary.low, middle),
        (summary.estimate, middle + DIAMOND),
        (summary.high, middle),
        (summary.estimate, middle - DIAMOND),
    ]
    axes.add_patch(Polygon(corners, facecolor=style.ORANGE, edgecolor=style.ORANGE, linewidth=style.HAIRLINE, zorder=3))
    if summary.prediction is None:
        return
    y, middle = y - ROW, middle - ROW
    style.write(figure, MARGIN, y, summary.prediction_label)
    style.write(figure, right, y, summary.prediction_text, align="right")
    axes.plot(summary.prediction, (middle, middle), color=style.ORANGE, linewidth=2.4, solid_capstyle="butt", zorder=3)


def _axis(figure: Figure, axes: Axes, data: Forest, place: tuple[float, float, float], edge: float) -> None:
    left, bottom, plot = place
    style.bare(axes, "bottom")
    low, high = axes.get_xlim()
    axes.set_xticks(*data.scale.ticks(low, high))
    axes.set_yticks([])
    style.write(figure, left + plot / 2, bottom - 27, data.scale.name, align="center")
    # Each side's words end or begin at no difference, pushed inwards where the figure ends.
    null = left + plot * (data.scale.null - low) / (high - low)
    below, above = data.favours
    right_of_below = max(null - 6, MARGIN + style.width(below))
    left_of_above = min(max(null + 6, right_of_below + GAP), edge - style.width(above))
    style.write(figure, right_of_below, bottom - 39, below, align="right", colour=style.GREY)
    style.write(figure, left_of_above, bottom - 39, above, colour=style.GREY)


def _footer(data: Forest, most: float) -> list[tuple[str, bool]]:
    lines = [(text, False) for note in data.notes for text in style.wrapped(note, most)]
    if data.left_out:
        lines.append(("Printed, but not in the analysis", True))
        for name, reason in data.left_out:
            lines += [(text, False) for text in style.wrapped(f"{name}, {reason}", most)]
    return lines

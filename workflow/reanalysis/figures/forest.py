"""The forest plot: what each study printed, what was used of it, and what they say together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from reanalysis.figures import style
from reanalysis.figures.forest_layout import (
    AXIS,
    GAP,
    MARGIN,
    ROW,
    Forest,
    Grid,
    Line,
    Row,
    Summary,
    blocks,
    grid,
    pages,
    tops,
)

# From the foot of a row to the base line of its text, and from there to the middle of a small letter.
BASE = 4.0
MIDDLE = 2.9
DIAMOND = 4.2
# The axis is cut this many times beyond the farthest estimate, or this many pooled intervals from the centre, and a
# pool's own interval may lengthen it by this share at either end.
CUT_ESTIMATES = 4.0
CUT_INTERVALS = 5.0
LONGER = 0.5
# An estimate with less than this share of the mean weight does not lengthen it.
LEAST_WEIGHT = 0.1
# Sides of squares: areas keep to the weights between these. The largest gives way so that whiskers show.
LARGEST_SQUARE = 9.0
LEAST_LARGEST = 5.5
SMALLEST_SQUARE = 2.2
# A hollow one needs an inside.
SMALLEST_HOLLOW = 3.0
WHISKER = 1.5
TICK = 2.2


def forest(data: Forest) -> tuple[Figure, tuple[float, ...]]:
    """Draw a forest plot at the full width; return it, and where pages of print begin, in points from the top."""
    width = style.full_width()
    made = grid(data, width)
    head = MARGIN + ROW * max(len(data.columns[index].heading) for index in made.columns) + 2
    sheets = pages(blocks(data, made), head + AXIS + MARGIN, style.PAGE)
    heights = [head + sum(row.height for row in rows) + AXIS + MARGIN for rows in sheets]
    footer = _footer(data, width - 2 * MARGIN)
    first = max(0, int((style.PAGE - heights[-1] - MARGIN) // ROW))
    parts = [footer[:first]] if len(footer) > first else [footer]
    most = int((style.PAGE - 2 * MARGIN) // ROW)
    parts += [footer[at : at + most] for at in range(first, len(footer), most)] if len(footer) > first else []
    heights[-1] += ROW * len(parts[0]) + (MARGIN if parts[0] else 0.0)
    heights += [ROW * len(part) + 2 * MARGIN for part in parts[1:]]
    figure = style.sheet(width, sum(heights))
    tops_of = [sum(heights) - done for done in (0.0, *accumulate(heights))]
    for place, rows in enumerate(sheets):
        foot = _sheet(figure, data, made, rows, (tops_of[place], head))
    for part, top in zip(parts, [foot - AXIS, *tops_of[len(sheets) :]], strict=False):
        for line, (text, bold) in enumerate(part, start=1):
            y = top - MARGIN - ROW * line + BASE
            style.write(figure, MARGIN, y, text, bold=bold, colour=style.INK if bold else style.GREY)
    return figure, tuple(accumulate(heights[:-1]))


def _sheet(figure: Figure, data: Forest, made: Grid, rows: Sequence[Row], place: tuple[float, float]) -> float:
    """Draw one page of rows from `place`, its top and the height of its headings; return the foot of its plot."""
    top = place[0] - place[1]
    bottom = top - sum(row.height for row in rows)
    axes = style.panel(figure, made.plot_left, bottom, made.plot, top - bottom)
    # The axes count points from the foot of the figure, as the text does, so that marks and words share a line.
    axes.set_ylim(bottom, top)
    ends_shown = limits(data)
    axes.set_xlim(*ends_shown)
    largest, heaviest = largest_square(data, made.plot, ends_shown), max(line.weight for line in data.lines)
    _headings(figure, data, made, top)
    # Of the pooled rows, those of all studies are the last, and the line of the pool ends in their diamond.
    ends = bottom
    for row, below in zip(rows, tops(rows), strict=True):
        y = top - below - ROW + BASE
        _words(figure, row, made, y)
        if isinstance(row.shows, Line):
            _study(axes, y + MIDDLE, row.shows, _side(row.shows, heaviest, largest))
        elif isinstance(row.shows, Summary) and row.bold:
            _diamond(axes, y + MIDDLE, row.shows, filled=row.shows is data.summary)
            if row.shows is data.summary:
                ends = y + MIDDLE
                style.rule(figure, MARGIN, made.plot_left - GAP, y + ROW - BASE)
        elif isinstance(row.shows, Summary) and row.shows.prediction is not None:
            _bar(axes, y + MIDDLE, row.shows.prediction)
    _vertical(axes, data.scale.null, (bottom, top), {"color": style.INK})
    _vertical(axes, data.summary.estimate, (ends, top), {"color": style.ORANGE, "linestyle": (0, (4, 3))})
    _axis(figure, axes, data, (made.plot_left, bottom, made.plot), made.width)
    return bottom


def _headings(figure: Figure, data: Forest, made: Grid, top: float) -> None:
    for index, place, width in zip(made.columns, made.places, made.widths, strict=True):
        for line, text in enumerate(reversed(data.columns[index].heading)):
            _cell(figure, (place, width), top + BASE + ROW * line * 0.8, text, right=index > 0, bold=True)
    style.rule(figure, MARGIN, made.width - MARGIN, top)


def _words(figure: Figure, row: Row, made: Grid, y: float) -> None:
    """Write the texts of a row; a note, which shows nothing, in grey."""
    note = row.shows is None and not row.bold
    for column, lines in enumerate(row.cells):
        for line, text in enumerate(lines):
            place = made.places[column], made.widths[column]
            colour = style.GREY if note else style.INK
            _cell(figure, place, y - ROW * line, text, right=column > 0, bold=row.bold, colour=colour)


def _cell(
    figure: Figure,
    place: tuple[float, float],
    y: float,
    text: str,
    *,
    right: bool,
    bold: bool = False,
    colour: str = style.INK,
) -> None:
    x = sum(place) if right else place[0]
    style.write(figure, x, y, text, align="right" if right else "left", bold=bold, colour=colour)


def _vertical(axes: Axes, x: float, ends: tuple[float, float], look: dict[str, Any]) -> None:
    axes.plot((x, x), ends, linewidth=style.HAIRLINE, zorder=0, **look)


def limits(data: Forest) -> tuple[float, float]:
    """Return the limits of the axis: all estimates that weigh something, and what fits of the intervals."""
    centre, summary = data.summary.estimate, data.summary
    least = LEAST_WEIGHT * 100 / len(data.lines)
    farthest = max((abs(line.estimate - centre) for line in data.lines if line.weight >= least), default=0.0)
    narrow = min(summary.high - summary.low, max(line.high - line.low for line in data.lines))
    reach = max(CUT_ESTIMATES * farthest, CUT_INTERVALS * narrow) if farthest else math.inf
    shown = [end for line in data.lines for end in (line.low, line.estimate, line.high)]
    within = [min(max(end, centre - reach), centre + reach) for end in shown]
    low, high = min(data.scale.null, *within), max(data.scale.null, *within)
    longer = LONGER * (high - low)
    pools = [end for one in data.summaries for end in (one.low, one.high, *(one.prediction or ()))]
    low, high = min(low, max(low - longer, min(pools))), max(high, min(high + longer, max(pools)))
    pad = 0.03 * (high - low)
    return low - pad, high + pad


def largest_square(data: Forest, plot: float, ends: tuple[float, float]) -> float:
    """Return the side of the heaviest study's square: so that the whiskers of filled ones show, where that can be."""
    heaviest = max(one.weight for one in data.lines)
    fits = [
        (plot * (one.high - one.low) / (ends[1] - ends[0]) - 2 * WHISKER) * (heaviest / one.weight) ** 0.5
        for one in data.lines
        if not one.hollow
    ]
    return min(LARGEST_SQUARE, max(LEAST_LARGEST, min(fits, default=LARGEST_SQUARE)))


def _side(line: Line, heaviest: float, largest: float) -> float:
    """Return the side of a study's square: its area is in proportion to its weight."""
    least = SMALLEST_HOLLOW if line.hollow else SMALLEST_SQUARE
    return float(max(least, largest * (line.weight / heaviest) ** 0.5))


def _study(axes: Axes, y: float, line: Line, side: float) -> None:
    low, high = axes.get_xlim()
    _arrows(axes, y, (line.low, line.high), style.INK)
    if line.low > high or line.high < low:
        return
    if line.envelope is not None:
        for outer, inner in zip(line.envelope, (line.low, line.high), strict=True):
            if low <= outer <= high and outer != inner:
                axes.plot(
                    (outer, min(max(inner, low), high)), (y, y), color=style.GREY, linewidth=style.HAIRLINE, zorder=2
                )
                axes.plot((outer, outer), (y - TICK, y + TICK), color=style.GREY, linewidth=style.LINE, zorder=2)
    colours: dict[str, Any] = {"markerfacecolor": "white" if line.hollow else style.BLUE, "markeredgecolor": style.BLUE}
    half = side / 2 * (high - low) / (axes.get_window_extent().width * 72 / axes.figure.dpi)
    ends = max(line.low, low), min(line.high, high)
    # A hollow square stays empty, unless it would hide its interval.
    over = line.hollow and min(line.estimate - ends[0], ends[1] - line.estimate) > half
    axes.plot(
        [line.estimate], [y], "s", markersize=side, markeredgewidth=style.LINE, zorder=5 if over else 3, **colours
    )
    axes.plot(ends, (y, y), color=style.INK, linewidth=style.LINE, solid_capstyle="butt", zorder=4)
    if not line.hollow:
        # What lies on the square is white, so that an interval shorter than its square is seen.
        inside = max(ends[0], line.estimate - half), min(ends[1], line.estimate + half)
        axes.plot(inside, (y, y), color="white", linewidth=style.LINE, solid_capstyle="butt", zorder=5)


def _arrows(axes: Axes, y: float, ends: tuple[float, float], colour: str) -> None:
    """Mark the ends that lie beyond the axis."""
    low, high = axes.get_xlim()
    for cut, end, marker in ((ends[0] < low, low, "<"), (ends[1] > high, high, ">")):
        if cut:
            axes.plot([end], [y], marker, color=colour, markersize=4, markeredgewidth=0, clip_on=False, zorder=6)


def _diamond(axes: Axes, y: float, summary: Summary, *, filled: bool) -> None:
    """Draw a pool; that of a subgroup is hollow."""
    corners = [(summary.low, y), (summary.estimate, y + DIAMOND), (summary.high, y), (summary.estimate, y - DIAMOND)]
    face = style.ORANGE if filled else "white"
    axes.add_patch(Polygon(corners, facecolor=face, edgecolor=style.ORANGE, linewidth=style.LINE, zorder=3))
    _arrows(axes, y, (summary.low, summary.high), style.ORANGE)


def _bar(axes: Axes, y: float, ends: tuple[float, float]) -> None:
    low, high = axes.get_xlim()
    shown = max(ends[0], low), min(ends[1], high)
    axes.plot(shown, (y, y), color=style.ORANGE, linewidth=2.4, solid_capstyle="butt", zorder=3)
    _arrows(axes, y, ends, style.ORANGE)


def _axis(figure: Figure, axes: Axes, data: Forest, place: tuple[float, float, float], width: float) -> None:
    left, bottom, plot = place
    style.bare(axes, "bottom")
    low, high = axes.get_xlim()
    axes.set_xticks(*data.scale.ticks(low, high, plot))
    axes.set_yticks([])
    name = style.shortened(data.scale.name, width - 2 * MARGIN)
    half = style.width(name) / 2
    middle = min(max(left + plot / 2, MARGIN + half), width - MARGIN - half)
    style.write(figure, middle, bottom - 27, name, align="center")
    # Each side's words end or begin at no difference, pushed inwards where the figure ends.
    null = left + plot * (data.scale.null - low) / (high - low)
    room = (width - 2 * MARGIN - GAP) / 2
    longest = max(room, width - 2 * MARGIN - GAP - min(style.width(text) for text in data.favours))
    below, above = (style.shortened(text, longest) for text in data.favours)
    right_of_below = max(null - 6, MARGIN + style.width(below))
    left_of_above = min(max(null + 6, right_of_below + GAP), width - MARGIN - style.width(above))
    right_of_below = min(right_of_below, left_of_above - GAP)
    style.write(figure, right_of_below, bottom - 39, below, align="right", colour=style.GREY)
    style.write(figure, left_of_above, bottom - 39, above, colour=style.GREY)


def _footer(data: Forest, most: float) -> list[tuple[str, bool]]:
    lines = [(text, False) for note in data.notes for text in style.wrapped(note, most)]
    if data.left_out:
        lines.append(("Printed, but not in the analysis", True))
        for name, reason in data.left_out:
            lines += [(text, False) for text in style.wrapped(f"{name}, {reason}", most)]
    return lines

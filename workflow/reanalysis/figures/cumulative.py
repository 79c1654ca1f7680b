"""The pooled estimate as studies are added one by one: a panel an order, a row a study, the last one with all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from reanalysis.figures import style
from reanalysis.figures.rows import MIDDLE, ROW, Mark, draw_rows, limits, shortened, ticks
from reanalysis.figures.scale import Scale

GAP = 8.0
BETWEEN = 22.0
RIGHT = 6.0
LINE = 10.0
HEAD = 28.0
AXIS = 22.0
AXIS_NAME = 14.0
NAMES = 80.0


@dataclass(frozen=True)
class Step:
    """The pool after one more study: its year and name, and how many there are."""

    year: str
    name: str
    k: str
    mark: Mark

    @property
    def cells(self) -> tuple[str, str, str]:
        """Return what stands in the columns."""
        return self.year, shortened(self.name, NAMES), self.k


@dataclass(frozen=True)
class Order:
    """One order of the studies: its title, the heads of its columns, its steps and what is to be said below."""

    title: str
    headings: tuple[str, str, str]
    steps: Sequence[Step]
    notes: Sequence[str]


@dataclass(frozen=True)
class Cumulative:
    """All that the figure shows, finished; `whole` is the estimate of the full analysis."""

    orders: Sequence[Order]
    whole: float
    scale: Scale

    @property
    def widths(self) -> list[float]:
        """Return how wide each column is, in points."""
        lines = [cells for order in self.orders for cells in (order.headings, *(one.cells for one in order.steps))]
        return [max(style.width(text) for text in column) for column in zip(*lines, strict=True)]


def cumulative(data: Cumulative) -> Figure:
    """Draw the cumulative analyses side by side on one scale."""
    wide = (style.DOUBLE - RIGHT - BETWEEN * (len(data.orders) - 1)) / len(data.orders)
    notes = [[line for note in order.notes for line in style.wrapped(note, wide)] for order in data.orders]
    rows = ROW * max(len(order.steps) for order in data.orders)
    foot = AXIS + AXIS_NAME + LINE * max(len(lines) for lines in notes) + 4
    figure = style.sheet(style.DOUBLE, HEAD + rows + foot)
    marks = [step.mark for order in data.orders for step in order.steps]
    ends = limits(marks, [data.whole, data.scale.null])
    for place, (order, lines) in enumerate(zip(data.orders, notes, strict=True)):
        _order(figure, data, order, (place * (wide + BETWEEN), foot, wide, rows), ends)
        for line, text in enumerate(lines):
            style.write(
                figure, place * (wide + BETWEEN), foot - AXIS - AXIS_NAME - LINE * (line + 1), text, colour=style.GREY
            )
    return figure


def _order(
    figure: Figure,
    data: Cumulative,
    order: Order,
    place: tuple[float, float, float, float],
    ends: tuple[float, float],
) -> None:
    left, bottom, wide, rows = place
    widths = data.widths
    starts = [left + sum(widths[:column]) + GAP * column for column in range(len(widths))]
    style.write(figure, left, bottom + rows + 16, order.title, bold=True)
    for column, (start, width) in enumerate(zip(starts, widths, strict=True)):
        right = column == len(widths) - 1
        x, align = start + (width if right else 0), "right" if right else "left"
        style.write(figure, x, bottom + rows + 4, order.headings[column], align=align, colour=style.GREY)
        for row, step in enumerate(order.steps):
            style.write(figure, x, bottom + rows - ROW * (row + 1) + MIDDLE, step.cells[column], align=align)
    begin = starts[-1] + widths[-1] + GAP + 4
    axes = style.panel(figure, begin, bottom, left + wide - begin, rows)
    axes.set_xlim(*ends)
    axes.set_ylim(0, rows)
    axes.axvline(data.scale.null, color=style.INK, linewidth=style.HAIRLINE, zorder=1)
    axes.axvline(data.whole, color=style.ORANGE, linewidth=style.LINE, linestyle=(0, (4, 3)), zorder=1)
    placed = [(rows - ROW * (row + 0.5), step.mark) for row, step in enumerate(order.steps)]
    draw_rows(axes, placed[:-1])
    draw_rows(axes, placed[-1:], colour=style.ORANGE)
    for x in placed[-1][1].known[:1]:
        axes.plot([x], [placed[-1][0]], "D", color=style.ORANGE, markersize=5, zorder=4)
    ticks(axes, data.scale, left + wide - begin)
    axes.set_yticks([])
    style.bare(axes, "bottom")
    style.write(figure, (begin + left + wide) / 2, bottom - AXIS - 8, data.scale.measure, align="center")

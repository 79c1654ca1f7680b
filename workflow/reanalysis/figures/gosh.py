"""Every subset of the studies by its estimate and I2 (a GOSH plot), counted in cells, with and without one study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reanalysis.figures import style
from reanalysis.figures.rows import shortened
from reanalysis.figures.scale import Scale
from reanalysis.figures.strokes import dots, squares
from reanalysis.figures.ticks import tick_label

LEFT = 38.0
PLOT = 390.0
SIDE = 58.0
HEADROOM = 44.0
GAP = 5.0
BOTTOM = 34.0
TOP = 36.0
LEGEND = 12.0

# Marks from the fewest subsets to the most, as shares of a cell.
SMALLEST, LARGEST = 0.42, 0.92
# A dot of the one kind leaves to be seen a square of the other below it.
ROUND = 0.78
NAME = 110.0

Cell = tuple[int, int, int]


@dataclass(frozen=True)
class Group:
    """Subsets of one kind: what they are called, and column, row and count of each cell that has some."""

    name: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Gosh:
    """All that the plot shows, finished.

    Parameters
    ----------
    groups
        Those with the study, and those without it.
    columns, rows
        Of the grid, whose ends are `ends` on the scale of the analysis, and 0 and 100 percent.
    whole, whole_label
        Estimate and I2 with all studies, and what they are called.
    """

    groups: tuple[Group, Group]
    columns: int
    rows: int
    ends: tuple[float, float]
    whole: tuple[float, float]
    whole_label: str
    scale: Scale


def gosh(data: Gosh) -> Figure:
    """Draw the subsets, with their numbers along both axes at the sides."""
    cell = PLOT / data.columns
    height = cell * data.rows
    figure = style.sheet(style.DOUBLE, BOTTOM + height + GAP + HEADROOM + TOP)
    axes = style.panel(figure, LEFT, BOTTOM, PLOT, height)
    axes.set_xlim(0, data.columns)
    axes.set_ylim(0, data.rows)
    # The squares first: a dot leaves their corners.
    for group, draw, colour, share in zip(
        reversed(data.groups), (squares, dots), (style.BLUE, style.ORANGE), (1.0, ROUND), strict=True
    ):
        for decade in range(_decades(data)):
            places = [(x + 0.5, y + 0.5) for x, y, count in group.cells if _decade(count) == decade]
            draw(axes, places, colour=colour, size=cell * share * _share(data, decade))
    _whole(data, axes)
    _axes(data, axes)
    _sides(data, figure, height)
    _legend(data, figure, cell)
    return figure


def _decade(count: int) -> int:
    """Return how many digits a count has beyond the first."""
    return len(str(count)) - 1


def _decades(data: Gosh) -> int:
    return 1 + max(_decade(count) for group in data.groups for _, _, count in group.cells)


def _share(data: Gosh, decade: int) -> float:
    last = _decades(data) - 1
    return LARGEST if last == 0 else SMALLEST + (LARGEST - SMALLEST) * decade / last


def _column(data: Gosh, estimate: float) -> float:
    """Return where an estimate stands, in columns; the middle where all are one."""
    low, high = data.ends
    return data.columns * ((estimate - low) / (high - low) if high > low else 0.5)


def _whole(data: Gosh, axes: Axes) -> None:
    place = _column(data, data.whole[0]), data.rows * data.whole[1] / 100
    axes.plot(
        *([one] for one in place), "D", markersize=6, markerfacecolor="white", markeredgecolor=style.INK,
        markeredgewidth=1.2, clip_on=False, zorder=6,
    )  # fmt: skip


def _axes(data: Gosh, axes: Axes) -> None:
    positions, labels = data.scale.ticks(*data.ends)
    axes.set_xticks([_column(data, one) for one in positions], labels)
    shares = (0, 25, 50, 75, 100)
    axes.set_yticks([data.rows * one / 100 for one in shares], [tick_label(one) for one in shares])
    axes.set_xlabel(data.scale.name)
    axes.set_ylabel("I\N{SUPERSCRIPT TWO} (%)")
    style.bare(axes, "left", "bottom")


def _sides(data: Gosh, figure: Figure, height: float) -> None:
    """Draw how many subsets each column and each row has, as the outline of a histogram a group."""
    above = style.panel(figure, LEFT, BOTTOM + height + GAP, PLOT, HEADROOM)
    beside = style.panel(figure, LEFT + PLOT + GAP, BOTTOM, SIDE, height)
    for axes, size, place in ((above, data.columns, 0), (beside, data.rows, 1)):
        sums = [_sums(group, size, place) for group in data.groups]
        most = 1.05 * max(max(one) for one in sums)
        for counts, colour, dashes in zip(sums, (style.ORANGE, style.BLUE), ("-", (0, (3, 1.5))), strict=True):
            edges = [edge for one in range(size) for edge in (one, one + 1)]
            heights = [count for count in counts for _ in (0, 1)]
            xs, ys = (edges, heights) if place == 0 else (heights, edges)
            axes.plot(xs, ys, color=colour, linewidth=style.LINE, linestyle=dashes, zorder=2)
        (axes.set_xlim if place == 0 else axes.set_ylim)(0, size)
        (axes.set_ylim if place == 0 else axes.set_xlim)(0, most)
        axes.set_xticks([])
        axes.set_yticks([])
        style.bare(axes, "bottom" if place == 0 else "left")


def _sums(group: Group, size: int, place: int) -> list[int]:
    counts = [0] * size
    for cell in group.cells:
        counts[cell[place]] += cell[2]
    return counts


def _legend(data: Gosh, figure: Figure, cell: float) -> None:
    """Explain colours, sizes and the whole in two lines above the plot."""
    height = figure.get_size_inches()[1] * 72
    axes = style.panel(figure, 0, height - TOP, style.DOUBLE, TOP)
    axes.set_xlim(0, style.DOUBLE)
    axes.set_ylim(0, TOP)
    axes.set_xticks([])
    axes.set_yticks([])
    style.bare(axes)
    x, y = LEFT, TOP - LEGEND
    for group, draw, colour, share in zip(
        data.groups, (dots, squares), (style.ORANGE, style.BLUE), (ROUND, 1.0), strict=True
    ):
        draw(axes, [(x + 3, y + 3)], colour=colour, size=max(5.0, cell * share * LARGEST))
        name = shortened(group.name, NAME)
        style.write(figure, x + 10, height - TOP + y, name)
        x += 10 + style.width(name) + 16
    axes.plot(
        [x + 3], [y + 3], "D", markersize=6, markerfacecolor="white", markeredgecolor=style.INK, markeredgewidth=1.2
    )
    style.write(figure, x + 10, height - TOP + y, data.whole_label)
    x, y = LEFT, y - LEGEND
    style.write(figure, x, height - TOP + y, "Subsets in a mark")
    x += style.width("Subsets in a mark") + 12
    for decade in range(_decades(data)):
        for draw, colour, share in ((dots, style.ORANGE, ROUND), (squares, style.BLUE, 1.0)):
            draw(axes, [(x, y + 3)], colour=colour, size=cell * share * _share(data, decade))
            x += cell + 2
        text = f"{10**decade:,} to {10 ** (decade + 1) - 1:,}"
        style.write(figure, x, height - TOP + y, text)
        x += style.width(text) + 14

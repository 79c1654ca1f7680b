"""Where everything of a forest plot goes: which columns there is room for, which rows there are, on which page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from reanalysis.figures import style
from reanalysis.figures.scale import Scale

ROW = 13.5
MARGIN = 4.0
GAP = 11.0
# Between two groups of rows.
SPACE = 6.0
# Of the width, what the plot itself has at least, and what a name has at most before it is broken over lines.
PLOT_SHARE = 0.21
NAME_SHARE = 0.30
# What is left of the two columns that are never left out, where nothing else gives way, in points.
NARROWEST = 52.0
# From the foot of the rows to the foot of the words below the axis.
AXIS = 46.0


@dataclass(frozen=True)
class Column:
    """A column of text.

    Parameters
    ----------
    heading
        Its lines, from the top.
    after
        Whether it stands right of the plot.
    dropped
        When it is left out for want of room: 1 first, then 2; 0 never.
    """

    heading: tuple[str, ...]
    after: bool = False
    dropped: int = 0


@dataclass(frozen=True)
class Line:
    """One study.

    Parameters
    ----------
    cells
        The texts of its columns.
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
    """A pooled estimate: texts, centre, interval and prediction interval on the scale of the analysis.

    `weight` is the sum of the printed weights of its studies, as text; `note` a line below it.
    """

    label: str
    text: str
    estimate: float
    low: float
    high: float
    prediction_label: str = ""
    prediction_text: str = ""
    prediction: tuple[float, float] | None = None
    weight: str = ""
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Studies under one heading, and their pool where they have one; without a heading they are all there are."""

    heading: str
    lines: Sequence[Line]
    summary: Summary | None = None


@dataclass(frozen=True)
class Forest:
    """All that a forest plot shows, finished.

    Parameters
    ----------
    columns
        The first names the study; the last one holds the printed estimate, and `weight` names that of the weights.
    """

    columns: Sequence[Column]
    weight: int
    groups: Sequence[Group]
    summary: Summary
    notes: Sequence[str]
    left_out: Sequence[tuple[str, str]]
    scale: Scale
    favours: tuple[str, str]

    @property
    def lines(self) -> list[Line]:
        """Return the lines of all groups."""
        return [line for group in self.groups for line in group.lines]

    @property
    def summaries(self) -> list[Summary]:
        """Return the pools of groups and of all studies."""
        return [*(group.summary for group in self.groups if group.summary is not None), self.summary]


@dataclass(frozen=True)
class Grid:
    """The columns there is room for: their places among all, left edges and widths, and the plot's, in points."""

    columns: tuple[int, ...]
    places: tuple[float, ...]
    widths: tuple[float, ...]
    plot_left: float
    plot: float
    width: float


@dataclass(frozen=True)
class Row:
    """One row: what it shows (a line, a summary, or a heading alone), its texts in lines, its height in points."""

    shows: Line | Summary | None
    cells: tuple[tuple[str, ...], ...]
    height: float
    bold: bool = False


def grid(data: Forest, width: float) -> Grid:
    """Return the columns that a width has room for, those that may be left out leaving in their declared order."""
    natural = [_natural(data, index) for index in range(len(data.columns))]
    kept = list(range(len(natural)))
    # A name broken over lines costs less than a column; what stands below the names is broken between words alone.
    labels = [text for one in data.summaries for text in (one.label, one.prediction_label)]
    longest = max(style.width(word, bold=True) for label in labels for word in [*label.split(), ""])
    natural[0] = min(max(natural[0], longest), max(NARROWEST, NAME_SHARE * width))
    plot = PLOT_SHARE * width
    for index in sorted((one for one in kept if data.columns[one].dropped), key=lambda one: data.columns[one].dropped):
        if _needed(natural, kept) + plot <= width:
            break
        kept.remove(index)
    if _needed(natural, kept) + plot > width:
        spare = width - plot - _needed(natural, kept) + natural[0] + natural[-1]
        natural[-1] = min(natural[-1], max(NARROWEST, spare - min(natural[0], max(NARROWEST, spare / 2))))
        natural[0] = max(NARROWEST, spare - natural[-1])
    before = [index for index in kept if not data.columns[index].after]
    left = MARGIN + sum(natural[index] + GAP for index in before)
    right = sum(natural[index] + GAP for index in kept if data.columns[index].after)
    plot = width - MARGIN - left - right
    places, x = [], MARGIN
    for index in kept:
        if data.columns[index].after and x < left + plot:
            x = left + plot + GAP
        places.append(x)
        x += natural[index] + GAP
    widths = tuple(natural[index] for index in kept)
    return Grid(tuple(kept), tuple(places), widths, left, plot, width)


def _needed(natural: Sequence[float], kept: Sequence[int]) -> float:
    return 2 * MARGIN + sum(natural[index] + GAP for index in kept)


def _natural(data: Forest, index: int) -> float:
    """Return how wide the texts of a column are."""
    texts = [(line.cells[index], False) for line in data.lines]
    texts += [(text, True) for text in data.columns[index].heading]
    if index == len(data.columns) - 1:
        texts += [(one.text, True) for one in data.summaries] + [(data.summary.prediction_text, False)]
    if index == data.weight:
        texts += [(one.weight, True) for one in data.summaries]
    return max(style.width(text, bold=bold) for text, bold in texts)


def blocks(data: Forest, made: Grid) -> list[list[Row]]:
    """Return the rows of the plot from the top, those that stay together in one list."""
    found: list[list[Row]] = []
    for group in data.groups:
        head = [_heading(group.heading, made)] if group.heading else []
        for line in group.lines:
            found.append([*head, _line(line, made)])
            head = []
        if group.summary is not None:
            found.append(_pool(group.summary, made, data))
        if group.heading:
            found[-1].append(Row(None, (), SPACE))
    return [*found, _pool(data.summary, made, data)]


def _heading(text: str, made: Grid) -> Row:
    wrapped = style.wrapped(text, made.plot_left - MARGIN - GAP, bold=True)
    return Row(None, (tuple(wrapped),), ROW * len(wrapped), bold=True)


def _line(line: Line, made: Grid) -> Row:
    cells = tuple(
        tuple(style.wrapped(line.cells[index], width + 0.01))
        for index, width in zip(made.columns, made.widths, strict=True)
    )
    return Row(line, cells, ROW * max(len(cell) for cell in cells))


def _pool(summary: Summary, made: Grid, data: Forest) -> list[Row]:
    """Return the row of a pool and, below it, that of its prediction interval and its note."""
    room = made.plot_left - MARGIN - GAP
    cells: list[tuple[str, ...]] = [()] * len(made.columns)
    cells[0] = tuple(style.wrapped(summary.label, room, bold=True))
    cells[-1] = tuple(style.wrapped(summary.text, made.widths[-1] + 0.01, bold=True))
    if data.weight in made.columns:
        cells[made.columns.index(data.weight)] = (summary.weight,)
    rows = [Row(summary, tuple(cells), ROW * max(len(cells[0]), len(cells[-1])), bold=True)]
    if summary.prediction is not None:
        cells = [()] * len(made.columns)
        cells[0] = tuple(style.wrapped(summary.prediction_label, room))
        cells[-1] = tuple(style.wrapped(summary.prediction_text, made.widths[-1] + 0.01))
        rows.append(Row(summary, tuple(cells), ROW * max(len(cells[0]), len(cells[-1]))))
    if summary.note:
        wrapped = tuple(style.wrapped(summary.note, room))
        rows.append(Row(None, (wrapped,), ROW * len(wrapped)))
    return rows


def pages(found: Sequence[Sequence[Row]], head: float, most: float) -> list[list[Row]]:
    """Return the rows of each page.

    Parameters
    ----------
    head, most
        The height of what every page has beside its rows, and that of a page.
    """
    made: list[list[Row]] = [[]]
    for block in found:
        high = sum(row.height for row in block)
        if made[-1] and head + sum(row.height for row in made[-1]) + high > most:
            made.append([])
        made[-1] += block
    return made


def tops(rows: Sequence[Row]) -> list[float]:
    """Return how far below the first row's top each row begins, in points."""
    return [0.0, *accumulate(row.height for row in rows)][:-1]

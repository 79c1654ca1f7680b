"""Every result without each study: a row a study, a panel a result, the full analysis as a line through each panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from reanalysis.figures import style
from reanalysis.figures.rows import MIDDLE, ROW, Mark, draw_rows, limits, shortened, ticks
from reanalysis.figures.scale import Scale
from reanalysis.figures.ticks import tick_label

NAMES = 120.0
GAP = 16.0
RIGHT = 6.0
LINE = 10.0
AXIS = 22.0
HEAD = 6.0
# Lines are wrapped by the width of plain letters.
BOLD = 0.93
# As many panels stand side by side; more stand below, with the names again.
MOST_PANELS = 7


@dataclass(frozen=True)
class Panel:
    """One result.

    Parameters
    ----------
    title
        What it is.
    whole
        With all studies.
    marks
        Without each, in the order of the rows; None where it cannot be had.
    null
        Where no difference lies; None where it lies nowhere.
    ends, at
        Of the axis, and its ticks; None to fit them to the marks.
    share
        How wide it is beside the others.
    """

    title: str
    whole: Mark
    marks: Sequence[Mark | None]
    scale: Scale
    null: float | None = None
    ends: tuple[float, float] | None = None
    at: Sequence[float] | None = None
    share: float = 1.0


@dataclass(frozen=True)
class LeaveOneOut:
    """All that the figure shows, finished; the names in bold are of influential studies."""

    heading: str
    names: Sequence[tuple[str, bool]]
    whole_name: str
    panels: Sequence[Panel]
    notes: Sequence[str]


def leave_one_out(data: LeaveOneOut) -> Figure:
    """Draw the results without each study."""
    blocks = [data.panels[start : start + MOST_PANELS] for start in range(0, len(data.panels), MOST_PANELS)]
    names = [(shortened(name, NAMES, bold=bold), bold) for name, bold in data.names]
    last = shortened(data.whole_name, NAMES, bold=True)
    left = max(style.width(text, bold=True) for text in (*(name for name, _ in names), last, data.heading)) + GAP
    notes = [line for note in data.notes for line in style.wrapped(note, style.DOUBLE - 2 * RIGHT)]
    rows = ROW * (len(names) + 1)
    heads = [_heads(block, left) for block in blocks]
    tall = [HEAD + LINE * max(len(lines) for lines in head) + rows + AXIS for head in heads]
    figure = style.sheet(style.DOUBLE, sum(tall) + LINE * len(notes) + HEAD)
    top = sum(tall) + LINE * len(notes) + HEAD
    for block, head, height in zip(blocks, heads, tall, strict=True):
        bottom = top - height + AXIS
        style.write(figure, 0, bottom + rows + 4, data.heading, bold=True)
        for place, (name, bold) in enumerate(names):
            style.write(figure, 0, bottom + rows - ROW * (place + 1) + MIDDLE, name, bold=bold)
        style.write(figure, 0, bottom + MIDDLE, last, bold=True, colour=style.ORANGE)
        for panel, lines, (x, wide) in zip(block, head, _places(block, left), strict=True):
            for line, text in enumerate(reversed(lines)):
                style.write(figure, x, bottom + rows + 4 + LINE * line, text, bold=True)
            _panel(figure, panel, (x, bottom, wide, rows))
        top -= height
    for place, text in enumerate(notes):
        style.write(figure, 0, top - LINE * (place + 1), text, colour=style.GREY)
    return figure


def _places(block: Sequence[Panel], left: float) -> list[tuple[float, float]]:
    """Return where each panel begins and how wide it is, in points."""
    room = style.DOUBLE - RIGHT - left - GAP * (len(block) - 1)
    widths = [room * panel.share / sum(one.share for one in block) for panel in block]
    return [(left + sum(widths[:place]) + GAP * place, wide) for place, wide in enumerate(widths)]


def _heads(block: Sequence[Panel], left: float) -> list[list[str]]:
    """Return the title of each panel in lines that fit over it."""
    # The last one has no gap behind it to reach into.
    room = [wide + GAP - 8 for _, wide in _places(block, left)]
    room[-1] += RIGHT + 8 - GAP
    return [
        [shortened(line, most, bold=True) for line in style.wrapped(panel.title, BOLD * most)]
        for panel, most in zip(block, room, strict=True)
    ]


def _panel(figure: Figure, panel: Panel, place: tuple[float, float, float, float]) -> None:
    axes = style.panel(figure, *place)
    height = place[3]
    known = [one for one in (*panel.marks, panel.whole) if one is not None]
    axes.set_xlim(*(panel.ends or limits(known, [*panel.whole.known, *([] if panel.null is None else [panel.null])])))
    axes.set_ylim(0, height)
    if panel.null is not None:
        axes.axvline(panel.null, color=style.INK, linewidth=style.HAIRLINE, zorder=1)
    lines = panel.whole.known[:1] if panel.whole.value is not None else panel.whole.known
    for x in lines:
        axes.plot((x, x), (0, height), color=style.ORANGE, linewidth=style.LINE, linestyle=(0, (4, 3)), zorder=1)
    middles = [height - ROW * (row + 0.5) for row in range(len(panel.marks))]
    draw_rows(axes, [(y, one) for y, one in zip(middles, panel.marks, strict=True) if one is not None])
    draw_rows(axes, [(ROW / 2, panel.whole)], colour=style.ORANGE)
    if panel.whole.value is not None:
        axes.plot([panel.whole.value], [ROW / 2], "D", color=style.ORANGE, markersize=5, zorder=4)
    if panel.at is None:
        ticks(axes, panel.scale, place[2])
    else:
        axes.set_xticks(panel.at, [tick_label(one) for one in panel.at])
    axes.set_yticks([])
    style.bare(axes, "bottom")

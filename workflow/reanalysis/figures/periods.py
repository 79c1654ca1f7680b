"""When each study included patients: a bar a study, shaded where studies that may share patients ran at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from reanalysis.figures import style
from reanalysis.figures.rows import MIDDLE, MOST_ROWS, ROW, shortened
from reanalysis.figures.strokes import Stroke, strokes
from reanalysis.figures.ticks import plain_ticks, tick_label

NAMES = 130.0
GAP = 10.0
RIGHT = 4.0
HEAD = 14.0
AXIS = 34.0
LEGEND = 14.0
BAR = 0.5
THIN = 0.22
# What lasts one year has no length, and is to be seen.
LEAST = 2.0
# Rows without names are no lower than this.
LOWEST = 2.5


@dataclass(frozen=True)
class Bar:
    """One study: first and last year of inclusion, year of publication, and the period as text."""

    name: str
    period: tuple[float, float] | None
    published: float | None
    text: str
    pooled: bool


@dataclass(frozen=True)
class Group:
    """Studies under one another, with a name and spans of years to shade where they are a cluster."""

    name: str
    bars: Sequence[Bar]
    overlaps: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Periods:
    """All that the figure shows, finished."""

    groups: Sequence[Group]


def periods(data: Periods) -> Figure:
    """Draw the periods of inclusion."""
    bars = [bar for group in data.groups for bar in group.bars]
    dense = len(bars) > MOST_ROWS
    pitch = max(LOWEST, ROW * MOST_ROWS / len(bars)) if dense else ROW
    rows = pitch * len(bars) + ROW * sum(bool(group.name) for group in data.groups)
    left = 0.0 if dense else max(style.width(shortened(bar.name, NAMES), bold=True) for bar in bars) + GAP
    right = 0.0 if dense else max(style.width(text) for text in ("Inclusion", *(bar.text for bar in bars))) + GAP
    figure = style.sheet(style.DOUBLE, LEGEND + AXIS + rows + HEAD)
    bottom = LEGEND + AXIS
    axes = style.panel(figure, left + 4, bottom, style.DOUBLE - RIGHT - left - right - 4, rows)
    axes.set_xlim(*_ends(bars))
    axes.set_ylim(0, rows)
    if not dense:
        style.write(figure, 0, bottom + rows + 4, "Study", bold=True)
        style.write(figure, style.DOUBLE, bottom + rows + 4, "Inclusion", align="right", bold=True)
    _draw(figure, axes, data, pitch, dense)
    years = [year for year in plain_ticks(*axes.get_xlim()) if float(year).is_integer()]
    axes.set_xticks(years, [tick_label(year) for year in years])
    axes.set_yticks([])
    axes.set_xlabel("Year")
    style.bare(axes, "bottom")
    _legend(figure, bars, any(group.overlaps for group in data.groups))
    return figure


def _ends(bars: Sequence[Bar]) -> tuple[float, float]:
    years = [year for bar in bars for year in (*(bar.period or ()), bar.published) if year is not None]
    pad = 0.03 * (max(years) - min(years)) or 1.0
    return min(years) - pad, max(years) + pad


def _draw(figure: Figure, axes: Axes, data: Periods, pitch: float, dense: bool) -> None:
    """Draw all groups from the top; marks of one look are one path."""
    bottom, y = LEGEND + AXIS, axes.get_ylim()[1]
    thick: dict[bool, list[Stroke]] = {True: [], False: []}
    published = []
    for group in data.groups:
        if group.name:
            y -= ROW
            style.write(figure, 0, bottom + y + MIDDLE, group.name, colour=style.ORANGE, bold=True)
        _shade(axes, group, (y - pitch * len(group.bars), y))
        for bar in group.bars:
            y -= pitch
            middle = y + pitch / 2
            if bar.period is not None:
                start, end = _seen(axes, bar.period)
                thick[bar.pooled].append((start, middle, end, middle))
            if bar.published is not None:
                published.append((bar.published, middle))
            if not dense:
                colour = style.INK if bar.pooled else style.GREY
                style.write(figure, 0, bottom + middle - MIDDLE, shortened(bar.name, NAMES), colour=colour)
                style.write(figure, style.DOUBLE, bottom + middle - MIDDLE, bar.text, align="right", colour=colour)
    for pooled, share, colour in ((True, BAR, style.BLUE), (False, THIN, style.GREY)):
        strokes(axes, thick[pooled], colour=colour, width=share * pitch)
    axes.plot(
        [x for x, _ in published], [y for _, y in published], "D", linestyle="none", color=style.ORANGE,
        markersize=min(4.5, 0.8 * pitch), markeredgewidth=0, clip_on=False, zorder=4,
    )  # fmt: skip


def _seen(axes: Axes, span: tuple[float, float]) -> tuple[float, float]:
    """Return the ends of a span of years, drawn apart where they are one."""
    low, high = axes.get_xlim()
    least = LEAST * (high - low) / (axes.get_window_extent().width * 72 / axes.figure.dpi)
    more = max(0.0, least - (span[1] - span[0])) / 2
    return span[0] - more, span[1] + more


def _shade(axes: Axes, group: Group, rows: tuple[float, float]) -> None:
    for start, end in (_seen(axes, span) for span in group.overlaps):
        corner, wide = (start, rows[0]), end - start
        axes.add_patch(
            Rectangle(corner, wide, rows[1] - rows[0], facecolor=style.ORANGE, alpha=0.18, linewidth=0, zorder=1)
        )


def _legend(figure: Figure, bars: Sequence[Bar], shaded: bool) -> None:
    """Explain the marks that the figure has in one line below it."""
    axes = style.panel(figure, 0, 0, style.DOUBLE, LEGEND)
    axes.set_xlim(0, style.DOUBLE)
    axes.set_ylim(0, LEGEND)
    axes.set_xticks([])
    axes.set_yticks([])
    style.bare(axes)
    x, y = 4.0, 6.0
    pooled = {bar.pooled for bar in bars if bar.period is not None}
    for there, text, colour, wide in (
        (True in pooled, "inclusion", style.BLUE, BAR * ROW),
        (False in pooled, "inclusion, not in the analysis", style.GREY, THIN * ROW),
    ):
        if there:
            strokes(axes, [(x, y, x + 16, y)], colour=colour, width=wide)
            style.write(figure, x + 22, y - 3, text)
            x += 22 + style.width(text) + 16
    if any(bar.published is not None for bar in bars):
        axes.plot([x], [y], "D", color=style.ORANGE, markersize=4.5, markeredgewidth=0)
        style.write(figure, x + 8, y - 3, "publication")
        x += 8 + style.width("publication") + 16
    if shaded:
        axes.add_patch(Rectangle((x, y - 4), 14, 8, facecolor=style.ORANGE, alpha=0.18, linewidth=0))
        style.write(figure, x + 20, y - 3, "studies of a cluster include at once")

"""The bubble plot of a meta-regression: effect against moderator, bubbles by weight, the fitted line with its bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reanalysis.figures import style
from reanalysis.figures.labels import Label, label_points
from reanalysis.figures.legend import Entry, legend
from reanalysis.figures.scale import Scale
from reanalysis.figures.ticks import plain_ticks, ratio_ticks, tick_label

MARGIN = 4.0
RIGHT = 8.0
LINE = 11.0
PLOT = 175.0
BOTTOM = 36.0
LARGEST_RADIUS = 8.0
SMALLEST_RADIUS = 1.6
TRIANGLE = 2.5
# A band may lengthen the axis of effects by this share at either end.
LONGER = 0.5
# A study with less than this share of the mean weight does not lengthen it.
LEAST_WEIGHT = 0.1
# Of more studies than this, bubbles are smaller and periods lie behind them.
CROWD = 40
# Plates behind names lie over the bands and under the fitted line, the bubbles and the periods.
PLATES = 1.5
# The last tick is no further beyond the last study than this share of the axis.
TICKS = 0.06
# Names may take at most this share of the width beside the last bubble.
MOST_ROOM = 0.3
CONFIDENCE = (0, (5, 2))
PREDICTION = (0, (1, 1.6))
# Weights whose bubbles the legend may show, in percent.
SHARES = (40.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5)


@dataclass(frozen=True)
class Point:
    """One study: its moderator, effect, weight in percent, and the period it recruited in; without a name, no label."""

    label: str
    x: float
    y: float
    weight: float
    bar: tuple[float, float] | None
    hollow: bool


@dataclass(frozen=True)
class Line:
    """The fitted line at one value of the moderator."""

    x: float
    fit: float
    ci_low: float
    ci_high: float
    prediction_low: float | None
    prediction_high: float | None


@dataclass(frozen=True)
class Bubble:
    """All that one panel shows, finished; effects on the scale of the analysis."""

    title: str
    caption: Sequence[str]
    points: Sequence[Point]
    curve: Sequence[Line]
    log_n: bool
    scale: Scale


@dataclass(frozen=True)
class Place:
    """What all panels share: the widths of each and of its left margin, the ends of the axis of effects, weights."""

    wide: float
    left: float
    effects: tuple[float, float]
    heaviest: float
    studies: int

    def radius(self, point: Point) -> float:
        """Return the radius of a study's bubble, in points."""
        return radius(point.weight, self.heaviest, self.studies)


def bubble(panels: Sequence[Bubble]) -> tuple[Figure, tuple[float, ...]]:
    """Draw a panel a meta-regression, with one scale of effects and of weights for all of them.

    Return the figure, and where pages of print begin, in points from the top.
    """
    if not panels:
        figure = style.sheet(style.full_width(), 4 * LINE)
        said = "No meta-regression on a single numeric moderator was asked for."
        style.write(figure, MARGIN, 2 * LINE, said)
        return figure, ()
    most = max(1, int(style.full_width() / style.SINGLE + 1e-6))
    columns, wide = min(most, len(panels)), style.full_width() / most
    low, high = effects(panels)
    margin = style.margin(panels[0].scale.ticks(low, high)[1])
    inner = wide - margin - RIGHT
    heads = [_head(data, inner) for data in panels]
    head = LINE * max(len(lines) for lines in heads) + 8
    heaviest = max(point.weight for panel in panels for point in panel.points)
    studies = max(len(panel.points) for panel in panels)
    place = Place(wide, margin, (low, high), heaviest, studies)
    rows, tall = math.ceil(len(panels) / columns), head + PLOT + BOTTOM
    entries = _entries(panels, place)
    foot = legend(None, entries, (MARGIN, columns * wide - MARGIN), 0.0)
    figure = style.sheet(columns * wide, rows * tall + foot)
    for index, (data, lines) in enumerate(zip(panels, heads, strict=True)):
        left = margin + wide * (index % columns)
        bottom = foot + tall * (rows - 1 - index // columns) + BOTTOM
        axes = style.panel(figure, left, bottom, inner, PLOT)
        _panel(figure, axes, data, place)
        for line, (text, bold) in enumerate(lines, start=1):
            y = bottom + PLOT + head - LINE * line
            style.write(
                figure, left, y, f"{chr(65 + index % 26)}  {text}" if line == 1 < len(panels) else text, bold=bold
            )
    legend(figure, entries, (MARGIN, columns * wide - MARGIN), foot)
    a_page = max(1, int((style.PAGE - foot) // tall))
    return figure, tuple(tall * row for row in range(a_page, rows, a_page))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _head(data: Bubble, wide: float) -> list[tuple[str, bool]]:
    """Return the lines above a panel: its name, and what its model says."""
    title = style.shortened(_sentence(data.title), wide - style.width("A  ", bold=True), bold=True)
    return [(title, True), *((line, False) for text in data.caption for line in style.wrapped(text, wide))]


def effects(panels: Sequence[Bubble]) -> tuple[float, float]:
    """Return the limits of the axis of effects: all points that weigh something, what fits of others and of bands."""
    heavy = [
        point.y for panel in panels for point in panel.points if point.weight >= LEAST_WEIGHT * 100 / len(panel.points)
    ]
    low, high = min(*heavy, panels[0].scale.null), max(*heavy, panels[0].scale.null)
    longer = LONGER * (high - low) or 1.0
    ends = [end for panel in panels for line in panel.curve for end in (line.ci_low, line.ci_high)]
    ends += [point.y for panel in panels for point in panel.points]
    low, high = min(low, max(low - longer, min(ends))), max(high, min(high + longer, max(ends)))
    pad = 0.07 * (high - low)
    return low - pad, high + pad


def radius(weight: float, heaviest: float, studies: int) -> float:
    """Return the radius of a bubble in points: its area is in proportion to its weight, but for the smallest."""
    largest = LARGEST_RADIUS * min(1.0, math.sqrt(CROWD / studies))
    return max(SMALLEST_RADIUS, largest * math.sqrt(weight / heaviest))


def _panel(figure: Figure, axes: Axes, data: Bubble, place: Place) -> None:
    xs = [point.x for point in data.points] + [end for point in data.points for end in (point.bar or ())]
    pad = 0.06 * (max(xs) - min(xs)) or 1.0
    axes.set_xlim(min(xs) - pad, max(xs) + pad + _room(data, max(xs) - min(xs) + 2 * pad, place))
    axes.set_ylim(*place.effects)
    low, high = place.effects
    _bands(axes, data)
    axes.axhline(data.scale.null, color=style.INK, linewidth=style.HAIRLINE, zorder=0)
    names = []
    # Small bubbles over large ones.
    for point in sorted(data.points, key=lambda one: -one.weight):
        size, y = place.radius(point), min(max(point.y, low), high)
        # A triangle points to a study beyond the axis.
        marker = "o" if y == point.y else "v" if point.y < low else "^"
        size = size if marker == "o" else max(size, TRIANGLE)
        axes.plot(
            [point.x], [y], marker, markersize=2 * size, markerfacecolor="white" if point.hollow else style.SKY,
            markeredgecolor=style.BLUE, markeredgewidth=style.LINE, alpha=0.85, clip_on=False, zorder=3,
        )  # fmt: skip
        names.append(Label(point.label, point.x, y, size))
        _period(axes, point, crowded=len(data.points) > CROWD)
    bars = [((point.bar[0], point.y), (point.bar[1], point.y)) for point in data.points if point.bar is not None]
    null = ((axes.get_xlim()[0], data.scale.null), (axes.get_xlim()[1], data.scale.null))
    # Of many studies there is room beside few periods.
    crowded = len(data.points) > CROWD
    marks = _steps(data) if crowded else [*bars, *_steps(data)]
    label_points(figure, axes, names, [*bars, null] if crowded else [null], marks=marks, under=PLATES)
    _ticks(axes, data, place)


def _room(data: Bubble, span: float, place: Place) -> float:
    """Return how far the axis goes on for names, where periods end at their bubbles and only the right is free."""
    ends = all(point.bar is not None and point.bar[1] == point.x for point in data.points)
    if not ends or len(data.points) > CROWD:
        return 0.0
    inner = place.wide - place.left - RIGHT
    longest = max(style.width(point.label) for point in data.points) + LARGEST_RADIUS
    share = min(longest / inner, MOST_ROOM)
    return span * share / (1 - share)


def _period(axes: Axes, point: Point, *, crowded: bool) -> None:
    """Draw the period of inclusion through a bubble; where there are many, behind all of them."""
    if point.bar is None:
        return
    ends = (point.y, point.y)
    if crowded:
        axes.plot(point.bar, ends, color=style.GREY, linewidth=style.HAIRLINE / 2, zorder=1)
        return
    axes.plot(point.bar, ends, color=style.INK, linewidth=style.HAIRLINE, zorder=4)
    axes.plot(point.bar, ends, "|", color=style.INK, markersize=3, zorder=4)


def _bands(axes: Axes, data: Bubble) -> None:
    """Draw the fitted line, and the bands with lines of their own: broken for confidence, dotted for prediction."""
    grid = [line.x for line in data.curve]
    lows, highs = [line.ci_low for line in data.curve], [line.ci_high for line in data.curve]
    axes.fill_between(grid, lows, highs, color=style.ORANGE, alpha=0.12, linewidth=0, zorder=0)
    for values in (lows, highs):
        axes.plot(grid, values, color=style.ORANGE, linewidth=0.7, linestyle=CONFIDENCE, zorder=1)
    for ends in ("prediction_low", "prediction_high"):
        values = [getattr(line, ends) for line in data.curve]
        if None not in values:
            axes.plot(grid, values, color=style.ORANGE, linewidth=0.9, linestyle=PREDICTION, zorder=1)
    axes.plot(grid, [line.fit for line in data.curve], color=style.ORANGE, linewidth=1.4, zorder=2)


def _steps(data: Bubble) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the fitted line in pieces, each of which names keep off."""
    return [((a.x, a.fit), (b.x, b.fit)) for a, b in pairwise(data.curve)]


def _ticks(axes: Axes, data: Bubble, place: Place) -> None:
    low, high = axes.get_ylim()
    axes.set_yticks(*data.scale.ticks(low, high))
    left, right = axes.get_xlim()
    if data.log_n:
        powers = [10.0**power for power in range(10) if left <= math.log(10.0**power) <= right]
        many = powers if len(powers) > 1 else ratio_ticks(math.exp(left), math.exp(right), 4)
        axes.set_xticks([math.log(tick) for tick in many], [f"{tick:,.10g}" for tick in many])
        axes.set_xlabel("Patients, logarithmic scale")
    else:
        last = max(max(point.x, *(point.bar or ())) for point in data.points)
        ticks = [
            tick for tick in plain_ticks(left, right, 6) if tick <= max(last, data.curve[-1].x) + TICKS * (right - left)
        ]
        axes.set_xticks(ticks, [tick_label(tick) for tick in ticks])
        axes.set_xlabel(style.shortened(_sentence(data.title), place.wide - place.left - RIGHT))
    style.name_upright(axes, data.scale.measure, place.left, place.wide - place.left - RIGHT)
    style.bare(axes, "left", "bottom")


def _entries(panels: Sequence[Bubble], place: Place) -> list[Entry]:
    """Return what explains bubble sizes, bands and bars."""
    shares = [share for share in SHARES if share <= place.heaviest][:3] or [place.heaviest]
    points = [point for panel in panels for point in panel.points]
    made = [Entry("Weight")]
    made += [
        Entry(f"{share:.2g}%", marker="o", face=style.SKY, size=2 * radius(share, place.heaviest, place.studies))
        for share in shares
    ]
    if any(point.hollow for point in points):
        made.append(Entry("SE from p", marker="o", face="white", size=6.0))
    made.append(Entry("fitted line", colour=style.ORANGE, thick=1.4))
    made.append(Entry("confidence band", colour=style.ORANGE, thick=0.7, dashes=CONFIDENCE))
    if any(line.prediction_low is not None for panel in panels for line in panel.curve):
        made.append(Entry("prediction band", colour=style.ORANGE, thick=0.9, dashes=PREDICTION))
    if any(point.bar for point in points):
        made.append(Entry("inclusion period", colour=style.INK, thick=style.HAIRLINE))
    return made

"""Names beside points, none over another: each takes the nearest free place, with a leader where it had to go far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reanalysis.figures import style

# Directions in the order that a reader expects: right, left, then above and below.
ANGLES = (0, 180, 30, -30, 150, -150, 60, -60, 120, -120, 90, -90)
DISTANCES = (3.0, 8.0, 14.0, 20.0, 28.0, 38.0, 50.0, 64.0)
# Beyond this distance from the point's edge a line leads back to it.
LEADER = 6.0
# How much worse a leader across a name or a point is, for each.
CROSSED = 60.0
# Names overlap by more than this, in square points, or leave the axes by more, in points, where they are left out.
TOUCHING = 0.5
# White between a leader and its name.
CLEAR = 1.5
# How often all names are placed anew, at most.
SWEEPS = 4
STEPS = 12
LINE_HEIGHT = 9.4
# A name has at most this much room, in points and of the width of the axes.
LONGEST = 110.0
LONGEST_SHARE = 0.4
# How much worse a name nearer to a stranger's point is than one that touches something, in points.
MISTAKEN = 8.0
# How much worse words over words or over a point are than words over a thin line, by area.
WORDS = 10.0
# How much worse it is to touch a name that is written than to touch nothing.
LOST = 300.0
# As WORDS, for words over a line that is a mark.
MARKED = 4.0
# How much worse a leader across such a line is, for each.
MARKED_CROSSED = 30.0
# Room at each side of a thin line, and of a mark that names keep off, in points.
HAIR, MARK = 0.5, 1.5

FloatArray = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]
Segment = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Label:
    """A name, its point in data units, and the point's radius in points."""

    text: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Around:
    """What a name keeps off: boxes of words and points, of names alone, of marks, of thin lines, and other points."""

    others: FloatArray
    written: FloatArray
    marks: FloatArray
    thin: FloatArray
    points: FloatArray
    radii: FloatArray
    inside: Box


def label_points(
    figure: Figure,
    axes: Axes,
    labels: Sequence[Label],
    lines: Sequence[Segment] = (),
    words: Sequence[Label] = (),
    *,
    marks: Sequence[Segment] = (),
    under: float | None = None,
) -> None:
    """Write each name beside its point, inside the axes, off the upright and level `lines` where there is room.

    `words` stand there already, each in the middle of its place; `marks` are lines that names and their leaders keep
    off more. A long name is shortened, and one that would touch another is left out, so that what stands there can be
    read. Plates behind names lie over all marks, or inside the axes at the level `under`, below what lies above it.
    """
    scale = 72 / figure.dpi
    frame = axes.get_window_extent()
    inside = (scale * frame.x0, scale * frame.y0, scale * frame.x1, scale * frame.y1)
    longest = min(LONGEST, LONGEST_SHARE * (inside[2] - inside[0]))
    labels = [replace(one, text=style.shortened(one.text, longest)) for one in labels]
    centres = [tuple(scale * value for value in axes.transData.transform((one.x, one.y))) for one in labels]
    taken = [
        (x - one.radius, y - one.radius, x + one.radius, y + one.radius)
        for one, (x, y) in zip(labels, centres, strict=True)
    ]
    for one in words:
        x, y = (scale * value for value in axes.transData.transform((one.x, one.y)))
        wide, high = style.width(one.text) / 2 + one.radius, LINE_HEIGHT / 2 + one.radius
        taken.append((x - wide, y - high, x + wide, y + high))
    barred = [_segment(axes, scale, ends, MARK) for ends in marks]
    thin = [_segment(axes, scale, ends, HAIR) for ends in lines]
    # From the outside in: a point at the edge has fewer places to choose from. Empty names ask for no place.
    middle = (inside[0] + inside[2]) / 2
    order = [index for index in range(len(labels)) if labels[index].text]
    order.sort(key=lambda index: -abs(centres[index][0] - middle))
    placed: dict[int, tuple[Box, float]] = {}
    # Names that were placed early see those that came later only when they are placed again.
    for _ in range(SWEEPS):
        before = dict(placed)
        for index in order:
            others = [box for place, box in enumerate(taken) if place != index]
            names = [box for place, (box, _) in placed.items() if place != index]
            away = [place for place in range(len(labels)) if place != index]
            around = Around(
                others=np.array(others + names).reshape(-1, 4),
                written=np.array(names).reshape(-1, 4),
                marks=np.array(barred).reshape(-1, 4),
                thin=np.array(thin).reshape(-1, 4),
                points=np.array([centres[place] for place in away]).reshape(-1, 2),
                radii=np.array([labels[place].radius for place in away]),
                inside=inside,
            )
            placed[index] = _place(labels[index], centres[index], around)
        if placed == before:
            break
    written = list(taken[len(labels) :])
    for index, (box, distance) in sorted(placed.items()):
        if _overlap(box, np.array(written).reshape(-1, 4)) > TOUCHING or _outside(box, inside) > TOUCHING:
            continue
        written.append(box)
        if under is not None:
            _plate(figure, axes, box, under)
        style.write(figure, box[0], box[1] + 1.6, labels[index].text, halo=under is None)
        if distance > LEADER:
            _leader(figure, centres[index], box, labels[index].radius)


def _segment(axes: Axes, scale: float, ends: Segment, half: float) -> Box:
    """Return the box of a line with some room at each side, in points."""
    (x0, y0), (x1, y1) = (scale * axes.transData.transform(end) for end in ends)
    return min(x0, x1) - half, min(y0, y1) - half, max(x0, x1) + half, max(y0, y1) + half


def _plate(figure: Figure, axes: Axes, box: Box, level: float) -> None:
    """Lay a pale plate behind a name, inside the axes, so that marks above its level are drawn whole."""
    from matplotlib.patches import Rectangle  # noqa: PLC0415 (few figures need one)

    wide, high = figure.get_size_inches() * 72
    axes.add_patch(
        Rectangle(
            (box[0] / wide, box[1] / high), (box[2] - box[0]) / wide, (box[3] - box[1]) / high,
            transform=figure.transFigure, facecolor="white", edgecolor="none", alpha=style.PLATE, linewidth=0,
            zorder=level,
        )
    )  # fmt: skip


def _place(one: Label, centre: tuple[float, ...], around: Around) -> tuple[Box, float]:
    """Return the first free box round a point, not nearer to another point; the least crowded where none is."""
    wide = style.width(one.text)
    best: tuple[float, Box, float] | None = None
    for distance in DISTANCES:
        for angle in ANGLES:
            box = _box(centre, one.radius + distance, math.radians(angle), wide)
            crowd = WORDS * _overlap(box, around.others) + 100 * _outside(box, around.inside)
            # One of two names that touch is left out.
            crowd += LOST * (_overlap(box, around.written) > TOUCHING)
            crowd += MARKED * _overlap(box, around.marks) + _overlap(box, around.thin)
            nearest = float(np.min(_distance(box, around.points) - around.radii, initial=math.inf))
            own = float(_distance(box, np.array([centre]))[0]) - one.radius
            crowd += MISTAKEN * max(0.0, own - nearest + 1)
            if distance > LEADER and (best is None or crowd < best[0]):
                crowd += CROSSED * _crossed(centre, box, around.others, one.radius)
                crowd += MARKED_CROSSED * _crossed(centre, box, around.marks, one.radius)
            if crowd == 0:
                return box, distance
            if best is None or crowd < best[0]:
                best = crowd, box, distance
    assert best is not None  # noqa: S101 (there is always a first place)
    return best[1], best[2]


def _box(centre: tuple[float, ...], away: float, angle: float, wide: float) -> Box:
    x, y = centre[0] + away * math.cos(angle), centre[1] + away * math.sin(angle)
    left = x if math.cos(angle) > 0.1 else x - wide if math.cos(angle) < -0.1 else x - wide / 2  # noqa: PLR2004 (upright)
    low = y - LINE_HEIGHT / 2 * (1 - math.sin(angle))
    return left, low, left + wide, low + LINE_HEIGHT


def _outside(box: Box, inside: Box) -> float:
    across = max(0.0, inside[0] - box[0]) + max(0.0, box[2] - inside[2])
    return across + max(0.0, inside[1] - box[1]) + max(0.0, box[3] - inside[3])


def _distance(box: Box, points: FloatArray) -> FloatArray:
    """Return how far each of some points, shape (n, 2), is from a box."""
    across = np.maximum(np.maximum(box[0] - points[:, 0], points[:, 0] - box[2]), 0.0)
    up = np.maximum(np.maximum(box[1] - points[:, 1], points[:, 1] - box[3]), 0.0)
    return np.asarray(np.hypot(across, up))


def _overlap(box: Box, others: FloatArray) -> float:
    """Return the area that a box shares with others, shape (n, 4)."""
    across = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    up = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    return float(np.sum(np.maximum(across, 0.0) * np.maximum(up, 0.0)))


def _end(centre: tuple[float, ...], box: Box) -> tuple[float, float]:
    """Return where a leader meets its name."""
    return (
        min(max(centre[0], box[0] - CLEAR), box[2] + CLEAR),
        min(max(centre[1], box[1] - CLEAR / 2), box[3] + CLEAR / 2),
    )


def _crossed(centre: tuple[float, ...], box: Box, others: FloatArray, radius: float) -> int:
    """Return how many other boxes the leader of a name runs through, looked at in steps."""
    end = _end(centre, box)
    length = math.hypot(end[0] - centre[0], end[1] - centre[1])
    shares = np.arange(1, STEPS) / STEPS
    shares = shares[shares * length > radius]
    x, y = (from_ + shares[:, None] * (to - from_) for from_, to in zip(centre, end, strict=True))
    within = (others[:, 0] <= x) & (x <= others[:, 2]) & (others[:, 1] <= y) & (y <= others[:, 3])
    return int(np.sum(within.any(axis=0)))


def _leader(figure: Figure, centre: tuple[float, ...], box: Box, radius: float) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415 (few figures need one)

    end = _end(centre, box)
    length = math.hypot(end[0] - centre[0], end[1] - centre[1])
    if length <= radius:
        return
    start = tuple(from_ + radius * (to - from_) / length for from_, to in zip(centre, end, strict=True))
    size = figure.get_size_inches() * 72
    xs, ys = ((start[axis] / size[axis], end[axis] / size[axis]) for axis in (0, 1))
    figure.add_artist(
        Line2D(xs, ys, color=style.GREY, linewidth=style.HAIRLINE, transform=figure.transFigure, zorder=3)
    )

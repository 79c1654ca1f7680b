"""Names beside points, none over another: each takes the nearest free place, with a leader where it had to go far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reanalysis.figures import style

# Directions in the order that a reader expects: right, left, then above and below.
ANGLES = (0, 180, 30, -30, 150, -150, 60, -60, 120, -120, 90, -90)
DISTANCES = (3.0, 8.0, 14.0, 20.0, 28.0, 38.0)
# Beyond this distance from the point's edge a line leads back to it.
LEADER = 6.0
LINE_HEIGHT = 9.4
# How much worse a name nearer to a stranger's point is than one that touches something, in points.
MISTAKEN = 8.0
# How much worse words over words or over a point are than words over a thin line, by area.
WORDS = 10.0

Box = tuple[float, float, float, float]
Segment = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Label:
    """A name, its point in data units, and the point's radius in points."""

    text: str
    x: float
    y: float
    radius: float


def label_points(
    figure: Figure, axes: Axes, labels: Sequence[Label], lines: Sequence[Segment] = (), words: Sequence[Label] = ()
) -> None:
    """Write each name beside its point, inside the axes, off the upright and level `lines` where there is room.

    `words` stand there already, each in the middle of its place.
    """
    scale = 72 / figure.dpi
    frame = axes.get_window_extent()
    inside = (scale * frame.x0, scale * frame.y0, scale * frame.x1, scale * frame.y1)
    centres = [tuple(scale * value for value in axes.transData.transform((one.x, one.y))) for one in labels]
    taken = [
        (x - one.radius, y - one.radius, x + one.radius, y + one.radius)
        for one, (x, y) in zip(labels, centres, strict=True)
    ]
    for one in words:
        x, y = (scale * value for value in axes.transData.transform((one.x, one.y)))
        wide, high = style.width(one.text) / 2 + one.radius, LINE_HEIGHT / 2 + one.radius
        taken.append((x - wide, y - high, x + wide, y + high))
    thin = []
    for ends in lines:
        (x0, y0), (x1, y1) = (scale * axes.transData.transform(end) for end in ends)
        thin.append((min(x0, x1) - 0.5, min(y0, y1) - 0.5, max(x0, x1) + 0.5, max(y0, y1) + 0.5))
    # From the outside in: a point at the edge has fewer places to choose from.
    middle = (inside[0] + inside[2]) / 2
    order = sorted(range(len(labels)), key=lambda index: -abs(centres[index][0] - middle))
    for index in order:
        one, centre = labels[index], centres[index]
        others = [box for place, box in enumerate(taken) if place != index]
        strangers = [point for place, point in enumerate(centres) if place != index]
        box, distance = _place(one, centre, (others, thin), strangers, inside)
        taken.append(box)
        style.write(figure, box[0], box[1] + 1.6, one.text)
        if distance > LEADER:
            _leader(figure, centre, box, one.radius)


def _place(
    one: Label,
    centre: tuple[float, ...],
    obstacles: tuple[Sequence[Box], Sequence[Box]],
    strangers: Sequence[tuple[float, ...]],
    inside: Box,
) -> tuple[Box, float]:
    """Return the first free box round a point, not nearer to another point; the least crowded where none is."""
    wide = style.width(one.text)
    others, thin = obstacles
    best: tuple[float, Box, float] | None = None
    for distance in DISTANCES:
        for angle in ANGLES:
            box = _box(centre, one.radius + distance, math.radians(angle), wide)
            outside = max(0.0, inside[0] - box[0]) + max(0.0, box[2] - inside[2])
            outside += max(0.0, inside[1] - box[1]) + max(0.0, box[3] - inside[3])
            crowd = WORDS * sum(_overlap(box, other) for other in others) + 100 * outside
            crowd += sum(_overlap(box, line) for line in thin)
            nearest = min((_distance(box, point) for point in strangers), default=math.inf)
            crowd += MISTAKEN * max(0.0, _distance(box, centre) - nearest + 1)
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


def _distance(box: Box, point: tuple[float, ...]) -> float:
    across = max(box[0] - point[0], 0.0, point[0] - box[2])
    up = max(box[1] - point[1], 0.0, point[1] - box[3])
    return math.hypot(across, up)


def _overlap(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    up = min(one[3], other[3]) - max(one[1], other[1])
    return across * up if across > 0 and up > 0 else 0.0


def _leader(figure: Figure, centre: tuple[float, ...], box: Box, radius: float) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415 (few figures need one)

    end = min(max(centre[0], box[0]), box[2]), min(max(centre[1], box[1]), box[3])
    length = math.hypot(end[0] - centre[0], end[1] - centre[1])
    if length <= radius:
        return
    start = tuple(from_ + radius * (to - from_) / length for from_, to in zip(centre, end, strict=True))
    size = figure.get_size_inches() * 72
    xs, ys = ((start[axis] / size[axis], end[axis] / size[axis]) for axis in (0, 1))
    figure.add_artist(
        Line2D(xs, ys, color=style.GREY, linewidth=style.HAIRLINE, transform=figure.transFigure, zorder=3)
    )

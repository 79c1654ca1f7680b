"""Many marks of one look as one path: an SVG of a thousand marks stays as small as their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

# A dot is a stroke with round ends, too short to be seen as one. Of no length at all it would not be in the PNG.
DOT = 0.1

Stroke = tuple[float, float, float, float]


def strokes(
    axes: Axes,
    ends: Sequence[Stroke],
    *,
    colour: str,
    width: float,
    cap: Literal["butt", "projecting", "round"] = "butt",
    zorder: float = 2.0,
    **look: Any,  # noqa: ANN401 (what matplotlib knows of a patch)
) -> None:
    """Draw straight strokes, each from (x0, y0) to (x1, y1) in data units, of a width in points."""
    if not ends:
        return
    vertices = [place for x0, y0, x1, y1 in ends for place in ((x0, y0), (x1, y1))]
    path = Path(vertices, [Path.MOVETO, Path.LINETO] * len(ends))
    # Else a mark near to another may be taken for one with it.
    path.should_simplify = False
    axes.add_patch(
        PathPatch(
            path, facecolor="none", edgecolor=colour, linewidth=width, capstyle=cap, snap=False, zorder=zorder, **look
        )
    )


def dots(axes: Axes, places: Sequence[tuple[float, float]], *, colour: str, size: float, zorder: float = 3.0) -> None:
    """Draw round dots of a diameter in points, each in the middle of its place in data units."""
    half = DOT / 2 * _unit(axes)
    ends = [(x - half, y, x + half, y) for x, y in places]
    strokes(axes, ends, colour=colour, width=size, cap="round", zorder=zorder)


def squares(
    axes: Axes, places: Sequence[tuple[float, float]], *, colour: str, size: float, zorder: float = 3.0
) -> None:
    """Draw squares of a side in points, each in the middle of its place in data units."""
    half = size / 2 * _unit(axes)
    strokes(axes, [(x - half, y, x + half, y) for x, y in places], colour=colour, width=size, zorder=zorder)


def _unit(axes: Axes) -> float:
    """Return how much of the x axis a point of paper is."""
    low, high = axes.get_xlim()
    return (high - low) / (axes.get_window_extent().width * 72 / axes.figure.dpi)

"""What the marks of a figure mean: in lines below it, as many as its width asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reanalysis.figures import style

STROKE = 16.0
GAP = 9.0
LINE_HEIGHT = 14.0
FOOT = 5.0


@dataclass(frozen=True)
class Entry:
    """A mark and its words: a marker of a size in points, a line, or words alone; `size` is the height it needs too."""

    text: str
    marker: str = ""
    face: str = ""
    edge: str = style.BLUE
    size: float = 0.0
    colour: str = ""
    thick: float = 0.0
    dashes: Any = "-"

    @property
    def mark(self) -> float:
        """Return how wide the mark is, with the space behind it."""
        return STROKE + 4 if self.colour else self.size + 4 if self.marker else 0.0

    @property
    def wide(self) -> float:
        """Return how wide mark and words are."""
        return self.mark + style.width(self.text)


def legend(figure: Figure | None, entries: Sequence[Entry], ends: tuple[float, float], top: float) -> float:
    """Write entries from `top` downwards between two edges, in points; return the height they take.

    Without a figure nothing is drawn: the height alone is asked for.
    """
    lines: list[list[Entry]] = []
    for entry in entries:
        used = sum(one.wide + GAP for one in lines[-1]) if lines else 0.0
        if lines and used + entry.wide <= ends[1] - ends[0]:
            lines[-1].append(entry)
        else:
            lines.append([entry])
    y = top
    for line in lines:
        high = max(LINE_HEIGHT, *(entry.size + 3 for entry in line))
        y -= high
        x = ends[0]
        for entry in line if figure is not None else []:
            assert figure is not None  # noqa: S101 (for the type checker)
            _draw(figure, entry, x, y + high / 2)
            x += entry.wide + GAP
    return top - y + (FOOT if lines else 0.0)


def _draw(figure: Figure, entry: Entry, x: float, middle: float) -> None:
    wide, high = figure.get_size_inches() * 72
    if entry.marker:
        look: dict[str, Any] = {"markerfacecolor": entry.face, "markeredgecolor": entry.edge}
        figure.add_artist(
            Line2D(
                [(x + entry.size / 2) / wide], [middle / high], marker=entry.marker, markersize=entry.size,
                markeredgewidth=style.LINE, linestyle="", transform=figure.transFigure, **look,
            )
        )  # fmt: skip
    if entry.colour:
        figure.add_artist(
            Line2D(
                [x / wide, (x + STROKE) / wide], [middle / high] * 2, color=entry.colour, linewidth=entry.thick,
                linestyle=entry.dashes, solid_capstyle="butt", transform=figure.transFigure,
            )
        )  # fmt: skip
    style.write(
        figure, x + entry.mark, middle - 2.9, style.shortened(entry.text, wide - x - entry.mark), colour=style.INK
    )

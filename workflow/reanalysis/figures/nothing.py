"""A figure of what cannot be shown: one sentence that says why."""

from __future__ import annotations

from matplotlib.figure import Figure

from reanalysis.figures import style

LINE = 12.0
MARGIN = 8.0


def nothing(reason: str) -> Figure:
    """Return a sheet with the reason, in as many lines as it takes."""
    lines = style.wrapped(reason, style.full_width() - 2 * MARGIN)
    height = 2 * MARGIN + LINE * len(lines)
    figure = style.sheet(style.full_width(), height)
    for place, text in enumerate(lines, start=1):
        style.write(figure, MARGIN, height - MARGIN - LINE * place + 3, text, colour=style.GREY)
    return figure

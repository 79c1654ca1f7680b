"""What every figure shares: sizes, colours, the font, and files with the same bytes each time."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager, get_font
from matplotlib.ft2font import LoadFlags

from reanalysis.figures import FORMATS

POINTS_PER_MM = 72 / 25.4
# The width of two columns in print.
DOUBLE = 183 * POINTS_PER_MM

TEXT = 8.0
MEASURING_SCALE = 100
HAIRLINE = 0.5
LINE = 0.9

# Okabe and Ito 2008; red and green are never set against each other, and every colour has a shape or line beside it.
INK = "#1a1a1a"
GREY = "#6b6b6b"
PALE = "#c9c9c9"
BLUE = "#0072b2"
ORANGE = "#d55e00"
SKY = "#56b4e9"

FAMILY = "Reanalysis Roboto"
FONTS = Path(__file__).parent / "fonts"
PNG_DPI = 300

# matplotlib types its settings by a list of every name it knows, which a dictionary literal cannot meet.
RC: dict[Any, Any] = {
    "font.family": FAMILY,
    "font.size": TEXT,
    "axes.titlesize": TEXT,
    "axes.labelsize": TEXT,
    "axes.linewidth": HAIRLINE,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.unicode_minus": True,
    "xtick.labelsize": TEXT,
    "ytick.labelsize": TEXT,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": HAIRLINE,
    "ytick.major.width": HAIRLINE,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "legend.fontsize": TEXT,
    # Letters keep their own widths at every resolution, so that what fits on screen fits in print.
    "text.hinting": "no_hinting",
    "svg.fonttype": "path",
    # Makes the names inside an SVG the same from run to run.
    "svg.hashsalt": "reanalysis",
    "pdf.fonttype": 42,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}

# What would differ from run to run is left out.
METADATA: dict[str, dict[str, str | None]] = {
    "svg": {"Date": None, "Creator": "reanalysis"},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": "reanalysis", "Producer": None},
}


@cache
def _register_fonts() -> None:
    for path in sorted(FONTS.glob("*.ttf")):
        fontManager.addfont(path)


def use() -> None:
    """Set matplotlib up: the project's font and sizes, whatever the machine's own settings are."""
    _register_fonts()
    mpl.rcdefaults()
    mpl.rcParams.update(RC)


def sheet(width: float, height: float) -> Figure:
    """Return an empty figure of a size in points, at which it is printed."""
    return Figure(figsize=(width / 72, height / 72))


def panel(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Return axes at a place in points from the lower left corner of the figure."""
    total = figure.get_size_inches() * 72
    return figure.add_axes((left / total[0], bottom / total[1], width / total[0], height / total[1]))


def write(
    figure: Figure, x: float, y: float, text: str, *, align: str = "left", bold: bool = False, colour: str = INK
) -> None:
    """Write one line of text with its base line at a place in points from the lower left corner."""
    total = figure.get_size_inches() * 72
    weight = "bold" if bold else "normal"
    figure.text(x / total[0], y / total[1], text, ha=align, va="baseline", weight=weight, color=colour)


@cache
def width(text: str, *, bold: bool = False) -> float:
    """Return how far a line of text advances, in points."""
    font = get_font(str(FONTS / f"Roboto-{'Bold' if bold else 'Regular'}.ttf"))
    # Measured large and without hinting: at print size advances are whole pixels.
    font.set_size(TEXT, 72 * MEASURING_SCALE)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return float(font.get_width_height()[0]) / 64 / MEASURING_SCALE


def wrapped(text: str, most: float) -> list[str]:
    """Return a text in lines no wider than `most` points."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer) <= most:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def bare(axes: Axes, *keep: str) -> None:
    """Take away the frame but for the named sides."""
    for side in ("left", "right", "top", "bottom"):
        axes.spines[side].set_visible(side in keep)


def save(figure: Figure) -> dict[str, bytes]:
    """Return the figure as the bytes of each format."""
    made = {}
    for name in FORMATS:
        out = io.BytesIO()
        figure.savefig(out, format=name, dpi=PNG_DPI, metadata=METADATA[name])
        made[name] = out.getvalue()
    return made

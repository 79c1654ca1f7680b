"""What every figure shares: sizes, colours, the font, and files with the same bytes each time."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from reanalysis.figures import FORMATS

POINTS_PER_MM = 72 / 25.4
# The width of one column of a journal, and of two.
SINGLE = 89 * POINTS_PER_MM
DOUBLE = 183 * POINTS_PER_MM
# The tallest part of a figure that stays on one printed page, A4 or Letter, with its caption.
PAGE = 230 * POINTS_PER_MM

TEXT = 8.0
MEASURING_SCALE = 100
# What ticks and their padding take, and what an upright name does.
TICKS = 7.5
NAME = 16.0
HAIRLINE = 0.5
LINE = 0.9
PLATE = 0.65

# Okabe and Ito 2008; red and green are never set against each other, and every colour has a shape or line beside it.
INK = "#1a1a1a"
GREY = "#6b6b6b"
PALE = "#c9c9c9"
BLUE = "#0072b2"
ORANGE = "#d55e00"
SKY = "#56b4e9"
# For letters, which need more contrast than marks: orange, darker.
RUST = "#a34700"

FAMILY = "Reanalysis Roboto"
FONTS = Path(__file__).parent / "fonts"
# Comes with matplotlib, and writes what the first font has no letters for: Hebrew, Arabic, Armenian, Georgian.
FALLBACK = "DejaVu Sans"
FALLBACK_FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
PNG_DPI = 300
# The most pixels that a side of a picture can have.
MOST_PIXELS = 65_000

# matplotlib types its settings by a list of every name it knows, which a dictionary literal cannot meet.
RC: dict[Any, Any] = {
    "font.family": [FAMILY, FALLBACK],
    "font.size": TEXT,
    # A name with two dollar signs is a name, not a formula.
    "text.parse_math": False,
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


def use(width_mm: float = 183) -> None:
    """Set matplotlib up: the project's font and sizes, whatever the machine's own settings are.

    Parameters
    ----------
    width_mm
        The width that `full_width` returns, in mm.
    """
    _register_fonts()
    mpl.rcdefaults()
    mpl.rcParams.update(RC)
    mpl.rcParams["figure.figsize"] = (width_mm / 25.4, width_mm / 25.4)


def full_width() -> float:
    """Return the width in points that `use` was told to draw at: that of one column of a journal, or of two."""
    return float(mpl.rcParams["figure.figsize"][0]) * 72


def sheet(width: float, height: float) -> Figure:
    """Return an empty figure of a size in points, at which it is printed."""
    return Figure(figsize=(width / 72, height / 72))


def panel(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Return axes at a place in points from the lower left corner of the figure."""
    total = figure.get_size_inches() * 72
    return figure.add_axes((left / total[0], bottom / total[1], width / total[0], height / total[1]))


def write(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    *,
    align: str = "left",
    bold: bool = False,
    colour: str = INK,
    halo: bool = False,
) -> None:
    """Write one line of text with its base line at a place in points from the lower left corner.

    A halo, which is a pale plate, keeps it legible over lines.
    """
    total = figure.get_size_inches() * 72
    weight = "bold" if bold else "normal"
    made = figure.text(x / total[0], y / total[1], text, ha=align, va="baseline", weight=weight, color=colour)
    if halo:
        # A plate and no outline of each letter, which would make the SVG five times as large.
        made.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": PLATE, "pad": 0.0})


def _files(*, bold: bool) -> tuple[str, str]:
    """Return the fonts that a text is written with, the preferred one first."""
    return (
        str(FONTS / f"Roboto-{'Bold' if bold else 'Regular'}.ttf"),
        str(FALLBACK_FONTS / f"DejaVuSans{'-Bold' if bold else ''}.ttf"),
    )


@cache
def width(text: str, *, bold: bool = False) -> float:
    """Return how far a line of text advances, in points."""
    font = get_font(_files(bold=bold))
    # Measured large and without hinting: at print size advances are whole pixels.
    font.set_size(TEXT, 72 * MEASURING_SCALE)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return float(font.get_width_height()[0]) / 64 / MEASURING_SCALE


@cache
def writable(text: str) -> bool:
    """Whether the fonts have every letter of a text; Chinese, for one, they cannot write."""
    fonts = [get_font(file) for file in _files(bold=False)]
    return all(one.isspace() or any(font.get_char_index(ord(one)) for font in fonts) for one in text)


def wrapped(text: str, most: float, *, bold: bool = False) -> list[str]:
    """Return a text in lines no wider than `most` points; a word that is wider is broken."""
    lines: list[str] = []
    for word in (part for whole in text.split() for part in _broken(whole, most, bold=bold)):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, bold=bold) <= most:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _broken(word: str, most: float, *, bold: bool) -> list[str]:
    parts = [word]
    while width(parts[-1], bold=bold) > most and len(parts[-1]) > 1:
        last = parts.pop()
        fits = next((end for end in range(len(last) - 1, 1, -1) if width(last[:end], bold=bold) <= most), 1)
        parts += [last[:fits], last[fits:]]
    return parts


def shortened(text: str, most: float, *, bold: bool = False) -> str:
    """Return a text no wider than `most` points, its end given up for an ellipsis where it must be."""
    if width(text, bold=bold) <= most:
        return text
    ends = range(len(text) - 1, 0, -1)
    made = (f"{text[:end].rstrip()}…" for end in ends)
    return next((one for one in made if width(one, bold=bold) <= most), "…")


def rule(figure: Figure, left: float, right: float, y: float) -> None:
    """Draw a thin level line between two places in points."""
    wide, high = figure.get_size_inches() * 72
    size = ((right - left) / wide, HAIRLINE / high)
    figure.add_artist(
        Rectangle((left / wide, y / high), *size, facecolor=INK, linewidth=0, transform=figure.transFigure)
    )


def bare(axes: Axes, *keep: str) -> None:
    """Take away the frame but for the named sides."""
    for side in ("left", "right", "top", "bottom"):
        axes.spines[side].set_visible(side in keep)


def margin(labels: Sequence[str]) -> float:
    """Return how much room an upright axis needs left of itself: the labels of its ticks, and its name."""
    return TICKS + max((width(label) for label in labels), default=0.0) + NAME


def name_upright(axes: Axes, name: str, left: float, wide: float) -> None:
    """Name the upright axis of a panel `wide` points wide, at the left edge of a margin of `left` points."""
    axes.set_ylabel(name)
    # The place is that of the foot of the letters, which stand on their side.
    axes.yaxis.set_label_coords(-(left - 0.75 * NAME) / wide, 0.5)


def save(figure: Figure, breaks: Sequence[float] = (), formats: Sequence[str] = FORMATS) -> dict[str, bytes]:
    """Return the figure as the bytes of each of the formats.

    Parameters
    ----------
    breaks
        Where pages of print begin but for the first, in points from the top; the PDF has a page for each part.
    """
    made = {}
    high = figure.get_size_inches()[1]
    for name in formats:
        out = io.BytesIO()
        if name == "pdf" and breaks:
            _save_pages(figure, breaks, out)
        else:
            figure.savefig(out, format=name, dpi=min(PNG_DPI, MOST_PIXELS / high), metadata=METADATA[name])
        made[name] = out.getvalue()
    return made


def _save_pages(figure: Figure, breaks: Sequence[float], out: io.BytesIO) -> None:
    wide, high = figure.get_size_inches()
    ends = [0.0, *(one / 72 for one in breaks), float(high)]
    with PdfPages(out, metadata=METADATA["pdf"]) as pages:
        for top, bottom in pairwise(ends):
            part = Bbox([[0.0, high - bottom], [float(wide), high - top]])
            with _only(figure, 1 - bottom / high, 1 - top / high):
                pages.savefig(figure, bbox_inches=part)


@contextmanager
def _only(figure: Figure, low: float, high: float) -> Iterator[None]:
    """Hide axes and words that lie outside a part of a figure, between two shares of its height, for a while.

    Cut off alone, they would stay in the file, to be found and read on pages that do not show them.
    """
    hidden: list[Artist] = [one for one in figure.texts if not low <= one.get_position()[1] < high]
    hidden += [one for one in figure.axes if one.get_position().y1 <= low or one.get_position().y0 >= high]
    for one in hidden:
        one.set_visible(False)
    try:
        yield
    finally:
        for one in hidden:
            one.set_visible(True)

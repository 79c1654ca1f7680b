"""A figure's SVG as a part of the page: no second document head, no name used twice, and words for those who listen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import pairwise

# Names that matplotlib gives inside an SVG, and the three ways in which it refers to them.
NAME = re.compile(r'(?P<before>\bid="|url\(#|href="#)(?P<name>[^")]+)')
HEAD = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
WIDTH = re.compile(r'\bwidth="([\d.]+)pt"')
METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)


def inline(svg: str, name: str, title: str, description: str, breaks: Sequence[float] = ()) -> str:
    """Return an SVG that can stand in a page beside others.

    Parameters
    ----------
    svg
        What matplotlib wrote.
    name
        The figure's name; every name inside the SVG begins with it afterwards.
    title, description
        The text alternative, in short and in full.
    breaks
        Where pages of print begin but for the first, in points from the top: each part is an SVG of its own then, which
        shows the drawing of the first one, so that a page ends between rows and not in the middle of one.
    """
    body = METADATA.sub("", HEAD.sub("", svg, count=1), count=1)
    body = NAME.sub(lambda found: f"{found['before']}{name}-{found['name']}", body)
    opening, _, rest = body.partition(">")
    width = WIDTH.search(opening)
    opening = re.sub(r'\s(?:width|height|version|xmlns)="[^"]*"', "", opening)
    label = f' role="img" aria-labelledby="{name}-title {name}-description"'
    words = (
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-description">{escape(description)}</desc>'
    )
    if not breaks or not width:
        return f"{opening}{label}>{words}{rest}"
    return _parts(opening, rest, name, (label, words), (float(width[1]), breaks))


def drawn(svg: str) -> str:
    """Return the width at which a figure is drawn as a style sheet says it; empty where the SVG says none.

    The style sheet lets a figure shrink and grow from there, says where it scrolls, and prints it as drawn.
    """
    width = WIDTH.search(svg)
    return f"{float(width[1]):.0f}pt" if width else ""


def _parts(opening: str, rest: str, name: str, said: tuple[str, str], sizes: tuple[float, Sequence[float]]) -> str:
    """Return a drawing as one SVG a page of print, below each other; the first has the words."""
    label, words = said
    wide, breaks = sizes
    box = re.search(r'viewBox="[\d.]+ [\d.]+ [\d.]+ ([\d.]+)"', opening)
    ends = [0.0, *breaks, float(box[1]) if box else breaks[-1]]
    boxes = [f'viewBox="0 {top:g} {wide:g} {bottom - top:g}"' for top, bottom in pairwise(ends)]
    first = re.sub(r'viewBox="[^"]*"', boxes[0], opening)
    others = "".join(f'<svg {one} aria-hidden="true"><use href="#{name}-figure_1"/></svg>' for one in boxes[1:])
    return f"{first}{label}>{words}{rest}{others}"

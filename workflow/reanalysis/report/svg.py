"""A figure's SVG as a part of the page: no second document head, no name used twice, and words for those who listen."""

from __future__ import annotations

import re
from html import escape

# Names that matplotlib gives inside an SVG, and the three ways in which it refers to them.
NAME = re.compile(r'(?P<before>\bid="|url\(#|href="#)(?P<name>[^")]+)')
HEAD = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)

# On a narrow screen a figure shrinks this far and then scrolls: its 8 pt text is read at 6 pt and not below.
MOST_SHRUNK = 0.75
# On a wide one every figure grows by the same factor, so that their words have one size.
GROWN = 1.25


def inline(svg: str, name: str, title: str, description: str) -> str:
    """Return an SVG that can stand in a page beside others.

    Parameters
    ----------
    svg
        What matplotlib wrote.
    name
        The figure's name; every name inside the SVG begins with it afterwards.
    title, description
        The text alternative, in short and in full.
    """
    body = METADATA.sub("", HEAD.sub("", svg, count=1), count=1)
    body = NAME.sub(lambda found: f"{found['before']}{name}-{found['name']}", body)
    opening, _, rest = body.partition(">")
    width = re.search(r'\bwidth="([\d.]+)pt"', opening)
    opening = re.sub(r'\s(?:width|height|version|xmlns)="[^"]*"', "", opening)
    size = float(width[1]) if width else 0.0
    style = f' style="min-width:{size * MOST_SHRUNK:.0f}pt;max-width:{size * GROWN:.0f}pt"' if width else ""
    label = f' role="img" aria-labelledby="{name}-title {name}-description"'
    words = (
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-description">{escape(description)}</desc>'
    )
    return f"{opening}{label}{style}>{words}{rest}"

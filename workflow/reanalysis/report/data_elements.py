"""Marked numbers as elements of the page: `<data value="0.6331" data-of="pooled/primary/ratio">0.63</data>`."""

from __future__ import annotations

import re
from html import escape, unescape

from reanalysis.traced import CLOSE, MARK, OPEN, THEN, VALUE, plain

# A tag, a comment, or an element in which text is no text of the page: there marks are taken out.
APART = re.compile(r"<(script|style|svg|title|option)\b.*?</\1>|<[^>]*>", re.DOTALL)

SHOWN = re.compile(r'<data value="[^"]*" data-of="([^"]*)"')


def with_data_elements(page: str) -> str:
    """Return a page with each marked number in its text as a `data` element, and no mark left anywhere.

    Parameters
    ----------
    page
        HTML whose attributes have no bare `>`, as the templates' escaping sees to.
    """
    pieces, end = [], 0
    for tag in APART.finditer(page):
        pieces += [MARK.sub(_element, page[end : tag.start()]), plain(tag[0])]
        end = tag.end()
    pieces.append(MARK.sub(_element, page[end:]))
    text = "".join(pieces)
    # A text that was cut through a mark would leave one: better no page than one with odd characters.
    assert not {OPEN, THEN, CLOSE} & set(text)  # noqa: S101
    return text


def _element(marked: re.Match[str]) -> str:
    source, _, value = marked[1].partition(VALUE)
    return f'<data value="{escape(value)}" data-of="{escape(source)}">{marked[2]}</data>'


def sources(page: str) -> set[str]:
    """Return the sources of the numbers that a finished page shows."""
    return {unescape(one) for one in SHOWN.findall(page)}

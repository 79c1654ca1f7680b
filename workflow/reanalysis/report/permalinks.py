"""What rows of the page are called in links: the same each time, and each only once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# What may stand in an address as it is read: letters of any script, digits.
APART = re.compile(r"[\W_]+")


def anchors(kind: str, names: Sequence[str]) -> list[str]:
    """Return an id for each row of a table, made of what the row is called and not of its place.

    Parameters
    ----------
    kind
        What the rows are: with it each id begins.
    names
        What each is called. Of several that are called alike, the second and later ones are numbered.
    """
    taken: set[str] = set()
    made = []
    for name in names:
        plain = APART.sub("-", unicodedata.normalize("NFC", name).lower()).strip("-")
        first = one = f"{kind}-{plain}" if plain else f"{kind}-unnamed"
        number = 1
        while one in taken:
            number += 1
            one = f"{first}-{number}"
        taken.add(one)
        made.append(one)
    return made

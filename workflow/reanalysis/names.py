"""Who a printed row is about: the name, the reference number and the year of a study cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from reanalysis.printed import Span

# "Kahn et al. [13]", "Badwe, 2015", "Le Scodan (14)": the name ends where the citation begins.
NAME = re.compile(
    r"\s*(?P<name>(?:\([^)]*\)\s*)?[^\s(\[,].*?)\s*(?:,|\(|\[|\bet\s+al\b|\b(?=(?:19|20)\d\d[a-z]?\b)|$)",
    re.DOTALL,
)
REFERENCE = re.compile(r"[\[(]\s*(?P<reference>\d{1,3}[a-z]?)\s*[\])]")
YEAR = re.compile(r"\b(?P<year>(?:19|20)\d\d)[a-z]?\b")


# A row that adds up the others.
SUMMARY = re.compile(r"(?:sub-?)?totals?\b|pooled\b|overall\b|summary\b|(?:random|fixed)[\s-]effects?\b", re.IGNORECASE)


def read_name(cell: str) -> tuple[str, Span]:
    """Return the name that a study cell begins with, and its characters: "Kahn" for "Kahn et al. [13]"."""
    match = NAME.match(cell)
    return (" ".join(match["name"].split()), match.span("name")) if match else ("", (0, 0))


def study_names(cells: Sequence[str]) -> list[str]:
    """Return a name a study cell, no two alike: equal ones take year and reference with them, or else their row."""
    plain = [read_name(cell)[0] for cell in cells]
    names = list(plain)
    for index, cell in enumerate(cells):
        if plain.count(plain[index]) > 1:
            marks = [found.group().strip() for pattern in (YEAR, REFERENCE) if (found := pattern.search(cell))]
            names[index] = " ".join([plain[index], *marks])
    counts = Counter(names)
    return [f"{name} (row {row})" if counts[name] > 1 and name else name for row, name in enumerate(names, start=1)]

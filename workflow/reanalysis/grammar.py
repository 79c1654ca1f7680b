"""A printed cell, read: estimates with their intervals, p values, counts and years, or why not.

Every reading says which characters of the cell it came from. The grammar stands in `parser`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from reanalysis.errors import ReanalysisError
from reanalysis.lexer import Token, tokens
from reanalysis.parser import Located, Parser, Reading, Span, Unreadable
from reanalysis.printed import PrintedNumber

__all__ = [
    "Located",
    "Reading",
    "Span",
    "read_interval",
    "read_name",
    "read_numbers",
    "read_p",
    "read_result",
]

# "Kahn et al. [13]", "Badwe, 2015", "Le Scodan (14)": the name ends where the citation begins.
NAME = re.compile(
    r"\s*(?P<name>(?:\([^)]*\)\s*)?[^\s(\[,].*?)\s*(?:,|\(|\[|\bet\s+al\b|\b(?=(?:19|20)\d\d[a-z]?\b)|$)",
    re.DOTALL,
)
REFERENCE = re.compile(r"[\[(]\s*(?P<reference>\d{1,3}[a-z]?)\s*[\])]")
YEAR = re.compile(r"\b(?P<year>(?:19|20)\d\d)[a-z]?\b")


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


def read_result(cell: str) -> list[Reading]:
    """Return the readings of a result cell, in the order of print; together they cover all its words.

    A part that cannot be read is a reading with a reason, never an exception.
    """
    return Parser(cell).cell()


def read_interval(cell: str) -> Reading:
    """Return the interval that a cell of its own prints: ``"0.55-0.60"``, ``"(95% CI 0.55 to 0.60)"``.

    Raises
    ------
    ReanalysisError
        Where the cell holds something else.
    """
    parser = Parser(cell)
    try:
        reading = parser.detail_alone()
    except Unreadable as reason:
        raise _refused(cell, "an interval such as 0.55-0.60", str(reason)) from reason
    if reading.lower is None:
        raise _refused(cell, "an interval such as 0.55-0.60", "there is none")
    return reading


def read_p(cell: str) -> Reading:
    """Return the p value that a cell of its own prints: ``"0.03"``, ``"< 0.001"``, ``"p = 0.03"``, ``"NS"``.

    Raises
    ------
    ReanalysisError
        Where the cell holds something else.
    """
    try:
        return Parser(cell).p_alone()
    except Unreadable as reason:
        raise _refused(cell, "a p value such as 0.03 or < 0.001", str(reason)) from reason


def read_numbers(cell: str, expected: str, between: str = "") -> list[Located]:
    """Return the numbers of a cell that holds nothing but numbers and what separates them.

    Parameters
    ----------
    cell
        A count, a year, counts or years with something between: ``"326/160/184"``, ``"1990-1993"``.
    expected
        What should stand there, for the message.
    between
        What may separate numbers: ``"/"``, ``"-"`` (any dash, or the word "to"), or nothing where there is one only.

    Raises
    ------
    ReanalysisError
        Where the cell holds anything else.
    """
    found: list[Located] = []
    sign: Token | None = None
    separated = True
    for token in tokens(cell.replace("/", ";")):
        if token.kind == "MARK":
            continue
        if token.kind == "NUMBER" and separated:
            start = token.start if sign is None else sign.start
            text = token.text if sign is None else f"-{token.text}"
            found.append((PrintedNumber(text), (start, token.end)))
            sign, separated = None, False
        elif token.kind == "DASH" and token.text != "to" and not found and sign is None:
            sign = token
        elif (
            token.kind == {"/": "COMMA", "-": "DASH"}.get(between) and cell[token.start] not in ",;:" and not separated
        ):
            separated = True
        else:
            raise _refused(cell, expected, f"{token.text!r} does not belong here")
    if not found or separated:
        raise _refused(cell, expected, "a number is missing")
    return found


def _refused(cell: str, expected: str, reason: str) -> ReanalysisError:
    return ReanalysisError(
        f"{expected} was expected here: {reason}",
        printed=cell,
        remedy="check the cell against the print; leave it empty if nothing is printed",
    )

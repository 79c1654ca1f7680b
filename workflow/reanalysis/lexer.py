"""A printed cell as tokens: what kind each is, and which characters it stands on."""

from __future__ import annotations

import re
from dataclasses import dataclass

DIGITS = r"(?:\d+(?:\.\d+)?|\.\d+)"

# Order matters: "95%CI" before the number 95, "p <" before the word p, "R1" as a word, not as a number. "1,7" is no
# number here: a comma may divide thousands or decimals.
TOKEN = re.compile(
    rf"""
      (?P<CI>       (?:(?: {DIGITS}\s*% | [5-9]\d(?:\.\d+)?(?!\d) )\s*)? C\.?I\.? (?![^\W\d_]) )
    | (?P<P>        p (?:[-\s]?values?)? \s* (?=[=<>≤≥]) )
    | (?P<NS>       n\.s\. | ns (?!\w) | not\s+significant )
    | (?P<MEASURE>  (?:adjusted\s+|a|adj\.?\s*)? (?:(?-i:HR|OR|RR|MD|SMD)|(?:hazards?|odds|risk)\s+ratio) (?!\w) )
    | (?P<GROUPED>  \d+ (?:[,·]\d+)+ (?:\.\d+)? )
    | (?P<NUMBER>   (?>{DIGITS} (?:e[-+]?\d+)?) (?!\w) )
    | (?P<DASH>     [-\u2010-\u2015\u2212] | to (?!\w) )
    | (?P<LOGIC>    <= | >= | [<>≤≥] )
    | (?P<EQUALS>   = )
    | (?P<OPEN>     [(\[] )
    | (?P<CLOSE>    [)\]] )
    | (?P<COMMA>    [,;:] )
    | (?P<IF>       if (?!\w) )
    | (?P<MARK>     [*†‡§¶]+ )
    | (?P<WORD>     [\w.]*\w[\w.+/'’%]* | . )
    | (?P<SPACE>    \s+ )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A piece of a cell.

    Parameters
    ----------
    kind
        The name of its group in `TOKEN`.
    text
        Its characters.
    start, end
        Where they stand in the cell, counted from 0, the end excluded.
    """

    kind: str
    text: str
    start: int
    end: int


def tokens(cell: str) -> list[Token]:
    """Return the tokens of a cell, white space left out. Every other character is in one of them."""
    found = []
    position = 0
    while position < len(cell):
        if cell[position].isspace():
            position += 1
            continue
        match = TOKEN.match(cell, position)
        if match is None or match.lastgroup is None:  # the WORD group takes any character
            raise AssertionError(cell[position:])
        found.append(Token(match.lastgroup, match.group().rstrip(), match.start(), match.end()))
        position = match.end()
    return found

"""A cell of results: its estimates with their intervals and p values, in the one way in which it can be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from reanalysis.grammar.choice import MARK, refused, styles, two_readings
from reanalysis.grammar.lexer import COMMA, STYLES, Style, tokens
from reanalysis.grammar.parser import Parser
from reanalysis.grammar.reading import UNREADABLE, Ambiguous, Reading, Unreadable

TOUCHING_COMMA = re.compile(r"\d,\d")
# A tag, or a formula of a spreadsheet: nobody's print.
FOREIGN = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|^\s*[=+@]\s*[a-z]+\s*\(", re.IGNORECASE)
# What a style leaves as a word although it is a number of another style.
OTHER_NUMBER = re.compile(r"\d*[.,]\d[\d.,]*%?")


def read_result(cell: str, decimal_mark: str = "") -> list[Reading]:
    """Return the readings of a result cell, in the order of print; together they cover all its words.

    A part that cannot be read is a reading with a reason, never an exception.

    Parameters
    ----------
    cell
        The characters of print.
    decimal_mark
        ``point`` or ``comma`` where the review declares it, empty where the cell must tell.

    Raises
    ------
    ReanalysisError
        Where the cell can be read in two ways.
    """
    if FOREIGN.search(cell):
        return [Reading(0, len(cell), reason=f"{UNREADABLE}it holds HTML or a formula of a spreadsheet")]
    return _one_reading(cell, decimal_mark, lambda style: Parser(cell, style).cell())


def read_interval(cell: str, decimal_mark: str = "") -> Reading:
    """Return the interval that a cell of its own prints: ``"0.55-0.60"``, ``"(95% CI 0.55 to 0.60)"``.

    Raises
    ------
    ReanalysisError
        Where the cell holds something else, or can be read in two ways.
    """
    expected = "an interval such as 0.55-0.60"
    reading = _whole(cell, decimal_mark, Parser.detail_alone, expected)
    if reading.lower is None:
        raise refused(cell, expected, "there is none")
    return reading


def read_p(cell: str, decimal_mark: str = "") -> Reading:
    """Return the p value that a cell of its own prints: ``"0.03"``, ``"< 0.001"``, ``"p = 0.03"``, ``"NS"``.

    Raises
    ------
    ReanalysisError
        Where the cell holds something else, or can be read in two ways.
    """
    return _whole(cell, decimal_mark, Parser.p_alone, "a p value such as 0.03 or < 0.001")


def _whole(cell: str, decimal_mark: str, rule: Callable[[Parser], Reading], expected: str) -> Reading:
    """Return what one rule of the grammar reads of a whole cell; raises as `read_interval` does."""

    def read(style: Style) -> list[Reading]:
        try:
            return [rule(Parser(cell, style))]
        except Unreadable as reason:
            return [Reading(0, len(cell), reason=f"{UNREADABLE}{reason}")]

    (reading,) = _one_reading(cell, decimal_mark, read)
    if reading.unreadable:
        raise refused(cell, expected, reading.reason)
    return reading


def _one_reading(cell: str, decimal_mark: str, read: Callable[[Style], list[Reading]]) -> list[Reading]:
    """Return what the one style says in which a whole cell can be read; the first style's failure where none can.

    Raises
    ------
    ReanalysisError
        Where two styles, or one style in two ways, read the whole cell.
    """
    found: dict[str, list[Reading]] = {}
    failed: list[list[Reading]] = []
    for style in styles(cell, decimal_mark):
        try:
            readings = read(style)
        except Ambiguous as reason:
            raise two_readings(cell, str(reason)) from reason
        if any(one.unreadable for one in readings) or not _fits(cell, style):
            failed.append(readings)
        else:
            found.setdefault(repr([replace(one, start=0, end=0, spans={}) for one in readings]), readings)
    if len(found) > 1:
        said = " or ".join(_values(readings) for readings in found.values())
        raise two_readings(cell, f"the comma may part thousands, decimals or numbers, so that it says {said}", MARK)
    if found:
        return next(iter(found.values()))
    # The failure to show is that of the style that the numbers are in: of a p value "0,23" nothing should be kept as 0.
    comma = TOUCHING_COMMA.search(cell) and len(failed) == len(STYLES[""]) and _fits(cell, COMMA)
    return failed[-1] if comma else failed[0]


def _fits(cell: str, style: Style) -> bool:
    """Whether a style can have written every number of a cell."""
    return not any(token.kind == "WORD" and OTHER_NUMBER.fullmatch(token.text) for token in tokens(cell, style))


def _values(readings: Sequence[Reading]) -> str:
    numbers = [one for part in readings for one in (part.estimate, part.lower, part.upper, part.p) if one is not None]
    return f"[{', '.join(number.text for number in numbers)}]"

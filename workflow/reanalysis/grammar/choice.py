"""Which ways of writing numbers a cell may keep to, and what is said where that is not one way."""

from __future__ import annotations

import re

from reanalysis.errors import ReanalysisError
from reanalysis.grammar.lexer import PLAIN, STYLES, Style

# What settles whether a comma parts decimals.
MARK = "decimal_mark: point or comma"

# A comma before a space neither parts thousands nor begins decimals.
COMMA_BETWEEN_DIGITS = re.compile(r"\d,\d|(?<!\d),\d")


def styles(cell: str, decimal_mark: str) -> tuple[Style, ...]:
    """Return the styles that may have written a cell: they differ only in what a comma between digits means."""
    open_ones = STYLES[decimal_mark]
    return open_ones if decimal_mark or COMMA_BETWEEN_DIGITS.search(cell.translate(PLAIN)) else open_ones[:1]


def two_readings(cell: str, reason: str, settled_by: str = "") -> ReanalysisError:
    """Return that a cell can be read in two ways, and which; a setting may settle it."""
    setting = f"say {settled_by} in review.yaml, or " if settled_by else ""
    return ReanalysisError(
        f"this cell can be read in two ways: {reason}",
        printed=cell,
        remedy=f"{setting}declare in corrections.yaml what is meant",
    )


def refused(cell: str, expected: str, reason: str) -> ReanalysisError:
    """Return that a cell does not hold what was expected, and why."""
    return ReanalysisError(
        f"{expected} was expected here: {reason}",
        printed=cell,
        remedy="check the cell against the print; leave it empty if nothing is printed",
    )

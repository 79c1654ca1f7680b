"""A printed cell, read: estimates with their intervals, p values, counts and years, or why not.

Every reading says which characters of the cell it came from. The grammar stands in `parser` and `details`. A cell that
can be read in two ways is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from reanalysis.cursor import SPELLED
from reanalysis.errors import ReanalysisError
from reanalysis.lexer import DASHES, PLAIN, STYLES, Style, Token, canonical, tokens
from reanalysis.parser import Parser
from reanalysis.printed import PrintedNumber
from reanalysis.reading import UNREADABLE, Ambiguous, Located, Reading, Span, Unreadable

__all__ = [
    "Located",
    "Reading",
    "Span",
    "read_interval",
    "read_numbers",
    "read_p",
    "read_proportion",
    "read_result",
    "read_years",
]

COMMA_BETWEEN_DIGITS = re.compile(r"\d\s?,\s?\d|(?<!\d),\d")
MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?(?=[\s,])|\b\d{1,2}[/.](?:\d{1,2}[/.])?(?=\d{4}\b)",
    re.IGNORECASE,
)
MONTHS = range(1, 13)
PERIOD = re.compile(
    rf"[\s,]*(?P<start>\d{{4,}})(?:[\s,]*(?:[{DASHES}~/]|to\b|through\b|until\b|and\b)[\s,]*(?P<end>\d{{2}}|\d{{4,}}))?[\s*†‡]*"
)
FOREIGN = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|^\s*[=+@]\s*[a-z]+\s*\(", re.IGNORECASE)
OTHER_NUMBER = re.compile(r"\d*[.,]\d[\d.,]*%?")
PERCENTAGE = re.compile(r"[(\[]\s*(?P<percent>\d+(?:[.,·]\d+)?)\s*%\s*[)\]]")


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
    (reading,) = _one_reading(cell, decimal_mark, lambda style: [_alone(cell, style, Parser.detail_alone)])
    if reading.unreadable or reading.lower is None:
        raise _refused(cell, "an interval such as 0.55-0.60", reading.reason or "there is none")
    return reading


def read_p(cell: str, decimal_mark: str = "") -> Reading:
    """Return the p value that a cell of its own prints: ``"0.03"``, ``"< 0.001"``, ``"p = 0.03"``, ``"NS"``.

    Raises
    ------
    ReanalysisError
        Where the cell holds something else, or can be read in two ways.
    """
    (reading,) = _one_reading(cell, decimal_mark, lambda style: [_alone(cell, style, Parser.p_alone)])
    if reading.unreadable:
        raise _refused(cell, "a p value such as 0.03 or < 0.001", reading.reason)
    return reading


def _alone(cell: str, style: Style, rule: Callable[[Parser], Reading]) -> Reading:
    """Return what one rule of the grammar reads of a whole cell, or that it cannot."""
    try:
        return rule(Parser(cell, style))
    except Unreadable as reason:
        return Reading(0, len(cell), reason=f"{UNREADABLE}{reason}")


def _one_reading(cell: str, decimal_mark: str, read: Callable[[Style], list[Reading]]) -> list[Reading]:
    """Return what the one style says in which a whole cell can be read; the first style's failure where none can.

    Raises
    ------
    ReanalysisError
        Where two styles, or one style in two ways, read the whole cell.
    """
    found: dict[str, list[Reading]] = {}
    failed: list[list[Reading]] = []
    for style in _styles(cell, decimal_mark):
        try:
            readings = read(style)
        except Ambiguous as reason:
            raise _two_readings(cell, str(reason)) from reason
        if any(one.unreadable for one in readings) or not _fits(cell, style):
            failed.append(readings)
        else:
            found.setdefault(repr([replace(one, start=0, end=0, spans={}) for one in readings]), readings)
    if len(found) > 1:
        said = " or ".join(_values(readings) for readings in found.values())
        raise _two_readings(cell, f"the comma may part thousands, decimals or numbers, so that it says {said}")
    return next(iter(found.values())) if found else failed[0]


def _styles(cell: str, decimal_mark: str) -> tuple[Style, ...]:
    """Return the styles that may have written a cell: they differ only in what a comma between digits means."""
    styles = STYLES[decimal_mark]
    return styles if decimal_mark or COMMA_BETWEEN_DIGITS.search(cell.translate(PLAIN)) else styles[:1]


def _fits(cell: str, style: Style) -> bool:
    """Whether a style can have written every number of a cell."""
    return not any(token.kind == "WORD" and OTHER_NUMBER.fullmatch(token.text) for token in tokens(cell, style))


def _values(readings: Sequence[Reading]) -> str:
    numbers = [one for part in readings for one in (part.estimate, part.lower, part.upper, part.p) if one is not None]
    return f"[{', '.join(number.text for number in numbers)}]"


def read_numbers(
    cell: str, expected: str, between: str = "", *, whole: bool = False, decimal_mark: str = ""
) -> list[Located]:
    """Return the numbers of a cell that holds nothing but numbers and what separates them.

    A percentage in brackets behind a number, ``"160 (46%)"``, is stepped over: the checks hold it against the number.

    Parameters
    ----------
    cell
        A count, a year, counts or years with something between: ``"326/160/184"``, ``"1990-1993"``.
    expected
        What should stand there, for the message.
    between
        What may separate numbers: ``"/"``, ``"-"`` (any dash, or the word "to"), or nothing where there is one only.
    whole
        Whether the numbers are whole, so that a comma can only part thousands.
    decimal_mark
        As for `read_result`.

    Raises
    ------
    ReanalysisError
        Where the cell holds anything else, or can be read in two ways.
    """
    found: dict[tuple[str, ...], list[Located]] = {}
    refused: list[ReanalysisError] = []
    for style in _styles(cell, decimal_mark):
        try:
            numbers = _numbers(cell, expected, between, style)
        except ReanalysisError as error:
            refused.append(error)
            continue
        if whole and not all(number.value.is_integer() for number, _ in numbers):
            refused.append(_refused(cell, expected, "a whole number is needed"))
            continue
        found.setdefault(tuple(number.text for number, _ in numbers), numbers)
    if len(found) > 1:
        said = " or ".join(" and ".join(texts) for texts in found)
        raise _two_readings(cell, f"the comma may part thousands or decimals, so that it says {said}")
    if not found:
        raise refused[0]
    return next(iter(found.values()))


def _numbers(cell: str, expected: str, between: str, style: Style) -> list[Located]:
    found: list[Located] = []
    sign: Token | None = None
    separated = True
    for token in tokens(PERCENTAGE.sub(lambda match: " " * len(match.group()), cell).replace("/", ";"), style):
        if token.kind == "MARK":
            continue
        if token.kind == "NUMBER" and separated:
            start = token.start if sign is None else sign.start
            text = canonical(token.text, style)
            found.append((PrintedNumber(text if sign is None else f"-{text}"), (start, token.end)))
            sign, separated = None, False
        elif token.kind == "DASH" and token.text not in SPELLED and not found and sign is None:
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


def first_number(text: str) -> PrintedNumber | None:
    """Return the first number of a text, None where there is none: 249 of "249 cases (78%)", 16023 of "16 023"."""
    token = next((token for token in tokens(text) if token.kind == "NUMBER"), None)
    return PrintedNumber(canonical(token.text, STYLES["point"][0])) if token else None


def read_years(cell: str, expected: str) -> list[Located]:
    """Return the years of an inclusion period, one or two: ``"1990-1993"``, ``"1998-02"``, ``"Jan 1990 to Dec 1993"``.

    Raises
    ------
    ReanalysisError
        Where the cell holds anything else.
    """
    text = MONTH.sub(lambda match: " " * len(match.group()), cell.translate(PLAIN))
    match = PERIOD.fullmatch(text)
    if match is None:
        raise _refused(cell, expected, "it is no year, and no two years with a dash between them")
    start, end = match["start"], match["end"]
    years = [(PrintedNumber(start), match.span("start"))]
    if end is not None:
        if len(end) < len(start):
            dash = text[match.end("start") : match.start("end")].strip()
            if dash == "-" and int(end) in MONTHS:
                raise _two_readings(cell, f"{start}-{end} may be a month, or a period that ends in a year")
            # "1998–02": the end has the first year's century, or the next one where it would come before it.
            century = int(start[:2]) + (end < start[2:])
            end = f"{century}{end}"
        years.append((PrintedNumber(end), match.span("end")))
    return years


def read_proportion(cell: str, decimal_mark: str = "") -> Located:
    """Return a proportion in percent: ``"43.4%"``, ``"43.4"`` and ``"0.434"`` are the same.

    Raises
    ------
    ReanalysisError
        Where the cell holds anything else, or no proportion.
    """
    expected = "a proportion, such as 43.4% or 0.434"
    found = read_numbers(cell.rstrip().removesuffix("%"), expected, decimal_mark=decimal_mark)
    number, span = found[0]
    # ASSUME: without a percent sign a number up to 1 is a share of 1, a larger one is in percent.
    if not cell.rstrip().endswith("%") and number.value <= 1:
        number = PrintedNumber(str(Decimal(number.text).scaleb(2)))
    if not 0 <= number.value <= 100:  # noqa: PLR2004 (percent)
        raise _refused(cell, expected, f"{number} is none")
    return number, span


def _two_readings(cell: str, reason: str) -> ReanalysisError:
    return ReanalysisError(
        f"this cell can be read in two ways: {reason}",
        printed=cell,
        remedy="say decimal_mark: point or comma in review.yaml, or declare in corrections.yaml what is meant",
    )


def _refused(cell: str, expected: str, reason: str) -> ReanalysisError:
    return ReanalysisError(
        f"{expected} was expected here: {reason}",
        printed=cell,
        remedy="check the cell against the print; leave it empty if nothing is printed",
    )

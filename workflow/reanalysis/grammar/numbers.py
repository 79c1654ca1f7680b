"""Cells that hold nothing but numbers: counts, years, proportions."""

from __future__ import annotations

import re
from decimal import Decimal

from reanalysis.errors import ReanalysisError
from reanalysis.grammar.choice import MARK, refused, styles, two_readings
from reanalysis.grammar.cursor import ABOUT, SPELLED
from reanalysis.grammar.lexer import DASHES, PLAIN, POINT, Style, Token, canonical, tokens
from reanalysis.grammar.reading import Located
from reanalysis.printed import PrintedNumber

# "(46%)" behind a count.
PERCENTAGE = re.compile(r"[(\[]\s*(?P<percent>\d+(?:[.,·]\d+)?)\s*%\s*[)\]]")

# What may stand beside a count and says only what is counted.
BESIDE = re.compile(
    rf"{PERCENTAGE.pattern}|\bn\s*=|\b(?:patients|women|men|cases|subjects|participants|events|deaths|pts)\b\.?",
    re.IGNORECASE,
)
TOTAL_FIRST = re.compile(r"(\d\s*)\(([^()/]*/[^()/]*)\)")
MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?(?=[\s,])|\b\d{1,2}[/.](?:\d{1,2}[/.])?(?=\d{4}\b)",
    re.IGNORECASE,
)
MONTHS = range(1, 13)
PERIOD = re.compile(
    rf"[\s,]*(?:from\s+)?(?P<start>\d{{4,}})(?:[\s,]*(?:[{DASHES}~/]|to\b|through\b|until\b|and\b)[\s,]*(?P<end>\d{{2}}|\d{{4,}}))?[\s*†‡]*"
)


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
    problems: list[ReanalysisError] = []
    for style in styles(cell, decimal_mark):
        try:
            numbers = _numbers(cell, expected, between, style)
        except ReanalysisError as error:
            problems.append(error)
            continue
        if whole and not all(number.value.is_integer() for number, _ in numbers):
            problems.append(
                refused(cell, expected, f"a whole number is needed; if a point parts thousands, say {MARK}")
            )
            continue
        found.setdefault(tuple(number.text for number, _ in numbers), numbers)
    if len(found) > 1:
        said = " or ".join(" and ".join(texts) for texts in found)
        raise two_readings(cell, f"the comma may part thousands or decimals, so that it says {said}", MARK)
    if not found:
        raise problems[0]
    return next(iter(found.values()))


def _numbers(cell: str, expected: str, between: str, style: Style) -> list[Located]:
    found: list[Located] = []
    sign: Token | None = None
    separated = True
    text = BESIDE.sub(lambda match: " " * len(match.group()), cell)
    if between == "/":
        text = TOTAL_FIRST.sub(r"\1/\2 ", text)  # "344 (160/184)"
    for token in tokens(text.replace("/", ";"), style):
        if token.kind == "MARK":
            continue
        if token.kind == "NUMBER" and separated:
            start = token.start if sign is None else sign.start
            text = canonical(token.text, style)
            found.append((PrintedNumber(text if sign is None else f"-{text}"), (start, token.end)))
            sign, separated = None, False
        elif token.kind == "DASH" and token.text not in (*SPELLED, *ABOUT) and not found and sign is None:
            sign = token
        elif (
            token.kind == {"/": "COMMA", "-": "DASH"}.get(between) and cell[token.start] not in ",;:" and not separated
        ):
            separated = True
        else:
            raise refused(cell, expected, f"{cell[token.start : token.end]!r} does not belong here")
    if not found or separated:
        raise refused(cell, expected, "a number is missing")
    return found


def first_number(text: str) -> PrintedNumber | None:
    """Return the first number of a text, None where there is none: 249 of "249 cases (78%)", 16023 of "16 023"."""
    token = next((token for token in tokens(text) if token.kind == "NUMBER"), None)
    try:
        return PrintedNumber(canonical(token.text, POINT)) if token else None
    except ReanalysisError:
        return None  # beyond any number that can be held


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
        raise refused(cell, expected, "it is no year, and no two years with a dash between them")
    start, end = match["start"], match["end"]
    years = [(PrintedNumber(start), match.span("start"))]
    if end is not None:
        if len(end) < len(start):
            dash = text[match.end("start") : match.start("end")].strip()
            if dash == "-" and int(end) in MONTHS:
                raise two_readings(cell, f"{start}-{end} may be a month, or a period that ends in a year")
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
        raise refused(cell, expected, f"{number} is none")
    return number, span

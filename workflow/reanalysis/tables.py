"""Rows of the results as CSV text and back, without losing a type or a digit."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from reanalysis.errors import ReanalysisError
from reanalysis.files import read_text
from reanalysis.printed import PrintedNumber

# Tables feed later arithmetic, whose results are shown to 10 digits, some of them far out in a tail. Every double has
# 15 digits; none of these values is a sum, so they do not differ from one machine to another.
TABLE_DIGITS = 15

# A spreadsheet runs a cell that begins with one of these, some of them behind white space or in full width; a leading
# apostrophe makes it text again. Whoever reads these files by other means takes one apostrophe away, as `load` does: a
# cell that begins with one by itself has two.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

# What begins with a sign and is a number is no formula.
PLAIN_NUMBER = re.compile(r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?")

T = TypeVar("T")


def number_text(value: float) -> str:
    """Return a number as the tables write it."""
    return format(value + 0.0, f".{TABLE_DIGITS}g")


def safe(text: str) -> str:
    """Return a text as a cell that no spreadsheet runs."""
    bare = text.strip()
    runs = (len(bare) > 1 and bare.startswith(FORMULA_STARTS) and not PLAIN_NUMBER.fullmatch(text)) or (
        text.startswith(("\t", "\r")) and len(text) > 1
    )
    return "'" + text if runs or text.startswith("'") else text


def _unsafe(text: str) -> str:
    return text.removeprefix("'")


# Keyed by the annotation of the field: how a cell is read, how a value is written.
_CELL: dict[str, tuple[Callable[[str], Any], Callable[[Any], str]]] = {
    "str": (_unsafe, safe),
    "int": (int, str),
    "float": (float, number_text),
    "bool": ({"true": True, "false": False}.__getitem__, lambda value: str(value).lower()),
    "PrintedNumber": (PrintedNumber, str),
}


def _codec(annotation: str) -> tuple[Callable[[str], Any], Callable[[Any], str]]:
    """Return reader and writer of a field; an optional one is an empty cell when it is missing."""
    kind, _, optional = annotation.partition(" | ")
    read, write = _CELL[kind]
    if not optional:
        return read, write
    return (lambda cell: read(cell) if cell else None), (lambda value: "" if value is None else write(value))


# Follows the heading of a printed column that is also the name of one of ours.
PRINTED = " (printed)"


def heading(name: str, cls: type) -> str:
    """Return what a further column is called in a table of a record class: not what one of its own is called."""
    return f"{name}{PRINTED}" if name in columns(cls) else name


def _own_heading(name: str, cls: type) -> str:
    """Return the printed heading that `heading` made a further column's name of."""
    plain = name.removesuffix(PRINTED)
    return plain if heading(plain, cls) == name else name


def columns(cls: type) -> dict[str, str]:
    """Return the fixed columns of a record class and their annotations, in order."""
    return {f.name: str(f.type) for f in fields(cls) if f.name != "extra"}


def dump(rows: Sequence[T], cls: type[T], extra: Iterable[str] = ()) -> str:
    """Return rows as CSV text.

    Parameters
    ----------
    rows
        Records of one class.
    cls
        That class.
    extra
        Further column names, whose values stand in each record's `extra`.
    """
    fixed = {name: _codec(annotation)[1] for name, annotation in columns(cls).items()}
    names = list(extra)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*fixed, *(safe(heading(name, cls)) for name in names)])
    for row in rows:
        more = [safe(getattr(row, "extra")[name]) for name in names]  # noqa: B009 (T has no such attribute)
        writer.writerow([write(getattr(row, name)) for name, write in fixed.items()] + more)
    return out.getvalue()


def load(text: str, cls: type[T], file: str = "") -> list[T]:
    """Return the records of a CSV text that `dump` wrote.

    Raises
    ------
    ReanalysisError
        Where the text is not CSV, a column is missing or a cell is not of its column's type.
    """
    fixed = {name: _codec(annotation)[0] for name, annotation in columns(cls).items()}
    try:
        reader = csv.DictReader(io.StringIO(text))
        headings, rows = list(reader.fieldnames or []), list(reader)
    except csv.Error as error:
        raise ReanalysisError(
            f"this is not CSV: {error}", file=file, remedy="make it again: delete the file and run snakemake"
        ) from error
    missing = [name for name in fixed if name not in headings]
    if missing:
        raise ReanalysisError(
            f"this table has no column {', '.join(missing)}",
            file=file,
            remedy="make it again: delete the file and run snakemake",
        )
    more = {name: _own_heading(_unsafe(name), cls) for name in headings if name not in fixed}
    return [_record(cls, fixed, more, row, file) for row in rows]


def read(path: Path, cls: type[T]) -> list[T]:
    """Return the records of a CSV file that `dump` wrote; raises as `load` does."""
    return load(read_text(path), cls, str(path))


def _record(
    cls: type[T], fixed: dict[str, Callable[[str], Any]], more: dict[str, str], row: dict[str, str], file: str
) -> T:
    values: dict[str, Any] = {}
    for name, read in fixed.items():
        try:
            values[name] = read(row[name] or "")
        except (ValueError, KeyError, ReanalysisError) as error:
            raise ReanalysisError(
                "this cell is not of its column's type",
                file=file,
                study=row.get("study") or "",
                column=name,
                printed=row[name],
                remedy="make the table again: delete the file and run snakemake",
            ) from error
    if more:
        values["extra"] = {own: _unsafe(row[name] or "") for name, own in more.items()}
    return cls(**values)

"""What a figure shows as a table: its numbers in full for a file, and as the page prints them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from reanalysis import formatting
from reanalysis.digits import rounded
from reanalysis.measures import printable
from reanalysis.results import Results
from reanalysis.tables import number_text, safe

# A page that is read from a phone has room for so many rows; what has more shows a summary, or only its file.
MOST_SHOWN = 250


@dataclass(frozen=True)
class Column:
    """A column: its heading, and how the page prints what stands in it; words where nothing says how."""

    name: str
    shown: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Data:
    """The numbers of a figure.

    Parameters
    ----------
    caption
        What a row is.
    rows
        Numbers on the printed scale, words, and None where there is nothing.
    summary
        What the page shows in its place; None to show the rows.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    summary: Data | None = None


def filled(caption: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> Data:
    """Return a table without the columns in which nothing stands."""
    kept = [place for place in range(len(columns)) if any(row[place] not in (None, "") for row in rows)]
    return Data(caption, [columns[place] for place in kept], [[row[place] for place in kept] for row in rows])


def csv_text(data: Data | None, reason: str) -> str:
    """Return the numbers of a figure as CSV text; why there are none, where there are none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if data is None:
        writer.writerows([["nothing is shown"], [safe(reason)]])
    else:
        writer.writerow([safe(one.name) for one in data.columns])
        writer.writerows([_written(value) for value in row] for row in data.rows)
    return out.getvalue()


def _written(value: Any) -> str:  # noqa: ANN401 (what a row holds)
    if value is None:
        return ""
    return number_text(rounded(value)) if isinstance(value, int | float) else safe(value)


def shown_table(data: Data | None) -> dict[str, Any] | None:
    """Return the table that the page shows: `caption`, `columns`, whether each holds numbers, `rows` of texts.

    None where there is none, or where it is long and has no summary.
    """
    if data is None:
        return None
    table = data.summary or data
    if len(table.rows) > MOST_SHOWN:
        return None
    return {
        "caption": table.caption,
        "columns": [one.name for one in table.columns],
        "numeric": [one.shown is not None for one in table.columns],
        "rows": [
            [_printed(column, value) for column, value in zip(table.columns, row, strict=True)] for row in table.rows
        ],
    }


def _printed(column: Column, value: Any) -> str:  # noqa: ANN401 (what a row holds)
    if value is None or value == "":
        return formatting.NONE
    return str(value) if column.shown is None else column.shown(value)


def year(value: float | None) -> str:
    """Return a year, or the middle of two, without a comma."""
    return formatting.NONE if value is None else f"{value:g}"


def effect_columns(results: Results) -> list[Column]:
    """Return the columns of an effect and its interval, on the printed scale."""
    said = f"{100 * results.pooled['level']:g}%"
    return [
        Column(results.review.measure, formatting.number),
        Column(f"{said} CI, from", formatting.number),
        Column(f"{said} CI, to", formatting.number),
    ]


def prediction_columns(results: Results) -> list[Column]:
    """Return the columns of a prediction interval, on the printed scale."""
    said = f"{100 * results.pooled['level']:g}% prediction"
    return [Column(f"{said}, from", formatting.number), Column(f"{said}, to", formatting.number)]


def printed(results: Results, *values: float | None) -> list[float | None]:
    """Return values of the analysis on the printed scale, None where there is none or no double holds it."""
    return [printable(results.review.measure, value) for value in values]

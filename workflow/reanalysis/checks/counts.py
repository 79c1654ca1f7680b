"""Checks of counts and years: groups that do not add up, too many events, wrong percentages, reversed periods."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reanalysis.checks.table import Table
from reanalysis.event_counts import filled
from reanalysis.grammar import PERCENTAGE
from reanalysis.printed import PrintedNumber
from reanalysis.records import Finding, Study

# "45/120 (37.5%)": a count, what it is of, and the percentage.
SHARE = re.compile(
    r"(?<![\d.,/])(?P<count>\d+)\s*/\s*(?P<total>\d+)\s*[(\[]\s*(?P<percent>\d+(?:[.,·]\d+)?)\s*%\s*[)\]]"
)

# What is part of what, and what is said where it is larger.
PARTS = [
    ("n_treated", "n", "treated than patients"),
    ("n_control", "n", "untreated than patients"),
    ("events", "n", "events than patients"),
    ("events_treated", "n_treated", "events in the treated group than patients"),
    ("events_control", "n_control", "events in the control group than patients"),
    ("events_treated", "events", "events in the treated group than in all"),
    ("events_control", "events", "events in the control group than in all"),
    ("events_treated", "n", "events in the treated group than patients"),
    ("events_control", "n", "events in the control group than patients"),
]

# The count that a percentage behind another count is of.
DENOMINATORS = {
    "n_treated": "n",
    "n_control": "n",
    "events": "n",
    "events_treated": "n_treated",
    "events_control": "n_control",
}


def arms(table: Table) -> Iterator[Finding]:
    """Find studies whose groups do not add up to the total: of patients, or of events."""
    for study in table.studies:
        for total, treated, control, noun in (
            ("n", "n_treated", "n_control", "groups"),
            ("events", "events_treated", "events_control", "events of the groups"),
        ):
            values = [getattr(study, name) for name in (total, treated, control)]
            if None in values or values[1] + values[2] == values[0]:
                continue
            detail = f"{values[1]} + {values[2]} = {values[1] + values[2]}, printed {values[0]}."
            column = table.column(*(("counts", "n") if total == "n" else ("events",)))
            message = f"The {noun} do not add up to the total."
            # Fewer may be a third group, or patients left out; more cannot be.
            severity = "error" if values[1] + values[2] > values[0] else "warning"
            yield table.finding(severity, "arms", study.row, column, message, detail)


def events(table: Table) -> Iterator[Finding]:
    """Find studies with more events than patients, or more in a group than in all; a third count is worked out.

    A warning where a risk ratio may count an event of one patient more than once. One finding a study.
    """
    severity = "warning" if table.raw.review.measure == "RR" else "error"
    for printed in table.studies:
        study = filled(printed)
        wrong = [part for part in PARTS if _more(getattr(study, part[0]), getattr(study, part[1]))]
        if not wrong:
            continue
        few, many, what = wrong[0]
        worked = "" if getattr(printed, few) is not None and getattr(printed, many) is not None else ", worked out"
        detail = f"{getattr(study, few)} of {getattr(study, many)}{worked}."
        column = table.column(few, many, "counts")
        yield table.finding(severity, "events", study.row, column, f"There are more {what}.", detail)


def _more(part: int | None, whole: int | None) -> bool:
    return part is not None and whole is not None and part > whole


def percentages(table: Table) -> Iterator[Finding]:
    """Find percentages that are not those of the counts beside them, at any rounding."""
    columns = table.raw.review.columns
    for study in map(filled, table.studies):
        cells = table.raw.rows[study.row - 1]
        for role, of in DENOMINATORS.items():
            found = PERCENTAGE.search(cells[columns[role]]) if role in columns else None
            if found:
                yield from _percentage(table, study, columns[role], found["percent"], (role, of))
        for column, cell in cells.items():
            for share in SHARE.finditer(cell):
                count, total = int(share["count"]), int(share["total"])
                if not is_share(share["percent"], count, total):
                    yield _wrong_share(table, study.row, column, share["percent"], count, total)


def _percentage(table: Table, study: Study, column: str, percent: str, names: tuple[str, str]) -> Iterator[Finding]:
    count, total = (getattr(study, name) for name in names)
    if count is not None and total and not is_share(percent, count, total):
        yield _wrong_share(table, study.row, column, percent, count, total)


def is_share(percent: str, count: int, total: int) -> bool:
    """Whether a printed percentage can be that of a count of a total, either way of rounding a half allowed."""
    number = PrintedNumber(re.sub(r"[,·]", ".", percent))
    return total > 0 and number.low - 1e-9 <= 100 * count / total <= number.high + 1e-9


def _wrong_share(table: Table, row: int, column: str, percent: str, count: int, total: int) -> Finding:
    true = f"{100 * count / total:.1f} %" if total else "no percentage"
    detail = f"{count} of {total} is {true}, printed {percent} %."
    return table.finding(
        "warning",
        "percentages",
        row,
        column,
        "The percentage is not that of its count: a slip, or of another whole.",
        detail,
    )


def period(table: Table) -> Iterator[Finding]:
    """Find inclusion periods that end before they begin, or after the study was published."""
    for study in table.studies:
        column = table.column("period", "end", "start")
        if study.start is not None and study.end is not None and study.end < study.start:
            detail = f"From {study.start:g} to {study.end:g}."
            yield table.finding("error", "period", study.row, column, "Inclusion ends before it begins.", detail)
        last = study.end if study.end is not None else study.start
        if last is not None and study.year is not None and last > study.year:
            detail = f"Inclusion to {last:g}, published in {study.year}."
            yield table.finding("error", "period", study.row, column, "Inclusion ends after publication.", detail)

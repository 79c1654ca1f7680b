"""Declared departures from print: each with a guard, a reason and a source."""

from __future__ import annotations

from dataclasses import dataclass

from reanalysis.errors import ReanalysisError


@dataclass(frozen=True)
class Correction:
    """One declared departure from print; the schema says what each key means."""

    id: str
    study: str
    column: str
    printed: str
    corrected: str
    reason: str
    source: str
    status: str


def same_print(one: str, other: str) -> bool:
    """Whether two texts are the same print; where a line breaks inside a cell means nothing."""
    return one.split() == other.split()


def apply(
    rows: list[dict[str, str]],
    names: list[str],
    corrections: list[Correction],
    file: str,
) -> tuple[list[dict[str, str]], dict[tuple[int, str], str]]:
    """Return corrected rows, and which correction changed which cell.

    Parameters
    ----------
    rows
        The table's rows, heading to cell.
    names
        The printed study name of each row.
    corrections
        Those to apply; each `printed` must match the cell of print.
    file
        The corrections file, for messages.

    Returns
    -------
    rows
        New rows; the given ones stay as printed.
    changed
        (index of the row, heading) to the id of the correction.

    Raises
    ------
    ReanalysisError
        Where a correction names no row, no column, or a text that is not printed there.
    """
    new = [dict(row) for row in rows]
    changed: dict[tuple[int, str], str] = {}
    for correction in corrections:
        index, column = locate(rows, names, correction, file)
        if (index, column) in changed:
            raise ReanalysisError(
                f"the corrections {changed[index, column]!r} and {correction.id!r} change the same cell",
                file=file,
                study=correction.study,
                column=column,
                remedy="make them one correction",
            )
        new[index][column] = correction.corrected
        changed[index, column] = correction.id
    return new, changed


def locate(rows: list[dict[str, str]], names: list[str], correction: Correction, file: str) -> tuple[int, str]:
    """Return the index of the one row, and the heading, that a correction means.

    Raises
    ------
    ReanalysisError
        Where there is none: no such study, no such column, or the guard does not match.
    """
    column = " ".join(correction.column.split())
    indices = [index for index, name in enumerate(names) if name == correction.study]
    if not indices:
        raise ReanalysisError(
            f"the correction {correction.id!r} names a study that is not printed",
            file=file,
            study=correction.study,
            remedy=f"name one as the table prints it: {', '.join(names)}",
        )
    if column not in rows[0]:
        raise ReanalysisError(
            f"the correction {correction.id!r} names a column that the table does not have",
            file=file,
            study=correction.study,
            column=column,
            remedy=f"name one of its headings: {'; '.join(map(repr, rows[0]))}",
        )
    matching = [index for index in indices if same_print(rows[index][column], correction.printed)]
    if len(matching) != 1:
        raise ReanalysisError(
            f"the guard of the correction {correction.id!r} does not match: it expects {correction.printed!r}",
            file=file,
            study=correction.study,
            column=column,
            printed=rows[indices[0]][column],
            remedy="check the cell against the print, then the correction against the cell",
        )
    return matching[0], column

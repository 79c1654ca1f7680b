"""The raw folder of a review: cells as strings, and what its people declare about them."""

from __future__ import annotations

import csv
import difflib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reanalysis import schemas
from reanalysis.corrections import Correction, locate
from reanalysis.errors import ReanalysisError
from reanalysis.files import read_text, read_yaml, refuse_link_away, refuse_longer
from reanalysis.names import study_names
from reanalysis.plain_data import refuse_unfit_text
from reanalysis.review import Review, check_columns, parse

Row = dict[str, str]

FILES = ("table.csv", "review.yaml", "corrections.yaml", "judgements.csv", "statements.csv", "claims.yaml")


@dataclass(frozen=True)
class RawReview:
    """A review's raw folder, read and checked, nothing changed."""

    folder: Path
    review: Review
    headings: list[str]
    rows: list[Row]
    corrections: list[Correction] = field(default_factory=list)
    judgements: list[Row] = field(default_factory=list)
    statements: list[Row] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Return the name of each row's study, as printed."""
        return study_names([row[self.review.columns["study"]] for row in self.rows])

    @property
    def corrections_file(self) -> str:
        """Return the path of the corrections, for messages."""
        return str(self.folder / "corrections.yaml")

    def judged(self, name: str) -> dict[str, str]:
        """Return what a column of the judgements declares, by study: those for which it declares something."""
        return {one["study"]: one[name] for one in self.judgements if one.get(name)}

    def corrected_cells(self) -> list[tuple[int, str, Correction]]:
        """Return the row (from 1), the heading and the correction of each cell declared to be misprinted."""
        names = self.names
        places = [(locate(self.rows, names, one, self.corrections_file), one) for one in self.corrections]
        return [(index + 1, column, one) for (index, column), one in places]


# What UTF-8 looks like when it was read as Windows-1252 or Latin-1, and what stands where a byte was lost.
MOJIBAKE = re.compile("\u00e2\u20ac.|\u00c3[\u0080-\u00bf\u0152-\u2122]|\ufffd")


def read(folder: Path) -> RawReview:
    """Read a review's raw folder.

    Raises
    ------
    ReanalysisError
        Where a file is missing or does not say what its format asks for.
    """
    _refuse_unknown_files(folder)
    review_file, table_file = folder / "review.yaml", folder / "table.csv"
    review = parse(read_yaml(review_file), str(review_file))
    headings, rows = read_table(table_file)
    check_columns(review, headings, str(review_file), str(table_file))
    statements = _declared(folder / "statements.csv", "statements.schema.yaml")
    _check_wholes(statements, str(folder / "statements.csv"))
    return RawReview(
        folder=folder,
        review=review,
        headings=headings,
        rows=rows,
        corrections=_corrections(folder / "corrections.yaml"),
        judgements=_declared(folder / "judgements.csv", "judgements.schema.yaml"),
        statements=statements,
        claims=_claims(folder / "claims.yaml"),
    )


def _check_wholes(statements: list[Row], file: str) -> None:
    """Refuse a percentage of a statement that is not there."""
    known = [one["id"] for one in statements]
    for one in statements:
        if one.get("of") and one["of"] not in known:
            raise ReanalysisError(
                f"the statement {one['id']!r} is of another one that is not there: {one['of']!r}",
                file=file,
                study=one["study"],
                column="of",
                remedy=f"name the id of one of them: {', '.join(known)}",
            )


def _refuse_unknown_files(folder: Path) -> None:
    """Refuse a file that would be ignored in silence, such as corrections under a misspelled name, and links away."""
    for path in sorted(folder.glob("*")):
        refuse_link_away(path, folder)
        if path.suffix in (".csv", ".yaml", ".yml") and path.name not in FILES:
            near = difflib.get_close_matches(path.name, FILES, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise ReanalysisError(
                "no part of a review has this name", file=str(path), remedy=f"{hint}known files: {', '.join(FILES)}"
            )


def read_table(path: Path) -> tuple[list[str], list[Row]]:
    """Return headings and rows of a CSV table; headings on one line, cells to the letter.

    Raises
    ------
    ReanalysisError
        Where the table is empty or ragged, says a heading twice, or holds a NUL character.
    """
    text, file = read_text(path), str(path)
    if wrong := MOJIBAKE.search(text):
        raise ReanalysisError(
            f"this text was read in a wrong encoding somewhere: it holds {wrong.group()!r}",
            file=file,
            remedy="export the table again as UTF-8, or mend those characters after the print",
        )
    refuse_longer(text, str(path))
    refuse_unfit_text(text, file)
    try:
        lines = [line for line in csv.reader(io.StringIO(text), strict=True) if any(cell.strip() for cell in line)]
    except csv.Error as error:
        raise ReanalysisError(
            f"this is not CSV: {error}",
            file=file,
            remedy="close every quotation mark; double those inside a cell",
        ) from error
    if len(lines) < 2:  # noqa: PLR2004 (a heading and a row)
        raise ReanalysisError(
            "this table has no rows", file=file, remedy="one heading row, then one line a printed row"
        )
    headings = [" ".join(heading.split()) for heading in lines[0]]
    if len(headings) == 1 and any(mark in lines[0][0] for mark in ";\t"):
        raise ReanalysisError(
            "this table has one column only, with semicolons or tabs in it",
            file=file,
            printed=lines[0][0],
            remedy="save it with commas between the cells",
        )
    if "" in headings:
        raise ReanalysisError(
            f"column {headings.index('') + 1} has no heading", file=file, remedy="name it, or delete it if it is empty"
        )
    twice = sorted({heading for heading in headings if headings.count(heading) > 1})
    if twice:
        raise ReanalysisError(
            "this heading stands twice", file=file, column=twice[0], remedy="give each column its own heading"
        )
    for number, line in enumerate(lines[1:], start=1):
        if len(line) != len(headings):
            raise ReanalysisError(
                f"row {number} has {len(line)} cells, the heading row has {len(headings)}",
                file=file,
                study=line[0],
                remedy="quote cells that hold a comma; keep empty cells",
            )
    return headings, [dict(zip(headings, line, strict=True)) for line in lines[1:]]


def _corrections(path: Path) -> list[Correction]:
    if not path.exists():
        return []
    content = read_yaml(path) or []
    schemas.check(content, "corrections.schema.yaml", str(path))
    found = [Correction(**item) for item in content]
    _refuse_twice([one.id for one in found], "id", path)
    return found


def _claims(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    content: list[dict[str, Any]] = read_yaml(path) or []
    schemas.check(content, "claims_declared.schema.yaml", str(path))
    _refuse_twice([one["id"] for one in content], "id", path)
    return content


def _declared(path: Path, name: str) -> list[Row]:
    """Return the rows of an optional CSV file whose columns a schema names."""
    if not path.exists():
        return []
    _, rows = read_table(path)
    schemas.check(rows, name, str(path))
    key = "id" if rows and "id" in rows[0] else "study"
    _refuse_twice([row[key] for row in rows], key, path)
    return rows


def _refuse_twice(values: list[str], key: str, path: Path) -> None:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise ReanalysisError(f"the {key} {twice!r} stands twice", file=str(path), remedy=f"say each {key} once")

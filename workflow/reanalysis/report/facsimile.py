"""The printed table, letter by letter: each cell with what was read of it and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reanalysis.raw import RawReview
from reanalysis.records import Finding, Provenance
from reanalysis.review import CHECKED_ROLES


@dataclass(frozen=True)
class Piece:
    """A run of characters of a cell; `read` where a value was taken from them."""

    text: str
    read: bool


@dataclass
class Cell:
    """One printed cell.

    Parameters
    ----------
    anchor
        Its permalink within the page.
    state
        ``inconsistent``, ``doubtful``, ``used`` or ``unused``.
    findings
        The numbers of the findings about it, errors and warnings only.
    corrected
        The text that stands for it in the analysis, empty where print does.
    flows
        Whether its lines may be filled anew: nothing is read from the cell, so its line breaks say nothing.
    """

    anchor: str
    pieces: list[Piece]
    state: str
    findings: list[int] = field(default_factory=list)
    corrected: str = ""
    flows: bool = False


def anchor(row: int, column: int) -> str:
    """Return the permalink of a printed cell; rows and columns count from 1."""
    return f"cell-{row}-{column}"


def facsimile(raw: RawReview, provenance: Sequence[Provenance], findings: Sequence[Finding]) -> list[list[Cell]]:
    """Return the cells of the printed table, row by row."""
    corrected = {(row, column): one.corrected for row, column, one in raw.corrected_cells() if one.status == "applied"}
    # Columns that values are read from keep their lines as printed.
    read = {column for role, column in raw.review.columns.items() if role not in CHECKED_ROLES}
    table = []
    for number, cells in enumerate(raw.rows, start=1):
        line = []
        for place, heading in enumerate(raw.headings, start=1):
            spans = [
                (one.start, one.end)
                for one in provenance
                if (one.file, one.row, one.column) == ("table.csv", number, heading)
            ]
            about = [
                (index, one)
                for index, one in enumerate(findings, start=1)
                if (one.row, one.column) == (number, heading) and one.severity != "note"
            ]
            replaced = corrected.get((number, heading), "")
            line.append(
                Cell(
                    anchor=anchor(number, place),
                    pieces=pieces(cells[heading], [] if replaced else spans),
                    state=_state([one.severity for _, one in about], bool(spans)),
                    findings=[index for index, _ in about],
                    corrected=" ".join(replaced.split()),
                    flows=heading not in read,
                )
            )
        table.append(line)
    return table


def _state(severities: Sequence[str], used: bool) -> str:
    if "error" in severities:
        return "inconsistent"
    if severities:
        return "doubtful"
    return "used" if used else "unused"


def pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return a text cut at the characters that were read; no character is lost or doubled."""
    read = [False] * len(text)
    for start, end in spans:
        read[start:end] = [True] * (end - start)
    found: list[Piece] = []
    for character, one in zip(text, read, strict=True):
        if found and found[-1].read == one:
            found[-1] = Piece(found[-1].text + character, one)
        else:
            found.append(Piece(character, one))
    return found

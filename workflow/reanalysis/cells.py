"""One printed row while it is read: its cells by role, and where each value was found."""

from __future__ import annotations

from dataclasses import dataclass, field

from reanalysis.errors import ReanalysisError
from reanalysis.printed import Span
from reanalysis.raw import RawReview, Row
from reanalysis.records import Provenance


@dataclass
class TableRow:
    """One printed row.

    Parameters
    ----------
    raw
        The review it belongs to.
    number
        Its place in the table, counted from 1.
    cells
        Heading to cell, after the corrections that are applied.
    changed
        Heading to the id of the correction that changed the cell.
    study
        The name of the study, unlike that of any other row.
    found
        Where each value was read, in the order of reading.
    """

    raw: RawReview
    number: int
    cells: Row
    changed: dict[str, str]
    study: str
    found: list[Provenance] = field(default_factory=list)

    def column(self, role: str) -> str:
        """Return the heading of the column that plays a role."""
        return self.raw.review.columns[role]

    def cell(self, role: str) -> str:
        """Return the cell that plays a role; empty where no column does."""
        return self.cells[self.column(role)] if role in self.raw.review.columns else ""

    def note(self, table: str, name: str, role: str, span: Span, item: int | None = None) -> None:
        """Keep where a value of the table was read."""
        column = self.column(role)
        self._keep(table, name, "table.csv", column, self.cells[column], span, item, self.changed.get(column, ""))

    def declare(self, table: str, name: str, file: str, column: str, cell: str, span: Span) -> None:
        """Keep where a value was read that another file of the review says of this row's study."""
        self._keep(table, name, file, column, cell, span, None, "")

    def _keep(
        self, table: str, name: str, file: str, column: str, cell: str, span: Span, item: int | None, correction: str
    ) -> None:
        self.found.append(
            Provenance(
                table=table,
                row=self.number,
                item=item,
                study=self.study,
                field=name,
                file=file,
                column=column,
                start=span[0],
                end=span[1],
                text=cell[slice(*span)],
                correction=correction,
            )
        )

    def located(self, error: ReanalysisError, role: str) -> ReanalysisError:
        """Return an error with the place of this row's cell."""
        file = str(self.raw.folder / "table.csv")
        return error.at(file=file, study=self.study, column=self.column(role), printed=self.cell(role))

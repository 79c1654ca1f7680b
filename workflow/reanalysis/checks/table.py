"""What a check may look at, and how it says what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from reanalysis.event_counts import filled
from reanalysis.grammar.reading import UNREADABLE
from reanalysis.raw import RawReview
from reanalysis.records import Estimate, Finding, Route, Study
from reanalysis.routes import own_counts

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Table:
    """All that a check may look at."""

    raw: RawReview
    studies: list[Study]
    estimates: list[Estimate]
    routes: list[Route]

    def finding(self, severity: str, check: str, row: int, column: str, message: str, detail: str) -> Finding:
        """Return a finding about a printed cell."""
        study = self.studies[row - 1].study
        printed = self.raw.rows[row - 1][column]
        return Finding(severity, check, row, study, column, printed, message, detail)

    def column(self, *roles: str) -> str:
        """Return the heading of the first of these roles that a column plays."""
        columns = self.raw.review.columns
        return next(columns[role] for role in (*roles, "study") if role in columns)

    @cached_property
    def _by_row(self) -> dict[int, list[Estimate]]:
        found: dict[int, list[Estimate]] = {}
        for one in self.estimates:
            found.setdefault(one.row, []).append(one)
        return found

    def of_row(self, row: int) -> list[Estimate]:
        """Return the results of a printed row."""
        return self._by_row.get(row, [])

    def estimate(self, route: Route) -> Estimate:
        """Return the printed result that a route began at."""
        return next(one for one in self.of_row(route.row) if one.item == route.item)

    def counted(self, route: Route) -> Study:
        """Return the study of a route, filled, without the events and proportions that are not those of its result."""
        contrasts = [one.contrast for one in self.of_row(route.row)]
        study = filled(self.studies[route.row - 1])
        return own_counts(study, self.estimate(route), self.raw.review.outcome, contrasts)

    @cached_property
    def used(self) -> dict[tuple[int, int], Route]:
        """Return the route that each result's standard error was taken from, by row and item."""
        return {(route.row, route.item): route for route in self.routes if route.used}

    def readable(self) -> Iterator[Estimate]:
        """Return the results whose numbers could belong to an estimate of the review's measure."""
        for one in self.estimates:
            if one.measure == self.raw.review.measure and not one.reason.startswith(UNREADABLE):
                yield one

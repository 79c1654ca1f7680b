"""What cannot be true in a printed row, and what a reader should know about it.

A check is a function of the table that returns findings; `CHECKS` lists them. Severity: ``error`` for what cannot
be true as printed, ``warning`` for what does not fit together, ``note`` for what is only worth knowing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reanalysis.distributions import two_sided_p
from reanalysis.raw import RawReview
from reanalysis.records import Estimate, Finding, Route, Study
from reanalysis.standard_errors import rounding_polygon

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


def run(table: Table) -> list[Finding]:
    """Return the findings of every check, the most severe first, then in the order of print."""
    found = [finding for check in CHECKS for finding in check(table)]
    return sorted(found, key=lambda one: (SEVERITIES.index(one.severity), one.row))


def arms(table: Table) -> Iterator[Finding]:
    """Find studies whose groups do not add up to the total."""
    for study in table.studies:
        if study.n is None or study.n_treated is None or study.n_control is None:
            continue
        total = study.n_treated + study.n_control
        if total != study.n:
            detail = f"{study.n_treated} + {study.n_control} = {total}, printed {study.n}."
            column = table.column("counts", "n")
            yield table.finding("error", "arms", study.row, column, "The groups do not add up to the total.", detail)


def period(table: Table) -> Iterator[Finding]:
    """Find inclusion periods that end before they begin."""
    for study in table.studies:
        if study.start is not None and study.end is not None and study.end < study.start:
            detail = f"From {study.start:g} to {study.end:g}."
            column = table.column("period", "start")
            yield table.finding("error", "period", study.row, column, "Inclusion ends before it begins.", detail)


def inside(table: Table) -> Iterator[Finding]:
    """Find estimates outside their own interval at every rounding."""
    for one in table.estimates:
        if one.estimate is None or one.lower is None or one.upper is None:
            continue
        if one.estimate.high < one.lower.low or one.estimate.low > one.upper.high:
            detail = f"{one.estimate} is not between {one.lower} and {one.upper}."
            yield table.finding(
                "error", "inside", one.row, one.column, "The estimate lies outside its interval.", detail
            )


def log_symmetry(table: Table) -> Iterator[Finding]:
    """Find estimates that are not the centre of their interval at any rounding."""
    for one in table.estimates:
        box = rounding_polygon(one) if one.poolable else None
        if box is not None and box.empty:
            detail = f"No unrounded numbers give {one.estimate} ({one.lower} to {one.upper}) as a Wald interval."
            message = "The estimate is not the centre of its interval, whatever the rounding."
            yield table.finding("error", "log_symmetry", one.row, one.column, message, detail)


def interval_against_p(table: Table) -> Iterator[Finding]:
    """Find p values that do not follow from the interval beside them at any rounding."""
    for one in table.estimates:
        box = rounding_polygon(one) if one.poolable else None
        if box is None or box.empty or one.p is None:
            continue
        ratios = [abs(y) / s if s > 0 else math.inf for y, s in box.corners]
        crosses = box.yi[0] <= 0 <= box.yi[1]
        implied = two_sided_p(max(ratios)), two_sided_p(0.0 if crosses else min(ratios))
        if not _p_agrees(one, implied):
            detail = (
                f"The interval implies p from {implied[0]:.2g} to {implied[1]:.2g}, printed {one.p_operator} {one.p}."
            )
            message = "The p value does not follow from the interval."
            yield table.finding("warning", "interval_against_p", one.row, one.column, message, detail)


def _p_agrees(one: Estimate, implied: tuple[float, float]) -> bool:
    """Whether a printed p value can be one of those that an interval implies."""
    assert one.p is not None  # noqa: S101 (the caller has looked)
    low, high = implied
    if one.p_operator == "=":
        return one.p.low <= high and one.p.high >= low
    return low <= one.p.value if one.p_operator.startswith("<") else high >= one.p.value


def p_range(table: Table) -> Iterator[Finding]:
    """Find p values that no test can give."""
    for one in table.estimates:
        if one.p is not None and not 0 <= one.p.value <= 1:
            message = "A p value lies between 0 and 1."
            yield table.finding("error", "p_range", one.row, one.column, message, f"Printed {one.p}.")


def repeated(table: Table) -> Iterator[Finding]:
    """Find studies that several rows print alike, name and citation."""
    cells = [" ".join(row[table.column("study")].split()) for row in table.raw.rows]
    for row, cell in enumerate(cells, start=1):
        if cells.count(cell) > 1 and any(one.row == row and one.poolable for one in table.estimates):
            rows = ", ".join(str(other) for other, text in enumerate(cells, start=1) if text == cell)
            message = "Several rows print this study; they are pooled as if they shared no patient."
            yield table.finding("warning", "repeated", row, table.column("study"), message, f"Rows {rows}.")


def information_bound(table: Table) -> Iterator[Finding]:
    """Find hazard ratios more precise than their number of patients allows.

    In a Cox model each event adds at most 1/4 to the information on the log hazard ratio of a 0/1 covariate: the
    variance of that covariate among those at risk. So sei >= 2 / sqrt(D) for D events, and D is at most the number of
    patients.
    ASSUME: the standard error is model-based, of an unweighted model without imputed data.
    """
    for route in table.routes:
        study = table.studies[route.row - 1]
        if not route.used or table.raw.review.measure != "HR" or route.sei_high is None:
            continue
        # Printed events are of the review's outcome; of another one only the patients are known.
        events = study.events if route.outcome == table.raw.review.outcome else None
        groups = (study.n_treated or 0) + (study.n_control or 0)
        # ASSUME: where the groups and the total disagree, the larger number is the lenient one.
        most = events or max(study.n or 0, groups)
        needed = math.ceil(4 / route.sei_high**2)
        if 0 < most < needed:
            column = next(one.column for one in table.estimates if (one.row, one.item) == (route.row, route.item))
            what = "events" if events else "patients"
            detail = (
                f"A standard error of {route.sei:.4f} (at most {route.sei_high:.4f} at any rounding) needs "
                f"at least {needed} events; there are {most} {what}."
            )
            message = "The interval is narrower than the number of patients allows."
            yield table.finding("error", "information_bound", study.row, column, message, detail)


def endpoint(table: Table) -> Iterator[Finding]:
    """Note studies that are declared to count another endpoint than most."""
    declared, sources = table.raw.judged("endpoint"), table.raw.judged("endpoint_from")
    if not declared:
        return
    usual = Counter(declared.values()).most_common(1)[0][0]
    for study in table.studies:
        if declared.get(study.study, usual) != usual:
            message = f"Declared to count {declared[study.study]}, where most studies count {usual}."
            column = table.column("result", "estimate", "log_estimate")
            yield table.finding(
                "warning", "endpoint", study.row, column, message, f"Source: {sources.get(study.study, '')}."
            )


def overlap(table: Table) -> Iterator[Finding]:
    """Note poolable studies that are declared to share patients."""
    cluster, why = table.raw.judged("cluster"), table.raw.judged("cluster_from")
    poolable = {one.row for one in table.estimates if one.poolable}
    pooled = [study for study in table.studies if study.row in poolable and study.study in cluster]
    for study in pooled:
        others = [one.study for one in pooled if cluster[one.study] == cluster[study.study] and one is not study]
        if others:
            message = f"May share patients with {', '.join(others)}; they are pooled as if independent."
            detail = f"{why.get(study.study, '')}."
            yield table.finding("note", "overlap", study.row, table.column("study"), message, detail)


def not_poolable(table: Table) -> Iterator[Finding]:
    """Note the printed results that no pooling can use."""
    for one in table.estimates:
        if not one.poolable:
            message = "This result cannot be pooled."
            words = " ".join(one.text.split())
            detail = f"“{words}”: {one.reason}." if words else f"{one.reason.capitalize()}."
            yield table.finding("note", "not_poolable", one.row, one.column, message, detail)


def from_p(table: Table) -> Iterator[Finding]:
    """Note the standard errors that rest on a p value."""
    columns = {(one.row, one.item): one.column for one in table.estimates}
    for route in table.routes:
        if route.used and route.route == "p":
            message = "The standard error was worked back from a p value."
            detail = f"{route.outcome}: {route.sei:.4f}; its place in a funnel plot follows from its own significance."
            yield table.finding("note", "from_p", route.row, columns[route.row, route.item], message, detail)


def corrections(table: Table) -> Iterator[Finding]:
    """Note the declared departures from print."""
    for row, column, one in table.raw.corrected_cells():
        effect = "changes every analysis" if one.status == "applied" else "is not applied in the primary analysis"
        message = f"Declared to be misprinted; the correction {effect}."
        detail = f"It should say “{' '.join(one.corrected.split())}”. {one.reason} Source: {one.source}."
        yield table.finding(
            "note" if one.status == "applied" else "warning", "corrections", row, column, message, detail
        )


CHECKS: list[Callable[[Table], Iterator[Finding]]] = [
    arms,
    period,
    inside,
    log_symmetry,
    interval_against_p,
    p_range,
    information_bound,
    repeated,
    overlap,
    endpoint,
    corrections,
    from_p,
    not_poolable,
]

"""What is worth knowing of a printed cell although nothing is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from reanalysis.checks.table import Table
from reanalysis.records import Finding
from reanalysis.review import TIME_RATIO


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
    for route in table.used.values():
        if route.route == "p":
            message = "The standard error was worked back from a p value."
            detail = f"{route.outcome}: {route.sei:.4f}; its place in a funnel plot follows from its own significance."
            yield table.finding("note", "from_p", route.row, table.estimate(route).column, message, detail)


def inverted(table: Table) -> Iterator[Finding]:
    """Note the ratios that were turned round, as declared."""
    for one in table.estimates:
        if not one.inverted or (one.estimate is None and one.log_estimate is None and one.o_minus_e is None):
            continue
        declared = table.raw.review.inverted[one.study]
        what = "A time ratio" if one.inverted == TIME_RATIO else "Control against treated"
        message = f"{what} is printed; it is inverted for the analysis, as review.yaml declares."
        detail = f"{declared['reason']} Source: {declared['source']}."
        yield table.finding("note", "inverted", one.row, one.column, message, detail)


def corrections(table: Table) -> Iterator[Finding]:
    """Note the declared departures from print."""
    for row, column, one in table.raw.corrected_cells():
        effect = "changes every analysis" if one.status == "applied" else "is not applied in the primary analysis"
        message = f"Declared to be misprinted; the correction {effect}."
        detail = f"It should say “{' '.join(one.corrected.split())}”. {one.reason} Source: {one.source}."
        yield table.finding(
            "note" if one.status == "applied" else "warning", "corrections", row, column, message, detail
        )

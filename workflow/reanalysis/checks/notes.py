"""What is worth knowing of a printed cell although nothing is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from reanalysis.checks.table import Table
from reanalysis.grammar.reading import UNREADABLE
from reanalysis.records import Finding
from reanalysis.review import TIME_RATIO

# How the reasons begin that somebody can clear up with a look at the print.
DOUBTFUL = ("the words before it", "the row sums up")


def not_poolable(table: Table) -> Iterator[Finding]:
    """Note the printed results that no pooling can use."""
    for one in table.estimates:
        if not one.poolable:
            message = "This result cannot be pooled."
            words = " ".join(one.text.split())
            detail = f"“{words}”: {one.reason}." if words else f"{one.reason.capitalize()}."
            # What looks like an estimate and is lost is worth a look; a statement or an empty cell is what it is.
            severity = "warning" if one.reason.startswith((UNREADABLE, *DOUBTFUL)) else "note"
            yield table.finding(severity, "not_poolable", one.row, one.column, message, detail)


def other_outcomes(table: Table) -> Iterator[Finding]:
    """Find studies whose results could be pooled, but are all of other outcomes than the review's."""
    for study in table.studies:
        results = [one for one in table.of_row(study.row) if one.poolable]
        if results and not any(one.outcome == table.raw.review.outcome for one in results):
            named = ", ".join(dict.fromkeys(f"“{one.outcome}”" for one in results))
            message = f"No result of this row is of {table.raw.review.outcome}."
            detail = f"They are of {named}. Another name of the outcome belongs under also_called in review.yaml."
            yield table.finding("warning", "other_outcomes", study.row, results[0].column, message, detail)


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
        assumed = " Survival times are taken to be exponential." if one.inverted == TIME_RATIO else ""
        what = "A time ratio" if one.inverted == TIME_RATIO else "Control against treated"
        message = f"{what} is printed; it is inverted for the analysis, as review.yaml declares."
        detail = f"{declared['reason']}{assumed} Source: {declared['source']}."
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

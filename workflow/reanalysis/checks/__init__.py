"""What cannot be true in a printed row, and what a reader should know about it.

A check is a function of the table that returns findings; `CHECKS` lists them. Severity: ``error`` for what cannot
be true as printed, ``warning`` for what does not fit together, ``note`` for what is only worth knowing. Each knows how
print rounds: it speaks where no unrounded numbers would do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reanalysis.checks import across, counts, notes, numbers, precision, words
from reanalysis.checks.table import SEVERITIES, Table
from reanalysis.records import Finding

__all__ = ["CHECKS", "SEVERITIES", "Table", "run"]

CHECKS: list[Callable[[Table], Iterator[Finding]]] = [
    counts.arms,
    counts.events,
    counts.percentages,
    counts.period,
    numbers.impossible,
    numbers.plausible,
    numbers.inside,
    numbers.log_symmetry,
    numbers.coherent,
    numbers.p_range,
    precision.information_bound,
    precision.crude,
    precision.own_table,
    precision.standardised,
    precision.routes_apart,
    words.claims,
    words.groups,
    words.elsewhere,
    across.repeated,
    across.overlap,
    across.endpoint,
    notes.corrections,
    notes.inverted,
    notes.other_outcomes,
    notes.from_p,
    notes.not_poolable,
]


def run(table: Table) -> list[Finding]:
    """Return the findings of every check, the most severe first, then in the order of print."""
    found = [finding for check in CHECKS for finding in check(table)]
    return sorted(found, key=lambda one: (SEVERITIES.index(one.severity), one.row))

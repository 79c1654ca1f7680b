"""How often the checks accuse rows that are right, and how many planted typos they find.

`simulated` makes rows from patients; none of them may be accused. `typos` plants one typo in each of some; it is found
where the row has an error or a warning that it did not have before. Fails where a right row is accused, or where less
than `LEAST` of the typos of a kind that can be found at all are found.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.random import Generator
from simulated import ROLES, Row, simulated_rows
from typos import TYPOS, findable, planted

from reanalysis import checks
from reanalysis.errors import ReanalysisError
from reanalysis.extraction import extract
from reanalysis.raw import RawReview
from reanalysis.records import Finding
from reanalysis.review import Review
from reanalysis.routes import USABLE, routes

LEAST = 0.95
SHARES = {"HR": 0.6, "OR": 0.2, "RR": 0.1, "MD": 0.1}

# Typos of a kind, and rows of a table.
PLANTED = 600
TABLE_ROWS = 250

# Rows that are shown, of those accused and of those missed of a kind.
SHOWN = 3


def findings(rows: Sequence[dict[str, str]], measure: str) -> list[Finding]:
    """Return what the project finds in a table; a row that it refuses to read has one error, and the others theirs."""
    cells = [{"study": f"Study {number}"} | row for number, row in enumerate(rows, start=1)]
    columns = {role: role for role in ("study", *ROLES)}
    about = {"title": "Made", "source": {"citation": "Nobody", "table": "1"}, "favours": {"below": "a", "above": "b"}}
    review = Review(measure=measure, outcome="death", columns=columns, **about)  # type: ignore[arg-type]
    raw = RawReview(folder=Path("made"), review=review, headings=list(columns), rows=cells)
    try:
        read = extract(raw)
        made = routes(read.estimates, read.studies, review.outcome, USABLE)
        return checks.run(checks.Table(raw, read.studies, read.estimates, made))
    except ReanalysisError as error:
        if len(rows) == 1:
            return [Finding("error", "refused", 1, error.study, error.column, error.printed or "", error.problem, "")]
    half = len(rows) // 2
    second = [replace(one, row=one.row + half) for one in findings(rows[half:], measure)]
    return [*findings(rows[:half], measure), *second]


def accused(rows: Sequence[Row]) -> list[list[Finding]]:
    """Return the errors and warnings of each row, read with others of its measure."""
    found: list[list[Finding]] = [[] for _ in rows]
    for measure in SHARES:
        places = [place for place, row in enumerate(rows) if row.measure == measure]
        for begin in range(0, len(places), TABLE_ROWS):
            table = places[begin : begin + TABLE_ROWS]
            for one in findings([rows[place].cells() for place in table], measure):
                if one.severity != "note":
                    found[table[one.row - 1]].append(one)
    return found


def new(before: list[Finding], after: list[Finding]) -> bool:
    """Whether a check speaks of a column of which it did not before."""
    return bool({(one.check, one.column) for one in after} - {(one.check, one.column) for one in before})


def plant(rng: Generator, kind: str, right: Sequence[Row]) -> tuple[list[int], list[Row]]:
    """Return rows with a typo of a kind, and the place of each among the right ones."""
    places, wrong = [], []
    for place in rng.permutation(len(right)):
        row = planted(rng, kind, right[place])
        if row is not None and len(wrong) < PLANTED:
            places.append(int(place))
            wrong.append(row)
    return places, wrong


def show(row: Row, found: Sequence[Finding]) -> None:
    """Print the cells of a row that hold something, and what is found in it."""
    print("   ", "; ".join(f"{role} {cell}" for role, cell in row.cells().items() if cell))
    for one in found:
        print(f"      {one.severity} {one.check}: {one.message} {one.detail}")


def false_alarms(right: Sequence[Row], before: list[list[Finding]]) -> int:
    """Print how many right rows of each measure are accused, and some of them; return their number."""
    wronged = [(row, found) for row, found in zip(right, before, strict=True) if found]
    print("right rows   rows  accused")
    for measure in SHARES:
        count = sum(row.measure == measure for row in right)
        print(f"{measure:<10}{count:>7}{sum(row.measure == measure for row, _ in wronged):>9}")
    for row, found in wronged[:SHOWN]:
        show(row, found)
    return len(wronged)


def detection(rng: Generator, kind: str, right: Sequence[Row], before: list[list[Finding]]) -> bool:
    """Plant typos of a kind, print how many are found, and say whether they are enough."""
    places, wrong = plant(rng, kind, right)
    found = [new(before[place], after) for place, after in zip(places, accused(wrong), strict=True)]
    able = [findable(row) for row in wrong]
    missed = [row for row, can, seen in zip(wrong, able, found, strict=True) if can and not seen]
    rate = 1 - len(missed) / max(sum(able), 1)
    overall = sum(found) / max(len(found), 1)
    print(f"{kind:<16}{len(wrong):>8}{sum(able):>10}{rate:>8.1%}{overall:>14.1%}")
    enough = sum(able) > 0 and rate >= LEAST
    for row in [] if enough else missed[:SHOWN]:
        show(row, [])
    return enough


def main() -> int:
    """Make the rows, run the checks, print both tables, and say whether they keep to the limits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000, help="how many right rows (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers (default: %(default)s)")
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    right = [
        row for measure, share in SHARES.items() for row in simulated_rows(rng, measure, round(share * asked.rows))
    ]
    before = accused(right)
    alarms = false_alarms(right, before)
    print("\ntypos            planted  findable   found  found of all")
    enough = [detection(rng, kind, right, before) for kind in TYPOS]
    return 0 if not alarms and all(enough) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Checks of words against numbers: claims printed in the table, and numbers printed outside it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

from reanalysis import coherence, grammar
from reanalysis.checks.counts import is_share
from reanalysis.checks.table import Table
from reanalysis.grammar.labels import GROUPS
from reanalysis.measures import null_value
from reanalysis.records import Estimate, Finding, Study
from reanalysis.standard_errors import Z_SIGNIFICANT

# Only the plain forms: "not superior" or "trend towards benefit" say neither.
EFFECT = r"(?:difference|effect|benefit|association|improvement|reduction)"
NOTHING_FOUND = re.compile(
    rf"n\.?\s?s\.?|(?:not?|non)[\s-]+(?:statistically\s+)?significant(?:ly\s+different)?(?:\s+{EFFECT})?|no\s+{EFFECT}",
    re.IGNORECASE,
)
SOMETHING_FOUND = re.compile(rf"(?:statistically\s+)?significant(?:\s+{EFFECT})?", re.IGNORECASE)
# What is longer says more than whether the one result of its row is significant.
CLAIM_WORDS = 4


def claims(table: Table) -> Iterator[Finding]:
    """Find words of a row that say the opposite of its one result: of its significance, or of its direction."""
    for study in table.studies:
        numbers = [one for one in table.of_row(study.row) if one.poolable and one.outcome == table.raw.review.outcome]
        if len(numbers) != 1:
            continue
        for column, text in _claims(table, study):
            yield from _significance(table, numbers[0], column, text)
            yield from _direction(table, numbers[0], column, text)


def groups(table: Table) -> Iterator[Finding]:
    """Find results whose print names the groups that are compared: which way they run is for a reader to say."""
    for one in table.estimates:
        if one.poolable and not one.inverted and GROUPS.search(one.contrast):
            message = "The print names the groups that are compared."
            detail = (
                f"“{one.contrast}”: if that is control against treatment, declare it under inverted in review.yaml."
            )
            yield table.finding("warning", "groups", one.row, one.column, message, detail)


def _claims(table: Table, study: Study) -> Iterator[tuple[str, str]]:
    """Return the column and the words of each claim that a row makes: its cell of that role, and short remarks."""
    column = table.raw.review.columns.get("claim")
    if column is not None:
        yield column, table.raw.rows[study.row - 1][column]
    for one in table.of_row(study.row):
        if one.estimate is None and one.p is None and not one.contrast and len(one.text.split()) <= CLAIM_WORDS:
            yield one.column, one.text


def _significance(table: Table, one: Estimate, column: str, text: str) -> Iterator[Finding]:
    """Find "not significant" beside a result that is, whatever its rounding, and the other way round."""
    there = coherence.printed(one)
    plain = " ".join(text.split()).strip(" .,;()")
    found = SOMETHING_FOUND.fullmatch(plain) is not None
    if not found and not NOTHING_FOUND.fullmatch(plain):
        return
    boxes = [box for box in coherence.regions(one, there) if not box.empty]
    if not boxes or not {"lower", "p"} & set(there):
        return
    z = [abs(y) / s if s > 0 else math.inf for box in boxes for y, s in box.corners]
    crosses = any(box.yi[0] <= 0 <= box.yi[1] for box in boxes)
    limit = Z_SIGNIFICANT
    said = " ".join(text.split())
    if not found and not crosses and min(z) > limit:
        message = "Words say that there is no significant difference, the numbers that there is."
        yield table.finding("warning", "claims", one.row, column, message, f"“{said}” beside {_numbers(one)}.")
    if found and max(z) < limit:
        message = "Words say that there is a difference, the numbers that it is not significant."
        yield table.finding("warning", "claims", one.row, column, message, f"“{said}” beside {_numbers(one)}.")


def _direction(table: Table, one: Estimate, column: str, text: str) -> Iterator[Finding]:
    """Find "favours ..." beside a result that lies on the other side, whatever its rounding."""
    match = re.search(r"\bfavou?r(?:s|ed|ing)?\b(?:\s+of)?\s+(?P<what>.*)", " ".join(text.split()), re.IGNORECASE)
    printed = one.estimate or one.log_estimate
    if match is None or printed is None:
        return
    named = [
        side for side in ("below", "above") if match["what"].lower().startswith(table.raw.review.favours[side].lower())
    ]
    null = null_value(one.measure) if one.estimate is not None else 0.0
    side = "below" if printed.high < null else "above" if printed.low > null else ""
    if one.inverted:
        side = {"below": "above", "above": "below"}.get(side, "")
    if named and side and named[0] != side:
        message = "Words and numbers favour different sides."
        yield table.finding("warning", "claims", one.row, column, message, f"“{match.group()}” beside {_numbers(one)}.")


def _numbers(one: Estimate) -> str:
    parts = [str(one.estimate or one.log_estimate or "")]
    if one.lower is not None and one.upper is not None:
        parts.append(f"({one.lower} to {one.upper})")
    if one.p is not None:
        parts.append(f"p {one.p_operator} {one.p}")
    return " ".join(parts)


def elsewhere(table: Table) -> Iterator[Finding]:
    """Find numbers printed outside the table that contradict it, and percentages there that are not of their counts."""
    rows = {study.study: study for study in table.studies}
    printed = {one["id"]: one["printed"] for one in table.raw.statements}
    for statement in table.raw.statements:
        study, field = rows.get(statement["study"]), statement.get("field", "")
        if statement.get("of"):
            yield from _share_elsewhere(table, statement, printed[statement["of"]], study)
        if study is None or not field:
            continue
        if field in ("p", "estimate"):
            yield from _result_elsewhere(table, statement, study)
        else:
            yield from _count_elsewhere(table, statement, study)


def _says(statement: dict[str, str]) -> str:
    source = statement.get("source") or "The text of the source"
    return f"{source} prints “{statement['printed']}” ({statement['about'][:1].lower()}{statement['about'][1:]})"


def _count_elsewhere(table: Table, statement: dict[str, str], study: Study) -> Iterator[Finding]:
    field = statement["field"]
    value = getattr(study, field)
    number = grammar.first_number(statement["printed"])
    if value is None or number is None:
        return
    agrees = number.value == value if isinstance(value, int) else number.low <= value.value <= number.high
    if agrees:
        return
    column = table.column("counts", field) if field.startswith("n") else table.column(field)
    message = "Another number is printed elsewhere."
    yield table.finding("warning", "elsewhere", study.row, column, message, f"{_says(statement)}, the table {value}.")


def _result_elsewhere(table: Table, statement: dict[str, str], study: Study) -> Iterator[Finding]:
    """Find a result or a p value that cannot be that of the table's own result."""
    outcome = statement.get("outcome") or table.raw.review.outcome
    rows = [one for one in table.of_row(study.row) if one.outcome == outcome and one.estimate is not None]
    mark = table.raw.review.decimal_mark
    readings = [
        one for one in grammar.read_result(statement["printed"], mark) if one.p is not None or one.estimate is not None
    ]
    if len(rows) != 1 or len(readings) != 1:
        return
    own, other = rows[0], readings[0]
    names = ("estimate", "lower", "upper")
    for name in names:
        here, there = getattr(own, name), getattr(other, name)
        if here is not None and there is not None and (here.low > there.high or here.high < there.low):
            message = "Another result is printed elsewhere."
            detail = f"{_says(statement)}, the table {_numbers(own)}."
            yield table.finding("warning", "elsewhere", study.row, own.column, message, detail)
            return
    if other.p is None:
        return
    together = replace(own, p=other.p, p_operator=other.p_operator, p_sides=other.p_sides or own.p_sides)
    trio = [name for name in names if getattr(own, name) is not None]
    if coherence.together(own, trio) and not coherence.together(together, [*trio, "p"], other_test=True):
        message = "The p value printed elsewhere does not follow from the interval."
        detail = f"{_says(statement)}. {coherence.implied_p(own)}."
        yield table.finding("warning", "elsewhere", study.row, own.column, message, detail)


def _share_elsewhere(table: Table, statement: dict[str, str], whole: str, study: Study | None) -> Iterator[Finding]:
    """Find a count with a percentage that is not its share of another printed count."""
    match = grammar.PERCENTAGE.search(statement["printed"])
    count, total = grammar.first_number(statement["printed"]), grammar.first_number(whole)
    if match is None or count is None or total is None or study is None or total.value == 0:
        return
    if not is_share(match["percent"], int(count.value), int(total.value)):
        true = 100 * count.value / total.value
        detail = f"{_says(statement)}; {count} of {total} is {true:.1f} %."
        message = "A percentage in the text is not that of its count."
        yield table.finding("warning", "elsewhere", study.row, table.column("study"), message, detail)

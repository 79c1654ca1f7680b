"""From a printed row to its estimates: every one that is printed, poolable or not, and why not."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

from reanalysis import grammar
from reanalysis.cells import TableRow
from reanalysis.errors import ReanalysisError
from reanalysis.grammar import Reading
from reanalysis.measures import is_ratio, null_value
from reanalysis.printed import PrintedNumber, is_missing
from reanalysis.records import Estimate
from reanalysis.review import ESTIMATE_ROLES, NUMBER_ROLES, TEXT_ROLES

NOTHING = "nothing is printed"


@dataclass(frozen=True)
class _Gathered:
    """A reading with what stands beside it in columns of its own, and the role each field came from."""

    reading: Reading
    roles: dict[str, str]
    values: dict[str, PrintedNumber] = field(default_factory=dict)

    def add(self, role: str, part: Reading) -> _Gathered:
        """Take over the fields that another cell says."""
        said = {one.name: getattr(part, one.name) for one in fields(part) if one.name not in ("start", "end", "spans")}
        new = {name: value for name, value in said.items() if value not in ("", None)}
        reading = replace(self.reading, spans=self.reading.spans | part.spans, **new)
        return replace(self, reading=reading, roles=self.roles | dict.fromkeys(part.spans, role))


def read_estimates(row: TableRow) -> list[Estimate]:
    """Return the estimates that a row prints, at least one, and keep their provenance in the row.

    Raises
    ------
    ReanalysisError
        Where a column that must hold a number does not, or an interval is impossible.
    """
    columns = row.raw.review.columns
    role = next(role for role in ESTIMATE_ROLES if role in columns)
    readings = grammar.read_result(row.cell(role)) if role == "result" else []
    gathered = [_Gathered(reading, dict.fromkeys(reading.spans, role)) for reading in readings]
    if len(gathered) > 1:
        _refuse_beside(row, role)
    else:
        whole = gathered or [_Gathered(Reading(0, len(row.cell(role)), reason=NOTHING), {})]
        gathered = [_beside(row, whole[0])]
    for item, part in enumerate(gathered, start=1):
        for name, origin in part.roles.items():
            row.note("estimates", name, origin, part.reading.spans[name], item)
    return [_estimate(row, role, item, part) for item, part in enumerate(gathered, start=1)]


def _refuse_beside(row: TableRow, role: str) -> None:
    """Refuse a value in a column of its own where the row prints several results: it could belong to any of them."""
    for other in ("ci", "p", *NUMBER_ROLES, *TEXT_ROLES):
        if other in row.raw.review.columns and not is_missing(row.cell(other)):
            error = ReanalysisError(
                f"this value could belong to any of the results in the column {row.column(role)!r}",
                remedy="take its role away in review.yaml, or print one result a row",
            )
            raise row.located(error, other)


def _beside(row: TableRow, gathered: _Gathered) -> _Gathered:
    """Add to a row's one reading what its other columns say."""
    present = [role for role in row.raw.review.columns if not is_missing(row.cell(role))]
    for role in present:
        cell = row.cell(role)
        try:
            if role == "ci":
                _refuse_twice(gathered.reading.lower is not None, "interval")
                gathered = gathered.add(role, grammar.read_interval(cell))
            elif role == "p":
                _refuse_twice(gathered.reading.p is not None, "p value")
                gathered = gathered.add(role, grammar.read_p(cell))
            elif role in NUMBER_ROLES:
                gathered = _number(gathered, role, cell)
            elif role in TEXT_ROLES:
                part = Reading(0, len(cell), spans={role: (0, len(cell))})
                gathered = gathered.add(role, replace(part, **{role: " ".join(cell.split())}))  # type: ignore[arg-type]  # the same
        except ReanalysisError as error:
            raise row.located(error, role) from error
    reading = gathered.reading
    has_number = gathered.values or any((reading.estimate, reading.lower, reading.upper))
    return replace(gathered, reading=replace(gathered.reading, reason="")) if has_number else gathered


def _refuse_twice(already: bool, what: str) -> None:
    if already:
        raise ReanalysisError(
            f"the cell with the result prints {what} as well", remedy="take the role of this column away in review.yaml"
        )


def _number(gathered: _Gathered, role: str, cell: str) -> _Gathered:
    (number, span), *more = grammar.read_numbers(cell, "one number")
    if more:
        raise ReanalysisError("one number was expected here", remedy="check the cell against the print")
    part = Reading(*span, spans={role: span})
    if role in ("estimate", "lower", "upper"):
        return gathered.add(role, replace(part, **{role: number}))  # type: ignore[arg-type]  # one of three fields of a kind
    return replace(
        gathered,
        reading=replace(gathered.reading, spans=gathered.reading.spans | part.spans),
        roles=gathered.roles | {role: role},
        values=gathered.values | {role: number},
    )


def _estimate(row: TableRow, role: str, item: int, gathered: _Gathered) -> Estimate:
    review, reading, values = row.raw.review, gathered.reading, gathered.values
    estimate = Estimate(
        row=row.number,
        item=item,
        study=row.study,
        # ASSUME: an estimate printed without an outcome is of the review's outcome.
        outcome=reading.outcome or ("" if reading.reason else review.outcome),
        contrast=reading.contrast,
        measure=reading.measure or review.measure,
        estimate=reading.estimate,
        lower=reading.lower,
        upper=reading.upper,
        # ASSUME: an interval printed without its level has the level that review.yaml gives.
        level=reading.level or review.level,
        p=reading.p,
        p_operator=reading.p_operator,
        log_estimate=values.get("log_estimate"),
        se=values.get("se"),
        variance=values.get("variance"),
        o_minus_e=values.get("o_minus_e"),
        text=row.cell(role)[reading.start : reading.end],
        column=row.column(role),
        poolable=False,
        reason=reading.reason,
    )
    try:
        _refuse_impossible(estimate)
    except ReanalysisError as error:
        raise row.located(error, gathered.roles.get("lower", role)) from error
    reason = reading.reason or _unpoolable(estimate, review.measure)
    return replace(estimate, poolable=not reason, reason=reason)


def _refuse_impossible(estimate: Estimate) -> None:
    """Refuse numbers that no estimate and no interval can have.

    Raises
    ------
    ReanalysisError
        Where a ratio is negative, a level is not between 0 and 1, or the limits are reversed.
    """
    remedy = "check the cell against the print; if it is printed so, declare a correction in corrections.yaml"
    numbers = (estimate.estimate, estimate.lower, estimate.upper)
    if is_ratio(estimate.measure) and any(number is not None and number.value < 0 for number in numbers):
        raise ReanalysisError("an impossible estimate: a ratio is never negative", remedy=remedy)
    if not 0 < estimate.level < 1:
        raise ReanalysisError(
            f"an impossible interval: {100 * estimate.level:g} % is no confidence level", remedy=remedy
        )
    lower, upper = estimate.lower, estimate.upper
    if lower is not None and upper is not None and lower.value > upper.value:
        raise ReanalysisError(
            f"an impossible interval: its lower limit {lower} is above its upper limit {upper}", remedy=remedy
        )


def _unpoolable(estimate: Estimate, measure: str) -> str:
    """Return why an estimate cannot be pooled; empty if it can."""
    if estimate.measure != measure:
        return f"printed as {estimate.measure}, the review pools {measure}"
    score = estimate.o_minus_e is not None and estimate.variance is not None
    if estimate.estimate is None and estimate.log_estimate is None and not score:
        return "no estimate is printed"
    numbers = (estimate.estimate, estimate.lower, estimate.upper)
    if is_ratio(measure) and any(number is not None and number.value == 0 for number in numbers):
        return "a ratio or limit of 0 is printed, which has no logarithm"
    spread = (estimate.se, estimate.variance)
    if any(number is not None and number.value <= 0 for number in spread):
        return "a standard error or variance of 0 or less is printed"
    if estimate.lower is not None and estimate.upper is not None:
        same = estimate.lower.value == estimate.upper.value
        return "both limits are printed as the same number, which leaves no standard error" if same else ""
    return "" if any(spread) else _unusable_p(estimate)


def _unusable_p(estimate: Estimate) -> str:
    """Return why an estimate without an interval or a standard error gives none; empty if its p value does."""
    p, printed = estimate.p, estimate.estimate or estimate.log_estimate
    none = null_value(estimate.measure) if estimate.estimate is not None else 0.0
    reasons = [
        (estimate.lower is not None or estimate.upper is not None, "only one limit of the interval is printed"),
        (estimate.p_operator == "ns", "printed only as not significant, without a p value or an interval"),
        (p is None, "neither an interval nor a p value is printed"),
        (estimate.p_operator != "=", "the p value is printed only as an inequality"),
        (p is not None and not 0 < p.value < 1, f"a p value of {p} gives no standard error"),
        (
            printed is not None and printed.value == none,
            "an estimate of no difference with only a p value gives no standard error",
        ),
    ]
    return next((reason for holds, reason in reasons if holds), "")

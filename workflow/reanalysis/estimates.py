"""From a printed row to its estimates: every one that is printed, poolable or not, and why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from reanalysis import grammar
from reanalysis.cells import TableRow
from reanalysis.errors import ReanalysisError
from reanalysis.grammar import Reading
from reanalysis.poolability import NOTHING, doubt, why_not
from reanalysis.printed import PrintedNumber, is_missing
from reanalysis.records import Estimate, Study
from reanalysis.review import ESTIMATE_ROLES, EVENT_ROLES, NUMBER_ROLES, TEXT_ROLES, TIME_RATIO
from reanalysis.routes import own_counts


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


def read_estimates(row: TableRow, study: Study) -> list[Estimate]:
    """Return the estimates that a row prints, at least one, and keep their provenance in the row.

    Parameters
    ----------
    study
        What `read_study` made of the same row.

    Raises
    ------
    ReanalysisError
        Where a column that must hold a number does not, or a cell can be read in two ways.
    """
    columns = row.raw.review.columns
    role = next(role for role in (*ESTIMATE_ROLES, *EVENT_ROLES) if role in columns)
    try:
        readings = grammar.read_result(row.cell(role), row.raw.review.decimal_mark) if role == "result" else []
    except ReanalysisError as error:
        raise row.located(error, role) from error
    gathered = [_Gathered(reading, dict.fromkeys(reading.spans, role)) for reading in _told_apart(readings)]
    if len(gathered) > 1:
        _refuse_beside(row, role)
    else:
        whole = gathered or [_Gathered(Reading(0, len(row.cell(role)), reason=NOTHING), {})]
        gathered = [_beside(row, whole[0])]
    for item, part in enumerate(gathered, start=1):
        for name, origin in part.roles.items():
            row.note("estimates", name, origin, part.reading.spans[name], item)
    # "HR (OS)" names the outcome where a contrast stands: it tells no results apart.
    outcomes = row.raw.review.outcomes
    named = [part.reading.contrast for part in gathered]
    contrasts = ["" if one.lower() in outcomes else one for one in named]
    read = [part.reading for part in gathered]
    return [
        _estimate(row, role, item, part, study, contrasts, doubt(row, role, read, item - 1))
        for item, part in enumerate(gathered, start=1)
    ]


def _told_apart(readings: list[Reading]) -> list[Reading]:
    """Return readings of which an adjusted one beside another of the same outcome has that word as its contrast."""
    same = Counter((one.measure, one.outcome) for one in readings if one.estimate is not None)
    return [
        replace(one, contrast="adjusted")
        if one.adjusted and not one.contrast and same[one.measure, one.outcome] > 1
        else one
        for one in readings
    ]


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
    mark = row.raw.review.decimal_mark
    present = [role for role in row.raw.review.columns if not is_missing(row.cell(role))]
    for role in present:
        cell = row.cell(role)
        try:
            if role == "ci":
                _refuse_twice(gathered.reading.lower is not None, "interval")
                gathered = gathered.add(role, grammar.read_interval(cell, mark))
            elif role == "p":
                _refuse_twice(gathered.reading.p is not None, "p value")
                gathered = gathered.add(role, grammar.read_p(cell, mark))
            elif role in NUMBER_ROLES:
                gathered = _number(gathered, role, cell, mark)
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


def _number(gathered: _Gathered, role: str, cell: str, mark: str) -> _Gathered:
    (number, span), *more = grammar.read_numbers(cell, "one number", decimal_mark=mark)
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


def _estimate(
    row: TableRow, role: str, item: int, gathered: _Gathered, study: Study, contrasts: Sequence[str], doubted: str
) -> Estimate:
    review, reading, values = row.raw.review, gathered.reading, gathered.values
    declared = review.inverted.get(row.study, {}).get("printed", "")
    time_ratio = declared == TIME_RATIO and reading.measure in ("", "TR")
    estimate = Estimate(
        row=row.number,
        item=item,
        study=row.study,
        # ASSUME: an estimate printed without an outcome is of the review's outcome.
        outcome=reading.outcome or ("" if reading.reason not in ("", NOTHING) else review.outcome),
        contrast=reading.contrast,
        # ASSUME: survival times are exponential, so that a hazard ratio is the inverse of a time ratio.
        measure=review.measure if time_ratio else reading.measure or review.measure,
        estimate=reading.estimate,
        lower=reading.lower,
        upper=reading.upper,
        # ASSUME: an interval printed without its level has the level that review.yaml gives.
        level=reading.level or review.level,
        p=reading.p,
        p_operator=reading.p_operator,
        # ASSUME: a p value printed without its sides has those that review.yaml gives, two unless it says otherwise.
        p_sides=reading.p_sides or review.p_sides,
        log_estimate=values.get("log_estimate"),
        se=values.get("se", reading.se),
        variance=values.get("variance"),
        o_minus_e=values.get("o_minus_e"),
        inverted=declared if time_ratio or declared != TIME_RATIO else "",
        text=row.cell(role)[reading.start : reading.end],
        column=row.column(role),
        poolable=False,
        reason=reading.reason,
    )
    if estimate.outcome.lower() in review.outcomes:
        estimate = replace(estimate, outcome=review.outcome)
    # The outcome named where the contrast stands: "HR (OS) = 0.57".
    if not reading.outcome and estimate.contrast.lower() in review.outcomes:
        estimate = replace(estimate, contrast="")
    reason = why_not(estimate, reading, own_counts(study, estimate, review.outcome, contrasts), review.measure, doubted)
    # Where nothing is printed, no outcome is.
    nothing = reading.reason == NOTHING and reason
    return replace(estimate, poolable=not reason, reason=reason, outcome="" if nothing else estimate.outcome)

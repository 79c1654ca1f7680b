"""The numbers of a printed result, as the tests of a claim ask for them: in the table or in the running text."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable

from reanalysis import coherence, grammar
from reanalysis.distributions import two_sided_p
from reanalysis.errors import ReanalysisError
from reanalysis.expressions import unknown
from reanalysis.measures import is_ratio, printable
from reanalysis.printed import PrintedNumber
from reanalysis.quantities import Quantity, Series, Value, missing
from reanalysis.raw import Row
from reanalysis.records import Estimate, Study
from reanalysis.review import Review
from reanalysis.rounding import Interval
from reanalysis.significance import of_print
from reanalysis.spelled import spelled_number
from reanalysis.standard_errors import from_interval, from_p, from_standard_error

RESULT_FIELDS = (
    *("ratio", "effect", "se", "p", "estimate", "lower", "upper", "printed_p"),
    *("implied_p_low", "implied_p_high", "p_low", "p_high", "coherent"),
)
STATEMENT_FIELDS = ("value", "percent", "numbers", *RESULT_FIELDS)

RANGE = re.compile(r"(\d{1,9})(?:\s*[-\u2010-\u2015]\s*(\d{1,9}))?")
# The ways from a result of the running text to its standard error, the preferred one first.
ROUTES = {"se": from_standard_error, "ci": from_interval, "p": from_p}

# A list of numbers with more than this is no list that anybody prints.
MOST_NUMBERS = 200


def of_statement(statement: Row, field: str, review: Review, place: Hashable) -> Value:
    """Return a field of a statement: a number that it prints, or one of the result that it prints.

    Parameters
    ----------
    field
        One of `STATEMENT_FIELDS`.
    place
        The source that its numbers remember.
    """
    printed, what = statement["printed"], f"the statement {statement['id']!r}"
    if field == "numbers":
        return _numbers(printed, place)
    if field == "value":
        # Print of a whole number in words says it exactly.
        words = spelled_number(printed)
        exact = None if words is None else Quantity(float(words), frozenset([place]), half_unit=0.0)
        return exact or of_printed(grammar.first_number(printed), [place], f"{what} prints no number")
    if field == "percent":
        match = grammar.PERCENTAGE.search(printed)
        percent = PrintedNumber(re.sub("[,·]", ".", match["percent"])) if match else None
        return of_printed(percent, [place], f"{what} prints no percentage in brackets")
    try:
        readings = [
            one
            for one in grammar.read_result(printed, review.decimal_mark)
            if one.estimate is not None or one.p is not None
        ]
    except ReanalysisError as error:
        return missing(f"{what}: {error.problem}", [place])
    if len(readings) != 1:
        return missing(f"{what} prints no single result", [place])
    return _of_reading(_estimate(statement, readings[0], review), field, what, place)


def _of_reading(estimate: Estimate, field: str, what: str, place: Hashable) -> Quantity:
    """Return a field of a result of the running text."""
    study = Study(0, estimate.study)
    made = {name: one for name, route in ROUTES.items() if (one := route(estimate, study)) is not None}
    if not made:
        return of_result(estimate, None, None, field, what, [place])
    used, found = next(iter(made.items()))
    said = of_print(estimate, made, used)
    return of_result(estimate, found.yi, found.sei, field, what, [place], (said.z_low, said.z_high))


def _estimate(statement: Row, reading: grammar.Reading, review: Review) -> Estimate:
    """Return the result that a statement prints, as a result of the table would be."""
    return Estimate(
        row=0,
        item=1,
        study=statement["study"],
        outcome=statement.get("outcome") or review.outcome,
        contrast="",
        # ASSUME: a result of the running text is of the review's measure unless it names another one.
        measure=reading.measure or review.measure,
        estimate=reading.estimate,
        lower=reading.lower,
        upper=reading.upper,
        level=reading.level or review.level,
        p=reading.p,
        p_operator=reading.p_operator,
        p_sides=reading.p_sides or review.p_sides,
        log_estimate=None,
        se=reading.se,
        variance=None,
        o_minus_e=None,
        inverted="",
        text=statement["printed"],
        column="",
        poolable=True,
        reason="",
    )


def of_printed(number: PrintedNumber | None, places: Iterable[Hashable], reason: str = "") -> Quantity:
    """Return a printed number with how it was rounded; missing for a reason where there is none."""
    if number is None:
        return missing(reason, places)
    return Quantity(number.value, frozenset(places), half_unit=number.half_unit)


def _numbers(printed: str, place: Hashable) -> Value:
    """Return all whole numbers of a list, with those between the ends of each range: 6, 7, 8, 15 of "[6-8,15]"."""
    found: list[int] = []
    for match in RANGE.finditer(printed):
        first, last = int(match[1]), int(match[2] or match[1])
        if len(found) + last - first >= MOST_NUMBERS:
            return missing(f"a list of more than {MOST_NUMBERS} numbers", [place])
        found += range(first, last + 1)
    return Series(tuple(Quantity(float(one), frozenset([place]), half_unit=0.0) for one in found), "numbers")


def of_result(
    estimate: Estimate,
    yi: float | None,
    sei: float | None,
    field: str,
    what: str,
    places: Iterable[Hashable],
    z: Interval | None = None,
) -> Quantity:
    """Return a number of a result: as printed, on the scale of the analysis, or implied by its interval.

    Parameters
    ----------
    estimate
        What is printed.
    yi, sei
        Its effect and standard error on the scale of the analysis, where they are known.
    field
        One of `RESULT_FIELDS`.
    what, places
        What it is called where a number is missing, and where it was read.
    z
        The z statistics between which all that is printed lets it lie; None where it has no standard error.

    Raises
    ------
    ReanalysisError
        Where there is no such field.
    """
    cells = frozenset(places)
    reason = f"{what} has no {field}"
    if field not in RESULT_FIELDS:
        raise unknown("field of a result", field, RESULT_FIELDS)
    if field in ("estimate", "lower", "upper", "printed_p"):
        return of_printed(getattr(estimate, field.removeprefix("printed_")), cells, reason)
    if field == "coherent":
        there = coherence.printed(estimate)
        return Quantity(coherence.together(estimate, there), cells) if len(there) > 1 else missing(reason, cells)
    if field.startswith("implied_p"):
        implied = coherence.implied_p_range(estimate)
        return missing(reason, cells) if implied is None else Quantity(implied[field.endswith("high")], cells)
    if field in ("p_low", "p_high"):
        # The largest z statistic has the smallest p value.
        return missing(reason, cells) if z is None else Quantity(two_sided_p(z[field == "p_low"]), cells)
    ratio = printable(estimate.measure, yi) if is_ratio(estimate.measure) else None
    p = two_sided_p(yi / sei) if yi is not None and sei else None
    value = {"ratio": ratio, "effect": yi, "se": sei, "p": p}[field]
    return missing(reason, cells) if value is None else Quantity(value, cells)

"""Checks of one result against itself: whether estimate, interval, p value and standard error belong together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from reanalysis import coherence
from reanalysis.checks.table import Table
from reanalysis.measures import is_ratio
from reanalysis.records import Estimate, Finding

TRIO = ["estimate", "lower", "upper"]

# ASSUME: a ratio above this with all of its interval, or this without one, is rather something else.
FAR_RATIO = 10.0
FAR_ALONE = 50.0


def impossible(table: Table) -> Iterator[Finding]:
    """Find numbers that no estimate and no interval can have."""
    for one in table.estimates:
        lower, upper = one.lower, one.upper
        numbers = [number for number in (one.estimate, lower, upper) if number is not None]
        found = [
            (is_ratio(one.measure) and any(number.value < 0 for number in numbers), "A ratio is never negative."),
            (not 0 < one.level < 1, "This is no confidence level."),
            (
                lower is not None and upper is not None and lower.value > upper.value,
                "The lower limit is above the upper limit.",
            ),
            (
                any(number is not None and number.high <= 0 for number in (one.se, one.variance)),
                "No spread is negative.",
            ),
        ]
        for holds, message in found:
            if holds:
                yield table.finding("error", "impossible", one.row, one.column, message, _as_printed(one))


def plausible(table: Table) -> Iterator[Finding]:
    """Find ratios that hardly are ratios: far above 1, or whole numbers without a measure, as medians are."""
    for one in table.estimates:
        numbers = [number for number in (one.estimate, one.lower, one.upper) if number is not None]
        if not one.poolable or one.estimate is None or not is_ratio(one.measure):
            continue
        far = min(number.value for number in numbers) > (FAR_RATIO if len(numbers) == len(TRIO) else FAR_ALONE)
        whole = len(numbers) == len(TRIO) and all(number.text.isdigit() for number in numbers)
        if far or (whole and one.measure not in one.text):
            message = "This may be no ratio: a median, a percentage, or a number that lost its decimal mark."
            yield table.finding("warning", "plausible", one.row, one.column, message, _as_printed(one))


def inside(table: Table) -> Iterator[Finding]:
    """Find estimates outside their own interval at every rounding."""
    for one in table.readable():
        if one.estimate is None or one.lower is None or one.upper is None:
            continue
        if one.estimate.high < one.lower.low or one.estimate.low > one.upper.high:
            detail = f"{one.estimate} is not between {one.lower} and {one.upper}."
            yield table.finding(
                "error", "inside", one.row, one.column, "The estimate lies outside its interval.", detail
            )


def log_symmetry(table: Table) -> Iterator[Finding]:
    """Find estimates that are not the centre of their interval at any rounding.

    A warning, since profile, exact and bootstrap intervals need not be symmetric.
    """
    for one in table.readable():
        if all(getattr(one, name) is not None for name in TRIO) and not coherence.together(one, TRIO):
            detail = f"No unrounded numbers give {one.estimate} ({one.lower} to {one.upper}) as a Wald interval."
            message = "The estimate is not the centre of its interval: a misprint, or an interval of another kind."
            yield table.finding("warning", "log_symmetry", one.row, one.column, message, detail)


def coherent(table: Table) -> Iterator[Finding]:
    """Find a p value, standard error, variance or logarithm that does not fit what else is printed of the result.

    A p value that another test than Wald's could give is only noted, and so are numbers that fit Student's t.
    """
    for one in table.readable():
        there = coherence.printed(one)
        trio = [name for name in TRIO if name in there]
        if coherence.together(one, there) or not coherence.together(one, trio):
            continue  # all is well, or another check says what is not
        extras = [name for name in there if name not in TRIO]
        for names in _conflicts(one, trio, extras):
            asked = [*trio, *names]
            n = table.studies[one.row - 1].n
            another = "p" in names and coherence.together(one, asked, other_test=True)
            yield _finding(table, one, names, another or coherence.with_student(one, asked, n))


def _conflicts(one: Estimate, trio: list[str], extras: list[str]) -> list[list[str]]:
    """Return the fewest numbers that do not fit the estimate and its interval: each alone, else in pairs, else all."""
    for size in range(1, len(extras)):
        found = [list(some) for some in combinations(extras, size) if not coherence.together(one, [*trio, *some])]
        if found:
            return found
    return [extras]


def _finding(table: Table, one: Estimate, names: list[str], noted: bool) -> Finding:
    """Return that one number does not fit the others, or that several do not fit each other."""
    said = [coherence.NAMES[name] for name in names]
    interval = one.lower is not None and one.upper is not None
    if len(names) == 1:
        message = f"The {said[0]} does not follow from the {'interval' if interval else 'estimate'}."
    else:
        message = f"The {', '.join(said[:-1])} and the {said[-1]} do not fit each other."
    detail = f"{_as_printed(one)} No effect and standard error print so with the normal distribution."
    if names == ["p"] and interval:
        detail = f"{coherence.implied_p(one)}, printed {_p(one)}."
    if noted:
        detail += " Another test, such as a log-rank or t test, could give these numbers."
    elif "p" in names:
        detail += " It is a misprint, of another level or side, or from another test."
    return table.finding("note" if noted else "warning", "coherent", one.row, one.column, message, detail)


def _p(one: Estimate) -> str:
    return "not significant" if one.p_operator == "ns" or one.p is None else f"{one.p_operator} {one.p}"


def _as_printed(one: Estimate) -> str:
    """Return the numbers of a result with their names."""
    parts = [
        f"{name.removesuffix('_estimate')} {getattr(one, name)}"
        for name in ("estimate", "log_estimate", "se", "variance")
        if getattr(one, name) is not None
    ]
    if one.lower is not None or one.upper is not None:
        parts.append(f"{100 * one.level:g} % interval {one.lower or '?'} to {one.upper or '?'}")
    if one.p is not None or one.p_operator == "ns":
        parts.append(f"p {_p(one)}")
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def p_range(table: Table) -> Iterator[Finding]:
    """Find p values that no test can give, and note those printed as 0."""
    for one in table.estimates:
        if one.p is None:
            continue
        if one.p.high < 0 or one.p.low > 1 or one.p.value < 0 or (one.p.value > 1 and one.p_operator == "="):
            message = "A p value lies between 0 and 1."
            yield table.finding("error", "p_range", one.row, one.column, message, f"Printed {one.p}.")
        elif one.p.value == 0 and one.p_operator == "=":
            message = "A p value is never 0."
            detail = f"Printed {one.p}, which stands for less than {one.p.high:g}."
            yield table.finding("note", "p_range", one.row, one.column, message, detail)

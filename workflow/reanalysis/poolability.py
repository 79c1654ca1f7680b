"""Why a printed result cannot be pooled, and what stands in the way of knowing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reanalysis.cells import TableRow
from reanalysis.event_counts import table
from reanalysis.grammar import Reading
from reanalysis.grammar.reading import NOT_A_NUMBER, UNREADABLE
from reanalysis.measures import is_ratio, null_value
from reanalysis.names import SUMMARY
from reanalysis.records import Estimate, Study
from reanalysis.routes import USABLE, reconstruct

NOTHING = "nothing is printed"
NO_ESTIMATE = "no estimate is printed"
EMPTY_CELL = "a cell of its two-by-two table is 0, which has no logarithm; no continuity correction is made"

# What may be the name of another outcome than the review's.
OUTCOME_WORDS = re.compile(
    r"\b[A-Z]{1,5}(?:S|TP|FP)\b|(?i:\b(?:survival|mortality|deaths?|died|recurren\w+|relapses?|progress\w+|metasta\w+"
    r"|respon\w+|remission|events?|stroke|infarction|bleeding|failure|control)\b)"
)


def why_not(estimate: Estimate, reading: Reading, study: Study, measure: str, doubted: str) -> str:
    """Return why a result cannot be pooled; empty if it can.

    Parameters
    ----------
    estimate, reading
        The result, and what the grammar read of it.
    study
        Its study, with the counts that are the result's own.
    measure
        The one that the review pools.
    doubted
        What `doubt` says of it.
    """
    if reading.reason not in ("", NOTHING):
        return reading.reason
    if problem := impossible(estimate):
        return f"{UNREADABLE}{problem}"
    reason = doubted or unpoolable(estimate, reading, measure) or without_route(estimate, study)
    return NOTHING if reading.reason == NOTHING and reason == NO_ESTIMATE else reason


def doubt(row: TableRow, role: str, readings: Sequence[Reading], place: int) -> str:
    """Return why a result cannot be taken for a study's result of the review's outcome; empty if it can."""
    if SUMMARY.match(row.study):
        return "the row sums up others, it is no study of its own"
    reading, before = readings[place], readings[place - 1] if place else None
    if reading.outcome or reading.estimate is None or before is None or before.reason != NOT_A_NUMBER:
        return ""
    words = " ".join(row.cell(role)[before.start : before.end].split())
    # ASSUME: words before an estimate that name an outcome, and not the review's, may be of the estimate.
    named = any(re.search(rf"\b{re.escape(name)}\b", words.lower()) for name in row.raw.review.outcomes)
    if named or not OUTCOME_WORDS.search(words):
        return ""
    return f"the words before it (“{words}”) may name its outcome: declare in corrections.yaml what it is of"


def impossible(estimate: Estimate) -> str:
    """Return why no estimate and no interval can have these numbers; empty if one can."""
    numbers = (estimate.estimate, estimate.lower, estimate.upper)
    if is_ratio(estimate.measure) and any(number is not None and number.value < 0 for number in numbers):
        return "a ratio is never negative"
    if not 0 < estimate.level < 1:
        return f"{100 * estimate.level:g} % is no confidence level"
    lower, upper = estimate.lower, estimate.upper
    if lower is not None and upper is not None and lower.value > upper.value:
        return f"the lower limit {lower} is above the upper limit {upper}"
    return ""


def unpoolable(estimate: Estimate, reading: Reading, measure: str) -> str:
    """Return why an estimate cannot be pooled, whatever stands beside it; empty if it can."""
    lower, upper = estimate.lower, estimate.upper
    numbers = (estimate.estimate, lower, upper)
    spread = (estimate.se, estimate.variance)
    declare = "; declare it under inverted: if it is to be turned" if estimate.measure == "TR" else ""
    reasons = [
        (estimate.measure != measure, f"printed as {estimate.measure}, the review pools {measure}{declare}"),
        (
            is_ratio(measure) and any(number is not None and number.value == 0 for number in numbers),
            "a ratio or limit of 0 is printed, which has no logarithm",
        ),
        (
            any(number is not None and number.value <= 0 for number in spread),
            "a standard error or variance of 0 or less is printed",
        ),
        (
            is_ratio(measure) and reading.se is not None and lower is None,
            "a standard error beside a ratio may be of the ratio or of its logarithm",
        ),
        ((lower is None) != (upper is None), "only one limit of the interval is printed"),
        (
            lower is not None and upper is not None and lower.value == upper.value,
            "both limits are printed as the same number, which leaves no standard error",
        ),
    ]
    return next((reason for holds, reason in reasons if holds), "")


def _cells(study: Study) -> list[int]:
    """Return the four cells of a study's two-by-two table; none where it is not known."""
    counts = table(study)
    return [] if counts is None else [counts[0], counts[1] - counts[0], counts[2], counts[3] - counts[2]]


def without_route(estimate: Estimate, study: Study) -> str:
    """Return why no way leads from print to a standard error; empty if one does."""
    made = reconstruct(estimate, study)
    if any(name in made and made[name].sei is not None for name in USABLE):
        return ""
    p, printed = estimate.p, estimate.estimate or estimate.log_estimate
    none = null_value(estimate.measure) if estimate.estimate is not None else 0.0
    reasons = [
        (printed is None and 0 in _cells(study) and estimate.measure in ("OR", "RR"), EMPTY_CELL),
        (printed is None, NO_ESTIMATE),
        (estimate.p_operator == "ns", "printed only as not significant, without a p value or an interval"),
        (p is None, "neither an interval nor a p value is printed"),
        (estimate.p_operator != "=", "the p value is printed only as an inequality"),
        (p is not None and not 0 < p.value < 1, f"a p value of {p} gives no standard error"),
        (
            printed is not None and printed.value == none,
            "an estimate of no difference with only a p value gives no standard error",
        ),
    ]
    return next((reason for holds, reason in reasons if holds), "no way leads from what is printed to a standard error")

"""What others found on the same question: published pools as printed, and the pool of another review beside ours.

None of it enters the synthesis. Two pools are compared as independent estimates (Altman and Bland 2003, BMJ 326:219);
where their intervals rest on Student's t, the degrees of freedom of the difference are Welch's and Satterthwaite's
(Welch 1947, Biometrika 34:28).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reanalysis import grammar
from reanalysis.distributions import critical_value, two_sided_p
from reanalysis.e_values import READINGS, Reading, e_values
from reanalysis.errors import ReanalysisError
from reanalysis.means import number as finite
from reanalysis.means import with_ratios
from reanalysis.measures import is_ratio, printable
from reanalysis.printed import PrintedNumber
from reanalysis.review import Review

Json = dict[str, Any]

# What of a pooled model is shown beside others.
SHOWN = ("k", "estimate", "se", "df", "ci_low", "ci_high", "prediction_low", "prediction_high", "tau2", "i2")

WHOLE = 100.0


@dataclass(frozen=True)
class Companion:
    """Another review: its folder's name, its declarations, its pool, and the declared design of its studies by name."""

    name: str
    review: Review
    pooled: Mapping[str, Any]
    designs: Mapping[str, str]


def elsewhere(review: Review, pooled: Mapping[str, Any], companion: Companion | None, file: str) -> Json:
    """Return the content of `elsewhere.json`; the schema says what each key means.

    Parameters
    ----------
    pooled
        The content of the review's `pooled.json`.
    file
        The review's `review.yaml`, for messages.

    Raises
    ------
    ReanalysisError
        Where a published pool is not printed as one, or the companion is of another measure or outcome.
    """
    if companion is not None:
        _refuse_another_question(review, companion.review, file)
    return {
        "schema_version": 1,
        "measure": review.measure,
        "level": pooled["level"],
        "pool": _pool(pooled["primary"], review.measure),
        "published": [published(one, review, file) for one in review.elsewhere],
        "companion": None if companion is None else _beside(companion),
        "comparison": None if companion is None else _comparison(review, pooled, companion),
    }


def published(declared: Mapping[str, str], review: Review, file: str) -> Json:
    """Return a published pool as `elsewhere.json` keeps it: what is printed, and the numbers read from it.

    Raises
    ------
    ReanalysisError
        Where a number cannot be read, half of an interval is missing, or the estimate is not inside of it.
    """
    read = {
        name: _number(declared, name, review.decimal_mark, file)
        for name in ("ratio", "lower", "upper")
        if name in declared
    }
    _refuse_no_pool(declared, read, review.measure, file)
    values = {name: read[name].value if name in read else None for name in ("ratio", "lower", "upper")}
    has_interval = "lower" in read
    return {
        "name": declared["name"],
        "citation": declared["citation"],
        "design": declared.get("design", ""),
        "note": declared.get("note", ""),
        "k": _count(declared, review.decimal_mark, file),
        "value": values["ratio"],
        "low": values["lower"],
        "high": values["upper"],
        "level": _level(declared, review, file) if has_interval else None,
        "printed": {name: str(number) for name, number in read.items()},
        "reason": "" if has_interval else "no interval is printed",
    }


def compare(one: Mapping[str, Any], other: Mapping[str, Any], level: float) -> Json:
    """Return the difference of two independent estimates, the second less the first, with its test and interval.

    Parameters
    ----------
    one, other
        `estimate`, `se`, and `df`, which is None for the normal distribution.
    level
        Confidence level in (0, 1).
    """
    # ASSUME: no patient is in both pools, so that their errors are independent.
    difference = other["estimate"] - one["estimate"]
    variances = [part["se"] ** 2 for part in (one, other)]
    se = math.sqrt(sum(variances))
    spread = sum(
        variance**2 / part["df"]
        for variance, part in zip(variances, (one, other), strict=True)
        if part["df"] is not None
    )
    df = sum(variances) ** 2 / spread if spread > 0 else math.inf
    margin = critical_value(level, df) * se
    return {
        "estimate": difference,
        "se": se,
        "df": None if math.isinf(df) else df,
        "stat": difference / se,
        "p": two_sided_p(difference / se, df),
        "ci_low": difference - margin,
        "ci_high": difference + margin,
    }


def _comparison(review: Review, pooled: Mapping[str, Any], companion: Companion) -> Json:
    """Return the comparison of the two pools; without numbers, and with the reason, where they cannot be compared."""
    shared = sorted(set(_studies(pooled)) & set(_studies(companion.pooled)))
    sides = [{side: one.favours[side] for side in ("below", "above")} for one in (review, companion.review)]
    if sides[0] != sides[1]:
        names = ("estimate", "se", "df", "stat", "p", "ci_low", "ci_high", "ratio", "ratio_ci_low", "ratio_ci_high")
        reason = "the two reviews do not say in the same words what lies on each side of no difference"
        return {**dict.fromkeys(names), "bias": [], "shared": shared, "reason": reason}
    found = with_ratios(compare(pooled["primary"], companion.pooled["primary"], pooled["level"]), review.measure)
    return {
        **found,
        "bias": [
            {"reading": name} | _bias(pooled, companion, reading) for name, reading in READINGS[review.measure].items()
        ]
        if is_ratio(review.measure)
        else [],
        "shared": shared,
        "reason": "",
    }


def _bias(pooled: Mapping[str, Any], companion: Companion, reading: Reading) -> Json:
    """Return the bias factor that parts the two pools, read as risk ratios, and how strong a confounder makes it."""
    ours, theirs = (_as_risk_ratio(one["primary"], reading) for one in (pooled, companion.pooled))
    apart = compare(ours, theirs, pooled["level"])
    needed = e_values(apart["estimate"], apart["ci_low"], apart["ci_high"])
    return {
        "bias_factor": printable("RR", abs(apart["estimate"])),
        "confounding": {"estimate": finite(needed.estimate), "limit": finite(needed.limit)},
    }


def _as_risk_ratio(primary: Mapping[str, Any], reading: Reading) -> Json:
    """Return a pooled effect as a log risk ratio, its standard error by the delta method."""
    estimate = primary["estimate"]
    return {
        "estimate": reading.value(estimate),
        "se": reading.slope(estimate) * primary["se"],
        "df": primary["df"],
    }


def _beside(companion: Companion) -> Json:
    studies = _studies(companion.pooled)
    return {
        "review": companion.name,
        "title": companion.review.title,
        "level": companion.pooled["level"],
        "studies": studies,
        "assembled": companion.review.source.get("assembled", ""),
        "inverted": sorted(set(companion.review.inverted) & set(studies)),
        "left_out": sorted(companion.review.left_out),
        "designs": sorted({companion.designs.get(study, "") for study in studies}),
        "pool": _pool(companion.pooled["primary"], companion.review.measure),
    }


def _pool(primary: Mapping[str, Any], measure: str) -> Json:
    return with_ratios({name: primary[name] for name in SHOWN}, measure)


def _studies(pooled: Mapping[str, Any]) -> list[str]:
    return [one["study"] for one in pooled["weights"]]


def _refuse_another_question(review: Review, other: Review, file: str) -> None:
    if other.measure != review.measure:
        raise ReanalysisError(
            f"the companion pools {other.measure}, this review {review.measure}",
            file=file,
            column="companion",
            printed=review.companion,
            remedy="name a review of the same measure, or take the key away",
        )
    if not review.outcomes & other.outcomes:
        raise ReanalysisError(
            f"the companion is of the outcome {other.outcome}, this review of {review.outcome}",
            file=file,
            column="companion",
            printed=review.companion,
            remedy="if they are the same, name one under also_called of the other",
        )


def _refuse_no_pool(declared: Mapping[str, str], read: Mapping[str, PrintedNumber], measure: str, file: str) -> None:
    """Refuse half an interval, a ratio that is not above 0, and an estimate outside its interval at any rounding."""
    if ("lower" in read) != ("upper" in read):
        raise _wrong(declared, "ratio", file, "one limit of its interval is missing", "give both limits, or neither")
    for name, number in read.items():
        if is_ratio(measure) and number.value <= 0:
            raise _wrong(declared, name, file, f"{number} is no {measure}", "check it against the print")
    if "lower" in read:
        low, middle, high = (read[name] for name in ("lower", "ratio", "upper"))
        if middle.high < low.low or middle.low > high.high:
            problem = f"{middle} does not lie between {low} and {high}"
            raise _wrong(declared, "ratio", file, problem, "check them against the print")


def _number(declared: Mapping[str, str], key: str, mark: str, file: str, *, whole: bool = False) -> PrintedNumber:
    try:
        (number, _), *_ = grammar.read_numbers(declared[key], "one number", whole=whole, decimal_mark=mark)
    except ReanalysisError as error:
        raise _at(error, declared, key, file) from error
    return number


def _count(declared: Mapping[str, str], mark: str, file: str) -> int | None:
    if "k" not in declared:
        return None
    number = _number(declared, "k", mark, file, whole=True).value
    if number < 1:
        raise _wrong(declared, "k", file, "this is no number of studies", "leave it out where none is printed")
    return int(number)


def _level(declared: Mapping[str, str], review: Review, file: str) -> float:
    # ASSUME: an interval printed without its level has the level that review.yaml gives.
    if "level" not in declared:
        return review.level
    try:
        level = grammar.read_proportion(declared["level"])[0].value / WHOLE
    except ReanalysisError as error:
        raise _at(error, declared, "level", file) from error
    if not 0 < level < 1:
        raise _wrong(declared, "level", file, f"{declared['level']} is no confidence level", "say it like 95%")
    return level


def _at(error: ReanalysisError, declared: Mapping[str, str], key: str, file: str) -> ReanalysisError:
    return error.at(file=file, study=declared["name"], column=f"elsewhere: {key}", printed=declared[key])


def _wrong(declared: Mapping[str, str], key: str, file: str, problem: str, remedy: str) -> ReanalysisError:
    return _at(ReanalysisError(problem, remedy=remedy), declared, key, file)

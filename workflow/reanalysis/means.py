"""Many fitted means as the records that a results file keeps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from reanalysis import intervals
from reanalysis.batch import BatchFit
from reanalysis.design import FloatArray
from reanalysis.distributions import two_sided_p
from reanalysis.measures import is_ratio, printable
from reanalysis.mixed_effects import Choices


def header(measure: str, choices: Choices) -> dict[str, Any]:
    """Return what a results file begins with: the version of its schema, the measure, and the primary settings."""
    return {
        "schema_version": 1,
        "measure": measure,
        "level": choices.level,
        "tau2_method": choices.tau2_method,
        "interval": choices.interval,
    }


def mean_records(found: BatchFit, measure: str, choices: Choices) -> list[dict[str, Any]]:
    """Return of each fitted mean its size, estimate, limits, p value and spread; None where there is no number.

    Parameters
    ----------
    found
        B fits without a design.
    measure
        HR, OR, RR, MD or SMD; `ratio` and its limits are None for the last two.
    choices
        What the fits were made with.
    """
    by, df = intervals.scale(found, choices.interval)
    se = by**0.5 * found.se
    low, high = intervals.limits(found, choices.interval, choices.level)
    ahead_low, ahead_high = intervals.prediction(found, choices.interval, choices.level)
    p = p_values(found.estimate, se, df)
    arrays: dict[str, Sequence[float] | FloatArray] = {
        "estimate": found.estimate,
        "se": se,
        "ci_low": low,
        "ci_high": high,
    }
    arrays |= {"df": df, "p": p, "tau2": found.tau2, "i2": found.i2, "q": found.q}
    arrays |= {"prediction_low": ahead_low, "prediction_high": ahead_high}
    return [
        with_ratios(
            {"k": int(found.k[place])} | {name: number(values[place]) for name, values in arrays.items()}, measure
        )
        for place in range(len(found.k))
    ]


def with_ratios(record: dict[str, Any], measure: str) -> dict[str, Any]:
    """Return a record with its numbers as ratios beside them; None where the measure is none."""
    shown = is_ratio(measure)
    names = [one for one in ("ci_low", "ci_high", "prediction_low", "prediction_high") if one in record]
    ratios = {"ratio": "estimate"} | {f"ratio_{name}": name for name in names}
    return record | {ratio: printable(measure, record[name]) if shown else None for ratio, name in ratios.items()}


def p_values(estimate: FloatArray, se: FloatArray, df: FloatArray) -> list[float]:
    """Return the two-sided p value of each estimate being 0, of Student's t or, with infinite df, the normal one."""
    return [
        two_sided_p(float(one) / float(error), float(degrees)) if error > 0 else math.nan
        for one, error, degrees in zip(estimate, se, df, strict=True)
    ]


def number(value: float) -> float | None:
    """Return a number as a results file keeps it: None where it is none, or not finite."""
    return float(value) if math.isfinite(value) else None

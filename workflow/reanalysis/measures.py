"""The measures of effect: which are pooled as logarithms, and the way there and back."""

from __future__ import annotations

import math

from reanalysis.traced import derived

RATIOS = ("HR", "OR", "RR")

NAMES = {
    "HR": "hazard ratio",
    "OR": "odds ratio",
    "RR": "risk ratio",
    "MD": "mean difference",
    "SMD": "standardised mean difference",
}


def is_ratio(measure: str) -> bool:
    """Whether a measure is a ratio, analysed as its natural logarithm."""
    return measure in RATIOS


def null_value(measure: str) -> float:
    """Return the printed value that means no difference."""
    return 1.0 if is_ratio(measure) else 0.0


def to_analysis(measure: str, value: float) -> float:
    """Return a printed value on the scale of the analysis; minus infinity for a ratio of 0 or less."""
    if not is_ratio(measure):
        return value
    return math.log(value) if value > 0 else -math.inf


def to_print(measure: str, value: float) -> float:
    """Return a value of the analysis on the printed scale; infinity for a ratio beyond any double."""
    if not is_ratio(measure):
        return value
    try:
        printed: float = derived(math.exp(value), value)
    except OverflowError:
        return math.inf
    return printed


def printable(measure: str, value: float | None) -> float | None:
    """Return a value of the analysis on the printed scale, None where there is none or it is beyond any double."""
    printed = math.inf if value is None else to_print(measure, value)
    return printed if math.isfinite(printed) else None

"""How many digits a result carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Enough for every reader, and the same on every machine: sums differ near 1e-13 from one CPU to another.
RESULT_DIGITS = 10
# What is only drawn: a line at its ends is the small difference of large numbers, and a picture has fewer digits still.
DRAWN_DIGITS = 6


def rounded(value: Any, digits: int = RESULT_DIGITS) -> Any:  # noqa: ANN401 (any JSON value)
    """Return a JSON value with every float at some significant digits, and no minus zero."""
    if isinstance(value, float):
        return float(format(float(value), f".{digits}g")) + 0.0
    if isinstance(value, Mapping):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item, digits) for item in value]
    return value

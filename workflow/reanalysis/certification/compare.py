"""How many digits two numbers share, and whether ten printed digits are the right ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reanalysis.certification.precision import DIGITS, mp, mpf

# Beyond these the digits that agree differ from one processor to another: where 12 stands, 12 or more agree.
MOST_DIGITS = 12

# Below this there is no double of full precision; the reference has such numbers where the true one is 0.
LEAST = mpf(10) ** -300

SHIPPED_DIGITS = 10
REFERENCE_DIGITS = 20


@dataclass(frozen=True)
class Number:
    """A reference value, None where there is no such number, and the size that an error of it is measured against."""

    value: mpf | None
    scale: mpf


@dataclass(frozen=True)
class Row:
    """One comparison; `reference` has 20 significant digits, `shipped_right` is None where nothing is shipped."""

    part: str
    quantity: str
    ours: float | None
    reference: str | None
    digits: int
    shipped_right: bool | None


def digits(ours: float | None, reference: Number) -> int:
    """Return the log relative error -log10(|ours - reference| / scale) as a whole number from 0 to 12, rounded down."""
    if ours is None or reference.value is None:
        return MOST_DIGITS if ours is reference.value else 0
    with mp.workdps(DIGITS):
        error = abs(mpf(ours) - reference.value)
        if error == 0:
            return MOST_DIGITS
        if not mp.isfinite(error) or reference.scale <= 0:
            return 0
        return int(max(0, min(MOST_DIGITS, mp.floor(-mp.log10(error / reference.scale)))))


def is_rounded(shipped: float | None, value: mpf | None) -> bool:
    """Return whether a shipped number is the reference to ten significant digits: half a unit in the tenth, at most."""
    if shipped is None or value is None:
        return shipped is value
    with mp.workdps(DIGITS):
        if abs(value) < LEAST:
            return bool(abs(shipped) < LEAST)
        unit = mpf(10) ** (mp.floor(mp.log10(abs(value))) + 1 - SHIPPED_DIGITS)
        # The decimal number that stands in the file, not the double next to it.
        return bool(abs(mpf(repr(shipped)) - value) <= unit / 2)


def rows(
    part: str, ours: Mapping[str, Any], reference: Mapping[str, Number], shipped: Mapping[str, Any] | None = None
) -> list[Row]:
    """Return a comparison of each number of a record that there is a reference for.

    Parameters
    ----------
    ours, shipped
        The record as computed, and as it stands in a results file.
    """
    return [
        Row(
            part=part,
            quantity=name,
            ours=ours[name],
            reference=None if number.value is None else mp.nstr(number.value, REFERENCE_DIGITS),
            digits=digits(ours[name], number),
            shipped_right=None if shipped is None else is_rounded(shipped.get(name), number.value),
        )
        for name, number in reference.items()
        if name in ours and not (ours[name] is None and number.value is None)
    ]


def without_reference(ours: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    """Return the keys of a record that hold numbers with a fraction, or records of them, and that `known` has not."""
    return [name for name, value in ours.items() if name not in known and _has_float(value)]


def _has_float(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_float, value.values()))
    if isinstance(value, list):
        return any(map(_has_float, value))
    return isinstance(value, float)

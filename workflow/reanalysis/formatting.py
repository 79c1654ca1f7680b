"""Numbers for people: rounded here, once, and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reanalysis.traced import mark

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
NONE = "\N{EM DASH}"
NO_BREAK = "\N{NO-BREAK SPACE}"

# Below this a p value is only said to be smaller.
SMALLEST_P = 0.001
# Below this it has a third decimal.
THREE_DECIMALS = 0.1


def number(value: float | None, decimals: int = 2) -> str:
    """Return a number with fixed decimals and a true minus sign."""
    if value is None:
        return NONE
    text = f"{float(value):.{decimals}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return mark(text.replace("-", MINUS), value)


def significant(value: float | None, digits: int = 3) -> str:
    """Return a number with some significant digits, never in scientific notation."""
    if value is None:
        return NONE
    if value == 0:
        return mark("0", value)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return number(value, decimals)


def interval(low: float | None, high: float | None, decimals: int = 2) -> str:
    """Return an interval with the word between its limits, as limits may be negative."""
    return NONE if low is None or high is None else f"{number(low, decimals)} to {number(high, decimals)}"


def percent(value: float | None, decimals: int = 1) -> str:
    """Return a number that is in percent already, with its sign."""
    return NONE if value is None else f"{number(value, decimals)}%"


def shares(values: Sequence[float], decimals: int = 1) -> list[str]:
    """Return percentages that add up to 100 as texts whose numbers do too, by the method of largest remainders.

    Each is rounded down, and those with the largest remainders get what is missing, the first ones where they tie.
    """
    unit = 10**decimals
    scaled = [value * unit for value in values]
    # A remainder that is rounding error of the machine is none.
    floors = [math.floor(value + 1e-9) for value in scaled]
    missing = round(sum(scaled)) - sum(floors)
    order = sorted(range(len(scaled)), key=lambda place: (-round(scaled[place] - floors[place], 9), place))
    for place in order[: max(0, missing)]:
        floors[place] += 1
    return [percent(value / unit, decimals) for value in floors]


def percent_interval(low: float | None, high: float | None, decimals: int = 1) -> str:
    """Return an interval of percentages."""
    return NONE if low is None or high is None else f"{number(low, decimals)} to {number(high, decimals)}%"


def p_value(p: float | None) -> str:
    """Return a p value without its letter: ``"< 0.001"``, ``"0.058"``, ``"0.44"``."""
    return NONE if p is None else mark(_p_text(p), p)


def _p_text(p: float) -> str:
    if p < SMALLEST_P:
        return f"< {SMALLEST_P}"
    return f"{float(p):.3f}" if p < THREE_DECIMALS else f"{float(p):.2f}"


def p_phrase(p: float | None) -> str:
    """Return a p value with its letter, never broken over two lines: "p < 0.001", "p = 0.058"."""
    if p is None:
        return f"p = {NONE}".replace(" ", NO_BREAK)
    text = _p_text(p).replace(" ", NO_BREAK)
    return f"p{NO_BREAK}{'' if text.startswith('<') else f'={NO_BREAK}'}{mark(text, p)}"


def count(value: float | None) -> str:
    """Return a whole number with a comma between thousands."""
    return NONE if value is None else mark(f"{float(value):,.0f}", value)


def plural(value: int, one: str, many: str) -> str:
    """Return a count with its noun."""
    return f"{count(value)} {one if value == 1 else many}"


def capitalised(text: str) -> str:
    """Return a text that begins with a capital letter, all others as they are."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str], word: str = "and") -> str:
    """Return one name or more as a list in words: ``"A, B and C"``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"

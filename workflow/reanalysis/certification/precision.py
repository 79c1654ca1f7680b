"""The working precision, and rounding to the fifty digits that are handed out.

Two hundred digits are carried. Variances that span 24 orders of magnitude enter at most to the fourth power in a
product that cancels, which costs 96 digits and leaves a hundred. Pure Python multiplies 200 digits almost as fast as
20.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from mpmath import matrix, mp, mpf

__all__ = [
    "DIGITS",
    "ITERATIONS",
    "WORKING",
    "bracketed_root",
    "column",
    "exact",
    "false_position",
    "fifty_digits",
    "matrix",
    "mp",
    "mpf",
]

DIGITS = 50
WORKING = 200
ITERATIONS = 5000
"""More steps than any search here can need; reaching it is an error, never an answer."""

P = ParamSpec("P")
T = TypeVar("T")


def fifty_digits(function: Callable[P, T]) -> Callable[P, T]:
    """Return the function run at the working precision, with every mpf of its result rounded to 50 digits.

    Only the outermost call rounds, so that functions which call each other pass all their digits on. mpmath's global
    precision is as before on return.
    """

    @wraps(function)
    def rounded(*args: P.args, **kwargs: P.kwargs) -> T:
        if mp.dps >= WORKING:
            return function(*args, **kwargs)
        with mp.workdps(WORKING):
            result = function(*args, **kwargs)
        with mp.workdps(DIGITS):
            return cast("T", _round(result))

    return rounded


def _round(value: object) -> object:
    """Return the value with every mpf inside it rounded to the current precision."""
    if isinstance(value, mpf):
        return +value
    if isinstance(value, matrix):
        return value.apply(lambda cell: +cell)
    if isinstance(value, tuple):
        return tuple(_round(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _round(getattr(value, field.name)) for field in fields(value)})
    return value


def exact(values: Sequence[float]) -> list[mpf]:
    """Return floats as mpf, each the very number that the float stands for.

    Raises
    ------
    ValueError
        If a value is infinite or not a number.
    """
    numbers = [mpf(value) for value in values]
    if not all(mp.isfinite(number) for number in numbers):
        raise ValueError("every effect, variance and moderator must be a finite number")
    return numbers


def column(values: Sequence[mpf]) -> matrix:
    """Return the values as a matrix of one column."""
    return matrix([[value] for value in values])


def bracketed_root(
    function: Callable[[mpf], tuple[mpf, mpf]], low: mpf, high: mpf, scale: mpf, digits: int = 110
) -> mpf:
    """Return the root of a continuous function between two points of unlike sign.

    Newton's step is taken where it stays inside the bracket and halves the step before the last; the bracket is cut in
    half otherwise.

    Parameters
    ----------
    function
        From a point to the value and the derivative there.
    low, high
        The bracket; a value of 0 at either end is a root.
    scale
        A size that a root's own is compared with: a root stands still when it moves by less than its last digit or
        the last digit of this.
    digits
        How many digits must stand still. The last step of Newton's method doubles them.

    Raises
    ------
    ArithmeticError
        If the signs at the ends agree, or the search does not settle.
    """
    value_low, value_high = function(low)[0], function(high)[0]
    if value_low == 0:
        return low
    if value_high == 0:
        return high
    if (value_low > 0) == (value_high > 0):
        raise ArithmeticError("no change of sign between the ends of the bracket")
    tolerance = mpf(10) ** -digits
    point, before = (low + high) / 2, high - low
    for _ in range(ITERATIONS):
        value, slope = function(point)
        if value == 0:
            return point
        if (value > 0) == (value_low > 0):
            low = point
        else:
            high = point
        newton = point - value / slope if slope else low
        step = newton if low < newton < high and abs(newton - point) <= before / 2 else (low + high) / 2
        moved = abs(step - point)
        if moved <= tolerance * (abs(step) + scale):
            return step
        point, before = step, moved
    raise ArithmeticError("the root did not settle")


def false_position(function: Callable[[mpf], mpf], low: mpf, high: mpf, digits: int = 110) -> mpf:
    """Return where a function falls from above 0 at `low` to below 0 at `high`, both positive or `low` 0.

    False position in Illinois' variant: Dowell and Jarratt 1971, BIT 11:168. It needs no derivative.

    Parameters
    ----------
    function
        From a point to the value there.
    low, high
        The bracket.
    digits
        How many digits of the root must stand still.

    Raises
    ------
    ArithmeticError
        If the function does not fall through 0 between the ends, or the search does not settle.
    """
    value_low, value_high = function(low), function(high)
    if not value_low > 0 > value_high:
        raise ArithmeticError("the function does not fall through 0 in the bracket")
    tolerance, before, last = mpf(10) ** -digits, high, 0
    for _ in range(ITERATIONS):
        point = (low * value_high - high * value_low) / (value_high - value_low)
        value = function(point)
        if value == 0 or abs(point - before) <= tolerance * point:
            return point
        side = 1 if value > 0 else -1
        if value > 0:
            low, value_low = point, value
            value_high = value_high / 2 if side == last else value_high
        else:
            high, value_high = point, value
            value_low = value_low / 2 if side == last else value_low
        before, last = point, side
    raise ArithmeticError("the root did not settle")

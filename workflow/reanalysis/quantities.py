"""Numbers and conditions that remember what they were read from, alone or one a study.

A value that is missing, or that arithmetic cannot give, is None with a reason: what is made of it is missing too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

Scalar = float | bool | None


class Misused(Exception):  # noqa: N818 (the caller makes it an error with a place)
    """A value stands where one of another kind is needed."""


@dataclass(frozen=True)
class Quantity:
    """A number or a condition.

    Parameters
    ----------
    value
        None where it is missing.
    sources
        What it was read from.
    half_unit
        Half of one unit in its last printed place, 0 for a count; None where it is not straight from print.
    reason
        Why it is missing; empty where it is not.
    """

    value: Scalar
    sources: frozenset[Hashable] = frozenset()
    half_unit: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Series:
    """Quantities of the same kind, in the order of print.

    Parameters
    ----------
    over
        What there is one of each: only series over the same may be combined.
    read
        What it was read from beside its items, as a list from which some were taken away.
    """

    items: tuple[Quantity, ...]
    over: str
    read: frozenset[Hashable] = frozenset()


Value = Quantity | Series


def missing(reason: str, sources: Iterable[Hashable] = ()) -> Quantity:
    """Return a quantity that is not there."""
    return Quantity(None, frozenset(sources), reason=reason)


def sources(values: Iterable[Value]) -> frozenset[Hashable]:
    """Return what any of the values was read from."""
    found: set[Hashable] = set()
    for value in values:
        found |= value.read if isinstance(value, Series) else value.sources
        for one in value.items if isinstance(value, Series) else ():
            found |= one.sources
    return frozenset(found)


def numbers(values: Sequence[Quantity]) -> list[float]:
    """Return the numbers of quantities, of which none is missing; raises Misused for a condition."""
    if any(isinstance(one.value, bool) for one in values):
        raise Misused("a condition stands where a number is needed")
    return [float(one.value) for one in values if one.value is not None]


def combine(function: Callable[[Sequence[Quantity]], float | bool], values: Sequence[Value]) -> Value:
    """Return what a function makes of quantities, element by element where some of them are series.

    Raises
    ------
    Misused
        Where the series are not over the same.
    """
    series = [one for one in values if isinstance(one, Series)]
    if not series:
        return _one(function, [one for one in values if isinstance(one, Quantity)])
    if len({(one.over, len(one.items)) for one in series}) > 1:
        raise Misused(f"values of {' and of '.join(dict.fromkeys(one.over for one in series))} cannot be paired")
    rows = [
        [one.items[place] if isinstance(one, Series) else one for one in values]
        for place in range(len(series[0].items))
    ]
    return Series(tuple(_one(function, row) for row in rows), series[0].over)


def _one(function: Callable[[Sequence[Quantity]], float | bool], values: Sequence[Quantity]) -> Quantity:
    """Return what a function makes of quantities, missing with a reason where one of them is or it has no value."""
    read = sources(values)
    reason = next((one.reason for one in values if one.value is None), "")
    if reason:
        return missing(reason, read)
    try:
        value = function(values)
    except ZeroDivisionError:
        return missing("a division by zero", read)
    except OverflowError:
        return missing("a number too large to hold", read)
    except ValueError:
        return missing("a logarithm or a root of a number that has none", read)
    if not math.isfinite(value):
        return missing("a number too large to hold", read)
    return Quantity(value, read)


def gather(values: Sequence[Value]) -> list[Quantity]:
    """Return the quantities that a summary is over: elements of series that are not missing, and all single ones."""
    found: list[Quantity] = []
    for value in values:
        if isinstance(value, Quantity):
            found.append(value)
        else:
            found += [one for one in value.items if one.value is not None]
    return found


def summarise(function: Callable[[Sequence[Quantity]], float | bool], values: Sequence[Value]) -> Quantity:
    """Return one quantity made of all elements of the values."""
    found = gather(values)
    if not found:
        return missing("no study has such a value", sources(values))
    return _one(function, found)


def extreme(pick: Callable[[Iterable[float]], float], values: Sequence[Value]) -> Quantity:
    """Return the smallest or the largest element, with its own sources alone; missing where a single one is."""
    found = gather(values)
    absent = next((one for one in found if one.value is None), None)
    if absent is not None:
        return absent
    if not found:
        return missing("no study has such a value", sources(values))
    every = numbers(found)
    return found[every.index(pick(every))]


def either(values: Sequence[Value], decisive: bool) -> Value:
    """Return "or" of conditions (`decisive` True) or "and" (False): known wherever one of them decides it.

    Source: Kleene 1952, Introduction to Metamathematics, section 64 (three-valued logic).
    """
    flagged = [_as_known(one) for one in values]
    result = combine(lambda parts: any(_decides(one, decisive) for one in parts), flagged)
    unknown = combine(lambda parts: any(isinstance(one, _Unknown) for one in parts), flagged)
    reasons = [one.reason for value in flagged for one in _items(value) if isinstance(one, _Unknown)]

    def settle(decided: Quantity, open_: Quantity) -> Quantity:
        if decided.value:
            return Quantity(decisive, decided.sources)
        if open_.value:
            return missing(reasons[0], decided.sources)
        return Quantity(not decisive, decided.sources)

    if isinstance(result, Quantity) and isinstance(unknown, Quantity):
        return settle(result, unknown)
    pairs = zip(_items(result), _items(unknown), strict=True)
    return Series(tuple(settle(*pair) for pair in pairs), result.over if isinstance(result, Series) else "")


class _Unknown(Quantity):
    """A missing condition, while it is weighed against others that may decide without it."""


def _items(value: Value) -> tuple[Quantity, ...]:
    return value.items if isinstance(value, Series) else (value,)


def _as_known(value: Value) -> Value:
    def known(one: Quantity) -> Quantity:
        return one if one.value is not None else _Unknown(False, one.sources, reason=one.reason)

    if isinstance(value, Series):
        return Series(tuple(known(one) for one in value.items), value.over)
    return known(value)


def _decides(one: Quantity, decisive: bool) -> bool:
    if not isinstance(one.value, bool):
        raise Misused("a number stands where a condition is needed")
    return not isinstance(one, _Unknown) and one.value == decisive

"""A change divided among its causes, whatever the order in which they are put in.

Shapley LS. A value for n-person games. Contributions to the Theory of Games 1953;2:307-317.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from math import factorial, floor, log10

from reanalysis.digits import RESULT_DIGITS

# ASSUME: numbers closer than this, relative to the largest, differ by the processor alone: sums differ near the
# thirteenth digit, results have ten, and what a search loses on the way leaves eight. Below `NOTHING` a number is zero.
SAME = 1e-8
NOTHING = 1e-12

Coalition = frozenset[str]


def coalitions(players: Sequence[str]) -> Iterator[Coalition]:
    """Yield every set of players, the empty one first."""
    for size in range(len(players) + 1):
        yield from map(frozenset, combinations(players, size))


def shares(values: Mapping[Coalition, float], blocks: Sequence[Coalition]) -> list[float]:
    """Return what each block of players adds, averaged over all orders in which the blocks can join.

    Parameters
    ----------
    values
        The value of every union of blocks.
    blocks
        Players that only join together; the shares add up to the value of all less that of none.
    """
    count = len(blocks)
    found = []
    for place, block in enumerate(blocks):
        others = [one for index, one in enumerate(blocks) if index != place]
        total = 0.0
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for chosen in combinations(others, size):
                joined = frozenset().union(*chosen)
                total += weight * (values[joined | block] - values[joined])
        found.append(total)
    return found


def finest(players: Sequence[str], usable: Callable[[Coalition], bool]) -> list[Coalition]:
    """Return the players in as many blocks as can be, so that every union of blocks is usable.

    The empty set and that of all players must be. Of two ways with as many blocks, the one that joins later players.
    """
    ways = sorted(_partitions(list(players)), key=len, reverse=True)
    return next(way for way in ways if all(usable(frozenset().union(*some)) for some in _unions(way)))


def _unions(blocks: Sequence[Coalition]) -> Iterator[tuple[Coalition, ...]]:
    for size in range(len(blocks) + 1):
        yield from combinations(blocks, size)


def _partitions(players: list[str]) -> Iterator[list[Coalition]]:
    if not players:
        yield []
        return
    *others, last = players
    for way in _partitions(others):
        yield [*way, frozenset({last})]
        for place in reversed(range(len(way))):
            yield [*way[:place], way[place] | {last}, *way[place + 1 :]]


@dataclass(frozen=True)
class Move:
    """A number before and after, and the parts of its move, in decimals that add up exactly."""

    then: float
    now: float
    move: float
    parts: list[float]


def summing(then: float, now: float, parts: Sequence[float]) -> Move:
    """Return a number before and after and the parts of its move, all with the same last digit, so that they add up.

    What rounding leaves over goes to the largest part. A part, or a move without parts, that is too small to be more
    than rounding error is none.

    Parameters
    ----------
    parts
        They add up to the move, but for rounding error; none where the move is not divided.
    """
    largest = max(map(abs, (then, now, *parts)))
    least = max(SAME * largest, NOTHING)
    if largest <= NOTHING:
        return Move(0.0, 0.0, 0.0, [0.0 for _ in parts])
    unit = Decimal(1).scaleb(floor(log10(largest)) - RESULT_DIGITS + 1)
    kept = [one if abs(one) > least else 0.0 for one in parts]
    first, *rounded = (Decimal(float(one)).quantize(unit) for one in (then, *kept))
    last = Decimal(float(now)).quantize(unit)
    if not any(rounded) and abs(now - then) <= least:
        last = first
    elif rounded:
        place = max(range(len(rounded)), key=lambda index: abs(rounded[index]))
        rounded[place] += last - first - sum(rounded)
    return Move(float(first), float(last), float(last - first), [float(one) for one in rounded])

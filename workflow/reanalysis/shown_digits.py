"""Numbers in the digits that a page shows, kept in few bytes and read back without loss.

A number is kept as a count of the last decimal that is shown, rounded here as `formatting.number` rounds it, so that a
reader of the file shows every digit right and computes nothing. A count is written as its difference from another one
that is known before it: 0 where there is no number, else 2 d + 1 for a difference d of 0 or more and -2 d for one below
0, in groups of 7 bits from the lowest, a byte each, the eighth bit set in all but the last (LEB128). The bytes stand as
base64.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence

Count = int | None

# Beyond so many of the last decimal a page only says that there are more: twice this is still exact in a double, which
# is all that a browser counts in.
MOST = 10**15

CONTINUES = 128


def counts(values: Iterable[float], decimals: int) -> list[Count]:
    """Return numbers as counts of their last decimal, cut at ±`MOST`; None for what is not finite.

    Parameters
    ----------
    decimals
        How many are shown.
    """
    return [_count(value, decimals) for value in values]


def _count(value: float, decimals: int) -> Count:
    if not math.isfinite(value):
        return None
    # By way of the text: a product with 10^decimals may round to the other side of a half.
    return max(-MOST, min(MOST, int(f"{value:.{decimals}f}".replace(".", ""))))


def encoded(values: Sequence[Count], references: Sequence[Count]) -> str:
    """Return counts as text.

    Parameters
    ----------
    references
        What each is written as the difference from, of the same length; None counts as 0.
    """
    written = bytearray()
    for value, reference in zip(values, references, strict=True):
        code = 0 if value is None else _code(value - (reference or 0))
        while code >= CONTINUES:
            written.append(code % CONTINUES + CONTINUES)
            code //= CONTINUES
        written.append(code)
    return base64.b64encode(written).decode("ascii")


def _code(difference: int) -> int:
    return 2 * difference + 1 if difference >= 0 else -2 * difference


def following(values: Sequence[Count], length: int) -> list[Count]:
    """Return the references of columns of one length, one behind the other: each number's is the one before it."""
    return [None if place % length == 0 else values[place - 1] for place in range(len(values))]

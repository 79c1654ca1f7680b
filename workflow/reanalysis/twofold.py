"""Numbers as sums of two doubles, for some 32 digits where differences would leave too few of 16.

Sums and products without error: Dekker 1971, Numer Math 18:224; Knuth, The Art of Computer Programming, volume 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reanalysis.design import FloatArray

# 2^27 + 1 cuts a double of 53 bits into two halves.
SPLITTER = 134217729.0


def two_sum(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a + b as a double, and what it lacks."""
    total = a + b
    other = total - a
    return total, (a - (total - other)) + (b - other)


def two_product(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a b as a double, and what it lacks."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _halves(a: FloatArray) -> tuple[FloatArray, FloatArray]:
    far = SPLITTER * a
    high = far - (far - a)
    return high, a - high


class Twofold:
    """An array of numbers `high + low`, with the arithmetic that elimination needs."""

    def __init__(self, high: FloatArray, low: FloatArray | None = None) -> None:
        self.high = high
        self.low = np.zeros_like(high) if low is None else low

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return self.high.shape

    def __getitem__(self, places: Any) -> Twofold:  # noqa: ANN401 (what an array takes)
        """Return a part, as an array does."""
        return Twofold(self.high[places], self.low[places])

    def __setitem__(self, places: Any, values: Twofold) -> None:  # noqa: ANN401 (what an array takes)
        """Write a part."""
        self.high[places], self.low[places] = values.high, values.low

    def copy(self) -> Twofold:
        """Return the same numbers in arrays of their own."""
        return Twofold(self.high.copy(), self.low.copy())

    def __sub__(self, other: Twofold) -> Twofold:
        """Return the difference."""
        total, error = two_sum(self.high, -other.high)
        lower, lowest = two_sum(self.low, -other.low)
        total, error = two_sum(total, error + lower)
        return Twofold(*two_sum(total, error + lowest))

    def __mul__(self, other: Twofold) -> Twofold:
        """Return the product."""
        product, error = two_product(self.high, other.high)
        return Twofold(*two_sum(product, error + (self.high * other.low + self.low * other.high)))

    def __truediv__(self, other: Twofold) -> Twofold:
        """Return the quotient, by two steps of long division and a correction."""
        first = self.high / other.high
        rest = self - other * Twofold(first)
        second = rest.high / other.high
        rest = rest - other * Twofold(second)
        total, error = two_sum(first, second)
        return Twofold(*two_sum(total, error + rest.high / other.high))

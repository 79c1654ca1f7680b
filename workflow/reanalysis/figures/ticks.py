"""Ticks where a reader expects them: round ratios, round years."""

from __future__ import annotations

import math

ROUND_RATIOS = (
    *(first * 10.0**power for power in range(-12, -2) for first in (1, 2, 5)),
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 10, 20, 50),
    *(first * 10.0**power for power in range(2, 13) for first in (1, 2, 5)),
)
# Over a range of more decades than this, ticks are powers of ten.
DECADES = 4
STEPS = (1, 2, 2.5, 5)

# More than this many labels would touch; fewer than the least say too little.
MOST = 7
LEAST = 3


def ratio_ticks(low: float, high: float, most: int = MOST) -> list[float]:
    """Return round ratios from `low` to `high`, on a logarithmic axis no closer than about `most` labels are wide."""
    inside = [tick for tick in ROUND_RATIOS if low <= tick <= high]
    if inside and inside[-1] > inside[0] * 10**DECADES:
        inside = [tick for tick in inside if math.isclose(math.log10(tick), round(math.log10(tick)), abs_tol=1e-9)]
    if len(inside) < LEAST:
        return plain_ticks(low, high, most)
    kept = [1.0] if low <= 1 <= high else [inside[len(inside) // 2]]
    nearest = (math.log(high) - math.log(low)) / (most + 1)
    for tick in sorted(inside, key=lambda one: abs(math.log(one))):
        if all(abs(math.log(tick / other)) >= nearest for other in kept):
            kept.append(float(tick))
    return sorted(kept)


def plain_ticks(low: float, high: float, most: int = MOST) -> list[float]:
    """Return at most `most` evenly spaced round numbers from `low` to `high`."""
    if high <= low:
        return [low]
    magnitude = 10.0 ** math.floor(math.log10((high - low) / most))
    sizes = [step * magnitude * power for power in (1, 10, 100) for step in STEPS]
    size = next(one for one in sizes if (high - low) / one <= max(1, most - 1))
    first, last = math.ceil(low / size - 1e-9), math.floor(high / size + 1e-9)
    return [index * size for index in range(first, last + 1)]


def tick_label(value: float) -> str:
    """Return a tick as text, with no more decimals than it needs."""
    text = f"{value:.10g}"
    if "e" in text:
        text = f"{value:.15f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:.0f}"
    return text.replace("-", "\N{MINUS SIGN}")

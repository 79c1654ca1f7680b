"""Ticks where a reader expects them: round ratios, round years."""

from __future__ import annotations

import math

ROUND_RATIOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 10, 20, 50, 100)
STEPS = (1, 2, 2.5, 5)

# More than this many labels would touch; fewer than the least say too little.
MOST = 7
LEAST = 3


def ratio_ticks(low: float, high: float) -> list[float]:
    """Return round ratios from `low` to `high`, on a logarithmic axis no closer than labels are wide."""
    inside = [tick for tick in ROUND_RATIOS if low <= tick <= high]
    if len(inside) < LEAST:
        return plain_ticks(low, high)
    kept = [1.0] if low <= 1 <= high else [inside[len(inside) // 2]]
    nearest = (math.log(high) - math.log(low)) / (MOST + 1)
    for tick in sorted(inside, key=lambda one: abs(math.log(one))):
        if all(abs(math.log(tick / other)) >= nearest for other in kept):
            kept.append(float(tick))
    return sorted(kept)


def plain_ticks(low: float, high: float) -> list[float]:
    """Return at most `MOST` evenly spaced round numbers from `low` to `high`."""
    if high <= low:
        return [low]
    magnitude = 10.0 ** math.floor(math.log10((high - low) / MOST))
    sizes = [step * magnitude * power for power in (1, 10, 100) for step in STEPS]
    size = next(one for one in sizes if (high - low) / one <= MOST - 1)
    first, last = math.ceil(low / size - 1e-9), math.floor(high / size + 1e-9)
    return [index * size for index in range(first, last + 1)]


def tick_label(value: float) -> str:
    """Return a tick as text, with no more decimals than it needs."""
    return f"{value:.10g}".replace("-", "\N{MINUS SIGN}")

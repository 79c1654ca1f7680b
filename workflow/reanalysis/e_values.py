"""E-values: how strong an unmeasured confounder would have to be to explain an association away.

VanderWeele and Ding 2017, Ann Intern Med 167:268. The E-value is the least risk ratio that the confounder needs with
the treatment and with the outcome alike. It is defined for risk ratios; other measures are turned into one first:
odds and hazard ratios of rare outcomes as they are, of common ones by the root of the odds ratio and by
(1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1 / HR)); a standardised difference d by exp(0.91 d).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

# The conversions to a risk ratio of each measure, from the scale of the analysis.
RARE, COMMON, PLAIN = "rare outcome", "common outcome", "as it is"


def _common_hazard(log_ratio: float) -> float:
    ratio = math.exp(log_ratio)
    return math.expm1(math.sqrt(ratio) * math.log(0.5)) / math.expm1(math.sqrt(1 / ratio) * math.log(0.5))


CONVERSIONS: dict[str, dict[str, Callable[[float], float]]] = {
    "RR": {PLAIN: math.exp},
    "OR": {RARE: math.exp, COMMON: lambda value: math.exp(value / 2)},
    "HR": {RARE: math.exp, COMMON: _common_hazard},
    "SMD": {"approximate risk ratio": lambda value: math.exp(0.91 * value)},
}

NOT_RATIO = "a difference of means in units of its own has no risk ratio, and so no E-value"

# A ratio beyond e to this power is beyond all strength of confounding that anyone would argue about.
BEYOND = 300.0


def e_value(risk_ratio: float) -> float:
    """Return the E-value of a risk ratio above 0: RR + sqrt(RR (RR - 1)), of its inverse where it is below 1."""
    above = max(risk_ratio, 1 / risk_ratio)
    return above + math.sqrt(above * (above - 1))


def e_values(measure: str, estimate: float, low: float, high: float, null: float = 0.0) -> list[dict[str, Any]]:
    """Return by conversion the risk ratio, its E-value, and that of the limit nearer to no effect.

    Parameters
    ----------
    measure
        HR, OR, RR or SMD; for MD there is none, and the answer is empty.
    estimate, low, high
        On the scale of the analysis.
    null
        The effect that is to be explained away to, on the scale of the analysis.
    """
    found = []
    for name, convert in CONVERSIONS.get(measure, {}).items():
        ratio, lower, upper, to = (convert(min(max(x, -BEYOND), BEYOND)) for x in (estimate, low, high, null))
        nearer = lower if ratio > to else upper
        crosses = lower <= to <= upper
        found.append(
            {
                "conversion": name,
                "risk_ratio": ratio,
                "e_value": e_value(ratio / to),
                "e_value_limit": 1.0 if crosses else e_value(nearer / to),
            }
        )
    return found

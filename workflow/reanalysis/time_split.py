"""A ratio that differs between an early and a later period: what an early excess can say of immortal time.

Immortal time: who is counted as treated must have lived until the treatment (Suissa 2008, Am J Epidemiol 167:492). It
lowers the ratio early and not later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from reanalysis.distributions import critical_value, two_sided_p


@dataclass(frozen=True)
class LogRatio:
    """A log ratio and its standard error."""

    yi: float
    sei: float

    def limits(self, level: float) -> tuple[float, float]:
        """Return its Wald interval."""
        margin = critical_value(level) * self.sei
        return self.yi - margin, self.yi + margin


def compared(early: LogRatio, late: LogRatio) -> dict[str, float]:
    """Return by how much the ratio rises from one period to the other, with its z statistic and two-sided p value.

    ASSUME: the two periods share no deaths, so that their estimates are independent.
    """
    difference, se = late.yi - early.yi, math.hypot(early.sei, late.sei)
    return {"rise": math.exp(difference), "z": difference / se, "p": two_sided_p(difference / se)}


def only_later(late: LogRatio, whole: LogRatio, pooled: float) -> float | None:
    """Return what the pooled log ratio would be, if it kept the share of its size that the later period keeps.

    ASSUME: every study has an early excess in the proportion of this one. None where the whole ratio is 1.
    """
    return None if whole.yi == 0 else pooled * late.yi / whole.yi


def immortal_months(early: LogRatio, months: float) -> float:
    """Return how many immortal months of an early period alone would give its ratio below 1; 0 where it is not below.

    ASSUME: deaths come at one small constant rate, treatment has no effect, and all that the treated must have lived
    through is counted as theirs: then the ratio of rates is the mortal share of the period.
    """
    return months * max(0.0, 1 - math.exp(early.yi))


def time_split(early: LogRatio, late: LogRatio, whole: LogRatio | None, pooled: float, months: float) -> dict[str, Any]:
    """Return all three, as `confounding.json` keeps them; the schema says what each key means."""
    return {
        "early": math.exp(early.yi),
        "late": math.exp(late.yi),
        **compared(early, late),
        "immortal_months": immortal_months(early, months),
        "pooled_as_later": None if whole is None else only_later(late, whole, pooled),
    }

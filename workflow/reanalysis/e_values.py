"""E-values: how strong unmeasured confounding would have to be to move an estimate to another value.

The E-value is the least risk ratio that a confounder would need to have with both treatment and outcome, above the
measured covariates (VanderWeele and Ding 2017, Ann Intern Med 167:268; the bound is of Ding and VanderWeele 2016,
Epidemiology 27:368). All values here are natural logarithms of ratios, or differences, until an E-value is returned.

ASSUME: an odds or hazard ratio of a rare outcome is a risk ratio; of a common one (above some 15 % at the end of
follow-up), the square root of an odds ratio is, and (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR)) of a hazard ratio.
ASSUME: the risk ratio of a standardised mean difference d is exp(0.91 d), which takes the outcome to be normal with the
same variance in both groups.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

LOG_2 = math.log(2)

# Of a standardised mean difference: pi / sqrt(3), halved as for the odds ratio of a common outcome, is 0.91.
PER_STANDARD_DEVIATION = 0.91

# Beyond these logarithms 1 - 0.5^ratio is the logarithm of 2 times the ratio, or 1, to the last digit.
TINY, LARGE = -40.0, 7.0
# Beyond this logarithm the derivative is below 1e-100.
FLAT = 6.0
NEAR = 1.0

NO_DIFFERENCE_IN_UNITS = (
    "a mean difference has units, and only a risk ratio has an E-value; its standard deviations, which would make it a "
    "standardised difference, are not printed"
)


@dataclass(frozen=True)
class EValue:
    """The E-values of an estimate.

    Parameters
    ----------
    estimate
        That which moves the estimate to the reference value; infinite where it is beyond any double.
    limit
        That which moves the nearer confidence limit there; 1 where the interval holds the reference value.
    """

    estimate: float
    limit: float


def rare(value: float) -> float:
    """Return the log risk ratio that a log ratio is read as: itself."""
    return value


def common_odds(value: float) -> float:
    """Return the log risk ratio of a log odds ratio of a common outcome (VanderWeele 2020, Biometrics 76:746)."""
    return value / 2


def common_hazard(value: float) -> float:
    """Return the log risk ratio of a log hazard ratio of a common outcome (VanderWeele 2020, Biometrics 76:746)."""
    if abs(value) > NEAR:
        return _log_of_part(value / 2) - _log_of_part(-value / 2)
    # The same without the difference of nearly equal logarithms: the ratio less 1 over its denominator.
    above = 0.5 ** math.exp(value / 2) * math.expm1(2 * LOG_2 * math.sinh(value / 2))
    return math.log1p(above / -math.expm1(-LOG_2 * math.exp(-value / 2)))


def common_hazard_slope(value: float) -> float:
    """Return the derivative of `common_hazard`: the logarithm of 2 near no effect, 1 / 2 far from it."""
    return (_slope_of_part(value / 2) + _slope_of_part(-value / 2)) / 2


def _slope_of_part(log_ratio: float) -> float:
    """Return the derivative of log(1 - 0.5^ratio) in the logarithm of the ratio."""
    if log_ratio > FLAT:
        return 0.0
    power = LOG_2 * math.exp(log_ratio)
    return power / math.expm1(power) if power > 0 else 1.0


def _log_of_part(log_ratio: float) -> float:
    """Return log(1 - 0.5^ratio) of a log ratio."""
    if log_ratio < TINY:
        return math.log(LOG_2) + log_ratio
    if log_ratio > LARGE:
        return 0.0
    return math.log(-math.expm1(-LOG_2 * math.exp(log_ratio)))


def standardised(value: float) -> float:
    """Return the log risk ratio of a standardised mean difference."""
    return PER_STANDARD_DEVIATION * value


@dataclass(frozen=True)
class Reading:
    """How an effect is read as a log risk ratio, by a function that runs through 0, and the function's derivative."""

    value: Callable[[float], float]
    slope: Callable[[float], float]


RARE = Reading(rare, lambda _: 1.0)
COMMON_ODDS = Reading(common_odds, lambda _: 0.5)
COMMON_HAZARD = Reading(common_hazard, common_hazard_slope)
STANDARDISED = Reading(standardised, lambda _: PER_STANDARD_DEVIATION)

# How an effect of each measure may be read as a log risk ratio, the reading that leads first; a mean difference cannot
# be.
READINGS: dict[str, dict[str, Reading]] = {
    "RR": {"risk_ratio": RARE},
    "HR": {"common": COMMON_HAZARD, "risk_ratio": RARE},
    "OR": {"common": COMMON_ODDS, "risk_ratio": RARE},
    "SMD": {"standardised": STANDARDISED},
    "MD": {},
}


def e_value(log_risk_ratio: float, reference: float = 0.0) -> float:
    """Return the E-value R + sqrt(R (R - 1)), R = exp(|log_risk_ratio - reference|), infinite beyond any double.

    Parameters
    ----------
    reference
        The log risk ratio to move to.
    """
    return confounding_strength(abs(log_risk_ratio - reference))


def confounding_strength(log_bias: float) -> float:
    """Return the least risk ratio of a confounder with treatment and outcome that can make a log bias factor.

    Parameters
    ----------
    log_bias
        At least 0.
    """
    try:
        return math.exp(log_bias) * (1 + math.sqrt(-math.expm1(-log_bias)))
    except OverflowError:
        return math.inf


def log_bias(strength: float) -> float:
    """Return the log bias factor that a confounder can make at most: the inverse of `confounding_strength`.

    Parameters
    ----------
    strength
        Its risk ratio with both treatment and outcome, at least 1.
    """
    return 2 * math.log(strength) - math.log(2 * strength - 1)


def e_values(estimate: float, low: float, high: float, reference: float = 0.0) -> EValue:
    """Return the E-values of a log risk ratio and of its confidence limit nearer to the reference value.

    Parameters
    ----------
    low, high
        The confidence limits, on the same scale.
    reference
        The log risk ratio to move to; 0 for no effect.
    """
    if low <= reference <= high:
        return EValue(e_value(estimate, reference), 1.0)
    return EValue(e_value(estimate, reference), e_value(low if low > reference else high, reference))


def read_as(measure: str, reading: str, values: tuple[float, float, float, float]) -> EValue:
    """Return the E-values of an effect that is read as a risk ratio.

    Parameters
    ----------
    measure, reading
        A name in `READINGS`, and one of its readings.
    values
        Estimate, lower and upper limit, reference value, on the scale of the analysis.
    """
    estimate, low, high, reference = map(READINGS[measure][reading].value, values)
    return e_values(estimate, low, high, reference)

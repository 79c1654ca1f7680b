"""What an effect that is larger early than late can mean.

Patients count as treated only if they live until treatment, so that the time before it is free of deaths for them:
immortal (Suissa 2008, Am J Epidemiol 167:492). It makes treatment look good early and does nothing later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from reanalysis.bias_analysis import Between, bias_between
from reanalysis.design import FloatArray


@dataclass(frozen=True)
class Split:
    """The effect of one study in two periods, as log ratios with their standard errors.

    Parameters
    ----------
    early, late
        Log ratio and standard error of each.
    window
        The length of the early period.
    """

    early: tuple[float, float]
    late: tuple[float, float]
    window: float


def difference(split: Split, level: float) -> Between:
    """Return the early minus the late log ratio, with its test.

    Altman and Bland 2003, BMJ 326:219. The two periods share no deaths.
    """
    return bias_between(split.late, split.early, level)


def immortal_time(split: Split, true: float = 0.0) -> float:
    """Return the mean immortal time, in units of the window, that by itself makes the early ratio of another one.

    In a window W in which the hazard of the untreated is constant, those who are treated after t on average have the
    cumulative hazard theta lambda (W - t) of theirs, lambda W without treatment: the ratio of the two is
    theta (1 - t / W), and t = W (1 - early / theta). It is 0 where the early ratio is not below theta.

    Parameters
    ----------
    true
        log theta, the log ratio outside the immortal time.
    """
    # ASSUME: the hazard is constant over the window, all are treated within it, nothing else differs early, and the
    # printed early ratio is one of cumulative hazards over the window.
    return split.window * max(0.0, -math.expm1(split.early[0] - true))


def immortal_time_limits(split: Split, level: float) -> tuple[float, float]:
    """Return the limits of the immortal time that takes the late ratio to the early one, each from 0 to the window."""
    found = difference(split, level)
    low, high = (max(0.0, -math.expm1(one)) for one in (found.ci_high, found.ci_low))
    return split.window * low, split.window * high


def as_later(
    yi: FloatArray, sei: FloatArray, overall: tuple[float, float], late: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Return effects and standard errors, shape (k,), as if each study had counted its later period only.

    Each is taken times the ratio of the one study's later to its overall value.

    Parameters
    ----------
    overall, late
        Log ratio and standard error of the study that prints both; the overall log ratio is not 0.
    """
    # ASSUME: in every study the later log ratio is the same part of the overall one, and its standard error the same
    # multiple, as in the one that prints them.
    return yi * (late[0] / overall[0]), sei * (late[1] / overall[1])

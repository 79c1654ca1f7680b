"""Trim and fill: how many studies a funnel plot lacks on one side, and the mean with their mirror images put in.

Effects are ranked by their distance from the mean of the studies that are left when the k0 outermost on the other side
are taken away; k0 is estimated from the signed ranks, until it stays (Duval and Tweedie 2000, J Am Stat Assoc 95:89;
Biometrics 56:455). With T the sum of the ranks of the k effects on the fuller side, and g the length of the run of the
largest ranks there,

    L0 = (4 T - k (k + 1)) / (2 k - 1),   R0 = g - 1,   Q0 = k - 1/2 - sqrt(2 k^2 - 4 T + 1/4).

ASSUME: a funnel plot without selection is symmetric, and what is missing are the k0 most extreme effects of one side.
ASSUME: where no side is given it is the one that precise studies lie towards: right if the slope of effects on
standard errors is below 0, as metafor takes it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reanalysis import batch
from reanalysis.design import FloatArray, design
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices, fit

LEFT, RIGHT = "left", "right"
ESTIMATORS = ("L0", "R0", "Q0")

# ASSUME: two effects always lie on both sides of their mean, and say nothing of symmetry.
FEWEST_STUDIES = 3

# Ten were enough; where k0 comes back to an earlier value it never stays.
MOST_STEPS = 100


@dataclass(frozen=True)
class TrimAndFill:
    """The estimate with imputed studies; where there is none all numbers are None, and `reason` says why.

    Parameters
    ----------
    estimator
        A name in `ESTIMATORS`.
    side, side_estimated
        Where studies are missing, `LEFT` or `RIGHT`, and whether that was estimated.
    k0, k0_se
        How many are missing, and the standard error of that number; None where its variance would be below 0.
    k0_p
        Of R0 alone: the p value of the test that none is missing.
    filled_yi, filled_sei
        The effects and standard errors put in.
    estimate, se, ci_low, ci_high, p, tau2
        Of all studies, with those put in.
    """

    estimator: str
    k: int
    side: str | None
    side_estimated: bool
    k0: int | None = None
    k0_se: float | None = None
    k0_p: float | None = None
    filled_yi: tuple[float, ...] = ()
    filled_sei: tuple[float, ...] = ()
    estimate: float | None = None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None
    tau2: float | None = None
    reason: str | None = None


def trim_and_fill(
    yi: FloatArray, vi: FloatArray, choices: Choices, estimator: str = "L0", side: str | None = None
) -> TrimAndFill:
    """Return the estimate with the studies put in that seem to be missing.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    choices
        Estimator of tau2, interval and level, of every mean.
    estimator
        A name in `ESTIMATORS`.
    side
        Where studies are missing, `LEFT` or `RIGHT`; estimated by default.

    Raises
    ------
    ReanalysisError
        Where there is no such estimator or side.
    """
    if estimator not in ESTIMATORS or side not in {LEFT, RIGHT, None}:
        raise ReanalysisError(
            f"there is no trim and fill called {estimator!r} on the side {side!r}",
            remedy=f"name one of {', '.join(ESTIMATORS)}, and {LEFT} or {RIGHT} or none",
        )
    k, asked = len(yi), side
    if k < FEWEST_STUDIES:
        return TrimAndFill(estimator, k, side, asked is None, reason=f"{k} studies say nothing of symmetry")
    side = side or estimated_side(yi, vi, choices.tau2_method)
    if side is None:
        reason = "the standard errors are equal, so that no side can be estimated"
        return TrimAndFill(estimator, k, None, side_estimated=True, reason=reason)
    turn = -1 if side == RIGHT else 1
    order = np.argsort(turn * yi, kind="stable")
    k0, error, centre = _missing(turn * yi[order], vi[order], choices.tau2_method, estimator)
    if k0 is None:
        reason = f"{estimator} has no value here: the number of missing studies never stays the same, or has none"
        return TrimAndFill(estimator, k, side, asked is None, reason=reason)
    outermost = order[k - k0 :]
    filled_yi, filled_vi = 2 * turn * centre - yi[outermost], vi[outermost]
    found = fit(np.concatenate([yi, filled_yi]), np.concatenate([vi, filled_vi]), design({}, k + k0), choices)
    return TrimAndFill(
        estimator,
        k,
        side,
        asked is None,
        k0=k0,
        k0_se=error,
        # The run of largest ranks on one side is geometric where neither side lacks any.
        k0_p=0.5 ** (k0 + 1) if estimator == "R0" else None,
        filled_yi=tuple(float(one) for one in filled_yi),
        filled_sei=tuple(math.sqrt(one) for one in filled_vi),
        estimate=float(found.estimate[0]),
        se=float(found.se[0]),
        ci_low=float(found.ci_low[0]),
        ci_high=float(found.ci_high[0]),
        p=float(found.p[0]),
        tau2=found.tau2,
    )


def estimated_side(yi: FloatArray, vi: FloatArray, tau2_method: str) -> str | None:
    """Return the side on which studies seem to be missing; None where all standard errors are equal.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,), k at least 2.
    tau2_method
        A name in `tau2.ESTIMATORS`, of the regression of effects on standard errors.
    """
    try:
        model = design({"standard error": list(np.sqrt(vi))}, len(yi))
    except ReanalysisError:
        return None
    slope = batch.fit(yi, vi, design=model, tau2=tau2_method).estimate[1, 0]
    return RIGHT if slope < 0 else LEFT


def _missing(
    yi: FloatArray, vi: FloatArray, tau2_method: str, estimator: str
) -> tuple[int | None, float | None, float]:
    """Return how many studies the left side lacks, the standard error of that, and the mean without as many others.

    None where there is no such number.

    Parameters
    ----------
    yi, vi
        Shape (k,), effects rising.
    """
    k, k0 = len(yi), 0
    for _ in range(MOST_STEPS):
        found = batch.fit(yi[: k - k0], vi[: k - k0], tau2=tau2_method)
        centre = float(found.estimate[0])
        number, error = _estimated(yi - centre, float(np.abs(yi).max()), estimator)
        if number is None or number >= k:
            return None, None, centre
        if number == k0:
            return k0, error, centre
        k0 = number
    return None, None, math.nan


def _estimated(away: FloatArray, size: float, estimator: str) -> tuple[int | None, float | None]:
    """Return the number of studies missing on the left and its standard error.

    Parameters
    ----------
    away
        Shape (k,): the distances of the effects from a mean.
    size
        Of the effects, beside which a distance may be rounding error.
    """
    k = len(away)
    side = np.where(np.abs(away) <= k * np.finfo(float).eps * size, 0.0, np.sign(away))
    # Of equal distances the first has the smaller rank.
    ranks = np.empty(k)
    ranks[np.argsort(np.abs(away), kind="stable")] = np.arange(1, k + 1)
    if estimator == "R0":
        # ASSUME: where no effect is off the mean none is missing.
        number = k - ranks[side < 0].max(initial=0) - 1 if side.any() else 0
        return max(0, int(number)), math.sqrt(2 * max(0, number) + 2)
    total = float(ranks[side > 0].sum())
    if estimator == "L0":
        exact = (4 * total - k * (k + 1)) / (2 * k - 1)
        slope: float | None = 4 / (2 * k - 1)
    else:
        square = 2 * k**2 - 4 * total + 1 / 4
        if square < 0:
            return None, None
        exact = k - 1 / 2 - math.sqrt(square)
        below = (k - 1 / 2) ** 2 - exact * (2 * k - exact - 1)
        slope = 2 / math.sqrt(below) if below > 0 else None
    # The variance of T where k0 studies of k + k0 are missing.
    n = exact
    variance = k * (k + 1) * (2 * k + 1) + 10 * n**3 + 27 * n**2 + 17 * n - 18 * k * n**2 - 18 * k * n + 6 * k**2 * n
    error = None if slope is None or variance < 0 else slope * math.sqrt(variance / 24)
    return max(0, round(exact)), error

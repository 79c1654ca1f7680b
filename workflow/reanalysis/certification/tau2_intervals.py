"""Q-profile limits of the variance between studies and of I2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reanalysis.certification.precision import fifty_digits, mpf
from reanalysis.certification.projected import residuals_of
from reanalysis.certification.tails import chi2_quantile
from reanalysis.certification.tau2 import root_of_q


@dataclass(frozen=True)
class QProfile:
    """Lower and upper limits: of tau2, and of I2 in percent."""

    tau2: tuple[mpf, mpf]
    i2: tuple[mpf, mpf]


@fifty_digits
def q_profile(y: Sequence[float], v: Sequence[float], X: Sequence[Sequence[float]], level: float = 0.95) -> QProfile:
    """Return the tau2 between which Q(tau2) is no surprise: Viechtbauer 2007, Stat Med 26:37.

    Each limit is the root of Q(tau2) = a quantile of chi-squared with k-p degrees of freedom, 0 where Q(0) is below it.

    Parameters
    ----------
    y, v, X
        Effects (k), variances (k) and a design (k rows, p columns).
    level
        In (0, 1).
    """
    model = residuals_of(y, v, X)
    df = mpf(model.df)
    tail = (1 - mpf(level)) / 2
    limits = root_of_q(model, chi2_quantile(tail, df)), root_of_q(model, chi2_quantile(1 - tail, df))
    typical = df / model.traces(mpf(0))[0]
    return QProfile(limits, (100 * limits[0] / (typical + limits[0]), 100 * limits[1] / (typical + limits[1])))

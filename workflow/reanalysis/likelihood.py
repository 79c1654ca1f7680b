"""The pieces that every estimator of tau2 is made of, for one value of tau2 or a grid of them.

With W = diag(1 / (vi + tau2)) and P = W - W X (X' W X)^-1 X' W (Raudenbush 2009; Viechtbauer 2005,
J Educ Behav Stat 30:261):

    Q(tau2)            = y' P y
    REML score         = (y' P P y - tr P) / 2
    ML score           = (y' P P y - tr W) / 2
    REML log likelihood = (-sum log(vi + tau2) - log |X' W X| - y' P y) / 2 + constant
    ML log likelihood  = (-sum log(vi + tau2) - y' P y) / 2 + constant
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from reanalysis.design import Design, FloatArray

# Numbers of one weighted design that are held at a time: about 30 MB.
LARGEST = 4_000_000


@dataclass(frozen=True)
class Pieces:
    """Quadratic forms and traces at G values of tau2, each of shape (G,)."""

    ypy: FloatArray
    yppy: FloatArray
    trace_p: FloatArray
    trace_w: FloatArray
    sum_log_variance: FloatArray
    log_det: FloatArray

    @property
    def reml_score(self) -> FloatArray:
        """The derivative of the restricted log likelihood by tau2."""
        return (self.yppy - self.trace_p) / 2

    @property
    def ml_score(self) -> FloatArray:
        """The derivative of the log likelihood by tau2."""
        return (self.yppy - self.trace_w) / 2

    @property
    def reml(self) -> FloatArray:
        """The restricted log likelihood without its constant."""
        return -(self.sum_log_variance + self.log_det + self.ypy) / 2

    @property
    def ml(self) -> FloatArray:
        """The log likelihood without its constant."""
        return -(self.sum_log_variance + self.ypy) / 2


def pieces(yi: FloatArray, vi: FloatArray, design: Design, tau2: FloatArray) -> Pieces:
    """Return the pieces at each value of tau2.

    Parameters
    ----------
    yi, vi
        Shape (k,).
    tau2
        Shape (G,), each at least 0.
    """
    most = max(1, LARGEST // (design.k * design.p))
    if len(tau2) > most:
        parts = [pieces(yi, vi, design, tau2[start : start + most]) for start in range(0, len(tau2), most)]
        return Pieces(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Pieces)))
    Q = design.Q
    variance = vi[:, None] + tau2[None, :]  # (k, G)
    root = 1 / np.sqrt(variance)
    # A QR of the weighted design, not its normal equations: weights may differ by many orders of magnitude.
    half, upper = np.linalg.qr(root.T[:, :, None] * Q[None, :, :])  # (G, k, p), (G, p, p)
    scaled = (root * yi[:, None]).T  # (G, k)
    residual = scaled - np.einsum("gkp,gp->gk", half, np.einsum("gkp,gk->gp", half, scaled))
    leverage = np.sum(half**2, axis=2)  # (G, k)
    weighted = root.T * residual  # P y
    return Pieces(
        ypy=np.sum(residual**2, axis=1),
        yppy=np.sum(weighted**2, axis=1),
        trace_p=np.sum((1 - leverage) / variance.T, axis=1),
        trace_w=np.sum(1 / variance, axis=0),
        sum_log_variance=np.sum(np.log(variance), axis=0),
        log_det=2 * np.sum(np.log(np.abs(np.diagonal(upper, axis1=1, axis2=2))), axis=1),
    )

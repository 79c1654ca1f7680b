"""The likelihood of a mean by its textbook formula, in code that shares nothing with the engine."""

from __future__ import annotations

import numpy as np


def log_likelihood(yi: np.ndarray, vi: np.ndarray, tau2: np.ndarray, restricted: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return twice the log likelihood of a mean without constants, shape (G, n), and the size of its terms.

    Parameters
    ----------
    yi, vi
        Shape (k, n).
    tau2
        Shape (G, n).
    """
    total, first, logs = (np.zeros_like(tau2) for _ in range(3))
    # Effects count from the most precise one: a large weight then multiplies a small number.
    start = np.take_along_axis(yi, np.argmin(vi, axis=0)[None], axis=0)
    for y, v in zip(yi - start, vi, strict=True):
        weight = 1 / (v + tau2)
        total += weight
        first += weight * y
        logs += np.log(v + tau2)
    mean, q = first / total, np.zeros_like(tau2)
    for y, v in zip(yi - start, vi, strict=True):
        q += (y - mean) ** 2 / (v + tau2)
    if restricted:
        logs = logs + np.log(total)
    return -logs - q, np.abs(logs) + q + len(yi)

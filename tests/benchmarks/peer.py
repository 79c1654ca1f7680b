"""The work of `engine.py` done by PyMARE, in an environment of its own; prints CPU seconds, the least of some rounds.

Run by `engine.py`, which hands over the data. Each job is done the fastest way that PyMARE's documents show.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import numpy as np
import pymare
from clock import least
from pymare import Dataset
from pymare.estimators import VarianceBasedLikelihoodEstimator


def fitted(yi: np.ndarray, vi: np.ndarray) -> np.ndarray:
    """Return tau2 of every column, with estimates and standard errors made on the way."""
    results = VarianceBasedLikelihoodEstimator(method="REML").fit_dataset(Dataset(y=yi, v=vi)).summary()
    results.get_fe_stats()
    return np.ravel(results.tau2)


def subsets(yi: np.ndarray, vi: np.ndarray) -> np.ndarray:
    """Return tau2 of every subset of two studies or more, those of one size together."""
    k = len(yi)
    codes = np.arange(2**k)
    member = (codes[:, None] >> np.arange(k)) & 1
    size = member.sum(axis=1)
    tau2 = np.zeros(2**k)
    for count in range(2, k + 1):
        rows = np.nonzero(member[size == count])[1].reshape(-1, count).T
        tau2[size == count] = fitted(yi[rows], vi[rows])
    return tau2


def permuted(yi: np.ndarray, vi: np.ndarray, X: np.ndarray, count: int) -> list[float]:
    """Return permutation p values of a model."""
    dataset = Dataset(y=yi[:, None], v=vi[:, None], X=X, add_intercept=False)
    results = VarianceBasedLikelihoodEstimator(method="REML").fit_dataset(dataset).summary()
    return np.ravel(results.permutation_test(count).perm_p["fe_p"]).tolist()


if __name__ == "__main__":
    given = np.load(sys.argv[1])
    rounds = int(sys.argv[2])
    jobs: dict[str, Callable[[], object]] = {
        "subsets": lambda: subsets(given["yi"], given["vi"]),
        "permutations": lambda: permuted(given["yi"], given["vi"], given["X"], int(given["permutations"])),
        "simulated": lambda: fitted(given["many_yi"], given["many_vi"]),
    }
    report: dict[str, object] = {"version": pymare.__version__}
    for name, job in jobs.items():
        seconds, made = least(job, rounds)
        report[name] = {"seconds": seconds, "made": np.ravel(np.asarray(made)).tolist()}
    print(json.dumps(report))

"""How fast the engine is, next to PyMARE in one run, and how its cost grows; prints ratios and exponents.

PyMARE is installed in an environment of its own (build/peer, or the one whose Python stands in PEER_PYTHON). Times are
CPU seconds, the least of some rounds on either side, taken in turns.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# One thread on either side, before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from clock import least

from reanalysis import batch
from reanalysis.design import of_matrix
from reanalysis.subsets import every_subset

HERE = Path(__file__).resolve()
PEER = "pymare==0.0.13"
ROUNDS, TURNS = 5, 3
PERMUTATIONS, SIMULATED, STUDIES = 5000, 10_000, 13
WANTED = {"subsets": 10, "permutations": 20, "simulated": 10}


def peer_python() -> Path:
    """Return a Python that has PyMARE, made if need be."""
    if "PEER_PYTHON" in os.environ:
        return Path(os.environ["PEER_PYTHON"])
    folder = HERE.parents[2] / "build/peer"
    python = folder / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", PEER], check=True)
    return python


def data(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return effects and variances as reviews have them: tau2 0.1, standard errors of 0.1 to 0.6."""
    vi = rng.uniform(0.01, 0.4, shape)
    return rng.normal(0, np.sqrt(vi + 0.1)), vi


def permuted_fits(yi: np.ndarray, vi: np.ndarray, X: np.ndarray) -> list[float]:
    """Return permutation p values of a model's coefficients but the intercept."""
    rng = np.random.default_rng(1)
    order = rng.permuted(np.tile(np.arange(len(yi))[:, None], PERMUTATIONS), axis=0)
    order[:, 0] = np.arange(len(yi))
    found = batch.fit(yi[order], vi[order], design=of_matrix(X))
    stat = np.abs(found.estimate / found.se)
    return np.mean(stat >= stat[:, :1] * (1 - 1e-9), axis=1).tolist()


def against_peer() -> bool:
    """Print the ratios to PyMARE's times; return whether all are as wanted."""
    rng = np.random.default_rng(20261125)
    yi, vi = data(rng, (STUDIES,))
    many_yi, many_vi = data(rng, (STUDIES, SIMULATED))
    X = np.column_stack([np.ones(STUDIES), rng.normal(2000, 5, STUDIES), rng.normal(5, 1, STUDIES)])
    jobs: dict[str, Callable[[], object]] = {
        "subsets": lambda: batch.fit(yi, vi, every_subset(STUDIES)).tau2,
        "permutations": lambda: permuted_fits(yi, vi, X),
        "simulated": lambda: batch.fit(many_yi, many_vi).tau2,
    }
    python = peer_python()
    ours: dict[str, tuple[float, object]] = {}
    theirs: dict[str, tuple[float, object]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "given.npz"
        np.savez(file, yi=yi, vi=vi, X=X, many_yi=many_yi, many_vi=many_vi, permutations=PERMUTATIONS)
        for _ in range(TURNS):
            command = [str(python), str(HERE.with_name("peer.py")), str(file), str(ROUNDS)]
            said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            for name, job in jobs.items():
                ours[name] = min(ours.get(name, (np.inf, None)), least(job, ROUNDS), key=lambda one: one[0])
                found = said[name]["seconds"], said[name]["made"]
                theirs[name] = min(theirs.get(name, (np.inf, None)), found, key=lambda one: one[0])
    print(f"PyMARE {said['version']}; CPU seconds, theirs / ours = ratio (wanted)")
    good = True
    for name, wanted in WANTED.items():
        ratio = theirs[name][0] / ours[name][0]
        good &= ratio >= wanted
        print(f"  {name}: {theirs[name][0]:.4f} / {ours[name][0]:.4f} = {ratio:.1f} ({wanted})")
    for name in ("subsets", "simulated"):
        mine, other = (np.ravel(np.asarray(one[name][1])) for one in (ours, theirs))
        other = other[-len(mine) :]
        print(f"  {name}: tau2 of {np.count_nonzero(np.abs(mine - other) > 1e-3)} of {len(mine)} differ by over 0.001")
    print(f"  permutation p: {permuted_fits(yi, vi, X)[1:]} and {theirs['permutations'][1]}")
    return good


def growth() -> bool:
    """Print how cost grows with the number of data sets and of studies; return whether it is as wanted."""
    rng = np.random.default_rng(1)
    good = True
    for name, shapes in {
        "data sets": [(13, 10_000 * 2**power) for power in range(5)],
        "studies": [(20 * 4**power, 2000) for power in range(5)],
    }.items():
        sizes, seconds = [], []
        for shape in shapes:
            yi, vi = data(rng, shape)
            sizes.append(shape[1] if name == "data sets" else shape[0])
            seconds.append(least(lambda yi=yi, vi=vi: batch.fit(yi, vi), 3)[0])
        exponent = float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
        good &= exponent < 1.15
        print(f"cost grows with the number of {name} to the power of {exponent:.2f}, from {sizes[0]} to {sizes[-1]}")
    yi, vi = data(rng, (100_000,))
    seconds = least(lambda: batch.fit(yi, vi), ROUNDS)[0]
    print(f"100,000 studies in one fit: {seconds:.3f} s (1)")
    yi, vi = data(rng, (20,))
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.process_time()
    found = batch.fit(yi, vi, every_subset(20))
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{len(found.tau2):,} subsets of 20 studies: {seconds:.2f} s (3)")
    print(f"  peak of the whole run {peak:.0f} MB, {before.ru_maxrss / 1e3:.0f} before this")
    return good and seconds < 3


if __name__ == "__main__":
    sys.exit(0 if all([against_peer(), growth()]) else 1)

"""Whether the search for the global maximum ever misses it: random harsh data sets, a scan of 10,000 points each.

The scan computes the (restricted) log likelihood by its textbook formula, in code of its own, and polishes its best
point by golden sections. A miss is a data set whose likelihood at the engine's tau2 is lower than the scan's best by
more than what rounding can do. Run as `python tests/certify/modes.py [data sets] [seed]`.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np

from reanalysis import batch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from textbook import log_likelihood

POINTS = 10_000
AT_ONCE = 200

# A likelihood is a sum of some ten terms: its rounding errors are below this share of their sizes.
ROUNDING = 1e-12


def harsh(rng: np.random.Generator, k: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return effects and variances, shape (k, count), of kinds that have several maxima or a boundary."""
    decades = rng.choice([0.5, 2, 4, 6, 8], count)
    vi = 10.0 ** (-decades * rng.random((k, count)))
    # Groups of precise studies that agree within and differ between; one study that dominates; equal effects; noise.
    spread = 10.0 ** rng.uniform(-4, 1.5, count)
    groups = rng.integers(0, 3, (k, count)) * spread
    noise = rng.normal(size=(k, count)) * np.sqrt(vi + rng.choice([0.0, 0.0, 0.01, 1.0], count))
    kind = rng.integers(0, 5, count)
    yi = np.select(
        [kind == 0, kind == 1, kind == 2, kind == 3],
        [noise, groups, groups + noise, spread * rng.standard_cauchy((k, count))],
        np.where(rng.random((k, count)) < 0.3, spread, 0.0) + noise,
    )
    vi[0, kind == 4] *= 1e-4
    return yi, vi


def scan(yi: np.ndarray, vi: np.ndarray, restricted: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the best height that a scan of each data set finds, the size of its terms, how many maxima it sees."""
    smallest, largest = vi.min(axis=0), vi.max(axis=0)
    rss = np.sum((yi - yi.mean(axis=0)) ** 2, axis=0)
    top = rss + largest + smallest
    steps = np.linspace(0, 1, POINTS)[:, None]
    grid = smallest * np.expm1(steps * np.log1p(top / smallest))
    heights, sizes = log_likelihood(yi, vi, grid, restricted)
    best = np.argmax(heights, axis=0)
    rises = np.diff(heights, axis=0) > 0
    maxima = np.count_nonzero(rises[:-1] & ~rises[1:], axis=0) + ~rises[0]
    every = np.arange(len(best))
    low, high = grid[np.maximum(best - 1, 0), every], grid[np.minimum(best + 1, POINTS - 1), every]
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(60):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        up = log_likelihood(yi, vi, np.stack([left, right]), restricted)[0]
        low, high = np.where(up[0] < up[1], left, low), np.where(up[0] < up[1], high, right)
    polished = log_likelihood(yi, vi, ((low + high) / 2)[None], restricted)[0][0]
    return np.maximum(polished, heights[best, every]), sizes[best, every], maxima


def misses(count: int, seed: int) -> dict[str, int]:
    """Return how many of `count` data sets the engine misses the maximum of, and of how many tau2 is 0 or above."""
    rng = np.random.default_rng(seed)
    found = {"data sets": 0, "missed REML": 0, "missed ML": 0, "tau2 = 0": 0, "several maxima": 0}
    while found["data sets"] < count:
        k = int(rng.integers(2, 9))
        yi, vi = harsh(rng, k, min(AT_ONCE, count - found["data sets"]))
        for method in ("REML", "ML"):
            tau2 = batch.fit(yi, vi, tau2=method).tau2
            ours = log_likelihood(yi, vi, tau2[None], method == "REML")[0][0]
            best, size, maxima = scan(yi, vi, method == "REML")
            lost = np.flatnonzero(best - ours > ROUNDING * size)
            found[f"missed {method}"] += len(lost)
            found["several maxima"] += int(np.count_nonzero(maxima > 1))
            for place in lost[:3]:
                lack, of = best[place] - ours[place], size[place]
                print(f"{method}: lacks {lack:.3g} of {of:.3g} at tau2 = {tau2[place]!r}")
                print(f"  yi {yi[:, place].tolist()}\n  vi {vi[:, place].tolist()}")
            found["tau2 = 0"] += int(np.count_nonzero(tau2 == 0))
        found["data sets"] += yi.shape[1]
    return found


if __name__ == "__main__":
    count, seed = (int(given) for given in [*sys.argv[1:], *("100000", "1")[len(sys.argv) - 1 :]])
    result = misses(count, seed)
    print(", ".join(f"{name}: {value}" for name, value in result.items()))
    sys.exit(1 if result["missed REML"] or result["missed ML"] else 0)

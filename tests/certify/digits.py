"""How many digits the engine has on random hostile data, by the fifty-digit reference: the fewest of each quantity.

Run as `python tests/certify/digits.py [data sets] [seed]`. Each data set is fitted by every estimator, without and with
one or two moderators. Scales are those of certification.json; for tau2 also the sum of tau2 and the smallest sampling
variance, because a tau2 near its boundary is the small difference of numbers of that size.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np

from reanalysis.certification.compare import Number
from reanalysis.certification.precision import mp, mpf
from reanalysis.certification.reference import Fit, fit
from reanalysis.certification.tau2 import ESTIMATORS
from reanalysis.design import design
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices
from reanalysis.mixed_effects import fit as ours_of

sys.path.insert(0, str(Path(__file__).resolve().parent))
from modes import harsh

ENOUGH = 10
Found = tuple[float, str, str, int]


def agreeing(ours: float, reference: Number) -> float:
    """Return -log10(error / scale), up to 17."""
    with mp.workdps(50):
        error = abs(mpf(ours) - reference.value)
        return min(17.0, float(-mp.log10(error / reference.scale))) if error else 17.0


def expected(found: Fit, method: str, smallest: float, k: int) -> dict[str, Number]:
    """Return the reference of each quantity, with its scale."""
    height = found.restricted_log_likelihood if method == "REML" else found.log_likelihood
    made = {
        "tau2 on itself": Number(found.tau2, found.tau2 or mpf(smallest)),
        "tau2 on tau2 + least v": Number(found.tau2, found.tau2 + mpf(smallest)),
        "q": Number(found.q, found.q or mpf(k)),
        "loglik": Number(height, abs(height) + k),
    }
    for place, (estimate, se) in enumerate(zip(found.coefficients, found.se, strict=True)):
        kind = "slope" if place else "intercept"
        made |= {f"{kind} {place}": Number(estimate, abs(estimate) + se), f"se of {kind} {place}": Number(se, se)}
    if found.omnibus is not None:
        # Slopes that are 0 leave a statistic without digits of its own.
        made["qm"] = Number(found.omnibus.statistic, found.omnibus.statistic + 1)
    return made


def one(rng: np.random.Generator, moderators: int) -> list[Found]:
    """Return how many digits each quantity of one random data set has: with its name, its estimator and k."""
    k = int(rng.integers(moderators + 2, 9))
    y, v = (column[:, 0] for column in harsh(rng, k, 1))
    x = rng.choice([0.0, 2000.0, 1e6]) + np.round(rng.normal(size=(moderators, k)) * rng.choice([1.0, 10.0]), 3)
    try:
        X = design({f"x{place}": list(values) for place, values in enumerate(x)}, k)
    except ReanalysisError:
        return []
    found: list[Found] = []
    for method in ESTIMATORS:
        reference = fit(y.tolist(), v.tolist(), X.X.tolist(), method)
        mine = ours_of(y, v, X, Choices(method, "wald", 0.95))
        numbers = {"tau2 on itself": mine.tau2, "tau2 on tau2 + least v": mine.tau2, "q": float(mine.batch.q[0])}
        numbers |= {"loglik": float(mine.batch.loglik[0])} | ({} if mine.qm is None else {"qm": mine.qm})
        for place in range(X.p):
            kind = "slope" if place else "intercept"
            numbers |= {f"{kind} {place}": float(mine.estimate[place]), f"se of {kind} {place}": float(mine.se[place])}
        for name, number in expected(reference, method, float(v.min()), k).items():
            found.append((agreeing(numbers[name], number), f"{name}, {moderators} moderators", method, k))
            if found[-1][0] < ENOUGH:
                print(f"{found[-1]}: ours {numbers[name]!r}, reference {mp.nstr(number.value, 20)}")
                print(f"  y {y.tolist()}\n  v {v.tolist()}\n  X {X.X.tolist()}")
    return found


def main(count: int, seed: int) -> int:
    """Print the fewest digits of each quantity; return how many numbers have fewer than ten."""
    rng = np.random.default_rng(seed)
    found = [row for place in range(count) for row in one(rng, place % 3)]
    for name in sorted({row[1] for row in found}):
        rows = [row for row in found if row[1] == name]
        least = min(rows)
        print(
            f"{name:34} {len(rows):6} numbers, least {math.floor(10 * least[0]) / 10:5.1f} ({least[2]}, k = {least[3]})"
        )
    short = sum(row[0] < ENOUGH for row in found)
    print(f"{len(found)} numbers of {count} data sets, {short} of them with fewer than {ENOUGH} digits")
    return short


if __name__ == "__main__":
    count, seed = (int(given) for given in [*sys.argv[1:], *("2000", "1")[len(sys.argv) - 1 :]])
    sys.exit(1 if main(count, seed) else 0)

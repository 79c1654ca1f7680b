"""What the analyses of doubt cost on the shipped review, in CPU seconds beyond imports; prints each and the sum."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from clock import least

from reanalysis import raw
from reanalysis.claim_sources import Asked
from reanalysis.claim_trials import trials
from reanalysis.claims import check_claims
from reanalysis.confounding import Files, confounding
from reanalysis.departures import Departures
from reanalysis.mixed_effects import Choices
from reanalysis.multiverse import multiverse
from reanalysis.permutation import Resampling
from reanalysis.records import Effect, Provenance
from reanalysis.results import read_results
from reanalysis.routes import USABLE
from reanalysis.scenario import declared
from reanalysis.small_study import small_study
from reanalysis.subsets import Sampling
from reanalysis.tables import read

ROOT = Path(__file__).resolve().parents[2]
WANTED, PERMUTATIONS = 10.0, 50_000


def jobs() -> dict[str, Callable[[], object]]:
    """Return the work of each step, its files read."""
    review = raw.read(ROOT / "data/raw/le-scodan-2010")
    options = Choices("REML", "hksj", 0.95)
    scenarios = declared(review.review.scenarios)
    folder = ROOT / "results/le-scodan-2010"
    effects = read(folder / "effects.csv", Effect)
    asked = Asked(review, read_results(review.folder, folder), read(folder / "provenance.csv", Provenance))
    return {
        "multiverse": lambda: multiverse(Departures(review, USABLE), scenarios, "HR", options, 1),
        "confounding": lambda: confounding(
            effects, review.review, review.statements, options, Sampling(20_000, 1), Files("", "", "")
        ),
        "small study": lambda: small_study(effects, "HR", options, Resampling(20_000, 1), ""),
        "claims": lambda: check_claims(asked, trials(Departures(review, USABLE), options, Resampling(PERMUTATIONS, 1))),
    }


if __name__ == "__main__":
    total = 0.0
    for name, job in jobs().items():
        seconds = least(job, 3)[0]
        total += seconds
        print(f"{name}: {seconds:.2f} s")
    print(f"all: {total:.2f} s ({WANTED:g})")
    sys.exit(0 if total < WANTED else 1)

"""Every step of a review again, from its input alone, in a folder of its own and without Snakemake."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from os import cpu_count
from pathlib import Path
from typing import Any

from reanalysis.errors import ReanalysisError
from reanalysis.files import write_all

# What each step waits for; the rules say the same with files, and tests hold the two together.
NEEDS: dict[str, tuple[str, ...]] = {
    "extract": (),
    "reconstruct": ("extract",),
    "pool": ("reconstruct",),
    "regress": ("reconstruct",),
    "certify": ("pool", "regress"),
    "subgroups": ("reconstruct",),
    "rounding": ("reconstruct",),
    "multiverse": (),
    "confounding": ("reconstruct",),
    "influence": ("reconstruct",),
    "subsets": ("reconstruct",),
    "dependence": ("reconstruct",),
    "elsewhere": ("pool",),
    "draw": (
        *("check", "regress", "rounding", "multiverse", "confounding", "elsewhere"),
        *("influence", "subsets", "dependence", "subgroups", "changes"),
    ),
    "small_study": ("reconstruct",),
    "crosscheck": ("pool", "regress"),
    "audit": (),
    "changes": (),
    "check": ("reconstruct",),
    "claims": ("pool", "regress", "rounding"),
    "r_script": ("pool", "regress", "small_study"),
    "report": ("draw", "certify", "crosscheck", "audit", "check", "claims", "r_script"),
}

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

# All that a review needs of its companion.
COMPANION = ("extract", "reconstruct", "pool")

# What an argument of a step names, beside raw/, and what else than its own name with ".json" a result is called.
NAMED = {
    "studies": "studies.csv",
    "estimates": "estimates.csv",
    "provenance": "provenance.csv",
    "made": "routes.csv",
    "effects": "effects.csv",
    "findings": "findings.csv",
    "specifications": "specifications.csv",
    "script": "check.R",
    "page": "report.html",
    "figures": "figures",
}
JSON = (
    *("pooled", "regression", "subgroups", "rounding", "audit", "dependence", "multiverse", "confounding"),
    *("small_study", "influence", "subsets", "leave_out", "elsewhere", "claims", "certification", "crosscheck"),
    *("against", "changes"),
)


def arguments(step: str, folder: Path, review: str, settings: Mapping[str, Any]) -> Namespace:
    """Return what a step is called with: every path and setting that any step asks for.

    Parameters
    ----------
    folder
        Where ``data/raw/`` stands and ``results/`` is made.
    settings
        What `config.yaml` says.
    """
    raw, results = folder / "data" / "raw" / review, folder / "results" / review
    places = {name: results / file for name, file in NAMED.items()} | {name: results / f"{name}.json" for name in JSON}
    return Namespace(
        **settings,
        **places,
        raw=raw,
        review=raw / "review.yaml",
        # `elsewhere` reads beside the review's own results.
        results=results.parent if step == "elsewhere" else results,
        # Pictures for print are made from the same numbers as the SVG, and their bytes depend on other programs.
        formats=("svg",),
    )


def run_step(step: str, folder: Path, review: str, settings: Mapping[str, Any]) -> None:
    """Run one step and write what it makes.

    Raises
    ------
    ReanalysisError
        Where the step refuses its input.
    """
    module = import_module(f"reanalysis.steps.{step}")
    write_all(module.step(arguments(step, folder, review, settings)))


def recompute(folder: Path, reviews: Sequence[str], companions: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """Make the results of reviews again from ``data/raw/`` in a folder, as many steps at once as there are cores.

    Parameters
    ----------
    reviews
        Those to make whole.
    companions
        The companion of a review, where it has one.
    settings
        What `config.yaml` says.

    Raises
    ------
    ReanalysisError
        Where a step refuses its input.
    """
    waiting = _needs(reviews, companions)
    running: dict[Future[None], tuple[str, str]] = {}
    done: set[tuple[str, str]] = set()
    with _one_thread_each(), ProcessPoolExecutor(cpu_count() or 1, _context()) as pool:
        try:
            while waiting or running:
                for one in [one for one, needs in waiting.items() if needs <= done]:
                    del waiting[one]
                    running[pool.submit(run_step, one[1], folder, one[0], settings)] = one
                ready, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ready:
                    future.result()
                    done.add(running.pop(future))
        except ReanalysisError:
            pool.shutdown(cancel_futures=True)
            raise


def _context() -> BaseContext:
    """Return how to start processes: each from one that has imported every step already."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["reanalysis.commands.preloaded"])
    return context


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let linear algebra use one thread a process: these matrices are small, and the processes use all cores."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _needs(reviews: Sequence[str], companions: Mapping[str, str]) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Return what waits for what, each a review and a step, in an order that may run."""
    steps = [(other, step) for other in companions.values() for step in COMPANION]  # first: others wait for them
    steps += [(review, step) for review in reviews for step in NEEDS]
    found = {(review, step): {(review, one) for one in NEEDS[step]} for review, step in steps}
    for review, other in companions.items():
        found[review, "elsewhere"].add((other, "pool"))
    return found

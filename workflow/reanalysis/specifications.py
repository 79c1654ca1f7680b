"""Every way to pool a review that its scenarios, estimators, intervals and treatments of dependence allow, at once.

Steegen et al. 2016, Perspect Psychol Sci 11:702 (multiverse); Simonsohn, Simmons, Nelson 2020, Nat Hum Behav 4:1208
(specification curve); for meta-analyses Voracek et al. 2019, Z Psychol 227:64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from reanalysis import batch
from reanalysis.batch import BatchFit
from reanalysis.departures import Departures, Row
from reanalysis.design import BoolArray, FloatArray
from reanalysis.digits import DRAWN_DIGITS, rounded
from reanalysis.errors import ReanalysisError
from reanalysis.intervals import INTERVALS, limits, scale
from reanalysis.means import number, p_values
from reanalysis.records import Specification
from reanalysis.robust import cr2
from reanalysis.robust_models import coefficient
from reanalysis.scenario import PRIMARY, Scenario, combined
from reanalysis.tau2 import ESTIMATORS

# ASSUME: estimates of one overlap cluster are correlated so, where they are averaged.
CORRELATION = 0.5

# What is done with studies that may share patients.
INDEPENDENT, MOST_PRECISE, AVERAGED, ROBUST = "independent", "most precise of a cluster", "cluster averaged", "CR2"


class Pooled(NamedTuple):
    """What one estimate that is pooled is made of: its printed row, effect and sampling variance."""

    row: int
    yi: float
    vi: float


@dataclass(frozen=True)
class Choice:
    """One set of effects to pool.

    Parameters
    ----------
    scenario
        One declared, two together, or the primary analysis.
    dependence
        What is done with studies that may share patients.
    clusters
        The overlap cluster of each effect.
    """

    scenario: Scenario
    dependence: str
    pooled: tuple[Pooled, ...]
    clusters: tuple[str, ...]


def choices(departures: Departures, declared: Sequence[Scenario]) -> list[Choice]:
    """Return every distinct set of effects that the scenarios, alone and two at a time, give; the primary one first.

    A scenario that leaves nothing to pool, and one that gives what an earlier one gave, is not among them.

    Raises
    ------
    ReanalysisError
        Where not even the primary analysis can be made.
    """
    departures.rows(PRIMARY)
    made: dict[tuple[Pooled, ...], Choice] = {}
    alone = {rows: scenario for scenario in reversed((PRIMARY, *declared)) if (rows := _rows(departures, scenario))}
    distinct = [scenario for scenario in declared if scenario in alone.values()]
    for scenario in (PRIMARY, *distinct, *_pairs(distinct)):
        rows = _rows(departures, scenario)
        clusters = departures.clusters(rows)
        for dependence, treated in TREATMENTS.items():
            pooled, names = treated(rows, clusters)
            made.setdefault(pooled, Choice(scenario, dependence, pooled, names))
    return list(made.values())


def _rows(departures: Departures, scenario: Scenario) -> tuple[Row, ...]:
    """Return what a scenario pools; nothing where it cannot be analysed, of which the table of scenarios says why."""
    try:
        return tuple(departures.rows(scenario))
    except ReanalysisError:
        return ()


def _pairs(declared: Sequence[Scenario]) -> Iterator[Scenario]:
    for one, other in combinations(declared, 2):
        both = combined(one, other)
        if both is not None:
            yield both


Treated = tuple[tuple[Pooled, ...], tuple[str, ...]]


def as_they_are(rows: Sequence[Row], clusters: Sequence[str]) -> Treated:
    """Return every effect by itself."""
    return tuple(Pooled(one.row, one.yi, one.vi) for one in rows), tuple(clusters)


def _most_precise(rows: Sequence[Row], clusters: Sequence[str]) -> Treated:
    kept = {name: min(group, key=lambda one: one.vi) for name, group in _grouped(rows, clusters)}
    return as_they_are(list(kept.values()), list(kept))


def _averaged(rows: Sequence[Row], clusters: Sequence[str]) -> Treated:
    """Return each cluster as one estimate, the best linear unbiased one at the assumed correlation."""
    made = {}
    for name, group in _grouped(rows, clusters):
        yi, sei = np.array([one.yi for one in group]), np.sqrt([one.vi for one in group])
        correlation = np.where(np.eye(len(group), dtype=bool), 1.0, CORRELATION)
        # The weights that the covariance gives, and none below 0: an estimate is not counted backwards.
        weights = np.linalg.solve(correlation * np.outer(sei, sei), np.ones(len(group)))
        weights = np.maximum(0.0, weights) / np.maximum(0.0, weights).sum()
        variance = float(weights @ (correlation * np.outer(sei, sei)) @ weights)
        made[name] = Pooled(group[0].row, float(weights @ yi), variance)
    return tuple(made.values()), tuple(made)


def _grouped(rows: Sequence[Row], clusters: Sequence[str]) -> Iterable[tuple[str, list[Row]]]:
    groups: dict[str, list[Row]] = {}
    for one, name in zip(rows, clusters, strict=True):
        groups.setdefault(name, []).append(one)
    return groups.items()


TREATMENTS: dict[str, Callable[[Sequence[Row], Sequence[str]], Treated]] = {
    INDEPENDENT: as_they_are,
    MOST_PRECISE: _most_precise,
    AVERAGED: _averaged,
}


def arrays(made: Sequence[Choice]) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return effects, variances and which printed rows each choice pools, shape (rows, choices) each."""
    count = max(one.row for choice in made for one in choice.pooled)
    yi, vi = np.zeros((count, len(made))), np.ones((count, len(made)))
    include = np.zeros((count, len(made)), bool)
    for place, choice in enumerate(made):
        for one in choice.pooled:
            yi[one.row - 1, place], vi[one.row - 1, place] = one.yi, one.vi
            include[one.row - 1, place] = True
    return yi, vi, include


def specifications(made: Sequence[Choice], level: float) -> list[Specification]:
    """Return every specification: each choice under each estimator of tau2 and each interval.

    CR2 is an interval of its own, for choices in which studies may share patients.
    """
    yi, vi, include = arrays(made)
    found: list[Specification] = []
    for method in ESTIMATORS:
        fits = batch.fit(yi, vi, include, tau2=method)
        for interval in INTERVALS:
            found += _by_interval(made, fits, interval, level)
        found += [
            one
            for place, choice in enumerate(made)
            if choice.dependence == INDEPENDENT and len(set(choice.clusters)) < len(choice.clusters)
            for one in _robust(choice, method, float(fits.tau2[place]), level)
        ]
    return found


def _by_interval(made: Sequence[Choice], fits: BatchFit, interval: str, level: float) -> Iterator[Specification]:
    by, df = scale(fits, interval)
    low, high = limits(fits, interval, level)
    p = p_values(fits.estimate, np.sqrt(by) * fits.se, df)
    for place, choice in enumerate(made):
        yield _specification(
            choice,
            (choice.dependence, fits.tau2_method, interval),
            (float(fits.estimate[place]), float(low[place]), float(high[place]), p[place], float(fits.tau2[place])),
        )


def _robust(choice: Choice, method: str, tau2: float, level: float) -> Iterator[Specification]:
    yi, vi = (np.array([getattr(one, name) for one in choice.pooled]) for name in ("yi", "vi"))
    mean = coefficient(cr2(yi, np.diag(vi + tau2), np.ones((len(yi), 1)), choice.clusters), 0, level)
    if not mean["reason"]:
        numbers = mean["estimate"], mean["ci_low"], mean["ci_high"], mean["p"], tau2
        yield _specification(choice, (ROBUST, method, ROBUST), numbers)


def _specification(
    choice: Choice, names: tuple[str, str, str], numbers: tuple[float, float, float, float, float]
) -> Specification:
    estimate, low, high, p, tau2 = (rounded(number(one), DRAWN_DIGITS) for one in numbers)
    return Specification(choice.scenario.name, *names, len(choice.pooled), estimate, low, high, p, tau2)

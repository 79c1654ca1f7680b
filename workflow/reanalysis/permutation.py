"""Permutation tests of meta-regressions: how often chance alone ties moderators to effects as closely as the data do.

Under the null hypothesis that no moderator matters, the pairs (yi, vi) can stand at the moderators in any order; every
order is fitted anew, its tau2 estimated anew (Follmann and Proschan 1999, Biometrics 55:732; Higgins and Thompson 2004,
Stat Med 23:1663). The statistic of a slope is |estimate / se|, that of all slopes together sqrt(QM), both with the
scale of the model's own interval.

ASSUME: the pairs (yi, vi) are exchangeable where no moderator matters. The test of one slope of several permutes all
moderators together, so it too is of the null hypothesis that none matters.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reanalysis import batch
from reanalysis.batch import BatchFit
from reanalysis.design import Design, FloatArray, Places
from reanalysis.intervals import scale
from reanalysis.mixed_effects import Choices

# A statistic that falls short of the observed one by less than this share of it (below 1, by less than this) ties with
# it: rounding and the stop of an iteration move ties apart. It is the size of metafor's `comptol`.
TIE = math.sqrt(np.finfo(float).eps)

# Numbers of one array of rearranged data: memory stays the same however many rearrangements there are.
CELLS = 130_000


@dataclass(frozen=True)
class Resampling:
    """How many rearrangements of the data are tried at most, and the seed from which they are drawn if not all are."""

    most: int
    seed: int


@dataclass(frozen=True)
class PermutationTest:
    """The p values of one meta-regression.

    Parameters
    ----------
    p, error
        Shape (p - 1,), of the slopes in the order of the terms: two-sided p values and their Monte Carlo errors, which
        are 0 where every ordering was tried.
    qm_p, qm_error
        The same, of all slopes together.
    count
        How many orderings were tried, the observed one aside where they were drawn.
    exact
        Whether they were all that differ.
    """

    p: FloatArray
    error: FloatArray
    qm_p: float
    qm_error: float
    count: int
    exact: bool


def permutation_test(
    yi: FloatArray, vi: FloatArray, design: Design, choices: Choices, resampling: Resampling
) -> PermutationTest:
    """Return the permutation p values of every slope and of all slopes together.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,), k above the number of coefficients.
    design
        Of these studies, with one slope at least.
    """
    labels, sizes = _alike(design.X)
    number = number_of_orderings(sizes)
    exact = number <= resampling.most
    count = number if exact else resampling.most
    orders = every_ordering(labels, sizes) if exact else drawn_orderings(design.k, count, resampling.seed)
    observed = batch.fit(yi, vi, design=design, tau2=choices.tau2_method)
    interval = scaled_by(observed, choices.interval)
    goal = tied(_statistics(observed, interval))
    reached = np.zeros(design.p, int)
    for order in orders:
        found = batch.fit(yi[order], vi[order], design=design, tau2=choices.tau2_method)
        reached += (_statistics(found, interval) >= goal).sum(axis=1)
    p, error = p_values(reached, count, exact)
    return PermutationTest(p[:-1], error[:-1], float(p[-1]), float(error[-1]), count, exact)


def p_values(reached: npt.NDArray[np.int_], count: int, exact: bool) -> tuple[FloatArray, FloatArray]:
    """Return p values and their Monte Carlo errors, sqrt(p (1 - p) / count); 0 where the test is exact.

    Of drawn rearrangements the observed one counts as one more, so that no p value is 0 (Phipson and Smyth 2010, Stat
    Appl Genet Mol Biol 9:39).

    Parameters
    ----------
    reached
        How many rearrangements reach the observed statistic; where they are all, the observed one is among them.
    count
        How many there are.
    """
    if exact:
        return reached / count, np.zeros(len(reached))
    p = (1 + reached) / (1 + count)
    return p, np.sqrt(p * (1 - p) / count)


def scaled_by(observed: BatchFit, interval: str) -> str:
    """Return the interval whose scale a test uses: Wald's where the observed data leave Knapp and Hartung's none."""
    _, df = scale(observed, interval)
    return "wald" if np.isinf(df[0]) else interval


def ratios(found: BatchFit, interval: str) -> FloatArray:
    """Return |estimate / se| with the scale of an interval, of the shape of the estimates.

    Infinite where Knapp and Hartung's scale is 0: there the effects lie on the line, and no slope could be clearer.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(
            _scale(found, interval) > 0, np.abs(found.estimate) / (found.se * _root(found, interval)), np.inf
        )


def tied(observed: FloatArray) -> FloatArray:
    """Return what a statistic must reach to be at least as large as the observed one, give or take `TIE`."""
    return observed - TIE * np.maximum(1.0, observed)


def number_of_orderings(sizes: Sequence[int] | Places) -> int:
    """Return in how many orders things can stand of which some are alike: k! over the product of each group's own.

    Parameters
    ----------
    sizes
        How many are alike in each group.
    """
    number = math.factorial(int(sum(sizes)))
    for size in sizes:
        number //= math.factorial(int(size))
    return number


def every_ordering(labels: Places, sizes: Places) -> Iterator[Places]:
    """Yield every ordering of k studies over k rows of a design once, rows that are alike not told apart.

    Parameters
    ----------
    labels, sizes
        Shape (k,): the group of alike rows that each row belongs to, 0 to g - 1. Shape (g,): how many rows each has.

    Yields
    ------
    Shape (k, n): which study stands at each row, n orderings at a time.
    """
    k, number = len(labels), number_of_orderings(sizes)
    rows, step = np.argsort(labels, kind="stable"), max(1, CELLS // k)
    for start in range(0, number, step):
        given = _arrangements(np.arange(start, min(start + step, number)), sizes)
        order = np.empty_like(given)
        order[rows] = np.argsort(given, axis=0, kind="stable")
        yield order


def drawn_orderings(k: int, count: int, seed: int) -> Iterator[Places]:
    """Yield `count` random orderings of k studies, as `every_ordering` does; the same ones for the same seed."""
    random, step = np.random.default_rng(seed), max(1, CELLS // k)
    for start in range(0, count, step):
        yield np.argsort(random.random((min(step, count - start), k)), axis=1, kind="stable").T


def _arrangements(places: npt.NDArray[np.int_], sizes: Places) -> Places:
    """Return the arrangements of labels at some places of their alphabetical list, shape (k, n).

    Parameters
    ----------
    places
        Shape (n,), from 0.
    sizes
        How often each label occurs.
    """
    k, n = int(sizes.sum()), len(places)
    every, rest = np.arange(n), places.copy()
    left, among = np.repeat(sizes[:, None], n, axis=1), np.full(n, number_of_orderings(sizes))
    made = np.empty((k, n), np.intp)
    for place in range(k):
        # Of the arrangements that begin as this one, those that go on with each label: a share, and a whole number.
        going_on = among * left // (k - place)
        ends = going_on.cumsum(axis=0)
        label = (rest >= ends).sum(axis=0)
        among = going_on[label, every]
        rest -= ends[label, every] - among
        left[label, every] -= 1
        made[place] = label
    return made


def _alike(X: FloatArray) -> tuple[Places, Places]:
    """Return the group of equal rows that each row of a design belongs to, and the size of each group."""
    _, labels, sizes = np.unique(X, axis=0, return_inverse=True, return_counts=True)
    return labels.reshape(-1), sizes


def _statistics(found: BatchFit, interval: str) -> FloatArray:
    """Return the statistic of every slope, and last that of all slopes together, shape (p, n)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        together = np.where(_scale(found, interval) > 0, np.sqrt(found.qm) / _root(found, interval), np.inf)
    return np.vstack([ratios(found, interval)[1:], together])


def _root(found: BatchFit, interval: str) -> FloatArray:
    return np.sqrt(_scale(found, interval))


def _scale(found: BatchFit, interval: str) -> FloatArray:
    """Return what multiplies the covariance, shape (n,): 0 where Knapp and Hartung's scale is rounding error."""
    by, df = scale(found, interval)
    return np.where(np.isinf(df) & (interval != "wald"), 0.0, by)

"""The global maximum of the likelihood of a selection model, whole or with some elements of theta held.

A grid of mu and tau2 is looked at first, at each point with its best weights; every maximum of the grid is climbed by
Newton's steps. Given mu and tau2 the log likelihood is concave in the log weights, so that the steps of Vardi 1985, Ann
Stat 13:178, w_j = n_j / sum_i (P_ij / A_i), lead to the best ones.

ASSUME: mu is looked for up to `FAR` times the spread of the data beyond them, tau2 up to the square of that, and
weights between 1 / `MOST_WEIGHT` and `MOST_WEIGHT`. A likelihood that rises up to there has no maximum that means
anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reanalysis.design import BoolArray, FloatArray
from reanalysis.selection_likelihood import (
    MU,
    TAU2,
    WEIGHTS,
    Published,
    derivatives,
    log_likelihood,
    log_likelihoods,
    log_masses,
)

FAR, MOST_WEIGHT = 50.0, 1e12

# Points of the grid: of mu, dense between the effects; of tau2, 0 and a geometric row from this share of the least
# variance.
MUS, TAU2S, LEAST_SHARE = 61, 41, 1e-3

# Steps to the weights of the grid, which need not be the best to the last digit, and how many maxima are climbed.
WEIGHT_STEPS, CLIMBED = 15, 8

# Newton's steps, of which thirty were enough; halvings of one; the rise left at which steps are no more tested, because
# it is lost in the rounding of the likelihood, and the one at which they end.
STEPS, HALVINGS, CLOSE, DONE = 200, 60, 1e-9, 1e-24


@dataclass(frozen=True)
class Peak:
    """A maximum: its theta, shape (p,), its log likelihood, and which elements of theta are free, shape (p,)."""

    theta: FloatArray
    loglik: float
    free: BoolArray


@dataclass(frozen=True)
class Search:
    """Where the maximum of one data set is looked for.

    Parameters
    ----------
    data
        The studies.
    given
        Log weights by their place in theta that are held in every model.
    """

    data: Published
    given: Mapping[int, float]

    @cached_property
    def unit(self) -> float:
        """The spread of the data: the range of the effects and the largest standard error."""
        return float(np.ptp(self.data.yi) + np.sqrt(self.data.vi.max()))

    @cached_property
    def limits(self) -> tuple[FloatArray, FloatArray]:
        """The least and the largest theta, shape (p,) each."""
        reach, weights = FAR * self.unit, np.full(self.data.size - WEIGHTS, np.log(MOST_WEIGHT))
        return (
            np.concatenate([[self.data.yi.min() - reach, 0.0], -weights]),
            np.concatenate([[self.data.yi.max() + reach, reach**2], weights]),
        )

    @cached_property
    def axes(self) -> tuple[FloatArray, FloatArray]:
        """The values of mu and of tau2 on the grid."""
        low, high = self.limits
        middle, half = (low[MU] + high[MU]) / 2, (high[MU] - low[MU]) / 2
        # The spacing grows with the distance from the data as the likelihood becomes flat.
        bend = np.arcsinh(4 * FAR)
        mus = middle + half * np.sinh(np.linspace(-bend, bend, MUS)) / np.sinh(bend)
        tau2s = np.geomspace(LEAST_SHARE * self.data.vi.min(), high[TAU2], TAU2S - 1)
        return mus, np.concatenate([[0.0], tau2s])

    @cached_property
    def masses(self) -> FloatArray:
        """`log_masses` at every point of the grid, mu by mu, shape (J, k, G)."""
        mus, tau2s = self.axes
        return log_masses(self.data, np.repeat(mus, len(tau2s)), np.tile(tau2s, len(mus)))

    def peak(self, held: Mapping[int, float] | None = None, start: FloatArray | None = None) -> Peak:
        """Return the highest maximum with some elements of theta held.

        Parameters
        ----------
        held
            Values by their place in theta.
        start
            A theta to climb from beside those of the grid.
        """
        held = {**self.given, **(held or {})}
        free = np.ones(self.data.size, bool)
        free[list(held)] = False
        starts = self._starts(held)
        if start is not None:
            own = start.copy()
            own[list(held)] = list(held.values())
            starts.append(own)
        return max((self._climbed(one, free) for one in starts), key=lambda one: one.loglik)

    def at_edge(self, found: Peak) -> BoolArray:
        """Return which free elements of a theta stand at the end of where they are looked for, tau2 = 0 aside."""
        low, high = self.limits
        bottom = found.theta <= low
        bottom[TAU2] = False
        return (bottom | (found.theta >= high)) & found.free

    def _starts(self, held: Mapping[int, float]) -> list[FloatArray]:
        """Return the maxima of the grid, the highest first."""
        mus, tau2s = self.axes
        mus = np.array([held[MU]]) if MU in held else mus
        tau2s = np.array([held[TAU2]]) if TAU2 in held else tau2s
        shape = len(mus), len(tau2s)
        mu, tau2 = np.repeat(mus, shape[1]), np.tile(tau2s, shape[0])
        masses = log_masses(self.data, mu, tau2) if {MU, TAU2} & set(held) else self.masses
        log_weights = self._weights(masses, held)
        height = log_likelihoods(self.data, mu, tau2, masses, log_weights).reshape(shape)
        padded = np.pad(height, 1, constant_values=-np.inf)
        around = [np.roll(padded, step, axis)[1:-1, 1:-1] for axis in (0, 1) for step in (-1, 1)]
        tops = np.flatnonzero((height >= np.max(around, axis=0)).ravel())
        best = tops[np.argsort(-height.ravel()[tops], kind="stable")][:CLIMBED]
        return [np.concatenate([[mu[one], tau2[one]], log_weights[1:, one]]) for one in best]

    def _weights(self, masses: FloatArray, held: Mapping[int, float]) -> FloatArray:
        """Return log weights, shape (J, G), of which those that are not held are near the best ones."""
        most = np.log(MOST_WEIGHT)
        found = np.zeros((len(self.data.counts), masses.shape[2]))
        for place, value in held.items():
            if place >= WEIGHTS:
                found[place - WEIGHTS + 1] = value
        free = [place - WEIGHTS + 1 for place in range(WEIGHTS, self.data.size) if place not in held]
        if not free:
            return found
        mass = np.exp(masses - masses.max(axis=0))
        for _ in range(WEIGHT_STEPS):
            with np.errstate(divide="ignore", over="ignore"):
                total = (mass * np.exp(found)[:, None]).sum(axis=0)
                best = np.log(self.data.counts[free, None]) - np.log((mass[free] / total).sum(axis=1))
            found[free] = np.clip(best, -most, most)
        return found

    def _climbed(self, theta: FloatArray, free: BoolArray) -> Peak:
        """Return the maximum that Newton's steps from a theta lead to."""
        low, high = self.limits
        theta = np.where(free, np.clip(theta, low, high), theta)
        height = log_likelihood(self.data, theta)
        least = np.inf
        for _ in range(STEPS):
            gradient, second = derivatives(self.data, theta)
            inside = free & ~((theta <= low) & (gradient <= 0)) & ~((theta >= high) & (gradient >= 0))
            if not inside.any():
                break
            step = np.zeros(len(theta))
            step[inside] = _uphill(gradient[inside], second[np.ix_(inside, inside)])
            rise = float(gradient @ step)
            # Near the top the rises shrink as squares, until rounding stops them.
            if rise <= DONE or (rise < CLOSE and rise >= least):
                break
            least = rise if rise < CLOSE else np.inf
            for halving in range(HALVINGS):
                there = np.where(inside, np.clip(theta + step / 2**halving, low, high), theta)
                reached = log_likelihood(self.data, there)
                if reached > height or rise < CLOSE:
                    break
            else:
                break
            theta, height = there, reached
        return Peak(theta, height, free)


def _uphill(gradient: FloatArray, second: FloatArray) -> FloatArray:
    """Return Newton's step, turned uphill where the likelihood is not concave, shape (p,)."""
    scale = 1 / np.sqrt(np.maximum(np.abs(np.diagonal(second)), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(second * np.outer(scale, scale))
    bend = np.maximum(np.abs(values), np.finfo(float).eps * np.abs(values).max())
    return np.asarray(scale * (vectors @ ((vectors.T @ (scale * gradient)) / bend)), float)

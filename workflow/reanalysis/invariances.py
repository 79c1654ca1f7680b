"""What must hold of any analysis, whatever its numbers are: how many digits it holds to on a review's own data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from reanalysis import batch
from reanalysis.certification.compare import Number, digits
from reanalysis.certification.precision import mpf
from reanalysis.dataset import Dataset
from reanalysis.design import Design, FloatArray, design
from reanalysis.mixed_effects import Choices, Fit, fit
from reanalysis.moderators import model_design, too_few

# How a moderator, and an effect, are moved.
MOVE = 1000.0
EFFECT_MOVE = 1.0


@dataclass(frozen=True)
class Model:
    """A data set and a design."""

    yi: FloatArray
    vi: FloatArray
    X: Design

    def fit(self, choices: Choices) -> Fit:
        """Return the fitted model."""
        return fit(self.yi, self.vi, self.X, choices)


def invariances(data: Dataset, models: list[tuple[str, ...]], choices: Choices) -> list[dict[str, Any]]:
    """Return, of each identity, its name, what must hold, and the fewest digits it holds to.

    Digits are -log10(difference / scale), whole, at most 12; estimates and limits on |estimate| + se, others on
    themselves. tau2 on itself and the smallest sampling variance.
    """
    mean = Model(data.yi, data.vi, design({}, len(data.yi)))
    slopes = [
        Model(data.yi[made.complete], data.vi[made.complete], made.design)
        for made in (model_design(data, model) for model in models if not too_few(data, model))
    ]
    every = [mean, *slopes]
    found = [
        ("order reversed", "estimates, limits, tau2 and Q stay", [_reversed(one, choices) for one in every]),
        (
            "ratio inverted",
            "estimates and limits change sign, tau2 and Q stay",
            [_turned(one, choices) for one in every],
        ),
        (
            "effects moved by one",
            "the intercept moves by one, slopes, tau2 and Q stay",
            [_effects_moved(one, choices) for one in every],
        ),
        (
            "moderators times ten and centred",
            "slopes are a tenth, tau2 and Q stay",
            [_recoded(one, choices, 10.0, None) for one in slopes],
        ),
        (
            "moderators moved by a thousand",
            "slopes, tau2 and Q stay",
            [_recoded(one, choices, 1.0, MOVE) for one in slopes],
        ),
        (
            "the first study split into halves",
            "under the common effect, estimate, standard error and Q stay",
            [_split(data.yi, data.vi)],
        ),
        (
            "every study twice",
            "under the common effect, the estimate stays, Q doubles, the standard error is divided by the root of two",
            [_twice(data.yi, data.vi)],
        ),
    ]
    return [{"name": name, "holds": holds, "digits": min(several)} for name, holds, several in found if several]


def agreeing(ours: float, expected: float, scale: float) -> int:
    """Return how many digits two numbers share on a scale, whole, at most 12."""
    return digits(ours, Number(mpf(expected), mpf(scale)))


def _same(before: Fit, after: Fit, smallest: float, factors: FloatArray, moves: FloatArray) -> int:
    """Return the fewest digits of what should be estimate * factor + move, with limits that follow, and the same tau2.

    Parameters
    ----------
    smallest
        The smallest sampling variance.
    factors, moves
        Shape (p,); NaN of a coefficient that is not compared.
    """
    q, tau2 = float(before.batch.q[0]), before.tau2
    shared = [
        agreeing(after.tau2, tau2, max(tau2, smallest)),
        agreeing(float(after.batch.q[0]), q, q or before.k),
    ]
    for place in np.flatnonzero(np.isfinite(factors)):
        factor, move = factors[place], moves[place]
        ends = (before.ci_low[place], before.ci_high[place])[:: 1 if factor > 0 else -1]
        size = abs(factor) * (abs(before.estimate[place]) + before.se[place])
        pairs = zip(
            (after.estimate[place], after.ci_low[place], after.ci_high[place]),
            (before.estimate[place], *ends),
            strict=True,
        )
        shared += [agreeing(one, factor * other + move, size + abs(move)) for one, other in pairs]
    return min(shared)


def _plain(model: Model) -> tuple[FloatArray, FloatArray]:
    """Return factors and moves of coefficients that stay as they are."""
    return np.ones(model.X.p), np.zeros(model.X.p)


def _reversed(model: Model, choices: Choices) -> int:
    other = Model(model.yi[::-1].copy(), model.vi[::-1].copy(), _with_columns(model.X, model.X.X[::-1, 1:]))
    return _same(model.fit(choices), other.fit(choices), float(model.vi.min()), *_plain(model))


def _turned(model: Model, choices: Choices) -> int:
    other = Model(-model.yi, model.vi, model.X)
    factors, moves = _plain(model)
    return _same(model.fit(choices), other.fit(choices), float(model.vi.min()), -factors, moves)


def _effects_moved(model: Model, choices: Choices) -> int:
    other = Model(model.yi + EFFECT_MOVE, model.vi, model.X)
    factors, moves = _plain(model)
    moves[0] = EFFECT_MOVE
    return _same(model.fit(choices), other.fit(choices), float(model.vi.min()), factors, moves)


def _recoded(model: Model, choices: Choices, factor: float, move: float | None) -> int:
    """Return the digits of the slopes after moderators * factor + move; None moves each to a mean of 0."""
    columns = factor * model.X.X[:, 1:]
    columns = columns - columns.mean(axis=0) if move is None else columns + move
    other = Model(model.yi, model.vi, _with_columns(model.X, columns))
    factors, moves = _plain(model)
    factors[0], factors[1:] = np.nan, 1 / factor
    return _same(model.fit(choices), other.fit(choices), float(model.vi.min()), factors, moves)


def _with_columns(X: Design, columns: FloatArray) -> Design:
    return design(dict(zip(X.terms[1:], columns.T.tolist(), strict=True)), X.k)


def _split(yi: FloatArray, vi: FloatArray) -> int:
    return _common((yi, vi), (np.append(yi, yi[0]), np.concatenate([[2 * vi[0]], vi[1:], [2 * vi[0]]])), 1.0, 1.0)


def _twice(yi: FloatArray, vi: FloatArray) -> int:
    return _common((yi, vi), (np.tile(yi, 2), np.tile(vi, 2)), math.sqrt(2), 2.0)


def _common(
    before: tuple[FloatArray, FloatArray], after: tuple[FloatArray, FloatArray], narrower: float, more: float
) -> int:
    """Return the fewest digits of a common effect that stays, its standard error over `narrower`, Q times `more`."""
    one, other = (batch.fit(yi, vi, tau2="FE") for yi, vi in (before, after))
    estimate, se, q = float(one.estimate[0]), float(one.se[0]), float(one.q[0])
    return min(
        agreeing(float(other.estimate[0]), estimate, abs(estimate) + se),
        agreeing(float(other.se[0]), se / narrower, se / narrower),
        agreeing(float(other.q[0]), more * q, more * q or len(before[0])),
    )

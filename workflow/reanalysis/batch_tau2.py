"""Estimators of tau2 for many data sets of one design at once, without a loop over them.

Each estimator is the one of the same name in `tau2`; the letters are those of `likelihood`.

Error: rounding alone. With a mean, and effects counted from that of the most precise study, every piece keeps its
digits whatever the variances. With moderators, y' P P y and tr P lose them where as many studies as coefficients
outweigh the others: at tau2 = 0 and at worst, they are right to 1e-10 where the variances of one data set differ by a
factor of 1e6, to 1e-7 at 1e9, to 1e-4 at 1e12, and not at all at 1e18. A tau2 far below every variance is right on the
scale of the smallest one, not on its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from reanalysis.design import FloatArray
from reanalysis.tau2 import GRID_START, RELATIVE_TOLERANCE

# One point of the search follows another by this factor; what changes the score is vi + tau2, which moves by less.
GRID_STEP = 1.2

# The search goes this little beyond the bound, which holds exactly, its arithmetic only nearly.
BEYOND = 1.001

# Newton's steps to the root of Q, of which sixteen were enough for variances of 24 orders of magnitude.
MOST_STEPS = 100

Places = npt.NDArray[np.intp]


class Weighted:
    """n data sets, each weighted by 1 / (vi + tau2) at its own tau2.

    The design is made orthogonal under the weights of each data set by modified Gram and Schmidt, which is as stable as
    a QR of the weighted design; normal equations would not be, with weights of many orders of magnitude.

    Parameters
    ----------
    yi, vi
        Shape (k, n).
    others
        Shape (k, p - 1): the columns of the design beside one of ones.
    tau2
        Shape (n,).
    """

    def __init__(self, yi: FloatArray, vi: FloatArray, others: FloatArray, tau2: FloatArray) -> None:
        self.variance = vi + tau2
        self.weights = 1 / self.variance
        self.trace_w: FloatArray = self.weights.sum(axis=0)
        # Of the orthogonal columns: squared norms, coefficients, what of each earlier column was taken out of each;
        # and the columns themselves, but the one of ones.
        self.norms = [self.trace_w]
        self.along = [_dot(self.weights, yi) / self.trace_w]
        self.taken: list[list[FloatArray]] = [[]]
        self.columns: list[FloatArray] = []
        self.residual = yi - self.along[0]
        means = others.T @ self.weights / self.trace_w
        for other, mean in zip(others.T, means, strict=True):
            column, taken = other[:, None] - mean, [mean]
            for norm, earlier in zip(self.norms[1:], self.columns, strict=True):
                taken.append(_dot(self.weights * earlier, column) / norm)
                column -= earlier * taken[-1]
            pulled = self.weights * column
            self.norms.append(_dot(pulled, column))
            self.along.append(_dot(pulled, self.residual) / self.norms[-1])
            self.residual -= column * self.along[-1]
            self.taken.append(taken)
            self.columns.append(column)

    @cached_property
    def ypy(self) -> FloatArray:
        """The weighted residual sum of squares, Q(tau2)."""
        return _dot(self.weights * self.residual, self.residual)

    @cached_property
    def yppy(self) -> FloatArray:
        """The slope of Q downwards."""
        weighted = self.weights * self.residual
        return _dot(weighted, weighted)

    @cached_property
    def trace_p(self) -> FloatArray:
        """The expectation of `yppy` under the model."""
        # For a mean sum w - sum w^2 / sum w, which is 2 sum w_i w_j / sum w over the pairs of studies: nothing cancels
        # where one study outweighs all others.
        before, pairs = self.weights[0].copy(), np.zeros_like(self.trace_w)
        for row in self.weights[1:]:
            pairs += row * before
            before += row
        trace: FloatArray = 2 * pairs / self.trace_w
        for norm, column in zip(self.norms[1:], self.columns, strict=True):
            pulled = self.weights * column
            trace -= _dot(pulled, pulled) / norm
        return trace

    @property
    def log_likelihood(self) -> FloatArray:
        """Twice the log likelihood without its constant; the restricted one is less by the logs of the norms."""
        height: FloatArray = -np.log(self.variance).sum(axis=0) - self.ypy
        return height


@dataclass(frozen=True)
class Sets:
    """n data sets of one design.

    Parameters
    ----------
    yi, vi
        Shape (k, n).
    others
        Shape (k, p - 1): the columns of the orthonormal design but the first, which is constant.
    """

    yi: FloatArray
    vi: FloatArray
    others: FloatArray

    @property
    def df(self) -> int:
        """The residual degrees of freedom, k - p."""
        return int(self.others.shape[0] - 1 - self.others.shape[1])

    def at(self, tau2: FloatArray) -> Weighted:
        """Return the data sets, each weighted at its value of tau2."""
        return Weighted(self.yi, self.vi, self.others, tau2)

    def only(self, places: Places) -> Sets:
        """Return some of the data sets; one may be asked for more than once."""
        return Sets(self.yi[:, places], self.vi[:, places], self.others)

    @cached_property
    def zero(self) -> Weighted:
        """The data sets under the common-effect model."""
        return self.at(fixed(self))

    @cached_property
    def unweighted_rss(self) -> FloatArray:
        """The residual sums of squares of the unweighted fits."""
        return Weighted(self.yi, np.ones_like(self.vi), self.others, fixed(self)).ypy


def _dot(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the sum of products over studies."""
    products: FloatArray = np.einsum("kn,kn->n", left, right)
    return products


def estimate(method: str, sets: Sets) -> FloatArray:
    """Return tau2, at least 0, of each data set: shape (n,). `method` is a name in `tau2.ESTIMATORS`."""
    return np.maximum(0.0, ESTIMATORS[method](sets)) if sets.df > 0 else fixed(sets)


def fixed(sets: Sets) -> FloatArray:
    """Return 0: the model of one common effect."""
    return np.zeros(sets.yi.shape[1])


def dersimonian_laird(sets: Sets) -> FloatArray:
    """Return the moment estimator of DerSimonian and Laird 1986, Control Clin Trials 7:177."""
    return (sets.zero.ypy - sets.df) / sets.zero.trace_p


def hedges(sets: Sets) -> FloatArray:
    """Return the unweighted moment estimator of Hedges and Olkin 1985."""
    # The leverage of a study is 1 / k and the squares of its row of the other orthonormal columns.
    free = 1 - 1 / sets.yi.shape[0] - np.sum(sets.others**2, axis=1)
    return np.asarray(sets.unweighted_rss - free @ sets.vi, float) / sets.df


def hunter_schmidt(sets: Sets) -> FloatArray:
    """Return the estimator of Hunter and Schmidt, as given by Viechtbauer 2005, J Educ Behav Stat 30:261."""
    return np.asarray((sets.zero.ypy - sets.yi.shape[0]) / sets.zero.trace_w, float)


def sidik_jonkman(sets: Sets) -> FloatArray:
    """Return the two-step estimator of Sidik and Jonkman 2005, J R Stat Soc C 54:367."""
    first: FloatArray = np.var(sets.yi, axis=0)
    return np.asarray(first * sets.at(first).ypy / sets.df, float)


def paule_mandel(sets: Sets) -> FloatArray:
    """Return the root of Q(tau2) = k - p (Paule and Mandel 1982, J Res NBS 87:377; Morris 1983 for EB).

    Q is a sum of terms c / (l + tau2) with c, l >= 0, so 1 / Q is concave: Newton's steps on it from 0 rise to the root
    and never pass it. It is also nearly straight, so that they are few however far the root.
    """
    tau2, live = fixed(sets), np.arange(sets.yi.shape[1])
    for _ in range(MOST_STEPS):
        found = sets.only(live).at(tau2[live])
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (found.ypy - sets.df) * found.ypy / (sets.df * found.yppy)
            further = step > RELATIVE_TOLERANCE * tau2[live]
        live = live[further]
        if not len(live):
            break
        tau2[live] += step[further]
    return tau2


def restricted_maximum_likelihood(sets: Sets) -> FloatArray:
    """Return the global maximum of the restricted likelihood (Patterson and Thompson 1971)."""
    return _global_maximum(
        sets,
        lambda found: found.yppy - found.trace_p,
        lambda found: found.log_likelihood - np.log(found.norms).sum(axis=0),
    )


def maximum_likelihood(sets: Sets) -> FloatArray:
    """Return the global maximum of the likelihood (Hardy and Thompson 1996, Stat Med 15:619)."""
    return _global_maximum(sets, lambda found: found.yppy - found.trace_w, lambda found: found.log_likelihood)


def _global_maximum(
    sets: Sets, score: Callable[[Weighted], FloatArray], likelihood: Callable[[Weighted], FloatArray]
) -> FloatArray:
    """Return the tau2 >= 0 of the highest maximum: the boundary 0, or a root where the score falls through 0."""
    owner, ends = _falls(sets, score)
    some, everyone = sets.only(owner), np.arange(sets.yi.shape[1])
    roots = _roots(lambda live, tau2: score(some.only(live).at(tau2)), ends)
    owner, candidates = np.concatenate([everyone, owner]), np.concatenate([fixed(sets), roots])
    heights = np.concatenate([likelihood(sets.zero), likelihood(some.at(roots))])
    # By data set, the highest first; of two equal ones the smaller tau2.
    order = np.lexsort((candidates, -heights, owner))
    best: FloatArray = candidates[order[np.searchsorted(owner[order], everyone)]]
    return best


def _falls(sets: Sets, score: Callable[[Weighted], FloatArray]) -> tuple[Places, FloatArray]:
    """Return every interval of a grid on which the score falls through 0.

    The grid of a data set hangs from its own bound; the data sets share the number of points alone, so that some points
    may be below GRID_START of the smallest variance. Of m intervals, it returns the data set of each, and an array of
    shape (4, m) of their two ends and the scores there.
    """
    rss, df, smallest, largest = sets.unweighted_rss, sets.df, sets.vi.min(axis=0), sets.vi.max(axis=0)
    # As in `tau2`: the score is negative beyond.
    bound = (rss + np.sqrt(rss**2 + 4 * df * rss * largest)) / (2 * df)
    reach = BEYOND / GRID_START * max(1.0, float(np.max(bound / smallest)))
    low, low_score = fixed(sets), score(sets.zero)
    places, ends = [], []
    for power in range(-int(np.ceil(np.log(reach) / np.log(GRID_STEP))), 1):
        high = BEYOND * GRID_STEP**power * bound
        high_score = score(sets.at(high))
        falls = np.flatnonzero((low_score > 0) & (high_score <= 0))
        places.append(falls)
        ends.append(np.stack([low, high, low_score, high_score])[:, falls])
        low, low_score = high, high_score
    return np.concatenate(places), np.concatenate(ends, axis=1)


def _roots(function: Callable[[Places, FloatArray], FloatArray], ends: FloatArray) -> FloatArray:
    """Return a root in each of m intervals, to the last bits (Chandrupatla 1997, Adv Eng Softw 28:145).

    Bisection, and inverse quadratic interpolation where three points show that it is safe. `function` takes the places
    of some intervals and a point in each to the values there; `ends` is as `_falls` returns it.
    """
    roots, live = np.empty(ends.shape[1]), np.arange(ends.shape[1])
    # The newest point, the one across the root, the one before; then how far from the first to the second to go.
    a, b, fa, fb = ends
    share = np.full_like(a, 0.5)
    while len(live):
        x = a + share * (b - a)
        fx = function(live, x)
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        near = np.abs(fa) < np.abs(fb)
        best, least = np.where(near, a, b), np.where(near, fa, fb)
        tolerance = (RELATIVE_TOLERANCE * best + np.finfo(float).tiny) / np.abs(b - a)
        done = (tolerance > 0.5) | (least == 0)  # noqa: PLR2004 (half of the interval)
        roots[live[done]] = best[done]
        live, a, fa, b, fb, c, fc, tolerance = (one[~done] for one in (live, a, fa, b, fb, c, fc, tolerance))
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = fa / (fa - fb) * fc / (fc - fb) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        place, value = (a - b) / (c - b), (fa - fb) / (fc - fb)
        safe = (1 - np.sqrt(1 - place) < value) & (value < np.sqrt(place))
        share = np.clip(np.where(safe, inverse, 0.5), tolerance, 1 - tolerance)
    return roots


ESTIMATORS: dict[str, Callable[[Sets], FloatArray]] = {
    "FE": fixed,
    "DL": dersimonian_laird,
    "PM": paule_mandel,
    "REML": restricted_maximum_likelihood,
    "ML": maximum_likelihood,
    "EB": paule_mandel,
    "SJ": sidik_jonkman,
    "HE": hedges,
    "HS": hunter_schmidt,
}

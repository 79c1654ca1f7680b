"""Estimators of tau2, the variance of the true effects between studies.

`ESTIMATORS` names them. Each is converged, and REML and ML are at the global maximum: the likelihood can have
several (the score at 0 being negative does not mean that tau2 is 0).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reanalysis.design import Design, FloatArray
from reanalysis.likelihood import Pieces, pieces

# The grid of the search for maxima: from far below the smallest variance to the bound above which the score
# is negative, this many points. The score changes on the scale of vi + tau2: a maximum is a range of tau2 in which one
# point follows another by a small factor (1.2 where the variances differ by 24 orders of magnitude).
GRID_POINTS = 400
GRID_START = 1e-4

# Below this share of tau2 a double cannot say more.
RELATIVE_TOLERANCE = 4 * np.finfo(float).eps


def estimate(method: str, yi: FloatArray, vi: FloatArray, design: Design) -> float:
    """Return tau2, at least 0.

    Parameters
    ----------
    method
        A name in `ESTIMATORS`.
    yi, vi
        Effects and sampling variances, shape (k,), vi > 0.
    design
        The model of the mean; tau2 is what it leaves unexplained.
    """
    if design.k <= design.p:
        return 0.0
    return max(0.0, ESTIMATORS[method](yi, vi, design))


def at(yi: FloatArray, vi: FloatArray, design: Design, tau2: float) -> Pieces:
    """Return the pieces of the likelihood at one value of tau2."""
    return pieces(yi, vi, design, np.array([tau2]))


def residual_df(design: Design) -> int:
    """Return k - p."""
    return design.k - design.p


def unweighted_rss(yi: FloatArray, design: Design) -> float:
    """Return the residual sum of squares of the unweighted fit."""
    residual = yi - design.Q @ (design.Q.T @ yi)
    return float(residual @ residual)


def fixed(yi: FloatArray, vi: FloatArray, design: Design) -> float:
    """Return 0: the model of one common effect."""
    del yi, vi, design
    return 0.0


def dersimonian_laird(yi: FloatArray, vi: FloatArray, design: Design) -> float:
    """Return the moment estimator of DerSimonian and Laird 1986, Control Clin Trials 7:177."""
    zero = at(yi, vi, design, 0.0)
    return float((zero.ypy[0] - residual_df(design)) / zero.trace_p[0])


def hedges(yi: FloatArray, vi: FloatArray, design: Design) -> float:
    """Return the unweighted moment estimator of Hedges and Olkin 1985."""
    leverage = np.sum(design.Q**2, axis=1)
    return float((unweighted_rss(yi, design) - np.sum((1 - leverage) * vi)) / residual_df(design))


def hunter_schmidt(yi: FloatArray, vi: FloatArray, design: Design) -> float:
    """Return the estimator of Hunter and Schmidt, as given by Viechtbauer 2005, J Educ Behav Stat 30:261."""
    zero = at(yi, vi, design, 0.0)
    return float((zero.ypy[0] - design.k) / zero.trace_w[0])


def sidik_jonkman(yi: FloatArray, vi: FloatArray, design: Design) -> float:
    """Return the two-step estimator of Sidik and Jonkman 2005, J R Stat Soc C 54:367.

    Its first step is the variance of the effects, divided by k.
    """
    first = float(np.mean((yi - np.mean(yi)) ** 2))
    if first == 0:
        return 0.0
    return first * float(at(yi, vi, design, first).ypy[0]) / residual_df(design)


def paule_mandel(yi: FloatArray, vi: FloatArray, design: Design) -> float:
    """Return the root of Q(tau2) = k - p (Paule and Mandel 1982, J Res NBS 87:377).

    The empirical Bayes estimator of Morris 1983 is the same number.
    """
    return q_root(yi, vi, design, residual_df(design))


def restricted_maximum_likelihood(yi: FloatArray, vi: FloatArray, design: Design) -> float:
    """Return the global maximum of the restricted likelihood (Patterson and Thompson 1971)."""
    return _global_maximum(yi, vi, design, lambda found: found.reml_score, lambda found: found.reml)


def maximum_likelihood(yi: FloatArray, vi: FloatArray, design: Design) -> float:
    """Return the global maximum of the likelihood (Hardy and Thompson 1996, Stat Med 15:619)."""
    return _global_maximum(yi, vi, design, lambda found: found.ml_score, lambda found: found.ml)


def q_root(yi: FloatArray, vi: FloatArray, design: Design, target: float) -> float:
    """Return the tau2 at which the falling function Q(tau2) is `target`; 0 where it starts below."""
    if float(at(yi, vi, design, 0.0).ypy[0]) <= target:
        return 0.0
    # P has no eigenvalue above 1 / tau2, so Q(tau2) <= rss / tau2.
    above = unweighted_rss(yi, design) / target
    return _root(lambda tau2: float(at(yi, vi, design, tau2).ypy[0]) - target, 0.0, above)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return a root between two points where a function has different signs, to the last bits."""
    from scipy.optimize import brentq  # noqa: PLC0415 (0.2 s; not every estimator needs it)

    for _ in range(60):
        if function(high) <= 0:
            break
        high *= 1 + 1e-9  # the bound holds exactly, its arithmetic only nearly
    if (function(low) > 0) == (function(high) > 0):
        # Where one variance is 16 orders below the others, a sign seen on the grid may be noise: either end will do.
        return low
    root: float = brentq(function, low, high, xtol=np.finfo(float).tiny, rtol=RELATIVE_TOLERANCE, maxiter=1000)
    return root


def _global_maximum(
    yi: FloatArray,
    vi: FloatArray,
    design: Design,
    score: Callable[[Pieces], FloatArray],
    likelihood: Callable[[Pieces], FloatArray],
) -> float:
    """Return the tau2 >= 0 of the highest maximum: the boundary 0, or a root where the score falls through 0."""
    rss, df, largest = unweighted_rss(yi, design), residual_df(design), float(vi.max())
    # y' P P y <= rss / tau2^2 and tr P >= df / (largest + tau2): beyond this bound the score is negative.
    bound = (rss + np.sqrt(rss**2 + 4 * df * rss * largest)) / (2 * df)
    if bound == 0:
        return 0.0
    start = min(GRID_START * float(vi.min()), GRID_START * bound)
    grid = np.concatenate([[0.0], np.geomspace(start, 1.001 * bound, GRID_POINTS)])
    scores = score(pieces(yi, vi, design, grid))
    falls = np.flatnonzero((scores[:-1] > 0) & (scores[1:] <= 0))
    candidates = [0.0] + [
        _root(lambda tau2: float(score(at(yi, vi, design, tau2))[0]), grid[place], grid[place + 1]) for place in falls
    ]
    heights = likelihood(pieces(yi, vi, design, np.array(candidates)))
    return float(candidates[int(np.argmax(heights))])


ESTIMATORS: dict[str, Callable[[FloatArray, FloatArray, Design], float]] = {
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

NAMES = {
    "FE": "common effect",
    "DL": "DerSimonian–Laird",
    "PM": "Paule–Mandel",
    "REML": "restricted maximum likelihood",
    "ML": "maximum likelihood",
    "EB": "empirical Bayes",
    "SJ": "Sidik–Jonkman",
    "HE": "Hedges",
    "HS": "Hunter–Schmidt",
}

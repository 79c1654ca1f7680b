"""Estimators of tau2, the variance of the true effects between studies, for many data sets at once.

`ESTIMATORS` names them. Each is converged, and REML and ML are at the global maximum: the likelihood can have
several (the score at 0 being negative does not mean that tau2 is 0).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reanalysis.design import FloatArray
from reanalysis.maximum import global_maximum, only_maximum
from reanalysis.score import FULL, RESTRICTED
from reanalysis.sets import Sets
from reanalysis.weighted import dot

# Below this share of tau2 a double cannot say more.
RELATIVE_TOLERANCE = 4 * np.finfo(float).eps

# Newton's steps to the root of Q, of which sixteen were enough for variances of 24 orders of magnitude.
MOST_STEPS = 100


def estimate(method: str, sets: Sets) -> FloatArray:
    """Return tau2, at least 0, of each data set: shape (n,); 0 where there are no more studies than coefficients.

    Parameters
    ----------
    method
        A name in `ESTIMATORS`.
    """
    found = quick_estimate(method, sets)
    left = np.flatnonzero(np.isnan(found))
    if len(left):
        found[left] = thorough_estimate(method, sets.only(left))
    return found


def thorough_estimate(method: str, sets: Sets) -> FloatArray:
    """Return what `estimate` does, without a quick look first."""
    return _where_it_can_be(sets, ESTIMATORS[method])


def quick_estimate(method: str, sets: Sets) -> FloatArray:
    """Return what `estimate` does, but NaN where a likelihood may have several maxima.

    Such data sets are few, and looked at together at less cost.
    """
    if method not in LIKELIHOODS:
        return thorough_estimate(method, sets)
    return _where_it_can_be(sets, lambda some: only_maximum(some, LIKELIHOODS[method]))


def _where_it_can_be(sets: Sets, estimator: Callable[[Sets], FloatArray]) -> FloatArray:
    """Return estimates that are at least 0, and 0 where there are no more studies than coefficients."""
    places = np.flatnonzero(sets.df > 0)
    if len(places) == len(sets.k):
        return np.maximum(0.0, estimator(sets))
    found = fixed(sets)
    if len(places):
        found[places] = np.maximum(0.0, estimator(sets.only(places, sets.room.part("defined"))))
    return found


def fixed(sets: Sets) -> FloatArray:
    """Return 0: the model of one common effect."""
    return np.zeros(sets.yi.shape[1])


def dersimonian_laird(sets: Sets) -> FloatArray:
    """Return the moment estimator of DerSimonian and Laird 1986, Control Clin Trials 7:177."""
    return (sets.zero.ypy - sets.df) / sets.zero.trace_p


def hedges(sets: Sets) -> FloatArray:
    """Return the unweighted moment estimator of Hedges and Olkin 1985."""
    equal = sets.equal
    vi = np.where(equal.weights > 0, sets.vi, 0.0)
    expected: FloatArray = vi.sum(axis=0)
    for pulled, norm in zip(equal.pulled, equal.norms, strict=True):
        expected = expected - dot(vi, pulled**2) / norm
    return np.asarray((equal.ypy - expected) / sets.df, float)


def hunter_schmidt(sets: Sets) -> FloatArray:
    """Return the estimator of Hunter and Schmidt, as given by Viechtbauer 2005, J Educ Behav Stat 30:261."""
    return (sets.zero.ypy - sets.k) / sets.zero.trace_w


def sidik_jonkman(sets: Sets) -> FloatArray:
    """Return the two-step estimator of Sidik and Jonkman 2005, J R Stat Soc C 54:367.

    Its first step is the variance of the effects, divided by k.
    """
    among = sets.equal.weights
    centred = among * (sets.plain - dot(among, sets.plain) / sets.k)
    first = dot(centred, centred) / sets.k
    return np.asarray(first * sets.at(first).ypy / sets.df, float)


def paule_mandel(sets: Sets) -> FloatArray:
    """Return the root of Q(tau2) = k - p (Paule and Mandel 1982, J Res NBS 87:377).

    The empirical Bayes estimator of Morris 1983 is the same number.
    """
    return q_root(sets, sets.df)


def restricted_maximum_likelihood(sets: Sets) -> FloatArray:
    """Return the global maximum of the restricted likelihood (Patterson and Thompson 1971)."""
    return global_maximum(sets, RESTRICTED)


def maximum_likelihood(sets: Sets) -> FloatArray:
    """Return the global maximum of the likelihood (Hardy and Thompson 1996, Stat Med 15:619)."""
    return global_maximum(sets, FULL)


def q_root(sets: Sets, target: FloatArray) -> FloatArray:
    """Return the tau2 at which the falling function Q(tau2) is `target`, shape (n,); 0 where it starts below.

    Q is a sum of terms c / (l + tau2) with c, l >= 0, so 1 / Q is concave: Newton's steps on it from 0 rise to the root
    and never pass it. It is also nearly straight, so that they are few however far the root.
    """
    tau2, live, at = fixed(sets), np.arange(sets.yi.shape[1]), sets.zero
    for _ in range(MOST_STEPS):
        goal = target[live]
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (at.ypy - goal) * at.ypy / (goal * at.yppy)
            further = step > RELATIVE_TOLERANCE * tau2[live]
        tau2[live[further]] += step[further]
        live = live[further]
        if not len(live):
            break
        if len(live) < len(further):
            sets = sets.only(np.flatnonzero(further))
        at = sets.at(tau2[live])
    return tau2


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

LIKELIHOODS = {"REML": RESTRICTED, "ML": FULL}

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

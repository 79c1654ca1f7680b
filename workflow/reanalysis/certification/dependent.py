"""The mean of correlated estimates, and of estimates within clusters."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from reanalysis.certification.contrasts import Contrasts, along_roots, null_space, stationary_points
from reanalysis.certification.precision import column, exact, false_position, fifty_digits, matrix, mp, mpf
from reanalysis.certification.tau2 import restricted_maximum

_ZERO_DIGITS = 100
_GRID = 3
"""Ratio of neighbouring starts of the search for the variance between clusters."""


@dataclass(frozen=True)
class Mean:
    """The mean of k estimates and its standard error; `variances` added to the covariance; log restricted likelihood.

    `variances` is empty (none added), tau2 alone, or the variance between clusters and that within them.
    """

    estimate: mpf
    se: mpf
    variances: tuple[mpf, ...]
    restricted_log_likelihood: mpf


@fifty_digits
def gls_mean(y: Sequence[float], covariance: Sequence[Sequence[float]], *, between: bool = False) -> Mean:
    """Return the generalised least-squares mean of k estimates.

    Parameters
    ----------
    y, covariance
        Estimates (k) and their full covariance (k by k), positive definite.
    between
        Whether to add tau2 to the diagonal, at the global maximum of the restricted likelihood, found by
        `contrasts.stationary_points` (which asks of V only that the contrasts have positive variances).
    """
    effects, known = exact(y), matrix([exact(row) for row in covariance])
    model = _model(effects, known)
    tau2 = restricted_maximum(model) if between else mpf(0)
    return _mean(effects, known + tau2 * mp.eye(len(effects)), (tau2,) if between else (), model, tau2)


@fifty_digits
def two_level_mean(
    y: Sequence[float], covariance: Sequence[Sequence[float]], clusters: Sequence[Hashable], gap: float = 0.05
) -> tuple[Mean, mpf]:
    """Return the mean with normal effects of cluster and of estimate within cluster, and how sure its maximum is.

    For a fixed variance between clusters the likelihood is that of `gls_mean`, whose global maximum over the variance
    within is known; so the search has one dimension. It starts from every fall of the profile's derivative through 0
    on a geometric grid. That the best is the global maximum is then proved, up to the second value returned: between
    two values a < b of the variance between clusters, the log determinant is at least that at a and the weighted sum of
    squares at least that at b (both covariances grow), which bounds the likelihood over the whole strip by another
    function that `stationary_points` can maximise; strips are halved until each bound is at most the best + `gap`.

    Parameters
    ----------
    y, covariance
        Estimates (k) and their full covariance (k by k), positive definite.
    clusters
        The cluster of each estimate: at least two clusters, one of them with two estimates.
    gap
        How sharp a proof to look for, in log likelihood; the time grows as one over it.

    Returns
    -------
    Mean, proved gap
        No point of the parameter space has a log restricted likelihood above the mean's by more than the gap.
    """
    effects, known = exact(y), matrix([exact(row) for row in covariance])
    names = list(dict.fromkeys(clusters))
    if not 1 < len(names) < len(effects):
        raise ValueError("two levels need at least two clusters, and two estimates in one of them")
    member = matrix([[mpf(cluster == name) for name in names] for cluster in clusters])
    search = _Search(effects, known, member)
    between = search.best()
    proved = search.proved(between, mpf(gap))
    shared = known + between * member * member.T
    model = _model(effects, shared)
    within = restricted_maximum(model)
    total = shared + within * mp.eye(len(effects))
    return _mean(effects, total, (between, within), model, within), proved


def _ones(k: int) -> matrix:
    return column([mpf(1)] * k)


def _model(y: Sequence[mpf], covariance: matrix) -> Contrasts:
    """Return the contrasts of the mean model, or refuse a covariance that leaves one of them without variance."""
    model = along_roots(y, covariance, null_space(_ones(len(y))))
    if min(model.roots) <= max(model.roots) * mpf(10) ** -_ZERO_DIGITS:
        raise ValueError("the covariance of the estimates must be positive definite")
    return model


def _mean(y: Sequence[mpf], covariance: matrix, variances: tuple[mpf, ...], model: Contrasts, added: mpf) -> Mean:
    """Return the mean under a total covariance; `added` is what the roots of the contrasts lack."""
    weights = mp.inverse(covariance) * _ones(len(y))
    total = mp.fsum(weights)
    estimate = mp.fsum(weight * effect for weight, effect in zip(weights, y, strict=True)) / total
    height = _height(model, model.roots, added) - len(model.roots) * mp.log(2 * mp.pi) / 2
    return Mean(estimate, 1 / mp.sqrt(total), variances, height)


def _height(model: Contrasts, variances: Sequence[mpf], added: mpf) -> mpf:
    """Return -(sum of log(variance + added) + Q(added))/2."""
    return -(mp.fsum(mp.log(variance + added) for variance in variances) + model.q(added)) / 2


def _highest(model: Contrasts, variances: Sequence[mpf]) -> mpf:
    """Return the largest `_height` over all added variances >= 0."""
    return max(_height(model, variances, place) for place in [mpf(0), *stationary_points(model, variances)])


@dataclass(frozen=True)
class _Search:
    """The search for the variance between clusters."""

    y: Sequence[mpf]
    known: matrix
    member: matrix

    def model(self, between: mpf) -> Contrasts:
        return _model(self.y, self.known + between * self.member * self.member.T)

    def slope(self, between: mpf) -> mpf:
        """Return twice the derivative of the profile: y'P ZZ'P y - trace of P ZZ'."""
        within = restricted_maximum(self.model(between))
        k = len(self.y)
        inverse = mp.inverse(self.known + between * self.member * self.member.T + within * mp.eye(k))
        weights = inverse * _ones(k)
        projection = inverse - weights * weights.T / mp.fsum(weights)
        pulled = self.member.T * (projection * column(self.y))
        trace = mp.fsum((self.member.T * projection * self.member)[i, i] for i in range(self.member.cols))
        return mp.fsum(value**2 for value in pulled) - trace

    def above(self, between: mpf) -> mpf:
        """Return a bound of the likelihood over all larger variances between clusters.

        There, the weighted sum of squares is at least that of the contrasts within clusters, which it does not touch.
        """
        within = null_space(self.member)
        return _highest(along_roots(self.y, self.known, within), self.model(between).roots)

    def best(self) -> mpf:
        """Return the variance between clusters with the highest profile likelihood that was found."""
        model = self.model(mpf(0))
        height = _highest(model, model.roots)
        point = min(model.roots) / 1000
        places, slopes = [mpf(0)], [self.slope(mpf(0))]
        while self.above(places[-1]) > height or slopes[-1] > 0:
            places.append(point)
            slopes.append(self.slope(point))
            model = self.model(point)
            height = max(height, _highest(model, model.roots))
            point *= _GRID
        found = [mpf(0)] + [
            false_position(self.slope, a, b)
            for a, b, rising, falling in zip(places, places[1:], slopes, slopes[1:], strict=False)
            if rising > 0 > falling
        ]
        models = [(self.model(place), place) for place in found]
        return max(models, key=lambda pair: (_highest(pair[0], pair[0].roots), -pair[1]))[1]

    def proved(self, best: mpf, aim: mpf) -> mpf:
        """Return by how much, at most `aim`, the likelihood anywhere can exceed that at the best variance found."""
        peak = self.model(best)
        height = _highest(peak, peak.roots)
        smallest = min(self.model(mpf(0)).roots)
        top = max(best, smallest)
        while self.above(top) > height:
            top *= 4
        gap = mpf(0)
        strips = [(mpf(0), self.model(mpf(0)), top, self.model(top))]
        while strips:
            a, at_a, b, at_b = strips.pop()
            excess = _highest(at_b, at_a.roots) - height
            if excess <= aim:
                gap = max(gap, excess)
                continue
            middle = mp.sqrt((a + smallest) * (b + smallest)) - smallest
            at_middle = self.model(middle)
            strips += [(a, at_a, middle, at_middle), (middle, at_middle, b, at_b)]
        return gap

"""Nine estimators of the variance between studies, from the error contrasts.

Q is the weighted sum of squares at tau2 = 0; k studies, p coefficients. A negative estimate is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from reanalysis.certification.contrasts import Residuals, stationary_points
from reanalysis.certification.precision import bracketed_root, exact, fifty_digits, mp, mpf
from reanalysis.certification.projected import residuals_of


@fifty_digits
def tau2_of(method: str, y: Sequence[float], v: Sequence[float], X: Sequence[Sequence[float]]) -> mpf:
    """Return tau2 by one of `ESTIMATORS`, for effects (k), variances (k) and a design (k rows, p columns)."""
    return _tau2_of(method, tuple(y), tuple(v), tuple(map(tuple, X)), mp.dps)


@cache
def _tau2_of(
    method: str, y: tuple[float, ...], v: tuple[float, ...], X: tuple[tuple[float, ...], ...], precision: int
) -> mpf:
    """Return the estimate, kept for the next interval and test of the same data."""
    del precision  # what is kept at one is not what is asked for at another
    return ESTIMATORS[method](residuals_of(y, v, X), exact(y), exact(v))


@fifty_digits
def maxima(
    method: str, y: Sequence[float], v: Sequence[float], X: Sequence[Sequence[float]]
) -> tuple[tuple[mpf, mpf], ...]:
    """Return every local maximum of the likelihood over tau2 >= 0, ascending: tau2, and its log less that at 0.

    Parameters
    ----------
    method
        "ML" or "REML".
    y, v, X
        Effects (k), variances (k) and a design (k rows, p columns).
    """
    return tuple(_maxima(residuals_of(y, v, X), None if method == "REML" else exact(v)))


def root_of_q(model: Residuals, target: mpf) -> mpf:
    """Return the tau2 at which Q(tau2) is `target` > 0; 0 where Q(0) is no larger.

    Q falls from Q(0) to 0, so the root is the only one, and because each term is below square/tau2 it lies below
    (sum of squares)/target.
    """
    if model.q(mpf(0)) <= target:
        return mpf(0)

    def excess(tau2: mpf) -> tuple[mpf, mpf]:
        q, square, _ = model.squares(tau2)
        return q - target, -square

    return bracketed_root(excess, mpf(0), model.length / target, model.smallest)


def restricted_maximum(model: Residuals) -> mpf:
    """Return the global maximum of the restricted likelihood over tau2 >= 0; of two equally high, the smaller."""
    return _highest(_maxima(model, None))


def _fixed(model: Residuals, y: Sequence[mpf], v: Sequence[mpf]) -> mpf:
    """Return 0: the equal-effects model."""
    del model, y, v
    return mpf(0)


def _dersimonian_laird(model: Residuals, y: Sequence[mpf], v: Sequence[mpf]) -> mpf:
    """Return (Q - (k-p)) / trace of P: DerSimonian and Laird 1986, Control Clin Trials 7:177."""
    del y, v
    return (model.q(mpf(0)) - model.df) / model.traces(mpf(0))[0]


def _hedges(model: Residuals, y: Sequence[mpf], v: Sequence[mpf]) -> mpf:
    """Return (unweighted sum of squares - trace of K'VK) / (k-p): Hedges and Olkin 1985, chapter 9."""
    del y, v
    return (model.length - model.variance) / model.df


def _hunter_schmidt(model: Residuals, y: Sequence[mpf], v: Sequence[mpf]) -> mpf:
    """Return (Q - k) / sum of weights: Viechtbauer 2005, J Educ Behav Stat 30:261."""
    return (model.q(mpf(0)) - len(y)) / mp.fsum(1 / variance for variance in v)


def _sidik_jonkman(model: Residuals, y: Sequence[mpf], v: Sequence[mpf]) -> mpf:
    """Return start * Q(start) / (k-p), start the mean squared deviation: Sidik and Jonkman 2005, Appl Stat 54:367."""
    del v
    mean = mp.fsum(y) / len(y)
    start = mp.fsum((effect - mean) ** 2 for effect in y) / len(y)
    return start * model.q(start) / model.df


def _paule_mandel(model: Residuals, y: Sequence[mpf], v: Sequence[mpf]) -> mpf:
    """Return the root of Q(tau2) = k-p: Paule and Mandel 1982, J Res Natl Bur Stand 87:377."""
    del y, v
    return root_of_q(model, mpf(model.df))


def _restricted(model: Residuals, y: Sequence[mpf], v: Sequence[mpf]) -> mpf:
    """Return the global maximum of the restricted likelihood: Harville 1977, J Am Stat Assoc 72:320."""
    del y, v
    return restricted_maximum(model)


def _maximum_likelihood(model: Residuals, y: Sequence[mpf], v: Sequence[mpf]) -> mpf:
    """Return the global maximum of the likelihood: Hardy and Thompson 1996, Stat Med 15:619."""
    del y
    return _highest(_maxima(model, v))


def _maxima(model: Residuals, variances: Sequence[mpf] | None) -> list[tuple[mpf, mpf]]:
    """Return the local maxima over tau2 >= 0 and the log likelihood there less that at 0, ascending."""
    places = [mpf(0), *stationary_points(model, variances)]
    origin = _log_likelihood(model, variances, mpf(0))
    heights = [_log_likelihood(model, variances, place) - origin for place in places]
    # Between neighbouring stationary points the likelihood is monotone, and it falls beyond the last: a place that is
    # as high as both its neighbours is a local maximum, and no other place is one.
    around = [-mp.inf, *heights, -mp.inf]
    return [
        (place, height)
        for place, height, before, after in zip(places, heights, around, around[2:], strict=False)
        if height >= before and height >= after
    ]


def _highest(found: list[tuple[mpf, mpf]]) -> mpf:
    """Return the tau2 of the highest maximum; of two equally high, the smaller."""
    return max(found, key=lambda maximum: (maximum[1], -maximum[0]))[0]


def _log_likelihood(model: Residuals, variances: Sequence[mpf] | None, tau2: mpf) -> mpf:
    """Return the log likelihood but for a constant; the restricted one where no variances are given."""
    if variances is None:
        return -(model.log_determinant(tau2) + model.q(tau2)) / 2
    return -(mp.fsum(mp.log(variance + tau2) for variance in variances) + model.q(tau2)) / 2


def _not_negative(estimator: Callable[[Residuals, Sequence[mpf], Sequence[mpf]], mpf]) -> Callable[..., mpf]:
    """Return the estimator with a negative estimate replaced by 0."""
    return lambda model, y, v: max(mpf(0), estimator(model, y, v))


ESTIMATORS: dict[str, Callable[[Residuals, Sequence[mpf], Sequence[mpf]], mpf]] = {
    "FE": _fixed,
    "DL": _not_negative(_dersimonian_laird),
    "PM": _paule_mandel,
    "REML": _restricted,
    "ML": _maximum_likelihood,
    # The empirical Bayes estimator solves Paule and Mandel's equation: Morris 1983, J Am Stat Assoc 78:47.
    "EB": _paule_mandel,
    "SJ": _sidik_jonkman,
    "HE": _not_negative(_hedges),
    "HS": _not_negative(_hunter_schmidt),
}

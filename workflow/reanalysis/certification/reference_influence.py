"""What each study does to a model: the model without it, tau2 estimated anew.

Viechtbauer and Cheung 2010, Res Synth Methods 1:112; Cook and Weisberg 1982, Residuals and Influence in Regression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reanalysis.certification.precision import column, exact, fifty_digits, matrix, mp, mpf
from reanalysis.certification.reference import Fit, fit, ratio, weighted


@dataclass(frozen=True)
class Influence:
    """The influence of one study.

    Attributes
    ----------
    rstudent
        Its residual from the model without it, over the standard error of that residual.
    dffits
        The change of its fitted value, in standard errors of it.
    cook
        The squared Mahalanobis distance that all coefficients move.
    covariance_ratio
        The determinant of the covariance of the coefficients without it over that with it.
    tau2, q
        Of the model without it.
    hat
        Its leverage.
    weight
        In percent.
    dfbetas
        p changes of the coefficients, in standard errors.
    without
        The model without it.
    """

    rstudent: mpf
    dffits: mpf
    cook: mpf
    covariance_ratio: mpf
    tau2: mpf
    q: mpf
    hat: mpf
    weight: mpf
    dfbetas: tuple[mpf, ...]
    without: Fit


@fifty_digits
def influence(
    y: Sequence[float],
    v: Sequence[float],
    X: Sequence[Sequence[float]],
    method: str = "REML",
    interval: str = "wald",
    level: float = 0.95,
) -> tuple[Influence | None, ...]:
    """Return the influence of each of k studies; None where the other studies do not determine the model.

    With a Knapp-Hartung scale (the scale without the study, s) the variances of residual, fitted value and coefficients
    are multiplied by s, and the covariances compared carry their own scale. The covariance ratio and Cook's distance
    use all p coefficients.

    Parameters
    ----------
    y, v, X, method, interval, level
        As in `reference.fit`.
    """
    whole = fit(y, v, X, method, interval, level)
    effects, variances, design = exact(y), exact(v), matrix([exact(row) for row in X])
    weights = [1 / (variance + whole.tau2) for variance in variances]
    unscaled = weighted(effects, variances, design, whole.tau2).inverse
    found: list[Influence | None] = []
    for i in range(len(effects)):
        others = [j for j in range(len(effects)) if j != i]
        try:
            without = fit(
                [y[j] for j in others], [v[j] for j in others], [X[j] for j in others], method, interval, level
            )
        except ValueError:
            found.append(None)
            continue
        row = design[i, :]
        own = variances[i] + without.tau2
        hat = weights[i] * (row * unscaled * row.T)[0]
        beyond = effects[i] - (row * column(without.coefficients))[0]
        error = without.scale * own + (row * without.covariance * row.T)[0]
        change = column(whole.coefficients) - column(without.coefficients)
        # The covariance of all k studies' coefficients, at the tau2 and the scale of the model without the study.
        bread = without.scale * weighted(effects, variances, design, without.tau2).inverse
        found.append(
            Influence(
                rstudent=ratio(beyond, mp.sqrt(error)),
                dffits=ratio((row * change)[0], mp.sqrt(without.scale * hat * own)),
                cook=(change.T * mp.inverse(whole.covariance) * change)[0] if whole.scale else mp.nan,
                covariance_ratio=ratio(mp.det(without.covariance), mp.det(whole.covariance)),
                tau2=without.tau2,
                q=without.q,
                hat=hat,
                weight=100 * weights[i] / mp.fsum(weights),
                dfbetas=tuple(ratio(change[j], mp.sqrt(bread[j, j])) for j in range(design.cols)),
                without=without,
            )
        )
    return tuple(found)

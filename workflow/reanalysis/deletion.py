"""What a model is without each of its studies in turn, and what each study does to it, tau2 estimated anew.

Viechtbauer and Cheung 2010, Res Synth Methods 1:112, after Belsley, Kuh and Welsch 1980, Regression Diagnostics, and
Cook and Weisberg 1982, Residuals and Influence in Regression; the coordinates of Baujat et al. 2002, Stat Med 21:2641.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reanalysis import batch
from reanalysis.batch import BatchFit
from reanalysis.coefficients import coefficients
from reanalysis.design import BoolArray, Design, FloatArray
from reanalysis.distributions import chi2_upper
from reanalysis.intervals import scale
from reanalysis.mixed_effects import Choices


@dataclass(frozen=True)
class Diagnostics:
    """What each of k studies does to a model of p coefficients; NaN where the model without it has no spread.

    Without a study the model has its own tau2 and, for Knapp and Hartung's intervals, its own scale s; else s = 1.

    Parameters
    ----------
    rstudent
        Shape (k,): the study's distance from the fit without it, in standard errors of that distance.
    dffits
        Shape (k,): how far its fitted value moves, in standard errors of that value.
    cooks_distance
        Shape (k,): how far all coefficients move, as a squared Mahalanobis distance.
    cov_ratio
        Shape (k,): the determinant of the covariance of the coefficients without the study, over that with it: above 1
        where the study makes the model more precise.
    hat
        Shape (k,): its leverage, its effect's share in its fitted value.
    weight
        Shape (k,): percent of the sum of weights.
    dfbetas
        Shape (p, k): how far each coefficient moves, in standard errors.
    baujat_x, baujat_y
        Shape (k,): Baujat's coordinates, the squared Pearson residual, which sums to Q under the common-effect model,
        and the squared move of the fitted value over its variance without the study.
    influential
        Shape (k,): what the function of that name says.
    """

    rstudent: FloatArray
    dffits: FloatArray
    cooks_distance: FloatArray
    cov_ratio: FloatArray
    hat: FloatArray
    weight: FloatArray
    dfbetas: FloatArray
    baujat_x: FloatArray
    baujat_y: FloatArray
    influential: BoolArray


def without_each(yi: FloatArray, vi: FloatArray, design: Design | None, choices: Choices) -> BatchFit:
    """Return the model without each study in turn: k fits, in the order of the studies.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    design
        Of k studies; None for a mean.
    """
    return batch.fit(yi, vi, ~np.eye(len(yi), dtype=bool), design, choices.tau2_method)


@np.errstate(over="ignore")  # ratios have no bound where a model fits all but exactly
def diagnostics(yi: FloatArray, vi: FloatArray, design: Design, without: BatchFit, choices: Choices) -> Diagnostics:
    """Return what each study does to the model.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,).
    without
        What `without_each` returns for the same model.
    """
    k, p = design.k, design.p
    places = np.flatnonzero(~without.undefined)
    tau2, by = without.tau2[places], scale(without, choices.interval)[0][places]
    # All of this is the same for any effects counted from elsewhere and any basis of the columns, and keeps its digits
    # for columns at right angles, turned back for dfbetas alone.
    effects = yi - yi.mean()
    X = design.Q / design.Q[0, 0]
    basis = Design(design.terms, X, design.Q, np.eye(p) / design.Q[0, 0])

    found = batch.fit(yi, vi, design=design, tau2=choices.tau2_method)
    whole_by = float(scale(found, choices.interval)[0][0])
    whole, covariance = (one[..., 0] for one in _fitted(effects[:, None], vi[:, None], basis, found.tau2))
    weights = 1 / (vi + found.tau2)
    hat = weights * np.einsum("ka,ab,kb->k", X, covariance, X)
    residual = effects - X @ whole

    there = ~np.eye(k, dtype=bool)[:, places]
    masked = np.where(there, effects[:, None], 0.0), np.where(there, vi[:, None], np.inf)
    left, left_covariance = _fitted(*masked, basis, tau2)
    repeated = np.repeat(effects[:, None], len(places), axis=1), np.repeat(vi[:, None], len(places), axis=1)
    _, bread = _fitted(*repeated, basis, tau2)

    rows = X[places]
    moved = whole[:, None] - left
    move = np.einsum("na,an->n", rows, moved)
    own = by * (tau2 + vi[places])
    uncertain = by * np.einsum("na,abn,nb->n", rows, left_covariance, rows)
    cook = weights @ (X @ moved) ** 2 / whole_by
    determinants = np.linalg.det(np.moveaxis(left_covariance, 2, 0)) / np.linalg.det(covariance)
    turn = np.linalg.inv(design.R) @ basis.R
    errors = np.sqrt(by * np.einsum("ja,abn,jb->jn", turn, bread, turn))

    def placed(values: FloatArray) -> FloatArray:
        of_all: FloatArray = np.full((*values.shape[:-1], k), np.nan)
        of_all[..., places] = values
        return of_all

    made = {
        "rstudent": placed((effects[places] - np.einsum("na,an->n", rows, left)) / np.sqrt(own + uncertain)),
        "dffits": placed(move / np.sqrt(own * hat[places])),
        "cooks_distance": placed(cook),
        "cov_ratio": placed(determinants * (by / whole_by) ** p),
        "hat": hat,
        "dfbetas": placed(turn @ moved / errors),
    }
    return Diagnostics(
        **made,
        weight=100 * weights / weights.sum(),
        baujat_x=weights * residual**2,
        baujat_y=placed(move**2 / uncertain),
        influential=influential(made["dffits"], made["cooks_distance"], hat, made["dfbetas"]),
    )


def influential(dffits: FloatArray, cooks_distance: FloatArray, hat: FloatArray, dfbetas: FloatArray) -> BoolArray:
    """Return which of k studies may be called influential, as metafor does: rules of thumb, no tests.

    |DFFITS| above 3 sqrt(p / (k - p)), a Cook's distance beyond the median of chi-squared with p degrees of freedom, a
    leverage above 3 p / k, or any |DFBETAS| above 1.
    """
    p, k = dfbetas.shape
    far = np.array([chi2_upper(one, p) < 1 / 2 for one in cooks_distance.tolist()])
    with np.errstate(divide="ignore"):
        limit = 3 * np.sqrt(p / np.array(float(k - p)))
    answer: BoolArray = (np.abs(dffits) > limit) | far | (hat > 3 * p / k) | (np.abs(dfbetas) > 1).any(axis=0)
    return answer


def _fitted(yi: FloatArray, vi: FloatArray, basis: Design, tau2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return coefficients and covariances without a scale of data sets at their tau2, shapes (p, n) and (p, p, n)."""
    sets, _ = batch.of(yi, vi, basis)
    return coefficients(sets.at(tau2))

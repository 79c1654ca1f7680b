"""Egger's regression: whether effects change with their standard errors.

yi = limit + slope * sei + error, weighted by 1 / vi. With a multiplicative dispersion of the errors this is Egger's
regression of yi / sei on 1 / sei, whose intercept is the slope here (Egger, Davey Smith, Schneider and Minder 1997, BMJ
315:629); with tau2 it is a meta-regression (Sterne and Egger 2005, in Publication Bias in Meta-Analysis).

ASSUME: without small-study effects, effects and standard errors are unrelated. They are related by construction where a
standard error was worked back from a p value, and in odds ratios and standardised differences.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from reanalysis import batch
from reanalysis.design import FloatArray, design
from reanalysis.errors import ReanalysisError
from reanalysis.means import number, with_ratios
from reanalysis.mixed_effects import Choices, Fit, fit

# A line needs one study more than its two coefficients.
FEWEST_STUDIES = 3

TOO_FEW = f"a line and its error need at least {FEWEST_STUDIES} studies"
SAME_SEI = "the standard errors are the same, or as good as the same, in every study"
NO_DIGIT = "the standard errors differ so much that the weights leave the line without a digit"
ON_A_LINE = "the effects lie on a line, so that no dispersion is left to test by"

NUMBERS = ("estimate", "se", "stat", "df", "p", "ci_low", "ci_high")


def no_line(sei: FloatArray, predictor: FloatArray) -> str:
    """Return why no line can be fitted on a predictor, shape (k,), with these standard errors; empty where one can."""
    if len(sei) < FEWEST_STUDIES:
        return TOO_FEW
    try:
        made = design({"predictor": list(predictor)}, len(sei))
    except ReanalysisError:
        return SAME_SEI
    flat = batch.fit(np.zeros(len(sei)), sei**2, design=made, tau2="FE")
    return "" if np.isfinite(flat.se).all() else NO_DIGIT


def multiplicative(choices: Choices) -> Choices:
    """Return how weighted least squares is fitted: no tau2, the dispersion of the residuals, Student's t.

    Knapp and Hartung's scale of a common-effect model is that dispersion.
    """
    return replace(choices, tau2_method="FE", interval="hksj")


def line(yi: FloatArray, sei: FloatArray, predictor: FloatArray, choices: Choices) -> tuple[Fit | None, str]:
    """Return the line of effects on a function of their standard errors, or None with the reason.

    Parameters
    ----------
    yi, sei, predictor
        Effects, their standard errors, and what the line is on, shape (k,).
    """
    reason = no_line(sei, predictor)
    if reason:
        return None, reason
    return fit(yi, sei**2, design({"predictor": list(predictor)}, len(yi)), choices), ""


def egger(yi: FloatArray, sei: FloatArray, measure: str, choices: Choices) -> dict[str, Any]:
    """Return Egger's test by weighted least squares, as `small_study.json` keeps it.

    Parameters
    ----------
    yi, sei
        Effects and standard errors, shape (k,).
    """
    return least_squares(yi, sei, sei, measure, choices)


def egger_mixed(yi: FloatArray, sei: FloatArray, measure: str, choices: Choices) -> dict[str, Any]:
    """Return Egger's test as a meta-regression with the review's own tau2 and interval."""
    found, reason = line(yi, sei, sei, choices)
    record = {"tau2_method": choices.tau2_method, "interval": choices.interval}
    return record | {"tau2": None if found is None else found.tau2} | described(found, reason, measure)


def least_squares(
    yi: FloatArray, sei: FloatArray, predictor: FloatArray, measure: str, choices: Choices
) -> dict[str, Any]:
    """Return a line by weighted least squares with a multiplicative dispersion of the errors.

    `dispersion` is the weighted residual sum of squares over its degrees of freedom.
    """
    found, reason = line(yi, sei, predictor, multiplicative(choices))
    if found is not None and math.isinf(found.df):
        found, reason = None, ON_A_LINE
    dispersion = None if found is None else float(found.batch.rss[0] / found.batch.df[0])
    return {"dispersion": dispersion} | described(found, reason, measure)


def described(found: Fit | None, reason: str, measure: str) -> dict[str, Any]:
    """Return slope and limit of a line as records, the limit as a ratio as well; null where there is no line."""
    if found is None:
        empty: dict[str, Any] = dict.fromkeys(NUMBERS)
        return {"slope": empty, "limit": with_ratios(empty, "MD"), "reason": reason}
    limit, slope = (_coefficient(found, place) for place in range(2))
    return {"slope": slope, "limit": with_ratios(limit, measure), "reason": ""}


def _coefficient(found: Fit, place: int) -> dict[str, float | None]:
    values: Sequence[float] = [
        found.df if name == "df" else float(np.asarray(getattr(found, name))[place]) for name in NUMBERS
    ]
    return {name: number(value) for name, value in zip(NUMBERS, values, strict=True)}

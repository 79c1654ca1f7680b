"""Pools adjusted for what small studies may leave unsaid, as `small_study.json` keeps them."""

from __future__ import annotations

from typing import Any

from reanalysis.design import FloatArray
from reanalysis.limit_meta import limit_meta_analysis
from reanalysis.means import with_ratios
from reanalysis.mixed_effects import Choices
from reanalysis.selection import ABOVE, BELOW, SelectionModel, selection_model
from reanalysis.trim_and_fill import trim_and_fill

# One-sided p values at which selection may step (Vevea and Hedges 1995, Psychometrika 60:419): significance at 0.05, of
# two sides and of one.
STEPS = (0.025, 0.05)

# An estimate and its limits, and none.
Limits = tuple[float | None, float | None, float | None]
NOTHING: Limits = (None, None, None)

SIDES = {ABOVE: "above", BELOW: "below"}


def filled(yi: FloatArray, vi: FloatArray, measure: str, choices: Choices) -> dict[str, Any]:
    """Return the pool with the studies that trim and fill by L0 adds on the side it finds emptier."""
    found = trim_and_fill(yi, vi, choices)
    record = {name: getattr(found, name) for name in ("estimator", "side", "k0", "k0_se", "p", "tau2")}
    added = [{"yi": y, "sei": s} for y, s in zip(found.filled_yi, found.filled_sei, strict=True)]
    return {**record, "added": added, **_limits((found.estimate, found.ci_low, found.ci_high), measure, found.reason)}


def selected(yi: FloatArray, vi: FloatArray, measure: str, level: float, pooled: float) -> list[dict[str, Any]]:
    """Return the mean of each three-parameter selection model.

    ASSUME: what is favoured is significance on the side of the pooled effect.

    Parameters
    ----------
    pooled
        The pooled effect.
    """
    favoured = BELOW if pooled < 0 else ABOVE
    return [_selected(selection_model(yi, vi, [step], favoured, level), step, measure) for step in STEPS]


def _selected(found: SelectionModel, step: float, measure: str) -> dict[str, Any]:
    last = found.weights[-1] if found.weights else None
    ends, mean = None if last is None else last.ci, found.ci
    return {
        "step": step,
        "favoured": SIDES[found.favoured],
        "weight": None if last is None else last.weight,
        "weight_low": None if ends is None else ends.low,
        "weight_high": None if ends is None else ends.high,
        "lrt_p": found.lrt_p,
        "tau2": found.tau2,
        **_limits((found.estimate, mean.low, mean.high) if mean else NOTHING, measure, found.reason),
    }


def limit_of_precision(yi: FloatArray, vi: FloatArray, measure: str, choices: Choices) -> dict[str, Any]:
    """Return the adjusted mean of the limit meta-analysis, with how much of Q goes with the standard error."""
    found = limit_meta_analysis(yi, vi, choices.level, choices.tau2_method)
    record = {name: getattr(found, name) for name in ("tau2", "q_small", "q_small_p", "q_resid", "q_resid_p", "g2")}
    mean = found.beta0
    limits = (mean.estimate, mean.ci_low, mean.ci_high) if mean else NOTHING
    return {**record, **_limits(limits, measure, found.reason)}


def _limits(limits: Limits, measure: str, reason: str | None) -> dict[str, Any]:
    """Return an estimate with its limits, also as ratios, and why there is none."""
    record = dict(zip(("estimate", "ci_low", "ci_high"), limits, strict=True))
    return {**with_ratios(record, measure), "reason": reason or ""}

"""Could bias explain the pooled effect: E-values, what a bias leaves of it, and what an early excess says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from reanalysis import grammar
from reanalysis.bias_analysis import (
    Bias,
    calibrated,
    calibrated_least_factor,
    calibrated_proportion,
    least_confounding,
    least_factor,
    proportion,
    resampled,
)
from reanalysis.dataset import Dataset, dataset
from reanalysis.design import FloatArray, design
from reanalysis.distributions import critical_value
from reanalysis.e_values import CONVERSIONS, NOT_RATIO, e_values
from reanalysis.errors import ReanalysisError
from reanalysis.means import number
from reanalysis.measures import is_ratio, to_analysis
from reanalysis.mixed_effects import Choices, Fit, fit
from reanalysis.permutation import Resampling
from reanalysis.raw import RawReview
from reanalysis.records import Effect
from reanalysis.time_split import LogRatio, time_split

# ASSUME: a ratio beyond 0.9, or its inverse, is strong; fewer than a tenth strong ones are few.
STRONG, FEW = 0.9, 0.1

FACTORS = (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0, 2.5, 3.0)

# ASSUME: below so many studies resampling them says nothing of their spread.
FEWEST = 3

NO_SPREAD = "tau2 is estimated as 0: the studies share one effect, and the E-value says what would explain it away"
TOO_FEW = f"fewer than {FEWEST} studies"


def confounding(
    effects: Sequence[Effect], raw: RawReview, choices: Choices, resampling: Resampling, file: str
) -> dict[str, Any]:
    """Return the content of `confounding.json`; the schema says what each key means.

    Parameters
    ----------
    resampling
        How often the studies are drawn with replacement, and the seed.
    file
        The effects' file, for messages.

    Raises
    ------
    ReanalysisError
        Where nothing can be pooled, or a period is declared by a statement that is no ratio.
    """
    data, measure = dataset(effects, file), raw.review.measure
    found = fit(data.yi, data.vi, design({}, len(data.yi)), choices)
    z = critical_value(choices.level)
    sei = np.sqrt(data.vi)
    return {
        "schema_version": 1,
        "measure": measure,
        "level": choices.level,
        "reason": "" if measure in CONVERSIONS else NOT_RATIO,
        "pooled": e_values(measure, float(found.estimate[0]), float(found.ci_low[0]), float(found.ci_high[0])),
        "studies": [
            {"study": name, "e_values": e_values(measure, y, y - z * s, y + z * s)}
            for name, y, s in zip(data.studies, data.yi.tolist(), sei.tolist(), strict=True)
        ],
        "bias": _bias(data, found, measure, choices, resampling),
        "time_splits": [_split(one, effects, raw, found) for one in raw.review.time_splits],
    }


def _bias(data: Dataset, found: Fit, measure: str, choices: Choices, resampling: Resampling) -> dict[str, Any]:
    """Return what biases leave of the effects, with bootstrap intervals; why not, where the question has no answer."""
    side = -1 if found.estimate[0] < 0 else 1
    strong = side * -math.log(STRONG) / (1.0 if is_ratio(measure) else 0.91)
    said = {"side": "below" if side < 0 else "above", "threshold": strong, "share": FEW, "draws": resampling.most}
    problems = {NOT_RATIO: measure not in CONVERSIONS, TOO_FEW: len(data.yi) < FEWEST, NO_SPREAD: found.tau2 == 0}
    reason = next((name for name, holds in problems.items() if holds), "")
    if reason:
        return {**said, "parametric": None, "calibrated": None, "reason": reason}
    bias = Bias(strong, FEW, side)
    drawn = resampled(data.yi, data.vi, choices.tau2_method, resampling.most, resampling.seed)
    own = data.yi[:, None], data.vi[:, None], np.array(found.estimate[:1]), np.array([found.tau2])
    effects, all_effects = calibrated(*own), calibrated(*drawn)
    level = choices.level
    return {
        **said,
        "parametric": _answers(
            lambda b: (proportion(own[2], own[3], bias, b), proportion(drawn[2], drawn[3], bias, b)),
            (least_factor(own[2], own[3], bias), least_factor(drawn[2], drawn[3], bias)),
            level,
        ),
        "calibrated": _answers(
            lambda b: (calibrated_proportion(effects, bias, b), calibrated_proportion(all_effects, bias, b)),
            (calibrated_least_factor(effects, bias), calibrated_least_factor(all_effects, bias)),
            level,
        ),
        "reason": "",
    }


def _answers(
    shares: Callable[[float], tuple[FloatArray, FloatArray]], least: tuple[FloatArray, FloatArray], level: float
) -> dict[str, Any]:
    rows = [{"factor": factor, **_interval(*shares(math.log(factor)), level)} for factor in FACTORS]
    confounding_least = tuple(least_confounding(one) for one in least)
    return {
        "proportions": rows,
        "least_factor": _interval(*least, level),
        "least_confounding": _interval(confounding_least[0], confounding_least[1], level),
    }


def _interval(value: FloatArray, drawn: FloatArray, level: float) -> dict[str, float | None]:
    """Return a value and the percentile interval of its resamples."""
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return {"value": number(float(value[0])), "low": number(float(low)), "high": number(float(high))}


def _split(one: dict[str, Any], effects: Sequence[Effect], raw: RawReview, found: Fit) -> dict[str, Any]:
    """Return what a declared pair of periods says."""
    early, late = (_declared(one, key, raw) for key in ("early", "late"))
    whole = next((e for e in effects if e.included and e.study == one["study"]), None)
    of_study = None if whole is None or whole.yi is None or whole.sei is None else LogRatio(whole.yi, whole.sei)
    made = time_split(early, late, of_study, float(found.estimate[0]), one["months"])
    return {"study": one["study"], "months": one["months"], "statements": [one["early"], one["late"]], **made}


def _declared(one: dict[str, Any], key: str, raw: RawReview) -> LogRatio:
    """Return the ratio that a statement prints."""
    statement = next((row for row in raw.statements if row["id"] == one[key]), None)
    readings = [] if statement is None else grammar.read_result(statement["printed"], raw.review.decimal_mark)
    numbers = next((r for r in readings if r.estimate and r.lower and r.upper), None)
    if statement is None or numbers is None or not is_ratio(raw.review.measure):
        raise ReanalysisError(
            f"time_splits names the statement {one[key]!r}, which is no ratio with an interval",
            file=str(raw.folder / "review.yaml"),
            study=one["study"],
            column=key,
            printed=statement["printed"] if statement else "",
            remedy="name the id of a statement in statements.csv that prints one",
        )
    assert numbers.estimate and numbers.lower and numbers.upper  # noqa: S101, PT018 (looked for above)
    measure = raw.review.measure
    low, high = (to_analysis(measure, limit.value) for limit in (numbers.lower, numbers.upper))
    level = numbers.level or raw.review.level
    return LogRatio(to_analysis(measure, numbers.estimate.value), (high - low) / (2 * critical_value(level)))

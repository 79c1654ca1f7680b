"""Could bias explain the pool? E-values, how much bias leaves few strong effects, and an effect that is larger early.

Bias acts on the scale of risk ratios. An odds or hazard ratio is read as one in two ways, for a common outcome first
and for a rare one (`e_values`); the studies are read so, with standard errors by the delta method, and pooled anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from reanalysis import batch
from reanalysis.batch import BatchFit
from reanalysis.bias_declarations import TimeSplit, share, threshold, time_split
from reanalysis.dataset import Dataset, dataset
from reanalysis.distributions import critical_value
from reanalysis.e_values import NO_DIFFERENCE_IN_UNITS, READINGS, Reading, read_as
from reanalysis.immortal_time import as_later, difference, immortal_time, immortal_time_limits
from reanalysis.intervals import limits, scale
from reanalysis.means import header, mean_records, number
from reanalysis.measures import is_ratio, printable, to_print
from reanalysis.mixed_effects import Choices
from reanalysis.records import Effect
from reanalysis.review import Review
from reanalysis.significance import excludes_none, limits_as_printed, z_bounds
from reanalysis.strong_effects import Studies, strong_effects
from reanalysis.subsets import Sampling

NO_SPLIT = "no study is declared to print its effect in two periods"
NO_OVERALL = "the study's overall ratio is 1, and no part of it can be the later one"


@dataclass(frozen=True)
class Files:
    """Where the effects, the review and its statements stand, for messages."""

    effects: str
    review: str
    statements: str


def confounding(
    effects: Sequence[Effect],
    review: Review,
    statements: Sequence[Mapping[str, str]],
    choices: Choices,
    sampling: Sampling,
    files: Files,
) -> dict[str, Any]:
    """Return the content of `confounding.json`; the schema says what each key means.

    Parameters
    ----------
    sampling
        Of the bootstrap.

    Raises
    ------
    ReanalysisError
        Where there is no effect, or what the review declares under `bias` cannot be used.
    """
    data = dataset(effects, files.effects)
    found = batch.fit(data.yi, data.vi, tau2=choices.tau2_method)
    edge = threshold(review, float(found.estimate[0]), files.review)
    split = time_split(review, statements, effects, (files.review, files.statements))
    return {
        **header(review.measure, choices),
        "draws": sampling.draws,
        "seed": sampling.seed,
        "e_values": _e_values([one for one in effects if one.included], found, review.measure, edge, choices),
        "strong_effects": _strong_effects(data, review, edge, choices, sampling),
        "time_split": _time_split(data, review.measure, choices, split),
    }


def _e_values(
    included: Sequence[Effect], found: BatchFit, measure: str, edge: float, choices: Choices
) -> dict[str, Any]:
    """Return the E-values of the pool, to no effect and to the least strong one, and of each study, to no effect."""
    if not READINGS[measure]:
        return {"pooled": [], "studies": [], "reason": NO_DIFFERENCE_IN_UNITS}
    low, high = (float(one[0]) for one in limits(found, choices.interval, choices.level))
    pooled = (float(found.estimate[0]), low, high)
    return {
        "pooled": [
            {"reference": to_print(measure, reference), "readings": _readings(measure, pooled, reference)}
            for reference in (0.0, edge)
        ],
        "studies": [_of_study(one, measure, choices.level) for one in included],
        "reason": "",
    }


def _of_study(effect: Effect, measure: str, level: float) -> dict[str, Any]:
    """Return the E-values of a study, the limit as print has it where it prints one of this level."""
    yi, reach = effect.yi or 0.0, critical_value(level) * (effect.sei or 0.0)
    printed = limits_as_printed(effect, level)
    low, high = printed or (yi - reach, yi + reach)
    return {
        "study": effect.study,
        "limits": "recomputed" if printed is None else "printed",
        "excludes_none": excludes_none(z_bounds(effect), level),
        "readings": _readings(measure, (yi, low, high), 0.0),
    }


def _readings(measure: str, values: tuple[float, float, float], reference: float) -> list[dict[str, Any]]:
    made = {name: read_as(measure, name, (*values, reference)) for name in READINGS[measure]}
    return [
        {"reading": name, "estimate": number(one.estimate), "limit": number(one.limit)} for name, one in made.items()
    ]


def _strong_effects(data: Dataset, review: Review, edge: float, choices: Choices, sampling: Sampling) -> dict[str, Any]:
    """Return how much bias would leave few strong effects, by each way to read the measure as a risk ratio."""
    readings = READINGS[review.measure]
    return {
        "threshold": to_print(review.measure, edge),
        "side": "below" if edge < 0 else "above",
        "share": share(review),
        "readings": [
            {"reading": name, "threshold": printable("RR", one.value(edge))}
            | strong_effects(
                _read(data, one, -1 if edge > 0 else 1, choices),
                -abs(one.value(edge)),
                share(review),
                choices,
                sampling,
            )
            for name, one in readings.items()
        ],
        "reason": "" if readings else NO_DIFFERENCE_IN_UNITS,
    }


def _read(data: Dataset, reading: Reading, sign: int, choices: Choices) -> Studies:
    """Return the studies as log risk ratios, strong ones below no effect, and their pool."""
    values = data.yi.tolist()
    yi = sign * np.array([reading.value(one) for one in values])
    # ASSUME: the standard error of a log risk ratio follows by the delta method.
    vi = data.vi * np.array([reading.slope(one) for one in values]) ** 2
    found = batch.fit(yi, vi, tau2=choices.tau2_method)
    sets, _ = batch.of(yi[:, None], vi[:, None], None)
    information = float(sets.at(found.tau2).trace_pp[0][0]) / 2
    return Studies(
        yi=yi,
        vi=vi,
        estimate=float(found.estimate[0]),
        se=float(math.sqrt(scale(found, choices.interval)[0][0]) * found.se[0]),
        tau2=float(found.tau2[0]),
        # ASSUME: the expected information of the restricted likelihood stands for that of every estimator of tau2.
        tau2_se=1 / math.sqrt(information) if information > 0 else math.inf,
    )


def _ratios(measure: str, record: Mapping[str, float]) -> dict[str, float | None]:
    names = {"ratio": "estimate", "ratio_ci_low": "ci_low", "ratio_ci_high": "ci_high"}
    return {new: printable(measure, record[old]) if is_ratio(measure) else None for new, old in names.items()}


def _time_split(data: Dataset, measure: str, choices: Choices, found: TimeSplit | None) -> dict[str, Any]:
    """Return what an effect that is larger early shows."""
    if found is None:
        names = ("early", "late", "window", "unit", "difference", "immortal_time", "later_pool")
        return {"study": "", **dict.fromkeys(names), "reason": NO_SPLIT, "later_pool_reason": NO_SPLIT}
    record = asdict(difference(found.split, choices.level))
    low, high = immortal_time_limits(found.split, choices.level)
    same = found.overall[0] == 0
    return {
        "study": found.study,
        "early": _period(found.early.statement, found.early.yi, found.early.sei),
        "late": _period(found.late.statement, found.late.yi, found.late.sei),
        "window": found.split.window,
        "unit": found.unit,
        "difference": record | _ratios(measure, record),
        "immortal_time": {
            "from_late": immortal_time(found.split, found.late.yi),
            "from_late_ci_low": low,
            "from_late_ci_high": high,
            "from_none": immortal_time(found.split),
        },
        "later_pool": None if same else _later(data, measure, choices, found),
        "reason": "",
        "later_pool_reason": NO_OVERALL if same else "",
    }


def _period(statement: Mapping[str, str], yi: float, sei: float) -> dict[str, Any]:
    return {
        "statement": statement["id"],
        "about": statement["about"],
        "printed": statement["printed"],
        "yi": yi,
        "sei": sei,
    }


def _later(data: Dataset, measure: str, choices: Choices, found: TimeSplit) -> dict[str, Any]:
    """Return the pool as if every study had counted its later period only."""
    yi, sei = as_later(data.yi, np.sqrt(data.vi), found.overall, found.split.late)
    (record,) = mean_records(batch.fit(yi, sei**2, tau2=choices.tau2_method), measure, choices)
    names = ("k", "estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "ratio", "ratio_ci_low", "ratio_ci_high")
    return {
        "share_of_effect": found.split.late[0] / found.overall[0],
        "multiple_of_se": found.split.late[1] / found.overall[1],
        **{name: record[name] for name in names},
    }

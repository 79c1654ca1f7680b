"""How many true effects are strong, and how much bias would leave few: in a model, and counted.

The grid of bias factors, the least bias and the least confounding, each by the normal model and from calibrated
estimates. `bias_analysis` and `calibrated_effects` hold the formulas and their sources.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from reanalysis.bias_analysis import Bias, Bounded, Pool, least_bias, least_confounding
from reanalysis.bias_analysis import strong_effects as modelled
from reanalysis.calibrated_effects import Question, Shares, bootstrap, bootstrap_limits, calibrated, jackknife, shares
from reanalysis.design import FloatArray
from reanalysis.e_values import confounding_strength
from reanalysis.means import number
from reanalysis.mixed_effects import Choices
from reanalysis.subsets import Sampling

# The bias factors that are tried: 1 to 3.
FACTORS = tuple(twentieth / 20 for twentieth in range(20, 61))

# ASSUME: where bias factors vary between studies, half of the variance between studies is theirs, as in the example of
# Mathur and VanderWeele 2020.
HALF = 0.5

ALONE = "one study alone has no spread of true effects: its E-value stands in"
NO_SPREAD = (
    "tau2 is 0, and all true effects are one: the share of strong effects is all or none, and the plain E-value for "
    "moving the pool to the threshold stands in"
)


@dataclass(frozen=True)
class Studies:
    """Effects below no effect, or turned there, as log risk ratios, and their pool.

    Parameters
    ----------
    yi, vi
        Shape (k,).
    estimate, se, tau2, tau2_se
        The pooled effect, the variance between studies, and their standard errors.
    """

    yi: FloatArray
    vi: FloatArray
    estimate: float
    se: float
    tau2: float
    tau2_se: float


def strong_effects(
    studies: Studies, threshold: float, share: float, choices: Choices, sampling: Sampling
) -> dict[str, Any]:
    """Return most of one of the readings in `strong_effects` of `confounding.json`, as the schema has it.

    Parameters
    ----------
    threshold, share
        Log risk ratio below which an effect is strong, and the share of them that is few.
    """
    empty: dict[str, Any] = {
        "tau2": None,
        "tau2_se": None,
        "bias_sd": None,
        "curve": [],
        "parametric": None,
        "calibrated": None,
    }
    if studies.tau2 == 0:
        log_bias = max(0.0, threshold - studies.estimate)
        fallback = {"bias_factor": _factor(log_bias), "e_value": number(confounding_strength(log_bias))}
        return {**empty, "fallback": fallback, "reason": ALONE if len(studies.yi) == 1 else NO_SPREAD}
    pool = Pool(studies.estimate, studies.se, studies.tau2, studies.tau2_se)
    sd = math.sqrt(HALF * studies.tau2)
    counted = _Counted.of(studies, Question(threshold, share, tuple(map(math.log, FACTORS))), choices, sampling)
    return {
        "tau2": studies.tau2,
        "tau2_se": number(studies.tau2_se),
        "bias_sd": sd,
        "curve": [
            {
                "bias_factor": factor,
                "parametric": _bounded(modelled(pool, threshold, Bias(math.log(factor)), choices.level)),
                "varying": _bounded(modelled(pool, threshold, Bias(math.log(factor), sd), choices.level)),
                "calibrated": counted.proportion(place, choices.level),
            }
            for place, factor in enumerate(FACTORS)
        ],
        "parametric": _least(pool, threshold, share, choices.level),
        "calibrated": counted.least(choices.level),
        "fallback": None,
        "reason": "",
    }


def _least(pool: Pool, threshold: float, share: float, level: float) -> dict[str, Any]:
    """Return the least bias factor and the least confounding of the normal model."""
    bias = least_bias(pool, threshold, share, 0.0, level)
    strength = None if bias is None else least_confounding(bias, level)
    return {"bias_factor": _bounded(bias), "confounding": _bounded(strength)}


def _bounded(found: Bounded | None) -> dict[str, float | None]:
    if found is None:
        return dict.fromkeys(("estimate", "se", "ci_low", "ci_high"))
    return {name: number(getattr(found, name)) for name in ("estimate", "se", "ci_low", "ci_high")}


def _factor(log_bias: float) -> float | None:
    """Return a bias factor; None where it is beyond any double."""
    try:
        return math.exp(log_bias)
    except OverflowError:
        return None


@dataclass(frozen=True)
class _Counted:
    """Shares of calibrated estimates: of the studies, of resamples of them, and without each."""

    own: Shares
    drawn: Shares
    without: Shares

    @classmethod
    def of(cls, studies: Studies, question: Question, choices: Choices, sampling: Sampling) -> _Counted:
        yi, vi, method = studies.yi, studies.vi, choices.tau2_method
        own = shares(calibrated(yi[:, None], vi[:, None], method), question)
        drawn = bootstrap(yi, vi, method, question, sampling.draws, sampling.seed)
        return cls(own, drawn, jackknife(yi, vi, method, question))

    def proportion(self, place: int, level: float) -> dict[str, Any]:
        """Return the share of strong effects under a bias factor, by its place in the grid."""
        estimate = float(self.own.proportions[place, 0])
        low, high, kind = bootstrap_limits(
            self.drawn.proportions[place], estimate, self.without.proportions[place], level
        )
        return {"estimate": estimate, "ci_low": low, "ci_high": high, "interval": kind}

    def least(self, level: float) -> dict[str, Any]:
        """Return the least bias factor, and the least confounding, which rises with it and has its limits."""
        log_bias = float(self.own.least[0])
        low, high, kind = bootstrap_limits(self.drawn.least, log_bias, self.without.least, level)
        values = {"estimate": log_bias, "ci_low": low, "ci_high": high}
        return {
            "bias_factor": {name: _factor(value) for name, value in values.items()} | {"interval": kind},
            "confounding": {name: number(confounding_strength(max(0.0, value))) for name, value in values.items()}
            | {"interval": kind},
        }

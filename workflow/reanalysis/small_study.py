"""Small-study effects: everything that asks whether small studies say something else, in one place.

A method is a function of a `Sample` and a `Plan` to its record, named in `METHODS`; a record without numbers has a
`reason` in words.

ASSUME: where small studies say something else, that may be selective publication, or another kind of patient, treatment
or design; nothing here tells these apart.
ASSUME: a standard error worked back from a p value places its study by its own significance, so that everything is done
again without those studies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reanalysis import batch
from reanalysis.adjusted_pools import filled, limit_of_precision, selected
from reanalysis.begg import begg
from reanalysis.dataset import dataset
from reanalysis.design import BoolArray, FloatArray
from reanalysis.egger import egger, egger_mixed
from reanalysis.egger_power import egger_power
from reanalysis.excess_significance import ALPHA, Truth, excess_significance
from reanalysis.fail_safe import fail_safe
from reanalysis.means import header, with_ratios
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.pet_peese import pet_peese
from reanalysis.pooling import pool
from reanalysis.records import Effect
from reanalysis.significance import counted, excludes_none, z_bounds

# The route of a standard error that follows from the significance of its study.
CIRCULAR = "p"

# Below so many studies tests of asymmetry should not be used (Sterne et al. 2011, BMJ 343:d4002).
FEW = 10

NO_CIRCULAR = "no standard error in the analysis is worked back from a p value"
ALL_CIRCULAR = "every standard error in the analysis is worked back from a p value"


@dataclass(frozen=True)
class Sample:
    """Some studies of a review.

    Parameters
    ----------
    yi, sei
        Effects and standard errors on the scale of the analysis, shape (k,), k at least 1.
    measure
        HR, OR, RR, MD or SMD.
    pooled
        The pool of these studies, as `pooled.json` keeps it.
    significant
        How many of them are significant at `ALPHA` at least and at most, as the rounding of print has it.
    """

    yi: FloatArray
    sei: FloatArray
    measure: str
    pooled: Mapping[str, Any]
    significant: tuple[int, int]

    @property
    def vi(self) -> FloatArray:
        """The sampling variances, shape (k,)."""
        return np.asarray(self.sei**2, float)


@dataclass(frozen=True)
class Plan:
    """How things are done: the review's choices of a model, and how many draws a simulation takes from which seed."""

    choices: Choices
    resampling: Resampling


def _egger(sample: Sample, plan: Plan) -> dict[str, Any]:
    return egger(sample.yi, sample.sei, sample.measure, plan.choices)


def _egger_mixed(sample: Sample, plan: Plan) -> dict[str, Any]:
    return egger_mixed(sample.yi, sample.sei, sample.measure, plan.choices)


def _begg(sample: Sample, _: Plan) -> dict[str, Any]:
    return begg(sample.yi, sample.vi)


def _egger_power(sample: Sample, plan: Plan) -> dict[str, Any]:
    return egger_power(sample.sei, sample.pooled["tau2"], plan.choices, plan.resampling)


def _pet_peese(sample: Sample, plan: Plan) -> dict[str, Any]:
    return pet_peese(sample.yi, sample.sei, sample.measure, plan.choices)


def _fail_safe(sample: Sample, _: Plan) -> dict[str, Any]:
    return fail_safe(sample.yi, sample.vi, sample.measure)


def _excess_significance(sample: Sample, _: Plan) -> dict[str, Any]:
    """Return the test with the common effect as the truth, as its authors have it, and with the review's own model."""
    common = Truth(float(batch.fit(sample.yi, sample.vi, tau2="FE").estimate[0]), 0.0)
    random = Truth(sample.pooled["estimate"], sample.pooled["tau2"])
    made = {"common": common, "random": random}
    return {"alpha": ALPHA} | {
        name: excess_significance(sample.yi, sample.sei, truth, sample.significant) for name, truth in made.items()
    }


def _trim_and_fill(sample: Sample, plan: Plan) -> dict[str, Any]:
    return filled(sample.yi, sample.vi, sample.measure, plan.choices)


def _selection(sample: Sample, plan: Plan) -> dict[str, Any]:
    pooled = sample.pooled["estimate"]
    return {"models": selected(sample.yi, sample.vi, sample.measure, plan.choices.level, pooled)}


def _limit(sample: Sample, plan: Plan) -> dict[str, Any]:
    return limit_of_precision(sample.yi, sample.vi, sample.measure, plan.choices)


# Every method, by its key in `small_study.json`.
METHODS: Mapping[str, Callable[[Sample, Plan], dict[str, Any]]] = {
    "egger": _egger,
    "egger_mixed": _egger_mixed,
    "begg": _begg,
    "egger_power": _egger_power,
    "pet_peese": _pet_peese,
    "fail_safe": _fail_safe,
    "excess_significance": _excess_significance,
    "trim_and_fill": _trim_and_fill,
    "selection": _selection,
    "limit_meta_analysis": _limit,
}


def small_study(
    effects: Sequence[Effect], measure: str, choices: Choices, resampling: Resampling, file: str
) -> dict[str, Any]:
    """Return the content of `small_study.json`; the schema says what each key means.

    Parameters
    ----------
    effects
        Of the review, of which those in the analysis are used.
    measure
        HR, OR, RR, MD or SMD.
    resampling
        How many reviews are simulated for the power of Egger's test, and the seed.
    file
        Where the effects stand, for messages.

    Raises
    ------
    ReanalysisError
        Where there is no effect to pool.
    """
    data = dataset(effects, file)
    plan = Plan(choices, resampling)
    circular = np.array([one.route == CIRCULAR for one in effects if one.included])
    yi, sei = data.yi, np.sqrt(data.vi)
    reason = NO_CIRCULAR if not circular.any() else ALL_CIRCULAR if circular.all() else ""
    print_allows = [z_bounds(one) for one in effects if one.included]
    told = [excludes_none(one, 1 - ALPHA) for one in print_allows]

    def analysis(kept: BoolArray) -> dict[str, Any]:
        allowed = [one for one, keep in zip(print_allows, kept, strict=True) if keep]
        return _analysis(yi[kept], sei[kept], counted(allowed, 1 - ALPHA), measure, plan)

    return {
        **header(measure, choices),
        "few": FEW,
        "studies": [
            {"study": study, "yi": float(y), "sei": float(s), "circular": bool(follows), "significant": said}
            for study, y, s, follows, said in zip(data.studies, yi, sei, circular, told, strict=True)
        ],
        "all": analysis(np.ones(len(yi), bool)),
        "without_circular": None if reason else analysis(~circular),
        "reason": reason,
    }


def _analysis(
    yi: FloatArray, sei: FloatArray, significant: tuple[int, int], measure: str, plan: Plan
) -> dict[str, Any]:
    """Return every method on some of the studies, and their pool."""
    pooled = pool(yi, sei**2, measure, plan.choices)
    sample = Sample(yi, sei, measure, pooled, significant)
    names = ("k", "estimate", "se", "ci_low", "ci_high", "p", "tau2")
    return {
        "pooled": with_ratios({name: pooled[name] for name in names}, measure),
        **{name: method(sample, plan) for name, method in METHODS.items()},
    }

"""What changes where estimates are not independent: a control group used twice, studies that may share patients.

ASSUME: several estimates that a study prints of one outcome compare different groups with one control group. Nothing
in the table says how much they correlate: for groups of equal size it is 0.5, the control group's share of the variance
(Gleser and Olkin 2009, in The Handbook of Research Synthesis and Meta-Analysis), so that a range is shown.
ASSUME: studies declared to share patients do so to one unknown degree, the same for every pair.
ASSUME: estimates that correlate have the standard errors that their rows give.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from reanalysis.dataset import dataset
from reanalysis.design import FloatArray
from reanalysis.errors import ReanalysisError
from reanalysis.generalised import GeneralisedFit, correlated, two_level
from reanalysis.grammar.lexer import ADJUSTMENT
from reanalysis.measures import is_ratio, printable
from reanalysis.mixed_effects import Choices
from reanalysis.records import Effect
from reanalysis.review import Review
from reanalysis.robust_models import robust_models

# The correlations that are tried.
CORRELATIONS = tuple(tenth / 10 for tenth in range(10))

NO_SHARED_CONTROLS = "no study in the analysis prints another estimate of the outcome that can be pooled"
NO_OVERLAP = "no two studies in the analysis are declared to share patients"


@dataclass(frozen=True)
class Grouped:
    """Effects, and for each the label of the group within which they depend on each other."""

    effects: Sequence[Effect]
    groups: Sequence[Hashable]

    @property
    def yi(self) -> FloatArray:
        """The effects, shape (k,)."""
        return np.array([one.yi for one in self.effects], float)

    def covariance(self, correlation: float) -> FloatArray:
        """Return the sampling covariances: correlation * se_i * se_j within a group, shape (k, k)."""
        sei = np.array([one.sei for one in self.effects], float)
        same = np.array([[one == other for other in self.groups] for one in self.groups])
        made: FloatArray = np.where(same, correlation, 0.0) * np.outer(sei, sei)
        np.fill_diagonal(made, sei**2)
        return made


def dependence(
    effects: Sequence[Effect], review: Review, judgements: Sequence[Mapping[str, str]], choices: Choices, file: str
) -> dict[str, Any]:
    """Return the content of `dependence.json`; the schema says what each key means.

    Parameters
    ----------
    judgements
        The rows of `judgements.csv`: of each study its `cluster`, and `cluster_from`.
    file
        Where the effects stand, for messages.

    Raises
    ------
    ReanalysisError
        Where there is no effect, or a moderator cannot be one.
    """
    data = dataset(effects, file)
    declared = {one["study"]: " ".join(one.get("cluster", "").split()) for one in judgements}
    clusters = {study: _label(study, declared) for study in data.studies}
    return {
        "schema_version": 1,
        "measure": review.measure,
        "level": choices.level,
        "tau2_method": "FE" if choices.tau2_method == "FE" else "REML",
        "interval": choices.interval,
        "shared_controls": _shared_controls(effects, review, choices),
        "overlap": _overlap(effects, declared, judgements, review.measure, choices),
        "robust": robust_models(data, review.models, clusters, choices),
    }


def _shared_controls(effects: Sequence[Effect], review: Review, choices: Choices) -> dict[str, Any]:
    """Return what it changes to take every estimate of the outcome of each study in the analysis."""
    included = {one.row: one for one in effects if one.included}
    others = [one for one in effects if not one.included and one.row in included and _usable(one, review.outcome)]
    same = [one for one in others if _same_groups(one, included[one.row])]
    taken = [one for one in effects if one.included or (one in others and one not in same)]
    rows = [one.row for one in taken]
    several = [row for row in included if rows.count(row) > 1]
    grouped = Grouped(taken, rows)
    return {
        "studies": [
            {"study": included[row].study, "estimates": [_estimate(one) for one in taken if one.row == row]}
            for row in several
        ],
        "left_out": [{"study": one.study, **_estimate(one)} for one in same],
        **_answers(grouped, review.measure, choices, "" if several else NO_SHARED_CONTROLS),
    }


def _usable(effect: Effect, outcome: str) -> bool:
    """Whether an effect that is not in the analysis could be: its study's other estimate of the outcome."""
    yi, sei = effect.yi, effect.sei
    known = yi is not None and sei is not None and math.isfinite(yi) and math.isfinite(sei) and sei > 0
    return effect.outcome == outcome and known


def _same_groups(effect: Effect, included: Effect) -> bool:
    """Whether two estimates of a study are of the same groups, adjusted for more or less."""
    # ASSUME: estimates whose contrasts name their adjustment, one or both, differ in nothing else.
    return any(ADJUSTMENT.fullmatch(one.contrast) for one in (effect, included)) and all(
        not one.contrast or ADJUSTMENT.fullmatch(one.contrast) for one in (effect, included)
    )


def _estimate(effect: Effect) -> dict[str, Any]:
    names = ("item", "contrast", "included", "yi", "sei")
    return {name: getattr(effect, name) for name in names}


def _overlap(
    effects: Sequence[Effect],
    declared: Mapping[str, str],
    judgements: Sequence[Mapping[str, str]],
    measure: str,
    choices: Choices,
) -> dict[str, Any]:
    """Return what it changes to let studies of one cluster correlate."""
    included = [one for one in effects if one.included]
    pooled = {one.study for one in included}
    members: dict[str, list[str]] = {}
    for study, cluster in declared.items():
        members.setdefault(cluster, []).append(study)
    clusters = {name: studies for name, studies in members.items() if name and len(studies) > 1}
    several = any(len(pooled.intersection(studies)) > 1 for studies in clusters.values())
    grouped = Grouped(included, [_label(one.study, declared) for one in included])
    reasons = {one["study"]: one.get("cluster_from", "") for one in judgements}
    return {
        "clusters": [
            {
                "cluster": name,
                "because": list(dict.fromkeys(reasons[one] for one in studies if reasons[one])),
                "studies": [one for one in studies if one in pooled],
                "not_pooled": [one for one in studies if one not in pooled],
            }
            for name, studies in clusters.items()
        ],
        **_answers(grouped, measure, choices, "" if several else NO_OVERLAP),
    }


def _label(study: str, declared: Mapping[str, str]) -> tuple[str, str]:
    """Return the cluster of a study; one without a cluster is its own, whatever clusters are called."""
    cluster = declared.get(study, "")
    return ("cluster", cluster) if cluster else ("study", study)


def _answers(grouped: Grouped, measure: str, choices: Choices, nothing: str) -> dict[str, Any]:
    """Return the sweep of correlations and the two-level model; neither where a reason says that nothing depends."""
    if nothing:
        return {"sweep": [], "two_level": None, "reason": nothing}
    yi, mean = grouped.yi, np.ones((len(grouped.effects), 1))
    models = {one: partial(correlated, yi, grouped.covariance(one), mean, choices) for one in CORRELATIONS}
    nested = partial(two_level, yi, grouped.covariance(0.0), mean, grouped.groups, choices)
    return {
        "sweep": [
            {"correlation": correlation, **_pooled(model, ("tau2",), measure)} for correlation, model in models.items()
        ],
        "two_level": {
            "clusters": len(set(grouped.groups)),
            **_pooled(nested, ("tau2_cluster", "tau2_estimate"), measure),
        },
        "reason": "",
    }


# Variances too far apart for the digits of a covariance matrix.
SINGULAR = "the covariance of the estimates has too few digits to be solved"


def _pooled(model: Callable[[], GeneralisedFit], components: Sequence[str], measure: str) -> dict[str, Any]:
    """Return a pooled estimate as a record; without numbers, and with the reason, where it cannot be had."""
    names = ("estimate", "se", "ci_low", "ci_high", "stat", "p")
    ratios = {"ratio": "estimate", "ratio_ci_low": "ci_low", "ratio_ci_high": "ci_high"}
    try:
        found = model()
    except (ReanalysisError, np.linalg.LinAlgError) as error:
        empty = ("k", *names, "df", *components, "log_likelihood", *ratios)
        reason = error.problem if isinstance(error, ReanalysisError) else SINGULAR
        return {**dict.fromkeys(empty), "reason": reason}
    record: dict[str, Any] = {"k": found.k} | {name: float(getattr(found, name)[0]) for name in names}
    record |= {"df": None if math.isinf(found.df) else found.df}
    record |= dict(zip(components, found.components, strict=True)) | {"log_likelihood": found.log_likelihood}
    shown = is_ratio(measure)
    record |= {name: printable(measure, record[of]) if shown else None for name, of in ratios.items()}
    return record | {"reason": ""}

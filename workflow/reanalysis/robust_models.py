"""The primary model and the meta-regressions with cluster-robust standard errors."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from reanalysis.dataset import Dataset
from reanalysis.design import Design, design
from reanalysis.distributions import critical_value, two_sided_p
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices, fit
from reanalysis.moderators import model_design, too_few
from reanalysis.robust import Robust, cr2


def robust_models(
    data: Dataset, models: Sequence[tuple[str, ...]], clusters: Mapping[str, Hashable], choices: Choices
) -> dict[str, Any]:
    """Return the pooled model and each meta-regression as `dependence.json` keeps them, under `robust`.

    Parameters
    ----------
    clusters
        The cluster of each study.

    Raises
    ------
    ReanalysisError
        Where a model cannot be fitted: it names the moderator.
    """
    every = list(range(len(data.studies)))
    regressions = []
    for model in models:
        if too_few(data, model):
            continue
        try:
            made = model_design(data, model)
        except ReanalysisError as error:
            raise error.at(column="moderators") from error
        found = _clustered(data, made.complete, made.design, clusters, choices)
        regressions += [{"name": " + ".join(model), **one} for one in found]
    return {"pooled": _clustered(data, every, design({}, len(every)), clusters, choices), "regression": regressions}


def _clustered(
    data: Dataset, places: list[int], X: Design, clusters: Mapping[str, Hashable], choices: Choices
) -> list[dict[str, Any]]:
    """Return a model with each study as its own cluster and, where that is something else, with declared clusters.

    ASSUME: the working model is the primary one, of independent studies with variances vi + tau2. It decides weights
    and degrees of freedom, and need not be right for the standard error to be.
    """
    yi, vi = data.yi[places], data.vi[places]
    tau2 = fit(yi, vi, X, choices).tau2
    studies = [data.studies[place] for place in places]
    declared = [clusters[study] for study in studies]
    ways: dict[str, Sequence[Hashable]] = {"study": studies}
    if len(set(declared)) < len(studies):
        ways["cluster"] = declared
    made = []
    for name, labels in ways.items():
        found = cr2(yi, np.diag(vi + tau2), X.X, labels)
        coefficients = [
            {"term": term, **coefficient(found, place, choices.level)} for place, term in enumerate(X.terms)
        ]
        record = {"clustering": name, "k": len(places), "clusters": found.clusters, "tau2": tau2}
        made.append({**record, "coefficients": coefficients})
    return made


def coefficient(found: Robust, place: int, level: float) -> dict[str, Any]:
    """Return a coefficient with its robust test and limits as a record; without them, and why, where it has none."""
    estimate, se, df = (float(values[place]) for values in (found.estimate, found.se, found.df))
    if found.reasons[place]:
        nothing = dict.fromkeys(("se", "stat", "df", "p", "ci_low", "ci_high"))
        return {"estimate": estimate, **nothing, "reason": found.reasons[place]}
    margin = critical_value(level, df) * se
    return {
        "estimate": estimate,
        "se": se,
        "stat": estimate / se,
        "df": df,
        "p": two_sided_p(estimate / se, df),
        "ci_low": estimate - margin,
        "ci_high": estimate + margin,
        "reason": "",
    }

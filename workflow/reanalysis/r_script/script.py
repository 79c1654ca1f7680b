"""The R script of a review: its effects, the calls of metafor, and the numbers that they should give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from reanalysis import software
from reanalysis.dataset import Dataset
from reanalysis.measures import is_ratio
from reanalysis.moderators import model_design
from reanalysis.r_script.literals import comment, label, named, number, string, vector
from reanalysis.review import Review
from reanalysis.wording import INTERVAL_NAMES, model_text

COEFFICIENT = ("estimate", "se", "p", "ci_low", "ci_high")
POOLED = (*COEFFICIENT, "tau2", "i2", "prediction_low", "prediction_high")
PROFILE = ("tau2_ci_low", "tau2_ci_high", "i2_ci_low", "i2_ci_high", "q", "q_p")
# Below this Q is what rounding leaves of a perfect fit, and its p value is no number to compare.
NO_SCATTER = 1e-6
# The names of the script to those of a meta-regression in `regression.json`.
WHOLE = {"tau2": "tau2", "i2": "i2", "q": "qe", "q_p": "qe_p", "qm": "qm", "qm_p": "qm_p"}


def r_script(
    review: Review,
    data: Dataset,
    pooled: Mapping[str, Any],
    regression: Mapping[str, Any],
    small_study: Mapping[str, Any],
) -> str:
    """Return an R script that makes the results again with metafor and compares them.

    Parameters
    ----------
    data
        The studies of the analysis.
    pooled, regression, small_study
        The content of the files of that name, whose numbers are the expected ones.
    """
    environment = Environment(
        loader=PackageLoader("reanalysis", "r_script"),
        autoescape=False,  # noqa: S701 (R, not HTML: `literals` escapes what R would read)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    ratio = is_ratio(review.measure)
    shown = {
        "title": comment(review.title),
        "source": comment(f"{review.source['table']} of {review.source['citation']}"),
        "version": software.VERSION,
        "level": number(pooled["level"]),
        "outcome": comment(review.outcome),
        "scale": f"{'log ' if ratio else ''}{review.measure}",
        "study": vector([string(one) for one in data.studies]),
        "yi": vector([number(one) for one in data.yi]),
        "sei": vector([number(one) for one in np.sqrt(data.vi)]),
        "pooled": [_pooled(review.measure, one) for one in pooled["models"]],
        "profile": _profile(pooled["models"]),
        "regressions": [_regression(data, one, review) for one in regression["models"]],
        "egger": _egger(small_study),
        "forest": _forest(pooled["primary"], ratio=ratio),
    }
    return environment.get_template("check.R.j2").render(shown)


def _interval(model: Mapping[str, Any], df: float | None) -> str:
    """Return the interval that was taken: Wald's stands in where no residual is left to scale by."""
    return "wald" if df is None else str(model["interval"])


def _pooled(measure: str, model: Mapping[str, Any]) -> dict[str, str]:
    called = f"{model['tau2_method']}, {INTERVAL_NAMES[model['interval']]}"
    # One study has no spread, so that every estimator is the common effect.
    method = "FE" if model["k"] == 1 else model["tau2_method"]
    return {
        "said": f"{called}: {measure} {model_text(measure, model)}",
        "what": label(called),
        "method": string(method),
        "interval": string(_interval(model, model["df"])),
        "expected": named({name: model[name] for name in POOLED}),
    }


def _profile(models: Sequence[Mapping[str, Any]]) -> str:
    """Return Q and the Q-profile intervals, which are the same beside every tau2; empty where there are none."""
    one = next((one for one in models if one["tau2_ci_low"] is not None), None)
    return "" if one is None else _scattered({name: one[name] for name in PROFILE})


def _scattered(values: Mapping[str, Any]) -> str:
    return named({name: value for name, value in values.items() if name != "q_p" or values["q"] > NO_SCATTER})


def _coefficients(name: str, rows: Sequence[Mapping[str, Any]], terms: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"what": label(f"{name}, {term}:"), "expected": named({key: row[key] for key in COEFFICIENT})}
        for term, row in zip(terms, rows, strict=True)
    ]


def _regression(data: Dataset, model: Mapping[str, Any], review: Review) -> dict[str, Any]:
    name = next(one for one in review.models if " + ".join(one) == model["name"])
    made = model_design(data, name)
    columns = [vector([number(value) for value in column]) for column in made.columns.values()]
    return {
        "name": comment(model["name"]),
        "k": model["k"],
        "terms": comment(", ".join(model["terms"])),
        "use": vector([str(place + 1) for place in made.complete]),
        "method": string(model["tau2_method"]),
        "interval": string(_interval(model, model["coefficients"][0]["df"])),
        "columns": ",\n  ".join(columns),
        "coefficients": _coefficients(model["name"], model["coefficients"], model["terms"]),
        "what": label(f"{model['name']}:"),
        "whole": _scattered({name: model[key] for name, key in WHOLE.items()}),
    }


def _egger(small_study: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return both forms of Egger's test, those that could be made."""
    found = small_study["all"]
    mixed = found["egger_mixed"]
    interval = _interval(mixed, mixed["limit"]["df"])
    calls = {
        "egger": ("weighted least squares", "egger()"),
        "egger_mixed": (
            "meta-regression",
            f"inference(yi, vi, {string(mixed['tau2_method'])}, {string(interval)}, sei)",
        ),
    }
    return [
        {
            "called": called,
            "call": call,
            "coefficients": _coefficients(
                f"Egger, {called}", [found[form]["limit"], found[form]["slope"]], ("limit", "slope")
            ),
        }
        for form, (called, call) in calls.items()
        if not found[form]["reason"]
    ]


def _forest(primary: Mapping[str, Any], *, ratio: bool) -> str:
    test = "z" if primary["interval"] == "wald" else "knha"
    scale = ", atransf = exp" if ratio else ""
    call = f"rma(yi, sei = sei, slab = study, method = {string(primary['tau2_method'])}, test = {string(test)})"
    return f"forest({call}, addpred = TRUE{scale})"

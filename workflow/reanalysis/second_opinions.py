"""The prose of tests that need fewer assumptions than the models beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reanalysis.formatting import count, interval, number, p_phrase
from reanalysis.measures import NAMES
from reanalysis.results import Results
from reanalysis.wording import on_print


def permutations(results: Results) -> str:
    """Return how the permutation p values of the meta-regressions were made; empty where there are none."""
    models = [one for one in results.regression["models"] if "permutations" in one]
    if not models:
        return ""
    drawn = [one for one in models if not one["permutations_exact"]]
    if not drawn:
        return "Permutation p values are exact: every order of the studies was fitted."
    slopes = [slope for one in drawn for slope in one["coefficients"][1:]]
    errors = [slope["permutation_p_error"] for slope in slopes]
    exact = "" if len(drawn) == len(models) else " (all orders, where there are no more)"
    return (
        f"Permutation p values: the studies stood at the moderators in {count(drawn[0]['permutations'])} orders drawn "
        f"at random{exact}, each fitted anew with its own tau²; they are off by a standard error of at most "
        f"{number(max(errors), 3)}. They ask for no distribution, only that effects could be exchanged if no moderator "
        "mattered."
    )


def joint(model: Mapping[str, Any]) -> str:
    """Return the test of all slopes of a model together, and how far they are entangled; empty for a single slope."""
    if model["qm_df"] < 2:  # noqa: PLR2004 (one slope has its own test)
        return ""
    permuted = model.get("qm_permutation_p")
    by_permutation = "" if permuted is None else f" ({p_phrase(permuted)} by permutation)"
    inflated = max(one["gvif"] for one in model["collinearity"]["moderators"])
    return (
        f"all slopes together {p_phrase(model['qm_p'])}{by_permutation}; collinearity multiplies the variance of a "
        f"slope by {number(inflated)} at most."
    )


def robustness(results: Results) -> list[str]:
    """Return what a sign-flip test and Henmi and Copas' interval say of the pooled effect."""
    pooled, measure = results.pooled, results.review.measure
    said = []
    flips = pooled["sign_flip"]
    if flips is not None:
        every = f"all {count(flips['flips'])}" if flips["exact"] else f"{count(flips['flips'])} random"
        said.append(
            f"Over {every} ways to flip the signs of the effects, as many as there would be without any effect, one as "
            f"far from none as this has {p_phrase(flips['p'])}{' exactly' if flips['exact'] else ''}."
        )
    henmi = pooled["henmi_copas"]
    if henmi is not None:
        limits = interval(on_print(measure, henmi, "ci_low"), on_print(measure, henmi, "ci_high"), 3)
        said.append(
            "Henmi and Copas' interval, which gives small studies the weight of a common effect and allows for spread, "
            f"reads {limits} round a {NAMES[measure]} of {number(on_print(measure, henmi, 'estimate'), 3)}."
        )
    return said

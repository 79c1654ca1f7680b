"""The prose of tests that need fewer assumptions than the models beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reanalysis.formatting import NO_BREAK, count, interval, number, p_phrase, significant
from reanalysis.measures import NAMES
from reanalysis.results import Results
from reanalysis.traced import derived
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
    whole = [one["name"] for one in models if one["permutations_exact"]]
    exact = f" (in every order for {', '.join(whole)})" if whole else ""
    return (
        "Permutation p values: the values of the moderators were dealt to the studies anew "
        f"{count(drawn[0]['permutations'])} times at random{exact} and the model fitted each time with its own tau². p "
        f"is the share of slopes at least as strong, with a standard error of at most {number(max(errors), 3)}. No "
        "distribution is assumed, only that effects could be exchanged if no moderator mattered."
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


def _flips(flips: Mapping[str, Any]) -> str:
    """Return how many patterns of signs reach the pooled effect, and the p value in digits that agree with it."""
    exact, tried = flips["exact"], flips["flips"]
    # A drawn test counts the observed pattern in (`permutation.p_values`).
    reached = derived(round(flips["p"] * tried) if exact else round(flips["p"] * (tried + 1)) - 1, flips["p"], tried)
    # All signs turned give the same distance, so that no fewer than two can.
    fewest = exact and reached == 2  # noqa: PLR2004
    give = "gives" if reached == 1 else "give"
    return (
        f"{count(tried)} combinations of signs{'' if exact else ' drawn at random'}, {count(reached)} {give} a pooled "
        f"effect at least as far from none as this{', the fewest possible' if fewest else ''} "
        f"(p{NO_BREAK}={NO_BREAK}{significant(flips['p'], 2)}{', exact' if exact else ''})"
    )


def robustness(results: Results) -> list[str]:
    """Return what a sign-flip test and Henmi and Copas' interval say of the pooled effect."""
    pooled, measure = results.pooled, results.review.measure
    said = []
    flips = pooled["sign_flip"]
    if flips is not None and pooled["primary"]["k"] > 1:
        said.append(
            "If treatment made no difference, each study could as well have pointed the other way. Of the "
            f"{_flips(flips)}."
        )
    henmi = pooled["henmi_copas"]
    if henmi is not None:
        limits = interval(on_print(measure, henmi, "ci_low"), on_print(measure, henmi, "ci_high"), 3)
        said.append(
            "Henmi and Copas’ interval, which gives small studies the weight of a common effect and allows for spread, "
            f"reads {limits} round a {NAMES[measure]} of {number(on_print(measure, henmi, 'estimate'), 3)}."
        )
    return said

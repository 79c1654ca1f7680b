"""The terms that the page uses, one sentence each: only those that this review makes it use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reanalysis.formatting import capitalised
from reanalysis.results import Results
from reanalysis.tau2 import NAMES as ESTIMATOR_NAMES
from reanalysis.wording import INTERVAL_NAMES

MEASURES = {
    "HR": (
        "Hazard ratio (HR)",
        "The rate of events in the treated group over that in the control group at any moment.",
    ),
    "OR": ("Odds ratio (OR)", "The odds of the event in the treated group over the odds in the control group."),
    "RR": ("Risk ratio (RR)", "The risk of the event in the treated group over the risk in the control group."),
    "MD": (
        "Mean difference (MD)",
        "The mean of the treated group minus that of the control group, in units of the outcome.",
    ),
    "SMD": (
        "Standardised mean difference (SMD)",
        "The difference of the means, in standard deviations of the outcome.",
    ),
}

INTERVALS = {
    "wald": "A confidence interval from the normal distribution, too short where studies are few.",
    "hksj": "A confidence interval from Student’s t with a standard error that follows how the studies scatter (HKSJ).",
    "hksj_guarded": "The same with a standard error that is never smaller than Wald’s.",
}

Term = tuple[str, str]


def glossary(
    results: Results,
    small_study: Mapping[str, Any],
    dependence: Mapping[str, Any],
    confounding: Mapping[str, Any],
    *,
    by_chance: bool = False,
) -> list[Term]:
    """Return term and sentence, in the order in which the page comes to them.

    Parameters
    ----------
    small_study, dependence, confounding
        The content of the files of that name.
    by_chance
        Whether every study is declared randomised, so that the page speaks of no confounding.
    """
    return [
        *((term, capitalised(meaning).rstrip(".") + ".") for term, meaning in results.review.terms.items()),
        MEASURES[results.review.measure],
        *_pool(results),
        *_regression(results),
        *_small_study(small_study["all"]),
        *_dependence(dependence),
        *_confounding(confounding, by_chance=by_chance),
        *_choices(results),
    ]


def _pool(results: Results) -> list[Term]:
    primary = results.pooled["primary"]
    method = primary["tau2_method"]
    said = [
        ("Standard error (SE)", "How far an estimate would scatter if a study of its size were done again and again."),
        (
            "Confidence interval (CI)",
            "The values that fit the data: in repeated studies it holds the true one as often as its level says.",
        ),
        ("p value", "How often chance alone would give a result at least this far from no difference."),
        ("tau²", "The variance of true effects between studies, on the scale of the analysis."),
        (
            method,
            f"{capitalised(ESTIMATOR_NAMES[method])}: the way in which the primary analysis takes tau² from the data.",
        ),
        ("I²", "The share of the variability of the estimates that is more than sampling error."),
        *((capitalised(INTERVAL_NAMES[name]), sentence) for name, sentence in INTERVALS.items()),
    ]
    if primary["prediction_low"] is not None:
        said.append(
            (
                "Prediction interval",
                "Where the true effect in a new setting is expected, spread between studies included.",
            )
        )
    if any(one["tau2_ci_low"] is not None for one in results.pooled["models"]):
        said.append(
            (
                "Q-profile",
                "An interval of tau²: the values that leave the weighted scatter of the studies plausible.",
            )
        )
    if primary["k"] > 1:
        said += [
            ("Q", "The weighted squares of the studies about a common effect."),
            ("Cook’s distance", "How far all fitted values move without one study."),
            (
                "DFFITS and DFBETAS",
                "How far a study moves its own fitted value, or the pooled effect, in standard errors.",
            ),
            ("Leverage", "How far a study’s own estimate decides its fitted value."),
        ]
    if results.pooled["henmi_copas"] is not None:
        said.append(
            (
                "Henmi and Copas’ interval",
                "An interval round the common-effect estimate, which heeds small studies less.",
            )
        )
    return said


def _regression(results: Results) -> list[Term]:
    models = results.regression["models"]
    if not models:
        return []
    said = [
        ("Meta-regression", "A line through the effects of studies on something known of them, such as a year."),
        ("R²", "The share of tau² that goes away when the moderator is known."),
    ]
    if "permutations" in models[0]:
        said.append(
            (
                "Permutation p",
                "How often a slope as strong comes out when the moderator is dealt to the studies at random.",
            )
        )
    return said


def _small_study(found: Mapping[str, Any]) -> list[Term]:
    sentences = {
        "egger": (
            "Egger’s test",
            "Whether effects change with their standard errors, as they do where small studies find more.",
        ),
        "begg": ("Begg", "Begg and Mazumdar’s test, which asks the same by ranks."),
        "trim_and_fill": ("Trim and fill", "The pool with studies added until the funnel plot is symmetric."),
        "limit_meta_analysis": (
            "Limit meta-analysis",
            "What a study without sampling error would find, were the trend with size to go on.",
        ),
    }
    said = [sentence for name, sentence in sentences.items() if not found[name]["reason"]]
    if not found["pet_peese"]["pet"]["reason"]:
        said.append(
            (
                "PET and PEESE",
                "Where a line of effects on standard errors, or on their squares, meets a standard error of zero.",
            )
        )
    if any(not one["reason"] for one in found["selection"]["models"]):
        said.append(("Selection model", "The pool if studies that are not significant were published less often."))
    return said


def _dependence(found: Mapping[str, Any]) -> list[Term]:
    robust = [one for model in found["robust"]["pooled"] for one in model["coefficients"]]
    if all(one["reason"] for one in robust):
        return []
    return [
        (
            "CR2",
            "A standard error that holds when estimates of one cluster, such as a registry, depend on each other.",
        )
    ]


def _confounding(found: Mapping[str, Any], *, by_chance: bool) -> list[Term]:
    said = []
    if not found["e_values"]["reason"] and not by_chance:
        said.append(
            (
                "E-value",
                "How strongly a confounder must be tied to treatment and outcome to explain the effect away.",
            )
        )
    if not found["strong_effects"]["reason"] and not by_chance:
        said += [
            (
                "Bias factor, T",
                "What bias multiplies the risk ratio of every study by; T is the least that leaves few strong effects.",
            ),
            (
                "G",
                "How strongly, at least, a confounder must be tied to treatment and outcome to make T.",
            ),
            ("Calibrated estimates", "Estimates shrunk to the spread of true effects."),
        ]
    if not found["time_split"]["reason"]:
        said.append(
            ("Immortal time", "The time before treatment, in which a patient who is later treated cannot have died.")
        )
    return said


def _choices(results: Results) -> list[Term]:
    if not results.multiverse["specifications"]["count"]:
        return []
    return [("Specification", "One way to make all choices of the analysis; the page runs every way that is declared.")]

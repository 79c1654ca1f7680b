"""What was done beside the primary analysis: a sentence a method, of those that this review has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reanalysis.companion_narrative import randomised
from reanalysis.formatting import count
from reanalysis.methods import Method
from reanalysis.results import Results

# How a measure is read as a risk ratio where the outcome is common, and whose conversion that is.
READ_AS = {
    "HR": "; a hazard ratio of a common outcome is read as the risk ratio (1 − 0.5^√HR) / (1 − 0.5^√(1/HR))",
    "OR": "; an odds ratio of a common outcome is read as the risk ratio √OR",
    "SMD": "; a standardised difference d is read as the risk ratio exp(0.91 d)",
}
CONVERSION = "VanderWeele and Ding 2017, Ann Intern Med 167:268; VanderWeele 2020, Biometrics 76:746"


def sensitivity_methods(results: Results, small_study: Mapping[str, Any], designs: Sequence[str]) -> list[Method]:
    """Return the methods, a sentence each.

    Parameters
    ----------
    small_study
        The content of `small_study.json`.
    designs
        The declared design of each study in the pool, empty where none is.
    """
    return [
        *_unseen(small_study["all"]),
        *(() if randomised(designs) else _confounding(results)),
        *_early(results.confounding["time_split"]),
        *_dependence(results.dependence),
        *_studies(results),
        *_choices(results),
        *_companion(results),
    ]


def _unseen(found: Mapping[str, Any]) -> Iterator[Method]:
    said = {
        "trim_and_fill": (
            "Studies that a funnel plot lacks on one side were put in by trim and fill, their number by L0.",
            "Duval and Tweedie 2000, J Am Stat Assoc 95:89; Biometrics 56:455",
        ),
        "limit_meta_analysis": (
            "Limit meta-analysis gives the mean that studies of unlimited size would have.",
            "Rücker et al. 2011, Biostatistics 12:122",
        ),
    }
    for name, (sentence, source) in said.items():
        if not found[name].get("reason"):
            yield Method(sentence, "config.yaml: tau2_method, interval", source)
    steps = [f"{one['step']:g}" for one in found["selection"]["models"] if not one.get("reason")]
    if steps:
        yield Method(
            f"Step-function selection models with one step, at one-sided p {' or '.join(steps)}, were fitted by "
            "maximum likelihood.",
            "config.yaml: level",
            "Vevea and Hedges 1995, Psychometrika 60:419",
        )


def _confounding(results: Results) -> Iterator[Method]:
    found = results.confounding
    if not found["e_values"]["reason"]:
        yield Method(
            f"E-values were computed of the pool and of each study{READ_AS.get(found['measure'], '')}.",
            "review.yaml: measure",
            CONVERSION if found["measure"] in READ_AS else CONVERSION.partition(";")[0],
        )
    if not found["strong_effects"]["reason"]:
        yield Method(
            "The share of strong true effects under bias, the least bias factor (T) and the least confounding (G) that "
            "leave few, were computed in a normal model, and counted from calibrated estimates with a bootstrap of "
            f"{count(found['draws'])} resamples.",
            "review.yaml: bias; config.yaml: draws, seed",
            "Mathur and VanderWeele 2020, J Am Stat Assoc 115:163; Epidemiology 31:356; Wang and Lee 2019, Res Synth "
            "Methods 10:255",
        )


def _early(split: Mapping[str, Any]) -> Iterator[Method]:
    if split["reason"]:
        return
    later = (
        "; for the pool of later effects, every effect and standard error were multiplied as in that study"
        if split["later_pool"]
        else ""
    )
    yield Method(
        "One study's early and later effects were compared as independent estimates, and the immortal time that would "
        f"make the early one was computed{later}.",
        "review.yaml: bias: time_split",
        "Altman and Bland 2003, BMJ 326:219; Suissa 2008, Am J Epidemiol 167:492",
    )


def _dependence(found: Mapping[str, Any]) -> Iterator[Method]:
    parts = (found["shared_controls"], found["overlap"])
    if any(one["sweep"] for one in parts):
        yield Method(
            "Estimates that share a control group or patients were pooled by generalised least squares under a range "
            "of correlations.",
            "judgements.csv: cluster",
            "Gleser and Olkin 2009, in The Handbook of Research Synthesis and Meta-Analysis",
        )
    if any(one["two_level"] for one in parts):
        yield Method(
            "Two-level models gave clusters a variance of their own.",
            "judgements.csv: cluster",
            "Konstantopoulos 2011, Res Synth Methods 2:61",
        )
    if found["robust"]["pooled"]:
        yield Method(
            "Cluster-robust standard errors are CR2, with Satterthwaite's degrees of freedom.",
            "judgements.csv: cluster",
            "Tipton 2015, Psychol Methods 20:375; Pustejovsky and Tipton 2018, J Bus Econ Stat 36:672",
        )


def _studies(results: Results) -> Iterator[Method]:
    if len(results.included) > 1:
        yield Method(
            "Every model was fitted anew without each study, with diagnostics of deletion and Baujat's coordinates.",
            "config.yaml: tau2_method, interval",
            "Viechtbauer and Cheung 2010, Res Synth Methods 1:112; Baujat et al. 2002, Stat Med 21:2641",
        )
        sets = "Every subset" if results.subsets["complete"] else "A random sample of the subsets"
        yield Method(
            f"{sets} of the studies was pooled (GOSH).",
            "config.yaml: draws, seed",
            "Olkin, Dahabreh and Trikalinos 2012, Res Synth Methods 3:214",
        )
    if results.pooled["sign_flip"] is not None:
        yield Method(
            "The pool was tested by sign flips, tau² estimated anew in every pattern.",
            "config.yaml: permutations, seed",
            "Follmann and Proschan 1999, Biometrics 55:732",
        )
    yield Method(
        f"All studies were drawn {count(results.rounding['draws'])} times from what the rounding of print leaves open, "
        "and the furthest values were searched for.",
        "config.yaml: draws, seed",
        "The regions that printed digits allow, in rounding.json",
    )


def _choices(results: Results) -> Iterator[Method]:
    if results.review.scenarios:
        yield Method(
            "Each declared scenario was pooled by itself.", "review.yaml: scenarios", "Cochrane Handbook, chapter 10"
        )
    if results.multiverse["specifications"]["count"]:
        yield Method(
            "Scenarios, alone and in pairs, were crossed with every estimator, interval and treatment of dependence"
            f"{', and the specifications tested together by sign flips' if results.multiverse['joint_test'] else ''}.",
            "review.yaml: scenarios; config.yaml: permutations, seed",
            "Simonsohn, Simmons and Nelson 2020, Nat Hum Behav 4:1208; Voracek et al. 2019, Z Psychol 227:64",
        )


def _companion(results: Results) -> Iterator[Method]:
    if results.elsewhere["comparison"] is not None and not results.elsewhere["comparison"]["reason"]:
        yield Method(
            "The companion's pool was compared with this one as an independent estimate, with Welch's and "
            "Satterthwaite's degrees of freedom beside t.",
            "review.yaml: companion",
            "Altman and Bland 2003, BMJ 326:219; Welch 1947, Biometrika 34:28",
        )

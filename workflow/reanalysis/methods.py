"""What was done, a sentence a setting, each with the setting that decides it and its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reanalysis.formatting import listed
from reanalysis.measures import NAMES
from reanalysis.narrative import level
from reanalysis.results import Results
from reanalysis.tau2 import NAMES as ESTIMATOR_NAMES
from reanalysis.wording import INTERVAL_NAMES, ROUTE_NAMES, regression_name


@dataclass(frozen=True)
class Method:
    """One sentence of the methods, the setting that decides it, and its source."""

    sentence: str
    setting: str
    source: str


def methods(results: Results, routes: Sequence[str]) -> list[Method]:
    """Return the methods, a sentence a setting."""
    review, primary = results.review, results.pooled["primary"]
    method, how = primary["tau2_method"], primary["interval"]
    logs = "as natural logarithms" if "ratio" in primary else "as they are"
    intervals = {
        "wald": ("the normal distribution", "DerSimonian and Laird 1986, Control Clin Trials 7:177"),
        "hksj": ("Knapp and Hartung's adjustment", "Knapp and Hartung 2003, Stat Med 22:2693"),
        "hksj_guarded": (
            "Knapp and Hartung's adjustment, never below Wald's",
            "Röver et al. 2015, BMC Med Res Methodol 15:99",
        ),
    }
    said = [
        Method(
            f"{NAMES[review.measure][0].upper()}{NAMES[review.measure][1:]}s of {review.outcome} were analysed {logs}.",
            "review.yaml: measure, outcome",
            "Deeks et al., Cochrane Handbook, chapter 10",
        ),
        Method(
            f"Standard errors were worked back from print, in this order of preference: "
            f"{', '.join(ROUTE_NAMES[route] for route in routes)}.",
            "config.yaml: routes",
            "Parmar et al. 1998, Stat Med 17:2815; Tierney et al. 2007, Trials 8:16; Altman and Bland 2011, "
            "BMJ 343:d2090",
        ),
        Method(
            f"The variance between studies was estimated by {ESTIMATOR_NAMES[method]} ({method}).",
            "config.yaml: tau2_method",
            "Viechtbauer 2005, J Educ Behav Stat 30:261",
        ),
        Method(
            f"{level(results)} confidence intervals use {intervals[how][0]}.",
            "config.yaml: interval, level",
            intervals[how][1],
        ),
        Method(
            "Intervals of tau² and I² are Q-profile intervals.",
            "config.yaml: level",
            "Viechtbauer 2007, Stat Med 26:37",
        ),
        Method(
            "Prediction intervals use Student's t, with two degrees of freedom fewer than studies beside a "
            "Wald interval and one fewer beside Knapp and Hartung's.",
            "config.yaml: interval, level",
            "Higgins et al. 2009, J R Stat Soc A 172:137; for k − 1, as metafor does, Viechtbauer 2010, "
            "J Stat Softw 36(3)",
        ),
    ]
    if results.regression["models"]:
        names = "; ".join(regression_name(model["name"]) for model in results.regression["models"])
        said.append(
            Method(
                f"Mixed-effects meta-regressions were fitted on {names}, with {INTERVAL_NAMES[how]} intervals.",
                "review.yaml: moderators",
                "Thompson and Higgins 2002, Stat Med 21:1559; Knapp and Hartung 2003, Stat Med 22:2693; for R², "
                "Raudenbush 2009, in The Handbook of Research Synthesis and Meta-Analysis",
            )
        )
        if "permutations" in results.regression["models"][0]:
            said.append(
                Method(
                    "Slopes were tested by permutation as well, tau² estimated anew in every order.",
                    "config.yaml: permutations, seed",
                    "Follmann and Proschan 1999, Biometrics 55:732; Higgins and Thompson 2004, Stat Med 23:1663",
                )
            )
    if results.subgroups["subgroups"]:
        said.append(_subgroups(results))
    if results.pooled["henmi_copas"] is not None:
        said.append(
            Method(
                "Henmi and Copas' interval stands beside the others, because it gives small studies less weight.",
                "config.yaml: level",
                "Henmi and Copas 2010, Stat Med 29:2969",
            )
        )
    said.append(
        Method(
            "Small-study effects were sought by Egger's regression, Begg and Mazumdar's rank test, PET and PEESE, the "
            "test of excess significance and fail-safe numbers; the power of Egger's test was simulated.",
            "config.yaml: tau2_method, interval, draws, seed",
            "Egger et al. 1997, BMJ 315:629; Begg and Mazumdar 1994, Biometrics 50:1088; Stanley and Doucouliagos "
            "2014, Res Synth Methods 5:60; Ioannidis and Trikalinos 2007, Clin Trials 4:245; Rosenthal 1979, Psychol "
            "Bull 86:638; Orwin 1983, J Educ Stat 8:157; Rosenberg 2005, Evolution 59:464",
        )
    )
    for study, declared in review.inverted.items():
        said.append(
            Method(
                f"The result of {study} runs the other way as printed and was inverted. {declared['reason']}",
                "review.yaml: inverted",
                declared["source"],
            )
        )
    for study, reason in review.left_out.items():
        said.append(Method(f"{study} was left out: {reason}.", "review.yaml: primary", "Cochrane Handbook, chapter 5"))
    for study, contrast in review.contrasts.items():
        said.append(
            Method(
                f"{study} prints several estimates; {contrast} stands for the study, so that no patient counts twice."
                + f" {review.reasons.get(study, '')}".rstrip(),
                "review.yaml: primary",
                "Cochrane Handbook, chapter 23",
            )
        )
    return said


def _subgroups(results: Results) -> Method:
    """Return how subgroups were pooled and compared, or why they were not compared."""
    found = results.subgroups
    names = listed([one["name"] for one in found["subgroups"]])
    test = "a meta-regression on the subgroup, with one tau² for all of them"
    compared = f"their difference was tested in {test}" if found["difference"] else "their difference was not tested"
    why = "" if found["difference"] else f": {found['reason']}"
    return Method(
        f"Subgroups by {found['column']} ({names}) were pooled each with a tau² of its own; {compared}{why}.",
        "review.yaml: subgroups",
        "Borenstein et al. 2009, Introduction to Meta-Analysis, chapter 19",
    )

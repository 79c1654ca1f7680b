"""What the page says of small studies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from reanalysis import formatting, wording
from reanalysis.measures import NAMES, to_print

Analysis = Mapping[str, Any]

# What Egger's test is called, with the errors that it takes.
FORMS = {"egger": "weighted least squares", "egger_mixed": "meta-regression with tau²"}

RULES = {"pet": "PET", "peese": "PEESE"}


def small_study(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the section shows.

    Parameters
    ----------
    found
        The content of `small_study.json`.
    """
    circular = [one["study"] for one in found["studies"] if one["circular"]]
    analyses = [found["all"]] + ([found["without_circular"]] if found["without_circular"] else [])
    headings = [formatting.plural(found["all"]["pooled"]["k"], "study", "studies")]
    headings += [f"{one['pooled']['k']} without SE from p" for one in analyses[1:]]
    measure = found["measure"]
    return {
        "headings": headings,
        "little": [sentence for one in analyses for sentence in _little(one, found["few"])],
        "circular": _circular(circular, found["reason"]),
        "signs": _signs(found["all"]),
        "undecided": _undecided(found),
        "tests": _rows(analyses, {f"Egger, {name}": _egger(form) for form, name in FORMS.items()} | {"Begg": _begg}),
        "estimates": _rows(
            analyses,
            {
                "Pooled, primary analysis": lambda one: wording.model_text(measure, one["pooled"]),
                "PET": lambda one: _limit(measure, one["pet_peese"]["pet"]),
                "PEESE": lambda one: _limit(measure, one["pet_peese"]["peese"]),
                "Taken by the rule": lambda one: RULES.get(one["pet_peese"]["taken"], formatting.NONE),
                "Limit of the meta-regression": lambda one: _limit(measure, one["egger_mixed"]),
                "Limit meta-analysis": lambda one: _adjusted(measure, one["limit_meta_analysis"]),
                "Trim and fill": lambda one: _filled(measure, one["trim_and_fill"]),
            }
            | {
                f"Selection model, step at p {model['step']:g}": partial(_selection, measure, place)
                for place, model in enumerate(found["all"]["selection"]["models"])
            },
        ),
        "power": _power(analyses),
        "reviews": formatting.count(found["all"]["egger_power"]["reviews"]),
        "alpha": formatting.number(found["all"]["egger_power"]["alpha"]),
        "counts": _rows(analyses, _counts(measure, rounded=any(map(_is_open, analyses)))),
        "fail_safe_alpha": formatting.number(found["all"]["fail_safe"]["alpha"]),
        "orwin_target": formatting.number(to_print(measure, found["all"]["fail_safe"]["orwin"]["target"])),
        "rule": formatting.number(found["all"]["pet_peese"]["alpha"]),
    }


def _rows(analyses: Sequence[Analysis], shown: Mapping[str, Callable[[Analysis], str]]) -> list[dict[str, Any]]:
    """Return a row for each name, with what it shows of each analysis."""
    return [{"name": name, "cells": [show(one) for one in analyses]} for name, show in shown.items()]


def _selection(measure: str, place: int, analysis: Analysis) -> str:
    return _selected(measure, analysis["selection"]["models"][place])


def _little(analysis: Analysis, few: int) -> list[str]:
    """Return how little tests can show with these studies; the power alone where they are not few."""
    k, power = analysis["pooled"]["k"], analysis["egger_power"]
    counted = formatting.plural(k, "study", "studies")
    too_few = (
        f"With fewer than {few} studies, tests of asymmetry should not be used to conclude anything, and "
        f"{counted} {'is' if k == 1 else 'are'} fewer."
        if k < few
        else ""
    )
    if power["reason"]:
        return [one for one in (too_few, f"Egger’s test cannot be made of {counted}: {power['reason']}.") if one]
    wrong, noticed = (_either(bias) for bias in power["biases"][:2])
    said = (
        f"With {counted} of these standard errors, if every effect were biased by one of its own standard errors, "
        f"Egger’s test would notice in {noticed}; without bias it would alarm in {wrong}."
    )
    return [f"{too_few} {said}".strip()]


def _either(bias: Mapping[str, Any]) -> str:
    return " or ".join(f"{_share(bias[form])} ({name})" for form, name in FORMS.items()) + " of reviews"


def _share(one: Mapping[str, float]) -> str:
    return formatting.percent(100 * one["power"], 0)


def _circular(studies: Sequence[str], reason: str) -> str:
    """Return which studies stand where their own significance puts them, and what follows."""
    if not studies:
        return "No standard error is worked back from a p value."
    again = "so there is nothing to do again without them" if reason else "so everything is done again without them"
    return (
        f"{' and '.join(studies)}: the standard error is worked back from a p value (hollow in the funnel plot). Where "
        f"such a study stands follows from its own significance, {again}."
    )


def _undecided(found: Mapping[str, Any]) -> str:
    """Return which studies the rounding of print leaves significant or not; empty where there is none."""
    open_ = [one["study"] for one in found["studies"] if one["significant"] == "undecided"]
    if not open_:
        return ""
    alpha = formatting.number(found["all"]["excess_significance"]["alpha"])
    one = found["all"]["excess_significance"]["common"]
    return (
        f"Of the studies, {between(one['observed_least'], one['observed_most'])} have p below {alpha}, as the rounding "
        f"of print has it: the digits of {formatting.listed(open_)} allow both. The first number below goes by effects "
        "and recomputed standard errors, as the powers do."
    )


def _signs(analysis: Analysis) -> str:
    """Return that the two forms of Egger’s test lean to different sides, where they do."""
    slopes = [analysis[form]["slope"]["estimate"] for form in FORMS]
    if None in slopes or slopes[0] * slopes[1] >= 0:
        return ""
    return (
        "The two forms of Egger’s test lean to different sides: they weight the studies differently, and what they see "
        "depends on that more than on the small studies."
    )


def _egger(form: str) -> Callable[[Analysis], str]:
    def show(analysis: Analysis) -> str:
        found = analysis[form]
        if found["reason"]:
            return str(found["reason"])
        slope = found["slope"]
        letter = "z" if slope["df"] is None else f"t({formatting.number(slope['df'], 0)})"
        limits = formatting.interval(slope["ci_low"], slope["ci_high"])
        return (
            f"slope {formatting.number(slope['estimate'])} ({limits}), {letter} = {formatting.number(slope['stat'])}, "
            f"{formatting.p_phrase(slope['p'])}"
        )

    return show


def _begg(analysis: Analysis) -> str:
    found = analysis["begg"]
    if found["reason"]:
        return str(found["reason"])
    exact = ", exact" if found["exact"] else ""
    return f"Kendall’s tau {formatting.number(found['tau'])}, {formatting.p_phrase(found['p'])}{exact}"


def _limit(measure: str, found: Mapping[str, Any]) -> str:
    return str(found["reason"]) or wording.model_text(measure, found["limit"])


def _adjusted(measure: str, found: Mapping[str, Any]) -> str:
    return str(found["reason"]) or wording.model_text(measure, found)


def _filled(measure: str, found: Mapping[str, Any]) -> str:
    if found["reason"]:
        return str(found["reason"])
    return f"{wording.model_text(measure, found)}, {formatting.plural(found['k0'], 'study', 'studies')} added"


def _selected(measure: str, found: Mapping[str, Any]) -> str:
    if found["reason"]:
        return str(found["reason"])
    return f"{wording.model_text(measure, found)}, no selection {formatting.p_phrase(found['lrt_p'])}"


def _power(analyses: Sequence[Analysis]) -> list[dict[str, Any]]:
    """Return how often each form notices each bias, of each analysis; nothing where there is no test."""
    biases = [one["bias"] for one in analyses[0]["egger_power"]["biases"]]
    return [
        {
            "name": f"{formatting.number(bias, 0)}, {name}",
            "cells": [
                _share(one["egger_power"]["biases"][place][form]) if one["egger_power"]["biases"] else formatting.NONE
                for one in analyses
            ],
        }
        for place, bias in enumerate(biases)
        for form, name in FORMS.items()
    ]


def _counts(measure: str, *, rounded: bool) -> dict[str, Callable[[Analysis], str]]:
    """Return the names of fail-safe numbers and of the tests of excess significance, with what they show.

    Parameters
    ----------
    rounded
        Whether print allows other counts of significant studies, which are then shown as well.
    """
    fail_safe = {
        "Fail-safe number of Rosenthal": "rosenthal",
        f"Fail-safe number of Orwin, unweighted {NAMES[measure]}": "orwin",
        f"Fail-safe number of Orwin, weighted {NAMES[measure]}": "orwin_weighted",
        "Fail-safe number of Rosenberg": "rosenberg",
    }
    shown = {name: _number(key) for name, key in fail_safe.items()}
    for name, key in (("common effect", "common"), ("with tau²", "random")):
        shown[f"Significant studies, {name}"] = _excess(key)
        if rounded:
            shown[f"The same as rounding has it, {name}"] = _open(key)
    return shown


def _number(key: str) -> Callable[[Analysis], str]:
    return lambda analysis: formatting.count(analysis["fail_safe"][key]["number"])


def _excess(key: str) -> Callable[[Analysis], str]:
    def show(analysis: Analysis) -> str:
        found = analysis["excess_significance"][key]
        expected = formatting.number(found["expected"], 1)
        return f"{found['observed']}, expected {expected}, {formatting.p_phrase(found['p_exact'])}"

    return show


def _open(key: str) -> Callable[[Analysis], str]:
    """Return how the counts are shown that print allows, with the p value of each."""

    def show(analysis: Analysis) -> str:
        found = analysis["excess_significance"][key]
        least, most = found["observed_least"], found["observed_most"]
        if least == most:
            return f"{least}, {formatting.p_phrase(found['p_exact_least'])}"
        return (
            f"{between(least, most)}, {formatting.p_phrase(found['p_exact_least'])} to "
            f"{formatting.p_value(found['p_exact_most'])}"
        )

    return show


def _is_open(analysis: Analysis) -> bool:
    """Whether print allows another count of significant studies than effects and standard errors give."""
    found = analysis["excess_significance"]["common"]
    return {found["observed_least"], found["observed_most"]} != {found["observed"]}


def between(least: int, most: int) -> str:
    """Return a count that rounding leaves open."""
    return f"{least} {'or' if most == least + 1 else 'to'} {most}"

"""What the page says of confounding, selection and early effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis import formatting, wording
from reanalysis.companion_narrative import companion_pool, randomised
from reanalysis.measures import NAMES

# Behind the name of a study whose limit print does not have.
RECOMPUTED = wording.DAGGER

UNDECIDED = "undecided"

# The bias factors whose rows the page shows; the figure and the file have all.
SHOWN = (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.75, 2.0, 2.5, 3.0)


# Where chance alone decided on treatment, nothing of the kind is left to explain away.
BY_CHANCE = (
    "Every study pooled is declared randomised: confounding at allocation is none, so that there is nothing for an "
    "E-value or a bias factor to explain away. What may bias a trial after allocation (crossing over, losses, "
    "treatment that differs otherwise) is not judged here."
)


def confounding(found: Mapping[str, Any], elsewhere: Mapping[str, Any], designs: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the section shows.

    Parameters
    ----------
    found, elsewhere
        The content of `confounding.json`, and of `elsewhere.json` for the companion.
    designs
        The declared design of each study in the pool, empty where none is.
    """
    if randomised(designs):
        return {"by_chance": BY_CHANCE, "time_split": _time_split(found)}
    return {
        "by_chance": "",
        "e_values": _e_values(found),
        "strong": _strong(found),
        "between": _between(elsewhere),
        "time_split": _time_split(found),
        "draws": formatting.count(found["draws"]),
    }


def _e_values(found: Mapping[str, Any]) -> dict[str, Any]:
    part = found["e_values"]
    if part["reason"]:
        return {"reason": f"{formatting.capitalised(part['reason'])}.", "said": "", "columns": [], "rows": []}
    measure, studies = found["measure"], part["studies"]
    names = [
        f"The pooled {NAMES[measure]}, to move it to {formatting.number(one['reference'])}" for one in part["pooled"]
    ]
    rows = [
        {"name": name, "cells": _cells(one["readings"]), "pooled": True}
        for name, one in zip(names, part["pooled"], strict=True)
    ]
    rows += [{"name": _named(one), "cells": _cells(one["readings"]), "pooled": False} for one in studies]
    first = part["pooled"][0]["readings"]
    columns = [_called(measure, one["reading"]) for one in first]
    values = " or ".join(
        f"{formatting.number(one['estimate'])}{_in_brackets(called)}"
        for one, called in zip(first, columns, strict=True)
    )
    said = (
        "To explain the pooled effect away, an unmeasured confounder would have to be tied to both treatment and "
        f"outcome by a risk ratio of {values} above what the studies adjusted for; weaker confounding could not."
    )
    if all(one["limit"] == 1 for one in first):
        # The interval holds the reference, whatever the estimate's own E-value.
        said = (
            "The pooled interval holds no effect: the E-value of its limit is one, and no confounding is needed to "
            f"explain the pool. To move the estimate itself there takes a risk ratio of {values} with both treatment "
            "and outcome."
        )
    return {"reason": "", "said": said, "columns": columns, "rows": rows, "limits": _limits(studies)}


def _called(measure: str, reading: str) -> str:
    """Return what a reading is called; nothing of a risk ratio, which is what it is."""
    return "" if measure == "RR" else wording.READINGS[reading]


def _in_brackets(called: str) -> str:
    return f" ({called})" if called else ""


def _named(study: Mapping[str, Any]) -> str:
    return f"{study['study']}{RECOMPUTED if study['limits'] == 'recomputed' else ''}"


def _limits(studies: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return where the limits of the studies come from, and which of them rounding leaves open."""
    kinds = {one["limits"] for one in studies}
    said = ["Limits of studies are those that print has."] if "printed" in kinds else []
    if "recomputed" in kinds:
        said.append(f"{RECOMPUTED} The limit is recomputed from the standard error.")
    open_ = [one["study"] for one in studies if one["excludes_none"] == UNDECIDED]
    if open_:
        said.append(f"Whether the interval of {formatting.listed(open_)} reaches no effect is left open by rounding.")
    return said


def _cells(readings: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{formatting.number(one['estimate'])} ({formatting.number(one['limit'])})" for one in readings]


def _strong(found: Mapping[str, Any]) -> dict[str, Any]:
    part, measure = found["strong_effects"], found["measure"]
    threshold = f"{part['side']} {formatting.number(part['threshold'])}"
    few = formatting.percent(100 * part["share"], 0)
    empty = {"threshold": threshold, "few": few, "rows": [], "least": [], "reading": ""}
    if part["reason"]:
        return {"said": f"{formatting.capitalised(part['reason'])}.", **empty}
    leading, *others = part["readings"]
    called = _called(measure, leading["reading"])
    if leading["reason"]:
        told = formatting.capitalised(leading["reason"])
        values = " or ".join(
            f"{formatting.number(one['fallback']['bias_factor'])}, which takes confounding of "
            f"{formatting.number(one['fallback']['e_value'])}{_in_brackets(_called(measure, one['reading']))}"
            for one in part["readings"]
            if one["fallback"] is not None
        )
        return {"said": f"{told}: a bias factor of {values}." if values else f"{told}.", **empty}
    curve = {one["bias_factor"]: one for one in leading["curve"]}
    rows = [
        {
            "factor": formatting.number(curve[factor]["bias_factor"]),
            "cells": [_share(curve[factor][name]) for name in ("parametric", "varying", "calibrated")],
        }
        for factor in SHOWN
        if factor in curve
    ]
    names = {"parametric": "normal model", "calibrated": "counted"}
    least = [
        {
            "name": ", ".join(filter(None, (name, _called(measure, one["reading"])))),
            "cells": [_bounded(one[key][quantity]) for quantity in ("bias_factor", "confounding")],
        }
        for one in part["readings"]
        if not one["reason"]
        for key, name in names.items()
    ]
    bias = leading["parametric"]["bias_factor"]["estimate"]
    rare = "".join(
        f"; {_called(measure, one['reading'])}, of {formatting.number(one['parametric']['bias_factor']['estimate'])}"
        for one in others
        if not one["reason"]
    )
    said = (
        f"Without bias {formatting.percent(100 * leading['curve'][0]['parametric']['estimate'], 0)} of true "
        f"{NAMES[measure]}s lie {threshold}. A bias factor of {formatting.number(bias)} in every study would "
        f"leave {few} of them there{rare}.{_conversion(measure)}"
    )
    return {"said": said, "threshold": threshold, "few": few, "rows": rows, "least": least, "reading": called}


def _conversion(measure: str) -> str:
    """Return that bias acts on risk ratios, which the measure is not where the outcome is common."""
    if measure not in ("HR", "OR"):
        return ""
    return (
        f" Bias multiplies risk ratios. Where the outcome is common, the {NAMES[measure]} is turned into one first; "
        "where it is rare, it is one."
    )


def _share(one: Mapping[str, Any]) -> str:
    if one["estimate"] is None:
        return formatting.NONE
    if one["ci_low"] == one["ci_high"]:
        # An interval without length is none: no resample differs.
        return f"{formatting.percent(100 * one['estimate'], 0)} ({formatting.NONE})"
    low, high = (None if one[name] is None else 100 * one[name] for name in ("ci_low", "ci_high"))
    return f"{formatting.percent(100 * one['estimate'], 0)} ({formatting.percent_interval(low, high, 0)})"


def _bounded(one: Mapping[str, Any]) -> str:
    return f"{formatting.number(one['estimate'])} ({formatting.interval(one['ci_low'], one['ci_high'])})"


def _between(elsewhere: Mapping[str, Any]) -> str:
    """Return what confounding would take this pool to the companion's; nothing where the two are not compared so."""
    companion, one = elsewhere["companion"], elsewhere["comparison"]
    if companion is None or not one["bias"]:
        return ""
    measure = elsewhere["measure"]
    leading, *others = one["bias"]
    first = (
        f"{formatting.number(leading['bias_factor'])} takes a confounder that is tied to both treatment and outcome by "
        f"a risk ratio of {formatting.number(leading['confounding']['estimate'])} or more above what the studies "
        f"adjusted for, of {formatting.number(leading['confounding']['limit'])} at the limit nearer to none"
    )
    rare = [
        f"{_called(measure, other['reading'])}, the factor is {formatting.number(other['bias_factor'])} and the "
        f"confounder’s risk ratio {formatting.number(other['confounding']['estimate'])}, "
        f"{formatting.number(other['confounding']['limit'])} at that limit"
        for other in others
    ]
    called = _called(measure, leading["reading"])
    return (
        f"To agree with {companion_pool(companion)}, this one would have to be multiplied by "
        f"{_between_text(measure, one)}. As risk ratios{_in_brackets(called)}, a bias factor of "
        f"{'; '.join([first, *rare])}."
    )


def _between_text(measure: str, part: Mapping[str, Any]) -> str:
    return wording.effect_text(measure, part["estimate"], part["ci_low"], part["ci_high"])


def _time_split(found: Mapping[str, Any]) -> list[str]:
    """Return the sentences on one study's early and later effect; none where there is nothing to compare."""
    part = found["time_split"]
    if part["reason"]:
        return []
    return [_apart(found["measure"], part), _immortal(part), *_later(found["measure"], part)]


def _apart(measure: str, part: Mapping[str, Any]) -> str:
    apart = part["difference"]
    return (
        f"{part['study']} prints {part['early']['printed']} for the first {part['window']:g} {part['unit']} and "
        f"{part['late']['printed']} after them: the ratio of the two is {_between_text(measure, apart)} "
        f"(z = {formatting.number(apart['stat'])}, {formatting.p_phrase(apart['p'])})."
    )


def _immortal(part: Mapping[str, Any]) -> str:
    dead = part["immortal_time"]
    limits = formatting.interval(dead["from_late_ci_low"], dead["from_late_ci_high"], 1)
    return (
        "If nothing but immortal time made the early ratio, patients would have been treated "
        f"{formatting.number(dead['from_late'], 1)} {part['unit']} after the start on average ({limits}) where "
        f"treatment has its later effect throughout, {formatting.number(dead['from_none'], 1)} where it has none: "
        "by one less early / true, times the window, for a hazard that is constant over it."
    )


def _later(measure: str, part: Mapping[str, Any]) -> list[str]:
    later = part["later_pool"]
    if later is None:
        return []
    share = formatting.percent(100 * later["share_of_effect"], 0)
    said = (
        f"If in every study the later effect were the same part of the overall one as here ({share} of the logarithm), "
        f"and its standard error {formatting.number(later['multiple_of_se'])} times, as if that share were known and "
        f"tau² estimated again, the pool would be {wording.model_text(measure, later)}. That all studies share this "
        "early excess is assumed, not shown."
    )
    return [said]

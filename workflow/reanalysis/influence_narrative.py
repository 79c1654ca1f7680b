"""The prose of influence: what leaving studies out, adding them one by one, and every subset of them say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis.formatting import count, listed, number, percent
from reanalysis.measures import NAMES, null_value, to_analysis, to_print
from reanalysis.results import Results
from reanalysis.traced import derived, size
from reanalysis.wording import on_print

# What a cumulative analysis is in the order of, and what those left out lack.
ORDERS = {
    "start": ("first year of inclusion", "no year of inclusion is printed"),
    "year": ("year of publication", "year of publication neither printed nor declared"),
}

# More names than this are counted, not said.
MOST_NAMES = 4

ONE_STUDY = "There is one study only: without it there is nothing."
NO_YEARS = "No two studies in the analysis have a year of inclusion or of publication."
NO_SUBSETS = "Fewer than three studies have no subset of two or more but the whole."


def named_or_counted(names: Sequence[str]) -> str:
    """Return names as a list in words; a number of studies where they are many."""
    if len(names) > MOST_NAMES:
        return f"{count(len(names))} studies"
    return listed(names)


def cumulative_shown(results: Results) -> list[Mapping[str, Any]]:
    """Return the cumulative analyses that grow: those of two studies or more."""
    return [one for one in results.influence["cumulative"] if len(one["steps"]) > 1]


def cumulative_said(results: Results) -> list[str]:
    """Return one sentence or more of each cumulative analysis, or why there is none."""
    shown = cumulative_shown(results)
    return [_grown(results, one) for one in shown] or [NO_YEARS]


def _grown(results: Results, one: Mapping[str, Any]) -> str:
    measure, steps = results.review.measure, one["steps"]
    name, missing = ORDERS[one["by"]]
    first, last = (number(on_print(measure, step, "estimate")) for step in (steps[0], steps[-1]))
    without = f" (without {named_or_counted(one['left_out'])}: {missing})" if one["left_out"] else ""
    moved = (
        f"In the order of the {name}{without}, the {NAMES[measure]} is {first} after {steps[0]['study']} "
        f"({steps[0]['year']:.0f}) and {last} after all {count(size(steps))}"
    )
    null = to_analysis(measure, null_value(measure))
    settled = len(steps)
    while settled and not steps[settled - 1]["ci_low"] <= null <= steps[settled - 1]["ci_high"]:
        settled -= 1
    interval = f"{100 * results.influence['level']:g}% interval"
    if settled == len(steps):
        return f"{moved}; its {interval} then includes no difference."
    if settled == 0:
        return f"{moved}; its {interval} excludes no difference at every step."
    year = steps[settled]["year"]
    return (
        f"{moved}; its {interval} excludes no difference from the {_ordinal(derived(settled + 1, steps))} study on, "
        f"{steps[settled]['study']} ({year:.0f})."
    )


def _ordinal(place: int) -> str:
    ending = "th" if int(place) % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(int(place) % 10, "th")
    return f"{place}{ending}"


def subsets_said(results: Results) -> list[str]:
    """Return what the subsets of the studies say, or why they say nothing."""
    content, measure = results.subsets, results.review.measure
    cloud, overall = content["cloud"], content["overall"]
    if len(content["studies"]) < 3 or cloud is None:  # noqa: PLR2004 (two have one subset of two)
        return [NO_SUBSETS]
    which = (
        f"Of all {count(overall['subsets'])} subsets of two studies or more"
        if content["complete"]
        else f"Of {count(overall['subsets'])} subsets of {count(size(content['studies']))} studies, drawn at random"
    )
    ends = [
        f"{number(to_print(measure, overall[end]['estimate']))} ({named_or_counted(overall[end]['studies'])})"
        for end in ("minimum", "maximum")
    ]
    level = f"{100 * content['level']:g}%"
    share = {0: "none has", 100: "all have"}.get(overall["excludes"], f"{percent(overall['excludes'])} have")
    said = (
        f"{which}, {share} a {level} interval that excludes no difference; "
        f"the {NAMES[measure]} lies between {ends[0]} and {ends[1]}."
    )
    return [said, *_always(content), _moved(content)]


def _always(content: Mapping[str, Any]) -> list[str]:
    """Return from which number of studies on every subset leaves out no difference; nothing where none does."""
    sizes = content["by_size"]
    smallest = len(sizes)
    while smallest and sizes[smallest - 1]["excludes"] == 100:  # noqa: PLR2004 (percent)
        smallest -= 1
    if not content["complete"] or len(sizes) - smallest < 2 or smallest == 0:  # noqa: PLR2004 (more than the whole)
        return []
    return [f"The interval of every subset of {count(sizes[smallest]['k'])} studies or more excludes no difference."]


def _moved(content: Mapping[str, Any]) -> str:
    study = content["cloud"]["study"]
    one = next(one for one in content["by_study"] if one["study"] == study)
    inside, outside = (percent(one[name]["i2_median"]) for name in ("with", "without"))
    if inside == outside:
        return f"No study moves the median I\N{SUPERSCRIPT TWO} of the subsets: it is {inside} whoever is in."
    return (
        f"{study} moves I\N{SUPERSCRIPT TWO} most: its median is {inside} in subsets with it and {outside} in those "
        "without."
    )

"""What the bubble plots of the meta-regressions show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reanalysis import narrative
from reanalysis.figures.bubble import Bubble, Line, Point, bubble
from reanalysis.formatting import p_phrase, percent, significant
from reanalysis.measures import is_ratio
from reanalysis.results import Results
from reanalysis.views.shown import MOST_NAMED, Shown, effect_scale, hollow, named, none_shown, unnamed
from reanalysis.views.study_data import bubble_data
from reanalysis.wording import MODERATOR_NAMES, regression_kind, step_text, study_label


def bubble_view(results: Results) -> list[Bubble]:
    """Return what each panel of the bubble plot shows: one a meta-regression on a single numeric moderator."""
    return [_bubble(results, model) for model in results.regression["models"] if model["curve"]]


def _bubble(results: Results, model: dict[str, Any]) -> Bubble:
    measure, name = results.review.measure, model["name"]
    by_study = {one.study: one for one in results.included}
    told = _named(
        model, {study: (float(one.extra[name]), one.yi or 0.0) for study, one in by_study.items() if one.extra[name]}
    )
    points = []
    for point in model["points"]:
        one = by_study[point["study"]]
        study = results.study(one.row)
        recruited = study.start is not None and study.end is not None and name in ("start", "mid", "end")
        points.append(
            Point(
                label=named(study_label(study), one.row) if point["study"] in told else "",
                x=float(one.extra[name]),
                y=one.yi or 0.0,
                weight=point["weight"],
                bar=(study.start or 0.0, study.end or 0.0) if recruited else None,
                hollow=one.route == "p",
            )
        )
    slope = model["coefficients"][1]
    r2 = "" if model["r2"] is None else f"; R\N{SUPERSCRIPT TWO} {percent(model['r2'], 0)}"
    permuted = slope.get("permutation_p")
    by = "" if permuted is None else f"; by permutation {p_phrase(permuted)}"
    return Bubble(
        title=MODERATOR_NAMES.get(name, name),
        caption=[
            f"{'Ratio' if is_ratio(measure) else 'Change'} {slope['step_name']}: {step_text(slope)}",
            f"{p_phrase(slope['p'])}{by}",
            f"k = {model['k']}; residual tau\N{SUPERSCRIPT TWO} {significant(model['tau2'], 2)}{r2}",
        ],
        points=points,
        curve=[Line(**one) for one in model["curve"]],
        log_n=name == "log_n",
        scale=effect_scale(results),
    )


def _named(model: dict[str, Any], places: dict[str, tuple[float, float]]) -> set[str]:
    """Return the studies that are named: of many, those outside the band of prediction, then the heaviest."""
    weights = {point["study"]: point["weight"] for point in model["points"]}

    def outside(study: str) -> bool:
        x, y = places[study]
        line = min(model["curve"], key=lambda one: abs(one["x"] - x))
        low, high = line["prediction_low"], line["prediction_high"]
        return low is not None and not low <= y <= high

    return set(sorted(weights, key=lambda study: (not outside(study), -weights[study], study))[:MOST_NAMED])


def show_bubble(results: Results) -> Shown:
    """Draw the bubble plots of the meta-regressions on the inclusion period."""
    return _show(results, "period", "Bubble plots of effects over time")


def show_bubble_size(results: Results) -> Shown:
    """Draw the bubble plot of the meta-regression on the size of studies."""
    return _show(results, "size", "Bubble plot of effects by the size of studies")


def show_bubble_others(results: Results) -> Shown:
    """Draw the bubble plots of all other meta-regressions."""
    return _show(results, "other", "Bubble plots of effects by other moderators")


def _show(results: Results, kind: str, title: str) -> Shown:
    models = [one for one in results.regression["models"] if regression_kind(one["name"]) == kind]
    results = replace(results, regression=results.regression | {"models": models})
    panels = bubble_view(results)
    if not panels:
        return none_shown(title, "the review asks for no such regression on one numeric moderator.")
    figure, breaks = bubble(panels)
    some = (
        f" Where there are more than {MOST_NAMED} studies, those outside the prediction band and the heaviest are "
        "named."
        if any(len(panel.points) > MOST_NAMED for panel in panels)
        else ""
    )
    return Shown(
        figure,
        title=title,
        caption="One panel a meta-regression on one numeric moderator. The area of a bubble is in proportion to its "
        f"weight{hollow(results, '; hollow ones have a standard error worked back from a p value')}. The lines are the "
        "fitted one, its confidence band (broken) and the prediction band (dotted)."
        + (
            " A bar through a bubble is the period of inclusion."
            if any(p.bar for one in panels for p in one.points)
            else ""
        )
        + some
        + unnamed(results, " Names in letters that the figure cannot show are given as rows of the table."),
        description=" ".join(narrative.regression_summary(results)),
        of=("effects", "studies", "regression"),
        breaks=breaks,
        data=bubble_data(results),
    )

"""What the bubble plots of the meta-regressions show."""

from __future__ import annotations

from typing import Any

from reanalysis import narrative
from reanalysis.figures.bubble import Bubble, Line, Point, bubble
from reanalysis.formatting import p_phrase, percent, significant
from reanalysis.measures import is_ratio
from reanalysis.results import Results
from reanalysis.views.shown import MOST_NAMED, Shown, effect_scale, hollow, named, unnamed
from reanalysis.wording import MODERATOR_NAMES, step_text, study_label


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
    """Draw the bubble plots of the meta-regressions."""
    panels = bubble_view(results)
    figure, breaks = bubble(panels)
    some = (
        f" Where there are more than {MOST_NAMED} studies, those outside the prediction band and the heaviest are "
        "named."
        if any(len(panel.points) > MOST_NAMED for panel in panels)
        else ""
    )
    return Shown(
        figure,
        title="Bubble plots of the meta-regressions",
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
        description=" ".join(narrative.regression_summary(results)) or "No meta-regression was asked for.",
        of=("effects", "studies", "regression"),
        breaks=breaks,
    )

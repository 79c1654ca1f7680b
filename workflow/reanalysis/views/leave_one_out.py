"""What the figure of every result without each study shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from reanalysis.figures.leave_one_out import LeaveOneOut, Panel, leave_one_out
from reanalysis.figures.rows import MOST_ROWS, Mark
from reanalysis.figures.scale import Scale
from reanalysis.formatting import percent, plural
from reanalysis.influence_narrative import ONE_STUDY
from reanalysis.measures import NAMES, is_ratio, to_analysis, to_print
from reanalysis.results import Results
from reanalysis.views.result_data import leave_one_out_data
from reanalysis.views.shown import Shown, effect_scale, none_shown
from reanalysis.wording import model_text, study_label

SQUARED = "I\N{SUPERSCRIPT TWO}"

# What moderators are called where there is room for two words.
SHORT = {
    "start": "first year",
    "mid": "middle year",
    "end": "last year",
    "duration": "length of period",
    "year": "publication",
    "log_n": "patients",
}


def leave_one_out_view(results: Results) -> LeaveOneOut:
    """Return what the figure shows: the studies that move the estimate most, in the order of the estimate without."""
    found, primary = results.influence["pooled"]["studies"], results.pooled["primary"]
    most = sorted(range(len(found)), key=lambda one: -abs(found[one]["estimate"] - primary["estimate"]))[:MOST_ROWS]
    order = sorted(most, key=lambda one: (found[one]["estimate"], one))
    rows = [found[one] for one in order]
    labels = [study_label(results.study(effect.row)) for effect in results.included]
    level, scale = f"{100 * results.influence['level']:g}%", effect_scale(results)
    panels = [
        Panel(
            f"{results.review.measure} ({level} CI)",
            _effect(primary),
            [_effect(one) for one in rows],
            scale,
            scale.null,
            share=1.4,
        ),
        Panel(f"{level} prediction interval", _ahead(primary), [_ahead(one) for one in rows], scale, scale.null),
        Panel(
            f"{SQUARED} (%)",
            Mark(primary["i2"]),
            [Mark(one["i2"]) for one in rows],
            scale,
            ends=(-3.0, 103.0),
            at=(0, 50, 100),
        ),
    ]
    panels += _slopes(results, [one["study"] for one in rows])
    # Below four studies there is no prediction interval without one, and no slope; of a common effect there is none.
    shown = [one for one in panels if any(mark.known for mark in one.marks if mark is not None)]
    lost = [one.title for one in panels if one not in shown and one.whole.known]
    left = len(found) - len(order)
    return LeaveOneOut(
        heading="Study left out",
        names=[(labels[one], bool(found[one]["influential"])) for one in order],
        whole_name=f"None (all {len(found)})",
        panels=shown,
        notes=[
            *([f"{plural(left, 'study moves', 'studies move')} the pooled estimate less: not drawn."] if left else []),
            *([f"Too few studies are left for: {'; '.join(lost)}."] if lost else []),
        ],
    )


def _effect(one: Mapping[str, Any]) -> Mark:
    return Mark(one["estimate"], one["ci_low"], one["ci_high"])


def _ahead(one: Mapping[str, Any]) -> Mark:
    return Mark(None, one["prediction_low"], one["prediction_high"])


def _slopes(results: Results, studies: Sequence[str]) -> list[Panel]:
    """Return a panel a meta-regression on a single moderator, for the step that a reader thinks in."""
    measure, fitted = results.review.measure, {one["name"]: one for one in results.regression["models"]}
    scale = Scale(
        "", "", is_ratio(measure), 0.0, to_print=partial(to_print, measure), to_analysis=partial(to_analysis, measure)
    )
    panels = []
    for model in results.influence["regressions"]:
        if len(model["slopes"]) != 1:
            continue
        slope = fitted[model["name"]]["coefficients"][1]
        without = {one["study"]: one["slopes"][0] for one in model["studies"]}
        marks = [_slope(without[one], slope["step"]) if one in without else None for one in studies]
        panels.append(Panel(_slope_title(measure, slope), _slope(slope, slope["step"]), marks, scale, 0.0))
    return panels


def _slope(one: Mapping[str, Any], step: float) -> Mark:
    value, low, high = (None if one[name] is None else step * one[name] for name in ("estimate", "ci_low", "ci_high"))
    return Mark(value, low, high, hollow=bool(one.get("sign_changed")))


def _slope_title(measure: str, slope: Mapping[str, Any]) -> str:
    kind, term = "Ratio" if is_ratio(measure) else "Change", slope["term"]
    if slope["step_name"].startswith("instead of"):
        return f"{kind}, {term} {slope['step_name']}"
    return f"{kind} {slope['step_name']}, {SHORT.get(term, term)}"


def show_leave_one_out(results: Results) -> Shown:
    """Draw the results without each study."""
    title = "Every result without each study"
    if not results.influence["pooled"]["studies"]:
        return none_shown(title, ONE_STUDY)
    view, measure = leave_one_out_view(results), results.review.measure
    primary, found = results.pooled["primary"], results.influence["pooled"]["studies"]
    ends = [min(found, key=lambda one: one["estimate"]), max(found, key=lambda one: one["estimate"])]
    told = "; ".join(
        f"without {one['study']} {model_text(measure, one)}, {SQUARED} {percent(one['i2'])}"
        for one in (ends if ends[0] is not ends[1] else ends[:1])
    )
    hollow = any(mark.hollow for panel in view.panels for mark in panel.marks if mark is not None)
    bold = any(influential for _, influential in view.names)
    slopes = " Ratios and changes: the slope of each meta-regression on one moderator." if _slopes(results, []) else ""
    return Shown(
        leave_one_out(view),
        title=title,
        caption="Dots with their intervals, in the order of the pooled estimate; the full analysis is the last row and "
        f"the broken line through each panel.{slopes}"
        f"{' Names in bold: studies marked as influential in the table.' * bold}"
        f"{' Rings: the slope has the other sign than with all studies.' * hollow}",
        description=f"{NAMES[measure].capitalize()} with all studies {model_text(measure, primary)}, {SQUARED} "
        f"{percent(primary['i2'])}. Lowest and highest: {told}. The tables give every number.",
        data=leave_one_out_data(view),
    )

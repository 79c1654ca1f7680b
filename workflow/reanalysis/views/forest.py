"""What the forest plot shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reanalysis.figures import style
from reanalysis.figures.forest import forest
from reanalysis.figures.forest_layout import Column, Forest, Group, Line, Summary
from reanalysis.formatting import interval, number, p_phrase, percent, percent_interval, plural
from reanalysis.measures import NAMES, to_print
from reanalysis.misprints import row_marks
from reanalysis.records import Effect
from reanalysis.results import Results
from reanalysis.routes import WAYS
from reanalysis.subgroup_narrative import difference
from reanalysis.views.shown import Shown, effect_scale, envelope, hollow, limits, named, unnamed
from reanalysis.views.study_data import forest_data
from reanalysis.wording import (
    DAGGER,
    DOUBLE_DAGGER,
    INTERVAL_NAMES,
    ONE_OF_SEVERAL,
    SECTION,
    arms,
    effect_label,
    effect_text,
    on_print,
    period,
    printed_estimate,
)

# What the mark of a row with an error means.
IMPOSSIBLE = "A check found an error: the row cannot be right as printed, and its numbers stand as printed."

# Below this many studies there is no spread between them to tell.
SPREAD_STUDIES = 2


def forest_view(results: Results) -> Forest:
    """Return what the forest plot shows."""
    review, primary = results.review, results.pooled["primary"]
    weights = results.weights_printed
    level = f"{100 * review.level:g}% CI"
    # In a narrow figure columns leave in this order: where the standard error is from, when, how many in each group,
    # how many, and last the weight, which the squares show.
    shown: list[tuple[Column, Callable[[Effect], str]]] = [
        (Column(("Study",)), lambda e: _name(results, e)),
        (Column(("Inclusion",), dropped=2), lambda e: period(results.study(e.row))),
        (Column(("Patients",), dropped=4), lambda e: _counted(results.study(e.row).n)),
        (Column(("Treated/", "control"), dropped=3), lambda e: arms(results.study(e.row))),
        (Column(("SE from",), dropped=1), lambda e: WAYS[e.route].short),
        (Column(("Weight",), after=True, dropped=5), lambda e: weights[e.row]),
        (
            Column((f"{review.measure} ({level})", "as printed"), after=True),
            lambda e: printed_estimate(results.estimate(e)),
        ),
    ]
    kept = [(column, make) for column, make in shown if any(make(one) for one in results.included)]
    lines = {
        one.row: Line(
            cells=tuple(make(one) for _, make in kept),
            estimate=one.yi or 0.0,
            low=limits(one, results.pooled["level"])[0],
            high=limits(one, results.pooled["level"])[1],
            envelope=envelope(results, one),
            weight=results.weights[one.row],
            hollow=one.route == "p",
        )
        for one in results.included
    }
    return Forest(
        columns=[column for column, _ in kept],
        weight=len(kept) - 2,
        groups=_groups(results, lines, weights),
        summary=_summary(
            results,
            primary,
            f"Pooled ({primary['tau2_method']}, {INTERVAL_NAMES[primary['interval']]})",
            _total(weights.values()),
        ),
        notes=_notes(results),
        left_out=[_left_out(results, one) for one in results.effects if not one.included],
        scale=effect_scale(results),
        favours=(f"favours {review.favours['below']}", f"favours {review.favours['above']}"),
    )


def _name(results: Results, effect: Effect) -> str:
    """Return the name of a row, with a mark where its numbers cannot all be right."""
    return named(effect_label(effect, results.study(effect.row)), effect.row) + row_marks(results, effect)


def _counted(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _total(texts: Sequence[str] | Any) -> str:  # noqa: ANN401 (any collection of texts)
    """Return the sum of weights as they are printed."""
    return percent(math.fsum(float(text.removesuffix("%")) for text in texts))


def _summary(results: Results, pooled: Mapping[str, Any], label: str, weight: str) -> Summary:
    measure, level = results.review.measure, results.pooled["level"]
    ahead = pooled["prediction_low"], pooled["prediction_high"]
    has = ahead[0] is not None
    low, high = (on_print(measure, pooled, f"prediction_{end}") for end in ("low", "high"))
    return Summary(
        label=label,
        text=effect_text(measure, pooled["estimate"], pooled["ci_low"], pooled["ci_high"]),
        estimate=pooled["estimate"],
        low=pooled["ci_low"],
        high=pooled["ci_high"],
        prediction_label=f"{100 * level:g}% prediction interval" if has else "",
        prediction_text=interval(low, high) if has else "",
        prediction=ahead if has else None,
        weight=weight,
    )


def _groups(results: Results, lines: Mapping[int, Line], weights: Mapping[int, str]) -> list[Group]:
    """Return the studies, under the headings of their subgroups where the review declares some."""
    found = results.subgroups["subgroups"]
    if not found:
        return [Group("", list(lines.values()))]
    made = []
    for one in found:
        pooled = one["pooled"]
        label = f"{one['name']}, pooled (k = {pooled['k']})"
        # The pool of one study is that study.
        has = pooled["k"] >= SPREAD_STUDIES
        summary = _summary(results, pooled, label, _total([weights[row] for row in one["rows"]])) if has else None
        made.append(Group(one["name"], [lines[row] for row in one["rows"]], summary))
    without = [lines[row] for row in results.subgroups["rows_without"]]
    return [*made, Group("In no subgroup", without)] if without else made


def _left_out(results: Results, one: Effect) -> tuple[str, str]:
    words = " ".join(results.estimate(one).text.split())
    words = words if not words or style.writable(words) else "printed in letters that this figure cannot show"
    return _name(results, one), f"“{words}”: {one.reason}" if words else one.reason


def _notes(results: Results) -> list[str]:
    primary = results.pooled["primary"]
    told = [n for one in results.included if (n := results.study(one.row).n) is not None]
    of = "" if len(told) == len(results.included) else f" (of {plural(len(told), 'study', 'studies')})"
    counts = f"k = {primary['k']}" + (f"; N = {sum(told):,}{of}" if told else "")
    notes = [f"{counts}{_spread(primary)}."]
    if said := difference(results):
        notes.append(said)
    marks = ""
    if any(
        (ends := envelope(results, one)) and ends != limits(one, results.pooled["level"]) for one in results.included
    ):
        marks = "Outer ticks: how far rounding of the printed digits could move the ends of each interval."
    counted = any(WAYS[one.route].kind == "approximate" for one in results.included)
    hollow_ones = hollow(results, "p (hollow)")
    if counted or hollow_ones:
        ways = " or ".join([*([hollow_ones] if hollow_ones else []), *(["counts"] if counted else [])])
        marks += f" {DAGGER} Printed without an interval: standard error worked back from {ways}."
    if any(one.row in results.impossible for one in results.effects):
        marks += f" {DOUBLE_DAGGER} {IMPOSSIBLE}"
    if results.one_of_several:
        marks += f" {SECTION} {ONE_OF_SEVERAL}"
    return [*notes, *([marks.strip()] if marks else [])]


def _spread(primary: Mapping[str, Any]) -> str:
    """Return how much the studies differ; for a single one, nothing."""
    if primary["k"] < SPREAD_STUDIES:
        return ""
    tau = f"; tau = {number(math.sqrt(primary['tau2']), 3)}"
    i2 = f"; I\N{SUPERSCRIPT TWO} = {percent(primary['i2'])}"
    if primary["tau2_ci_low"] is not None and primary["tau2_ci_high"] is not None:
        tau += f" ({interval(math.sqrt(primary['tau2_ci_low']), math.sqrt(primary['tau2_ci_high']), 3)})"
        i2 += f" ({percent_interval(primary['i2_ci_low'], primary['i2_ci_high'])})"
    q = f"; Q = {number(primary['q'])}, df = {primary['q_df']}"
    return f"{tau}{i2}{q}" + ("" if primary["q_p"] is None else f", {p_phrase(primary['q_p'])}")


def show_forest(results: Results) -> Shown:
    """Draw the forest plot."""
    measure, primary = results.review.measure, results.pooled["primary"]
    each = "; ".join(f"{one.study} {number(to_print(measure, one.yi or 0.0))}" for one in results.included)
    pooled = effect_text(measure, primary["estimate"], primary["ci_low"], primary["ci_high"])
    bar = ", the bar below it the prediction interval" if primary["prediction_low"] is not None else ""
    grouped = results.subgroups["subgroups"]
    hollow_diamonds = " Hollow diamonds are the pools of subgroups, each with a tau of its own." if grouped else ""
    parts = [
        f"{one['name']}: {effect_text(measure, *(one['pooled'][name] for name in ('estimate', 'ci_low', 'ci_high')))}"
        for one in grouped
    ]
    figure, breaks = forest(forest_view(results))
    return Shown(
        figure,
        title=f"Forest plot of {plural(len(results.included), 'study', 'studies')}",
        caption="The area of a square is in proportion to its weight; the solid line is no difference, the broken one "
        f"the pooled estimate, the filled diamond its {100 * results.pooled['level']:g}% interval{bar}."
        + hollow_diamonds
        + f" Lines of studies are {100 * results.pooled['level']:g}% intervals recomputed from the standard error."
        + " An arrow marks an interval that goes on beyond the axis."
        + unnamed(results, " Names in letters that the figure cannot show are given as rows of the table."),
        description=f"{NAMES[measure]} of each study: {each}. Pooled: {pooled}."
        + (f" Subgroups: {'; '.join(parts)}." if parts else "")
        + " The tables give every number.",
        breaks=breaks,
        data=forest_data(results),
    )

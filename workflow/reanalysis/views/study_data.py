"""The tables of the figures that show studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from reanalysis.figures.periods import Periods
from reanalysis.figures.scatter import Point
from reanalysis.formatting import count, number
from reanalysis.records import Effect
from reanalysis.results import Results
from reanalysis.routes import WAYS
from reanalysis.subgroup_narrative import pool_name
from reanalysis.views.data import Column, Data, effect_columns, filled, prediction_columns, printed, year
from reanalysis.views.shown import envelope, limits
from reanalysis.wording import MODERATOR_NAMES, ONE_OF_SEVERAL, SECTION, effect_label, study_label

STUDY = Column("Study")
WEIGHT = Column("Weight, %", partial(number, decimals=1))
THREE = partial(number, decimals=3)
PERIOD = (Column("Included from", year), Column("Included to", year))
FROM_P = Column("Standard error from p")


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _label(results: Results, effect: Effect) -> str:
    return effect_label(effect, results.study(effect.row))


def forest_data(results: Results) -> Data:
    """Return a row for each study in the analysis, each pool of a subgroup, and the pool of all."""
    rows: list[list[Any]] = [_forest_row(results, one) for one in results.included]
    pools = [(pool_name(one), one["pooled"]) for one in results.subgroups["subgroups"]]
    for name, pooled in (*pools, ("Pooled", results.pooled["primary"])):
        effect = printed(results, pooled["estimate"], pooled["ci_low"], pooled["ci_high"])
        ahead = printed(results, pooled["prediction_low"], pooled["prediction_high"])
        rows.append([name, None, None, None, None, None, "", None, *effect, None, None, *ahead])
    said = "Each study, and the pools. Outer limits: as far as rounding of the printed digits could move the ends."
    return filled(
        said + (f" {SECTION} {ONE_OF_SEVERAL}" if results.one_of_several else ""),
        [
            STUDY,
            *PERIOD,
            Column("Patients", count),
            Column("Treated", count),
            Column("Not treated", count),
            Column("Standard error from"),
            WEIGHT,
            *effect_columns(results),
            Column("Outer limit, from", number),
            Column("Outer limit, to", number),
            *prediction_columns(results),
        ],
        rows,
    )


def _forest_row(results: Results, one: Effect) -> list[Any]:
    study = results.study(one.row)
    ends = printed(results, one.yi, *limits(one, results.pooled["level"]))
    outer = printed(results, *(envelope(results, one) or (None, None)))
    counts = study.start, study.end, study.n, study.n_treated, study.n_control
    name = _label(results, one) + (SECTION if one.row in results.one_of_several else "")
    return [name, *counts, WAYS[one.route].short, results.weights[one.row], *ends, *outer, None, None]


def funnel_data(results: Results) -> Data:
    """Return a row for each study: its effect and standard error."""
    rows = [
        [_label(results, one), *printed(results, one.yi), one.sei, _yes(one.route == "p")] for one in results.included
    ]
    columns = [STUDY, effect_columns(results)[0], Column("Standard error", THREE), FROM_P]
    return filled("Each study by its effect and its standard error, on the scale of the analysis.", columns, rows)


def bubble_data(results: Results) -> Data:
    """Return a row for each study in each meta-regression on one numeric moderator."""
    models = [one for one in results.regression["models"] if one["curve"]]
    rows = [row for one in models for row in _bubble_rows(results, one)]
    patients = [one["name"] for one in models] == ["log_n"]
    value = Column("Patients", count) if patients else Column("Value", year)
    columns = [Column("Moderator"), STUDY, value, *PERIOD, effect_columns(results)[0], WEIGHT, FROM_P]
    said = "Each study by its moderator and its effect. The lines and bands are in regression.json, as curve."
    return filled(said, columns, rows)


def _bubble_rows(results: Results, model: Mapping[str, Any]) -> list[list[Any]]:
    by_study, name = {one.study: one for one in results.included}, model["name"]
    rows = []
    for point in model["points"]:
        one = by_study[point["study"]]
        study = results.study(one.row)
        value = study.n if name == "log_n" else float(one.extra[name])
        rows.append(
            [
                MODERATOR_NAMES.get(name, name),
                study_label(study),
                value,
                study.start,
                study.end,
                *printed(results, one.yi),
                point["weight"],
                _yes(one.route == "p"),
            ]
        )
    return rows


def periods_data(view: Periods) -> Data:
    """Return a row for each printed study, with whom it may share patients and when both ran."""
    rows = [
        [
            bar.name,
            *(bar.period or (None, None)),
            bar.published,
            _yes(bar.pooled),
            group.name,
        ]
        for group in view.groups
        for bar in group.bars
    ]
    columns = [
        STUDY,
        *PERIOD,
        Column("Published", year),
        Column("In the analysis"),
        Column("Studies that may share patients"),
    ]
    return filled("Each printed study, in the order of the figure.", columns, rows)


def points_data(points: Sequence[Point], x: str, y: str) -> Data:
    """Return a row for each point: a study with its two numbers, and whether it is marked."""
    rows = [[one.label, one.x, one.y, _yes(one.outlying), _yes(one.hollow)] for one in points]
    columns = [STUDY, Column(x, THREE), Column(y, THREE), Column("Marked and named"), FROM_P]
    return filled("Each study by the two numbers of its place.", columns, rows)

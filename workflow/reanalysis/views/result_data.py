"""The tables of the figures that show results."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any

from reanalysis.figures.bias import StrongEffects
from reanalysis.figures.gosh import Gosh
from reanalysis.figures.leave_one_out import LeaveOneOut, Panel
from reanalysis.figures.rows import Mark
from reanalysis.figures.scenarios import Scenarios
from reanalysis.formatting import count, number, percent
from reanalysis.influence_narrative import ORDERS, cumulative_shown, named_or_counted
from reanalysis.records import Specification
from reanalysis.results import Results
from reanalysis.views.data import Column, Data, effect_columns, filled, prediction_columns, printed, year

STUDIES = Column("Studies", count)
ONE_DECIMAL = partial(number, decimals=1)
WHOLE_PERCENT = partial(percent, decimals=0)


def leave_one_out_data(view: LeaveOneOut) -> Data:
    """Return a row for each study left out, and one with all studies: what each panel shows."""
    columns, values = [], []
    for panel in view.panels:
        columns += _panel_columns(panel)
        values.append([_panel_values(panel, mark) for mark in (*panel.marks, panel.whole)])
    names = [*view.names, (view.whole_name, False)]
    rows = [
        [name, *(value for panel in values for value in panel[place]), "yes" if influential else ""]
        for place, (name, influential) in enumerate(names)
    ]
    return filled(
        "The results without each study, as drawn; the last row has all studies.",
        [Column(view.heading), *columns, Column("Marked as influential")],
        rows,
    )


def _panel_columns(panel: Panel) -> list[Column]:
    known = [one for one in (*panel.marks, panel.whole) if one is not None]
    interval = any(one.low is not None for one in known)
    shown = ONE_DECIMAL if _in_percent(panel) else number
    return [
        Column(f"{panel.title}: estimate" if interval else panel.title, shown),
        Column(f"{panel.title}: from", shown),
        Column(f"{panel.title}: to", shown),
    ]


def _in_percent(panel: Panel) -> bool:
    # The panels with ends of their own are of percentages; all others are of effects and slopes.
    return panel.ends is not None


def _panel_values(panel: Panel, mark: Mark | None) -> list[float | None]:
    values = (None, None, None) if mark is None else (mark.value, mark.low, mark.high)
    same: Callable[[float], float] = float
    to_print = same if _in_percent(panel) else panel.scale.to_print
    return [None if value is None else to_print(value) for value in values]


def cumulative_data(results: Results) -> Data:
    """Return a row for each step of each cumulative analysis."""
    rows = [
        [
            ORDERS[one["by"]][0],
            step["year"],
            step["study"],
            step["k"],
            *printed(results, step["estimate"], step["ci_low"], step["ci_high"]),
        ]
        for one in cumulative_shown(results)
        for step in one["steps"]
    ]
    columns = [Column("In the order of"), Column("Year", year), Column("Study added"), STUDIES]
    return filled("The pool after each study was added.", [*columns, *effect_columns(results)], rows)


def gosh_data(results: Results, view: Gosh) -> Data:
    """Return a row for each cell of the grid that holds subsets; on the page one for each number of studies."""
    low, high = view.ends
    found: dict[tuple[int, int], list[int]] = {}
    for place, group in enumerate(view.groups):
        for x, y, counted in group.cells:
            found.setdefault((x, y), [0, 0])[place] = counted

    def corners(x: int, y: int) -> list[float | None]:
        ends = printed(results, *(low + (high - low) * (x + step) / view.columns for step in (0, 1)))
        return [*ends, 100 * y / view.rows, 100 * (y + 1) / view.rows]

    measure = results.review.measure
    return Data(
        "Each cell of the grid that holds subsets.",
        [
            Column(f"{measure}, from", number),
            Column(f"{measure}, to", number),
            Column("I², %, from", ONE_DECIMAL),
            Column("I², %, to", ONE_DECIMAL),
            *(Column(f"Subsets {group.name}", count) for group in view.groups),
        ],
        [[*corners(*cell), *counts] for cell, counts in sorted(found.items())],
        summary=_gosh_summary(results),
    )


def _gosh_summary(results: Results) -> Data:
    measure, level = results.review.measure, f"{100 * results.subsets['level']:g}%"
    ends = ("minimum", "maximum")
    rows = [
        [
            one["k"],
            one["subsets"],
            *(
                value
                for end in ends
                for value in (*printed(results, one[end]["estimate"]), named_or_counted(one[end]["studies"]))
            ),
            one["excludes"],
        ]
        for one in results.subsets["by_size"]
        if one["subsets"]
    ]
    columns = [
        STUDIES,
        Column("Subsets", count),
        Column(f"Lowest {measure}", number),
        Column("Of"),
        Column(f"Highest {measure}", number),
        Column("Of"),
        Column(f"{level} intervals that exclude no difference, %", ONE_DECIMAL),
    ]
    return Data("The subsets by their number of studies; subsets.json has more.", columns, rows)


def scenarios_data(results: Results, view: Scenarios) -> Data:
    """Return a row for each scenario that pools something."""
    rows = [
        [
            one.name,
            int(one.studies),
            *printed(results, one.estimate, one.low, one.high),
            *printed(results, *(one.prediction or (None, None))),
        ]
        for one in view.lines
    ]
    columns = [Column("Scenario"), STUDIES, *effect_columns(results), *prediction_columns(results)]
    return filled("The pool under each scenario.", columns, rows)


def specifications_data(results: Results, choices: Sequence[tuple[str, str, Callable[[Specification], bool]]]) -> Data:
    """Return a row for each choice: how many specifications make it, and where their estimates lie.

    Parameters
    ----------
    choices
        The kind of each, its name, and which specifications make it.
    """
    measure = results.review.measure
    every = [("All", "", _every), *choices]
    rows: list[list[Any]] = []
    for kind, name, holds in every:
        estimates = [one.estimate for one in results.specifications if holds(one)]
        if estimates:
            places = min(estimates), median(estimates), max(estimates)
            rows.append([kind, name, len(estimates), *printed(results, *places)])
    columns = [
        Column("Kind of choice"),
        Column("Choice"),
        Column("Specifications", count),
        *(Column(f"{end} {measure}", number) for end in ("Lowest", "Median", "Highest")),
    ]
    return Data("The specifications that make each choice; specifications.csv has every one.", columns, rows)


def _every(_: Specification) -> bool:
    return True


def bias_data(view: StrongEffects, factors: Sequence[float]) -> Data | None:
    """Return a row for each bias factor of the curve; None where there is no curve."""
    if not view.panels:
        return None
    columns = [Column("Bias factor in every study", number)]
    for panel in view.panels:
        columns += [Column(f"{panel.title}: {part}", WHOLE_PERCENT) for part in ("share", "from", "to")]
    rows = [
        [
            factor,
            *(
                None if math.isnan(series[place]) else 100 * series[place]
                for panel in view.panels
                for series in (panel.shares, panel.lows, panel.highs)
            ),
        ]
        for place, factor in enumerate(factors)
    ]
    return filled("The share of true effects that stay strong, at each bias factor.", columns, rows)

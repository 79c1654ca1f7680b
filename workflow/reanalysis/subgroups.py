"""The pool of each declared subgroup of the studies, and a test of whether subgroups differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from reanalysis.dataset import Dataset
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices
from reanalysis.moderators import too_few
from reanalysis.permutation import Resampling
from reanalysis.pooling import pool
from reanalysis.printed import is_missing
from reanalysis.records import Effect, Study
from reanalysis.regression import regress
from reanalysis.review import Review

# What the test keeps of the meta-regression that it is.
KEPT = ("k", "tau2", "r2", "qm", "qm_df", "qm_p", "qm_permutation_p", "qm_permutation_p_error", "permutations_exact")


def declared_values(
    review: Review, studies: Sequence[Study], judgements: Sequence[Mapping[str, str]], file: str
) -> dict[int, str]:
    """Return the subgroup of each row of the table, as printed or judged; empty where it has none, no rows without one.

    Raises
    ------
    ReanalysisError
        Where neither the table nor the judgements have the column, or a name is given to a value that no row has.
    """
    if not review.subgroups:
        return {}
    column = review.subgroups["column"]
    judged = sorted({key for one in judgements for key in one} - {"study"})
    if studies and column in studies[0].extra:
        values = {one.row: " ".join(one.extra[column].split()) for one in studies}
    elif column in judged:
        said = {one["study"]: one[column] for one in judgements}
        values = {one.row: said.get(one.study, "") for one in studies}
    else:
        known = [*(studies[0].extra if studies else ()), *judged]
        raise ReanalysisError(
            "no column of the table without a role, and none of judgements.csv, is called so",
            file=file,
            column=f"subgroups: {column}",
            remedy=f"name one of: {'; '.join(map(repr, known)) or 'nothing, there is none'}",
        )
    values = {row: "" if is_missing(value) else value for row, value in values.items()}
    for value in review.subgroups.get("names", {}):
        if value not in values.values():
            raise ReanalysisError(
                "no row has the value that is given a name",
                file=file,
                column="subgroups: names",
                printed=value,
                remedy=f"name one of: {', '.join(sorted({repr(one) for one in values.values() if one}))}",
            )
    return values


def subgroups(
    data: Dataset,
    included: Sequence[Effect],
    review: Review,
    values: Mapping[int, str],
    choices: Choices,
    resampling: Resampling,
) -> dict[str, Any]:
    """Return the content of `subgroups.json`; the schema says what each key means.

    ASSUME: each subgroup has a tau2 of its own. Their difference is tested in one meta-regression, with one tau2 for
    all of them, because few subgroups have studies enough to tell theirs (Borenstein et al. 2009, Introduction to
    Meta-Analysis, chapter 19).

    Parameters
    ----------
    included
        The effects in the analysis, in the order of `data`.
    values
        The subgroup of each printed row, as `declared_values` returned it.
    """
    names = review.subgroups.get("names", {}) if review.subgroups else {}
    cells = [values.get(one.row, "") for one in included]
    groups = []
    for value in dict.fromkeys(cell for cell in cells if cell):
        places = [place for place, cell in enumerate(cells) if cell == value]
        groups.append(
            {
                "value": value,
                "name": names.get(value, value),
                "rows": [included[place].row for place in places],
                "pooled": pool(data.yi[places], data.vi[places], review.measure, choices),
            }
        )
    test, reason = _difference(data, cells, review, choices, resampling)
    return {
        "schema_version": 1,
        "measure": review.measure,
        "level": choices.level,
        "column": review.subgroups.get("column", "") if review.subgroups else "",
        "subgroups": groups,
        "rows_without": [one.row for one, cell in zip(included, cells, strict=True) if not cell] if groups else [],
        "difference": test,
        "reason": reason,
    }


def _difference(
    data: Dataset, cells: Sequence[str], review: Review, choices: Choices, resampling: Resampling
) -> tuple[dict[str, Any] | None, str]:
    """Return the test that all subgroups have one mean, or why there is none."""
    found = list(dict.fromkeys(cell for cell in cells if cell))
    if not review.subgroups:
        return None, "review.yaml names no subgroups"
    if len(found) < 2:  # noqa: PLR2004 (a difference needs two)
        return None, "fewer than two subgroups have a study in the analysis"
    # Numbered, so that a subgroup called 1990 is a group and no number.
    coded = [f"group {found.index(cell):04d}" if cell else "" for cell in cells]
    model = ("subgroup",)
    one = replace(data, moderators={"subgroup": coded})
    problem = too_few(one, model)
    if problem:
        places = np.flatnonzero([bool(cell) for cell in cells])
        return None, f"{len(found)} subgroups of {len(places)} studies leave nothing to tell their spread by"
    record = regress(one, model, review.measure, choices, resampling)
    return {**{name: record.get(name) for name in KEPT}, "df": record["coefficients"][0]["df"]}, ""

"""The characteristics of the studies: what the table prints of each row and what its readers declare, side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reanalysis import formatting, wording
from reanalysis.grammar.lexer import ADJUSTED, UNADJUSTED
from reanalysis.printed import is_missing
from reanalysis.records import Effect, Study
from reanalysis.report.facsimile import anchor
from reanalysis.report.material import Material
from reanalysis.report.permalinks import anchors
from reanalysis.routes import WAYS

COLUMNS = (
    "Data source",
    "Inclusion",
    "Design",
    "Patients",
    "Treated",
    "Exposure",
    "Outcome",
    "Adjustment",
    "SE from",
    "Findings",
)


@dataclass(frozen=True)
class Cell:
    """One characteristic: its words and where they lead to, or numbers, which have cards and lead nowhere."""

    text: str = ""
    target: str = ""
    findings: Sequence[int] = ()
    words: bool = True

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.text and not self.findings


def characteristics(material: Material) -> dict[str, Any]:
    """Return what all rows share, the columns in which they differ, and each printed row, pooled or not.

    Returns
    -------
    `shared`, pairs of a characteristic and the words that every row has; `columns`, names; `rows`, each with `anchor`,
    `study` and the `target` that prints it, `included` and `cells`.
    """
    studies = material.results.studies
    rows = [_cells(material, one) for one in studies]
    known = [place for place in range(len(COLUMNS)) if any(not row[place].empty for row in rows)]
    shared = {place: said for place in known if (said := _same([row[place] for row in rows]))}
    kept = [place for place in known if place not in shared]
    included = {one.row for one in material.results.included}
    several = material.results.one_of_several
    ids = anchors("study", [one.study for one in studies])
    return {
        "shared": [(COLUMNS[place].lower(), said) for place, said in shared.items()],
        "columns": [COLUMNS[place] for place in kept],
        "rows": [
            {
                "anchor": one_id,
                "study": wording.study_label(one),
                "mark": wording.SECTION if one.row in several else "",
                "target": _printed(material, one, "study"),
                "included": one.row in included,
                "cells": [row[place] for place in kept],
            }
            for one_id, one, row in zip(ids, studies, rows, strict=True)
        ],
    }


def _same(cells: Sequence[Cell]) -> str:
    """Return the words that a characteristic has in every row; empty where rows differ, or have numbers or findings."""
    said = {one.text for one in cells}
    alike = len(cells) > 1 and len(said) == 1 and all(one.words and not one.findings for one in cells)
    return said.pop() if alike else ""


def effect_anchor(effect: Effect) -> str:
    """Return the permalink of a printed result's row in the table of effects."""
    return f"effect-{effect.row}-{effect.item}"


def finding_anchors(material: Material) -> list[str]:
    """Return the permalink of each finding: its check, study and column, and not its place among the others."""
    places = {heading: place for place, heading in enumerate(material.raw.headings, start=1)}
    return anchors("finding", [f"{one.check} {one.study} {places[one.column]}" for one in material.findings])


def _cells(material: Material, study: Study) -> list[Cell]:
    effect = _stands_for(material, study)
    return [
        _data_source(material, study),
        Cell(wording.period(study), words=False),
        Cell(material.raw.judged("design").get(study.study, "")),
        Cell("" if study.n is None else formatting.count(study.n), words=False),
        Cell(_treated(study), words=False),
        _exposure(material, study),
        _outcome(material, study, effect),
        _adjustment(material, effect),
        _route(effect),
        Cell(findings=_findings(material, study)),
    ]


def _stands_for(material: Material, study: Study) -> Effect | None:
    """Return the printed result in the analysis, the first one where none is; None where the row prints none."""
    own = [one for one in material.results.effects if one.row == study.row]
    return next((one for one in own if one.included), own[0] if own else None)


def _printed(material: Material, study: Study, role: str) -> str:
    """Return the permalink of the printed cell of a role; empty where no column has it."""
    heading = material.raw.review.columns.get(role)
    return _cell(material, study, heading) if heading else ""


def _cell(material: Material, study: Study, heading: str) -> str:
    return anchor(study.row, material.raw.headings.index(heading) + 1)


def _words(material: Material, study: Study, heading: str) -> str:
    said = " ".join(material.raw.rows[study.row - 1][heading].split())
    return "" if is_missing(said) else said


def _data_source(material: Material, study: Study) -> Cell:
    """Return where the patients come from, as printed, with the kind that a reader declares."""
    kind = material.raw.judged("data_source").get(study.study, "")
    heading = material.raw.review.columns.get("database")
    said = _words(material, study, heading) if heading else ""
    if heading and said:
        return Cell(f"{said} ({kind})" if kind else said, _cell(material, study, heading))
    return Cell(kind)


def _treated(study: Study) -> str:
    """Return how many were treated, and their share of all."""
    if study.n_treated is None:
        return ""
    share = f" ({formatting.percent(100 * study.n_treated / study.n, 0)})" if study.n else ""
    return f"{formatting.count(study.n_treated)}{share}"


def _exposure(material: Material, study: Study) -> Cell:
    """Return what the treated had, where the review declares subgroups by it."""
    declared = material.raw.review.subgroups
    if not declared:
        return Cell()
    column, names = declared["column"], declared.get("names", {})
    if column not in material.raw.headings:
        said = material.raw.judged(column).get(study.study, "")
        return Cell(names.get(said, said))
    said = _words(material, study, column)
    return Cell(names.get(said, said), _cell(material, study, column))


def _outcome(material: Material, study: Study, effect: Effect | None) -> Cell:
    """Return what was counted: as a reader declares it, else as print calls it."""
    declared = material.raw.judged("endpoint").get(study.study, "")
    if effect is None:
        return Cell(declared)
    return Cell(declared or effect.outcome, _result_cell(material, effect))


def _result_cell(material: Material, effect: Effect) -> str:
    return anchor(effect.row, material.raw.headings.index(material.results.estimate(effect).column) + 1)


def _adjustment(material: Material, effect: Effect | None) -> Cell:
    """Return what print says of adjustment: the cell itself, else the heading above it."""
    if effect is None:
        return Cell()
    estimate = material.results.estimate(effect)
    target = _result_cell(material, effect)
    for said, where in ((estimate.text, target), (estimate.column, anchor(0, int(target.rpartition("-")[2])))):
        for word, pattern in (("not adjusted", UNADJUSTED), ("adjusted", ADJUSTED)):
            # "Unadjusted" holds "adjusted", and is asked for first.
            if re.search(rf"(?<![^\W\d_])(?:{pattern})", said, re.IGNORECASE):
                return Cell(word, where)
    return Cell()


def _route(effect: Effect | None) -> Cell:
    if effect is None:
        return Cell("not pooled")
    return Cell(WAYS[effect.route].short if effect.included else "not pooled", effect_anchor(effect))


def _findings(material: Material, study: Study) -> list[int]:
    return [place for place, one in enumerate(material.findings, start=1) if one.row == study.row]

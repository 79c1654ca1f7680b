"""From printed cells to typed studies and estimates, with the characters that each value came from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from reanalysis.cells import TableRow
from reanalysis.corrections import apply
from reanalysis.errors import ReanalysisError
from reanalysis.estimates import read_estimates
from reanalysis.names import study_names
from reanalysis.raw import RawReview
from reanalysis.records import Estimate, Provenance, Study
from reanalysis.studies import read_study


@dataclass(frozen=True)
class Extraction:
    """All that the table says: rows kept in the order of print, whether they can be pooled or not."""

    studies: list[Study]
    estimates: list[Estimate]
    provenance: list[Provenance]


def extract(raw: RawReview, but: Collection[str] = ()) -> Extraction:
    """Read every cell of a review's table, after the corrections that are applied.

    Parameters
    ----------
    raw
        The review's raw folder.
    but
        The ids of corrections to treat the other way: an applied one is left out, one of the sensitivity applied.

    Raises
    ------
    ReanalysisError
        Where a cell that must hold a number does not, a correction's guard fails, or a declaration names
        a study that the table does not have.
    """
    found = read_rows(raw, but)
    _check_names(raw, [study.study for study in found.studies])
    return found


def read_rows(raw: RawReview, but: Collection[str] = ()) -> Extraction:
    """Return what `extract` does, without a look at what other files declare of the studies; raises as it does."""
    # The guards of the corrections that are not applied are held against the print as well.
    raw.corrected_cells()
    applied = [one for one in raw.corrections if (one.status == "applied") != (one.id in but)]
    cells, changed = apply(raw.rows, raw.names, applied, raw.corrections_file)
    studies, estimates, provenance = [], [], []
    names = study_names([row[raw.review.columns["study"]] for row in cells])
    for index, row_cells in enumerate(cells):
        changes = {heading: name for (place, heading), name in changed.items() if place == index}
        row = TableRow(raw, index + 1, row_cells, changes, names[index])
        studies.append(read_study(row))
        estimates.extend(read_estimates(row, studies[-1]))
        provenance.extend(row.found)
    return Extraction(studies, estimates, provenance)


def _check_names(raw: RawReview, studies: list[str]) -> None:
    """Refuse declarations about studies that the table does not have."""
    declared = [("judgements.csv", judgement["study"]) for judgement in raw.judgements]
    declared += [("statements.csv", one["study"]) for one in raw.statements if one.get("field")]
    declared += [("review.yaml", study) for study in (*raw.review.contrasts, *raw.review.inverted)]
    for file, study in declared:
        if study not in studies:
            raise ReanalysisError(
                "this file names a study that the table does not have",
                file=str(raw.folder / file),
                study=study,
                remedy=f"name one of: {', '.join(studies)}",
            )

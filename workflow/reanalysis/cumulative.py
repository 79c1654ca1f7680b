"""The pool as it grew: studies added one by one, from the earliest year to the latest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from reanalysis import batch
from reanalysis.dataset import Dataset
from reanalysis.means import mean_records
from reanalysis.mixed_effects import Choices
from reanalysis.records import Effect, Study

# What studies are put in the order of.
ORDERS = ("start", "year")


def known_years(effects: Sequence[Effect], studies: Sequence[Study]) -> dict[str, list[float | None]]:
    """Return the first year of inclusion and the year of publication of each study in the analysis."""
    by_row = {study.row: study for study in studies}
    included = [by_row[effect.row] for effect in effects if effect.included]
    return {name: [getattr(study, name) for study in included] for name in ORDERS}


def cumulative(data: Dataset, years: Sequence[float | None], measure: str, choices: Choices) -> dict[str, Any]:
    """Return who is left out for want of a year, and the pool after each study (Lau et al. 1992, N Engl J Med 327:248).

    ASSUME: studies of one year come in the order of print, each as a step of its own.

    Parameters
    ----------
    years
        Of each study of the data set; None where it is not known.
    """
    known = [(year, place) for place, year in enumerate(years) if year is not None]
    order = [place for _, place in sorted(known)]
    # Column j has the studies up to the j-th.
    grown = np.triu(np.ones((len(order), len(order)), bool))
    fits = batch.fit(data.yi[order], data.vi[order], grown, tau2=choices.tau2_method)
    return {
        "left_out": [study for study, year in zip(data.studies, years, strict=True) if year is None],
        "steps": [
            {"study": data.studies[place], "year": years[place], **record}
            for place, record in zip(order, mean_records(fits, measure, choices), strict=True)
        ],
    }

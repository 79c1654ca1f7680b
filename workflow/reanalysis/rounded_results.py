"""The content of `rounding.json`: the region of each study in the analysis, and how far it lets every result move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reanalysis.dataset import dataset
from reanalysis.envelope import envelope
from reanalysis.mixed_effects import Choices
from reanalysis.records import Effect, Estimate, Study
from reanalysis.review import Review
from reanalysis.rounding import RoundingPolygon
from reanalysis.routes import own_counts, reconstruct


def rounded_results(
    studies: Sequence[Study],
    estimates: Sequence[Estimate],
    effects: Sequence[Effect],
    review: Review,
    choices: Choices,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """Return the content of `rounding.json`; the schema says what each key means."""
    included = [one for one in effects if one.included]
    regions = [_region(one, studies, estimates, review.outcome) for one in included]
    data = dataset(effects, "effects.csv")
    return {
        "schema_version": 1,
        "measure": review.measure,
        "draws": draws,
        "seed": seed,
        "studies": [_study(one, region) for one, region in zip(included, regions, strict=True)],
    } | envelope(data, regions, review.models, review.measure, choices, draws, seed)


def _region(effect: Effect, studies: Sequence[Study], estimates: Sequence[Estimate], outcome: str) -> RoundingPolygon:
    """Return the pairs (yi, sei) that print as the result that an effect was made of, by the route it was made."""
    row = [one for one in estimates if one.row == effect.row]
    estimate = next(one for one in row if one.item == effect.item)
    study = own_counts(studies[effect.row - 1], estimate, outcome, [one.contrast for one in row])
    return reconstruct(estimate, study)[effect.route].region


def _study(effect: Effect, region: RoundingPolygon) -> dict[str, Any]:
    center = (None, None) if region.empty else region.center
    return {
        "row": effect.row,
        "item": effect.item,
        "study": effect.study,
        "route": effect.route,
        "empty": region.empty,
        "corners": [list(corner) for corner in region.corners],
        "center_yi": center[0],
        "center_sei": center[1],
        "yi_low": effect.yi_low,
        "yi_high": effect.yi_high,
        "sei_low": effect.sei_low,
        "sei_high": effect.sei_high,
    }

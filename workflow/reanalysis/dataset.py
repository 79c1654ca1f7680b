"""The studies that an analysis uses, as arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reanalysis.design import FloatArray
from reanalysis.errors import ReanalysisError
from reanalysis.records import Effect

# As many reasons as a reader wants in one message.
MOST_REASONS = 4


@dataclass(frozen=True)
class Dataset:
    """The studies of an analysis: effects, sampling variances, moderators as text.

    Parameters
    ----------
    yi, vi
        Shape (k,).
    moderators
        Name to k cells; an empty one is missing.
    """

    studies: list[str]
    yi: FloatArray
    vi: FloatArray
    moderators: Mapping[str, Sequence[str]]


def dataset(effects: Sequence[Effect], file: str) -> Dataset:
    """Return the effects that are in the analysis.

    Raises
    ------
    ReanalysisError
        Where there is none, or an effect or a variance is not finite, or a variance is not positive.
    """
    included = [effect for effect in effects if effect.included]
    if not included:
        reasons = "; ".join(f"{one.study}: {one.reason}" for one in effects[:MOST_REASONS])
        more = "; …" if len(effects) > MOST_REASONS else ""
        raise ReanalysisError(
            f"there is no effect to pool ({reasons}{more})",
            file=file,
            remedy="check outcome, measure and columns in review.yaml against the cells",
        )
    for one in included:
        yi, sei = one.yi, one.sei
        if yi is None or sei is None or not (math.isfinite(yi) and math.isfinite(sei) and sei > 0):
            raise ReanalysisError(
                f"the effect {yi} with standard error {sei} cannot be pooled",
                file=file,
                study=one.study,
                remedy="an effect is finite, a standard error is finite and above 0: check the cells they come from",
            )
    return Dataset(
        studies=[one.study for one in included],
        yi=np.array([one.yi for one in included], float),
        vi=np.array([one.sei for one in included], float) ** 2,
        moderators={name: [one.extra[name] for one in included] for name in included[0].extra},
    )

"""PET, PEESE and the rule that chooses between them: what a study without a standard error would find.

Weighted least squares of effects on standard errors (PET) and on sampling variances (PEESE), with a multiplicative
dispersion; the limit at 0 is the estimate (Stanley and Doucouliagos 2014, Res Synth Methods 5:60).

ASSUME: what changes with the standard error is bias, and changes linearly (PET) or with its square (PEESE).
"""

from __future__ import annotations

from typing import Any

from reanalysis.design import FloatArray
from reanalysis.egger import least_squares
from reanalysis.mixed_effects import Choices

# ASSUME: the limit of PET counts as an effect where its two-sided p is below this, which is 5 % on the side that it
# lies on; then PEESE, which is less biased where there is an effect, is taken, else PET.
RULE_ALPHA = 0.10


def pet_peese(yi: FloatArray, sei: FloatArray, measure: str, choices: Choices) -> dict[str, Any]:
    """Return both estimates and which of them the rule takes (None without PET or PEESE), for `small_study.json`.

    Parameters
    ----------
    yi, sei
        Effects and standard errors, shape (k,).
    """
    pet = least_squares(yi, sei, sei, measure, choices)
    peese = least_squares(yi, sei, sei**2, measure, choices)
    return {"pet": pet, "peese": peese, "alpha": RULE_ALPHA, "taken": _taken(pet, peese)}


def _taken(pet: dict[str, Any], peese: dict[str, Any]) -> str | None:
    if pet["reason"] or peese["reason"]:
        return None
    return "peese" if pet["limit"]["p"] < RULE_ALPHA else "pet"

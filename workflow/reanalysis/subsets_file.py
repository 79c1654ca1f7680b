"""How the fits of subsets are kept in a file, and how the fit without some studies is read from it.

Arrays are base64 of 32-bit little-endian floats: 7 digits in 5.3 characters, where decimal text takes 9 to 15, so that
a million subsets take 28 MB; a browser reads an array in one call. Seven digits are more than a reader sees, and fewer
than change from machine to machine: there results differ near the 15th digit, which moves one float in a hundred
million to its neighbour.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from reanalysis.design import BoolArray, FloatArray
from reanalysis.distributions import critical_value, two_sided_p
from reanalysis.errors import ReanalysisError
from reanalysis.means import number, with_ratios
from reanalysis.mixed_effects import Choices

FLOATS = np.dtype("<f4")
KEPT = ("estimate", "se", "tau2", "i2", "q")

ALL_LEFT_OUT = "no study is left"
NOT_DRAWN = "there are too many subsets to fit them all, and this one was not drawn"


@dataclass(frozen=True)
class FitsOfSubsets:
    """The pools of n subsets, each array of shape (n,).

    Parameters
    ----------
    k
        The number of studies.
    estimate, se
        The pooled effect, and its standard error with the scale of the interval.
    tau2, i2, q
        Variance between studies, its share in percent, Cochran's Q.
    normal
        Whether the interval is of the normal distribution; else of Student's t with k - 1 degrees of freedom.
    """

    k: npt.NDArray[np.int64]
    estimate: FloatArray
    se: FloatArray
    tau2: FloatArray
    i2: FloatArray
    q: FloatArray
    normal: BoolArray

    def only(self, places: Any) -> FitsOfSubsets:  # noqa: ANN401 (what an array takes)
        """Return the pools of some of the subsets."""
        return FitsOfSubsets(**{name: values[places] for name, values in vars(self).items()})


def encoded(fits: FitsOfSubsets, include: BoolArray | None, choices: Choices) -> dict[str, Any]:
    """Return pools as text, with what a reader needs for their limits.

    Parameters
    ----------
    include
        Shape (k, n): which studies each subset has; None where subset n stands at the place n - 1.
    """
    most = int(fits.k.max())
    return {
        "count": len(fits.k),
        "members": None if include is None else _text(np.packbits(include.T, axis=1, bitorder="little")),
        "fits": {
            **{name: _text(floats(getattr(fits, name))) for name in KEPT},
            "normal": _text(np.packbits(fits.normal, bitorder="little")),
        },
        "critical_normal": critical_value(choices.level),
        "critical_t": [critical_value(choices.level, df) for df in range(1, most)],
    }


def without(content: Mapping[str, Any], studies: Collection[str]) -> dict[str, Any]:
    """Return the pool without some studies, read from the content of `subsets.json`.

    Returns
    -------
    dict
        `k`, `estimate`, `se`, `df` (None for the normal distribution), `ci_low`, `ci_high`, `p`, `tau2`, `i2`, `q`,
        `ratio` and its limits (None where the measure is none), to 7 digits; all but `k` None where `reason` says why.

    Raises
    ------
    ReanalysisError
        Where a name is none of the studies.
    """
    names = content["studies"]
    unknown = [name for name in studies if name not in names]
    if unknown:
        raise ReanalysisError(
            f"there is no study {unknown[0]!r} in the analysis", remedy=f"name some of: {', '.join(names)}"
        )
    kept = np.array([name not in studies for name in names])
    k = int(kept.sum())
    place = _place(content, kept) if k else None
    if place is None:
        reason = NOT_DRAWN if k else ALL_LEFT_OUT
        empty = dict.fromkeys(("estimate", "se", "df", "ci_low", "ci_high", "p", "tau2", "i2", "q"))
        return {"k": k, **with_ratios(empty, content["measure"]), "reason": reason}
    fits = content["fits"]
    one = {name: float(_array(fits[name], FLOATS)[place]) for name in KEPT}
    normal = bool(_array(fits["normal"], np.uint8)[place // 8] >> place % 8 & 1)
    margin = one["se"] * (content["critical_normal"] if normal else content["critical_t"][k - 2])
    limits = {"ci_low": one["estimate"] - margin, "ci_high": one["estimate"] + margin}
    p = two_sided_p(one["estimate"] / one["se"], math.inf if normal else k - 1) if one["se"] else math.nan
    record = {name: number(value) for name, value in {**one, **limits, "p": p}.items()}
    record |= {"df": None if normal else k - 1}
    return {"k": k, **with_ratios(record, content["measure"]), "reason": ""}


def _place(content: Mapping[str, Any], kept: BoolArray) -> int | None:
    """Return where the fit of a subset stands; None where it is not there."""
    if content["complete"]:
        return sum(1 << place for place in np.flatnonzero(kept).tolist()) - 1
    row = np.packbits(kept, bitorder="little")
    found = np.flatnonzero((_array(content["members"], np.uint8).reshape(-1, len(row)) == row).all(axis=1))
    return int(found[0]) if len(found) else None


def floats(values: FloatArray) -> npt.NDArray[np.float32]:
    """Return numbers as they are kept; infinite beyond 3e38."""
    with np.errstate(over="ignore", under="ignore"):
        return values.astype(FLOATS)


def _text(array: npt.NDArray[Any]) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")


def _array(text: str, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), dtype)

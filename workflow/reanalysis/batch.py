"""Thousands of fits at once: subsets, permutations, draws, simulations, specifications, and one fit alone.

ASSUME: what `mixed_effects` assumes, of each data set.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reanalysis import tau2 as between
from reanalysis.coefficients import coefficients, omnibus
from reanalysis.design import BoolArray, Design, FloatArray, Places, of_matrix
from reanalysis.errors import ReanalysisError
from reanalysis.heterogeneity import i2 as share_between
from reanalysis.room import Room
from reanalysis.score import FULL, RESTRICTED
from reanalysis.sets import Sets, of_means, of_regressions
from reanalysis.weighted import Weighted

# Numbers of one array that are worked on at a time: few enough to stay close to the processor, enough that the
# arithmetic outweighs its calls. A dozen such arrays are held, and a few more for each coefficient.
CELLS = 130_000
FEWEST = 32

# More than all that the arithmetic of one part asks for.
KEPT_BYTES = 2**24

# Of an effect, and of a variance: products of six of them are still numbers.
LARGEST, LEAST, MOST = 1e25, 1e-50, 1e50

# ASSUME: two studies at least for a spread between them.
FEWEST_STUDIES = 2


@dataclass(frozen=True)
class BatchFit:
    """B fitted models.

    Parameters
    ----------
    tau2_method
        A name in `tau2.ESTIMATORS`.
    estimate, se
        Shape (B,) for means, (p, B) with a design, in the order of its terms: coefficients and Wald's standard errors,
        in the units of yi over those of the moderator. NaN where a data set does not determine them.
    tau2
        Shape (B,), in the squared units of yi.
    q
        Shape (B,): Cochran's Q, the weighted residual sum of squares under the common-effect model.
    rss
        Shape (B,): the weighted residual sum of squares at tau2, which Knapp and Hartung's scale is made of.
    noise
        Shape (B,): an `rss` of this size is rounding error.
    i2
        Shape (B,): percent of the variability that is not sampling error.
    qm
        Shape (B,): the test statistic of all coefficients but the first being 0, without a scale; 0 for means.
    loglik
        Shape (B,): the restricted log likelihood at tau2 for REML, the full one for the other estimators.
    k, df
        Shape (B,): the number of studies, and k - p.
    undefined
        Shape (B,): True where a data set has fewer than two studies, or no more than coefficients, or leaves a
        coefficient undetermined: then there is no spread to estimate, and tau2 is 0.
    """

    tau2_method: str
    estimate: FloatArray
    se: FloatArray
    tau2: FloatArray
    q: FloatArray
    rss: FloatArray
    noise: FloatArray
    i2: FloatArray
    qm: FloatArray
    loglik: FloatArray
    k: FloatArray
    df: FloatArray
    undefined: BoolArray


def fit(
    yi: FloatArray,
    vi: FloatArray,
    include: BoolArray | None = None,
    design: Design | FloatArray | None = None,
    tau2: str = "REML",
) -> BatchFit:
    """Fit one model to each of B data sets.

    Memory beyond arguments and results does not grow with B.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, shape (k,) for the same ones in every data set, or (k, B).
    include
        Shape (k, B): which studies each data set has; all of them by default. What stands in the cells of the others
        is of no matter.
    design
        The model of the mean, of k studies and p coefficients, or its matrix of shape (k, p) with its column of ones;
        an intercept alone by default.
    tau2
        How the variance between studies is estimated: a name in `tau2.ESTIMATORS`.

    Raises
    ------
    ReanalysisError
        Where shapes do not fit each other, the estimator is unknown, or an effect is not finite or a variance not
        finite and above 0: it names the row, and the data set if there are several.
    """
    if tau2 not in between.ESTIMATORS:
        raise ReanalysisError(
            f"there is no estimator of tau2 called {tau2!r}", remedy=f"name one of: {', '.join(between.ESTIMATORS)}"
        )
    yi, vi, include = _shaped(yi, vi, include)
    made = of_matrix(design) if isinstance(design, np.ndarray) else design
    k, count = yi.shape
    if made is not None and made.k != k:
        raise ReanalysisError(f"a design of {made.k} studies does not fit {k} effects", remedy="give a row a study")
    p = 1 if made is None else made.p
    shapes = dict.fromkeys(("estimate", "se"), (p, count)) | dict.fromkeys(
        ("tau2", "q", "rss", "noise", "i2", "qm", "loglik", "k", "df"), (count,)
    )
    numbers: dict[str, FloatArray] = {name: np.full(shape, np.nan) for name, shape in shapes.items()}
    undefined = np.ones(count, bool)
    size, room = k * (p + 1) // 2, _OWN.room
    parts = _parts(np.arange(count), size)
    # Of many parts, what a quick look has not settled is put together.
    for estimate in (between.estimate,) if len(parts) == 1 else (between.quick_estimate, between.thorough_estimate):
        for part in parts:
            y, v = _checked(yi[:, part], vi[:, part], None if include is None else include[:, part], part)
            if k < max(p, 1):
                numbers["k"][part] = np.isfinite(v).sum(axis=0)
                numbers["df"][part] = numbers["k"][part] - p
                numbers["tau2"][part] = 0.0
                continue
            found, undetermined = _fit(y, v, made, tau2, estimate, room)
            some = undetermined.any()
            for name, values in found.items():
                if some and name not in ("k", "df"):
                    values[..., undetermined] = 0.0 if name == "tau2" else np.nan
                numbers[name][..., part] = values
            undefined[part] = undetermined | (found["k"] < FEWEST_STUDIES) | (found["df"] <= 0)
        # What has not been settled.
        parts = _parts(np.flatnonzero(np.isnan(numbers["tau2"])), size)
    if made is None:
        numbers |= {name: numbers[name][0] for name in ("estimate", "se")}
    return BatchFit(tau2_method=tau2, **numbers, undefined=undefined)


class _Own(threading.local):
    """Each thread's room, kept from one call to the next."""

    def __init__(self) -> None:
        self.room = Room()
        # GNU's allocator gives back to the system what is freed beyond twice the largest array ever freed, and asks for
        # it again at each step: more than the steps' arrays together, freed once and never touched, ends that.
        np.empty(KEPT_BYTES, np.uint8)


_OWN = _Own()


def _parts(whole: Places, size: int) -> list[Places | slice]:
    """Return the data sets that are worked on together, of `size` numbers each; as slices where none is missing."""
    most = max(FEWEST, CELLS // max(1, size))
    parts = np.array_split(whole, -(-len(whole) // most)) if len(whole) else []
    return [slice(int(one[0]), int(one[-1]) + 1) if one[-1] - one[0] + 1 == len(one) else one for one in parts]


def _fit(
    yi: FloatArray,
    vi: FloatArray,
    design: Design | None,
    tau2_method: str,
    estimate: Callable[[str, Sets], FloatArray],
    room: Room,
) -> tuple[dict[str, FloatArray], BoolArray]:
    """Return the numbers of `BatchFit` by name, and which data sets leave a coefficient undetermined."""
    sets, undetermined = of(yi, vi, design, room)
    tau2 = estimate(tau2_method, sets)
    at = sets.at(tau2, room.part("found"))
    coefficient, covariance = coefficients(at)
    found = {
        "estimate": coefficient,
        "se": np.sqrt(np.einsum("jjn->jn", covariance)),
        "tau2": tau2,
        "q": sets.zero.ypy,
        "rss": at.ypy,
        "noise": noise(at),
        "i2": share_between(sets, tau2_method, tau2),
        "qm": omnibus(at),
        "loglik": log_likelihood(at, restricted=tau2_method == "REML"),
        "k": sets.k if sets.complete else np.asarray(np.isfinite(vi).sum(axis=0), float),
    }
    found["df"] = found["k"] - sets.p
    sets.forget()
    return found, undetermined


def of(yi: FloatArray, vi: FloatArray, design: Design | None, room: Room | None = None) -> tuple[Sets, BoolArray]:
    """Return data sets of shape (k, n), and which of them leave a coefficient undetermined."""
    if design is None or design.p == 1:
        return of_means(yi, vi, room), np.isinf(vi.min(axis=0))
    return of_regressions(yi, vi, design.X, room)


def noise(at: Weighted) -> FloatArray:
    """Return the size of `ypy` that is rounding error: that of effects known to their last digits."""
    sets = at.sets
    largest = np.abs(sets.start) + np.sqrt(at.ypy / at.trace_w)
    return np.asarray((sets.k * np.finfo(float).eps * largest) ** 2 * at.trace_w, float)


def log_likelihood(at: Weighted, *, restricted: bool) -> FloatArray:
    """Return the log likelihood with its constants, shape (n,), as metafor gives it.

    Viechtbauer 2010, J Stat Softw 36(3). The restricted one has + log |X' X| / 2, so that it does not change with the
    units of the moderators.
    """
    sets = at.sets
    if not restricted:
        return np.asarray((FULL.height(at) - sets.k * math.log(2 * math.pi)) / 2, float)
    return np.asarray((RESTRICTED.height(at) + sets.log_gram - sets.df * math.log(2 * math.pi)) / 2, float)


def _shaped(
    yi: FloatArray, vi: FloatArray, include: BoolArray | None
) -> tuple[FloatArray, FloatArray, BoolArray | None]:
    """Return all three as arrays of shape (k, B), without a copy of what is shared."""
    yi, vi = np.asarray(yi, float), np.asarray(vi, float)
    include = None if include is None else np.asarray(include)
    given = [one.shape for one in (yi, vi, include) if one is not None]
    counts = {shape[1] for shape in given if len(shape) > 1}
    if any(len(shape) not in (1, 2) for shape in given) or len({shape[0] for shape in given}) > 1 or len(counts) > 1:
        raise ReanalysisError(
            f"arrays of the shapes {', '.join(map(str, given))} do not fit each other",
            remedy="give a row a study, and one column count; one dimension stands for the same in every data set",
        )
    if include is not None and include.dtype != bool:
        raise ReanalysisError("`include` is not of True and False", remedy="give a boolean array")
    shape = given[0][0], counts.pop() if counts else 1
    whole = [
        None if one is None else np.broadcast_to(one if one.ndim > 1 else one[:, None], shape)
        for one in (yi, vi, include)
    ]
    return whole[0], whole[1], whole[2]  # type: ignore[return-value]  # only the last may be None


def _checked(
    yi: FloatArray, vi: FloatArray, include: BoolArray | None, part: Places | slice
) -> tuple[FloatArray, FloatArray]:
    """Return effects and variances, infinite for a study that is not in a data set; refuse what has no meaning."""
    if (
        include is None
        and -LARGEST <= yi.min(initial=0) <= yi.max(initial=0) <= LARGEST
        and LEAST <= vi.min(initial=1) <= vi.max(initial=1) <= MOST
    ):
        return yi, vi
    good = (np.abs(yi) <= LARGEST) & (vi >= LEAST) & (vi <= MOST)
    if include is not None:
        good |= ~include
    if not good.all():
        study, place = (int(one) for one in np.argwhere(~good)[0])
        first = (part.start or 0) + place if isinstance(part, slice) else int(part[place])
        many = f", data set {first + 1}" if first or yi.shape[1] > 1 else ""
        raise ReanalysisError(
            f"row {study + 1}{many}: the effect {yi[study, place]:g} with variance {vi[study, place]:g} "
            "cannot be pooled",
            remedy=f"an effect is finite, a variance is finite and above 0 (from {LEAST:g} to {MOST:g}, the effect at "
            f"most {LARGEST:g}, or products overflow); leave the study out with `include`, or choose other units",
        )
    if include is None:
        return yi, vi
    return np.where(include, yi, 0.0), np.where(include, vi, np.inf)

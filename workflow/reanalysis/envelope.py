"""What rounding alone leaves open: how far every result moves while the table still prints as it does.

Each study stands anywhere in its region of (yi, sei). Draws say where results mostly lie, a search over the corners how
far they reach: every value it finds belongs to unrounded numbers that print as the table does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from reanalysis.batch import fit
from reanalysis.dataset import Dataset
from reanalysis.design import Design, FloatArray
from reanalysis.intervals import limits, prediction
from reanalysis.measures import is_ratio, printable
from reanalysis.mixed_effects import Choices
from reanalysis.moderators import model_design, too_few
from reanalysis.rounding import RoundingPolygon

# The share of the draws that the middle range holds.
MIDDLE = (0.025, 0.975)

# The draws that the search for the furthest values begins at: it may end at different corners from each.
STARTS = 8

# An optimum between corners is met to within this part of an edge.
EDGE_POINTS = 25

# With several times this many studies each moves little, and fewer points on its edges do.
MANY_STUDIES = 15

# A round moves every study that gains by it: a handful of them ends a climb.
MOST_ROUNDS = 60

# Effects, studies times data sets, that are tried at a time: all of a dozen studies, and no more memory for hundreds.
CELLS = 2**20

LEAST_SPREAD = 1e-3

# A gain below this share of a quantity is rounding error.
LEAST_GAIN = 1e-12

# A data set: effects and variances of all studies, shape (k, B) each, to quantities, shape (B,) each.
Evaluate = Callable[[FloatArray, FloatArray], Mapping[str, FloatArray]]


def envelope(
    data: Dataset,
    regions: Sequence[RoundingPolygon],
    models: Sequence[tuple[str, ...]],
    measure: str,
    choices: Choices,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """Return the pooled results and slopes as analysed, with the range that rounding leaves each.

    Parameters
    ----------
    regions
        Of each study in the analysis; one without corners stays where it is.
    models
        The meta-regressions, each a tuple of moderators.
    draws, seed
        How many times all studies are drawn, and from which seed.
    """
    sei = np.sqrt(data.vi)
    regions = [_usable(*one) for one in zip(regions, data.yi.tolist(), sei.tolist(), strict=True)]
    drawn = draw(regions, draws, np.random.default_rng(seed))
    pooled: dict[str, Mapping[str, float | None]] = dict(_ranges(_pooled(choices), data, regions, drawn))
    if is_ratio(measure):
        effects = [name for name in pooled if name not in ("tau2", "i2")]
        pooled |= {
            "ratio" if name == "estimate" else f"ratio_{name}": {
                key: printable(measure, value) for key, value in pooled[name].items()
            }
            for name in effects
        }
    slopes = []
    for model in models:
        if too_few(data, model):
            continue
        made = model_design(data, model)
        found = _ranges(_slopes(made.complete, made.design, choices), data, regions, drawn)
        name = " + ".join(model)
        slopes += [{"model": name, "term": term, **one} for term, one in found.items()]
    return {
        "pooled": [{"quantity": name, **one} for name, one in pooled.items()],
        "slopes": slopes,
    }


def _usable(region: RoundingPolygon, yi: float, sei: float) -> RoundingPolygon:
    """Return a region that models can be fitted in: without corners it is the point that is analysed."""
    if region.empty:
        return RoundingPolygon(((yi, sei),))
    # ASSUME: no standard error is less than a thousandth of the one analysed, even where rounding would allow none.
    return RoundingPolygon(tuple((y, max(s, LEAST_SPREAD * sei)) for y, s in region.corners))


def draw(
    regions: Sequence[RoundingPolygon], count: int, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return effects and standard errors drawn from each study's region, shape (k, count) each.

    ASSUME: within its region every pair is as likely as any other.
    """
    pairs = [_draw(np.array(region.corners), count, generator) for region in regions]
    return np.array([y for y, _ in pairs]), np.array([s for _, s in pairs])


def _draw(corners: FloatArray, count: int, generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return points of a convex polygon, a line or a point: a triangle by its area, then a point of the triangle."""
    first, second, third = corners[:1], corners[1:-1], corners[2:]
    if len(corners) < 3:  # noqa: PLR2004 (a line or a point)
        share = generator.random((count, 1))
        points = corners[0] + share * (corners[-1] - corners[0])
        return points[:, 0], points[:, 1]
    (a_y, a_s), (b_y, b_s) = (second - first).T, (third - first).T
    areas = np.abs(a_y * b_s - b_y * a_s)
    total = areas.sum()
    chances = areas / total if total > 0 else np.full(len(areas), 1 / len(areas))
    places = np.searchsorted(np.cumsum(chances)[:-1], generator.random(count), side="right")
    root, share = np.sqrt(generator.random((count, 1))), generator.random((count, 1))
    points = (1 - root) * first + root * (1 - share) * second[places] + root * share * third[places]
    return points[:, 0], points[:, 1]


def _pooled(choices: Choices) -> Evaluate:
    def evaluate(yi: FloatArray, vi: FloatArray) -> dict[str, FloatArray]:
        found = fit(yi, vi, tau2=choices.tau2_method)
        ci_low, ci_high = limits(found, choices.interval, choices.level)
        low, high = prediction(found, choices.interval, choices.level)
        made: dict[str, FloatArray] = {
            "estimate": found.estimate,
            "ci_low": ci_low,
            "ci_high": ci_high,
            "tau2": found.tau2,
            "i2": found.i2,
        }
        return made if np.isnan(low).all() else made | {"prediction_low": low, "prediction_high": high}

    return evaluate


def _slopes(complete: list[int], of: Design, choices: Choices) -> Evaluate:
    def evaluate(yi: FloatArray, vi: FloatArray) -> Mapping[str, FloatArray]:
        found = fit(yi[complete], vi[complete], design=of, tau2=choices.tau2_method)
        return dict(zip(of.terms[1:], found.estimate[1:], strict=True))

    return evaluate


def _ranges(
    evaluate: Evaluate, data: Dataset, regions: Sequence[RoundingPolygon], drawn: tuple[FloatArray, FloatArray]
) -> dict[str, dict[str, float]]:
    """Return each quantity as analysed, the middle of its draws, and how far it reaches."""
    as_analysed = evaluate(data.yi[:, None], data.vi[:, None])
    found = evaluate(drawn[0], drawn[1] ** 2)
    made = {}
    for name, values in found.items():
        middle = np.quantile(values, MIDDLE)
        value = float(as_analysed[name][0])
        order = np.argsort(values, kind="stable")
        low, high = (
            _reach(evaluate, name, sign, regions, (drawn[0][:, best], drawn[1][:, best]))
            for sign, best in ((-1.0, order[:STARTS]), (1.0, order[-STARTS:]))
        )
        made[name] = {
            "value": value,
            "middle_low": float(middle[0]),
            "middle_high": float(middle[1]),
            "low": low,
            "high": high,
        }
    return made


def _reach(
    evaluate: Evaluate,
    name: str,
    sign: float,
    regions: Sequence[RoundingPolygon],
    starts: tuple[FloatArray, FloatArray],
) -> float:
    """Return the least (sign -1) or greatest (sign 1) value of a quantity that a search over the regions finds.

    From each of some good draws on, the study whose move to one of its corners gains most is moved there, until none
    gains; from the best end on, the same with points along the edges.

    Parameters
    ----------
    starts
        Effects and standard errors, shape (k, S) each.
    """

    def value(yi: FloatArray, sei: FloatArray) -> FloatArray:
        return sign * evaluate(yi, sei**2)[name]

    yi, sei, found = _climb(value, [np.array(region.corners) for region in regions], *starts)
    best = [int(np.argmax(found))]
    points = max(2, EDGE_POINTS // max(1, len(regions) // MANY_STUDIES))
    _, _, found = _climb(
        value, [_edges(np.array(region.corners), points) for region in regions], yi[:, best], sei[:, best]
    )
    return float(sign * found[0])


def _edges(corners: FloatArray, points: int) -> FloatArray:
    """Return points along the edges of a polygon, its corners among them, shape (points, 2)."""
    shares = np.arange(points)[:, None, None] / points
    along: FloatArray = corners + shares * (np.roll(corners, -1, axis=0) - corners)
    return along.reshape(-1, 2)


def _climb(
    value: Callable[[FloatArray, FloatArray], FloatArray], places: Sequence[FloatArray], yi: FloatArray, sei: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return where the climbs from S data sets end, shape (k, S) each, and how high, shape (S,).

    Each round tries every study at every place. All studies that gain move to their best place together; where that
    gains less than the best move alone, only that one is made.

    Parameters
    ----------
    value
        From effects and standard errors, shape (k, B) each, to what is to be large, shape (B,).
    places
        Of each study the pairs (yi, sei) it may be moved to, shape (points, 2).
    """
    yi, sei = yi.copy(), sei.copy()
    owners = np.repeat(np.arange(len(places)), [len(one) for one in places])
    first = np.flatnonzero(np.diff(owners, prepend=-1))
    moves = np.vstack(places)
    best = value(yi, sei)
    climbing = np.arange(yi.shape[1])
    for _ in range(MOST_ROUNDS):
        here_yi, here_sei, count = yi[:, climbing], sei[:, climbing], len(climbing)
        values = _tried(value, owners, moves, here_yi, here_sei)
        # All studies that gain at their best places, and the best move alone: shape (k, S) each.
        both = [(here_yi.copy(), here_sei.copy()), (here_yi.copy(), here_sei.copy())]
        for start in range(count):
            tops = np.array([begin + int(np.argmax(part)) for begin, part in _parts(values[start], first)])
            chosen = (tops[values[start, tops] > best[climbing[start]]], np.array([int(np.argmax(values[start]))]))
            for (new_yi, new_sei), move in zip(both, chosen, strict=True):
                new_yi[owners[move], start], new_sei[owners[move], start] = moves[move].T
        heights = value(*(np.hstack(parts) for parts in zip(*both, strict=True))).reshape(2, count)
        which = np.argmax(heights, axis=0)
        gained = heights[which, np.arange(count)] - best[climbing] > LEAST_GAIN * np.abs(best[climbing])
        for start in np.flatnonzero(gained).tolist():
            new_yi, new_sei = both[which[start]]
            yi[:, climbing[start]], sei[:, climbing[start]] = new_yi[:, start], new_sei[:, start]
            best[climbing[start]] = heights[which[start], start]
        climbing = climbing[gained]
        # Two that meet go on as one, and one that gains nothing has arrived.
        _, apart = np.unique(np.vstack([yi[:, climbing], sei[:, climbing]]), axis=1, return_index=True)
        climbing = climbing[np.sort(apart)]
        if not len(climbing):
            break
    return yi, sei, best


def _tried(
    value: Callable[[FloatArray, FloatArray], FloatArray],
    owners: npt.NDArray[np.intp],
    moves: FloatArray,
    yi: FloatArray,
    sei: FloatArray,
) -> FloatArray:
    """Return how high each of S data sets is with each of n moves, shape (S, n); some moves at a time.

    Parameters
    ----------
    owners, moves
        The study that each move is of, shape (n,), and the pair (yi, sei) it is moved to, shape (n, 2).
    """
    places, step = np.arange(yi.shape[1] * len(moves)), max(1, CELLS // len(yi))
    found = np.empty(len(places))
    for begin in range(0, len(places), step):
        start, move = np.divmod(places[begin : begin + step], len(moves))
        tried_yi, tried_sei = yi[:, start], sei[:, start]
        at = owners[move], np.arange(len(move))
        tried_yi[at], tried_sei[at] = moves[move].T
        found[begin : begin + step] = value(tried_yi, tried_sei)
    return found.reshape(-1, len(moves))


def _parts(values: FloatArray, first: npt.NDArray[np.intp]) -> Iterator[tuple[int, FloatArray]]:
    """Return the values of each study's places, with the place that they begin at."""
    for begin, end in zip(first, [*first[1:], len(values)], strict=True):
        yield int(begin), values[begin:end]

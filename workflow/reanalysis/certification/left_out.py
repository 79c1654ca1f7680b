"""Which of the models without one study are computed again: all of few, a declared selection of many.

Every model without a study is fitted anew with fifty digits, so that all of them take time that grows with the square
of the studies, and a regression of four hundred takes minutes.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST_LEFT_OUT = 20
"""Up to so many studies each is left out in turn, and never more."""
FEWEST_LEFT_OUT = 4
MOST_STUDIES_IN_ALL = 1600
"""Studies in all models without a study together: beyond a hundred studies fewer are left out."""


def chosen(weights: Sequence[float]) -> list[int]:
    """Return the places, ascending, of the studies without which a model is computed again.

    Half of them are those of the largest weight (of equal weights the first), without which a model changes most; the
    others lie evenly spread in the order of the table, from the first of those that are left to the last.

    Parameters
    ----------
    weights
        Of each of the k studies of the model.
    """
    k = len(weights)
    if k <= MOST_LEFT_OUT:
        return list(range(k))
    count = max(FEWEST_LEFT_OUT, min(MOST_LEFT_OUT, MOST_STUDIES_IN_ALL // k))
    heaviest = sorted(range(k), key=lambda place: (-weights[place], place))[: count // 2]
    others = [place for place in range(k) if place not in heaviest]
    steps = count - len(heaviest) - 1
    spread = [others[step * (len(others) - 1) // steps] for step in range(steps + 1)]
    return sorted([*heaviest, *spread])

"""When studies of a cluster recruited at the same time."""

from __future__ import annotations

from collections.abc import Sequence

Period = tuple[float, float]


def overlaps(periods: Sequence[Period]) -> list[Period]:
    """Return the spans of years in which two periods or more run, in order, none touching another.

    ASSUME: a period runs from its first year to its last, both included, so that one that begins in the year in which
    another ends overlaps it in that year.

    Parameters
    ----------
    periods
        First and last year of each.
    """
    found: list[Period] = []
    reached: float | None = None
    for start, end in sorted(periods):
        if reached is not None and start <= reached:
            span = (start, min(end, reached))
            if found and span[0] <= found[-1][1]:
                found[-1] = (found[-1][0], max(found[-1][1], span[1]))
            else:
                found.append(span)
        reached = end if reached is None else max(reached, end)
    return found

"""The axis of effects: positions on the scale of the analysis, ticks and words on the printed one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from reanalysis.figures import style
from reanalysis.figures.ticks import MOST, plain_ticks, ratio_ticks, tick_label

# Between the labels of two ticks, in points.
APART = 4.0


@dataclass(frozen=True)
class Scale:
    """How effects are laid out on an axis.

    Parameters
    ----------
    measure, name
        The measure alone, and the axis in full.
    ratio
        Whether the printed scale is of ratios.
    null
        Where no difference lies, on the scale of the analysis.
    to_print, to_analysis
        Between the scale of the analysis and the printed one.
    """

    measure: str
    name: str
    ratio: bool
    null: float
    to_print: Callable[[float], float]
    to_analysis: Callable[[float], float]

    def ticks(self, low: float, high: float, room: float = math.inf) -> tuple[list[float], list[str]]:
        """Return positions of round printed values between two positions, and what stands at them.

        Parameters
        ----------
        room
            How long the axis is, in points: so many ticks that their labels do not touch.
        """
        for most in range(MOST, 0, -1):
            values = (ratio_ticks if self.ratio else plain_ticks)(self.to_print(low), self.to_print(high), most)
            places, words = [self.to_analysis(value) for value in values], [tick_label(value) for value in values]
            widths = [style.width(word) for word in words]
            needed = [(one + other) / 2 + APART for one, other in pairwise(widths)]
            if all(
                room * (b - a) / (high - low) >= need for (a, b), need in zip(pairwise(places), needed, strict=True)
            ):
                break
        return places, words

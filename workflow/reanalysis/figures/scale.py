"""The axis of effects: positions on the scale of the analysis, ticks and words on the printed one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reanalysis.figures.ticks import plain_ticks, ratio_ticks, tick_label


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

    def ticks(self, low: float, high: float) -> tuple[list[float], list[str]]:
        """Return positions of round printed values between two positions, and what stands at them."""
        values = (ratio_ticks if self.ratio else plain_ticks)(self.to_print(low), self.to_print(high))
        return [self.to_analysis(value) for value in values], [tick_label(value) for value in values]

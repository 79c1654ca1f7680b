"""What the views of all figures share."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from matplotlib.figure import Figure

from reanalysis.distributions import critical_value
from reanalysis.figures import style
from reanalysis.figures.nothing import nothing
from reanalysis.figures.scale import Scale
from reanalysis.measures import NAMES, is_ratio, null_value, to_analysis, to_print
from reanalysis.records import Effect
from reanalysis.results import Results
from reanalysis.views.data import Data, shown_table

# As many names as a plot of points has room for.
MOST_NAMED = 20


@dataclass(frozen=True)
class Shown:
    """A figure and its words: a title, a caption that explains its marks, and a text alternative made from the data.

    `of` names the results that its numbers stand in. Where there is nothing to show, `reason` says
    why, and so does the figure; else it is empty.
    `breaks` says where pages of print begin but for the first, in points from the top.
    `data` has the numbers, None where there is nothing to show.
    """

    figure: Figure
    title: str
    caption: str
    description: str
    of: tuple[str, ...] = ("effects", "pooled")
    reason: str = ""
    breaks: tuple[float, ...] = ()
    data: Data | None = None

    @property
    def words(self) -> dict[str, Any]:
        """Return what stands with the figure in `words.json`."""
        said = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in ("figure", "of", "data")}
        return said | {"of": "+".join(self.of), "data": shown_table(self.data)}


def none_shown(title: str, reason: str) -> Shown:
    """Return a figure that says why there is nothing to show."""
    return Shown(nothing(reason), title=title, caption=reason, description=reason, reason=reason)


def limits(effect: Effect, level: float) -> tuple[float, float]:
    """Return the Wald interval of an effect, on the scale of the analysis."""
    assert effect.yi is not None  # noqa: S101 (an included effect has both)
    assert effect.sei is not None  # noqa: S101
    margin = critical_value(level) * effect.sei
    return effect.yi - margin, effect.yi + margin


def envelope(results: Results, effect: Effect) -> tuple[float, float] | None:
    """Return the widest limits that any pair of the effect's region has; None where no pair prints as it does."""
    z = critical_value(results.pooled["level"])
    corners = results.region(effect)
    if not corners:
        return None
    return min(y - z * s for y, s in corners), max(y + z * s for y, s in corners)


def named(label: str, row: int) -> str:
    """Return the name of a study as a figure shows it: its row in the table where the fonts cannot write it."""
    label = " ".join(label.split())
    return label if style.writable(label) else f"row {row}"


def unnamed(results: Results, said: str) -> str:
    """Return what is said where a figure names rows in place of studies; nothing where it names all studies."""
    return "" if all(style.writable(one.study) for one in results.studies) else said


def effect_scale(results: Results) -> Scale:
    """Return the axis of effects that all figures of a review share."""
    measure = results.review.measure
    name = f"{NAMES[measure][0].upper()}{NAMES[measure][1:]}"
    logarithmic = ", logarithmic scale" if is_ratio(measure) else ""
    return Scale(
        measure=name,
        name=f"{name} ({results.review.outcome}{logarithmic})",
        ratio=is_ratio(measure),
        null=to_analysis(measure, null_value(measure)),
        to_print=partial(to_print, measure),
        to_analysis=partial(to_analysis, measure),
    )


def hollow(results: Results, said: str) -> str:
    """Return what is said of hollow points; nothing where the figure has none."""
    return said if any(one.route == "p" for one in results.included) else ""

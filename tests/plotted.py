"""For tests of figures: results made from a few numbers, and figures read back from what they were saved as."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from made import NOBODY, REVIEW, an_estimate
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from reanalysis.dataset import dataset
from reanalysis.figures import style
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.pooling import pool_all
from reanalysis.records import Effect
from reanalysis.regression import regress_all
from reanalysis.results import Results
from reanalysis.review import Review
from reanalysis.subgroups import subgroups

CHOICES = Choices("REML", "hksj", 0.95)


def a_review(
    names: Sequence[str],
    yi: Sequence[float],
    sei: Sequence[float],
    *,
    review: Review = REVIEW,
    groups: Sequence[str] = (),
    left_out: Sequence[str] = (),
) -> Results:
    """Return the results of a review of some studies, as far as figures need them, without going by files."""
    models = [("start",), ("log_n",)] if len(names) > 3 else []
    chosen = replace(review, models=models, subgroups={"column": "Group"} if groups else {})
    studies, estimates, effects = [], [], []
    for row, (name, y, s) in enumerate(zip(names, yi, sei, strict=True), start=1):
        n = 100 + 37 * row
        studies.append(
            replace(NOBODY, row=row, study=name, start=1980.0 + row % 30, end=1990.0 + row % 30, n=n,
                    n_treated=n // 2, n_control=n - n // 2)
        )  # fmt: skip
        printed = math.exp if chosen.measure in ("HR", "OR", "RR") else float
        low, mid, high = (f"{printed(y + z * s):.2f}" for z in (-1.96, 0, 1.96))
        estimates.append(
            replace(an_estimate(estimate=mid, lower=low, upper=high), row=row, study=name, measure=chosen.measure)
        )
        extra = {"start": str(1980.0 + row % 30), "log_n": str(math.log(n))} if models else {}
        effects.append(_effect(row, name, y, s, extra))
    for row, name in enumerate(left_out, start=len(studies) + 1):
        studies.append(replace(NOBODY, row=row, study=name))
        estimates.append(replace(an_estimate(), row=row, study=name, text="no benefit", poolable=False))
        effects.append(
            replace(_effect(row, name, 0.0, 1.0, {}), included=False, reason="no estimate", yi=None, sei=None)
        )
    data = dataset(effects, "effects.csv")
    resampling = Resampling(1000, 1)
    values = dict(enumerate(groups, start=1))
    return Results(
        review=chosen,
        studies=studies,
        estimates=estimates,
        effects=effects,
        pooled=pool_all(data, chosen.measure, CHOICES),
        regression=regress_all(data, models, chosen.measure, CHOICES, resampling),
        rounding={"studies": [{"row": one.row, "item": 1, "corners": []} for one in effects]},
        multiverse={},
        specifications=[],
        subgroups=subgroups(data, [one for one in effects if one.included], chosen, values, CHOICES, resampling),
    )


def _effect(row: int, name: str, y: float, s: float, extra: dict[str, str]) -> Effect:
    return Effect(
        row=row, item=1, study=name, outcome="OS", contrast="", included=True, reason="", yi=y, sei=s,
        route="p" if row % 5 == 3 else "ci", yi_low=y, yi_high=y, sei_low=s, sei_high=s, extra=extra,
    )  # fmt: skip


def boxes(figure: Figure) -> list[tuple[str, float, float, float, float]]:
    """Return every visible text of a figure with its extent in points."""
    figure.set_dpi(72 * 2)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    found = []
    for text in texts(figure):
        box = text.get_window_extent(renderer)
        scale = 72 / figure.dpi
        found.append((text.get_text(), *(scale * value for value in (box.x0, box.y0, box.x1, box.y1))))
    return found


def texts(figure: Figure) -> list[Any]:
    """Return every visible text of a figure, those of ticks within their axis included."""
    found = list(figure.texts)
    for axes in figure.axes:
        for axis, ends in ((axes.xaxis, sorted(axes.get_xlim())), (axes.yaxis, sorted(axes.get_ylim()))):
            found += [
                tick.label1 for tick in axis.get_major_ticks() if ends[0] - 1e-9 <= tick.get_loc() <= ends[1] + 1e-9
            ]
        found += [*axes.texts, axes.xaxis.label, axes.yaxis.label]
    return [one for one in found if one.get_visible() and one.get_text().strip()]


def assert_legible(figure: Figure) -> None:
    """Hold that no text is under 8 pt, touches another or leaves the figure."""
    width, height = figure.get_size_inches() * 72
    assert min(text.get_fontsize() for text in texts(figure)) >= style.TEXT >= 8
    found = boxes(figure)
    for text, x0, y0, x1, y1 in found:
        assert min(x0, y0) >= -0.5, text
        assert x1 <= width + 0.5, text
        assert y1 <= height + 0.5, text
    sides = np.array([box for _, *box in found])
    # Boxes include the room for accents and tails; letters themselves are smaller.
    across = np.minimum(sides[:, None, 2], sides[None, :, 2]) - np.maximum(sides[:, None, 0], sides[None, :, 0])
    up = np.minimum(sides[:, None, 3], sides[None, :, 3]) - np.maximum(sides[:, None, 1], sides[None, :, 1])
    touching = np.argwhere(np.triu((across > 0.5) & (up > 2.5), 1))
    assert not len(touching), [(found[one][0], found[other][0]) for one, other in touching]


Segment = tuple[float, float, float, float]


def segments(svg: str, colour: str, width: float) -> list[Segment]:
    """Return the straight lines of a colour and a width in an SVG, as x0, y0, x1, y1 in points."""
    drawn = re.findall(r'<path d="M (-?[\d.]+) (-?[\d.]+) \nL (-?[\d.]+) (-?[\d.]+) \n"[^>]*?style="([^"]*)"', svg)
    return [
        (float(x0), float(y0), float(x1), float(y1))
        for x0, y0, x1, y1, look in drawn
        if f"stroke: {colour}" in look and re.search(rf"stroke-width: {width:g}(?![.\d])", look)
    ]


def markers(svg: str, face: str) -> list[tuple[float, float, float]]:
    """Return the markers of a face colour in an SVG, as x, y and height in points."""
    shapes = {
        name: [float(part) for part in re.findall(r"-?\d+\.?\d*", path)]
        for name, path in re.findall(r'<path id="(m[0-9a-f]+)" d="([^"]*)"', svg)
    }
    found = re.findall(r'<use xlink:href="#(m[0-9a-f]+)" x="([\d.]+)" y="([\d.]+)" style="([^"]*)"', svg)
    return [
        (float(x), float(y), max(shapes[name][1::2]) - min(shapes[name][1::2]))
        for name, x, y, look in found
        if f"fill: {face}" in look
    ]

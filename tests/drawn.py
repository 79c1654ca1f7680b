"""Figures re-read, for tests: made-up results of any size, the words of a figure, the marks of its SVG."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from made import REVIEW
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from reanalysis.cumulative import known_years
from reanalysis.dataset import dataset
from reanalysis.dependence import dependence
from reanalysis.figures import style
from reanalysis.influence import influence_all
from reanalysis.mixed_effects import Choices
from reanalysis.pooling import pool
from reanalysis.records import Effect, Study
from reanalysis.regression import regress_all
from reanalysis.results import Results
from reanalysis.review import Review
from reanalysis.subsets import Sampling, subsets

HKSJ = Choices("REML", "hksj", 0.95)
LONG = 'Łukasiewicz <& "Sons"> and the Collaborative Group on Very Long Names of Studies'


def some_results(
    k: int,
    *,
    measure: str = "HR",
    moderators: Sequence[str] = ("start", "log_n"),
    years: bool = True,
    clusters: int = 0,
    choices: Choices = HKSJ,
    seed: int = 1,
) -> Results:
    """Return the results of a made-up review of k studies; the first `clusters` of them may share patients."""
    rng = np.random.default_rng(seed)
    starts = rng.integers(1970, 2000, k)
    names = [LONG if row == 2 else f"Study {row}" for row in range(1, k + 1)]
    found, effects = [], []
    for row, (name, start) in enumerate(zip(names, starts.tolist(), strict=True), start=1):
        end = start + int(rng.integers(0, 15))
        known = {"year": end + 3, "start": float(start), "end": float(end)} if years else {}
        found.append(Study(row=row, study=name, n=100 * row, **known))
        yi, sei = float(rng.normal(-0.3, 0.25)), float(rng.uniform(0.05, 0.4))
        extra = {"start": str(start), "log_n": repr(float(np.log(100 * row)))}
        # fmt: off
        effects.append(Effect(
            row=row, item=1, study=name, outcome="OS", contrast="", included=True, reason="", yi=yi, sei=sei,
            route="p" if row % 3 == 0 else "ci", yi_low=yi, yi_high=yi, sei_low=sei, sei_high=sei, extra=extra,
        ))
        # fmt: on
    return _analysed(
        replace(REVIEW, measure=measure, models=[(one,) for one in moderators]), found, effects, clusters, choices
    )


def _analysed(review: Review, studies: list[Study], effects: list[Effect], clusters: int, choices: Choices) -> Results:
    data, measure = dataset(effects, "made"), review.measure
    judged = [{"study": one.study, "cluster": "a registry"} for one in studies[:clusters]]
    return Results(
        review=review,
        studies=studies,
        estimates=[],
        effects=effects,
        pooled={"level": choices.level, "primary": pool(data.yi, data.vi, measure, choices)},
        regression=regress_all(data, review.models, measure, choices),
        rounding={},
        influence=influence_all(data, known_years(effects, studies), review.models, measure, choices),
        subsets=subsets(data, measure, choices, Sampling(3000, 1)),
        dependence=dependence(effects, review, judged, choices, "made"),
    )


def boxes(figure: Figure) -> list[tuple[str, float, float, float, float]]:
    """Return every visible text of a figure with its extent in points."""
    figure.set_dpi(style.PNG_DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer, scale = canvas.get_renderer(), 72 / style.PNG_DPI
    texts = list(figure.texts)
    for axes in figure.axes:
        texts += [*axes.texts, axes.xaxis.label, axes.yaxis.label]
        for labels, ends, at in (
            (axes.get_xticklabels(), axes.get_xlim(), 0),
            (axes.get_yticklabels(), axes.get_ylim(), 1),
        ):
            texts += [one for one in labels if min(ends) - 1e-9 <= one.get_position()[at] <= max(ends) + 1e-9]
    found = []
    for text in texts:
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(renderer)
            found.append((text.get_text(), *(scale * value for value in (box.x0, box.y0, box.x1, box.y1))))
    return found


def clashes(figure: Figure) -> list[tuple[str, ...]]:
    """Return the words of a figure that leave it, and the pairs that touch."""
    width, height = figure.get_size_inches() * 72
    found = boxes(figure)
    out: list[tuple[str, ...]] = [
        (text,) for text, x0, y0, x1, y1 in found if min(x0, y0, width - x1, height - y1) < -0.5
    ]
    for index, (text, x0, y0, x1, y1) in enumerate(found):
        for other, a0, b0, a1, b1 in found[index + 1 :]:
            # Boxes include the room for accents and tails; letters themselves are smaller.
            if min(x1, a1) - max(x0, a0) > 0.5 and min(y1, b1) - max(y0, b0) > 2.5:
                out.append((text, other))
    return out


def svg_of(figure: Figure) -> str:
    """Return the SVG of a figure."""
    return style.save(figure)["svg"].decode()


Segment = tuple[float, float, float, float]


def strokes_of(svg: str, colour: str, width: float) -> list[list[Segment]]:
    """Return the straight strokes of each path of a colour and a width, in points from the upper left corner."""
    found = []
    for d, look in re.findall(r'<path d="((?:M [-\d. ]+\nL [-\d. ]+\n)+)"[^>]*style="([^"]*)"', svg):
        wide = re.search(r"stroke-width: ([\d.]+)", look)
        if f"stroke: {colour}" in look and wide and abs(float(wide[1]) - width) < 1e-3:
            numbers = [float(one) for one in re.findall(r"-?[\d.]+", d)]
            found.append([tuple(numbers[at : at + 4]) for at in range(0, len(numbers), 4)])  # type: ignore[misc]
    return found


def markers_of(svg: str) -> list[tuple[float, float]]:
    """Return where markers in blue, orange or white stand, in points from the upper left corner."""
    return [
        (float(x), float(y))
        for x, y in re.findall(
            r'<use xlink:href="#m[0-9a-f]+" x="([-\d.]+)" y="([-\d.]+)" style="fill: #(?:0072b2|d55e00|ffffff)', svg
        )
    ]


def on_paper(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """Return where a place of the data is in the SVG, from the ends of the axes alone."""
    width, height = axes.figure.get_size_inches() * 72  # type: ignore[union-attr]
    frame, (left, right), (low, high) = axes.get_position(), axes.get_xlim(), axes.get_ylim()
    return (
        float(width * (frame.x0 + frame.width * (x - left) / (right - left))),
        float(height * (1 - frame.y0 - frame.height * (y - low) / (high - low))),
    )

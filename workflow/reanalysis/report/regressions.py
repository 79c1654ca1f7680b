"""What the page says of the meta-regressions, a section a question: time, size, and what else a review asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from reanalysis import formatting, narrative, second_opinions, trends, wording
from reanalysis.report.permalinks import anchors
from reanalysis.results import Results
from reanalysis.traced import source_of


@dataclass(frozen=True)
class Part:
    """A section: the kind of its models, its permalink, its name among the sections, its question and its figure."""

    kind: str
    id: str
    name: str
    question: str
    figure: str


PARTS = (
    Part("period", "inclusion-period", "Inclusion period", "Did the association change over time?", "bubble"),
    Part("size", "sample-size", "Sample size", "Do large studies say something else than small ones?", "bubble_size"),
    Part("other", "moderators", "Moderators", "", "bubble_others"),
)


def regressions(results: Results) -> list[dict[str, Any]]:
    """Return the sections that have something to show; the last one alone where a review asks for no regression."""
    return [_section(_only(results, part), part) for part in _shown(results)]


def regression_sections(results: Results) -> list[str]:
    """Return the permalinks of the sections on meta-regressions."""
    return [part.id for part in _shown(results)]


def _shown(results: Results) -> list[Part]:
    asked = [*results.regression["models"], *results.regression["not_fitted"]]
    kinds = {wording.regression_kind(one["name"]) for one in asked}
    return [part for part in PARTS if part.kind in kinds] or [PARTS[-1]]


def _only(results: Results, part: Part) -> Results:
    """Return the results with the meta-regressions of one section."""
    kept = {
        name: [one for one in results.regression[name] if wording.regression_kind(one["name"]) == part.kind]
        for name in ("models", "not_fitted")
    }
    return replace(results, regression=results.regression | kept)


def _section(results: Results, part: Part) -> dict[str, Any]:
    models = results.regression["models"]
    slopes = [(model["name"], one["term"]) for model in models for one in _slopes(model)]
    links = anchors(f"slope-{part.kind}", [f"{model} {'' if term == model else term}" for model, term in slopes])
    shown = [_model(one, dict(zip(slopes, links, strict=True))) for one in models]
    return {
        "id": part.id,
        "nav": part.name,
        "question": part.question or narrative.regression_question(results),
        "figure": part.figure if any(one["curve"] for one in models) else "",
        "not_fitted": results.regression["not_fitted"],
        "models": shown,
        # A column of moderators that repeats the models' names tells nothing.
        "names_moderators": not all(one["alone"] for one in shown),
        "summary": narrative.regression_summary(results),
        "outlives": trends.outlives(results),
        "disagreement": narrative.disagreement(results),
        "permutations": second_opinions.permutations(results),
        "cautions": [
            {
                "of": f"{_source(one)}/caution",
                "said": f"{formatting.capitalised(wording.regression_name(one['name']))}: {one['caution']}.",
            }
            for one in models
            if one["caution"]
        ],
    }


def _source(model: Mapping[str, Any]) -> str:
    """Return where a model stands in the results."""
    return source_of(model["k"]).rpartition("/")[0]


def _slopes(model: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in model["coefficients"] if one["term"] != "intercept"]


def _model(model: Mapping[str, Any], links: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    rows = [_slope(one) | {"anchor": links[model["name"], one["term"]]} for one in _slopes(model)]
    return {
        "name": wording.regression_name(model["name"]),
        "k": model["k"],
        "joint": second_opinions.joint(model),
        "left_out": model["left_out"],
        "rows": rows,
        "alone": len(rows) == 1 and rows[0]["term"] == wording.regression_name(model["name"]),
        "tau2": formatting.number(model["tau2"], 4),
        "i2": formatting.percent(model["i2"]),
        "r2": formatting.percent(model["r2"], 0),
        "qe": f"{formatting.number(model['qe'])}, df = {model['qe_df']}, {formatting.p_phrase(model['qe_p'])}",
    }


def _slope(one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "term": wording.MODERATOR_NAMES.get(one["term"], one["term"]),
        "estimate": formatting.number(one["estimate"], 4),
        "ci": formatting.interval(one["ci_low"], one["ci_high"], 4),
        "p": formatting.p_value(one["p"]),
        "permutation_p": formatting.p_value(one.get("permutation_p")),
        "step": wording.step_text(one),
        "step_name": one["step_name"],
    }

"""What the page says of slopes: their p values side by side, and whether a trend outlives leaving out a study."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reanalysis.results import Results, read_results
from reanalysis.trends import outlives, p_values

ROOT = Path(__file__).parents[1]
NAME = "le-scodan-2010"


def shipped() -> Results:
    return read_results(ROOT / "data/raw" / NAME, ROOT / "results" / NAME)


def model(name: str, p: float | None, without: dict[str, tuple[float | None, float]]) -> dict[str, Any]:
    """Return a model whose slope is -1, and its p value and slope without each study."""
    left = [{"study": study, "p": one, "estimate": slope} for study, (one, slope) in without.items()]
    return {"name": name, "coefficients": [{}, {"term": name, "p": p, "estimate": -1.0}], "leave_one_out": left}


def said(*models: dict[str, Any], level: float = 0.95) -> str:
    return outlives(replace(shipped(), regression={"level": level, "models": list(models)}))


def test_every_p_value_of_a_slope_stands_beside_the_others() -> None:
    results = shipped()
    start = results.regression["models"][0]
    text = p_values(results, start).replace("\N{NO-BREAK SPACE}", " ")
    assert text == "p < 0.001 by Knapp–Hartung, p = 0.023 by permutation, p = 0.087 by CR2 (df = 1.9)"
    alone = p_values(replace(results, dependence={}), start | {"interval": "wald"}).replace("\N{NO-BREAK SPACE}", " ")
    assert alone == "p < 0.001 by Wald, p = 0.023 by permutation"


def test_a_robust_test_that_cannot_be_had_is_not_said() -> None:
    results = shipped()
    robust = results.dependence["robust"]
    slope = robust["regression"][0]["coefficients"][1] | {"reason": "no degrees of freedom"}
    first = robust["regression"][0] | {"coefficients": [{}, slope]}
    without = results.dependence | {"robust": robust | {"regression": [first]}}
    assert "CR2" not in p_values(replace(results, dependence=without), results.regression["models"][0])


def test_no_trend_outlives_the_one_study() -> None:
    models = [one for one in shipped().regression["models"] if one["name"] in ("start", "mid", "end")]
    # R, metafor 3.8-1, rma(yi, sei=sei, mods=~x, test="knha") without Shien: p 0.376, 0.217 and 0.399.
    assert said(*models) == (
        "No trend outlives leaving out Shien: without it no slope here has p below 0.05 (the least is 0.22)."
    )


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ([], ""),
        ([model("start", 0.2, {"Ayer": (0.01, -1.0)})], ""),
        ([model("start", None, {"Ayer": (0.01, -1.0)})], ""),
        ([model("start", 0.01, {})], ""),
        (
            [model("start", 0.01, {"Ayer": (0.04, -1.0), "Bo": (0.02, -2.0)})],
            "The slope on first year of inclusion keeps p below 0.05 and its sign whichever study is left out.",
        ),
        (
            [model("x <y>", 0.01, {"Ayer": (0.04, 1.0), "Bo": (0.02, -2.0)})],
            "The slope on x <y> loses p below 0.05 or its sign without Ayer.",
        ),
        (
            [model("end", 0.01, {"Ayer": (0.3, -1.0), "Bo": (None, -1.0), "Cu": (0.5, -1.0), "Di": (0.04, -1.0)})],
            (
                "No trend outlives leaving out Ayer or Cu: without any of them "
                "the slope has no p below 0.05 (the least is 0.30)."
            ),
        ),
        (
            # Without Ayer another slope takes over.
            [
                model("start", 0.01, {"Ayer": (0.3, -1.0), "Bo": (0.01, -1.0)}),
                model("end", 0.4, {"Ayer": (0.01, -1.0), "Bo": (0.3, -1.0)}),
            ],
            "The slope on first year of inclusion loses p below 0.05 or its sign without Ayer.",
        ),
    ],
)
def test_what_is_said_follows_the_slopes(models: list[dict[str, Any]], expected: str) -> None:
    assert said(*models) == expected


def test_the_limit_is_that_of_the_level() -> None:
    one = model("start", 0.04, {"Ayer": (0.3, -1.0)})
    assert said(one, level=0.99) == ""
    assert "p below 0.1 " in said(one, level=0.9)


def test_many_decisive_studies_are_counted() -> None:
    many = {f"Study {place}": (0.5, -1.0) for place in range(30)}
    assert said(model("start", 0.01, many)).startswith("No trend outlives leaving out any of 30 studies: without any")

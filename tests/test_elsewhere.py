"""What `elsewhere.json` holds: published pools as printed, and two pools side by side."""

from __future__ import annotations

import json
import math
import shutil
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, SHIPPED
from hypothesis import given
from hypothesis import strategies as some
from made import REVIEW

from reanalysis import schemas
from reanalysis.dataset import Dataset
from reanalysis.elsewhere import Companion, compare, elsewhere, published
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices
from reanalysis.pooling import pool_all
from reanalysis.report import elsewhere as view
from reanalysis.review import Review
from reanalysis.steps.elsewhere import step

ORACLE = json.loads((ROOT / "tests/oracles/trials.json").read_text(encoding="utf-8"))
RESULTS = ROOT / "results"


def a_pool(yi: list[float], vi: list[float], interval: str = "hksj", measure: str = "HR") -> dict[str, Any]:
    names = [f"study {place}" for place in range(len(yi))]
    data = Dataset(names, np.array(yi), np.array(vi), {})
    return pool_all(data, measure, Choices("REML", interval, 0.95))


OURS = a_pool([-0.5, -0.2, -0.4], [0.01, 0.02, 0.04])
THEIRS = a_pool([0.1, -0.1], [0.03, 0.02])


def found(
    review: Review = REVIEW, other: Review = REVIEW, ours: dict[str, Any] = OURS, theirs: dict[str, Any] = THEIRS
) -> dict[str, Any]:
    content = elsewhere(review, ours, Companion("other", other, theirs, {}), "review.yaml")
    schemas.check(content, "elsewhere.schema.yaml", "elsewhere.json")
    return content


@pytest.mark.parametrize("interval", ["wald", "hksj"])
def test_two_pools_differ_as_r_says(interval: str) -> None:
    """The printed tables of both reviews, through every step, against metafor (Wald) and R's Welch test (t)."""
    models = [
        next(
            one
            for one in json.loads((RESULTS / name / "pooled.json").read_text())["models"]
            if (one["tau2_method"], one["interval"]) == ("REML", interval)
        )
        for name in ("le-scodan-2010", "randomised-trials")
    ]
    mine, expected = compare(*models, 0.95), ORACLE["comparisons"][interval]
    for name, value in expected.items():
        assert mine[name] == pytest.approx(value, rel=1e-8), name
    assert (mine["df"] is None) is (interval == "wald")


def test_the_shipped_comparison() -> None:
    content = json.loads((RESULTS / "le-scodan-2010/elsewhere.json").read_text(encoding="utf-8"))
    one = content["comparison"]
    common, rare = one["bias"]
    assert (common["reading"], rare["reading"]) == ("common", "risk_ratio")
    assert one["ratio"] == rare["bias_factor"]
    assert [round(one[name], 3) for name in ("ratio_ci_low", "ratio_ci_high")] == [1.072, 2.021]
    # R + sqrt(R (R - 1)) of 1.471882871 and of 1.071765149, by hand.
    assert rare["confounding"] == pytest.approx({"estimate": 2.3052833, "limit": 1.3491014}, rel=1e-7)
    # By R: the conversion of both pools of rma(test = "knha"), its derivative by differences, pt with Welch's df.
    assert common["bias_factor"] == pytest.approx(1.30626408547, rel=1e-7)
    assert common["confounding"] == pytest.approx({"estimate": 1.93876845346, "limit": 1.27392769132}, rel=1e-6)
    assert content["companion"]["designs"] == ["randomised"]
    assert [(one["name"], one["k"], one["value"], one["low"], one["high"]) for one in content["published"]] == [
        ("Ruiterkamp 2010", 10, 0.65, 0.59, 0.72),
        ("Petrelli & Barni 2012", 15, 0.69, None, None),
        ("Headon 2016", None, 0.63, 0.58, 0.7),
        ("Xiao 2018", 30, 0.65, 0.61, 0.70),
        ("Sidiropoulou 2023", 43, 0.66, 0.61, 0.71),
        ("Cochrane 2018", 2, 0.83, 0.53, 1.31),
        ("Sidiropoulou 2023, trials", 4, 1.03, 0.67, 1.58),
    ]
    assert content["published"][2]["printed"]["upper"] == "0.7"


NUMBERS = some.floats(-3, 3)
ERRORS = some.floats(1e-3, 3)
DEGREES = some.one_of(some.none(), some.integers(1, 50))
POOLS = some.builds(lambda estimate, se, df: {"estimate": estimate, "se": se, "df": df}, NUMBERS, ERRORS, DEGREES)


@given(POOLS, POOLS, some.floats(-2, 2))
def test_a_comparison_has_no_side_and_no_origin(one: dict[str, Any], other: dict[str, Any], shift: float) -> None:
    there, back = compare(one, other, 0.9), compare(other, one, 0.9)
    assert back["estimate"] == -there["estimate"]
    assert (back["ci_low"], back["ci_high"]) == (-there["ci_high"], -there["ci_low"])
    assert (back["p"], back["se"], back["df"]) == (there["p"], there["se"], there["df"])
    moved = compare(*({**pool, "estimate": pool["estimate"] + shift} for pool in (one, other)), 0.9)
    assert moved["estimate"] == pytest.approx(there["estimate"], abs=1e-14)
    degrees = [pool["df"] for pool in (one, other) if pool["df"] is not None]
    if degrees:  # Welch's lie between the smaller number and the sum; beyond it where one pool is normal
        assert there["df"] >= min(degrees) * (1 - 1e-12)
        assert len(degrees) == 1 or there["df"] <= sum(degrees) * (1 + 1e-12)


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("yi", [0.0, 40.0, -40.0, 1000.0])
def test_few_equal_huge_effects(size: int, yi: float) -> None:
    content = found(ours=a_pool([yi] * size, [0.01] * size), theirs=a_pool([0.0], [1e-6]))
    one = content["comparison"]
    assert one["reason"] == ""
    assert one["estimate"] == pytest.approx(-yi)
    assert one["bias"][1]["bias_factor"] == (pytest.approx(math.exp(abs(yi))) if abs(yi) < 700 else None)


def test_a_difference_has_no_bias_factor() -> None:
    review = replace(REVIEW, measure="MD")
    ours, theirs = (a_pool(yi, [0.01, 0.02], measure="MD") for yi in ([0.5, 0.2], [-0.1, 0.3]))
    one = found(review, review, ours, theirs)["comparison"]
    assert (one["ratio"], one["bias"]) == (None, [])
    assert one["estimate"] == theirs["primary"]["estimate"] - ours["primary"]["estimate"]
    assert "more than this one" in view.elsewhere(found(review, review, ours, theirs))["answer"]


def test_a_companion_whose_sides_are_not_said_alike_is_not_compared() -> None:
    turned = replace(REVIEW, favours={"below": REVIEW.favours["above"], "above": REVIEW.favours["below"]})
    content = found(other=turned)
    assert (content["comparison"]["estimate"], content["comparison"]["bias"]) == (None, [])
    assert "each side" in content["comparison"]["reason"]
    shown = view.elsewhere(content)
    assert "is not compared: the two reviews do not say" in shown["answer"]
    assert shown["said"] == []


def test_a_study_in_both_pools_is_named() -> None:
    content = found()
    assert content["comparison"]["shared"] == ["study 0", "study 1"]
    assert "Both pools hold study 0, study 1" in view.elsewhere(content)["said"][-1]


@pytest.mark.parametrize(("change", "said"), [({"measure": "OR"}, "pools OR"), ({"outcome": "PFS"}, "outcome PFS")])
def test_a_companion_of_another_question_is_refused(change: dict[str, str], said: str) -> None:
    with pytest.raises(ReanalysisError, match=said) as error:
        found(other=replace(REVIEW, **change))
    assert (error.value.file, error.value.column) == ("review.yaml", "companion")
    found(other=replace(REVIEW, outcome="Death", also_called=["os"]))


def declared(**values: str) -> dict[str, str]:
    return {"name": "Ayer 2001", "citation": "J 1:1", "ratio": "0.80", "lower": "0.60", "upper": "1.07"} | values


def test_a_published_pool_is_read_digit_by_digit() -> None:
    one = published(declared(level="90%", k="1,204"), REVIEW, "review.yaml")
    assert (one["value"], one["low"], one["high"], one["level"], one["k"]) == (0.8, 0.6, 1.07, 0.9, 1204)
    assert one["printed"] == {"ratio": "0.80", "lower": "0.60", "upper": "1.07"}
    assert published(declared(), replace(REVIEW, level=0.99), "review.yaml")["level"] == 0.99
    comma = replace(REVIEW, decimal_mark="comma")
    assert published(declared(ratio="0,80", lower="0,60", upper="1,07"), comma, "x")["value"] == 0.8
    # An estimate outside its limits by rounding alone is possible.
    published(declared(ratio="0.6", lower="0.61"), REVIEW, "review.yaml")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("ratio", "small"), ("ratio", "0"), ("lower", "-0.5"), ("upper", "0.7 or so"), ("ratio", "1.2"),
        ("k", "some"), ("k", "2.5"), ("k", "0"), ("level", "0"), ("level", "often"), ("ratio", "0,80"),
    ],
)  # fmt: skip
def test_what_is_no_pool_is_refused_in_its_place(key: str, text: str) -> None:
    with pytest.raises(ReanalysisError) as error:
        published(declared(**{key: text}), replace(REVIEW, decimal_mark="point"), "review.yaml")
    place = error.value
    assert (place.file, place.study, place.column) == ("review.yaml", "Ayer 2001", f"elsewhere: {key}")
    assert place.printed == text
    assert place.remedy


@pytest.mark.parametrize("missing", ["lower", "upper"])
def test_half_an_interval_is_refused(missing: str) -> None:
    half = {name: text for name, text in declared().items() if name != missing}
    with pytest.raises(ReanalysisError, match="one limit"):
        published(half, REVIEW, "review.yaml")


def step_of(folder: Path, results: Path = RESULTS) -> dict[str, Any]:
    path = folder / "elsewhere.json"
    pooled = RESULTS / "le-scodan-2010/pooled.json"
    (text,) = step(Namespace(raw=folder, pooled=pooled, results=results, elsewhere=path)).values()
    content: dict[str, Any] = json.loads(text)
    schemas.check(content, "elsewhere.schema.yaml", "elsewhere.json")
    return content


def test_the_step_writes_the_shipped_result() -> None:
    assert step_of(SHIPPED) == json.loads((RESULTS / "le-scodan-2010/elsewhere.json").read_text(encoding="utf-8"))


def test_a_companion_is_another_review_that_is_there(review_folder: Path) -> None:
    with pytest.raises(ReanalysisError, match="no review of this name") as error:
        step_of(review_folder)
    assert (error.value.column, error.value.printed) == ("companion", "randomised-trials")
    path = review_folder / "review.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("companion: randomised-trials", "companion: le-scodan-2010"), encoding="utf-8")
    with pytest.raises(ReanalysisError, match="no companion of itself"):
        step_of(review_folder)
    shutil.copytree(SHIPPED.parent / "randomised-trials", review_folder.parent / "randomised-trials")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReanalysisError, match="missing"):
        step_of(review_folder, review_folder.parent)
    assert step_of(review_folder)["comparison"]["reason"] == ""


def test_a_review_alone_says_so(review_folder: Path) -> None:
    path = review_folder / "review.yaml"
    path.write_text(path.read_text(encoding="utf-8").partition("# What others pooled")[0], encoding="utf-8")
    content = step_of(review_folder)
    assert (content["published"], content["companion"], content["comparison"]) == ([], None, None)
    assert view.elsewhere(content) == {
        "rows": [],
        "published": 0,
        "companion": False,
        "answer": "",
        "choices": "",
        "said": [],
    }


def test_what_the_page_says_of_the_shipped_pools() -> None:
    shown = view.elsewhere(step_of(SHIPPED))
    assert shown["answer"].startswith("Not with the pool of randomised trials: over 5 studies, put together from")
    assert shown["choices"].startswith(
        "The companion inverts the printed ratio of POSYTIVE and leaves out MF07-01 2021;"
    )
    assert all("randomised-trials" not in f"{one['name']} {one['note']}" for one in shown["rows"])
    assert shown["said"][0].endswith(
        "the risk ratio of this review by a factor of 1.31 (outcome common) or 1.47 (if the outcome were rare)."
    )
    effects = {one["name"]: one["effect"] for one in shown["rows"]}
    assert effects["Headon 2016"] == "0.63 (0.58 to 0.7)"
    assert effects["Petrelli & Barni 2012"] == "0.69 (no interval is printed)"
    assert [one["own"] for one in shown["rows"]] == [True] + [False] * 8

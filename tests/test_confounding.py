"""What `confounding.json` holds, what the review may declare for it, and what the page says of it."""

from __future__ import annotations

import json
import math
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SHIPPED
from made import REVIEW, edit

from reanalysis import schemas
from reanalysis.confounding import Files, confounding
from reanalysis.e_values import e_values
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices
from reanalysis.raw import RawReview
from reanalysis.records import Effect
from reanalysis.report.confounding import confounding as shown
from reanalysis.review import Review
from reanalysis.steps.confounding import step
from reanalysis.subsets import Sampling
from reanalysis.tables import read

HKSJ = Choices("REML", "hksj", 0.95)
EFFECTS = ROOT / "results/le-scodan-2010/effects.csv"
ORACLE = json.loads((ROOT / "tests/oracles/confounding.json").read_text(encoding="utf-8"))
FILES = Files("effects.csv", "review.yaml", "statements.csv")
FEW = Sampling(400, 1)
ALONE: dict[str, Any] = {"companion": None, "comparison": None}


@pytest.fixture(scope="module")
def content(shipped: RawReview) -> dict[str, Any]:
    return confounding(read(EFFECTS, Effect), shipped.review, shipped.statements, HKSJ, FEW, FILES)


def test_the_shipped_review(content: dict[str, Any]) -> None:
    schemas.check(content, "confounding.schema.yaml", "confounding.json")
    readings = content["e_values"]["pooled"][0]["readings"]
    found = {one["reading"]: (round(one["estimate"], 2), round(one["limit"], 2)) for one in readings}
    assert found == {"common": (2.09, 1.84), "risk_ratio": (2.54, 2.16)}
    assert [one["reading"] for one in content["strong_effects"]["readings"]] == ["common", "risk_ratio"]
    split = content["time_split"]
    assert (round(split["difference"]["stat"], 2), round(split["difference"]["p"], 3)) == (-2.44, 0.015)
    assert split["later_pool"]["share_of_effect"] == pytest.approx(math.log(0.76) / math.log(0.70))


@pytest.mark.parametrize(("reading", "name"), [("common", "le-scodan-2010, common"), ("risk_ratio", "le-scodan-2010")])
def test_strong_effects_are_those_of_metafor(content: dict[str, Any], reading: str, name: str) -> None:
    strong, expected = read_so(content, reading), ORACLE[name]
    assert (strong["tau2"], strong["tau2_se"]) == pytest.approx((expected["tau2"], expected["tau2_se"]), rel=1e-7)
    assert math.log(strong["threshold"]) == pytest.approx(expected["threshold"], rel=1e-12)
    curve = {one["bias_factor"]: one for one in strong["curve"]}
    for place, factor in enumerate(expected["bias_factors"]):
        one = curve[factor]["parametric"]
        assert one["estimate"] == pytest.approx(expected["proportion"][place], rel=1e-6)
        assert one["se"] == pytest.approx(expected["proportion_se"][place], rel=1e-6)
        assert curve[factor]["varying"]["estimate"] == pytest.approx(expected["varying"][place], rel=1e-6)
        below = sum(effect < expected["threshold"] - math.log(factor) for effect in expected["calibrated"]) / 11
        assert curve[factor]["calibrated"]["estimate"] == pytest.approx(below)
    for quantity in ("bias_factor", "confounding"):
        assert strong["parametric"][quantity]["estimate"] == pytest.approx(expected[quantity], rel=1e-7)
        assert strong["parametric"][quantity]["se"] == pytest.approx(expected[f"{quantity}_se"], rel=1e-7)
    # One in ten of eleven studies is one: the second lowest calibrated estimate must reach the threshold.
    least = expected["threshold"] - sorted(expected["calibrated"])[1]
    assert strong["calibrated"]["bias_factor"]["estimate"] == pytest.approx(math.exp(least), rel=1e-7)


def read_so(found: dict[str, Any], reading: str) -> dict[str, Any]:
    return next(one for one in found["strong_effects"]["readings"] if one["reading"] == reading)


def leading(found: dict[str, Any]) -> dict[str, Any]:
    return dict(found["strong_effects"]["readings"][0])


def test_the_limit_of_a_study_is_the_printed_one(content: dict[str, Any]) -> None:
    """Rapiti prints 0.6 (0.4-1.0), which holds no effect; the recomputed 0.95 would need confounding of 1.29."""
    studies = {one["study"]: one for one in content["e_values"]["studies"]}
    assert [one["limit"] for one in studies["Rapiti"]["readings"]] == [1.0, 1.0]
    assert {name for name, one in studies.items() if one["excludes_none"] == "undecided"} == {"Rapiti", "Shien"}
    assert {name for name, one in studies.items() if one["limits"] == "recomputed"} == {"Bafford", "Hazard"}
    # 1 / 0.65 and 1 / 0.60, by hand: R + sqrt(R (R - 1)).
    assert studies["Khan"]["readings"][1]["limit"] == pytest.approx(2.4486276594)
    assert studies["Gnerlich"]["readings"][1]["limit"] == pytest.approx(2.7207592200)
    page = shown(content, ALONE)["e_values"]
    assert "Bafford†" in [row["name"] for row in page["rows"]]
    assert any("Shien and Rapiti" in one for one in page["limits"])


def some(*pairs: tuple[float, float]) -> list[Effect]:
    return [
        Effect(
            row=row, item=1, study=f"Study {row}", outcome="OS", contrast="", included=True, reason="", yi=yi, sei=sei,
            route="ci", yi_low=None, yi_high=None, sei_low=None, sei_high=None,
        )
        for row, (yi, sei) in enumerate(pairs, start=1)
    ]  # fmt: skip


def of(effects: list[Effect], choices: Choices = HKSJ, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    review: Review = replace(REVIEW, **changes)
    found = confounding(effects, review, [], choices, FEW, FILES)
    schemas.check(found, "confounding.schema.yaml", "confounding.json")
    json.dumps(found, allow_nan=False)
    shown(found, ALONE)
    return found


SPREAD = [(-0.9, 0.1), (-0.2, 0.1), (-0.5, 0.2), (0.1, 0.15)]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_few_studies(k: int) -> None:
    strong = leading(of(some(*SPREAD[:k])))
    assert (strong["fallback"] is not None) == (k == 1)
    assert strong["reason"].startswith("one study alone") == (k == 1)


@pytest.mark.parametrize("choices", [HKSJ, Choices("FE", "wald", 0.95)])
def test_without_spread_the_e_value_stands_in(choices: Choices) -> None:
    strong = read_so(of(some((-0.5, 0.1), (-0.5, 0.2), (-0.5, 0.3)), choices), "risk_ratio")
    assert (strong["curve"], strong["parametric"], strong["reason"][:9]) == ([], None, "tau2 is 0")
    assert strong["fallback"]["bias_factor"] == pytest.approx(0.9 / math.exp(-0.5))
    factor = 0.9 / math.exp(-0.5)
    assert strong["fallback"]["e_value"] == pytest.approx(factor + (factor * (factor - 1)) ** 0.5)


def test_the_other_side_is_the_same_turned_round() -> None:
    below, above = of(some(*SPREAD)), of(some(*[(-yi, sei) for yi, sei in SPREAD]))
    one, other = below["strong_effects"], above["strong_effects"]
    assert (one["side"], other["side"]) == ("below", "above")
    assert other["threshold"] == pytest.approx(1 / 0.9)
    for this, that in zip(one["readings"], other["readings"], strict=True):
        for key in ("curve", "parametric", "calibrated"):
            assert flat(this[key]) == pytest.approx(flat(that[key]), rel=1e-9)
    assert flat(below["e_values"]["studies"]) == pytest.approx(flat(above["e_values"]["studies"]), rel=1e-12)


def flat(value: Any) -> list[float]:  # noqa: ANN401
    if isinstance(value, dict):
        return [number for one in value.values() for number in flat(one)]
    if isinstance(value, list):
        return [number for one in value for number in flat(one)]
    return [value] if isinstance(value, float) else []


def test_measures_that_are_no_hazard_ratio() -> None:
    difference = of(some(*SPREAD), measure="MD")
    assert "units" in difference["e_values"]["reason"]
    assert difference["strong_effects"]["reason"] == difference["e_values"]["reason"]
    assert difference["strong_effects"]["readings"] == []
    standardised, ratio = of(some(*SPREAD), measure="SMD"), of(some(*[(0.91 * y, 0.91 * s) for y, s in SPREAD]))
    for key in ("curve", "parametric", "calibrated"):
        assert flat(leading(standardised)[key]) == pytest.approx(flat(read_so(ratio, "risk_ratio")[key]), rel=1e-6)
    # The risk ratio of a common outcome is the square root of an odds ratio.
    odds, half = (
        of(some(*SPREAD), measure="OR", bias={"threshold": 0.81}),
        of(some(*[(y / 2, s / 2) for y, s in SPREAD])),
    )
    for key in ("curve", "parametric", "calibrated"):
        assert flat(leading(odds)[key]) == pytest.approx(flat(read_so(half, "risk_ratio")[key]), rel=1e-6)
    assert [one["reading"] for one in of(some(*SPREAD), measure="RR")["e_values"]["pooled"][0]["readings"]] == [
        "risk_ratio"
    ]


@pytest.mark.parametrize("by", [1e-20, 300.0, 1e24])
def test_tiny_and_huge_effects(by: float) -> None:
    found = of(some(*[(by * yi, by * sei) for yi, sei in SPREAD]))
    if by > 1e3:
        assert found["e_values"]["pooled"][0]["readings"][0]["estimate"] is None
        assert leading(found)["parametric"]["bias_factor"]["estimate"] is None


def beside(estimate: float, low: float, high: float, measure: str = "HR") -> dict[str, Any]:
    """What `elsewhere.json` says of a companion so far from the pool."""
    needed, rare = e_values(estimate, low, high), e_values(2 * estimate, 2 * low, 2 * high)
    both = {"common": (estimate, needed), "risk_ratio": (2 * estimate, rare)}
    bias = [
        {
            "reading": name,
            "bias_factor": math.exp(abs(apart)),
            "confounding": {"estimate": one.estimate, "limit": one.limit},
        }
        for name, (apart, one) in both.items()
    ]
    one = {"estimate": estimate, "ci_low": low, "ci_high": high, "bias": [] if measure == "MD" else bias}
    return {"measure": measure, "companion": {"designs": ["randomised"]}, "comparison": one}


def test_what_confounding_takes_the_pool_to_the_companions() -> None:
    found = of(some(*SPREAD))
    said = shown(found, beside(math.log(1.5), math.log(1.2), math.log(1.875)))["between"]
    # 1.5 + sqrt(1.5 * 0.5) and 1.2 + sqrt(1.2 * 0.2).
    assert "multiplied by 1.50 (1.20 to 1.88)" in said
    assert "a risk ratio of 2.37 or more" in said
    assert "of 1.69 at the limit nearer" in said
    # 2.25 + sqrt(2.25 * 1.25) and 1.44 + sqrt(1.44 * 0.44).
    assert "if the outcome were rare, the factor is 2.25 and the confounder’s risk ratio 3.93, 2.24 at that" in said
    assert "of 1.00 at the limit" in shown(found, beside(0.4, -0.1, 0.9))["between"]
    assert "a risk ratio of 2.37 or more" in shown(found, beside(-math.log(1.5), -1.0, -0.1))["between"]
    assert shown(found, beside(0.4, 0.1, 0.7, "MD"))["between"] == ""
    assert shown(found, ALONE)["between"] == ""


def test_the_declared_threshold() -> None:
    strong = of(some(*SPREAD), bias={"threshold": 1.2, "share": 0.25})["strong_effects"]
    assert (strong["side"], strong["share"]) == ("above", 0.25)
    for wrong in (1, 0, -0.5):
        with pytest.raises(ReanalysisError) as error:
            of(some(*SPREAD), bias={"threshold": wrong})
        assert (error.value.column, error.value.printed) == ("bias: threshold", str(wrong))


def arguments(folder: Path, out: Path) -> Namespace:
    return Namespace(
        raw=folder, effects=EFFECTS, confounding=out, tau2_method="REML", interval="hksj", level=0.95, draws=400, seed=1
    )


def test_the_step_writes_what_the_function_returns(tmp_path: Path, content: dict[str, Any]) -> None:
    (text,) = step(arguments(SHIPPED, tmp_path / "confounding.json")).values()
    assert json.loads(text)["time_split"]["later_pool"]["ratio"] == pytest.approx(
        content["time_split"]["later_pool"]["ratio"], rel=1e-9
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "said"),
    [
        ("review.yaml", "early: le-scodan-hr-early", "early: nobody", "review.yaml", "no statement has the id"),
        (
            "review.yaml",
            "late: le-scodan-hr-late",
            "late: rapiti-no-radiotherapy-hr",
            "review.yaml",
            "different studies",
        ),
        ("review.yaml", "early: le-scodan-hr-early", "early: le-scodan-n", "statements.csv", "one ratio with its"),
        ("statements.csv", "0.45 (95% CI, 0.32 to 0.65;", "0.45 (95% CI, 0.65 to 0.65;", "statements.csv", "one ratio"),
        ("review.yaml", "measure: HR", "measure: OR", "review.yaml", "only hazard ratios"),
    ],
)
def test_declarations_that_cannot_be_used(
    review_folder: Path, tmp_path: Path, file: str, old: str, new: str, where: str, said: str
) -> None:
    edit(review_folder, file, old, new)
    with pytest.raises(ReanalysisError) as error:
        step(arguments(review_folder, tmp_path / "x"))
    assert error.value.file == str(review_folder / where)
    assert said in error.value.problem
    assert error.value.remedy


def test_a_study_that_is_not_pooled(shipped: RawReview) -> None:
    left_out = [replace(one, included=one.included and one.study != "Le Scodan") for one in read(EFFECTS, Effect)]
    with pytest.raises(ReanalysisError, match="not in the analysis"):
        confounding(left_out, shipped.review, shipped.statements, HKSJ, FEW, FILES)
    nothing = [replace(one, yi=0.0) if one.study == "Le Scodan" else one for one in read(EFFECTS, Effect)]
    found = confounding(nothing, shipped.review, shipped.statements, HKSJ, FEW, FILES)
    assert found["time_split"]["later_pool"] is None
    assert found["time_split"]["later_pool_reason"] != ""


def test_what_the_page_says(content: dict[str, Any]) -> None:
    page = shown(content, ALONE)
    assert "2.09 (outcome common) or 2.54 (if the outcome were rare)" in page["e_values"]["said"]
    assert page["e_values"]["rows"][0]["cells"] == ["2.09 (1.84)", "2.54 (2.16)"]
    cells = {row["factor"]: row["cells"][0].split(" ")[0] for row in page["strong"]["rows"]}
    assert (cells["1.00"], cells["1.20"], cells["1.50"]) == ("99%", "72%", "6%")
    assert [row["cells"][0] for row in page["strong"]["least"]][::2] == ["1.46 (1.29 to 1.63)", "1.72 (1.43 to 2.02)"]
    assert "if the outcome were rare, of 1.72" in page["strong"]["said"]
    assert "4.9 months" in " ".join(page["time_split"])

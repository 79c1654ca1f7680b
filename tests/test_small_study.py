"""What `small_study.json` holds, and what the page says of it."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SHIPPED

from reanalysis import schemas
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.records import Effect
from reanalysis.report.small_study import small_study as view
from reanalysis.small_study import ALL_CIRCULAR, METHODS, NO_CIRCULAR, small_study
from reanalysis.steps.small_study import step
from reanalysis.tables import read

HKSJ = Choices("REML", "hksj", 0.95)
DRAWS = Resampling(2000, 7)
EFFECTS = ROOT / "results/le-scodan-2010/effects.csv"


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    return small_study(read(EFFECTS, Effect), "HR", HKSJ, Resampling(20000, 20101118), "effects.csv")


def some(pairs: list[tuple[float, float]], routes: str) -> list[Effect]:
    return [
        Effect(
            row=place, item=1, study=f"Study {place}", outcome="OS", contrast="", included=True, reason="", yi=yi,
            sei=sei, route="p" if route == "p" else "ci", yi_low=None, yi_high=None, sei_low=None, sei_high=None,
        )
        for place, ((yi, sei), route) in enumerate(zip(pairs, routes, strict=True), start=1)
    ]  # fmt: skip


def content_of(effects: list[Effect], measure: str = "HR", choices: Choices = HKSJ) -> dict[str, Any]:
    found = small_study(effects, measure, choices, DRAWS, "effects.csv")
    schemas.check(found, "small_study.schema.yaml", "small_study.json")
    json.dumps(found, allow_nan=False)
    return found


def test_the_shipped_review(content: dict[str, Any]) -> None:
    """As metafor 3.8-1 has it: regtest(model = "lm"), ranktest, lm(weights = 1/vi), fsn, tes."""
    schemas.check(content, "small_study.schema.yaml", "small_study.json")
    everything = content["all"]
    slope = everything["egger"]["slope"]
    assert (round(slope["stat"], 2), round(slope["p"], 2), slope["df"]) == (0.71, 0.49, 9)
    assert (round(everything["begg"]["tau"], 2), round(everything["begg"]["p"], 2)) == (-0.20, 0.45)
    lines = everything["pet_peese"]
    assert [round(lines[one]["limit"]["ratio"], 3) for one in ("pet", "peese")] == [0.589, 0.605]
    assert lines["taken"] == "peese"
    assert everything["fail_safe"]["rosenthal"]["number"] == 1788
    assert everything["excess_significance"]["random"]["observed"] == 8


def test_what_is_circular_is_marked_and_left_out(content: dict[str, Any]) -> None:
    assert [one["study"] for one in content["studies"] if one["circular"]] == ["Bafford", "Hazard"]
    assert (content["all"]["pooled"]["k"], content["without_circular"]["pooled"]["k"]) == (11, 9)
    kept = [one for one in read(EFFECTS, Effect) if one.route != "p"]
    again = small_study(kept, "HR", HKSJ, Resampling(20000, 20101118), "effects.csv")
    assert again["all"] == content["without_circular"]
    assert (again["without_circular"], again["reason"]) == (None, NO_CIRCULAR)


def test_only_what_is_in_the_analysis_is_used(content: dict[str, Any]) -> None:
    included = [one for one in read(EFFECTS, Effect) if one.included]
    assert small_study(included, "HR", HKSJ, Resampling(20000, 20101118), "effects.csv") == content


def test_power_rises_with_bias_and_keeps_to_the_level_without(content: dict[str, Any]) -> None:
    power = content["all"]["egger_power"]
    for form in ("egger", "egger_mixed"):
        none, one, two = (each[form]["power"] for each in power["biases"])
        assert 0.08 < none < 0.14
        assert none + 0.1 < one < two - 0.1
    assert power["tau2"] == content["all"]["pooled"]["tau2"]


PAIRS = [(-0.2, 0.1), (0.1, 0.2), (0.4, 0.4)]


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("interval", ["wald", "hksj", "hksj_guarded"])
def test_few_studies(k: int, interval: str) -> None:
    found = content_of(some(PAIRS[:k], "ccc"[:k]), choices=Choices("REML", interval, 0.95))
    everything = found["all"]
    assert bool(everything["egger"]["reason"]) is (k < 3)
    assert bool(everything["begg"]["reason"]) is (k < 2)
    shown = view(found)
    assert shown["little"][0].startswith("With fewer than 10 studies")
    assert len(shown["headings"]) == 1
    assert bool(shown["power"]) is (k == 3)


@pytest.mark.parametrize("pair", [(0.3, 0.1), (0.0, 0.1), (1e20, 1e-20), (-1e-20, 1e20)])
@pytest.mark.parametrize("same_sei", [True, False])
def test_equal_effects_of_any_size(pair: tuple[float, float], same_sei: bool) -> None:
    yi, sei = pair
    effects = some([(yi, sei if same_sei else sei * (1 + place)) for place in range(4)], "cccc")
    found = content_of(effects, "MD")["all"]
    assert found["pooled"]["tau2"] == 0
    assert found["egger"]["reason"] != ""
    assert found["pet_peese"]["taken"] is None
    view(content_of(effects, "MD"))


def test_a_review_all_from_p_values_and_one_left_without() -> None:
    found = content_of(some(PAIRS, "ppp"))
    assert (found["without_circular"], found["reason"]) == (None, ALL_CIRCULAR)
    assert "nothing to do again" in view(found)["circular"]
    one = content_of(some(PAIRS, "ppc"))
    assert one["without_circular"]["pooled"]["k"] == 1
    shown = view(one)
    assert [len(row["cells"]) for part in ("tests", "estimates", "counts", "power") for row in shown[part]] == [2] * 24
    assert shown["power"][0]["cells"][1] == "—"


def test_a_common_effect_has_no_tau2() -> None:
    found = content_of(some(PAIRS, "ccc"), choices=Choices("FE", "wald", 0.95))["all"]
    assert (found["egger_mixed"]["tau2"], found["egger_power"]["tau2"]) == (0.0, 0.0)
    assert found["excess_significance"]["random"] == found["excess_significance"]["common"]


def test_every_method_has_its_key_in_the_schema() -> None:
    known = schemas.schema("small_study.schema.yaml")["$defs"]["analysis"]
    assert {"pooled", *METHODS} == set(known["properties"]) == set(known["required"])


def test_the_page_says_what_the_shipped_results_say(content: dict[str, Any]) -> None:
    shown = view(content)
    assert shown["headings"] == ["11 studies", "9 without SE from p"]
    assert "Bafford and Hazard" in shown["circular"]
    assert [one.startswith("With fewer than 10") for one in shown["little"]] == [False, True]
    cells = {row["name"]: row["cells"][0] for part in ("tests", "estimates", "counts") for row in shown[part]}
    assert "t(9) = 0.71, p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}0.49" in cells["Egger, weighted least squares"]
    assert cells["PET"] == "0.589 (0.521 to 0.666)"
    assert cells["Taken by the rule"] == "PEESE"
    assert cells["Fail-safe number of Rosenthal"] == "1,788"
    assert shown["signs"] != ""
    alike = json.loads(json.dumps(content))
    alike["all"]["egger_mixed"]["slope"]["estimate"] = 0.1
    assert view(alike)["signs"] == ""


def test_the_step_writes_what_the_function_returns(tmp_path: Path, content: dict[str, Any]) -> None:
    path = tmp_path / "small_study.json"
    arguments = Namespace(
        review=SHIPPED / "review.yaml", effects=EFFECTS, small_study=path, tau2_method="REML", interval="hksj",
        level=0.95, draws=20000, seed=20101118,
    )  # fmt: skip
    (made,) = step(arguments).values()
    assert json.loads(made)["all"]["begg"]["p"] == pytest.approx(content["all"]["begg"]["p"], rel=1e-9)
    assert made == (ROOT / "results/le-scodan-2010/small_study.json").read_text(encoding="utf-8")


def test_a_review_without_an_effect_is_told_where(tmp_path: Path) -> None:
    effects = [replace(one, included=False) for one in read(EFFECTS, Effect)]
    with pytest.raises(ReanalysisError) as error:
        small_study(effects, "HR", HKSJ, DRAWS, str(tmp_path))
    assert error.value.file == str(tmp_path)


def test_pools_adjusted_for_what_is_unseen() -> None:
    """The shipped review: two studies missing on the right by trim and fill, hardly any selection."""
    found = json.loads((ROOT / "results/le-scodan-2010/small_study.json").read_text(encoding="utf-8"))["all"]
    filled, models = found["trim_and_fill"], found["selection"]["models"]
    assert (filled["k0"], filled["side"], len(filled["added"]), round(filled["ratio"], 3)) == (2, "right", 2, 0.644)
    assert [(one["step"], one["favoured"], round(one["ratio"], 3)) for one in models] == [
        (0.025, "below", 0.633),
        (0.05, "below", 0.640),
    ]
    limit = found["limit_meta_analysis"]
    assert round(limit["ratio"], 3) == 0.648
    assert limit["q_small"] + limit["q_resid"] == pytest.approx(53.81652831, rel=1e-9)

"""What each declared correction does, and that it is told before and after."""

from __future__ import annotations

import json
import math

import pytest
from conftest import ROOT

from reanalysis import raw
from reanalysis.audit import audit
from reanalysis.files import read_result
from reanalysis.mixed_effects import Choices
from reanalysis.raw import RawReview
from reanalysis.routes import USABLE

CHOICES = Choices("REML", "hksj", 0.95)


@pytest.fixture(scope="module")
def found(shipped: RawReview) -> dict[str, dict]:
    return audit(shipped, CHOICES, USABLE)


def test_gnerlich_as_its_primary_source_reports_it(found: dict) -> None:
    """metafor 3.8-1, run to 1e-14, gives 0.6440 with log(0.63) and the interval 0.60 to 0.66."""
    (one,) = [one for one in found["corrections"] if one["id"] == "gnerlich-hr"]
    assert one["results"]["pooled"]["ratio"] == pytest.approx(0.6440, abs=5e-5)
    said = {change["field"]: (change["before"], change["after"]) for change in one["changes"]}
    assert said["estimate"] == ("0.57", "0.63")
    assert said["lower"] == ("0.55", "0.60")
    assert float(said["yi"][1]) == pytest.approx(math.log(0.63), rel=1e-9)
    assert {change["study"] for change in one["changes"]} == {"Gnerlich"}


ORACLE = json.loads((ROOT / "tests" / "oracles" / "le-scodan-2010-corrections.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [name for name in ORACLE if name != "source"])
def test_results_under_corrections_are_those_of_metafor(found: dict, name: str) -> None:
    entries = {one["id"]: one for one in found["corrections"]} | {"corrected": found["corrected"]}
    results = entries[name]["results"]
    for quantity, value in ORACLE[name]["pooled"].items():
        assert results["pooled"][quantity] == pytest.approx(value, rel=1e-9)
    slopes = {one["model"]: one for one in results["slopes"] if one["model"] == one["term"]}
    assert slopes.keys() == ORACLE[name]["slopes"].keys()
    for model, wanted in ORACLE[name]["slopes"].items():
        assert slopes[model]["estimate"] == pytest.approx(wanted["estimate"], rel=1e-9)
        assert slopes[model]["p"] == pytest.approx(wanted["p"], rel=1e-8)


def test_counts_change_a_moderator_and_no_pooled_result(found: dict) -> None:
    (one,) = [one for one in found["corrections"] if one["id"] == "shien-n"]
    assert {change["field"] for change in one["changes"]} == {"n", "log_n"}
    assert one["results"]["pooled"] == found["as_analysed"]["pooled"]
    slopes = {(slope["model"], slope["term"]): slope["estimate"] for slope in one["results"]["slopes"]}
    before = {(slope["model"], slope["term"]): slope["estimate"] for slope in found["as_analysed"]["slopes"]}
    assert {key for key, value in slopes.items() if value != before[key]} == {
        ("log_n", "log_n"), ("mid + log_n", "mid"), ("mid + log_n", "log_n"),
    }  # fmt: skip


def test_the_scenario_corrected_is_all_of_them(found: dict) -> None:
    assert found["corrected"]["results"]["pooled"]["ratio"] == pytest.approx(0.6440, abs=5e-5)
    assert {change["study"] for change in found["corrected"]["changes"]} == {"Gnerlich", "Shien", "Fields"}


def test_an_applied_one_that_nothing_goes_without_says_so(found: dict) -> None:
    (one,) = [one for one in found["corrections"] if one["id"] == "khan-r0"]
    assert one["results"] is None
    assert "'R0' is not printed" in one["problem"]
    assert one["changes"] == [{"study": "Khan", "field": "contrast", "before": "R0", "after": "RO"}]


def test_a_review_without_corrections_has_no_scenario(review_folder, tmp_path) -> None:  # noqa: ANN001
    (review_folder / "corrections.yaml").write_text("[]\n", encoding="utf-8")
    (review_folder / "judgements.csv").unlink()
    (review_folder / "statements.csv").unlink()
    text = (review_folder / "review.yaml").read_text(encoding="utf-8")
    (review_folder / "review.yaml").write_text(
        text.replace("Khan: R0", "Kahn: RO").replace("    Khan: >-", "    Kahn: >-"), encoding="utf-8"
    )
    made = audit(raw.read(review_folder), CHOICES, USABLE)
    assert (made["corrections"], made["corrected"]) == ([], None)
    del tmp_path


@pytest.mark.parametrize("path", sorted((ROOT / "results").glob("*/audit.json")))
def test_the_shipped_file_keeps_to_its_schema_and_to_the_primary_analysis(path) -> None:  # noqa: ANN001
    content = read_result(path, "audit.schema.yaml")
    pooled = read_result(path.with_name("pooled.json"), "pooled.schema.yaml")["primary"]
    assert content["as_analysed"]["pooled"] == {name: pooled[name] for name in content["as_analysed"]["pooled"]}

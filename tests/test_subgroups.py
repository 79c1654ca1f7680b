"""Subgroups: their pools and the test of their difference against metafor, and what review.yaml may say of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, SHIPPED
from made import NOBODY, REVIEW
from plotted import CHOICES, a_review

from reanalysis import schemas
from reanalysis.dataset import Dataset
from reanalysis.errors import ReanalysisError
from reanalysis.methods import methods
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.records import Effect
from reanalysis.results import read_results
from reanalysis.review import Review, parse
from reanalysis.subgroups import declared_values, subgroups

BCG = json.loads((ROOT / "tests/oracles/bcg.json").read_text(encoding="utf-8"))["data"]
# metafor 3.8-1, dat.bcg$alloc.
ALLOCATION = ["random"] * 4 + ["alternate"] * 2 + ["random"] * 3 + ["systematic"] * 4
GROUPED = replace(REVIEW, measure="RR", subgroups={"column": "Allocation", "names": {"random": "Randomised"}})


def bcg(cells: list[str], choices: Choices = CHOICES) -> dict[str, Any]:
    data = Dataset(
        [str(one["study"]) for one in BCG],
        np.array([one["yi"] for one in BCG]),
        np.array([one["vi"] for one in BCG]),
        {},
    )
    included = [
        Effect(row, 1, str(row), "x", "", True, "", 0.0, 1.0, "ci", None, None, None, None) for row in range(1, 14)
    ]
    values = dict(enumerate(cells, start=1))
    found = subgroups(data, included, GROUPED, values, choices, Resampling(1000, 1))
    schemas.check(json.loads(json.dumps(found)), "subgroups.schema.yaml", "subgroups.json")
    return found


def test_pools_and_their_difference_are_those_of_metafor() -> None:
    """rma(yi, vi, mods = ~alloc, test = "knha"), and with subset = alloc == ..., at threshold 1e-14."""
    found = bcg(ALLOCATION)
    difference = found["difference"]
    assert difference["qm"] == pytest.approx(0.966220844813, rel=1e-9)
    assert (difference["qm_df"], difference["df"]) == (2, 10)
    assert difference["qm_p"] == pytest.approx(0.413383745722, rel=1e-9)
    assert difference["tau2"] == pytest.approx(0.361503664324, rel=1e-9)
    expected = {
        "random": (-0.970964704263, -1.590345447654, -0.351583960873, 0.392528006901),
        "alternate": (-0.540792961849, -4.118880711984, 3.037294788286, 0.132577039878),
        "systematic": (-0.424207391511, -1.583313090533, 0.734898307511, 0.400345880175),
    }
    assert [one["value"] for one in found["subgroups"]] == ["random", "alternate", "systematic"]
    assert [one["name"] for one in found["subgroups"]] == ["Randomised", "alternate", "systematic"]
    for one in found["subgroups"]:
        numbers = tuple(one["pooled"][name] for name in ("estimate", "ci_low", "ci_high", "tau2"))
        assert numbers == pytest.approx(expected[one["value"]], rel=1e-9)


def test_beside_wald_intervals_the_test_is_chi_squared() -> None:
    difference = bcg(ALLOCATION, Choices("REML", "wald", 0.95))["difference"]
    assert difference["qm"] == pytest.approx(1.767511401932, rel=1e-9)
    assert difference["df"] is None
    assert difference["qm_p"] == pytest.approx(0.413228032757, rel=1e-9)


def test_the_shipped_review() -> None:
    found = json.loads((ROOT / "results/le-scodan-2010/subgroups.json").read_text(encoding="utf-8"))
    surgery, radiotherapy = found["subgroups"]
    assert (surgery["name"], radiotherapy["name"]) == ("Surgery", "Mainly radiotherapy, 22% with surgery")
    assert surgery["pooled"]["estimate"] == pytest.approx(-0.4716783172110, rel=1e-9)
    assert surgery["pooled"]["prediction_low"] == pytest.approx(-0.8533051034410, rel=1e-9)
    assert found["difference"]["qm"] == pytest.approx(0.4379217662471, rel=1e-9)
    # One of eleven studies is alone in its group: of the eleven places it could have, six are as far out or farther.
    assert found["difference"]["qm_permutation_p"] == pytest.approx(6 / 11, rel=1e-9)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["a"] * 13, "fewer than two subgroups"),
        ([""] * 13, "fewer than two subgroups"),
        ([str(i) for i in range(13)], "13 subgroups of 13 studies leave nothing"),
    ],
)
def test_where_there_is_no_test_there_is_a_reason(cells: list[str], reason: str) -> None:
    found = bcg(cells)
    assert found["difference"] is None
    assert reason in found["reason"]


def test_groups_called_by_numbers_are_groups() -> None:
    codes = {"random": "1990", "alternate": "2000", "systematic": "2010"}
    numbered = bcg([codes[one] for one in ALLOCATION])["difference"]
    assert numbered == bcg(ALLOCATION)["difference"]


def test_rows_without_a_value_are_in_no_group_and_not_in_the_test() -> None:
    found = bcg(["", *ALLOCATION[1:]])
    assert found["rows_without"] == [1]
    assert found["difference"]["k"] == 12


def test_a_review_that_declares_none_has_none() -> None:
    found = a_review(["Ayer", "Bell"], [0.1, 0.2], [0.1, 0.1]).subgroups
    assert (found["column"], found["subgroups"], found["rows_without"]) == ("", [], [])


def declared(column: str, **more: object) -> Review:
    return replace(REVIEW, subgroups={"column": column, **more})


STUDIES = [
    replace(NOBODY, row=1, study="Ayer", extra={"Arm": "S\nand RT"}),
    replace(NOBODY, row=2, study="Bell", extra={"Arm": "NR"}),
]
JUDGEMENTS = [{"study": "Bell", "design": "randomised"}]


def test_a_column_of_the_table_or_of_the_judgements_is_read() -> None:
    assert declared_values(declared("Arm"), STUDIES, JUDGEMENTS, "f") == {1: "S and RT", 2: ""}
    assert declared_values(declared("design"), STUDIES, JUDGEMENTS, "f") == {1: "", 2: "randomised"}
    assert declared_values(REVIEW, STUDIES, JUDGEMENTS, "f") == {}


@pytest.mark.parametrize(
    ("review", "said"),
    [
        (declared("Leg"), "name one of: 'Arm'; 'design'"),
        (declared("Arm", names={"X": "Other"}), "name one of: 'S and RT'"),
    ],
)
def test_a_column_or_value_that_is_not_there_is_refused(review: Review, said: str) -> None:
    with pytest.raises(ReanalysisError) as caught:
        declared_values(review, STUDIES, JUDGEMENTS, "review.yaml")
    assert said in str(caught.value)


def test_review_yaml_takes_a_column_and_names(tmp_path: Path) -> None:
    content = {
        "title": "t", "source": {"citation": "c", "table": "1"}, "measure": "HR", "outcome": "OS",
        "favours": {"below": "a", "above": "b"}, "columns": {"study": "s"},
        "subgroups": {"column": "Arm", "names": {"S": "Surgery"}},
    }  # fmt: skip
    assert parse(content, str(tmp_path)).subgroups == {"column": "Arm", "names": {"S": "Surgery"}}
    with pytest.raises(ReanalysisError):
        parse(content | {"subgroups": {"names": {}}}, str(tmp_path))


def test_the_methods_say_how_subgroups_were_compared_or_why_not() -> None:
    folder = ROOT / "results/le-scodan-2010"
    results = read_results(SHIPPED, folder)
    (said,) = [one.sentence for one in methods(results, ["ci"]) if one.setting == "review.yaml: subgroups"]
    assert said == (
        "Subgroups by Local treatment (Surgery and Mainly radiotherapy, 22% with surgery) were pooled each with a "
        "tau² of its own; their difference was tested in a meta-regression on the subgroup, with one tau² for all of "
        "them."
    )
    reason = "fewer than two subgroups have a study in the analysis"
    untested = replace(results, subgroups={**results.subgroups, "difference": None, "reason": reason})
    said = next(one.sentence for one in methods(untested, ["ci"]) if one.setting == "review.yaml: subgroups")
    assert said.endswith(f"their difference was not tested: {reason}.")
    none = replace(results, subgroups={**results.subgroups, "subgroups": []})
    assert not [one for one in methods(none, ["ci"]) if one.setting == "review.yaml: subgroups"]

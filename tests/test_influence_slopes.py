"""Every slope of a meta-regression without each study."""

from __future__ import annotations

import numpy as np
import pytest
from test_influence import ALLOCATION, RESULTS, checked, data

from reanalysis import influence
from reanalysis.dataset import Dataset, dataset
from reanalysis.design import design
from reanalysis.intervals import INTERVALS
from reanalysis.mixed_effects import Choices, fit
from reanalysis.moderators import coded
from reanalysis.records import Effect
from reanalysis.tables import read

MODERATORS = {
    "dose": ["1", "2", "4", "3", "6", "8", "7"],
    "size": ["2.5", "1", "3", "", "5", "2", "9"],
    "source": ["registry", "registry", "centre", "centre", "trial", "centre", "registry"],
    "sparse": ["1", "", "", "2", "", "", ""],
}
SEVEN = Dataset(
    list("ABCDEFG"),
    np.array([-0.3, -0.1, 0.2, 0.05, 0.4, 0.9, 0.3]),
    np.array([0.02, 0.05, 0.01, 0.08, 0.04, 0.02, 0.03]),
    MODERATORS,
)


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("model", [("dose",), ("source",), ("dose", "size"), ("dose", "source")])
def test_every_slope_without_each_study(model: tuple[str, ...], interval: str) -> None:
    choices = Choices("REML", interval, 0.95)
    (found,) = checked(SEVEN, [model], choices)["regressions"]
    complete = [place for place in range(7) if all(MODERATORS[name][place] for name in model)]
    assert found["left_out"] == [SEVEN.studies[place] for place in range(7) if place not in complete]
    columns = {
        term: values for name in model for term, values in coded(name, [MODERATORS[name][i] for i in complete]).items()
    }
    assert [one["term"] for one in found["slopes"]] == list(columns)
    fitted = 0
    for place, one in enumerate(found["studies"]):
        if one["reason"]:
            continue
        fitted += 1
        kept = [index for index in range(len(complete)) if index != place]
        rest = design({term: [values[index] for index in kept] for term, values in columns.items()}, len(kept))
        rows = [complete[index] for index in kept]
        alone = fit(SEVEN.yi[rows], SEVEN.vi[rows], rest, choices)
        assert one["tau2"] == pytest.approx(alone.tau2, rel=1e-9, abs=1e-12)
        for term, slope in enumerate(one["slopes"], start=1):
            for key in ("estimate", "se", "ci_low", "ci_high", "p"):
                assert slope[key] == pytest.approx(getattr(alone, key)[term], rel=1e-9), key
            assert slope["sign_changed"] == (slope["estimate"] * found["slopes"][term - 1]["estimate"] < 0)
    assert fitted >= len(complete) - 1


def test_a_study_alone_in_its_category_leaves_the_model_undetermined() -> None:
    (found,) = checked(SEVEN, [("source",)])["regressions"]
    by_study = {one["study"]: one for one in found["studies"]}
    alone = by_study["E"]
    assert "source = trial" in alone["reason"]
    assert {slope[key] for slope in alone["slopes"] for key in slope if key != "term"} == {None}
    assert {alone[key] for key in ("tau2", "i2", "q", "rstudent", "dffits", "cooks_distance", "influential")} == {None}
    assert (alone["hat"], alone["weight"]) != (None, None)
    assert alone["hat"] == pytest.approx(1)
    assert {one["reason"] for study, one in by_study.items() if study != "E"} == {""}
    assert all(one["dffits"] is not None for study, one in by_study.items() if study != "E")


def test_a_slope_that_turns() -> None:
    (found,) = checked(a_shipped(), [("end",)])["regressions"]
    assert found["slopes"][0]["estimate"] > 0
    assert found["slopes"][0]["sign_changes"] == ["Shien"]
    (shien,) = [one for one in found["studies"] if one["study"] == "Shien"]
    assert shien["slopes"][0]["sign_changed"]
    assert shien["slopes"][0]["estimate"] < 0


def a_shipped() -> Dataset:
    return dataset(read(RESULTS / "effects.csv", Effect), "effects.csv")


def test_models_with_too_few_studies_are_named() -> None:
    found = checked(SEVEN, [("sparse",), ("dose",)])
    assert [one["name"] for one in found["regressions"]] == ["dose"]
    assert [one["name"] for one in found["not_fitted"]] == ["sparse"]


def test_a_model_that_no_study_can_be_left_out_of() -> None:
    review = Dataset(["A", "B", "C"], np.array([0.1, 0.3, 0.2]), np.array([0.1, 0.2, 0.1]), {"dose": ["1", "2", "4"]})
    (found,) = checked(review, [("dose",)])["regressions"]
    for one in found["studies"]:
        assert one["reason"] == f"{influence.NO_FREEDOM}: 2 for 2"
        assert one["slopes"][0]["estimate"] is None
    assert found["slopes"][0]["sign_changes"] == []


def test_a_slope_that_a_study_does_not_bear_on_moves_by_nothing() -> None:
    """With a common effect a category's slope does not depend on the studies of a third: not even by rounding."""
    _, yi, vi = data("bcg")
    review = Dataset(list("ABCDEFGHIJKLM"), yi, vi, {"alloc": ALLOCATION})
    (found,) = checked(review, [("alloc",)], Choices("FE", "wald", 0.95))["regressions"]
    terms = [one["term"] for one in found["slopes"]]
    for study, allocation in zip(found["studies"], ALLOCATION, strict=True):
        for term, slope in zip(terms, study["slopes"], strict=True):
            bears = allocation == "alternate" or term == f"alloc = {allocation}"
            assert (slope["dfbetas"] != 0) == bears

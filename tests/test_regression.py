"""What `regression.json` holds: fitted lines, categories, steps, what is left out."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from conftest import ROOT

from reanalysis import batch, schemas
from reanalysis.dataset import Dataset, dataset
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices
from reanalysis.moderators import coded
from reanalysis.permutation import Resampling
from reanalysis.records import Effect
from reanalysis.regression import caution, regress, regress_all
from reanalysis.tables import read

PREDICTIONS = json.loads((ROOT / "tests/oracles/le-scodan-2010-predictions.json").read_text())
ROWS = json.loads((ROOT / "tests/oracles/le-scodan-2010.json").read_text())["data"]
ESTIMATORS = json.loads((ROOT / "tests/oracles/estimators.json").read_text())
FITTED = [(name, key) for name, one in ESTIMATORS.items() for key in one.get("regression", {})]
REGISTRIES = ("Khan", "Gnerlich", "Ruiterkamp", "Rapiti")


def data(**changed: list[str]) -> Dataset:
    moderators = {name: [repr(row[name]) for row in ROWS] for name in ("start", "mid", "end")}
    moderators["log_n"] = [repr(row["logn"]) for row in ROWS]
    moderators["group"] = ["registry" if row["study"] in REGISTRIES else "centre" for row in ROWS]
    return Dataset(
        studies=[row["study"] for row in ROWS],
        yi=np.array([row["yi"] for row in ROWS]),
        vi=np.array([row["vi"] for row in ROWS]),
        moderators=moderators | changed,
    )


@pytest.mark.parametrize("key", PREDICTIONS["curves"])
def test_the_fitted_line_and_its_bands(key: str) -> None:
    name, test = key.split("/")
    interval = {"knha": "hksj", "z": "wald"}[test]
    model = regress(data(), ({"logn": "log_n"}.get(name, name),), "HR", Choices("REML", interval, 0.95))
    oracle = PREDICTIONS["curves"][key]
    ends = model["curve"][0], model["curve"][-1]
    for place, end in enumerate(ends):
        assert end["x"] == pytest.approx(oracle["x"][place], rel=5e-6)
        for one in ("fit", "ci_low", "ci_high"):
            # The line is kept with the six digits that a picture needs.
            assert end[one] == pytest.approx(oracle[one][place], rel=5e-6, abs=0), one
        if test == "knha":
            # Beside Wald's interval metafor predicts with the normal distribution, we with Student's t.
            for one in ("prediction_low", "prediction_high"):
                assert end[one] == pytest.approx(oracle[one][place], rel=1e-5, abs=1e-6), one
    assert len(model["curve"]) == 61


def test_a_category_is_coded_as_metafor_codes_it() -> None:
    oracle = PREDICTIONS["categorical"]
    model = regress(data(), ("group", "start"), "HR", Choices("REML", "hksj", 0.95))
    assert model["terms"] == ["intercept", "group = registry", "start"]
    for place, coefficient in enumerate(model["coefficients"]):
        for one in ("estimate", "se", "p"):
            assert coefficient[one] == pytest.approx(oracle[one][place], rel=1e-8), one
    for ours, theirs in [("tau2", "tau2"), ("qe", "qe"), ("qm", "qm"), ("qm_p", "qm_p"), ("i2", "i2"), ("r2", "r2")]:
        assert model[ours] == pytest.approx(oracle[theirs], rel=1e-7), ours
    assert model["coefficients"][1]["step_name"] == "instead of centre"
    assert model["curve"] == []


def test_slopes_are_told_in_steps_that_readers_think_in() -> None:
    decade = regress(data(), ("start",), "HR", Choices("REML", "hksj", 0.95))["coefficients"][1]
    assert decade["step_name"] == "per decade"
    assert decade["step_effect"] == pytest.approx(math.exp(10 * decade["estimate"]))
    doubling = regress(data(), ("log_n",), "HR", Choices("REML", "hksj", 0.95))["coefficients"][1]
    assert doubling["step_effect"] == pytest.approx(2 ** doubling["estimate"])
    difference = regress(data(), ("start",), "MD", Choices("REML", "hksj", 0.95))["coefficients"][1]
    assert difference["step_effect"] == pytest.approx(10 * difference["estimate"])
    assert "step" not in regress(data(), ("start",), "HR", Choices("REML", "hksj", 0.95))["coefficients"][0]


def test_a_study_without_a_value_is_left_out_and_named() -> None:
    starts = [repr(row["start"]) for row in ROWS]
    starts[3] = ""
    model = regress(data(start=starts), ("start",), "HR", Choices("REML", "hksj", 0.95))
    assert (model["k"], model["left_out"]) == (10, ["Shien"])
    assert [one["study"] for one in model["points"]].count("Shien") == 0
    # metafor 3.8-1 on the ten others: rma(yi, vi, mods = ~ start, method = "REML", control = list(threshold = 1e-14)).
    assert model["coefficients"][1]["estimate"] == pytest.approx(-0.004542835574641326, rel=1e-9)
    assert model["tau2"] == pytest.approx(0.00174977607421753, rel=1e-9)


def test_the_slope_without_each_study_is_that_of_the_others() -> None:
    whole = regress(data(), ("start",), "HR", Choices("REML", "hksj", 0.95))
    assert [one["study"] for one in whole["leave_one_out"]] == [row["study"] for row in ROWS]
    starts = [repr(row["start"]) for row in ROWS]
    starts[3] = ""
    others = regress(data(start=starts), ("start",), "HR", Choices("REML", "hksj", 0.95))["coefficients"][1]
    without = whole["leave_one_out"][3]
    for name in ("estimate", "ci_low", "ci_high", "p"):
        assert without[name] == pytest.approx(others[name], rel=1e-12)
    assert regress(data(), ("mid", "log_n"), "HR", Choices("REML", "hksj", 0.95))["leave_one_out"] == []


def test_a_model_with_too_few_studies_is_named_and_the_others_are_fitted() -> None:
    few = [""] * 9 + ["1.0", "2.0"]
    none = [""] * 11
    words = [chr(97 + index) for index in range(11)]
    models = [("start",), ("few",), ("none",), ("words",)]
    found = regress_all(data(few=few, none=none, words=words), models, "HR", Choices("REML", "hksj", 0.95))
    assert [model["name"] for model in found["models"]] == ["start"]
    reasons = {one["name"]: one["reason"] for one in found["not_fitted"]}
    assert reasons["few"] == "2 of 11 studies have a value of few; 2 coefficients need at least 3"
    assert reasons["none"].startswith("0 of 11 studies have a value")
    assert reasons["words"].endswith("11 coefficients need at least 12")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["1", "b", "2"], "a number for some studies and a word for others"),
        (["a", "a", "a"], "the same for every study"),
    ],
)
def test_cells_that_are_no_moderator_are_refused(cells: list[str], said: str) -> None:
    with pytest.raises(ReanalysisError) as error:
        coded("dose", cells)
    assert said in str(error.value)
    assert "'dose'" in str(error.value)


def test_a_category_a_column_but_the_first() -> None:
    assert coded("g", ["b", "a", "c", "b"]) == {"g = b": [1.0, 0.0, 0.0, 1.0], "g = c": [0.0, 0.0, 1.0, 0.0]}


def test_a_common_effect_regression_has_an_adjusted_r2() -> None:
    oracle = json.loads((ROOT / "tests/oracles/le-scodan-2010.json").read_text())["regression"]["~start/FE/z"]
    model = regress(data(), ("start",), "HR", Choices("FE", "wald", 0.95))
    assert model["r2"] == pytest.approx(oracle["r2"], rel=1e-9)


@pytest.mark.parametrize("key", ["~start", "~mid", "~end", "~logn", "~mid+logn"])
@pytest.mark.parametrize("method", ["DL", "REML", "ML", "PM"])
def test_r2_is_the_share_of_tau2_explained(key: str, method: str) -> None:
    oracle = json.loads((ROOT / "tests/oracles/le-scodan-2010.json").read_text())["regression"][f"{key}/{method}/knha"]
    names = tuple({"logn": "log_n"}.get(name, name) for name in key.removeprefix("~").split("+"))
    model = regress(data(), names, "HR", Choices(method, "hksj", 0.95))
    assert model["r2"] == pytest.approx(oracle["r2"], rel=1e-8, abs=1e-8)


def test_the_oracle_has_sixteen_models_by_nine_estimators_and_two_tests() -> None:
    assert len(FITTED) == 16 * 9 * 2


@pytest.mark.parametrize(("name", "key"), FITTED)
def test_fourteen_data_sets_as_metafor_fits_them(name: str, key: str) -> None:
    rows, expected = ESTIMATORS[name]["data"], ESTIMATORS[name]["regression"][key]
    terms, (_, method, test) = tuple(expected["terms"][1:]), key.split("/")
    given = Dataset(
        studies=[str(place) for place in range(len(rows))],
        yi=np.array([row["yi"] for row in rows]),
        vi=np.array([row["vi"] for row in rows]),
        moderators={term: [repr(row[term]) for row in rows] for term in terms},
    )
    model = regress(given, terms, "MD", Choices(method, {"knha": "hksj", "z": "wald"}[test], 0.95))
    for quantity in ("estimate", "se", "stat", "p", "ci_low", "ci_high"):
        ours = [one[quantity] for one in model["coefficients"]]
        assert ours == pytest.approx(expected[quantity], rel=1e-7, abs=1e-9), quantity
    pairs = {"tau2": "tau2", "i2": "i2", "h2": "h2", "qe": "q", "qe_p": "q_p", "qm": "qm", "qm_p": "qm_p"}
    for ours_name, theirs in pairs.items():
        assert model[ours_name] == pytest.approx(expected[theirs], rel=1e-7, abs=1e-9), ours_name
    if method != "FE" and float(batch.fit(given.yi, given.vi, tau2=method).tau2[0]) == 0:
        # Nothing to explain: metafor writes 0.
        assert (model["r2"], expected["r2"]) == (None, 0)
    else:
        assert model["r2"] == pytest.approx(expected["r2"], rel=1e-7, abs=1e-6)


@pytest.mark.parametrize(
    ("k", "slopes", "said"),
    [(10, 1, ""), (20, 2, ""), (9, 1, "9 studies for 1 slope:"), (19, 2, "19 studies for 2 slopes:")],
)
def test_a_model_of_few_studies_says_so(k: int, slopes: int, said: str) -> None:
    told = caution(k, slopes)
    assert told.startswith(said)
    assert bool(told) == bool(said)


def test_a_model_says_what_permutations_say() -> None:
    models = [("start",), ("group", "start")]
    plain = regress_all(data(), models, "HR", Choices("REML", "hksj", 0.95))
    found = regress_all(data(), models, "HR", Choices("REML", "hksj", 0.95), Resampling(2000, 1))
    schemas.check(plain, "regression.schema.yaml", "plain")
    schemas.check(found, "regression.schema.yaml", "found")
    one, two = found["models"]
    assert (one["caution"], two["caution"][:22]) == ("", "11 studies for 2 slope")
    assert (one["permutations"], one["permutations_exact"]) == (2000, False)
    assert one["coefficients"][1]["permutation_p"] == one["qm_permutation_p"]
    assert one["coefficients"][1]["permutation_p_error"] == one["qm_permutation_p_error"] > 0
    for model, bare in zip(found["models"], plain["models"], strict=True):
        assert "permutation_p" not in model["coefficients"][0]
        assert all(0 < slope["permutation_p"] <= 1 for slope in model["coefficients"][1:])
        assert all(slope["vif"] >= 1 for slope in model["coefficients"][1:])
        assert not bare.keys() - model.keys()
        assert model["collinearity"] == bare["collinearity"]
    # Two groups of 4 and 7 stand in 330 orders, and no slope is drawn.
    every = regress(data(), ("group",), "HR", Choices("REML", "hksj", 0.95), Resampling(2000, 1))
    assert (every["permutations"], every["permutations_exact"]) == (330, True)
    assert every["coefficients"][1]["permutation_p_error"] == 0


def test_the_shipped_inclusion_period_by_permutation() -> None:
    effects = read(ROOT / "results/le-scodan-2010/effects.csv", Effect)
    model = regress(
        dataset(effects, "effects.csv"), ("mid",), "HR", Choices("REML", "hksj", 0.95), Resampling(20_000, 1)
    )
    slope = model["coefficients"][1]
    assert round(slope["p"], 3) == 0.058
    assert slope["permutation_p"] == pytest.approx(0.103, abs=4 * slope["permutation_p_error"])


def test_the_shipped_slopes() -> None:
    """From the committed effects to the slopes that the review quotes."""
    effects = read(ROOT / "results/le-scodan-2010/effects.csv", Effect)
    models = [("start",), ("mid",), ("end",), ("log_n",)]
    found = regress_all(dataset(effects, "effects.csv"), models, "HR", Choices("REML", "hksj", 0.95))
    slopes = [round(model["coefficients"][1]["estimate"], 4) for model in found["models"]]
    assert slopes == [-0.0128, -0.0161, 0.0087, -0.0264]

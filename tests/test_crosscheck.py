"""The comparison with another engine can fail: that is what makes it worth something."""

from __future__ import annotations

import copy
import json
import re

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from reanalysis.crosscheck import MOST_DIGITS, NotSolvedError, _refuse_unsolved, agreeing_digits, crosscheck
from reanalysis.dataset import Dataset, dataset
from reanalysis.mixed_effects import Choices
from reanalysis.pooling import pool_all
from reanalysis.records import Effect
from reanalysis.regression import regress_all
from reanalysis.report.certification import COMPUTED_ONCE, primary_compared
from reanalysis.tables import read

FOLDER = ROOT / "results/le-scodan-2010"
EFFECTS = pd.read_csv(FOLDER / "effects.csv", dtype=str, keep_default_na=False)
POOLED = json.loads((FOLDER / "pooled.json").read_text())
CERTIFICATION = json.loads((FOLDER / "certification.json").read_text())
REGRESSION = json.loads((FOLDER / "regression.json").read_text())


@pytest.mark.parametrize(
    ("ours", "theirs", "digits"),
    [
        (1.0, 1.0, MOST_DIGITS),
        (0.0, 0.0, MOST_DIGITS),
        (1.0, 1.001, 3),
        (-0.5, 0.5, 0),
        (1e-200, 1.0001e-200, 4),
        (0.0, 1.0, 0),
    ],
)
def test_digits_that_agree(ours: float, theirs: float, digits: int) -> None:
    assert agreeing_digits(ours, theirs) == digits


def test_every_number_agrees() -> None:
    found = crosscheck(EFFECTS, POOLED, REGRESSION)
    assert found["digits"] == MOST_DIGITS
    models = {one["model"] for one in found["comparisons"]}
    assert {"FE, wald", "FE, hksj", "DL, wald", "DL, hksj", "PM, wald", "PM, hksj"} <= models
    assert {f"regression on {one['name']}" for one in REGRESSION["models"]} <= models
    assert len(found["comparisons"]) == 70


@pytest.mark.parametrize("quantity", ["estimate", "se", "p", "ci_low", "tau2", "q"])
def test_a_wrong_number_is_seen(quantity: str) -> None:
    wrong = copy.deepcopy(POOLED)
    model = next(one for one in wrong["models"] if (one["tau2_method"], one["interval"]) == ("PM", "hksj"))
    model[quantity] *= 1 + 1e-5
    found = crosscheck(EFFECTS, wrong, REGRESSION)
    assert found["digits"] in (4, 5)


def test_a_moderator_may_be_negative_or_missing_and_a_row_outside_may_hold_a_word() -> None:
    changed = EFFECTS.copy()
    inside = changed["included"] == "true"
    changed.loc[inside, "dose"] = ["-1", "-2", "", "0.5", "1", "2", "3", "-4", "5", "6", "7"]
    changed.loc[~inside, "dose"] = "high"
    doses = changed.loc[inside, "dose"].tolist()
    data = dataset([one for one in read(FOLDER / "effects.csv", Effect) if one.included], "effects.csv")
    found = regress_all(
        Dataset(data.studies, data.yi, data.vi, {"dose": doses}), [("dose",)], "HR", Choices("REML", "hksj", 0.95)
    )
    compared = crosscheck(changed, POOLED, json.loads(json.dumps(found)))
    assert compared["digits"] == MOST_DIGITS
    assert any(one["quantity"] == "dose p" for one in compared["comparisons"])


def test_a_wrong_slope_is_seen() -> None:
    wrong = copy.deepcopy(REGRESSION)
    wrong["models"][0]["coefficients"][1]["se"] *= 1.001
    assert crosscheck(EFFECTS, POOLED, wrong)["digits"] <= 3


def test_one_study_and_negative_estimates_of_tau2_are_compared_too() -> None:
    """statsmodels does not cut DerSimonian and Laird's estimate at 0; we do, and compare with what that gives."""
    rows = [one for one in read(FOLDER / "effects.csv", Effect) if one.study in ("Khan", "Blanchard", "Ruiterkamp")]
    for names in (["Khan"], ["Khan", "Blanchard", "Ruiterkamp"]):
        kept = [one for one in rows if one.study in names]
        data = dataset(kept, "effects.csv")
        pooled = pool_all(data, "HR", Choices("REML", "wald", 0.95))
        some = EFFECTS[EFFECTS["study"].isin(names)]
        found = crosscheck(some, json.loads(json.dumps(pooled)), {"models": []})
        assert found["digits"] >= 9
        assert next(one for one in pooled["models"] if one["tau2_method"] == "DL")["tau2"] == 0


def test_what_the_other_engine_does_not_solve_is_named_and_not_counted() -> None:
    """Its Paule-Mandel steps can end below 0, where it says 0 although Q is far above k - 1 there."""
    theirs = (0.0, 0.5)
    yi, vi = np.array([0.1, 0.9, -0.4, 0.6]), np.full(4, 0.01)
    for tau2 in theirs:
        with pytest.raises(NotSolvedError, match="where it should be 3"):
            _refuse_unsolved(yi, vi, tau2)
    _refuse_unsolved(yi, vi, float(np.var(yi, ddof=1)) - 0.01)
    _refuse_unsolved(yi * 0.01, vi, 0.0)


def test_a_moderator_called_like_a_column_of_ours_is_found_under_its_printed_heading() -> None:
    rows = EFFECTS.assign(**{"item (printed)": EFFECTS["mid"]})
    model = copy.deepcopy(next(one for one in REGRESSION["models"] if one["name"] == "mid"))
    model["terms"] = ["intercept", "item"]
    model["coefficients"][1]["term"] = "item"
    found = crosscheck(rows, POOLED, {"models": [model]})
    assert [one for one in found["comparisons"] if one["quantity"].startswith("item")]
    assert found["digits"] == MOST_DIGITS


def test_the_page_says_whether_the_primary_pool_is_compared() -> None:
    found = crosscheck(EFFECTS, POOLED, REGRESSION)
    assert primary_compared(found, POOLED["primary"]) == "The primary pool (REML, hksj) is not among them."
    other = next(one for one in POOLED["models"] if (one["tau2_method"], one["interval"]) == ("DL", "wald"))
    assert primary_compared(found, other) == "The primary pool (DL, wald) is among them."


def test_what_is_computed_once_names_files_that_hold_it() -> None:
    """Each file named is there, tests read it, and its description names what the page does not compute again."""
    told = (ROOT / "tests/oracles/README.md").read_text(encoding="utf-8")
    read = "".join(one.read_text(encoding="utf-8") for one in sorted((ROOT / "tests").glob("test_*.py")))
    for one in COMPUTED_ONCE:
        if one.oracle:
            assert (ROOT / "tests/oracles" / one.oracle).is_file()
            assert f"`{one.oracle}`" in told
            name = re.escape(one.oracle.removesuffix(".json"))
            assert re.search(rf'["/]{name}(\.json)?"', read), one.oracle
    # The files that are computed again hold none of it.
    certified = {one["part"].split()[0].rstrip(",") for one in CERTIFICATION["comparisons"]}
    assert certified == {"pooled", "regression", "weight"}

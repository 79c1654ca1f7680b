"""Models without residuals: the guarded scale is 1 with Student's t, as in metafor; Wald's interval replaces the other.

The engine, the model of correlated estimates, the fifty digits and the comparison with statsmodels each say so.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from reanalysis.certification import records
from reanalysis.certification.reference import intercept, standing_fit
from reanalysis.crosscheck import crosscheck
from reanalysis.dataset import Dataset
from reanalysis.design import design
from reanalysis.generalised import correlated
from reanalysis.influence import influence_all
from reanalysis.mixed_effects import Choices, fit
from reanalysis.permutation import Resampling, permutation_test
from reanalysis.pooling import pool, pool_all
from reanalysis.robust import NO_RESIDUALS, cr2
from reanalysis.sign_flip import sign_flip_test

ORACLE: dict[str, Any] = json.loads((ROOT / "tests/oracles/equal-effects.json").read_text(encoding="utf-8"))
METHODS = ("FE", "DL", "REML")
NUMBERS = ("estimate", "se", "stat", "p", "ci_low", "ci_high")
CLOSE = 1e-12


def numbers(name: str) -> tuple[np.ndarray, np.ndarray]:
    return np.array(ORACLE[name]["yi"]), np.array(ORACLE[name]["vi"])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["five", "two"])
def test_the_guarded_mean_is_metafors(name: str, method: str) -> None:
    expected = ORACLE[name]["models"][method]
    assert expected["scale"] == 1
    found = pool(*numbers(name), "HR", Choices(method, "hksj_guarded", 0.95))
    for one in NUMBERS:
        assert found[one] == pytest.approx(expected[one][0], rel=CLOSE), one
    assert (found["df"], found["tau2"]) == (expected["df"], 0)
    # Two studies have no prediction interval here; metafor gives one.
    for one in ("prediction_low", "prediction_high"):
        there = one in expected and name == "five"
        assert found[one] == (pytest.approx(expected[one], rel=CLOSE) if there else None)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["five", "two"])
def test_the_fifty_digits_of_it_are_metafors(name: str, method: str) -> None:
    y, v = ORACLE[name]["yi"], ORACLE[name]["vi"]
    expected, several = ORACLE[name]["models"][method], records.models(y, v, [method], 0.95, ratio=False)
    for record in (records.mean_of(y, v, method, "hksj_guarded", 0.95, ratio=False), several[method, "hksj_guarded"]):
        for one in NUMBERS:
            assert float(record[one].value) == pytest.approx(expected[one][0], rel=CLOSE), one
        assert record["df"].value == expected["df"]
    for interval in ("wald", "hksj"):
        assert several[method, interval]["df"].value is None
        assert several[method, interval]["se"].value == several[method, "hksj_guarded"]["se"].value


@pytest.mark.parametrize("method", METHODS)
def test_the_guarded_line_is_metafors(method: str) -> None:
    case, (yi, vi) = ORACLE["line"], numbers("line")
    expected, made = case["models"][method], design({"x": case["x"]}, len(yi))
    found = fit(yi, vi, made, Choices(method, "hksj_guarded", 0.95))
    for one in ("se", "ci_low", "ci_high"):
        assert getattr(found, one) == pytest.approx(expected[one], rel=CLOSE), one
    assert (found.df, found.tau2) == (expected["df"], 0)
    again = standing_fit(yi.tolist(), vi.tolist(), made.X.tolist(), method, "hksj_guarded", 0.95)
    assert [float(one) for one in again.se] == pytest.approx(expected["se"], rel=CLOSE)
    assert again.omnibus is not None
    for one in (found.p[1], float(again.p[1]), found.qm_p, float(again.omnibus.p)):
        assert one == pytest.approx(expected["p"][1], rel=CLOSE)
    assert (found.qm, float(again.omnibus.statistic)) == pytest.approx((expected["qm"],) * 2, rel=CLOSE)
    assert math.isinf(fit(yi, vi, made, Choices(method, "hksj", 0.95)).df)


@pytest.mark.parametrize("method", ["FE", "REML"])
@pytest.mark.parametrize("name", ["five", "two", "line"])
def test_the_guarded_fit_of_correlated_estimates_is_metafors(name: str, method: str) -> None:
    expected, (yi, vi) = ORACLE[name]["models"][method], numbers(name)
    X = np.column_stack([np.ones(len(yi)), *([ORACLE[name]["x"]] if name == "line" else [])])
    found = correlated(yi, np.diag(vi), X, Choices(method, "hksj_guarded", 0.95))
    assert (found.df, found.components[0]) == (expected["df"], pytest.approx(0, abs=1e-15))
    for one in ("se", "ci_low", "ci_high"):
        assert getattr(found, one) == pytest.approx(expected[one], rel=1e-9), one
    assert found.p[-1] == pytest.approx(expected["p"][-1], rel=1e-9)
    assert math.isinf(correlated(yi, np.diag(vi), X, Choices(method, "hksj", 0.95)).df)


def test_a_slope_without_a_study_keeps_students_t() -> None:
    """In the engine and with fifty digits; t with one degree of freedom is twice the p value of R's pt(-x, 1)."""
    case, (yi, vi) = ORACLE["line"], numbers("line")
    choices = Choices("REML", "hksj_guarded", 0.95)
    data = Dataset(list("abcd"), yi, vi, {"x": [str(one) for one in case["x"]]})
    ours = influence_all(data, {}, [("x",)], "MD", choices)["regressions"][0]["studies"]
    X = [[1.0, float(one)] for one in case["x"]]
    theirs = records.without_each(yi.tolist(), vi.tolist(), X, "REML", "hksj_guarded", 0.95)
    for mine, reference in zip(ours, theirs, strict=True):
        assert reference is not None
        slope = mine["slopes"][0]
        assert slope["df"] == 1
        assert slope["p"] == pytest.approx(float(reference["p"].value), rel=CLOSE)
        assert slope["ci_high"] == pytest.approx(float(reference["ci_high"].value), rel=CLOSE)
        # Of Student's t with one degree of freedom, which is Cauchy's distribution.
        assert slope["p"] == pytest.approx(1 - 2 * math.atan(slope["estimate"] / slope["se"]) / math.pi, rel=CLOSE)


def test_rearranged_data_are_scaled_as_the_observed_are() -> None:
    """Guarded, the observed scale is 1 and no scale of another order is less: Wald's statistic is never below."""
    yi, every = np.full(5, 0.3), Resampling(5000, 1)
    vi = np.array([0.01, 0.02, 0.03, 0.04, 0.05])
    # All signs alike is the clearest pattern; the other one of 32 is its mirror image.
    assert sign_flip_test(yi, vi, Choices("REML", "hksj_guarded", 0.95), every)["p"] == 2 / 32
    made = design({"x": [0.0, 1.0, 2.0, 4.0]}, 4)
    choices = Choices("REML", "hksj_guarded", 0.95)
    assert permutation_test(numbers("line")[0], np.full(4, 0.1), made, choices, every).p[0] == 1 / 24


@pytest.mark.parametrize("interval", ["wald", "hksj", "hksj_guarded"])
def test_statsmodels_is_asked_for_the_interval_that_stands(interval: str) -> None:
    (yi, vi), choices = numbers("five"), Choices("DL", interval, 0.95)
    data = Dataset(list("abcde"), yi, vi, {})
    effects = pd.DataFrame({"study": list("abcde"), "included": "true", "yi": yi, "sei": np.sqrt(vi)}).astype(str)
    found = crosscheck(effects, json.loads(json.dumps(pool_all(data, "HR", choices))), {"models": []})
    wrong = [one for one in found["comparisons"] if one["digits"] < 9 and one["quantity"] not in ("Q", "tau2")]
    assert wrong == []
    assert len(intercept(len(yi))) == 5


@pytest.mark.parametrize("k", [2, 3, 5, 30])
def test_residuals_of_rounding_error_are_none(k: int) -> None:
    """Least squares of effects that are all the same leaves some last digits of them."""
    random = np.random.default_rng(k)
    for _ in range(50):
        yi, vi = np.full(k, random.normal()), 10 ** random.uniform(-6, 2, k)
        shared = np.sqrt(np.outer(vi, vi)) * (0.5 + 0.5 * np.eye(k))
        for covariance in (np.diag(vi), shared):
            assert math.isinf(correlated(yi, covariance, np.ones((k, 1)), Choices("FE", "hksj", 0.95)).df)
        mild = np.diag(random.uniform(0.01, 0.1, k))
        assert cr2(yi, mild, np.ones((k, 1)), list(range(k))).reasons == (NO_RESIDUALS,)

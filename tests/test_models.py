"""Pooling and meta-regression against metafor run to convergence, and against what must hold for any data."""

from __future__ import annotations

import json
import math
from random import Random

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from reanalysis import tau2
from reanalysis.dataset import Dataset
from reanalysis.design import design
from reanalysis.distributions import critical_value
from reanalysis.errors import ReanalysisError
from reanalysis.intervals import INTERVALS
from reanalysis.mixed_effects import Choices, fit, heterogeneity
from reanalysis.pooling import pool, pool_all

ORACLES = {name: json.loads((ROOT / f"tests/oracles/{name}.json").read_text()) for name in ("bcg", "le-scodan-2010")}
METAFOR_INTERVALS = {"z": "wald", "knha": "hksj", "adhoc": "hksj_guarded"}
POOLED = [(name, key) for name, oracle in ORACLES.items() for key in oracle["pooled"]]
REGRESSED = [(name, key) for name, oracle in ORACLES.items() for key in oracle["regression"]]

# The functions agree with metafor to nine digits. Limits and coefficients are compared on the scale of their
# standard error: a limit that lies near 0 has fewer digits of its own in any arithmetic.
CLOSE = 1e-9


def test_no_case_is_lost() -> None:
    assert (len(POOLED), len(REGRESSED)) == (54, 135)


def data(name: str) -> tuple[np.ndarray, np.ndarray]:
    rows = ORACLES[name]["data"]
    return np.array([row["yi"] for row in rows]), np.array([row["vi"] for row in rows])


@pytest.mark.parametrize(("name", "key"), POOLED)
def test_pooled_models(name: str, key: str) -> None:
    oracle, (method, test) = ORACLES[name]["pooled"][key], key.split("/")
    yi, vi = data(name)
    ours = pool(yi, vi, "HR", Choices(method, METAFOR_INTERVALS[test], 0.95))
    for one in ("estimate", "se", "stat", "p", "tau2", "i2", "h2", "q", "q_p", "ci_low", "ci_high"):
        assert ours[one] == pytest.approx(oracle[one], rel=CLOSE, abs=0), one
    assert ours["k"] == oracle["k"]
    assert ours["ratio"] == pytest.approx(math.exp(oracle["estimate"]), rel=CLOSE)
    if "tau2_ci" in oracle:
        assert [ours["tau2_ci_low"], ours["tau2_ci_high"]] == pytest.approx(oracle["tau2_ci"], rel=CLOSE)
        assert [ours["i2_ci_low"], ours["i2_ci_high"]] == pytest.approx(oracle["i2_ci"], rel=CLOSE)
    if method == "FE":
        assert ours["prediction_low"] is ours["tau2_ci_low"] is None
    elif test == "z":
        # metafor predicts with the normal distribution here; we follow Higgins and take t with k - 2.
        for df, low, high in (
            (math.inf, *oracle["pi_riley"]),
            (len(yi) - 2, ours["prediction_low"], ours["prediction_high"]),
        ):
            margin = critical_value(0.95, df) * math.sqrt(oracle["tau2"] + oracle["se"] ** 2)
            assert [low, high] == pytest.approx([oracle["estimate"] - margin, oracle["estimate"] + margin], rel=CLOSE)
    else:
        assert [ours["prediction_low"], ours["prediction_high"]] == pytest.approx(oracle["pi_riley"], rel=CLOSE)


@pytest.mark.parametrize(("name", "key"), REGRESSED)
def test_meta_regressions(name: str, key: str) -> None:
    oracle, (formula, method, test) = ORACLES[name]["regression"][key], key.split("/")
    yi, vi = data(name)
    terms = formula.removeprefix("~").split("+")
    X = design({term: [row[term] for row in ORACLES[name]["data"]] for term in terms}, len(yi))
    ours = fit(yi, vi, X, Choices(method, METAFOR_INTERVALS[test], 0.95))
    spread = heterogeneity(yi, vi, X, Choices(method, METAFOR_INTERVALS[test], 0.95), ours.tau2)
    for index in range(X.p):
        scale = abs(oracle["estimate"][index]) + oracle["se"][index]
        for one in ("estimate", "se", "ci_low", "ci_high"):
            assert getattr(ours, one)[index] == pytest.approx(oracle[one][index], abs=CLOSE * scale), one
        assert ours.stat[index] == pytest.approx(oracle["stat"][index], rel=CLOSE, abs=CLOSE)
        assert ours.p[index] == pytest.approx(oracle["p"][index], rel=CLOSE)
    spreads = {name: getattr(spread, name) for name in ("i2", "h2", "q", "q_p")}
    for quantity, mine in {"tau2": ours.tau2, "qm": ours.qm, "qm_p": ours.qm_p, **spreads}.items():
        assert mine == pytest.approx(oracle[quantity], rel=CLOSE, abs=0), quantity


@pytest.mark.parametrize("name", sorted(ORACLES))
def test_leaving_out_each_study(name: str) -> None:
    yi, vi = data(name)
    studies = [str(row["study"]) for row in ORACLES[name]["data"]]
    found = pool_all(Dataset(studies, yi, vi, {}), "HR", Choices("REML", "wald", 0.95))["leave_one_out"]
    oracle = ORACLES[name]["leave1out"]
    assert [one["study"] for one in found] == studies
    for key in ("estimate", "se", "tau2", "i2", "q"):
        assert [one[key] for one in found] == pytest.approx(oracle[key], rel=1e-8), key
    assert pool_all(Dataset(["a"], yi[:1], vi[:1], {}), "HR", Choices("REML", "wald", 0.95))["leave_one_out"] == []


# A file keeps ten significant digits: half a unit in the tenth, and nothing more.
TEN_DIGITS = 5.01e-10


@pytest.mark.parametrize("key", ORACLES["le-scodan-2010"]["pooled"])
def test_the_shipped_file_has_ten_right_digits(key: str) -> None:
    method, test = key.split("/")
    shipped = json.loads((ROOT / "results/le-scodan-2010/pooled.json").read_text())["models"]
    ours = next(one for one in shipped if (one["tau2_method"], one["interval"]) == (method, METAFOR_INTERVALS[test]))
    oracle = ORACLES["le-scodan-2010"]["pooled"][key]
    for one in ("estimate", "se", "stat", "p", "tau2", "i2", "h2", "q", "q_p", "ci_low", "ci_high"):
        assert ours[one] == pytest.approx(oracle[one], rel=TEN_DIGITS, abs=0), one


@pytest.mark.parametrize("name", ["start", "mid", "end", "log_n", "mid + log_n"])
def test_the_shipped_meta_regressions_have_ten_right_digits(name: str) -> None:
    shipped = json.loads((ROOT / "results/le-scodan-2010/regression.json").read_text())["models"]
    ours = next(one for one in shipped if one["name"] == name)
    key = "~" + name.replace(" ", "").replace("log_n", "logn") + "/REML/knha"
    oracle = ORACLES["le-scodan-2010"]["regression"][key]
    for place, coefficient in enumerate(ours["coefficients"]):
        for one in ("estimate", "se", "stat", "p"):
            assert coefficient[one] == pytest.approx(oracle[one][place], rel=TEN_DIGITS), one
    for mine, theirs in [("tau2", "tau2"), ("i2", "i2"), ("qe", "q"), ("qe_p", "q_p"), ("qm", "qm"), ("qm_p", "qm_p")]:
        assert ours[mine] == pytest.approx(oracle[theirs], rel=TEN_DIGITS), mine


EFFECTS = st.integers(2, 12).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-2, 2), min_size=k, max_size=k),
        st.lists(st.floats(1e-4, 1.0), min_size=k, max_size=k),
    )
)


@settings(max_examples=60)
@given(EFFECTS, st.sampled_from(sorted(tau2.ESTIMATORS)), st.sampled_from(INTERVALS), st.randoms())
def test_what_holds_for_any_data(
    drawn: tuple[list[float], list[float]], method: str, interval: str, random: Random
) -> None:
    yi, vi = (np.array(values) for values in drawn)
    found = pool(yi, vi, "HR", Choices(method, interval, 0.95))
    spread = max(1.0, float(np.ptp(yi)))
    assert found["tau2"] >= 0
    assert 0 <= found["i2"] < 100
    assert yi.min() - 1e-9 <= found["estimate"] <= yi.max() + 1e-9
    assert found["ci_low"] <= found["estimate"] <= found["ci_high"]
    order = list(range(len(yi)))
    random.shuffle(order)
    shuffled = pool(yi[order], vi[order], "HR", Choices(method, interval, 0.95))
    turned = pool(-yi, vi, "HR", Choices(method, interval, 0.95))
    moved = pool(yi + 1, vi, "HR", Choices(method, interval, 0.95))
    for one in (shuffled, turned, moved):
        assert one["tau2"] == pytest.approx(found["tau2"], rel=1e-6, abs=1e-9)
    assert shuffled["estimate"] == pytest.approx(found["estimate"], rel=1e-6, abs=1e-7 * spread)
    assert turned["estimate"] == pytest.approx(-found["estimate"], rel=1e-6, abs=1e-7 * spread)
    assert moved["estimate"] == pytest.approx(found["estimate"] + 1, rel=1e-6, abs=1e-7 * spread)


@pytest.mark.parametrize("method", sorted(tau2.ESTIMATORS))
@pytest.mark.parametrize("interval", INTERVALS)
def test_one_and_two_studies_have_an_answer(method: str, interval: str) -> None:
    one = pool(np.array([-0.5]), np.array([0.04]), "HR", Choices(method, interval, 0.95))
    assert (one["estimate"], one["se"], one["tau2"], one["q_p"]) == (-0.5, 0.2, 0.0, None)
    assert one["prediction_low"] is None
    two = pool(np.array([-0.5, 0.1]), np.array([0.04, 0.09]), "HR", Choices(method, interval, 0.95))
    assert two["prediction_low"] is None
    assert two["q_df"] == 1


def test_equal_effects_have_no_spread() -> None:
    for method in tau2.ESTIMATORS:
        found = pool(np.full(5, -0.3), np.linspace(0.01, 0.1, 5), "HR", Choices(method, "wald", 0.95))
        assert found["tau2"] == pytest.approx(0, abs=1e-15)
        assert found["estimate"] == pytest.approx(-0.3, rel=1e-12)


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("value", [0.0, -0.22314355131420976])
@pytest.mark.parametrize("k", [2, 3, 7])
def test_effects_that_are_all_the_same_have_a_finite_answer(interval: str, value: float, k: int) -> None:
    """Knapp and Hartung's scale is 0 here, or the rounding error that stands for 0: Wald's interval stands in.

    The guarded scale is 1, and its Student's t stays.
    """
    found = pool(np.full(k, value), np.linspace(0.01, 0.1, k), "HR", Choices("REML", interval, 0.95))
    wald = pool(np.full(k, value), np.linspace(0.01, 0.1, k), "HR", Choices("REML", "wald", 0.95))
    assert all(number is None or not isinstance(number, float) or math.isfinite(number) for number in found.values())
    assert found["se"] == pytest.approx(wald["se"])
    assert found["df"] == (k - 1 if interval == "hksj_guarded" else None)
    if interval != "hksj_guarded":
        assert found["p"] == pytest.approx(wald["p"])


def test_a_limit_beyond_any_double_is_none() -> None:
    found = pool(np.log([0.1, 1.0]), np.array([0.04, 0.09]), "HR", Choices("REML", "hksj", 0.99999))
    assert found["ratio_ci_high"] is None
    assert math.isfinite(found["ci_high"])


@pytest.mark.parametrize("offset", [0.0, 2000.0, 1e9, 1e12])
def test_a_moderator_far_from_zero_keeps_its_slope(offset: float) -> None:
    yi, vi = data("le-scodan-2010")
    values = np.arange(11.0)
    near = fit(yi, vi, design({"dose": list(values)}, 11), Choices("REML", "hksj", 0.95))
    far = fit(yi, vi, design({"dose": list(values + offset)}, 11), Choices("REML", "hksj", 0.95))
    assert far.estimate[1] == pytest.approx(near.estimate[1], rel=1e-9)
    assert far.qm == pytest.approx(near.qm, rel=1e-9)


@pytest.mark.parametrize("apart", [1e-3, 1e-5, 1e-6, 1e-9, 1e-12])
def test_moderators_that_are_nearly_one_are_fitted_or_refused(apart: float) -> None:
    yi, vi = data("le-scodan-2010")
    rng = np.random.default_rng(1)
    first = rng.normal(size=11)
    second = first + apart * rng.normal(size=11)
    if apart < 1e-7:
        with pytest.raises(ReanalysisError, match="'b' follows from a"):
            design({"a": list(first), "b": list(second)}, 11)
        return
    found = fit(yi, vi, design({"a": list(first), "b": list(second)}, 11), Choices("REML", "hksj", 0.95))
    apart_again = fit(yi, vi, design({"a": list(first), "b": list(second - first)}, 11), Choices("REML", "hksj", 0.95))
    assert np.isfinite(found.estimate).all()
    assert found.qm == pytest.approx(apart_again.qm, rel=1e-6)


def test_a_moderator_may_be_scaled_and_centred() -> None:
    yi, vi = data("le-scodan-2010")
    start = np.array([row["start"] for row in ORACLES["le-scodan-2010"]["data"]])
    plain = fit(yi, vi, design({"start": list(start)}, 11), Choices("REML", "hksj", 0.95))
    moved = fit(yi, vi, design({"start": list((start - 1990) / 10)}, 11), Choices("REML", "hksj", 0.95))
    assert moved.estimate[1] == pytest.approx(10 * plain.estimate[1], rel=1e-11)
    assert moved.p[1] == pytest.approx(plain.p[1], rel=1e-10)
    assert moved.tau2 == pytest.approx(plain.tau2, rel=1e-11)


@pytest.mark.parametrize(
    ("moderators", "k", "said"),
    [
        ({"dose": [1.0, 1.0, 1.0, 1.0]}, 4, "'dose' is the same for every study"),
        ({"a": [1.0, 2.0, 3.0, 5.0], "b": [2.0, 4.0, 6.0, 10.0]}, 4, "'b' follows from a"),
        ({"a": [1990.0, 1995.0, 2000.0, 2003.0], "b": [1.0, 6.0, 11.0, 14.0]}, 4, "'b' follows from a"),
        ({"intercept": [1.0, 2.0, 3.0, 5.0]}, 4, "cannot be called 'intercept'"),
        ({"a": [1.0, 2.0], "b": [1.0, 3.0]}, 2, "2 studies cannot estimate 3 coefficients"),
    ],
)
def test_a_useless_moderator_is_named(moderators: dict[str, list[float]], k: int, said: str) -> None:
    with pytest.raises(ReanalysisError) as error:
        design(moderators, k)
    assert said in str(error.value)

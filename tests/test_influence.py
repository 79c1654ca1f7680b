"""The influence of each study against metafor, against the fit without it, and against fifty digits; small reviews."""

from __future__ import annotations

import json
import math
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, SHIPPED
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reanalysis import influence, schemas
from reanalysis.certification import reference_influence
from reanalysis.dataset import Dataset
from reanalysis.deletion import Diagnostics, diagnostics, without_each
from reanalysis.design import Design, FloatArray, design
from reanalysis.influence import influence_all
from reanalysis.intervals import INTERVALS
from reanalysis.mixed_effects import Choices
from reanalysis.moderators import coded
from reanalysis.pooling import pool
from reanalysis.steps.influence import step

RESULTS = ROOT / "results/le-scodan-2010"
ORACLE = json.loads((ROOT / "tests/oracles/influence.json").read_text())
HKSJ = Choices("REML", "hksj", 0.95)
TESTS = {"z": "wald", "knha": "hksj", "adhoc": "hksj_guarded"}
THEIRS = {
    "rstudent": "rstudent", "dffits": "dffits", "cooks_distance": "cook.d", "cov_ratio": "cov.r", "hat": "hat",
    "weight": "weight",
}  # fmt: skip
NAMES = ("bcg", "le-scodan-2010")
MODELS = [(name, key) for name in NAMES for key in ORACLE[name]["influence"]]


def data(name: str) -> tuple[list[dict[str, Any]], FloatArray, FloatArray]:
    rows = ORACLE[name]["data"]
    return rows, np.array([row["yi"] for row in rows]), np.array([row["vi"] for row in rows])


def a_dataset(name: str, moderators: dict[str, list[str]] | None = None) -> Dataset:
    rows, yi, vi = data(name)
    return Dataset([str(row["study"]) for row in rows], yi, vi, moderators or {})


def diagnosed(yi: FloatArray, vi: FloatArray, made: Design, choices: Choices) -> Diagnostics:
    return diagnostics(yi, vi, made, without_each(yi, vi, made, choices), choices)


def checked(
    review: Dataset, models: list[tuple[str, ...]], choices: Choices = HKSJ, measure: str = "HR"
) -> dict[str, Any]:
    """Return the content, held against its schema, in the order of print for a year."""
    years: list[float | None] = [float(2000 + place) for place in range(len(review.studies))]
    found = influence_all(review, {"year": years}, models, measure, choices)
    schemas.check(found, "influence.schema.yaml", "influence.json")
    return found


@pytest.mark.parametrize(("name", "key"), MODELS)
def test_diagnostics(name: str, key: str) -> None:
    model, method, test = key.split("/")
    rows, yi, vi = data(name)
    terms = [] if model == "mean" else model[1:].split("+")
    made = design({term: [row[term] for row in rows] for term in terms}, len(rows))
    choices = Choices(method, TESTS[test], 0.95)
    without = without_each(yi, vi, made, choices)
    found = diagnostics(yi, vi, made, without, choices)
    oracle = ORACLE[name]["influence"][key]
    # 1e-8, but for 3e-8 of what metafor has lost on calendar years: the next test has fifty digits.
    close = 3e-8 if "start" in terms else 1e-8
    for ours, theirs in THEIRS.items():
        assert getattr(found, ours) == pytest.approx(np.array(oracle[theirs]), rel=close, abs=0), ours
    assert found.dfbetas == pytest.approx(np.array(list(oracle["dfbs"].values())), rel=1e-8)
    assert without.tau2 == pytest.approx(np.array(oracle["tau2.del"]), rel=1e-8, abs=1e-13)
    assert without.q == pytest.approx(np.array(oracle["QE.del"]), rel=1e-8)
    assert found.influential.tolist() == oracle["flagged"]


@pytest.mark.parametrize("interval", ["wald", "hksj"])
@pytest.mark.parametrize(
    ("name", "terms"), [("le-scodan-2010", ["start"]), ("le-scodan-2010", ["start", "logn"]), ("bcg", ["year"])]
)
def test_fifty_digits_on_calendar_years(name: str, terms: list[str], interval: str) -> None:
    rows, yi, vi = data(name)
    made = design({term: [row[term] for row in rows] for term in terms}, len(rows))
    found = diagnosed(yi, vi, made, Choices("REML", interval, 0.95))
    exact = reference_influence.influence(yi.tolist(), vi.tolist(), made.X.tolist(), "REML", interval)
    ours = {
        "rstudent": "rstudent", "dffits": "dffits", "cook": "cooks_distance", "covariance_ratio": "cov_ratio",
        "hat": "hat", "weight": "weight",
    }  # fmt: skip
    for theirs, name_of_ours in ours.items():
        expected = [float(getattr(one, theirs)) for one in exact if one]
        assert getattr(found, name_of_ours).tolist() == pytest.approx(expected, rel=1e-10, abs=0), theirs
    assert (
        pytest.approx(np.array([[float(value) for value in one.dfbetas] for one in exact if one]), rel=1e-9)
        == found.dfbetas.T
    )


# metafor 3.8-1, dat.bcg: rma(yi, vi, mods = ~ alloc, method, test, control = list(threshold = 1e-14, maxiter = 10000)),
# influence() and baujat(): the first four trials. `adhoc` never scales below 1.
ALLOCATION = ["random"] * 4 + ["alternate"] * 2 + ["random"] * 3 + ["systematic"] * 4
CATEGORIES: dict[tuple[str, str], dict[str, list[float]]] = {
    ("REML", "adhoc"): {
        "rstudent": [0.102268433894, -0.889832293416, -0.445782774149, -0.855486917327],
        "dffits": [0.0562050936223, -0.341483126469, -0.131684473786, -0.411211930114],
        "cooks_distance": [0.00346604489059, 0.116649135288, 0.0178408538249, 0.168769269057],
        "cov_ratio": [1.40392474359, 1.14883741941, 1.26395995017, 1.22410189259],
        "baujat_y": [0.00276288488821, 0.101626732175, 0.0154639083892, 0.13738116478],
    },
    ("ML", "knha"): {
        "rstudent": [0.0687040381549, -0.927061570041, -0.453511240913, -0.989262751204],
        "dffits": [0.0395934094793, -0.353889792891, -0.129726031061, -0.528668589706],
        "cooks_distance": [0.00176818085411, 0.12796474466, 0.0181138529444, 0.276553984649],
        "cov_ratio": [1.52519139331, 1.18320821672, 1.40120862957, 1.24988313369],
        "baujat_y": [0.00139170848056, 0.110694493324, 0.0152992927365, 0.219382432874],
    },
    ("FE", "z"): {
        "rstudent": [-1.04717475773, -2.94904190461, -1.64058305973, -8.79024058924],
        "dffits": [-0.100697808397, -0.367976082253, -0.139534313218, -3.67931320676],
        "cooks_distance": [0.0101400486159, 0.13540639711, 0.0194698245652, 13.5373456735],
        "cov_ratio": [1.00924701809, 1.01556959426, 1.00723378493, 1.17519915003],
        "baujat_y": [0.0100471425073, 0.133330495395, 0.0193299955347, 11.519192873],
    },
}


@pytest.mark.parametrize("key", CATEGORIES)
def test_diagnostics_of_a_model_with_categories(key: tuple[str, str]) -> None:
    _, yi, vi = data("bcg")
    found = diagnosed(yi, vi, design(coded("alloc", ALLOCATION), 13), Choices(key[0], TESTS[key[1]], 0.95))
    for name, expected in CATEGORIES[key].items():
        assert getattr(found, name)[:4].tolist() == pytest.approx(expected, rel=1e-10), name


@pytest.mark.parametrize("method", ["REML", "FE"])
@pytest.mark.parametrize("name", NAMES)
def test_baujat_coordinates(name: str, method: str) -> None:
    _, yi, vi = data(name)
    found = diagnosed(yi, vi, design({}, len(yi)), Choices(method, "wald", 0.95))
    oracle = ORACLE[name]["baujat"][method]
    assert found.baujat_x.tolist() == pytest.approx(oracle["x"], rel=1e-10)
    assert found.baujat_y.tolist() == pytest.approx(oracle["y"], rel=1e-10)
    if method == "FE":
        assert found.baujat_x.sum() == pytest.approx(pool(yi, vi, "HR", Choices("FE", "wald", 0.95))["q"])


@pytest.mark.parametrize("key", ["REML/z", "REML/knha"])
@pytest.mark.parametrize("name", NAMES)
def test_leaving_out_each_study(name: str, key: str) -> None:
    choices = Choices("REML", TESTS[key.split("/")[1]], 0.95)
    found = checked(a_dataset(name), [], choices)["pooled"]["studies"]
    oracle = ORACLE[name]["leave1out"][key]
    theirs = {one: one for one in ("estimate", "se", "ci_low", "ci_high", "q", "tau2", "i2")}
    if choices.interval == "hksj":  # beside Wald's, metafor predicts with the normal distribution
        theirs |= {"prediction_low": "pi_low", "prediction_high": "pi_high"}
    for ours, name_of_theirs in theirs.items():
        assert [one[ours] for one in found] == pytest.approx(oracle[name_of_theirs], rel=1e-8), ours
    for one in found:
        assert one["ratio_prediction_low"] == pytest.approx(math.exp(one["prediction_low"]))


@pytest.mark.parametrize("interval", INTERVALS)
def test_leaving_out_is_pooling_the_others(interval: str) -> None:
    review, choices = a_dataset("le-scodan-2010"), Choices("REML", interval, 0.9)
    for place, one in enumerate(checked(review, [], choices)["pooled"]["studies"]):
        rest = pool(np.delete(review.yi, place), np.delete(review.vi, place), "HR", choices)
        assert one["df"] == rest["df"]
        for key in (rest.keys() & one.keys()) - {"df"}:
            assert one[key] == pytest.approx(rest[key], rel=1e-9), key
        assert one["k"] == 10


@pytest.mark.parametrize("method", ["REML", "FE", "SJ"])
@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("k", [1, 2, 3])
def test_small_reviews(k: int, interval: str, method: str) -> None:
    review = Dataset(list("ABC")[:k], np.array([0.1, 0.4, -0.2])[:k], np.array([0.1, 0.2, 0.1])[:k], {})
    found = checked(review, [], Choices(method, interval, 0.95))
    pooled = found["pooled"]
    assert len(found["cumulative"][0]["steps"]) == k
    if k == 1:
        assert (pooled["studies"], pooled["reason"]) == ([], influence.ONE_STUDY)
        return
    for place, one in enumerate(pooled["studies"]):
        if k == 2:
            assert one["reason"] == influence.NO_SPREAD
            assert (one["rstudent"], one["dffits"], one["cov_ratio"], one["influential"]) == (None,) * 4
            other = 1 - place
            assert (one["estimate"], one["tau2"]) == (review.yi[other], 0.0)
            assert one["se"] == pytest.approx(math.sqrt(review.vi[other]))
        else:
            assert one["reason"] == ""
            assert math.isfinite(one["rstudent"])
        assert one["hat"] == pytest.approx(one["weight"] / 100)


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("value", [0.0, -0.22314355131420976])
def test_effects_that_are_all_the_same(value: float, interval: str) -> None:
    review = Dataset(list("ABCD"), np.full(4, value), np.linspace(0.01, 0.1, 4), {})
    for one in checked(review, [], Choices("REML", interval, 0.95))["pooled"]["studies"]:
        assert (one["rstudent"], one["dffits"], one["cooks_distance"], one["dfbetas"]) == (0, 0, 0, 0)
        assert one["influential"] is False


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_a_difference_far_from_zero_keeps_its_diagnostics(shift: float) -> None:
    _, yi, vi = data("bcg")
    whole = np.round(yi * 1024) / 1024  # exact when shifted
    near = diagnosed(whole, vi, design({}, 13), HKSJ)
    far = diagnosed(whole + shift, vi, design({}, 13), HKSJ)
    for name in ("rstudent", "dffits", "cooks_distance", "cov_ratio", "baujat_y"):
        assert getattr(far, name).tolist() == pytest.approx(getattr(near, name).tolist(), rel=1e-9), name


EFFECTS = st.integers(4, 12).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-2, 2), min_size=k, max_size=k),
        st.lists(st.floats(1e-3, 1.0), min_size=k, max_size=k),
        st.lists(st.floats(-5, 5), min_size=k, max_size=k),
    )
)


# Effects whose squares are too small for a number, and in the second a fit without a study that is all but exact.
TINY = [-4.1431169239595125e-185, 9.02486073778371e-282, -5.364348461538859e-162, 1.3600181649764655]
SMALL = [-1.3, 0.0, -6.330993387714817e-143, 0.0, 1.35, 0.0, 0.0, 0.0, 0.0, 0.0]


@settings(max_examples=60)
@given(EFFECTS, st.sampled_from(INTERVALS))
@example((TINY, [0.5, 0.077, 0.2, 0.5], [-3.8, -4.9, -1.1, 2.3e-113]), "wald")
@example((SMALL, [0.67, 0.98, 0.29, 0.81, 0.69, 0.73, 1.0, 0.5, 0.7, 0.5], SMALL), "wald")
def test_identities(drawn: tuple[list[float], list[float], list[float]], interval: str) -> None:
    yi, vi, x = (np.array(values) for values in drawn)
    choices = Choices("REML", interval, 0.95)
    if np.ptp(x) < 1e-3 or np.ptp(yi) < 1e-3:
        return
    for made in (design({}, len(yi)), design({"x": x.tolist()}, len(yi))):
        found = diagnosed(yi, vi, made, choices)
        assert found.hat.sum() == pytest.approx(made.p, rel=1e-9)
        assert found.weight.sum() == pytest.approx(100)
        turned = diagnosed(-yi, vi, made, choices)
        np.testing.assert_allclose(turned.dffits, -found.dffits, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(turned.cooks_distance, found.cooks_distance, rtol=1e-4, atol=1e-6)
        assert np.nanmin(found.cooks_distance, initial=0.0) >= 0


def test_the_step_writes_what_the_function_returns(tmp_path: Path) -> None:
    path = tmp_path / "influence.json"
    arguments = Namespace(
        review=SHIPPED / "review.yaml", studies=RESULTS / "studies.csv", effects=RESULTS / "effects.csv",
        influence=path, tau2_method="REML", interval="hksj", level=0.95,
    )  # fmt: skip
    (text,) = step(arguments).values()
    assert isinstance(text, str)
    written = json.loads(text)
    schemas.check(written, "influence.schema.yaml", "influence.json")
    assert [one["by"] for one in written["cumulative"]] == ["start", "year"]
    assert [one["name"] for one in written["regressions"]] == ["start", "mid", "end", "log_n", "mid + log_n"]
    influential = [one["study"] for one in written["pooled"]["studies"] if one["influential"]]
    assert influential == ["Shien"]
    shien = next(one for one in written["pooled"]["studies"] if one["study"] == "Shien")
    assert (round(shien["ratio"], 4), round(shien["i2"])) == (0.5945, 24)

"""Every number of the models has ten digits by the fifty-digit reference, and a wrong one would be seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, SHIPPED
from mpmath import mp, mpf
from reference_cases import FILES, same
from reference_cases import data as reference_data

from reanalysis import certificate, collinearity, invariances, schemas
from reanalysis.certificate import certify
from reanalysis.certification import records, stress
from reanalysis.certification.collinearity import variance_inflation
from reanalysis.certification.compare import MOST_DIGITS, Number, digits, is_rounded, rows
from reanalysis.certification.reference import fit, intercept
from reanalysis.certification.tau2 import ESTIMATORS, maxima
from reanalysis.dataset import Dataset, dataset
from reanalysis.digits import rounded
from reanalysis.files import dump_json, read_json, read_yaml
from reanalysis.mixed_effects import Choices
from reanalysis.pooling import pool_all
from reanalysis.records import Effect
from reanalysis.regression import regress_all
from reanalysis.review import parse
from reanalysis.tables import read

ENOUGH = 10
HKSJ = Choices("REML", "hksj", 0.95)
Certificate = dict[str, Any]
FILES_CERTIFIED = ("pooled.json", "regression.json")

# What no formula gives: exact or drawn p values of other orders and signs, which test_permutation holds against an
# enumeration; and the points of a line that is only drawn, with six digits.
RESAMPLED = {
    ("pooled", "sign_flip"),
    ("regression", "qm_permutation_p"),
    ("regression", "qm_permutation_p_error"),
    ("coefficients", "permutation_p"),
    ("coefficients", "permutation_p_error"),
}
DRAWN = {("regression", "curve")}


def checked(found: Certificate) -> Certificate:
    """Return a certificate as its file has it."""
    written: Certificate = json.loads(dump_json(found))
    schemas.check(written, "certification.schema.yaml", "certification.json")
    return written


def certified(
    data: Dataset, models: Sequence[tuple[str, ...]] = (), measure: str = "HR", choices: Choices = HKSJ
) -> Certificate:
    pooled = rounded(pool_all(data, measure, choices))
    regression = rounded(regress_all(data, list(models), measure, choices))
    return checked(certify(data, models, measure, choices, pooled, regression))


def bcg() -> Dataset:
    table = FILES["bcg"]["data"]
    moderators = {name: [repr(row[name]) for row in table] for name in ("ablat", "year")}
    moderators["era"] = ["early" if row["year"] < 1960 else "late" if row["year"] < 1973 else "last" for row in table]
    y, v, _ = reference_data("bcg")
    return Dataset([row["study"] for row in table], np.array(y), np.array(v), moderators)


@pytest.fixture(scope="module")
def review() -> Certificate:
    folder = ROOT / "results/le-scodan-2010"
    data = dataset(read(folder / "effects.csv", Effect), "effects.csv")
    models = parse(read_yaml(SHIPPED / "review.yaml"), "review.yaml").models
    return checked(certify(data, models, "HR", HKSJ, *(read_json(folder / name) for name in FILES_CERTIFIED)))


@pytest.fixture(scope="module")
def vaccine() -> Certificate:
    return certified(bcg(), [("ablat",), ("year",), ("ablat", "year"), ("ablat", "era")], "RR")


@pytest.mark.parametrize("name", ["review", "vaccine"])
def test_every_number_has_ten_digits(name: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(name)
    assert [row for row in found["comparisons"] if row["digits"] < ENOUGH] == []
    assert [row for row in found["invariances"] if row["digits"] < ENOUGH] == []
    assert (found["count"], found["shipped_count"]) == (len(found["comparisons"]),) * 2
    assert found["digits"] >= ENOUGH


@pytest.mark.parametrize("name", ["review", "vaccine"])
def test_every_shipped_digit_is_right(name: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(name)
    assert found["shipped_wrong"] == []
    assert found["shipped_right"] is True


@pytest.mark.parametrize("name", ["review", "vaccine"])
def test_nothing_is_left_out_unsaid(name: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(name)
    assert found["count"] > 1300
    without = {(one["part"], one["quantity"]) for one in found["without_reference"]}
    assert without == (RESAMPLED if name == "review" else set()) | DRAWN
    methods = {(row["part"], row["quantity"]) for row in found["comparisons"]}
    for method in ESTIMATORS:
        for interval in ("wald", "hksj", "hksj_guarded"):
            part = f"pooled {method}, {interval}"
            wanted = {"estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "h2", "q", "q_p", "loglik", "ratio"}
            assert {(part, quantity) for quantity in wanted} <= methods, part


def test_tau2_is_at_the_global_maximum(review: Certificate, vaccine: Certificate) -> None:
    for found in (review, vaccine):
        assert [one["method"] for one in found["proof"]] == ["REML", "ML"]
        assert all(one["is_highest"] and one["digits"] >= ENOUGH for one in found["proof"])


def test_every_hostile_number_has_ten_digits(review: Certificate) -> None:
    assert [row for row in review["stress"] if row["digits"] < ENOUGH] == []
    made = {(row["name"], row["method"]) for row in review["stress"]}
    assert made == {(name, method) for name in stress.CASES for method in stress.METHODS}
    assert review["stress_count"] == len(review["stress"]) > 400


def test_the_hostile_data_are_what_they_are_called() -> None:
    def count(name: str, method: str = "REML") -> int:
        case = stress.CASES[name]
        return len(maxima(method, case.y, case.v, case.X))

    assert count("three maxima") == count("three maxima", "ML") == 3
    assert {count(name) for name in stress.CASES if name.startswith("two maxima")} == {2}
    for name, method in (("restricted", "REML"), ("full", "ML")):
        case = stress.CASES[f"two maxima of nearly equal height, {name}"]
        low, high = (float(height) for _, height in maxima(method, case.y, case.v, case.X))
        assert 0 < abs(high - low) < 1e-3
    above = stress.CASES["tau2 just above 0"]
    assert 0 < fit(above.y, above.v, above.X).tau2 < 1e-2 * min(above.v)
    for case in stress.CASES.values():
        assert len(case.y) == len(case.v) == len(case.X)


def few() -> Dataset:
    data = bcg()
    return Dataset(data.studies[:4], data.yi[:4], data.vi[:4], {})


@pytest.fixture
def one_hostile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stress, "CASES", {"two studies": stress.CASES["two studies"]})


@pytest.mark.usefixtures("one_hostile")
def test_the_same_data_make_the_same_bytes() -> None:
    assert dump_json(certified(few())) == dump_json(certified(few()))


SMALL = {
    "one study": ([0.3], [0.1]),
    "two studies": ([0.3, -0.5], [0.1, 0.02]),
    "three studies": ([0.3, -0.5, 0.4], [0.1, 0.02, 0.3]),
    "equal effects": ([0.25] * 5, [0.1, 0.2, 0.3, 0.4, 0.5]),
    "no effect": ([0.0] * 4, [0.1, 0.2, 0.3, 0.4]),
}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("choices", [Choices("FE", "wald", 0.9), Choices("PM", "hksj_guarded", 0.99)])
@pytest.mark.usefixtures("one_hostile")
def test_a_small_review_has_its_digits_too(name: str, choices: Choices) -> None:
    y, v = (np.array(values) for values in SMALL[name])
    k = len(y)
    data = Dataset([f"study {place}" for place in range(k)], y, v, {"x": [str(place**2) for place in range(k)]})
    found = certified(data, [("x",)] if k > 1 else [], "MD", choices)
    assert [row for row in found["comparisons"] if row["digits"] < ENOUGH] == []
    assert [row for row in found["invariances"] if row["digits"] < ENOUGH] == []
    # A slope that is 0 has no digits of its own, and neither has what is made of it alone.
    none = {"estimate", "stat", "step_effect"} if name == "equal effects" else set()
    assert {one.rpartition(": ")[2] for one in found["shipped_wrong"]} <= none
    assert (found["count"] > 0) == (k > 1)


@pytest.mark.usefixtures("one_hostile")
def test_a_wrong_digit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    data, right = few(), certificate.pool_all
    pooled = rounded(pool_all(data, "RR", HKSJ))
    regression = rounded(regress_all(data, [], "RR", HKSJ))
    pooled["primary"]["q"] *= 1 + 1e-9
    found = certify(data, [], "RR", HKSJ, pooled, regression)
    assert (found["shipped_right"], found["shipped_wrong"]) == (False, ["pooled primary REML, hksj: q"])

    def wrong(*arguments: object) -> dict[str, Any]:
        made = right(*arguments)  # type: ignore[arg-type]
        made["models"][7]["se"] *= 1 + 3e-8
        return made

    monkeypatch.setattr(certificate, "pool_all", wrong)
    found = certify(data, [], "RR", HKSJ, pooled, regression)
    assert (found["digits"], found["worst"]) == (7, "pooled PM, hksj: se")


def test_a_tau2_at_another_maximum_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    case = stress.CASES["two maxima, the far one higher"]
    data = Dataset(list("abcde"), np.array(case.y), np.array(case.v), {})
    assert certificate._proof(data, "REML")["is_highest"]
    found = certificate.batch.fit(data.yi, data.vi, tau2="REML")
    found.tau2[0] = 0.0
    monkeypatch.setattr(certificate.batch, "fit", lambda *_, **__: found)
    proof = certificate._proof(data, "REML")
    assert (len(proof["maxima"]), proof["is_highest"]) == (2, False)


def test_digits_are_the_log_relative_error() -> None:
    one = Number(mpf(2), mpf(2))
    assert [digits(2.0 + error, one) for error in (0.0, 1.9e-5, 2.1e-5, -1.9e-9, 4.0)] == [MOST_DIGITS, 5, 4, 9, 0]
    assert digits(2.0 + 1e-15, one) == MOST_DIGITS
    assert digits(float("nan"), one) == digits(float("inf"), one) == digits(None, one) == 0
    assert digits(2.0, Number(None, mpf(1))) == 0
    assert digits(None, Number(None, mpf(1))) == MOST_DIGITS
    assert rows("a", {"x": None, "y": 1.0}, {"x": Number(None, mpf(1)), "z": one}) == []


def test_ten_digits_are_right_or_wrong_by_half_a_unit() -> None:
    with mp.workdps(50):
        value = mpf("123.45678904999999")
    assert is_rounded(123.4567890, value)
    assert not is_rounded(123.4567891, value)
    assert is_rounded(-0.001, -(mpf(10) ** -3))
    assert (is_rounded(0.0, mpf(0)), is_rounded(1e-300, mpf(0))) == (True, False)
    assert (is_rounded(None, None), is_rounded(None, value), is_rounded(1.0, None)) == (True, False, False)


@pytest.mark.parametrize("interval", ["wald", "hksj", "hksj_guarded"])
@pytest.mark.parametrize("name", FILES)
def test_one_fit_gives_every_interval(name: str, interval: str) -> None:
    ours = records.under(fit(*reference_data(name), "DL", "hksj"), interval, 0.95)
    theirs = fit(*reference_data(name), "DL", interval)
    for part in ("scale", "tau2", "log_likelihood"):
        same(getattr(ours, part), getattr(theirs, part))
    for part in ("se", "statistic", "p", "low", "high"):
        same(getattr(ours, part)[0], getattr(theirs, part)[0])
    assert ours.df == theirs.df
    for mine, other in zip(ours.prediction, theirs.prediction, strict=True):
        same(mine, other)


def test_inflation_by_determinants_and_by_the_inverse() -> None:
    y, v, X = reference_data("bcg", "ablat", "year")
    found = fit(y, v, X)
    for place, expected in enumerate(variance_inflation(y, v, X), start=1):
        same(records.inflation(found, [place]), expected)
    weights = np.array([1 / (variance + float(found.tau2)) for variance in v])
    both = collinearity.inflation(np.array(X), weights, [1, 2])
    assert float(records.inflation(found, [1, 2])) == pytest.approx(both, rel=1e-12) == 1


@pytest.mark.parametrize("interval", ["wald", "hksj", "hksj_guarded"])
def test_a_slope_without_a_study_is_that_of_the_others(interval: str) -> None:
    y, v, X = reference_data("bcg", "ablat")
    without = records.without_each(y, v, X, "REML", interval, 0.95)[3]
    rest = fit(y[:3] + y[4:], v[:3] + v[4:], X[:3] + X[4:], "REML", interval)
    assert without is not None
    expected = {"estimate": rest.coefficients, "ci_low": rest.low, "ci_high": rest.high, "p": rest.p}
    for name, values in expected.items():
        same(without[name].value, values[1])
    same(without["tau2"].value, rest.tau2)
    # Without the last the others' moderators are the same.
    assert records.without_each([0.1, 0.2, 0.4, 0.3], [1.0] * 4, [[1, 0], [1, 0], [1, 0], [1, 1]], "DL", interval, 0.9)[
        3
    ] is None  # fmt: skip


def test_an_identity_that_fails_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = invariances.fit

    def leaning(yi: np.ndarray, vi: np.ndarray, *rest: Any) -> Any:  # noqa: ANN401
        return right(yi * (1 + 1e-8 * (yi[0] > 0)), vi, *rest)

    monkeypatch.setattr(invariances, "fit", leaning)
    found = {one["name"]: one["digits"] for one in invariances.invariances(bcg(), [("ablat",)], HKSJ)}
    assert found["ratio inverted"] < ENOUGH <= found["moderators moved by a thousand"]


def test_the_mean_of_a_certificate_is_metafors() -> None:
    y, v, _ = reference_data("bcg")
    oracle = FILES["bcg"]["pooled"]["REML/knha"]
    record = records.mean_of(y, v, "REML", "hksj", 0.95, True)
    for name in ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "h2", "q", "q_p", "stat"):
        assert float(record[name].value) == pytest.approx(oracle[name], rel=1e-11), name
    assert len(y) == len(intercept(len(y))) == 13

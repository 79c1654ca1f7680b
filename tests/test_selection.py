"""Selection models against metafor's, against the likelihood in fifty digits, and where they have no answer."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from reanalysis import batch
from reanalysis.errors import ReanalysisError
from reanalysis.selection import ABOVE, BELOW, FIXED_STEPS, FIXED_WEIGHTS, SelectionModel, selection_model
from reanalysis.selection_likelihood import derivatives, log_likelihood, published
from reanalysis.selection_search import Search

ORACLE = json.loads((ROOT / "tests/oracles/selection.json").read_text(encoding="utf-8"))
SETS = {name: one for name, one in ORACLE.items() if name not in {"source", "profile"}}
WAY = {"less": BELOW, "greater": ABOVE}
CASES = [(name, one) for name, data in SETS.items() for one in data["stepfun"]]


def effects(name: str) -> tuple[np.ndarray, np.ndarray]:
    rows = SETS[name]["data"]
    return np.array([row["yi"] for row in rows]), np.array([row["vi"] for row in rows])


def theta(found: SelectionModel) -> np.ndarray:
    return np.array([found.favoured * found.estimate, found.tau2, *(math.log(one.weight) for one in found.weights[1:])])


def label(one: object) -> str | None:
    return str(one["steps"]) if isinstance(one, dict) else None


@pytest.mark.parametrize(("name", "case"), CASES, ids=label)
def test_as_metafor_fits(name: str, case: dict[str, Any]) -> None:
    found = selection_model(*effects(name), case["steps"], WAY[case["alternative"]], 0.95)
    assert found.reason is None
    assert [one.k for one in found.weights] == case["counts"]
    assert found.loglik == pytest.approx(case["loglik"], abs=1e-11)
    assert found.loglik_without == pytest.approx(case["loglik_without"], abs=1e-11)
    # The pinned values come from numerical derivatives: tests below hold ours to ten digits of the exact score, and
    # the curvature to nine.
    assert found.estimate == pytest.approx(case["estimate"], rel=1e-7, abs=1e-8)
    assert found.tau2 == pytest.approx(case["tau2"], rel=1e-7, abs=1e-8)
    assert [one.weight for one in found.weights[1:]] == pytest.approx(case["weights"], rel=1e-7)
    assert found.se == pytest.approx(case["se"], rel=1e-5)
    logs = [one.se / one.weight for one in found.weights[1:]]
    assert logs == pytest.approx(case["log_weight_se"], rel=1e-5)
    assert found.loglik >= case["metafor"]["loglik"] - 1e-12
    assert found.lrt == pytest.approx(case["metafor"]["lrt"], abs=1e-10)
    assert found.lrt_p == pytest.approx(case["metafor"]["lrt_p"], abs=1e-9)


@pytest.mark.parametrize("case", ORACLE["profile"], ids=lambda one: f"{one['set']} {one['parameter']} {one['end']}")
def test_the_ends_of_profile_intervals(case: dict[str, Any]) -> None:
    name = case["set"]
    found = selection_model(*effects(name), case["steps"], WAY[SETS[name]["stepfun"][0]["alternative"]], 0.95)
    if case["parameter"] == "mean":
        assert getattr(found.ci, case["end"]) == pytest.approx(case["value"], rel=1e-7)
    else:
        ci = found.weights[int(case["parameter"]) - 1].ci
        assert math.log(getattr(ci, case["end"])) == pytest.approx(case["value"], rel=1e-7)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("severity", FIXED_WEIGHTS)
def test_weights_that_are_held(name: str, severity: str) -> None:
    case = SETS[name]["fixed"][severity.replace(" ", "_").removesuffix("-tailed").replace("-tailed", "")]
    way = WAY[case["alternative"]]
    found = selection_model(*effects(name), FIXED_STEPS, way, 0.95, FIXED_WEIGHTS[severity])
    assert found.loglik == pytest.approx(case["loglik"], abs=1e-8)
    assert found.loglik >= case["loglik"] - 1e-11
    # What metafor's search ends at.
    assert found.estimate == pytest.approx(case["estimate"], abs=2e-5)
    assert found.tau2 == pytest.approx(case["tau2"], abs=2e-5)
    assert found.lrt is None
    assert [one.ci for one in found.weights] == [None] * 14


# Vevea and Woods 2005: the validity of student ratings, as metafor's documentation gives their results.
PRINTED = {
    "moderate one-tailed": (0.35, 0.005), "severe one-tailed": (0.32, 0.010),
    "moderate two-tailed": (0.36, 0.003), "severe two-tailed": (0.33, 0.006),
}  # fmt: skip


@pytest.mark.parametrize("severity", PRINTED)
def test_the_published_example(severity: str) -> None:
    found = selection_model(*effects("cohen1981"), FIXED_STEPS, ABOVE, 0.95, FIXED_WEIGHTS[severity])
    assert (round(found.estimate, 2), round(found.tau2, 3)) == PRINTED[severity]


@pytest.mark.parametrize(("step", "ratio"), [(0.025, 0.633), (0.05, 0.640)])
def test_the_shipped_review(step: float, ratio: float) -> None:
    assert round(math.exp(selection_model(*effects("le-scodan-2010"), [step], BELOW, 0.95).estimate), 3) == ratio


def exact(yi: np.ndarray, vi: np.ndarray, steps: Sequence[float], point: Sequence[Any]) -> mpf:
    """Return the log likelihood by its definition: normal densities, their integrals and weights, nothing in logs."""
    mu, tau2, *logs = (mpf(one) for one in point)
    weights, total = [mpf(1), *(mp.exp(one) for one in logs)], mpf(0)
    for y, v in zip(yi, vi, strict=True):
        y, sei, eta = mpf(float(y)), mp.sqrt(mpf(float(v))), mp.sqrt(mpf(float(v)) + tau2)  # noqa: PLW2901
        cuts = [sei * mp.sqrt(2) * mp.erfinv(1 - 2 * mpf(one)) for one in steps]
        above = [mpf(0), *(mp.erfc((one - mu) / eta / mp.sqrt(2)) / 2 for one in cuts), mpf(1)]
        masses = [high - low for low, high in itertools.pairwise(above)]
        weight = weights[sum(y < one for one in cuts)]
        total += mp.log(weight * mp.npdf(y, mu, eta) / mp.fsum(a * b for a, b in zip(weights, masses, strict=True)))
    return total


POINTS = [[0.3, 0.02, -0.4, 0.2], [-2.0, 0.0, 3.0, -3.0], [0.5, 4.0, 0.0, 0.0], [12.0, 0.001, 5.0, 9.0]]


@pytest.mark.parametrize("point", POINTS)
def test_the_likelihood_and_its_derivatives(point: list[float]) -> None:
    yi, vi = effects("le-scodan-2010")
    steps, data, place = (0.025, 0.5), published(-yi, vi, (0.025, 0.5)), np.array(point)
    gradient, second = derivatives(data, place)
    with mp.workdps(60):
        assert log_likelihood(data, place) == pytest.approx(float(exact(-yi, vi, steps, point)), rel=1e-12)
        h, units = mpf(10) ** -15, np.eye(4, dtype=int)
        at = [mpf(one) for one in point]

        def near(*moves: np.ndarray) -> mpf:
            return exact(-yi, vi, steps, [one + h * int(sum(move)) for one, move in zip(at, zip(*moves, strict=True),
                                                                                      strict=True)])  # fmt: skip

        slopes = [float((near(one) - near(-one)) / (2 * h)) for one in units]
        bends = [
            [float((near(a, b) - near(a, -b) - near(-a, b) + near(-a, -b)) / (4 * h**2)) for a in units] for b in units
        ]
    assert gradient == pytest.approx(np.array(slopes), rel=1e-9)
    assert second == pytest.approx(np.array(bends), rel=1e-9, abs=1e-9 * np.abs(bends).max())


@pytest.mark.parametrize(("name", "case"), CASES, ids=label)
def test_the_maximum_is_a_root_of_the_exact_score(name: str, case: dict[str, Any]) -> None:
    """Newton's step of the exact score from the estimate changes no tenth digit."""
    yi, vi = effects(name)
    way = WAY[case["alternative"]]
    found = theta(selection_model(yi, vi, case["steps"], way, 0.95))
    _, second = derivatives(published(way * yi, vi, tuple(case["steps"])), found)
    with mp.workdps(40):
        h = mpf(10) ** -15
        near = [
            [exact(way * yi, vi, case["steps"], [mpf(one) + (sign * h if at == place else 0)
             for at, one in enumerate(found)]) for sign in (1, -1)]
            for place in range(len(found))
        ]  # fmt: skip
        score = np.array([float((up - down) / (2 * h)) for up, down in near])
    assert np.abs(np.linalg.solve(second, score) / found).max() < 1e-10


@pytest.mark.parametrize(("name", "case"), CASES, ids=label)
def test_no_start_leads_higher(name: str, case: dict[str, Any]) -> None:
    yi, vi = effects(name)
    way = WAY[case["alternative"]]
    found = selection_model(yi, vi, case["steps"], way, 0.95)
    search, random = Search(published(way * yi, vi, tuple(case["steps"])), {}), np.random.default_rng(1)
    free = np.ones(search.data.size, bool)
    for _ in range(40):
        start = np.concatenate([random.normal(0, 2, 1), random.exponential(1, 1), random.normal(0, 2, len(free) - 2)])
        assert search._climbed(start, free).loglik <= found.loglik + 1e-10


ROWS = st.lists(st.tuples(st.floats(-1, 3), st.floats(0.02, 1)), min_size=4, max_size=10)


@settings(max_examples=20)
@given(ROWS, st.sampled_from([0.025, 0.05, 0.5]))
def test_directions_and_order_do_not_matter(rows: list[tuple[float, float]], step: float) -> None:
    yi, vi = np.array(rows).T
    found = selection_model(yi, vi, [step], ABOVE, 0.95)
    turned = selection_model(-yi[::-1], vi[::-1], [step], BELOW, 0.95)
    assert found.reason == turned.reason
    if found.loglik is None:
        return
    assert turned.loglik == pytest.approx(found.loglik, rel=1e-9, abs=1e-9)
    assert found.loglik >= batch.fit(yi, vi, tau2="ML").loglik[0] - 1e-9
    ends = (found.ci.low, found.ci.high), (turned.ci.high, turned.ci.low)
    for one, other in zip(*ends, strict=True):
        assert (one is None) == (other is None)
    reasons = (found.ci.low, found.ci.low_reason), (found.ci.high, found.ci.high_reason)
    assert all((end is None) == (reason is not None) for end, reason in reasons)


@pytest.mark.parametrize("size", [1e-8, 1e8])
def test_units_do_not_matter(size: float) -> None:
    yi, vi = effects("le-scodan-2010")
    plain, scaled = (selection_model(by * yi, by**2 * vi, [0.025], BELOW, 0.95) for by in (1.0, size))
    for part in ("estimate", "se"):
        assert getattr(scaled, part) == pytest.approx(size * getattr(plain, part), rel=1e-9)
    assert scaled.tau2 == pytest.approx(size**2 * plain.tau2, rel=1e-9)
    assert (scaled.ci.low, scaled.ci.high) == pytest.approx((size * plain.ci.low, size * plain.ci.high), rel=1e-9)
    for one, other in zip(scaled.weights[1:], plain.weights[1:], strict=True):
        assert (one.weight, one.se) == pytest.approx((other.weight, other.se), rel=1e-9)
        assert (one.ci.low, one.ci.high) == pytest.approx((other.ci.low, other.ci.high), rel=1e-9)


def test_tau2_of_nothing_is_a_maximum() -> None:
    found = selection_model(
        np.array([0.5, 0.5, 0.5, 0.5, 0.5]), np.array([0.01, 0.02, 0.1, 0.2, 0.3]), [0.025], 1, 0.95
    )
    assert found.reason is None
    assert found.tau2 == 0
    assert found.se > 0


def test_weights_of_one_are_no_selection() -> None:
    yi, vi = effects("bcg")
    found, plain = selection_model(yi, vi, [0.025, 0.5], BELOW, 0.95, [1, 1, 1]), batch.fit(yi, vi, tau2="ML")
    assert found.estimate == pytest.approx(plain.estimate[0], rel=1e-10)
    assert found.tau2 == pytest.approx(plain.tau2[0], rel=1e-9)
    assert found.loglik == pytest.approx(plain.loglik[0], rel=1e-12)


@pytest.mark.parametrize("k", [1, 2])
def test_few_studies_have_a_reason(k: int) -> None:
    found = selection_model(np.arange(k) / 10, np.full(k, 0.1), [0.025], ABOVE, 0.95)
    assert (found.estimate, found.ci, found.lrt) == (None, None, None)
    assert found.reason == f"{k} studies cannot tell 3 parameters"


def test_an_empty_interval_has_a_reason() -> None:
    found = selection_model(*effects("le-scodan-2010"), [0.05, 0.5], BELOW, 0.95)
    assert "(0.5, 1]" in str(found.reason)
    assert [one.k for one in found.weights] == [9, 2, 0]


def test_huge_effects_have_an_answer_or_a_reason() -> None:
    found = selection_model(np.array([1e6, 2e6, 3e6, 0.0]), np.full(4, 1.0), [0.025], ABOVE, 0.95)
    assert found.reason is None or found.estimate is None
    assert (found.estimate is None) == (found.reason is not None)


@pytest.mark.parametrize(
    ("steps", "way", "weights"),
    [([], 1, None), ([0.5, 0.1], 1, None), ([0.0], 1, None), ([0.5], 0, None), ([0.5], 1, [1]), ([0.5], 1, [1, 0])],
)
def test_what_has_no_meaning_is_refused(steps: list[float], way: int, weights: list[float] | None) -> None:
    with pytest.raises(ReanalysisError, match=r"no cut points|no direction|no weights"):
        selection_model(*effects("bcg"), steps, way, 0.95, weights)

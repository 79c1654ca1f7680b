"""The fifty digits of many studies: by weights what the independent contrasts give, and in work that is bounded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from reference_cases import SPREAD, TWO_MAXIMA, Data, data, same

from reanalysis import certificate, schemas
from reanalysis.certification import projected, records, stress, tau2
from reanalysis.certification.contrasts import contrasts, stationary_points
from reanalysis.certification.left_out import FEWEST_LEFT_OUT, MOST_LEFT_OUT, MOST_STUDIES_IN_ALL, chosen
from reanalysis.certification.reference import fit, intercept
from reanalysis.dataset import Dataset
from reanalysis.digits import rounded
from reanalysis.files import dump_json
from reanalysis.mixed_effects import Choices
from reanalysis.pooling import pool_all
from reanalysis.regression import regress_all
from reanalysis.report.certification import left_out

ESTIMATORS = json.loads((ROOT / "tests/oracles/estimators.json").read_text(encoding="utf-8"))
LARGE = ("pignon2000", "bangertdrowns2004", "hackshaw1998", "baskerville2012")
CASES: dict[str, Data] = {
    "bcg": data("bcg"),
    "bcg, two moderators": data("bcg", "ablat", "year", centred=False),
    "le scodan, start": data("le-scodan-2010", "start", centred=False),
    "variances of 24 orders": SPREAD,
    **{f"two maxima, {place}": case for place, (case, _) in enumerate(TWO_MAXIMA)},
    "equal effects": ([0.3] * 4, [0.1, 1e-9, 1e9, 2.0], intercept(4)),
    "one contrast": ([0.3, -0.5], [0.1, 0.02], intercept(2)),
    "three maxima": (stress.CASES["three maxima"].y, stress.CASES["three maxima"].v, stress.CASES["three maxima"].X),
}


@pytest.mark.parametrize("name", CASES)
def test_the_sums_are_those_of_the_contrasts(name: str) -> None:
    with mp.workdps(200):
        ours, theirs = projected.projected(*CASES[name]), contrasts(*CASES[name])
        assert ours.df == theirs.df
        assert ours.smallest <= theirs.smallest * (1 + mpf(10) ** -150)
        assert ours.beyond >= theirs.beyond * (1 - mpf(10) ** -150)
        pairs = [(ours.length, theirs.length), (ours.variance, theirs.variance)]
        for place in (mpf(0), mpf(min(CASES[name][1])), mpf(1) / 7, mpf(10) ** 6):
            pairs += zip(ours.squares(place), theirs.squares(place), strict=True)
            pairs += zip(ours.traces(place), theirs.traces(place), strict=True)
            pairs.append((ours.q(place), theirs.q(place)))
            pairs.append((mp.exp(ours.log_determinant(place)), mp.exp(theirs.log_determinant(place))))
    for mine, other in pairs:
        same(mine, other)


@pytest.mark.parametrize("name", CASES)
def test_all_maxima_are_found_by_weights_too(name: str) -> None:
    y, v, X = CASES[name]
    with mp.workdps(200):
        for variances in (None, [mpf(one) for one in v]):
            mine = stationary_points(projected.projected(y, v, X), variances)
            theirs = stationary_points(contrasts(y, v, X), variances)
            assert len(mine) == len(theirs)
            for one, other in zip(mine, theirs, strict=True):
                same(one, other)


def test_what_no_model_is_made_of_is_refused() -> None:
    ones = [[1.0, 2.0]] * 4
    for arguments, said in (
        (([0.1] * 4, [0.1] * 4, ones), "dependent"),
        (([0.1], [0.1], [[1.0]]), "cannot give a variance"),
        (([0.1, 0.2], [0.1, 0.0], intercept(2)), "positive"),
        (([0.1, 0.2], [0.1, 0.1], intercept(3)), "as many studies"),
    ):
        with pytest.raises(ValueError, match=said):
            projected.projected(*arguments)


@pytest.mark.parametrize("method", ["FE", "DL", "PM", "REML", "ML", "EB", "SJ", "HE", "HS"])
@pytest.mark.parametrize("name", LARGE)
def test_large_reviews_are_metafors(name: str, method: str) -> None:
    rows = ESTIMATORS[name]["data"]
    y, v = [row["yi"] for row in rows], [row["vi"] for row in rows]
    assert len(y) > projected.MOST_ROOTS
    oracle = ESTIMATORS[name]["pooled"][f"{method}/knha"]
    record = records.mean_of(y, v, method, "hksj", 0.95, ratio=False)
    for one in ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "i2", "h2", "q", "q_p", "stat"):
        assert float(record[one].value) == pytest.approx(oracle[one], rel=1e-9, abs=1e-15), one
    height = oracle["loglik_reml" if method == "REML" else "loglik_ml"]
    assert float(record["loglik"].value) == pytest.approx(height, rel=1e-10)


@pytest.mark.parametrize("method", ["DL", "PM", "REML", "ML"])
def test_a_large_regression_is_metafors(method: str) -> None:
    rows = ESTIMATORS["bangertdrowns2004"]["data"]
    X = [[1.0, float(row["length"])] for row in rows]
    oracle = ESTIMATORS["bangertdrowns2004"]["regression"][f"~length/{method}/knha"]
    found = fit([row["yi"] for row in rows], [row["vi"] for row in rows], X, method, "hksj")
    assert [float(one) for one in found.coefficients] == pytest.approx(oracle["estimate"], rel=1e-9)
    assert [float(one) for one in found.se] == pytest.approx(oracle["se"], rel=1e-9)
    assert float(found.tau2) == pytest.approx(oracle["tau2"], rel=1e-9)
    assert found.omnibus is not None
    assert float(found.omnibus.p) == pytest.approx(oracle["qm_p"], rel=1e-9)


# Which are chosen.


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 3.0, 7.0]), min_size=1, max_size=900))
def test_a_declared_selection(weights: list[float]) -> None:
    places, k = chosen(weights), len(weights)
    assert places == sorted(set(places)) == chosen(weights)
    assert set(places) <= set(range(k))
    if k <= MOST_LEFT_OUT:
        assert places == list(range(k))
        return
    assert FEWEST_LEFT_OUT <= len(places) <= MOST_LEFT_OUT
    assert len(places) * k <= max(MOST_STUDIES_IN_ALL, FEWEST_LEFT_OUT * k)
    heavy = max(weights)
    assert weights.index(heavy) in places


def test_half_are_the_heaviest_and_half_lie_evenly() -> None:
    weights = [1.0] * 41
    for place in (3, 7, 11, 12, 20, 21, 22, 30, 31, 39):
        weights[place] = 2.0
    assert chosen(weights) == sorted([3, 7, 11, 12, 20, 21, 22, 30, 31, 39, 0, 4, 8, 14, 17, 23, 27, 32, 35, 40])
    assert [len(chosen([1.0] * k)) for k in (13, 20, 21, 80, 100, 400, 5000)] == [13, 20, 20, 20, 16, 4, 4]


# How much work there is.


def review(k: int) -> Dataset:
    random = np.random.default_rng(k)
    vi = random.uniform(0.01, 0.2, k)
    years = [str(1980 + place % 40) for place in range(k)]
    return Dataset([f"s{place}" for place in range(k)], random.normal(-0.3, np.sqrt(vi + 0.04)), vi, {"year": years})


def certified(data: Dataset, models: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    choices = Choices("REML", "hksj", 0.95)
    pooled = rounded(pool_all(data, "HR", choices))
    regression = rounded(regress_all(data, list(models), "HR", choices))
    found: dict[str, Any] = json.loads(dump_json(certificate.certify(data, models, "HR", choices, pooled, regression)))
    schemas.check(found, "certification.schema.yaml", "certification.json")
    return found


@pytest.mark.parametrize("k", [8, 24])
def test_the_number_of_models_without_a_study_is_said(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stress, "CASES", {"two studies": stress.CASES["two studies"]})
    # As for any k; most of the time of a test would go there.
    monkeypatch.setattr(records, "henmi_copas_record", lambda *_: {})
    found, many = certified(review(k), [("year",)]), min(k, MOST_LEFT_OUT)
    assert found["left_out"] == [
        {"part": "pooled", "of": k, "certified": many},
        {"part": "regression year", "of": k, "certified": many},
    ]
    parts = {row["part"] for row in found["comparisons"]}
    assert sum(part.startswith("pooled without ") for part in parts) == many
    assert sum(part.startswith("regression year without ") for part in parts) == many
    assert (found["shipped_right"], found["digits"] >= 10) == (True, True)
    said = left_out(found)
    if k == 8:
        assert said == "Every model without one study is among them."
    else:
        assert said.endswith("are among them: 20 of 24 of the pool, 20 of 24 of the regression on year.")


def test_one_study_has_none_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stress, "CASES", {"two studies": stress.CASES["two studies"]})
    found = certified(Dataset(["a"], np.array([0.3]), np.array([0.1]), {}), [])
    assert found["left_out"] == []
    assert left_out(found) == ""


@pytest.mark.parametrize("k", [40, 160, 640])
def test_a_fit_goes_through_its_studies_a_bounded_number_of_times(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that its work grows with the studies, and all models without a study take bounded work together."""
    passed: Counter[str] = Counter()

    def counting(name: str) -> Any:  # noqa: ANN401 (a method)
        right = getattr(projected.Projected, name)

        def counted(self: projected.Projected, at: mpf) -> Any:  # noqa: ANN401
            passed[name] += len(self.effects)
            return right(self, at)

        return counted

    def no_contrasts(*_: object) -> None:
        raise AssertionError

    for name in ("squares", "traces", "log_determinant"):
        monkeypatch.setattr(projected.Projected, name, counting(name))
    monkeypatch.setattr(projected, "contrasts", no_contrasts)
    one = review(k)
    y, v = one.yi.tolist(), one.vi.tolist()
    found = tau2.tau2_of("REML", y, v, intercept(k))
    assert found > 0
    assert k <= sum(passed.values()) <= 100 * k
    passed.clear()
    assert tau2.tau2_of("REML", y, v, intercept(k)) == found
    assert not passed
    assert len(chosen(one.vi.tolist())) * k <= max(MOST_STUDIES_IN_ALL, FEWEST_LEFT_OUT * k)

"""The engine against fifty-digit arithmetic that shares no code with it, and against what must hold for any data."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from conftest import ROOT
from textbook import log_likelihood

from reanalysis import batch, intervals, sets, tau2
from reanalysis.certification import reference
from reanalysis.design import design
from reanalysis.errors import ReanalysisError
from reanalysis.intervals import INTERVALS
from reanalysis.mixed_effects import Choices, fit
from reanalysis.pooling import pool

FIELDS = ("estimate", "se", "tau2", "q", "rss", "i2", "qm", "loglik", "k", "df")

# Ten digits: of coefficients on the scale of their size and standard error, of tau2 on that of itself or of the
# smallest variance, below which no likelihood can tell it from 0.
DIGITS = 1e-10

BCG = json.loads((ROOT / "tests/oracles/bcg.json").read_text())["data"]


def draw(seed: int, k: int, count: int, decades: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Return data sets with variances over some decades, with and without spread between studies."""
    rng = np.random.default_rng(seed)
    vi = 10.0 ** rng.uniform(-decades, 0, (k, count))
    return rng.normal(0.3, np.sqrt(vi + rng.choice([0.0, 0.0, 0.02, 1.0], count))), vi


def model(k: int, slopes: int) -> np.ndarray:
    rng = np.random.default_rng(k)
    return np.column_stack([np.ones(k), *(rng.normal(2000, 5, k) for _ in range(slopes))])


def assert_as_reference(
    found: batch.BatchFit, place: int, yi: np.ndarray, vi: np.ndarray, X: np.ndarray, method: str
) -> None:
    """Assert that one data set of a batch has the numbers that it has to fifty digits."""
    one = reference.fit(yi.tolist(), vi.tolist(), X.tolist(), method)
    likelihood = one.restricted_log_likelihood if method == "REML" else one.log_likelihood
    estimate, se = (values.reshape(X.shape[1], -1)[:, place] for values in (found.estimate, found.se))
    for term in range(X.shape[1]):
        scale = float(abs(one.coefficients[term]) + one.se[term])
        assert estimate[term] == pytest.approx(float(one.coefficients[term]), abs=DIGITS * scale)
        assert se[term] == pytest.approx(float(one.se[term]), rel=DIGITS)
    assert found.tau2[place] == pytest.approx(float(one.tau2), rel=DIGITS, abs=DIGITS * float(vi.min()))
    assert found.i2[place] == pytest.approx(float(one.i2), rel=DIGITS, abs=DIGITS)
    assert found.q[place] == pytest.approx(float(one.q), rel=DIGITS, abs=0)
    assert found.loglik[place] == pytest.approx(float(likelihood), rel=DIGITS, abs=DIGITS)
    if one.omnibus is not None:
        assert found.qm[place] == pytest.approx(float(one.omnibus.statistic), rel=DIGITS, abs=0)


def assert_equal_fits(left: batch.BatchFit, right: batch.BatchFit, places: slice | np.ndarray | list[int]) -> None:
    """Assert that some data sets of one batch are all data sets of another, to rounding."""
    for name in FIELDS:
        np.testing.assert_allclose(
            getattr(left, name)[..., places], getattr(right, name), rtol=1e-11, atol=1e-14, err_msg=name
        )


@pytest.mark.parametrize("decades", [1, 6, 24])
@pytest.mark.parametrize("slopes", [0, 1, 2])
@pytest.mark.parametrize("method", tau2.ESTIMATORS)
def test_ten_digits_whatever_the_variances(method: str, slopes: int, decades: int) -> None:
    for k in (4, 8):
        X, (yi, vi) = model(k, slopes), draw(k + decades, k, 4, decades)
        found = batch.fit(yi, vi, design=X, tau2=method)
        for place in range(4):
            assert_as_reference(found, place, yi[:, place], vi[:, place], X, method)


@pytest.mark.parametrize("method", tau2.ESTIMATORS)
@pytest.mark.parametrize("slopes", [0, 1])
def test_one_study_outweighs_all_others(method: str, slopes: int) -> None:
    X, (yi, vi) = model(6, slopes), draw(9, 6, 4)
    vi[2] *= 1e-18
    found = batch.fit(yi, vi, design=X, tau2=method)
    for place in range(4):
        assert_as_reference(found, place, yi[:, place], vi[:, place], X, method)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("k", [2, 3, 5, 8])
def test_of_several_maxima_the_highest_is_taken(k: int, method: str) -> None:
    """Precise studies, apart, in a crowd of imprecise ones; `tests/certify/modes.py` tries a hundred thousand."""
    rng = np.random.default_rng(k)
    vi = 10.0 ** rng.uniform(-5, 0, (k, 500))
    yi = rng.normal(0, np.sqrt(vi + rng.choice([0.0, 0.01, 1.0], 500)))
    found = batch.fit(yi, vi, tau2=method).tau2
    grid = np.concatenate([[0.0], np.geomspace(1e-8, 100, 2000)])[:, None] * np.ones(500)
    heights, sizes = log_likelihood(yi, vi, np.vstack([found, grid]), method == "REML")
    assert (heights[0] >= heights[1:].max(axis=0) - 1e-12 * sizes[0]).all()
    rises = np.diff(heights[1:], axis=0) > 0
    several = np.count_nonzero(rises[:-1] & ~rises[1:], axis=0) + ~rises[0] > 1
    # The restricted likelihood of two studies has one maximum, in closed form.
    assert several.any() or (method == "REML" and k == 2)


@pytest.mark.parametrize("distance", [1, 1e3, 1e6, 1e12])
def test_a_mean_of_two_studies_has_a_closed_form_whatever_the_variances(distance: float) -> None:
    """REML, DL, PM and HE of two effects are (d^2 - v1 - v2) / 2."""
    rng = np.random.default_rng(1)
    vi = np.stack([np.full(50, 1 / distance), rng.uniform(distance / 2, distance, 50)])
    yi = np.stack([np.full(50, 0.3), 0.3 + rng.uniform(0, 3, 50) * np.sqrt(vi[1])])
    expected = np.maximum(0.0, ((yi[1] - yi[0]) ** 2 - vi[0] - vi[1]) / 2)
    assert 0 < np.count_nonzero(expected) < 50
    for method in ("REML", "PM", "DL", "HE"):
        np.testing.assert_allclose(batch.fit(yi, vi, tau2=method).tau2, expected, rtol=1e-11, err_msg=method)


@pytest.mark.parametrize("slopes", [0, 1, 2])
@pytest.mark.parametrize("method", tau2.ESTIMATORS)
def test_a_subset_is_a_data_set_of_its_own(method: str, slopes: int) -> None:
    yi, vi = (np.array([row[name] for row in BCG]) for name in ("yi", "vi"))
    X = np.column_stack([np.ones(13), *([row[name] for row in BCG] for name in ("ablat", "year")[:slopes])])
    rng = np.random.default_rng(0)
    include = rng.random((13, 60)) < rng.uniform(0.2, 1, 60)
    # What stands in the cells of the others is of no matter.
    y, v = np.where(include, yi[:, None], np.nan), np.where(include, vi[:, None], -1.0)
    found = batch.fit(y, v, include, X, method)
    for place in range(60):
        rows = include[:, place]
        assert found.k[place] == np.count_nonzero(rows)
        if np.count_nonzero(rows) > slopes:
            alone = batch.fit(yi[rows], vi[rows], design=X[rows], tau2=method)
            assert_equal_fits(found, alone, [place])
            assert found.undefined[place] == alone.undefined[0] == (rows.sum() < max(2, slopes + 2))
        else:
            assert found.undefined[place]
            assert np.isnan(found.estimate.reshape(slopes + 1, -1)[:, place]).all()
            assert found.tau2[place] == 0


def test_a_subset_without_a_contrast_leaves_the_slope_undetermined() -> None:
    yi, vi = draw(1, 5, 1)
    X = np.column_stack([np.ones(5), [0.0, 0.0, 0.0, 0.0, 1.0]])
    include = np.array([[1, 1, 1, 1, 0], [1, 1, 0, 0, 1], [1, 1, 1, 1, 1]]).T.astype(bool)
    found = batch.fit(yi[:, 0], vi[:, 0], include, X)
    assert found.undefined.tolist() == [True, False, False]
    assert np.isnan(found.estimate[:, 0]).all()
    assert np.isfinite(found.estimate[:, 1:]).all()


@pytest.mark.parametrize("slopes", [0, 1])
@pytest.mark.parametrize("method", ["REML", "ML", "PM", "DL"])
def test_neither_order_nor_company_nor_parts_matter(method: str, slopes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    yi, vi = draw(3, 7, 100, decades=4)
    X = model(7, slopes)
    found = batch.fit(yi, vi, design=X, tau2=method)
    order = np.random.default_rng(0).permutation(100)
    assert_equal_fits(found, batch.fit(yi[:, order], vi[:, order], design=X, tau2=method), order)
    assert_equal_fits(found, batch.fit(yi[:, 40:41], vi[:, 40:41], design=X, tau2=method), slice(40, 41))
    by_row = batch.fit(np.asfortranarray(yi), np.asfortranarray(vi), design=X, tau2=method)
    assert_equal_fits(found, by_row, slice(None))
    monkeypatch.setattr(batch, "CELLS", 70)
    monkeypatch.setattr(batch, "FEWEST", 1)
    assert_equal_fits(found, batch.fit(yi, vi, design=X, tau2=method), slice(None))


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("k", [1, 2, 3, 8])
@pytest.mark.parametrize("method", ["FE", "REML", "DL"])
def test_limits_and_prediction_intervals_are_those_of_one_fit(method: str, k: int, interval: str) -> None:
    yi, vi = draw(k, k, 5)
    found = batch.fit(yi, vi, tau2=method)
    ends = (*intervals.limits(found, interval, 0.9), *intervals.prediction(found, interval, 0.9))
    for place in range(5):
        one = pool(yi[:, place], vi[:, place], "HR", Choices(method, interval, 0.9))
        for mine, theirs in zip(ends, ("ci_low", "ci_high", "prediction_low", "prediction_high"), strict=True):
            if one[theirs] is None:
                assert np.isnan(mine[place])
            else:
                assert mine[place] == pytest.approx(one[theirs], rel=1e-11)


@pytest.mark.parametrize("method", tau2.ESTIMATORS)
@pytest.mark.parametrize("interval", INTERVALS)
def test_as_many_coefficients_as_studies(method: str, interval: str) -> None:
    for k in (1, 2, 3):
        X, (yi, vi) = model(k, k - 1), draw(k, k, 4)
        found = batch.fit(yi, vi, design=X, tau2=method)
        assert found.undefined.all()
        assert not found.tau2.any()
        assert not found.i2.any()
        assert np.isinf(intervals.scale(found, interval)[1]).all()
        np.testing.assert_allclose(X @ found.estimate, yi, rtol=1e-9)


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("method", tau2.ESTIMATORS)
def test_effects_that_are_all_the_same_get_walds_error(method: str, interval: str) -> None:
    """In the company of a data set that has spread; where the scale is guarded, with Student's t all the same."""
    yi, vi = draw(1, 5, 3)
    yi[:, 0], yi[:, 2] = 0.0, -0.22314355131420976
    found = batch.fit(yi, vi, tau2=method)
    by, df = (one[[0, 2]] for one in intervals.scale(found, interval))
    assert (by == 1).all()
    assert (df == (4 if interval == "hksj_guarded" else math.inf)).all()
    assert not found.tau2[[0, 2]].any()
    assert found.estimate[[0, 2]].tolist() == [0.0, yi[0, 2]]
    low, high = intervals.limits(found, interval, 0.95)
    # qt(0.975, 4) and qnorm(0.975) of R.
    reach = 2.7764451051977934 if interval == "hksj_guarded" else 1.959963984540054
    assert (high - low)[[0, 2]] == pytest.approx(2 * reach * np.sqrt(1 / np.sum(1 / vi[:, [0, 2]], axis=0)))


def test_no_data_sets_and_no_studies_have_no_fits() -> None:
    found = batch.fit(np.empty((4, 0)), np.empty((4, 0)), design=model(4, 1))
    assert found.estimate.shape == (2, 0)
    assert found.tau2.shape == (0,)
    nothing = batch.fit(np.empty(0), np.empty(0))
    assert nothing.undefined.all()
    assert np.isnan(nothing.estimate).all()
    alone = batch.fit(np.array([0.5]), np.array([0.04]))
    assert (alone.estimate[0], alone.se[0], alone.undefined[0]) == (0.5, 0.2, True)


@pytest.mark.parametrize(
    ("yi", "vi", "said"),
    [
        ([0.1, 0.2, 0.3], [0.1, 0.0, 0.1], "row 2: the effect 0.2 with variance 0 "),
        ([0.1, 0.2, 0.3], [0.1, 0.1, -1.0], "row 3: the effect 0.3 with variance -1 "),
        ([0.1, 0.2, 0.3], [math.inf, 0.1, 0.1], "row 1: the effect 0.1 with variance inf "),
        ([0.1, 0.2, 0.3], [0.1, math.nan, 0.1], "row 2: the effect 0.2 with variance nan "),
        ([0.1, math.nan, 0.3], [0.1, 0.1, 0.1], "row 2: the effect nan "),
        ([math.inf, 0.2, 0.3], [0.1, 0.1, 0.1], "row 1: the effect inf "),
        ([0.1, 0.2, 0.3], [0.1, 0.1], "do not fit each other"),
        ([0.1, 1e200, 0.3], [0.1, 0.1, 0.1], "row 2: "),
        ([0.1, 0.2, 0.3], [0.1, 1e-200, 0.1], "row 2: "),
    ],
)
def test_numbers_that_cannot_be_pooled_are_named(yi: list[float], vi: list[float], said: str) -> None:
    with pytest.raises(ReanalysisError) as error:
        batch.fit(np.array(yi), np.array(vi))
    assert said in str(error.value)


def test_a_data_set_that_cannot_be_pooled_is_named() -> None:
    yi, vi = draw(1, 4, 5000)
    vi[2, 4321] = 0.0
    with pytest.raises(ReanalysisError, match=r"row 3, data set 4322: "):
        batch.fit(yi, vi)
    include = np.ones((4, 5000), bool)
    include[2, 4321] = False
    assert batch.fit(yi, vi, include).k[4321] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"tau2": "reml"}, "no estimator of tau2 called 'reml'"),
        ({"include": np.ones(3)}, "not of True and False"),
        ({"include": np.ones((4, 2), bool)}, "do not fit each other"),
        ({"design": np.ones((4, 1))}, "a design of 4 studies does not fit 3 effects"),
        ({"design": np.zeros((3, 2))}, "is no design"),
        ({"design": np.ones((3, 2))}, "is the same for every study"),
    ],
)
def test_arguments_that_make_no_sense_are_named(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ReanalysisError, match=said):
        batch.fit(np.array([0.1, 0.2, 0.4]), np.full(3, 0.1), **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["REML", "ML"])
def test_the_quick_look_and_the_march_agree(name: str) -> None:
    """Where a few steps show that there is one maximum, all steps find it."""
    yi, vi = draw(2, 8, 400, decades=3)
    data = sets.of_means(yi, vi)
    quick, patient = tau2.quick_estimate(name, data), tau2.thorough_estimate(name, data)
    known = ~np.isnan(quick)
    assert np.count_nonzero(known) > 300
    np.testing.assert_allclose(quick[known], patient[known], rtol=1e-11, atol=1e-14)


def test_a_fit_alone_is_one_of_a_batch() -> None:
    yi, vi = (np.array([row[name] for row in BCG]) for name in ("yi", "vi"))
    X = design({"ablat": [row["ablat"] for row in BCG]}, 13)
    for method, interval in itertools.product(tau2.ESTIMATORS, INTERVALS):
        one = fit(yi, vi, X, Choices(method, interval, 0.9))
        found = batch.fit(yi, vi, design=X, tau2=method)
        low, high = intervals.limits(found, interval, 0.9)
        np.testing.assert_allclose(one.estimate, found.estimate[:, 0], rtol=1e-14)
        np.testing.assert_allclose(np.stack([one.ci_low, one.ci_high]), np.stack([low, high])[..., 0], rtol=1e-11)

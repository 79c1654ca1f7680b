"""Many data sets at once against one at a time, which has its own tests against metafor."""

from __future__ import annotations

import json

import numpy as np
import pytest
from conftest import ROOT

from reanalysis import batch, batch_tau2, tau2
from reanalysis.design import Design, FloatArray, design
from reanalysis.likelihood import pieces
from reanalysis.mixed_effects import INTERVALS, Fit, heterogeneity
from reanalysis.mixed_effects import fit as fit_one
from reanalysis.pooling import pool

FIELDS = ("estimate", "se", "ci_low", "ci_high", "df", "tau2", "i2", "q")

# Coefficients and limits are compared on the scale of their size and standard error; tau2 on its own, or where it is
# far below the variances, on that of the smallest one: its last bits there are the rounding errors of either code.
CLOSE = 1e-9
OF_THE_VARIANCE = 1e-13

BCG = json.loads((ROOT / "tests/oracles/bcg.json").read_text())["data"]


def draw(seed: int, k: int, count: int, decades: float = 2.0) -> tuple[FloatArray, FloatArray]:
    """Return data sets with variances over some decades, with and without spread between studies."""
    rng = np.random.default_rng(seed)
    vi = 10.0 ** rng.uniform(-decades, 0, (k, count))
    return rng.normal(0.3, np.sqrt(vi + rng.choice([0.0, 0.0, 0.02, 1.0], count))), vi


def model(k: int, slopes: int) -> Design:
    rng = np.random.default_rng(k)
    return design({f"m{index}": list(rng.normal(2000, 5, k)) for index in range(slopes)}, k)


def assert_as(found: batch.BatchFit, place: int, one: Fit, yi: FloatArray, vi: FloatArray, X: Design) -> None:
    """Assert that one data set of a batch has the numbers that it has alone."""
    spread = heterogeneity(yi, vi, X, one.tau2_method, one.tau2, 0.95)
    scale = CLOSE * (np.abs(one.estimate) + one.se)
    for name in ("estimate", "se", "ci_low", "ci_high"):
        difference = np.abs(getattr(found, name)[:, place] - getattr(one, name))
        assert (difference <= scale).all(), name
    noise = OF_THE_VARIANCE * float(vi.min())
    assert found.tau2[place] == pytest.approx(one.tau2, rel=CLOSE, abs=noise)
    assert found.i2[place] == pytest.approx(spread.i2, rel=CLOSE, abs=100 * OF_THE_VARIANCE)
    assert found.q[place] == pytest.approx(spread.q, rel=CLOSE, abs=1e-20)
    assert found.df[place] == one.df


def assert_equal_fits(left: batch.BatchFit, right: batch.BatchFit, places: slice | np.ndarray | list[int]) -> None:
    """Assert that some data sets of one batch are all data sets of another, to rounding."""
    for name in FIELDS:
        np.testing.assert_allclose(
            getattr(left, name)[..., places], getattr(right, name), rtol=1e-10, atol=1e-14, err_msg=name
        )


def test_the_estimators_are_those_of_one_data_set() -> None:
    assert list(batch_tau2.ESTIMATORS) == list(tau2.ESTIMATORS)


@pytest.mark.parametrize("slopes", [0, 1, 2])
@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("method", tau2.ESTIMATORS)
def test_every_model_is_that_of_each_data_set(method: str, interval: str, slopes: int) -> None:
    for k in (4, 11):
        X, (yi, vi) = model(k, slopes), draw(k, k, 12)
        found = batch.fit(yi, vi, X, method, interval, 0.95)
        for place in range(12):
            one = fit_one(yi[:, place], vi[:, place], X, method, interval, 0.95)
            assert_as(found, place, one, yi[:, place], vi[:, place], X)
        if method not in {"FE", "SJ"}:  # both sides of the boundary were tried
            assert 0 < np.count_nonzero(found.tau2) < 12


@pytest.mark.parametrize("method", tau2.ESTIMATORS)
@pytest.mark.parametrize("slopes", [0, 1])
def test_variances_over_six_decades(method: str, slopes: int) -> None:
    X, (yi, vi) = model(6, slopes), draw(6, 6, 60, decades=6)
    found = batch.fit(yi, vi, X, method, "hksj", 0.95)
    for place in range(60):
        one = fit_one(yi[:, place], vi[:, place], X, method, "hksj", 0.95)
        assert_as(found, place, one, yi[:, place], vi[:, place], X)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("slopes", [0, 1])
@pytest.mark.parametrize("k", [3, 4, 5])
def test_of_several_maxima_the_highest_is_taken(k: int, slopes: int, method: str) -> None:
    """Precise studies, apart, in a crowd of imprecise ones; the likelihoods with more than one maximum are kept."""
    rng = np.random.default_rng(k)
    vi = 10.0 ** rng.uniform(-5, 0, (k, 4000))
    yi = rng.normal(0, np.sqrt(vi + rng.choice([0.0, 0.01, 1.0], 4000)))
    X = model(k, slopes)
    grid = np.concatenate([[0.0], np.geomspace(1e-9, 100, 300)])
    found = batch.fit(yi, vi, X, method, "wald", 0.95)
    several = 0
    # Most have one maximum: a sieve that is cheap, then the whole likelihood.
    for place in np.flatnonzero(vi.max(axis=0) > 100 * vi.min(axis=0))[:400]:
        pair = yi[:, place], vi[:, place]
        heights = getattr(pieces(*pair, X, grid), method.lower())
        inner = (heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:])
        assert getattr(pieces(*pair, X, found.tau2[[place]]), method.lower())[0] >= heights.max() - 1e-9
        if np.count_nonzero(inner) + (heights[0] > heights[1]) > 1:
            several += 1
            one = tau2.estimate(method, *pair, X)
            assert found.tau2[place] == pytest.approx(one, rel=CLOSE, abs=OF_THE_VARIANCE * pair[1].min())
    # With k - p = 1 the restricted likelihood has one maximum, in closed form.
    assert several > 0 or (method == "REML" and k - X.p == 1)


@pytest.mark.parametrize("distance", [1e3, 1e6, 1e9])
def test_a_mean_of_two_studies_has_a_closed_form_whatever_the_variances(distance: float) -> None:
    """REML, DL and PM of two effects are (d^2 - v1 - v2) / 2; one at a time, rounding loses it where weights differ."""
    rng = np.random.default_rng(1)
    vi = np.stack([np.full(50, 1 / distance), rng.uniform(distance / 2, distance, 50)])
    yi = np.stack([np.full(50, 0.3), 0.3 + rng.uniform(0, 3, 50) * np.sqrt(vi[1])])
    expected = np.maximum(0.0, ((yi[1] - yi[0]) ** 2 - vi[0] - vi[1]) / 2)
    assert 0 < np.count_nonzero(expected) < 50
    for method in ("REML", "PM", "DL", "HE"):
        found = batch.fit(yi, vi, design({}, 2), method, "wald", 0.95)
        np.testing.assert_allclose(found.tau2, expected, rtol=1e-11, err_msg=method)


@pytest.mark.parametrize("method", tau2.ESTIMATORS)
@pytest.mark.parametrize("names", [(), ("ablat",), ("ablat", "year")])
def test_bcg(method: str, names: tuple[str, ...]) -> None:
    yi, vi = (np.array([row[name] for row in BCG]) for name in ("yi", "vi"))
    X = design({name: [row[name] for row in BCG] for name in names}, len(BCG))
    for interval in INTERVALS:
        # One copy, and many: equal columns have equal numbers.
        found = batch.fit(yi[:, None], vi[:, None], X, method, interval, 0.95)
        assert_as(found, 0, fit_one(yi, vi, X, method, interval, 0.95), yi, vi, X)
        copies = batch.fit(np.tile(yi[:, None], 7), np.tile(vi[:, None], 7), X, method, interval, 0.95)
        for place in range(7):
            assert_equal_fits(copies, found, [place])


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("k", [1, 2, 3, 8])
@pytest.mark.parametrize("method", ["FE", "REML", "DL"])
def test_prediction_intervals(method: str, k: int, interval: str) -> None:
    yi, vi = draw(k, k, 5)
    low, high = batch.prediction(batch.fit(yi, vi, design({}, k), method, interval, 0.9), 0.9)
    for place in range(5):
        one = pool(yi[:, place], vi[:, place], "HR", method, interval, 0.9)
        for mine, theirs in ((low, "prediction_low"), (high, "prediction_high")):
            if one[theirs] is None:
                assert np.isnan(mine[place])
            else:
                assert mine[place] == pytest.approx(one[theirs], rel=CLOSE)


@pytest.mark.parametrize("slopes", [0, 1])
@pytest.mark.parametrize("method", ["REML", "ML", "PM"])
def test_neither_order_nor_company_nor_parts_matter(method: str, slopes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    yi, vi = draw(3, 7, 100, decades=4)
    X = model(7, slopes)
    found = batch.fit(yi, vi, X, method, "hksj", 0.95)
    order = np.random.default_rng(0).permutation(100)
    assert_equal_fits(found, batch.fit(yi[:, order], vi[:, order], X, method, "hksj", 0.95), order)
    assert_equal_fits(found, batch.fit(yi[:, 40:41], vi[:, 40:41], X, method, "hksj", 0.95), slice(40, 41))
    by_row = batch.fit(np.asfortranarray(yi), np.asfortranarray(vi), X, method, "hksj", 0.95)
    assert_equal_fits(found, by_row, slice(None))
    monkeypatch.setattr(batch, "CELLS", 70)
    monkeypatch.setattr(batch, "FEWEST", 1)
    assert_equal_fits(found, batch.fit(yi, vi, X, method, "hksj", 0.95), slice(None))


@pytest.mark.parametrize("method", tau2.ESTIMATORS)
@pytest.mark.parametrize("interval", INTERVALS)
def test_as_many_coefficients_as_studies(method: str, interval: str) -> None:
    for k in (1, 2, 3):
        X, (yi, vi) = model(k, k - 1), draw(k, k, 4)
        found = batch.fit(yi, vi, X, method, interval, 0.95)
        assert not found.tau2.any()
        assert not found.i2.any()
        assert np.isinf(found.df).all()
        for place in range(4):
            one = fit_one(yi[:, place], vi[:, place], X, method, interval, 0.95)
            assert found.se[:, place] == pytest.approx(one.se, rel=CLOSE)
            assert found.estimate[:, place] == pytest.approx(one.estimate, rel=1e-7)


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("method", tau2.ESTIMATORS)
def test_effects_that_are_all_the_same_get_walds_interval(method: str, interval: str) -> None:
    """In the company of a data set that has spread."""
    yi, vi = draw(1, 5, 3)
    yi[:, 0], yi[:, 2] = 0.0, -0.22314355131420976
    found = batch.fit(yi, vi, design({}, 5), method, interval, 0.95)
    wald = batch.fit(yi, vi, design({}, 5), method, "wald", 0.95)
    assert all(np.isfinite(getattr(found, name)).all() for name in FIELDS if name != "df")
    assert np.isinf(found.df[[0, 2]]).all()
    assert found.tau2[[0, 2]] == pytest.approx(0, abs=1e-15)
    assert found.estimate[0, [0, 2]] == pytest.approx([0.0, yi[0, 2]], abs=1e-15)
    for name in ("se", "ci_low", "ci_high"):
        assert getattr(found, name)[0, [0, 2]] == pytest.approx(getattr(wald, name)[0, [0, 2]])


def test_no_data_sets_have_no_fits() -> None:
    found = batch.fit(np.empty((4, 0)), np.empty((4, 0)), model(4, 1), "REML", "hksj", 0.95)
    assert found.estimate.shape == (2, 0)
    assert found.tau2.shape == (0,)

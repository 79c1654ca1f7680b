"""Generalised least squares with correlated estimates, and with two levels."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT
from districts import DISTRICT, MEAN, SINCE_1990, VI, YI, block

from reanalysis.design import FloatArray
from reanalysis.errors import ReanalysisError
from reanalysis.generalised import correlated, two_level
from reanalysis.mixed_effects import Choices
from reanalysis.variance_components import contrasts, one_component, two_components

HKSJ = Choices("REML", "hksj", 0.95)
WALD = Choices("REML", "wald", 0.95)

# metafor 3.8-1, R 4.2.2: rma.mv(yi, V, mods, random = ~ 1 | district/study, control = list(optimizer = "optim",
# optmethod = "BFGS", reltol = 1e-15, maxit = 5000)). Its components agree with those of nlminb to 1e-7.
TWO_LEVEL = [
    (
        0.0,
        MEAN,
        [0.18471316403822657],
        [0.08455592000696921],
        (0.06506194689028212, 0.03273651570405423),
        -7.95872403371,
    ),
    (
        0.0,
        SINCE_1990,
        [0.18071849544870025, 0.005311818263580319],
        [0.088686289295762513, 0.009435793921206375],
        (0.072265590738181909, 0.032650195906940752),
        -7.240466776791,
    ),
    (0.4, MEAN, [0.189825259956], [0.0858412299472], (0.0591433188486, 0.042609093781), -8.83346621132),
]


@pytest.mark.parametrize(("correlation", "X", "estimate", "se", "components", "height"), TWO_LEVEL)
def test_two_levels_as_metafor_fits_them(
    correlation: float,
    X: FloatArray,
    estimate: list[float],
    se: list[float],
    components: tuple[float, float],
    height: float,
) -> None:
    found = two_level(YI, block(VI, DISTRICT, correlation), X, DISTRICT, WALD)
    assert found.estimate == pytest.approx(estimate, rel=2e-7)
    assert found.se == pytest.approx(se, rel=2e-7)
    assert found.components == pytest.approx(components, rel=1e-6)
    assert found.log_likelihood == pytest.approx(height, abs=1e-10)
    assert found.log_likelihood >= height - 1e-11


def test_beside_a_knapp_hartung_interval_clusters_are_counted() -> None:
    # rma.mv(…, test = "t", dfs = "contain"): 10 degrees of freedom.
    found = two_level(YI, np.diag(VI), MEAN, DISTRICT, HKSJ)
    assert found.df == 10
    # Printed to seven digits, from a standard error that its optimiser leaves 1.3e-9 too large.
    assert (found.ci_low[0], found.ci_high[0]) == pytest.approx((-0.003689166, 0.3731155), abs=6e-8)
    assert found.p[0] == pytest.approx(0.05383354, abs=1e-8)


def test_correlated_estimates_as_metafor_fits_them() -> None:
    # rma.mv(yi, V, mods = ~ I(year - 1990), random = ~ 1 | study, control as above), V with 0.4 within districts.
    found = correlated(YI, block(VI, DISTRICT, 0.4), SINCE_1990, WALD)
    assert found.estimate == pytest.approx([0.141243102503, 0.0031387596745], rel=1e-6)
    assert found.se == pytest.approx([0.0472883760394, 0.00487949975691], rel=1e-6)
    assert found.components == pytest.approx([0.0814761530479], rel=1e-6)
    assert found.log_likelihood == pytest.approx(-15.0821595219, abs=1e-9)


@pytest.mark.parametrize(("name", "interval"), [("z", "wald"), ("knha", "hksj"), ("adhoc", "hksj_guarded")])
@pytest.mark.parametrize("data", ["le-scodan-2010", "bcg"])
def test_without_covariances_it_is_the_usual_model(data: str, name: str, interval: str) -> None:
    oracle = json.loads((ROOT / f"tests/oracles/{data}.json").read_text())
    yi, vi = (np.array([row[key] for row in oracle["data"]]) for key in ("yi", "vi"))
    for method in ("REML", "FE"):
        expected = oracle["pooled"][f"{method}/{name}"]
        found = correlated(yi, np.diag(vi), np.ones((len(yi), 1)), Choices(method, interval, 0.95))
        assert found.components[0] == pytest.approx(expected["tau2"], rel=1e-9, abs=1e-300)
        for key in ("estimate", "se", "stat", "p", "ci_low", "ci_high"):
            assert getattr(found, key)[0] == pytest.approx(expected[key], rel=1e-8), key


def restricted(yi: FloatArray, total: FloatArray, X: FloatArray) -> float:
    """Return the restricted log likelihood from its definition."""
    inverse = np.linalg.inv(total)
    inner = X.T @ inverse @ X
    residual = yi - X @ np.linalg.solve(inner, X.T @ inverse @ yi)
    logs = [np.linalg.slogdet(one)[1] for one in (total, inner, X.T @ X)]
    constant = (len(yi) - X.shape[1]) * np.log(2 * np.pi)
    return float(-(constant + logs[0] + logs[1] - logs[2] + residual @ inverse @ residual) / 2)


def test_the_likelihood_and_its_derivatives() -> None:
    covariance, together, theta = block(VI, DISTRICT, 0.3), block(np.ones(56), DISTRICT, 1.0), np.array([0.03, 0.07])
    data = contrasts(YI, covariance, SINCE_1990, [together, np.eye(56)])
    here = data.at(theta.tolist())
    assert here.height == pytest.approx(
        restricted(YI, covariance + 0.03 * together + 0.07 * np.eye(56), SINCE_1990), rel=1e-12
    )
    for place in range(2):
        little = np.eye(2)[place] * 1e-5
        above, below = data.at((theta + little).tolist()), data.at((theta - little).tolist())
        assert here.gradient[place] == pytest.approx((above.height - below.height) / 2e-5, rel=1e-6)
        assert here.hessian[place] == pytest.approx((above.gradient - below.gradient) / 2e-5, rel=1e-5)
    # The expected curvature is what the observed one is on average over data of the model.
    rng = np.random.default_rng(3)
    total = np.linalg.cholesky(np.eye(54) + sum(t * part for t, part in zip(theta, data.parts, strict=True)))
    draws = [replace(data, z=total @ rng.normal(size=54)).at(theta.tolist()).hessian for _ in range(2000)]
    assert -np.mean(draws, axis=0) == pytest.approx(here.information, rel=0.05)


def test_no_point_of_a_grid_is_higher_than_the_maximum() -> None:
    rng = np.random.default_rng(20101118)
    values = np.concatenate([[0.0], np.geomspace(1e-5, 1e2, 24)])
    on_boundary = inside = 0
    for _ in range(40):
        k = int(rng.integers(4, 14))
        labels = rng.integers(0, int(rng.integers(2, k)), k)
        vi = 10 ** rng.uniform(-3, 1, k)
        yi = rng.normal(size=k)[labels] * 10 ** rng.uniform(-2, 0.5) + rng.normal(size=k) * np.sqrt(vi + 0.1)
        parts = [(labels[:, None] == labels).astype(float), np.eye(k)]
        data = contrasts(yi, np.diag(vi), np.ones((k, 1)), parts)
        single = contrasts(yi, np.diag(vi), np.ones((k, 1)), parts[1:])
        alone = one_component(single)
        assert single.at([alone]).height >= max(single.at([value]).height for value in values)
        try:
            theta = two_components(data)
        except ReanalysisError:
            continue
        here = data.at(theta)
        assert here.height >= max(data.at([a, b]).height for a in values for b in values) - 1e-12
        for value, slope in zip(theta, here.gradient, strict=True):
            # At a maximum a component is flat, or it is 0 and would fall.
            assert abs(slope * value) < 1e-8
            assert slope < 1e-8 or value > 0
        on_boundary, inside = on_boundary + (min(theta) == 0), inside + (min(theta) > 0)
    assert min(on_boundary, inside) >= 5


@pytest.mark.parametrize(("far", "small"), [(2.0, True), (3.0, False)])
def test_the_higher_of_two_maxima_is_taken(far: float, small: bool) -> None:
    # Three precise effects close together, two others far out: one maximum suits the three, the other all five.
    yi, vi = np.array([0.0, 0.011, -0.012, far, -far]), np.array([1e-4, 1e-4, 1e-4, 0.5, 0.5])
    data = contrasts(yi, np.diag(vi), np.ones((5, 1)), [np.eye(5)])
    heights = np.array([data.at([value]).height for value in np.geomspace(1e-7, 100, 1001)])
    peaks = heights[1:-1][(heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:])]
    assert len(peaks) == 2
    assert bool(peaks[0] > peaks[1]) is small
    found = one_component(data)
    assert (found < 0.01) is small
    assert data.at([found]).height >= peaks.max()


@pytest.mark.parametrize("correlation", [1.0, 1.0 - 1e-15, 1.1])
def test_singular_covariances_are_refused(correlation: float) -> None:
    covariance = block(np.array([0.1, 0.2, 0.3]), [1, 1, 2], correlation)
    for model in (correlated, lambda *given: two_level(*given[:3], [1, 1, 2], given[3])):
        with pytest.raises(ReanalysisError, match="singular"):
            model(np.array([0.1, 0.2, 0.3]), covariance, np.ones((3, 1)), HKSJ)


@pytest.mark.parametrize("labels", [[1, 1, 1, 1], [1, 2, 3, 4]])
def test_two_levels_need_clusters_of_several(labels: list[int]) -> None:
    with pytest.raises(ReanalysisError, match="cannot tell the variance between clusters"):
        two_level(np.array([0.1, 0.5, 0.9, 0.2]), np.eye(4) / 100, np.ones((4, 1)), labels, HKSJ)


def test_one_and_two_estimates() -> None:
    one = correlated(np.array([0.3]), np.array([[0.04]]), np.ones((1, 1)), HKSJ)
    assert (one.components, one.se[0], one.df) == ((0.0,), pytest.approx(0.2), np.inf)
    two = correlated(np.array([0.3, 0.9]), block(np.array([0.01, 0.01]), [1, 1], 0.5), np.ones((2, 1)), HKSJ)
    # The difference has the variance 2 (0.01 - 0.005 + tau2), and is 0.6.
    assert two.components[0] == pytest.approx(0.36 / 2 - 0.005)
    assert two.df == 1


def test_units_do_not_matter() -> None:
    labels = DISTRICT[:30]
    plain = two_level(YI[:30], np.diag(VI[:30]), MEAN[:30], labels, HKSJ)
    large = two_level(YI[:30] * 1e6, np.diag(VI[:30]) * 1e12, MEAN[:30], labels, HKSJ)
    assert np.array(large.components) / 1e12 == pytest.approx(np.array(plain.components), rel=1e-9)
    assert large.p == pytest.approx(plain.p, rel=1e-9)

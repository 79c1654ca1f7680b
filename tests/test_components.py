"""The global maximum in one and two components of variance: close to a boundary, and on data meant to hide it."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from conftest import ROOT
from districts import block
from hypothesis import assume, given
from hypothesis import strategies as st

from reanalysis import batch, boxes, scale_search
from reanalysis.boxes import Boxes, Surface
from reanalysis.design import FloatArray
from reanalysis.errors import ReanalysisError
from reanalysis.generalised import correlated, two_level
from reanalysis.mixed_effects import Choices
from reanalysis.scale_search import _Axes, _settled, _slopes, best_scale
from reanalysis.variance_components import SURPLUS, Contrasts, two_components

sys.path.insert(0, str(ROOT / "tests/certify"))
from components import Clustered, contrasted, drawn, misses

WALD = Choices("REML", "wald", 0.95)
NEAR = json.loads((ROOT / "tests/oracles/dependence.json").read_text())["near_boundary"]


@pytest.mark.parametrize("correlation", [0, 0.5])
def test_a_maximum_close_to_a_boundary_as_metafor_finds_it(correlation: float) -> None:
    expected = NEAR[f"rho={correlation}/REML"]
    yi, vi, labels = (np.array([row[key] for row in NEAR["data"]]) for key in ("yi", "vi", "cluster"))
    found = two_level(yi, block(vi, labels.tolist(), correlation), np.ones((5, 1)), labels.tolist(), WALD)
    assert found.components == pytest.approx(expected["sigma2"], rel=1e-10)
    assert found.log_likelihood == pytest.approx(expected["loglik"], abs=1e-11)
    for key in ("estimate", "se", "p"):
        assert getattr(found, key) == pytest.approx(expected[key], rel=1e-10)


@st.composite
def clustered(draw: st.DrawFn) -> Clustered:
    """Return effects with variances over five decades, in clusters of any size, correlated or not."""
    k = draw(st.integers(3, 8))
    of_k = {"min_size": k, "max_size": k}
    vi = 10.0 ** -np.array(draw(st.lists(st.floats(0, 5), **of_k)))
    z = np.array(draw(st.lists(st.floats(-4, 4), **of_k)))
    shared = np.array(draw(st.lists(st.floats(-3, 3), **of_k)))
    labels = np.array(draw(st.lists(st.integers(0, k - 1), **of_k)))
    yi = z * np.sqrt(vi) * draw(st.sampled_from([0.1, 1.0, 10.0])) + shared[labels] * draw(st.sampled_from([0.0, 1.0]))
    return Clustered(yi, block(vi, labels.tolist(), draw(st.sampled_from([0.0, 0.5, 0.9]))), labels)


@given(clustered())
def test_first_order_conditions_hold(one: Clustered) -> None:
    data = contrasted(one)
    try:
        theta = two_components(data)
    except ReanalysisError:
        assume(condition=False)
    here = data.at(theta)
    total = np.eye(len(data.z)) + theta[0] * data.parts[0] + theta[1] * data.parts[1]
    rounding = 1e-11 * (len(total) + float(data.z @ np.linalg.solve(total, data.z)))
    for value, slope, part in zip(theta, here.gradient, data.parts, strict=True):
        assert min(theta) >= 0
        # What is inside is flat; what is 0 would not rise, on the scale on which it matters.
        scale = value or 1 / float(np.linalg.eigvalsh(part)[-1])
        assert slope * scale <= rounding
        assert value == 0 or slope * scale >= -rounding


def test_no_maximum_is_missed() -> None:
    """Three hundred of the twenty thousand sets that `make certify` scans."""
    found = misses(300, 11)
    assert found["missed"] == 0
    assert min(found["several maxima"], found["close to a boundary"]) > 5
    assert found["inside"] > 50


@pytest.mark.parametrize("size", [0.01, 1.0, 8.0])
def test_no_point_of_a_box_is_below_its_bound(size: float) -> None:
    rng = np.random.default_rng(5)
    tight = []
    for _ in range(40):
        data = contrasted(drawn(rng))
        surface = Surface.of(data.z, *data.parts)
        low = rng.choice([0.0, 0.0, 3.0, 9.0, 15.0], (6, 2))
        bounds = surface.bounds(Boxes(low, low + size))
        centre = surface.theta(low + size / 2)
        for place in range(6):
            at = surface.theta(low[place] + size * np.vstack([rng.random((60, 2)), [[0, 0], [0, 1], [1, 0], [1, 1]]]))
            costs = np.array([-2 * (data.at(theta.tolist()).height - data.height(0.0, 0.0)) for theta in at])
            noise = bounds.rounding[place] * 100 + 1e-9 * abs(bounds.least[place])
            assert (costs >= bounds.least[place] - noise).all()
            here = bounds.log_det[place] + bounds.quadratic[place]
            assert here == pytest.approx(
                -2 * (data.at(centre[place].tolist()).height - data.height(0.0, 0.0)), rel=1e-7
            )
            tight.append((costs.min() - bounds.least[place]) / (1 + bounds.quadratic[place]))
    assert np.median(tight) < size**2


def test_a_large_component_costs_the_other_no_digits() -> None:
    """Heights with fifty digits beside ours, eleven decades above the smallest variance."""
    yi = np.array([708.6269400105997, 1566.9075526641132, -1.2551347128552564, 1567.1492650077462, -1.2192574469499173])
    vi = np.array([0.0172827813766753, 0.0145831377411976, 3.8707427182493e-05, 1.9592953717723e-05, 0.00077210379453])
    labels = np.array([0, 2, 3, 2, 3])
    one = Clustered(yi, block(vi, labels.tolist(), 0.9), labels)
    data = contrasted(one)
    theta = two_components(data)
    assert theta[0] > 1e10 * vi.min()
    assert data.at(theta).height == pytest.approx(one.exact(theta), abs=2e-11)
    # That lets Newton's steps end at the maximum.
    assert np.abs(data.at(theta).gradient * theta).max() < 1e-11
    for change in ((1 + 1e-5, 1.0), (1 - 1e-5, 1.0), (1.0, 1 + 1e-5), (1.0, 1 - 1e-5)):
        assert one.exact([value * by for value, by in zip(theta, change, strict=True)]) < one.exact(theta)


def test_a_component_leaves_its_boundary_as_soon_as_the_likelihood_rises() -> None:
    """Also where that gains less than what a box may hide."""
    labels = np.array([1, 1, 1, 2, 2, 3])
    within, between = np.array([1.0, -0.5, -0.5, 0.7, -0.7, 0.0]), np.array([0.0, 0.0, 0.0, 2.0, 2.0, -3.0])

    def given(spread: float) -> Contrasts:
        return contrasted(Clustered(between + spread * within, np.eye(6) * 0.1, labels))

    def rises(spread: float) -> float:
        data = given(spread)
        return float(data.at([best_scale(data.z, data.parts[0]).s, 0.0]).gradient[1])

    low, high = 0.0, 1.0
    assert rises(low) < 0 < rises(high)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) > 0 else (middle, high)
    assert two_components(given(high * (1 - 4e-6)))[1] == 0
    data = given(high * (1 + 4e-6))
    theta, alone = two_components(data), best_scale(data.z, data.parts[0]).s
    assert theta[1] > 0
    assert np.abs(data.at(theta).gradient * theta).max() < 1e-12
    assert 0 < data.at(theta).height - data.at([alone, 0.0]).height < SURPLUS


def test_boxes_divided_are_the_boxes_whole() -> None:
    rng = np.random.default_rng(3)
    low = rng.random((20, 2))
    whole, felt = Boxes(low, low + rng.random((20, 2))), rng.random((20, 2))
    parts = whole.divided(np.arange(20) < 15, felt)
    area = np.prod(whole.high - whole.low, axis=1)[:15].sum()
    assert np.prod(parts.high - parts.low, axis=1).sum() == pytest.approx(area, rel=1e-12)
    assert 30 < len(parts) < 60
    points = rng.random((400, 2)) * 2
    inside = [
        ((points[:, None] > one.low) & (points[:, None] < one.high)).all(axis=2).sum(axis=1)
        for one in (Boxes(whole.low[:15], whole.high[:15]), parts)
    ]
    assert (inside[0] == inside[1]).all()


def test_the_first_boxes_and_the_first_grid_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    sets = [contrasted(drawn(rng)) for _ in range(60)]
    fine = [(data.at(two_components(data)).height, best_scale(data.z, data.parts[1])) for data in sets]
    monkeypatch.setattr(boxes, "FIRST", 1)
    monkeypatch.setattr(scale_search, "GRID_POINTS", 2)
    for data, (height, alone) in zip(sets, fine, strict=True):
        assert data.at(two_components(data)).height == pytest.approx(height, abs=1e-8)
        again = best_scale(data.z, data.parts[1])
        assert again.log_det + again.quadratic == pytest.approx(alone.log_det + alone.quadratic, abs=1e-9)
        assert again.s == pytest.approx(alone.s, rel=1e-5, abs=1e-300)


def test_an_interval_is_settled_only_if_it_holds_one_falling_root_at_most() -> None:
    rng = np.random.default_rng(4)
    settled = several = 0
    for _ in range(2000):
        n = int(rng.integers(1, 7))
        axes = _Axes(10 ** rng.uniform(-3, 3, n), 10 ** rng.uniform(-1, 4, n), 0.0)
        ends = np.sort(10 ** rng.uniform(-4, 4, 2))
        a, b = (_slopes(axes, ends[[place]]) for place in (0, 1))
        scores = _slopes(axes, np.geomspace(*ends, 500)).score
        falls = np.count_nonzero((scores[:-1] > 0) & (scores[1:] <= 0))
        sure = bool(_settled(a, b)[0])
        assert falls <= 1 or not sure
        # A settled interval without a change of sign at its ends has no root.
        assert not sure or falls == int(scores[0] > 0 >= scores[-1])
        settled, several = settled + sure, several + (falls > 1)
    assert settled > 500
    assert several > 5


def unequal(decades: float, k: int = 5) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(k)
    vi = np.geomspace(10.0**-decades, 1.0, k)
    return rng.normal(size=k) * np.sqrt(vi + 1e-4), vi


@pytest.mark.parametrize("decades", [4.0, 8.0, 11.9])
def test_unequal_variances_leave_the_digits_that_are_promised(decades: float) -> None:
    for k in range(3, 9):
        yi, vi = unequal(decades, k)
        expected = float(batch.fit(yi, vi).tau2[0])
        found = correlated(yi, np.diag(vi), np.ones((k, 1)), WALD)
        assert found.components[0] == pytest.approx(expected, rel=max(1e-12, 10.0 ** (decades - 17)))


def test_variances_too_unequal_are_refused() -> None:
    yi, vi = unequal(12.1)
    for model in (correlated, lambda *given: two_level(*given[:3], [1, 1, 2, 2, 3], given[3])):
        with pytest.raises(ReanalysisError, match="too unequal"):
            model(yi, np.diag(vi), np.ones((5, 1)), WALD)
    # Without a variance between effects none has to be told from the others.
    assert correlated(yi, np.diag(vi), np.ones((5, 1)), Choices("FE", "wald", 0.95)).components == (0.0,)


@pytest.mark.parametrize("unit", [1e-60, 1e60])
@pytest.mark.parametrize("scaled", [True, False])
def test_effects_may_be_of_any_size(unit: float, scaled: bool) -> None:
    yi, labels = np.array([0.1, 0.2, 0.9, 1.1, 1.4]), [1, 1, 2, 2, 3]
    vi = np.array([0.01, 0.02, 0.01, 0.03, 0.02]) * (unit**2 if scaled else 1.0)
    plain = two_level(yi, np.diag(vi / unit**2 if scaled else vi * 1e-30), np.ones((5, 1)), labels, WALD)
    found = two_level(yi * unit, np.diag(vi), np.ones((5, 1)), labels, WALD)
    if scaled or unit > 1:
        assert np.array(found.components) / unit**2 == pytest.approx(np.array(plain.components), rel=1e-6)
    else:
        assert found.components == (0.0, 0.0)


def test_equal_effects_have_no_variance_between_them() -> None:
    found = two_level(np.full(5, 0.3), np.diag([0.1, 1e-4, 0.2, 0.3, 1e-3]), np.ones((5, 1)), [1, 1, 2, 2, 3], WALD)
    assert found.components == (0.0, 0.0)


def test_precise_estimates_alone_do_not_hide_clusters() -> None:
    # Ten decades apart, in V's own units the two components differ by less than numbers have digits for.
    yi, vi = np.array([0.0, 1e-5, 3.0, 3.1, -3.0, -2.9]), np.array([1e-10, 1e-10, 1.0, 1.0, 1.0, 1.0])
    labels = [1, 2, 3, 3, 4, 4]
    found = two_level(yi, np.diag(vi), np.ones((6, 1)), labels, WALD)
    assert found.components[0] > 0 or found.components[1] > 0

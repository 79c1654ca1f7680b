"""What changes nothing, or changes a fit in a known way: order, direction, units, split and doubled studies."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reanalysis import batch, tau2

DATA = st.integers(2, 9).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-2, 2), min_size=k, max_size=k),
        st.lists(st.floats(-6, 0).map(lambda power: 10.0**power), min_size=k, max_size=k),
        st.permutations(range(k)),
    )
)


def same(left: batch.BatchFit, right: batch.BatchFit, vi: np.ndarray, names: tuple[str, ...]) -> None:
    """Assert equal numbers, tau2 on the scale of the smallest variance, where its likelihood does not lie flat."""
    for name in names:
        scale = {"tau2": vi.min(), "estimate": left.se[..., 0]}.get(name, 1.0)
        np.testing.assert_allclose(getattr(left, name), getattr(right, name), rtol=1e-7, atol=1e-7 * np.max(scale))


@settings(max_examples=150)
@given(DATA, st.sampled_from(sorted(tau2.ESTIMATORS)))
def test_what_changes_nothing(drawn: tuple[list[float], list[float], list[int]], method: str) -> None:
    yi, vi, order = np.array(drawn[0]), np.array(drawn[1]), np.array(drawn[2])
    found = batch.fit(yi, vi, tau2=method)
    numbers = ("se", "tau2", "q", "i2", "loglik")
    same(found, batch.fit(yi[order], vi[order], tau2=method), vi, (*numbers, "estimate"))
    inverted = batch.fit(-yi, vi, tau2=method)
    same(found, inverted, vi, numbers)
    np.testing.assert_allclose(inverted.estimate, -found.estimate, rtol=1e-7, atol=1e-7 * found.se[0])
    # Units: effects times c, variances times c^2.
    scaled = batch.fit(8 * yi, 64 * vi, tau2=method)
    np.testing.assert_allclose(scaled.tau2, 64 * found.tau2, rtol=1e-7, atol=1e-6 * vi.min())
    same(found, scaled, vi, ("q", "i2"))
    if method in ("FE", "PM", "REML", "ML", "DL"):
        assert found.tau2[0] >= 0


@settings(max_examples=60)
@given(DATA)
def test_a_study_split_into_two_halves_says_the_same_of_a_common_effect(
    drawn: tuple[list[float], list[float], list[int]],
) -> None:
    yi, vi = np.array(drawn[0]), np.array(drawn[1])
    found = batch.fit(yi, vi, tau2="FE")
    split = batch.fit(np.append(yi, yi[0]), np.append([2 * vi[0], *vi[1:]], 2 * vi[0]), tau2="FE")
    same(found, split, vi, ("estimate", "se", "q"))
    twice = batch.fit(np.tile(yi, 2), np.tile(vi, 2), tau2="FE")
    np.testing.assert_allclose(twice.estimate, found.estimate, rtol=1e-9, atol=1e-9 * found.se[0])
    np.testing.assert_allclose(twice.se, found.se / math.sqrt(2), rtol=1e-9)
    np.testing.assert_allclose(twice.q, 2 * found.q, rtol=1e-9)


@settings(max_examples=100)
@given(DATA, st.floats(-3000, 3000), st.floats(0.01, 100), st.sampled_from(["REML", "DL", "FE", "PM"]))
def test_scale_and_centre_of_a_moderator(
    drawn: tuple[list[float], list[float], list[int]], centre: float, scale: float, method: str
) -> None:
    yi, vi = np.array(drawn[0]), np.array(drawn[1])
    k = len(yi)
    if k < 4:
        return
    x = np.arange(k, dtype=float)
    plain = batch.fit(yi, vi, design=np.column_stack([np.ones(k), x]), tau2=method)
    moved = batch.fit(yi, vi, design=np.column_stack([np.ones(k), scale * x + centre]), tau2=method)
    close = {"rtol": 1e-6, "atol": 1e-6 * plain.se[1, 0]}
    np.testing.assert_allclose(scale * moved.estimate[1], plain.estimate[1], **close)
    np.testing.assert_allclose(scale * moved.se[1], plain.se[1], rtol=1e-6)
    same(plain, moved, vi, ("tau2", "q"))
    np.testing.assert_allclose(moved.qm, plain.qm, rtol=1e-6, atol=1e-9)

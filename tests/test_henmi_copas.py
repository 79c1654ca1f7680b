"""Henmi and Copas' interval against metafor with its quadrature tightened, and against fifty digits."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from conftest import ROOT

from reanalysis.certification import henmi_copas as certified
from reanalysis.design import FloatArray
from reanalysis.henmi_copas import henmi_copas
from reanalysis.pooling import pool_henmi_copas

ORACLE = {
    name: one
    for name, one in json.loads((ROOT / "tests/oracles/henmi-copas.json").read_text()).items()
    if name != "source"
}


def effects(name: str) -> tuple[FloatArray, FloatArray]:
    rows = ORACLE[name]["data"]
    return np.array([row["yi"] for row in rows]), np.array([row["vi"] for row in rows])


def test_the_oracle_has_six_data_sets() -> None:
    assert len(ORACLE) == 6


@pytest.mark.parametrize("name", ORACLE)
def test_the_interval_is_metafors(name: str) -> None:
    found = henmi_copas(*effects(name), 0.95)
    assert found is not None
    for quantity in ("estimate", "se", "ci_low", "ci_high", "tau2"):
        assert getattr(found, quantity) == pytest.approx(ORACLE[name][quantity], rel=1e-11, abs=1e-15), quantity


# How many studies, powers of ten between which their variances lie, and the level.
SPREAD = [
    (2, -2, 1, 0.95),
    (3, -12, 3, 0.95),
    (4, -3, 0, 0.9999),
    (5, -4, 1, 0.99),
    (8, -8, -1, 0.8),
    (6, -2, 0, 0.1),
    (12, -2, 0, 0.95),
]


@pytest.mark.parametrize(("k", "least", "most", "level"), SPREAD)
def test_the_interval_to_the_digits_of_a_double(k: int, least: int, most: int, level: float) -> None:
    random = np.random.default_rng(k)
    yi, vi = random.normal(size=k), 10 ** random.uniform(least, most, k)
    found, exact = henmi_copas(yi, vi, level), certified.henmi_copas(list(yi), list(vi), level)
    assert found is not None
    for ours, theirs in [
        (found.estimate, exact.estimate),
        (found.se, exact.se),
        (found.quantile, exact.quantile),
        (found.ci_low, exact.low),
        (found.ci_high, exact.high),
        (found.tau2, exact.tau2),
    ]:
        assert ours == pytest.approx(float(theirs), rel=1e-11, abs=1e-14)


def test_the_interval_moves_with_the_effects_and_their_unit() -> None:
    yi, vi = effects("bcg")
    found, moved = henmi_copas(yi, vi, 0.95), henmi_copas(3 - 10 * yi, 100 * vi, 0.95)
    assert found is not None
    assert moved is not None
    assert moved.quantile == pytest.approx(found.quantile, rel=1e-11)
    assert moved.ci_low == pytest.approx(3 - 10 * found.ci_high, rel=1e-11)
    assert moved.ci_high == pytest.approx(3 - 10 * found.ci_low, rel=1e-11)


def test_a_higher_level_is_a_longer_interval() -> None:
    found = [henmi_copas(*effects("le-scodan-2010"), level) for level in (0.5, 0.9, 0.95, 0.99, 0.9999, 1 - 1e-9)]
    quantiles = [one.quantile for one in found if one is not None]
    assert len(quantiles) == 6
    assert quantiles == sorted(quantiles)


def test_many_studies_of_one_size_have_the_normal_quantile() -> None:
    random = np.random.default_rng(2)
    found = henmi_copas(random.normal(size=3000), np.full(3000, 0.5), 0.95)
    assert found is not None
    assert found.quantile == pytest.approx(1.96, abs=0.005)


def test_a_single_study_has_no_such_interval() -> None:
    assert henmi_copas(np.array([0.1]), np.array([0.1]), 0.95) is None
    assert pool_henmi_copas(np.array([0.1]), np.array([0.1]), "HR", 0.95) is None


def test_ratios_have_ratios_and_differences_have_none() -> None:
    yi, vi = effects("le-scodan-2010")
    hazard, difference = pool_henmi_copas(yi, vi, "HR", 0.95), pool_henmi_copas(yi, vi, "MD", 0.95)
    assert hazard is not None
    assert difference is not None
    assert hazard["ratio"] == pytest.approx(math.exp(hazard["estimate"]))
    assert hazard["ratio_ci_high"] == pytest.approx(math.exp(hazard["ci_high"]))
    assert hazard == difference | {name: hazard[name] for name in ("ratio", "ratio_ci_low", "ratio_ci_high")}

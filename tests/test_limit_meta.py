"""Limit meta-analysis against lines by R's lm(), against the formulas with fifty digits, and where it has no answer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from mpmath import mp, mpf

from reanalysis.limit_meta import limit_meta_analysis

ORACLE = json.loads((ROOT / "tests/oracles/selection.json").read_text(encoding="utf-8"))
SETS = {name: one for name, one in ORACLE.items() if name not in {"source", "profile"}}
CASES = [(name, one) for name, data in SETS.items() for one in data["limit"]]


def effects(name: str) -> tuple[np.ndarray, np.ndarray]:
    rows = SETS[name]["data"]
    return np.array([row["yi"] for row in rows]), np.array([row["vi"] for row in rows])


@pytest.mark.parametrize(("name", "case"), CASES, ids=lambda one: one if isinstance(one, str) else one["method"])
def test_as_the_lines_of_lm(name: str, case: dict[str, Any]) -> None:
    found = limit_meta_analysis(*effects(name), 0.95, case["method"])
    assert found.reason is None
    pairs = {
        "tau2": found.tau2, "alpha": found.alpha, "beta_r": found.beta, "beta_f": found.beta_f, "q": found.q,
        "q_resid": found.q_resid, "g2": (found.g2 or 0) / 100,
    }  # fmt: skip
    for part in ("beta0", "beta_lim", "mu_lim"):
        adjusted = getattr(found, part)
        pairs |= {part: adjusted.estimate, f"{part}_se": adjusted.se}
    for part, ours in pairs.items():
        assert ours == pytest.approx(case[part], rel=1e-8), part
    assert list(found.limits) == pytest.approx(case["shrunk"], rel=1e-8, abs=1e-12)


def by_formula(yi: np.ndarray, vi: np.ndarray, tau2: float) -> dict[str, mpf]:
    """Return the estimates as solutions of normal equations, not by the code's centred sums."""
    y, v, t = [mpf(float(one)) for one in yi], [mpf(float(one)) for one in vi], mpf(tau2)

    def least_squares(effects: list[mpf], spread: list[mpf]) -> tuple[Any, Any, mpf]:
        X = mp.matrix([[1, 1 / one] for one in spread])
        z = mp.matrix([one / by for one, by in zip(effects, spread, strict=True)])
        inverse = (X.T * X) ** -1
        b = inverse * (X.T * z)
        return b, inverse, mp.norm(z - X * b) ** 2

    eta, sei = [mp.sqrt(one + t) for one in v], [mp.sqrt(one) for one in v]
    b, inverse, _ = least_squares(y, eta)
    _, _, resid = least_squares(y, sei)
    limits = [b[1] + mp.sqrt(t) / by * (one - b[1]) for one, by in zip(y, eta, strict=True)]
    c, limit_inverse, rss = least_squares(limits, sei)
    plotted = [one / by for one, by in zip(limits, sei, strict=True)]
    middle = mp.fsum(plotted) / len(plotted)
    a = mp.matrix([mp.sqrt(t), 1])
    return {
        "beta0": b[1] + mp.sqrt(t) * b[0], "beta0_se": mp.sqrt((a.T * inverse * a)[0]), "beta_lim": c[1],
        "beta_lim_se": mp.sqrt(limit_inverse[1, 1]), "q_resid": resid,
        "g2": 100 * rss / mp.fsum((one - middle) ** 2 for one in plotted),
    }  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_as_the_formulas_with_fifty_digits(name: str) -> None:
    yi, vi = effects(name)
    found = limit_meta_analysis(yi, vi, 0.95)
    with mp.workdps(50):
        exact = {part: float(one) for part, one in by_formula(yi, vi, found.tau2).items()}
    ours = {
        "beta0": found.beta0.estimate, "beta0_se": found.beta0.se, "beta_lim": found.beta_lim.estimate,
        "beta_lim_se": found.beta_lim.se, "q_resid": found.q_resid, "g2": found.g2,
    }  # fmt: skip
    assert ours == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize("name", SETS)
def test_q_is_divided_whole(name: str) -> None:
    found = limit_meta_analysis(*effects(name), 0.95)
    assert found.q_small + found.q_resid == pytest.approx(found.q, rel=1e-14)
    assert found.q_df == 1 + found.q_resid_df
    assert found.q_small >= 0


def test_without_spread_between_studies_all_limits_are_the_slope() -> None:
    found = limit_meta_analysis(*effects("bcg"), 0.95, "FE")
    assert found.tau2 == 0
    assert found.limits == (found.beta,) * 13
    assert found.beta0.estimate == found.beta == found.beta_f
    assert found.beta_lim.estimate == pytest.approx(found.beta, rel=1e-12)
    assert found.g2 == pytest.approx(0, abs=1e-20)


def test_effects_of_nothing_have_no_share() -> None:
    found = limit_meta_analysis(np.zeros(4), np.array([0.1, 0.2, 0.3, 0.4]), 0.95)
    assert (found.g2, found.q, found.beta0.estimate, found.beta0.p) == (None, 0, 0, 1)


@pytest.mark.parametrize("k", [1, 2])
def test_few_studies_have_a_reason(k: int) -> None:
    found = limit_meta_analysis(np.arange(k) / 10, np.linspace(0.1, 0.2, k), 0.95)
    assert found.beta0 is None
    assert "cannot tell a line" in str(found.reason)


def test_equal_standard_errors_have_a_reason() -> None:
    assert "equal" in str(limit_meta_analysis(np.array([0.1, 0.3, 0.9]), np.full(3, 0.1), 0.95).reason)


def test_standard_errors_that_vanish_beside_tau2_have_a_reason() -> None:
    found = limit_meta_analysis(np.array([-1e6, 3e5, 1e6]), np.array([0.1, 0.2, 0.3]), 0.95)
    assert "beside tau2" in str(found.reason)

"""The engine against metafor on fourteen further data sets: nine estimators, means and meta-regressions.

Nine digits, as elsewhere: coefficients and limits on |estimate| + se, the rest on itself. metafor does not centre
moderators, and its iterations end where rounding ends them (a threshold above 1e-14 in the file): where it has fewer
digits than nine, the fifty-digit reference decides, and the exact list of those cases is pinned.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from reanalysis import batch
from reanalysis.certification import reference
from reanalysis.certification.precision import mpf
from reanalysis.collinearity import inflation
from reanalysis.design import design
from reanalysis.mixed_effects import Choices, fit, heterogeneity
from reanalysis.regression import explained

Json = dict[str, Any]
ORACLES: dict[str, Json] = json.loads((ROOT / "tests/oracles/estimators.json").read_text(encoding="utf-8"))
ORACLES = {name: one for name, one in ORACLES.items() if name != "source"}
INTERVALS = {"z": "wald", "knha": "hksj"}
POOLED = [(name, key) for name, one in ORACLES.items() for key in one["pooled"]]
REGRESSED = [(name, key) for name, one in ORACLES.items() for key in one.get("regression", {})]

CLOSE = 1e-9

# The models in which metafor has fewer, and of how many numbers: uncentred years, of which the file says as much.
METAFOR_SHORT = {
    ("baskerville2012", "~year"): 2,
    ("colditz1994", "~ablat+year"): 4,
    ("hackshaw1998", "~year"): 2,
    ("li2007", "~year"): 69,
}


def test_no_case_is_lost() -> None:
    assert (len(ORACLES), len(POOLED), len(REGRESSED)) == (14, 252, 288)


def data(name: str) -> tuple[np.ndarray, np.ndarray]:
    rows = ORACLES[name]["data"]
    return np.array([row["yi"] for row in rows]), np.array([row["vi"] for row in rows])


def ours(name: str, key: str) -> Json:
    """Return what the file keeps of a fit, by the engine."""
    formula, method, test = ("", *key.split("/")) if "~" not in key else key[1:].split("/")
    yi, vi = data(name)
    terms = formula.split("+") if formula else []
    X = design({term: [float(row[term]) for row in ORACLES[name]["data"]] for term in terms}, len(yi))
    choices = Choices(method, INTERVALS[test], 0.95)
    found = fit(yi, vi, X, choices)
    spread = heterogeneity(yi, vi, X, choices, found.tau2)
    made = {one: getattr(found, one).tolist() for one in ("estimate", "se", "stat", "p", "ci_low", "ci_high")}
    made |= {one: getattr(spread, one) for one in ("i2", "h2", "q", "q_p")} | {"tau2": found.tau2}
    height = "loglik_reml" if method == "REML" else "loglik_ml"
    made[height] = float(found.batch.loglik[0])
    if not terms:
        return {one: value[0] if isinstance(value, list) else value for one, value in made.items()}
    # metafor says 0 where there is nothing to explain.
    made |= {"qm": found.qm, "qm_p": found.qm_p, "r2": explained(yi, vi, found, spread.q) or 0.0}
    if len(terms) > 1:
        made["vif"] = [inflation(X.X, found.weights, [place]) for place in range(1, X.p)]
    return made


def scale(oracle: Json, quantity: str, place: int) -> float:
    """Return what an error of a quantity is measured against."""
    values = {one: oracle[one] if isinstance(oracle[one], list) else [oracle[one]] for one in ("estimate", "se")}
    if quantity in ("estimate", "ci_low", "ci_high"):
        return abs(values["estimate"][place]) + values["se"][place]
    value = oracle[quantity]
    return abs(value[place] if isinstance(value, list) else value) + (quantity == "stat")


def differences(name: str, part: str, key: str) -> list[tuple[str, int, float, float]]:
    """Return the numbers of a fit that differ in the ninth digit: quantity, place, ours, metafor's."""
    oracle, found = ORACLES[name][part][key], []
    for quantity, mine in ours(name, key).items():
        theirs = oracle[quantity]
        pairs = zip(mine, theirs, strict=True) if isinstance(mine, list) else [(mine, theirs)]
        found += [
            (quantity, place, one, other)
            for place, (one, other) in enumerate(pairs)
            if not abs(one - other) <= CLOSE * scale(oracle, quantity, place)
        ]
    return found


@pytest.mark.parametrize("name", ORACLES)
def test_every_pooled_number(name: str) -> None:
    for key in ORACLES[name]["pooled"]:
        assert differences(name, "pooled", key) == [], key


@pytest.mark.parametrize("name", ORACLES)
def test_the_q_profile(name: str) -> None:
    yi, vi = data(name)
    found = heterogeneity(yi, vi, design({}, len(yi)), Choices("REML", "wald", 0.95), 0.0)
    oracle = ORACLES[name]["q_profile"]
    assert [found.tau2_ci_low, found.tau2_ci_high] == pytest.approx(oracle["tau2_ci"], rel=CLOSE, abs=0)
    assert [found.i2_ci_low, found.i2_ci_high] == pytest.approx(oracle["i2_ci"], rel=CLOSE, abs=0)


@pytest.mark.parametrize("name", ORACLES)
def test_both_likelihoods_are_nowhere_higher(name: str) -> None:
    yi, vi = data(name)
    for method in ("ML", "REML"):
        height = float(batch.fit(yi, vi, tau2=method).loglik[0])
        for key, oracle in ORACLES[name]["pooled"].items():
            assert oracle[f"loglik_{method.lower()}"] <= height + 1e-12 * (abs(height) + len(yi)), key


@pytest.mark.parametrize(("name", "formula"), sorted({(name, key.split("/")[0]) for name, key in REGRESSED}))
def test_every_number_of_a_regression(name: str, formula: str) -> None:
    short = 0
    for key in ORACLES[name]["regression"]:
        if key.split("/")[0] != formula:
            continue
        found = differences(name, "regression", key)
        short += len(found)
        known = certified(name, key) if found else {}
        for quantity, place, mine, theirs in found:
            size = scale(ORACLES[name]["regression"][key], quantity, place)
            # Ours is right, and it is metafor's number that is not.
            assert abs(mine - known[quantity][place]) <= 1e-11 * size, (key, quantity)
            assert abs(theirs - known[quantity][place]) > 0.999 * CLOSE * size, (key, quantity)
    assert short == METAFOR_SHORT.get((name, formula), 0)


def certified(name: str, key: str) -> dict[str, list[float]]:
    """Return the numbers of a regression from the fifty-digit reference."""
    formula, method, test = key[1:].split("/")
    yi, vi = data(name)
    X = [[1.0, *(float(row[term]) for term in formula.split("+"))] for row in ORACLES[name]["data"]]
    found = reference.fit(yi.tolist(), vi.tolist(), X, method, INTERVALS[test])
    assert found.omnibus is not None
    lists = {
        "estimate": found.coefficients, "se": found.se, "stat": found.statistic, "p": found.p, "ci_low": found.low,
        "ci_high": found.high, "tau2": [found.tau2], "i2": [found.i2], "h2": [found.h2], "q": [found.q],
        "q_p": [found.q_p], "qm": [found.omnibus.statistic], "qm_p": [found.omnibus.p], "r2": [found.r2],
    }  # fmt: skip
    return {quantity: [float(value) for value in values] for quantity, values in lists.items()}


def test_what_metafor_lacks_is_the_far_columns() -> None:
    # Centred at 1980, metafor's own Q of li2007 on year would have its digits: the reference does not move by one.
    yi, vi = data("li2007")
    years = [float(row["year"]) for row in ORACLES["li2007"]["data"]]
    near, far = (
        reference.fit(yi.tolist(), vi.tolist(), [[1.0, year - centre] for year in years], "DL") for centre in (1980, 0)
    )
    assert abs(near.q - far.q) <= mpf(10) ** -45 * far.q
    assert float(batch.fit(yi, vi, design=design({"year": years}, len(years))).q[0]) == pytest.approx(
        float(near.q), rel=1e-13
    )

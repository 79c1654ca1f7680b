"""Cluster-robust standard errors against clubSandwich, and where there are none."""

from __future__ import annotations

import json

import numpy as np
import pytest
from conftest import ROOT
from districts import DISTRICT, MEAN, VI, YI, block

from reanalysis.errors import ReanalysisError
from reanalysis.generalised import two_level
from reanalysis.mixed_effects import Choices
from reanalysis.robust import cr2


@pytest.mark.parametrize("data", ["le-scodan-2010", "bcg"])
def test_cr2_with_each_study_its_own_cluster(data: str) -> None:
    oracle = json.loads((ROOT / f"tests/oracles/{data}.json").read_text())
    yi, vi = (np.array([row[key] for row in oracle["data"]]) for key in ("yi", "vi"))
    tau2 = oracle["pooled"]["REML/z"]["tau2"]
    found = cr2(yi, np.diag(vi + tau2), np.ones((len(yi), 1)), range(len(yi)))
    assert (found.se[0], found.df[0]) == pytest.approx((oracle["cr2"]["se"], oracle["cr2"]["df"]), rel=1e-11)


def test_cr2_of_clusters_with_unequal_variances() -> None:
    # coef_test(rma(yi, vi), vcov = "CR2", cluster = district), and of the model with two levels by rma.mv.
    found = cr2(YI, np.diag(VI + 0.08843847654877908), MEAN, DISTRICT)
    assert (found.clusters, found.se[0], found.df[0]) == pytest.approx((11, 0.07822123955385377, 7.37316688042772))
    between, within = two_level(YI, np.diag(VI), MEAN, DISTRICT, Choices("REML", "wald", 0.95)).components
    working = np.diag(VI) + between * block(np.ones(56), DISTRICT, 1.0) + within * np.eye(56)
    found = cr2(YI, working, MEAN, DISTRICT)
    assert (found.se[0], found.df[0]) == pytest.approx((0.0844579955669, 9.86315624225), rel=1e-7)


def test_cr2_is_unbiased_under_its_working_model() -> None:
    rng = np.random.default_rng(5)
    X = np.column_stack([np.ones(12), rng.normal(size=12)])
    labels, working = [0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 5, 6], np.diag(rng.uniform(0.1, 3, 12))
    draws = np.sqrt(np.diagonal(working)) * rng.normal(size=(4000, 12))
    squares = np.array([cr2(draw, working, X, labels).se ** 2 for draw in draws])
    true = np.diagonal(np.linalg.inv(X.T @ np.linalg.solve(working, X)))
    errors = squares.std(axis=0) / np.sqrt(4000)
    assert (np.abs(squares.mean(axis=0) - true) < 4 * errors).all()


def test_where_cr2_cannot_be_had_it_says_why() -> None:
    yi, working = np.array([0.3, 0.4, 0.3, 0.6, 0.7]), np.diag([0.1, 0.2, 0.3, 0.4, 0.5])
    mean, last = np.ones((5, 1)), np.column_stack([np.ones(5), [0, 0, 0, 0, 1]])
    assert cr2(yi, working, mean, [1] * 5).reasons[0].startswith("all estimates are in one cluster")
    assert cr2(yi[:1], working[:1, :1], mean[:1], [1]).reasons[0].startswith("all estimates are in one cluster")
    assert cr2(np.ones(5), working, mean, range(5)).reasons == ("the estimates leave no residuals",)
    # The last study alone has the category: the slope has no residuals, the intercept has.
    found = cr2(yi, working, last, range(5))
    assert found.reasons[0] == ""
    assert np.isfinite(found.se[0])
    assert found.reasons[1].startswith("a cluster alone determines")
    assert np.isnan(found.se[1])
    assert all(cr2(yi[3:], working[3:, 3:], last[3:], range(2)).reasons)
    with pytest.raises(ReanalysisError, match="reaches from one cluster into another"):
        cr2(yi, working + 0.01, mean, range(5))


def test_two_studies_have_a_robust_standard_error() -> None:
    found = cr2(np.array([0.3, 0.5]), np.eye(2), np.ones((2, 1)), [1, 2])
    assert (found.estimate[0], found.se[0], found.df[0]) == pytest.approx((0.4, 0.1, 1.0))

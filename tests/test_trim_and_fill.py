"""Trim and fill against metafor's, and where it has no answer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices
from reanalysis.trim_and_fill import ESTIMATORS, LEFT, RIGHT, trim_and_fill

ORACLE = json.loads((ROOT / "tests/oracles/selection.json").read_text(encoding="utf-8"))
SETS = {name: one for name, one in ORACLE.items() if name not in {"source", "profile"}}
INTERVAL = {"z": "wald", "knha": "hksj"}
CASES = [(name, one) for name, data in SETS.items() for one in data["trimfill"]]
REML = Choices("REML", "wald", 0.95)


def effects(name: str) -> tuple[np.ndarray, np.ndarray]:
    rows = SETS[name]["data"]
    return np.array([row["yi"] for row in rows]), np.array([row["vi"] for row in rows])


def label(case: Any) -> str:  # noqa: ANN401 (a case of the oracle)
    return case if isinstance(case, str) else "/".join(case[part] for part in ("method", "test", "estimator", "asked"))


@pytest.mark.parametrize(("name", "case"), CASES, ids=label)
def test_as_metafor_fills(name: str, case: dict[str, Any]) -> None:
    choices = Choices(case["method"], INTERVAL[case["test"]], 0.95)
    side = None if case["asked"] == "estimated" else case["asked"]
    found = trim_and_fill(*effects(name), choices, case["estimator"], side)
    assert found.reason is None
    assert (found.side, found.side_estimated, found.k0) == (case["side"], side is None, case["k0"])
    pinned = (case["se_k0"], case["p_k0"])
    for ours, theirs in zip((found.k0_se, found.k0_p), pinned, strict=True):
        assert ours == (None if theirs == "none" else pytest.approx(theirs, rel=1e-12))
    assert sorted(found.filled_yi) == pytest.approx(sorted(case["filled_yi"]), rel=1e-9)
    assert sorted(one**2 for one in found.filled_sei) == pytest.approx(sorted(case["filled_vi"]), rel=1e-12)
    for part in ("estimate", "se", "ci_low", "ci_high"):
        assert getattr(found, part) == pytest.approx(case[part], rel=1e-8, abs=1e-12), part
    assert found.tau2 == pytest.approx(case["tau2"], rel=1e-8, abs=1e-14)


def test_the_shipped_review_lacks_two_on_the_right() -> None:
    found = trim_and_fill(*effects("le-scodan-2010"), REML)
    assert (found.side, found.k0, round(float(np.exp(found.estimate)), 3)) == (RIGHT, 2, 0.644)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_equal_effects_lack_nothing(estimator: str, side: str) -> None:
    found = trim_and_fill(np.full(7, 0.1), np.linspace(0.01, 0.4, 7), REML, estimator, side)
    assert (found.k0, found.filled_yi, found.tau2) == (0, (), 0)
    assert found.estimate == pytest.approx(0.1, rel=1e-15)


@pytest.mark.parametrize("k", [1, 2])
def test_few_studies_have_a_reason(k: int) -> None:
    found = trim_and_fill(np.arange(k) / 10, np.full(k, 0.1), REML)
    assert (found.k0, found.estimate, found.side) == (None, None, None)
    assert found.reason == f"{k} studies say nothing of symmetry"


def test_equal_standard_errors_have_no_side_of_their_own() -> None:
    yi, vi = np.array([0.1, 0.3, 0.9]), np.full(3, 0.1)
    assert "equal" in str(trim_and_fill(yi, vi, REML).reason)
    assert trim_and_fill(yi, vi, REML, side=LEFT).reason is None


def test_a_root_of_a_negative_number_has_a_reason() -> None:
    # All but the first on one side of a mean that the first alone decides.
    found = trim_and_fill(np.arange(8) / 10, np.array([1e-9, *np.full(7, 1.0)]), REML, "Q0", LEFT)
    assert "Q0 has no value" in str(found.reason)


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(ReanalysisError, match="no trim and fill"):
        trim_and_fill(*effects("bcg"), REML, "L1")
    with pytest.raises(ReanalysisError, match="no trim and fill"):
        trim_and_fill(*effects("bcg"), REML, side="above")


@given(
    st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=3, max_size=12, unique_by=lambda one: one[0]),
    st.sampled_from(["L0", "R0"]),
)
def test_the_mirror_image_lacks_the_mirror_images(rows: list[tuple[float, float]], estimator: str) -> None:
    yi, vi = np.array(rows).T
    right, left = (trim_and_fill(way * yi, vi, REML, estimator, side) for way, side in ((1, RIGHT), (-1, LEFT)))
    assert (right.reason, right.k0) == (left.reason, left.k0)
    if right.estimate is not None and left.estimate is not None:
        assert right.estimate == pytest.approx(-left.estimate, rel=1e-9, abs=1e-9)
        assert right.filled_yi == pytest.approx([-one for one in left.filled_yi], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("size", [1e-6, 1e6])
def test_units_do_not_matter(size: float) -> None:
    yi, vi = effects("hackshaw1998")
    plain, scaled = trim_and_fill(yi, vi, REML), trim_and_fill(size * yi, size**2 * vi, REML)
    assert plain.k0 == scaled.k0 == 7
    assert scaled.estimate == pytest.approx(size * plain.estimate, rel=1e-9)

"""Departures from the primary analysis: what each pools, and what is refused."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from made import SPLIT, made

from reanalysis import batch, intervals
from reanalysis.departures import Departures
from reanalysis.errors import ReanalysisError
from reanalysis.raw import RawReview
from reanalysis.routes import USABLE
from reanalysis.scenario import PRIMARY, Scenario, combined, declared
from reanalysis.specifications import AVERAGED, MOST_PRECISE, TREATMENTS

ORACLE = json.loads((ROOT / "tests/oracles/scenarios.json").read_text(encoding="utf-8"))["scenarios"]


@pytest.fixture(scope="module")
def departures(shipped: RawReview) -> Departures:
    return Departures(shipped, USABLE)


def pooled(yi: list[float], vi: list[float]) -> dict[str, float]:
    found = batch.fit(np.array(yi), np.array(vi))
    low, high = intervals.limits(found, "hksj", 0.95)
    return {
        "k": found.k[0], "estimate": found.estimate[0], "ci_low": low[0], "ci_high": high[0], "tau2": found.tau2[0],
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name in ORACLE if name != AVERAGED])
def test_scenarios_pool_what_metafor_does(departures: Departures, shipped: RawReview, name: str) -> None:
    scenarios = {one.name: one for one in (PRIMARY, *declared(shipped.review.scenarios))}
    rows = departures.rows(scenarios[name])
    found = pooled([one.yi for one in rows], [one.vi for one in rows])
    assert found == pytest.approx(ORACLE[name], rel=1e-9)


def test_a_cluster_is_averaged_as_metafor_pools_it(departures: Departures) -> None:
    rows = departures.rows(PRIMARY)
    effects, names = TREATMENTS[AVERAGED](rows, departures.clusters(rows))
    assert len(effects) == len(set(names)) == 10
    found = pooled([one.yi for one in effects], [one.vi for one in effects])
    assert found == pytest.approx(ORACLE[AVERAGED], rel=1e-9)


def test_the_most_precise_of_a_cluster_is_kept(departures: Departures) -> None:
    rows = departures.rows(PRIMARY)
    effects, _ = TREATMENTS[MOST_PRECISE](rows, departures.clusters(rows))
    kept = {one.row for one in effects}
    # Of the two registries Gnerlich's interval is the narrower one.
    assert [one.study for one in rows if one.row not in kept] == ["Khan"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"correct": ["gnerlich"]}, "gnerlich-hr"),
        ({"routes": ["intervals"]}, "'ci'"),
        ({"as_printed": ["Khan"]}, "there is none"),
        ({"contrast": {"Kahn et al.": "R1"}}, "'Khan'"),
        ({"keep": {"Treatment": ["S"]}}, "'Local treatment'"),
        ({"leave_out": {"study": ["Shein"]}}, "'Shien'"),
        ({"leave_out": {"route": ["p value"]}}, "'p'"),
        ({"leave_out": {"finding": ["errors"]}}, "'error'"),
    ],
)
def test_what_the_review_does_not_have_is_refused(departures: Departures, content: dict[str, Any], said: str) -> None:
    (one,) = declared({"odd": content})
    with pytest.raises(ReanalysisError) as error:
        departures.check(one)
    for word in ("odd", "review.yaml", "remedy", said):
        assert word in str(error.value)


def test_a_scenario_that_leaves_nothing_says_so(departures: Departures) -> None:
    with pytest.raises(ReanalysisError, match="no study is left"):
        departures.rows(Scenario("none", keep={"study": ["Cady"]}))


def test_another_outcome_is_pooled(departures: Departures) -> None:
    rows = departures.rows(Scenario("progression", outcome="TTFP"))
    assert [(one.study, round(math.exp(one.yi), 3)) for one in rows] == [("Babiera", 0.54), ("Hazard", 0.49)]
    # The outcome of the review under another of its names is the same outcome.
    assert departures.rows(Scenario("same", outcome="os")) == departures.rows(PRIMARY)


def test_a_printed_direction_can_be_kept(tmp_path: Path) -> None:
    review = SPLIT | {
        "measure": "HR",
        "outcome": "OS",
        "columns": {"study": "study", "result": "result"},
        "inverted": {"Ayer": {"printed": "control_vs_treated", "reason": "medians", "source": "text"}},
    }
    raw = made(
        tmp_path / "made", review, [["study", "result"], ["Ayer", "HR 0.5 (0.25-1.0)"], ["Bell", "HR 0.8 (0.4-1.6)"]]
    )
    found = Departures(raw, USABLE)
    turned, plain = found.rows(PRIMARY), found.rows(Scenario("printed", as_printed=("Ayer",)))
    assert turned[0].yi == pytest.approx(math.log(2))
    assert plain[0].yi == pytest.approx(-math.log(2))
    assert turned[1] == plain[1]


def test_rows_without_an_effect_need_a_size(shipped: RawReview) -> None:
    columns = {role: name for role, name in shipped.review.columns.items() if role != "counts"}
    raw = replace(shipped, review=replace(shipped.review, columns=columns, models=[]))
    rows = Departures(raw, USABLE).rows(Scenario("none", unusable="no_effect"))
    assert len(rows) == 11


def test_scenarios_are_combined_unless_they_disagree() -> None:
    one, other, third = declared(
        {
            "a": {"leave_out": {"study": ["x"]}, "correct": "all"},
            "b": {"leave_out": {"route": ["p"]}, "correct": ["q"]},
            "c": {"leave_out": {"study": ["y"]}},
        }
    )
    both = combined(one, other)
    assert both is not None
    assert (both.name, both.parts) == ("a + b", ("a", "b"))
    assert both.leave_out == {"study": ["x"], "route": ["p"]}
    assert both.correct == ("all", "q")
    assert combined(one, third) is None

"""Verdicts tried again: without rows in error, with corrections, where nothing can be tried, and what the page says."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SHIPPED
from made import SPLIT
from made import made as made_review

from reanalysis import schemas
from reanalysis.claim_sources import Asked
from reanalysis.claim_trials import WITHOUT_ERRORS, Trial, scenarios, trials
from reanalysis.claims import check_claims
from reanalysis.departures import Departures
from reanalysis.files import read_json, read_yaml
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.raw import RawReview
from reanalysis.raw import read as read_raw
from reanalysis.records import Provenance
from reanalysis.report.claims import claims as shown
from reanalysis.results import read_results
from reanalysis.routes import USABLE
from reanalysis.steps.claims import step
from reanalysis.tables import read

SETTINGS = read_yaml(ROOT / "config.yaml")
RESULTS = ROOT / "results/le-scodan-2010"
CHOICES, RESAMPLING = Choices("REML", "hksj", 0.95), Resampling(1000, 1)


def tried(raw: RawReview) -> list[Trial]:
    return trials(Departures(raw, USABLE), CHOICES, RESAMPLING)


@pytest.fixture(scope="module")
def again(shipped: RawReview) -> list[Trial]:
    return tried(shipped)


@pytest.fixture(scope="module")
def asked(shipped: RawReview) -> Asked:
    return Asked(shipped, read_results(SHIPPED, RESULTS), read(RESULTS / "provenance.csv", Provenance))


def checked(asked: Asked, again: list[Trial], when: str, numbers: tuple[dict[str, str], ...] = ()) -> dict[str, Any]:
    declared = {
        "id": "made",
        "section": "S",
        "claim": "Said.",
        "numbers": numbers,
        "verdicts": [
            {"verdict": "supported", "when": when, "because": "It is."},
            {"verdict": "not supported", "because": "It is not."},
        ],
    }
    content = check_claims(replace(asked, raw=replace(asked.raw, claims=[declared])), again)
    schemas.check(content, "claims.schema.yaml", "claims.json")
    return content


def test_the_shipped_claim_that_turns_on_one_row(asked: Asked, again: list[Trial]) -> None:
    content = check_claims(asked, again)
    schemas.check(content, "claims.schema.yaml", "claims.json")
    assert [(one["name"], one["without"]) for one in content["trials"]] == [
        ("without impossible rows", ["Shien", "Fields"]),
        ("corrected", []),
    ]
    flips = {one["id"]: [part["trial"] for part in one["tried"] if part["flips"]] for one in content["claims"]}
    assert {name: where for name, where in flips.items() if where} == {
        "constant-reduction": ["without impossible rows"]
    }
    (turned,) = [one for one in content["claims"] if one["id"] == "constant-reduction"]
    assert turned["verdict"] == "not supported"
    assert (turned["tried"][0]["verdict"], "29.0%" in turned["tried"][0]["because"]) == ("supported", True)
    page = shown(content, asked.raw)
    (row,) = [one for one in page["rows"] if one["id"] == "constant-reduction"]
    (line,) = row["again"]
    assert line.startswith("supported under “without impossible rows”")
    assert "(Shien and Fields), 1 verdict is another one" in page["tried"][0]
    assert "no verdict is another one" in page["tried"][1]


def test_a_trial_is_the_scenario_of_the_same_name(again: list[Trial]) -> None:
    pooled = {one["name"]: one["pooled"] for one in read_json(RESULTS / "multiverse.json")["scenarios"]}
    for one in again:
        assert one.asked is not None
        primary = one.asked.results.pooled["primary"]
        for name in ("k", "estimate", "ci_low", "ci_high", "tau2", "i2", "prediction_low"):
            assert primary[name] == pytest.approx(pooled[one.name][name], rel=1e-8), (one.name, name)


@pytest.mark.parametrize(
    ("when", "flips"),
    [
        ("pooled.i2 > 40", [True, False]),
        ("pooled.k == 11", [True, False]),
        ("pooled.tau2 > 0.01", [True, False]),
        ("pooled.ratio_ci_high > 0.70", [True, False]),
        ("pooled.ratio_prediction_high < 0.85", [True, False]),
        # The rest are of the scenario's own table and models.
        ("count(effects.ratio) == 11", [True, False]),
        ("count(studies.n) == 13", [True, False]),
        ("count(studies.n_treated + studies.n_control != studies.n) == 2", [True, True]),
        ("count(studies.reference) == 13", [False, False]),
        ('effect("Gnerlich").estimate == 0.57', [False, True]),
        ("statement('khan-n').value > 1", [False, False]),
    ],
)
def test_where_a_made_claim_flips(asked: Asked, again: list[Trial], when: str, flips: list[bool]) -> None:
    (claim,) = checked(asked, again, when)["claims"]
    assert [one["reason"] for one in claim["tried"]] == ["", ""]
    assert [one["flips"] for one in claim["tried"]] == flips


def test_a_slope_of_the_trial_itself(shipped: RawReview, asked: Asked) -> None:
    """Without Shien and Fields by metafor: rma(yi, sei = sei, mods = ~ start, test = "knha")."""
    claim = {
        "id": "a",
        "section": "S",
        "claim": "C.",
        "numbers": [{"name": "slope", "means": "slope", "value": "regression('start').estimate"}],
        "verdicts": [{"verdict": "partly", "because": "{slope}"}],
    }
    raw = replace(shipped, claims=[claim])
    again = tried(raw)
    (found,) = check_claims(replace(asked, raw=raw), again)["claims"]
    assert [one["moves"] for one in found["tried"]] == [True, True]
    assert found["tried"][0]["because"] == "\N{MINUS SIGN}0.00295"
    assert again[0].asked is not None
    slope = again[0].asked.results.regression["models"][0]["coefficients"][1]
    assert (slope["estimate"], slope["p"]) == pytest.approx((-0.00295381, 0.59193620), rel=1e-4)


def test_what_cannot_be_tried_says_why(asked: Asked, again: list[Trial]) -> None:
    content = checked(asked, again, "study('Shien').n > 0")
    (claim,) = content["claims"]
    assert (claim["tried"][0]["verdict"], claim["tried"][0]["flips"]) == (None, False)
    assert claim["tried"][0]["reason"] == "it asks for Shien, which is left out"
    (row,) = shown(content, asked.raw)["rows"]
    assert row["again"] == ["not tried under “without impossible rows”: it asks for Shien, which is left out"]
    assert "1 could not be tried" in shown(content, asked.raw)["tried"][0]
    failed = [replace(again[0], asked=None, reason="no study is left")]
    assert (
        "no verdict could be tried: no study is left" in shown(checked(asked, failed, "1 < 2"), asked.raw)["tried"][0]
    )


def test_which_scenarios_are_tried(shipped: RawReview) -> None:
    def names(declared: dict[str, Any]) -> list[str]:
        return [one.name for one in scenarios(replace(shipped, review=replace(shipped.review, scenarios=declared)))]

    assert names({}) == [WITHOUT_ERRORS.name]
    assert names({"out": {"leave_out": {"finding": ["error"]}}, "less": {"leave_out": {"finding": ["warning"]}}}) == [
        "out"
    ]
    assert names(
        {"all": {"correct": "all"}, "mixed": {"correct": "all", "routes": ["ci"]}, "ttfp": {"outcome": "TTFP"}}
    ) == [
        WITHOUT_ERRORS.name,
        "all",
    ]


def test_a_table_that_is_right_has_nothing_to_try(tmp_path: Path) -> None:
    rows = [["Trial", "Year", "N", "OR", "CI", "P", "End"], ["A <b>", "2001", "200", "0.80", "0.50-1.28", "", "death"]]
    raw = made_review(tmp_path / "one", SPLIT, rows)
    assert tried(raw) == []
    claims = [{"id": "a", "section": "S", "claim": "C.", "verdicts": [{"verdict": "partly", "because": "B."}]}]
    assert tried(replace(raw, claims=claims)) == []
    assert (
        "No row of the table is in error" in shown({"trials": [], "claims": [{**BARE, "tried": []}]}, raw)["tried"][0]
    )
    assert shown({"trials": [], "claims": []}, raw)["tried"] == []


BARE = {
    "id": "a", "section": "S", "claim": "C.", "verdict": "partly", "because": "B.", "decided_by": "", "numbers": [],
    "cells": [], "statements": [],
}  # fmt: skip


def test_a_review_without_claims_has_none(review_folder: Path) -> None:
    (review_folder / "claims.yaml").unlink()
    path = review_folder / "claims.json"
    (text,) = step(Namespace(raw=review_folder, results=RESULTS, claims=path, **SETTINGS)).values()
    assert json.loads(text) == {"schema_version": 1, "trials": [], "claims": []}
    assert shown(json.loads(text), read_raw(review_folder))["rows"] == []


def test_the_committed_file_is_what_the_step_makes() -> None:
    (made,) = step(Namespace(raw=SHIPPED, results=RESULTS, claims=RESULTS / "claims.json", **SETTINGS)).items()
    assert made[1] == made[0].read_text(encoding="utf-8")

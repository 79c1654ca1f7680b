"""The explorer's section: its texts, what its script reads, and scripts that the page's policy lets run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from conftest import ROOT, SHIPPED

from reanalysis.files import read_result
from reanalysis.report import scripts
from reanalysis.report.explorer import explorer, names_in_address, said_of_reach
from reanalysis.results import Results, read_results

FOLDER = ROOT / "results/le-scodan-2010"
HOSTILE = "</script><b>\"'&;,=#% Žižek 你好"


@cache
def results() -> Results:
    return read_results(SHIPPED, FOLDER)


@cache
def found() -> dict[str, Any]:
    kept: dict[str, Any] = read_result(FOLDER / "leave_out.json", "leave_out.schema.yaml")
    return kept


def test_the_table_says_the_ends_without_any_script() -> None:
    rows = explorer(results(), found())["rows"]
    assert [(one["left_out"], one["sets"]) for one in rows] == [("none", "1"), ("1", "11"), ("2", "55"), ("3", "165")]
    # R, metafor 3.8-1, REML without Shien: 0.595.
    assert rows[1]["lowest"] == {"estimate": "0.595", "without": "Shien"}
    assert rows[3]["excludes"] == "165 of 165"


def test_the_script_reads_every_study_with_its_place() -> None:
    data = json.loads(explorer(results(), found())["data"])
    assert [one["key"] for one in data["studies"]] == [one.study for one in results().included]
    assert data["studies"][1]["text"] == "0.57 (0.55 to 0.60)"
    axis = data["axis"]
    assert all(axis["low"] <= one["at"][1] <= axis["high"] for one in data["studies"])
    assert axis["low"] <= axis["null"] <= axis["high"]
    assert {"at": 0.0, "text": "1"} in axis["ticks"]


def test_names_in_the_address_are_unique() -> None:
    first, second, *others = results().included
    alike = [replace(first, study=HOSTILE), replace(second, study=HOSTILE, contrast=""), *others]
    twice = replace(results(), effects=[*alike, replace(others[0], study=HOSTILE, contrast="R0")])
    names = names_in_address(twice)
    assert len(set(names)) == len(names) == 12
    text = explorer(twice, found())["data"]
    assert "<" not in text
    assert [one["key"] for one in json.loads(text)["studies"]] == names


def test_it_is_said_which_questions_are_answered() -> None:
    assert said_of_reach(found()).startswith("Any of the studies")
    few = [one | {"most_left_out": 5 if one["name"] == "REML" else 1} for one in found()["estimators"]]
    said = said_of_reach(found() | {"estimators": few})
    assert "Under REML, up to 5 studies can be left out; under the other estimators, up to 1 study; other sets" in said
    none = [one | {"most_left_out": 10 if one["name"] == "REML" else 0} for one in found()["estimators"]]
    assert "any of the studies can be left out; under the other estimators, none;" in said_of_reach(
        found() | {"estimators": none}
    )
    alike = [one | {"most_left_out": 1} for one in found()["estimators"]]
    assert said_of_reach(found() | {"estimators": alike}).startswith(
        "Under every estimator and interval, up to 1 study"
    )


def test_of_one_study_nothing_can_be_left_out() -> None:
    alone = replace(results(), effects=[next(one for one in results().effects if one.included)])
    assert not explorer(alone, found())["possible"]


def test_the_policy_lets_the_scripts_of_the_page_run_and_no_others() -> None:
    page = (FOLDER / "report.html").read_text(encoding="utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    allowed = re.search(r"script-src ([^;]*);", policy)
    assert allowed is not None
    runs = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert "'unsafe-inline'" not in allowed[1]
    assert allowed[1].split() == [
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in runs
    ]
    assert len(runs) == len(scripts.NAMES)


@pytest.mark.parametrize("word", ["eval(", "innerHTML", "document.write", "fetch(", "import(", "new Function"])
def test_the_script_makes_no_code_and_no_markup_of_words(word: str) -> None:
    text = (ROOT / "workflow/reanalysis/report/explorer.js").read_text(encoding="utf-8")
    assert word not in text
    assert '"use strict"' in text
    assert len(text.splitlines()) <= 300

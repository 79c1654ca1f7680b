"""Who was studied, and what rows are called in links: from the printed cells, the same each time, each only once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
from conftest import ROOT, SHIPPED
from pages import Node, tree

from reanalysis.report.certification import agreement
from reanalysis.report.characteristics import characteristics, finding_anchors
from reanalysis.report.dependence import dependence
from reanalysis.report.material import Material, read_material
from reanalysis.report.page import render
from reanalysis.report.permalinks import anchors
from reanalysis.traced import plain

SETTINGS = {"tau2_method": "REML", "interval": "hksj", "level": 0.95, "routes": ["se", "ci", "p"]}
REVIEWS = ("le-scodan-2010", "randomised-trials")


@cache
def material(name: str = SHIPPED.name) -> Material:
    return read_material(ROOT / "data/raw" / name, ROOT / "results" / name, SETTINGS)


def cells(material: Material) -> list[dict[str, str]]:
    found = characteristics(material)
    return [
        {name: plain(cell.text) for name, cell in zip(found["columns"], row["cells"], strict=True)}
        for row in found["rows"]
    ]


def test_each_printed_row_says_who_where_and_when() -> None:
    found = characteristics(material())
    assert dict(found["shared"]) == {"design": "retrospective", "adjustment": "adjusted"}
    rows = cells(material())
    assert len(rows) == 13
    # 9162 of 16023 patients, "16023/9162/6861" as printed.
    assert rows[0] == {
        "Data source": "National cancer database of the American college of surgeons (registry)",
        "Inclusion": "1990–1993", "Patients": "16,023", "Treated": "9,162 (57%)", "Exposure": "Surgery",
        "Outcome": "death from any cause", "SE from": "CI", "Findings": "",
    }  # fmt: skip
    assert rows[-1]["Exposure"] == "Mainly radiotherapy, 22% with surgery"
    assert [plain(row["study"]) for row in found["rows"] if not row["included"]] == ["Cady 2008", "Leung"]
    assert {row["SE from"] for row in rows} == {"CI", "p", "not pooled"}


def test_findings_are_those_of_the_row() -> None:
    found, columns = characteristics(material()), characteristics(material())["columns"]
    told = [row["cells"][columns.index("Findings")].findings for row in found["rows"]]
    every = [number for numbers in told for number in numbers]
    assert sorted(every) == [place for place, one in enumerate(material().findings, start=1) if one.row]
    for row, numbers in enumerate(told, start=1):
        assert {material().findings[number - 1].row for number in numbers} <= {row}


def test_a_review_that_declares_nothing_shows_what_print_has() -> None:
    one = material()
    bare = replace(one.results.review, subgroups={})
    columns = {role: heading for role, heading in one.raw.review.columns.items() if role != "database"}
    raw = replace(one.raw, judgements=[], review=replace(one.raw.review, subgroups={}, columns=columns))
    found = characteristics(replace(one, raw=raw, results=replace(one.results, review=bare)))
    assert found["columns"] == ["Inclusion", "Patients", "Treated", "Outcome", "SE from", "Findings"]


def test_an_unadjusted_ratio_is_not_called_adjusted() -> None:
    one = material()
    first = replace(one.results.estimates[0], text="unadjusted HR OS = 0.61")
    results = replace(one.results, estimates=[first, *one.results.estimates[1:]])
    rows = cells(replace(one, results=results))
    assert [row["Adjustment"] for row in rows] == ["not adjusted"] + ["adjusted"] * 12


def test_no_patient_is_divided_by() -> None:
    one = material()
    studies = [replace(one.results.studies[0], n=0, n_treated=0), *one.results.studies[1:]]
    assert cells(replace(one, results=replace(one.results, studies=studies)))[0]["Treated"] == "0"


# Links of rows.


def test_ids_are_unique_and_follow_the_name() -> None:
    names = ["Khan 2002", "khan  2002", "<b>&\"'", "", "山田太郎 2012", "a_b"]
    assert anchors("study", names) == [
        "study-khan-2002", "study-khan-2002-2", "study-b", "study-unnamed", "study-山田太郎-2012", "study-a-b",
    ]  # fmt: skip
    assert anchors("study", ["x 2", "x", "x"]) == ["study-x-2", "study-x", "study-x-3"]
    # A row put before the others moves no link.
    assert anchors("study", ["Ayer", *names])[1:] == anchors("study", names)


def test_a_link_to_a_finding_outlives_a_new_one() -> None:
    one = material()
    first = replace(one.findings[0], check="another")
    assert finding_anchors(replace(one, findings=[first, *one.findings]))[1:] == finding_anchors(one)


def row_of(link: Node) -> Node:
    return next(one for one in link.within if one.name == "tr")


@pytest.mark.parametrize("review", REVIEWS)
def test_each_row_of_the_main_tables_has_a_link_to_itself(review: str) -> None:
    page = tree((ROOT / "results" / review / "report.html").read_text(encoding="utf-8"))
    ids = Counter(one.attributes["id"] for one in page.every() if "id" in one.attributes)
    assert [name for name, times in ids.items() if times > 1] == []
    links = [one for one in page.every() if "permalink" in one.attributes.get("class", "").split()]
    for link in links:
        assert link.attributes["href"] == f"#{row_of(link).attributes['id']}"
        assert link.attributes["aria-label"].startswith("Link to ")
    kinds = Counter(row_of(link).attributes["id"].split("-")[0] for link in links)
    results = material(review).results
    assert kinds["study"] == len(results.studies)
    assert kinds["effect"] == len(results.effects)
    assert kinds["finding"] == len(material(review).findings)
    assert kinds["model"] == len(results.pooled["models"])
    assert kinds["claim"] == len(material(review).claims["claims"])
    slopes = sum(len(one["coefficients"]) - 1 for one in results.regression["models"])
    assert kinds["slope"] == slopes
    assert kinds["scenario"] in (len(results.multiverse["scenarios"]), 0)


def test_hostile_names_stay_words() -> None:
    one = material()
    name = '"><script>alert(1)</script>'
    results = replace(one.results, studies=[replace(one.results.studies[0], study=name), *one.results.studies[1:]])
    page = render(replace(one, results=results))
    assert "<script>alert" not in page
    assert 'id="study-script-alert-1-script"' in page


# The answers of the sections that say how far numbers can be trusted.


def test_how_far_correlations_move_the_pool() -> None:
    one = material()
    answers = [part["answer"] for part in dependence(one.dependence, [], None)["parts"]]
    assert plain(answers[1]) == (
        "Under correlations from 0.0 to 0.9 the pooled hazard ratio is 0.633 to three decimals; every interval "
        "excludes no difference."
    )
    wide = dict(one.dependence, overlap=dict(one.dependence["overlap"]))
    sweep = [dict(row) for row in one.dependence["overlap"]["sweep"]]
    sweep[-1] |= {"estimate": 0.1, "ratio": 1.105, "ci_high": 0.2}
    wide["overlap"]["sweep"] = sweep
    said = plain(dependence(wide, [], None)["parts"][1]["answer"])
    assert "lies between 0.633 and 1.105; some intervals exclude no difference, others include it" in said


def test_numbers_computed_twice_are_counted_by_kind() -> None:
    one = material().certification
    rows = {row["name"]: row for row in agreement(one)}
    assert sum(row["count"] for name, row in rows.items() if "made up" not in name) == one["count"]
    assert min(row["digits"] for name, row in rows.items() if "made up" not in name) == one["digits"]
    assert rows["Models of data made up to break an engine"]["count"] == one["stress_count"]
    without = sum(" without " in other["part"] for other in one["comparisons"])
    assert rows["Models without one study"]["count"] == without > 0

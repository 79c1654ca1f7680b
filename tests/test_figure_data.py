"""The numbers of figures: every figure that shows something has them, the same as in the results they are from."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from functools import cache
from typing import Any

import pytest
from conftest import ROOT
from drawn import LONG, some_results
from pages import tree

from reanalysis.figures import NAMES
from reanalysis.mixed_effects import Choices
from reanalysis.views import FIGURES
from reanalysis.views.data import MOST_SHOWN, Column, Data, csv_text, filled, shown_table

REVIEWS = ("le-scodan-2010", "randomised-trials")
FOLDER = ROOT / "results/le-scodan-2010"
# Those that need no more than what is made up here.
MADE = ("funnel", "bubble", "bubble_size", "periods", "leave_one_out", "baujat", "galbraith", "gosh", "cumulative")


@cache
def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((FOLDER / "figures" / f"{name}.csv").read_text(encoding="utf-8"))))


@cache
def result(name: str) -> Any:  # noqa: ANN401 (what JSON holds)
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((FOLDER / name).read_text(encoding="utf-8"))))


def numbers(column: str, *of: dict[str, str]) -> list[float]:
    return [float(one[column]) for one in of if one[column]]


@pytest.mark.parametrize("review", REVIEWS)
def test_each_figure_that_shows_something_has_its_numbers(review: str) -> None:
    folder = ROOT / "results" / review
    words = json.loads((folder / "figures/words.json").read_text(encoding="utf-8"))["figures"]
    page = tree((folder / "report.html").read_text(encoding="utf-8"))
    figures = {one.attributes["id"]: one for one in page.every() if one.name == "figure"}
    assert set(words) == set(NAMES)
    for name, one in words.items():
        lines = (folder / "figures" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        if one["data"] is None:
            assert one["reason"] or one["caption"] == one["description"], name
            assert lines[0] == "nothing is shown"
            continue
        assert len(lines) > 1
        if name == "scenarios" and len(lines) == 2:
            continue  # the page says that none is declared
        if name == "bias" and review == "randomised-trials":
            assert f"figure-{name}" not in figures  # no confounding is asked about where treatment was allotted
            continue
        # The page shows what the words say, cell by cell.
        figure = figures[f"figure-{name}"]
        (folded,) = [node for node in figure.every() if node.name == "details"]
        cells = ["".join(node.texts) for node in folded.every() if node.name in ("th", "td")]
        assert cells == [*one["data"]["columns"], *(cell for row in one["data"]["rows"] for cell in row)]
        links = [node.attributes.get("href") for node in figure.every() if node.name == "a"]
        assert f"figures/{name}.csv" in links
        assert f"#figure-{name}" in links


def test_the_forest_is_that_of_the_effects() -> None:
    included = [one for one in table("effects.csv") if one["included"] == "true"]
    drawn = rows("forest")
    assert numbers("HR", *drawn[: len(included)]) == pytest.approx([math.exp(float(one["yi"])) for one in included])
    for one, effect in zip(drawn, included, strict=False):
        assert float(one["95% CI, from"]) == pytest.approx(
            math.exp(float(effect["yi"]) - 1.959963984540054 * float(effect["sei"]))
        )
        assert float(one["Outer limit, from"]) <= float(one["95% CI, from"]) * (1 + 1e-12)
    assert math.fsum(numbers("Weight, %", *drawn)) == pytest.approx(100)
    primary = result("pooled")["primary"]
    assert drawn[-1]["Study"] == "Pooled"
    assert float(drawn[-1]["HR"]) == pytest.approx(primary["ratio"])
    assert float(drawn[-1]["95% prediction, to"]) == pytest.approx(primary["ratio_prediction_high"])
    pooled = ["Surgery, pooled", "Mainly radiotherapy, 22% with surgery (one study)", "Pooled"]
    assert [one["Study"] for one in drawn[len(included) :]] == pooled


def test_results_without_each_study_are_those_of_the_file() -> None:
    found = {one["study"]: one for one in result("influence")["pooled"]["studies"]}
    *drawn, whole = rows("leave_one_out")
    assert len(drawn) == len(found)
    for one in drawn:
        (study,) = [other for name, other in found.items() if one["Study left out"].startswith(name)]
        assert float(one["HR (95% CI): estimate"]) == pytest.approx(study["ratio"])
        assert float(one["95% prediction interval: to"]) == pytest.approx(study["ratio_prediction_high"])
        assert float(one["I² (%)"]) == pytest.approx(study["i2"])
        assert (one["Marked as influential"] == "yes") is study["influential"]
    assert float(whole["HR (95% CI): from"]) == pytest.approx(result("pooled")["primary"]["ratio_ci_low"])
    slope = result("regression")["models"][0]["coefficients"][1]
    assert float(whole["Ratio per decade, first year: estimate"]) == pytest.approx(slope["step_effect"])


def test_steps_subsets_and_specifications_are_all_there() -> None:
    steps = [step for one in result("influence")["cumulative"] for step in one["steps"]]
    assert numbers("HR", *rows("cumulative")) == pytest.approx([one["ratio"] for one in steps])
    subsets = result("subsets")
    kinds = [name for name in rows("gosh")[0] if name.startswith("Subsets ")]
    counted = sum(sum(numbers(kind, *rows("gosh"))) for kind in kinds)
    assert counted == subsets["overall"]["subsets"]
    # On the page a row for each number of studies.
    words = json.loads((FOLDER / "figures/words.json").read_text(encoding="utf-8"))["figures"]
    assert [row[0] for row in words["gosh"]["data"]["rows"]] == [f"{one['k']}" for one in subsets["by_size"]]
    every = table("specifications.csv")
    for one in rows("specifications"):
        if one["Kind of choice"] == "Interval":
            short = {"Wald": "wald", "Knapp–Hartung": "hksj", "guarded Knapp–Hartung": "hksj_guarded"}[one["Choice"]]
            own = [float(other["estimate"]) for other in every if other["interval"] == short]
            assert int(one["Specifications"]) == len(own)
            assert float(one["Lowest HR"]) == pytest.approx(math.exp(min(own)))


def test_bubbles_and_bias_are_those_of_the_models() -> None:
    models = {one["name"]: one for one in result("regression")["models"]}
    weights = [point["weight"] for name in ("start", "mid", "end") for point in models[name]["points"]]
    assert numbers("Weight, %", *rows("bubble")) == pytest.approx(weights)
    patients = {one["study"]: float(one["n"]) for one in table("studies.csv")}
    for one in rows("bubble_size"):
        (name,) = [study for study in patients if one["Study"].startswith(study)]
        assert float(one["Patients"]) == patients[name]
    curve = result("confounding")["strong_effects"]["readings"][0]["curve"]
    assert numbers("Bias factor in every study", *rows("bias")) == pytest.approx([one["bias_factor"] for one in curve])
    shares = numbers("By a normal model: share", *rows("bias"))
    assert shares == pytest.approx([100 * one["parametric"]["estimate"] for one in curve])


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize(
    "case",
    [
        {"k": 1},
        {"k": 2},
        {"k": 3},
        {"k": 200, "clusters": 5},
        {"k": 8, "years": False, "moderators": ()},
        {"k": 9, "measure": "MD"},
        {"k": 9, "choices": Choices("FE", "wald", 0.9)},
    ],
    ids=lambda case: ", ".join(f"{name} {value}" for name, value in case.items()),
)
def test_any_review_has_a_table_of_equal_rows(case: dict[str, Any], name: str) -> None:
    shown = FIGURES[name](some_results(**case))
    assert (shown.data is None) == bool(shown.reason)
    written = list(csv.reader(io.StringIO(csv_text(shown.data, shown.reason))))
    assert len({len(row) for row in written}) == 1
    if shown.data is None:
        assert written == [["nothing is shown"], [shown.reason]]
        return
    page = shown_table(shown.data)
    assert page is not None or len(shown.data.rows) > MOST_SHOWN
    if case["k"] > 1 and name in ("funnel", "periods", "galbraith"):
        assert any(LONG in cell for row in written for cell in row)
    if case.get("measure") == "MD" and name == "funnel":
        assert min(float(row[1]) for row in written[1:]) < 0  # no ratio was made of a difference


def test_words_that_a_spreadsheet_would_run_are_made_harmless() -> None:
    data = filled("", [Column("=A1"), Column("x", str), Column("empty")], [["=1+1", -2.5, None], ["@SUM", None, ""]])
    assert csv_text(data, "") == "'=A1,x\n'=1+1,-2.5\n'@SUM,\n"
    assert csv_text(None, "=why") == "nothing is shown\n'=why\n"


def test_a_long_table_is_only_a_file_unless_it_has_a_summary() -> None:
    long = Data("", [Column("x", str)], [[place] for place in range(MOST_SHOWN + 1)])
    assert shown_table(long) is None
    short = Data("all", [Column("n", str)], [[MOST_SHOWN + 1]])
    shown = shown_table(Data("", long.columns, long.rows, summary=short))
    assert shown == {"caption": "all", "columns": ["n"], "numeric": [True], "rows": [[str(MOST_SHOWN + 1)]]}


def test_no_row_of_a_table_holds_a_number_that_is_none() -> None:
    for name in NAMES:
        text = (FOLDER / "figures" / f"{name}.csv").read_text(encoding="utf-8")
        assert not re.search(r"(^|,)-?(nan|inf|None)(,|$)", text, re.MULTILINE), name

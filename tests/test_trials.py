"""The shipped review of randomised trials: what its table prints, what becomes of it, which traps it holds."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from reanalysis import effects as effects_module
from reanalysis import raw
from reanalysis.departures import Departures
from reanalysis.errors import ReanalysisError
from reanalysis.files import read_json
from reanalysis.mixed_effects import Choices
from reanalysis.pooling import pool
from reanalysis.records import Effect, Estimate, Finding, Route, Study
from reanalysis.results import read_results
from reanalysis.routes import USABLE
from reanalysis.scenario import Scenario, combined, declared
from reanalysis.tables import read

FOLDER, RAW = ROOT / "results/randomised-trials", ROOT / "data/raw/randomised-trials"
ORACLE = json.loads((ROOT / "tests/oracles/trials.json").read_text(encoding="utf-8"))["pools"]


@pytest.fixture(scope="module")
def effects() -> list[Effect]:
    return read(FOLDER / "effects.csv", Effect)


def pooled(effects: list[Effect], method: str = "REML", interval: str = "wald") -> dict[str, Any]:
    yi, sei = (np.array([getattr(one, name) for one in effects], float) for name in ("yi", "sei"))
    return pool(yi, sei**2, "HR", Choices(method, interval, 0.95))


def agrees(mine: dict[str, Any], expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        assert mine[name] == pytest.approx(value, rel=1e-8), name


def test_what_is_pooled(effects: list[Effect]) -> None:
    assert [one.study for one in effects if one.included] == ["Tata", "MF07-01 2018", "E2108", "POSYTIVE", "JCOG1017"]
    (left,) = [one for one in effects if not one.included]
    assert left.study == "MF07-01 2021"
    assert left.reason.startswith("left out of the analysis: the women of MF07-01 2018")


def test_the_pools_are_those_of_metafor(effects: list[Effect]) -> None:
    five = [one for one in effects if one.included]
    agrees(pooled(five[:4]), ORACLE["four"])
    agrees(pooled(five), ORACLE["five"])
    agrees(pooled(five, interval="hksj"), ORACLE["five_knha"])
    agrees(read_json(FOLDER / "pooled.json")["primary"], ORACLE["five_knha"])
    turned = [replace(one, yi=-(one.yi or 0.0)) if one.study == "POSYTIVE" else one for one in five[:4]]
    agrees(pooled(turned), ORACLE["four_turned"])


def test_the_first_two_trials_pool_to_what_cochrane_prints(effects: list[Effect]) -> None:
    """CD011276 (2018): HR 0.83 (0.53 to 1.31), DerSimonian and Laird."""
    model = pooled(effects[:2], "DL")
    agrees(model, ORACLE["cochrane"])
    found = [model[name] for name in ("ratio", "ratio_ci_low", "ratio_ci_high")]
    assert [round(value, 3) for value in found] == [0.834, 0.534, 1.302]
    # They print 1.31: their input has other digits than the two abstracts.
    assert [round(value, 2) for value in found[:2]] == [0.83, 0.53]


def test_the_level_is_that_of_the_cell() -> None:
    levels = {one.study: (one.level, one.p_sides) for one in read(FOLDER / "estimates.csv", Estimate)}
    assert levels["E2108"] == (0.9, 2)
    assert levels["JCOG1017"] == (0.9, 1)
    assert levels["Tata"] == (0.95, 2)


def test_the_reversed_trial_is_turned_and_its_interval_with_it(effects: list[Effect]) -> None:
    (one,) = [effect for effect in effects if effect.study == "POSYTIVE"]
    assert math.exp(one.yi or 0.0) == pytest.approx(1.447, abs=5e-4)
    low, high = (math.exp((one.yi or 0.0) + side * 1.959963985 * (one.sei or 0.0)) for side in (-1, 1))
    assert (round(low, 3), round(high, 3)) == (0.75, 2.793)


def test_the_later_paper_breaks_the_bound_and_nothing_else_is_an_error() -> None:
    findings = read(FOLDER / "findings.csv", Finding)
    (error,) = [one for one in findings if one.severity == "error"]
    assert (error.check, error.study) == ("information_bound", "MF07-01 2021")
    assert "at least 402 events" in error.detail
    assert {one.severity for one in findings} == {"error", "note"}
    # A row that is left out is pooled as nothing: it overlaps with no other.
    assert "overlap" not in {one.check for one in findings}


def test_a_p_value_is_held_against_the_interval_in_as_many_digits_as_it_has() -> None:
    findings = {one.study: one.detail for one in read(FOLDER / "findings.csv", Finding) if one.check == "coherent"}
    assert "p from 0.270 to 0.271, printed = 0.267" in findings["POSYTIVE"]
    assert "p from 0.73 to 0.78, printed = 0.79" in findings["Tata"]


def test_the_one_sided_p_says_the_same_as_the_interval() -> None:
    routes = {(one.study, one.route): one for one in read(FOLDER / "routes.csv", Route)}
    by_p, by_interval = routes["JCOG1017", "p"], routes["JCOG1017", "ci"]
    assert by_p.sei_low is not None
    assert by_p.sei_high is not None
    assert by_p.sei_low < by_interval.sei < by_p.sei_high  # type: ignore[operator]  # an interval gives one


def test_the_page_is_of_this_review() -> None:
    page = (FOLDER / "report.html").read_text(encoding="utf-8")
    answer = re.sub(r"<[^>]*>", "", page.partition('<p class="answer">')[2].partition("</p>")[0])
    assert answer.startswith(
        "Over 5 studies, the pooled hazard ratio for overall survival is 0.93 (95% CI 0.67 to 1.29)"
    )
    assert "errors" not in answer
    for words in ("All studies are declared to be randomised.", "MF07-01 2021 was left out: the women of", "elsewhere"):
        assert words in page
    for words in ("retrospective", "13 studies", "association", "Hollow", "inclusion period"):
        assert words not in page.partition('<script type="application/json"')[0], words


def test_what_is_left_out_must_be_there() -> None:
    results = read_results(RAW, FOLDER)
    review = replace(raw.read(RAW).review, left_out={"Tata 2015": "x"})
    studies, estimates = read(FOLDER / "studies.csv", Study), read(FOLDER / "estimates.csv", Estimate)
    with pytest.raises(ReanalysisError, match="left out") as error:
        effects_module.effects(studies, estimates, read(FOLDER / "routes.csv", Route), review, "review.yaml")
    assert (error.value.file, error.value.study) == ("review.yaml", "Tata 2015")
    assert "Tata" in error.value.remedy
    assert len(results.included) == 5


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        # Recomputed by a reader from print, REML with Knapp and Hartung's interval.
        (["MF07-01 after ten years"], (0.928, 0.689, 1.249)),
        (["POSYTIVE as printed"], (0.875, 0.661, 1.157)),
        (["MF07-01 after ten years", "POSYTIVE as printed"], (0.873, 0.677, 1.125)),
    ],
)
def test_the_choices_behind_the_pool_are_scenarios(names: list[str], expected: tuple[float, ...]) -> None:
    review = raw.read(RAW)
    asked = {one.name: one for one in declared(review.review.scenarios)}
    scenario = reduce(lambda one, other: combined(one, other) or one, [asked[name] for name in names])
    rows = Departures(review, USABLE).rows(scenario)
    assert len(rows) == 5
    model = pool(
        np.array([one.yi for one in rows]), np.array([one.vi for one in rows]), "HR", Choices("REML", "hksj", 0.95)
    )
    found = [round(float(model[name]), 3) for name in ("ratio", "ratio_ci_low", "ratio_ci_high")]
    assert found == pytest.approx(expected, abs=1e-9)


def test_only_rows_left_out_can_be_taken_in() -> None:
    departures = Departures(raw.read(RAW), USABLE)
    with pytest.raises(ReanalysisError, match="'Tata' under take_in") as error:
        departures.check(Scenario("x", take_in=("Tata",)))
    assert "MF07-01 2021" in error.value.remedy
    assert len(departures.rows(Scenario("x", take_in=("MF07-01 2021",)))) == 6


def test_the_first_page_says_what_the_trials_were_put_together_from() -> None:
    page = re.sub(r"<[^>]*>", "", (ROOT / "results/le-scodan-2010/report.html").read_text(encoding="utf-8"))
    text = " ".join(page.split())
    assert "over 5 studies, put together from their abstracts, without a search, it is" in text
    assert "The companion inverts the printed ratio of POSYTIVE and leaves out MF07-01 2021" in text
    own = " ".join(re.sub(r"<[^>]*>", "", (FOLDER / "report.html").read_text(encoding="utf-8")).split())
    assert "The rows were put together from their abstracts, without a search." in own
    assert "the rows are those of one table" not in own

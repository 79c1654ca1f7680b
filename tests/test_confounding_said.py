"""What the page says of confounding where there is nothing to explain away."""

from __future__ import annotations

import math

import pytest
from conftest import ROOT
from test_take_away import material

from reanalysis.files import read_json
from reanalysis.report.confounding import confounding as shown
from reanalysis.report.page import render

TRIALS = ROOT / "results/randomised-trials"
COHORTS = ROOT / "results/le-scodan-2010"
ALONE: dict[str, None] = {"companion": None, "comparison": None}


def test_chance_leaves_nothing_to_explain_away() -> None:
    found = read_json(TRIALS / "confounding.json")
    page = shown(found, ALONE, ["randomised"] * 5)
    assert page["by_chance"].startswith("Every study pooled is declared randomised")
    assert "e_values" not in page
    assert shown(found, ALONE, ["randomised"] * 4 + [""])["by_chance"] == ""
    assert shown(found, ALONE)["by_chance"] == ""


@pytest.mark.parametrize(("name", "chance"), [("randomised-trials", True), ("le-scodan-2010", False)])
def test_the_page_of_trials_has_no_e_values(name: str, chance: bool) -> None:
    page = render(material(name)).partition('<section id="confounding"')[2].partition("</section>")[0]
    assert ("confounding at allocation is none" in page) is chance
    assert ("<table" not in page) is chance
    assert ("would have to be tied" not in page) is chance
    assert ("E-value is no proof" not in page) is chance


def test_the_later_pool_says_how_it_was_made() -> None:
    """Of ln 0.70 the late 0.76 (0.60 to 0.96) is 77 %, its standard error 1.19 times that of 0.58 to 0.85."""
    said = shown(read_json(COHORTS / "confounding.json"), ALONE)["time_split"][-1]
    share, times = math.log(0.76) / math.log(0.70), math.log(0.96 / 0.60) / math.log(0.85 / 0.58)
    assert f"({100 * share:.0f}% of the logarithm)" in said
    assert times == pytest.approx(1.19, abs=0.05)
    assert "its standard error 1.19 times, as if that share were known and tau² estimated again" in said


def test_an_interval_that_holds_no_effect_needs_no_confounding() -> None:
    """The trials' pool, 0.931 (0.674 to 1.288), undeclared; the cohorts' is 0.633 (0.562 to 0.712)."""
    said = shown(read_json(TRIALS / "confounding.json"), ALONE)["e_values"]["said"]
    assert said.startswith("The pooled interval holds no effect: the E-value of its limit is one")
    assert "weaker confounding could not" not in said
    other = shown(read_json(COHORTS / "confounding.json"), ALONE)["e_values"]["said"]
    assert other.startswith("To explain the pooled effect away")

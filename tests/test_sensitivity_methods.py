"""Each method beside the primary analysis has a sentence where the review has it, and none where it has not."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from test_take_away import material

from reanalysis.report.page import render
from reanalysis.sensitivity_methods import sensitivity_methods

# What the shipped review has, by a word of the sentence, and the paper that the module of it names.
EXPECTED = {
    "trim and fill": "Duval and Tweedie 2000",
    "Limit meta-analysis": "Rücker et al. 2011",
    "selection models": "Vevea and Hedges 1995",
    "(1 − 0.5^√HR) / (1 − 0.5^√(1/HR))": "VanderWeele and Ding 2017",
    "least bias factor (T) and the least confounding (G)": "Mathur and VanderWeele 2020",
    "immortal time": "Suissa 2008",
    "generalised least squares": "Gleser and Olkin 2009",
    "Two-level models": "Konstantopoulos 2011",
    "CR2": "Pustejovsky and Tipton 2018",
    "Baujat": "Viechtbauer and Cheung 2010",
    "GOSH": "Olkin, Dahabreh and Trikalinos 2012",
    "tested by sign flips, tau²": "Follmann and Proschan 1999",
    "rounding of print": "rounding.json",
    "declared scenario": "Cochrane Handbook",
    "specifications tested together": "Simonsohn, Simmons and Nelson 2020",
    "companion": "Altman and Bland 2003",
}


def said(name: str = "le-scodan-2010") -> dict[str, str]:
    one = material(name)
    return {method.sentence: method.source for method in sensitivity_methods(one.results, one.small_study, one.designs)}


def test_the_shipped_review_has_each_with_its_source() -> None:
    found = said()
    assert len(found) == len(EXPECTED)
    for word, source in EXPECTED.items():
        (sentence,) = [one for one in found if word in one]
        assert source in found[sentence], word


def test_trials_have_no_e_values_and_no_companion() -> None:
    found = " ".join(said("randomised-trials"))
    for word in ("E-values", "least bias factor", "immortal time", "Two-level", "companion"):
        assert word not in found
    assert "declared scenario" in found


def test_what_has_a_reason_or_is_empty_is_not_told() -> None:
    one = material()
    results = one.results
    confounding = results.confounding
    bare = replace(
        results,
        confounding=confounding | {"e_values": {"reason": "x"}, "strong_effects": {"reason": "x"}},
        multiverse=results.multiverse | {"specifications": {"count": 0}},
        pooled=dict(results.pooled) | {"sign_flip": None},
        review=replace(results.review, scenarios={}),
    )
    small = one.small_study["all"]
    unseen = {"all": dict(small) | {"trim_and_fill": {"reason": "x"}, "selection": {"models": []}}}
    found = " ".join(method.sentence for method in sensitivity_methods(bare, unseen, one.designs))
    for word in ("E-values", "bias factor", "scenario", "pecification", "sign flips", "trim and fill", "election"):
        assert word not in found
    assert "Limit meta-analysis" in found


@pytest.mark.parametrize("name", ["le-scodan-2010", "randomised-trials"])
def test_the_page_has_them(name: str) -> None:
    page = render(material(name))
    section = unescape(page).partition('<section id="methods"')[2].partition("</section>")[0]
    for sentence in said(name):
        assert sentence[:20] in section

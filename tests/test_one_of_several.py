"""What is said where a result of one group stands for a study, of subgroups of one study, of a review's own words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import SHIPPED
from test_report import material
from test_statements import results

from reanalysis import narrative
from reanalysis.files import read_yaml
from reanalysis.methods import methods
from reanalysis.report.glossary import glossary
from reanalysis.review import parse
from reanalysis.subgroup_narrative import difference, pool_name
from reanalysis.traced import plain
from reanalysis.views.forest import forest_view
from reanalysis.views.study_data import forest_data


def test_a_row_of_which_one_result_is_pooled_is_marked() -> None:
    # Khan and Rapiti print results for R0 and R1 beside the counts of all women who were operated.
    assert results().one_of_several == {1, 12}
    marked = [row[0] for row in forest_data(results()).rows if "§" in str(row[0])]
    assert marked == ["Khan 2002 (R0)§", "Rapiti 2006 (R0)§"]
    view = forest_view(results())
    names = [line.cells[0] for group in view.groups for line in group.lines]
    assert sum("§" in name for name in names) == 2
    assert any("the counts are of all its patients" in note for note in view.notes)


def test_a_row_without_such_results_is_not_marked() -> None:
    # One contrast alone; a name that tells the adjustment; a row that prints no count.
    alone = [one for one in results().estimates if one.contrast != "R1"]
    assert replace(results(), estimates=alone).one_of_several == set()
    adjusted = [
        replace(one, contrast={"R0": "adjusted", "R1": "crude"}.get(one.contrast, "")) for one in results().estimates
    ]
    assert replace(results(), estimates=adjusted).one_of_several == set()
    counts = dict.fromkeys(("n", "n_treated", "n_control", "events", "events_treated", "events_control"))
    uncounted = [replace(one, **counts) for one in results().studies]
    assert replace(results(), studies=uncounted).one_of_several == set()


def test_the_methods_say_why_a_contrast_was_chosen() -> None:
    (said,) = [one.sentence for one in methods(results(), ["ci"]) if one.sentence.startswith("Khan prints several")]
    assert "This is a selection: margins are known only after treatment" in said
    silent = replace(results(), review=replace(results().review, reasons={}))
    (said,) = [one.sentence for one in methods(silent, ["ci"]) if one.sentence.startswith("Khan prints several")]
    assert said.endswith("so that no patient counts twice.")


def test_one_study_is_not_called_a_pool() -> None:
    surgery, radiotherapy = results().subgroups["subgroups"]
    assert pool_name(surgery) == "Surgery, pooled"
    # 320 - 249 of 320 women had surgery.
    assert pool_name(radiotherapy) == f"Mainly radiotherapy, {100 * (320 - 249) / 320:.0f}% with surgery (one study)"


def test_the_test_of_subgroups_is_told_in_words() -> None:
    # R, metafor 3.8-1: rma(yi, sei=sei, mods=~treatment, test="knha"): F(1, 9) = 0.44, p = 0.52.
    said = plain(difference(results())).replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith("Difference between subgroups: F(1, 9) = 0.44, p = 0.52")
    assert "F(1, 9) = 0.44" in plain(difference(material().results))
    none = dict(results().subgroups, difference=None, reason="one subgroup")
    assert difference(replace(results(), subgroups=none)) == (
        "No test of a difference between subgroups: one subgroup."
    )
    assert difference(replace(results(), subgroups=dict(none, column=""))) == ""


def test_the_words_of_a_review_stand_in_the_glossary_and_its_outcome_in_the_answer() -> None:
    every = material()
    terms = dict(glossary(every.results, every.small_study, every.dependence, every.results.confounding))
    assert terms["R0"] == "Complete excision, negative margins."
    for term in (
        "OS",
        "R1",
        "TTFP",
        "Q",
        "Leverage",
        "DFFITS and DFBETAS",
        "Bias factor, T",
        "G",
        "Calibrated estimates",
    ):
        assert term in terms
    assert "pooled hazard ratio for overall survival is" in narrative.answer(results(), [], [])
    bare = replace(results(), review=replace(results().review, terms={}))
    assert "pooled hazard ratio for OS is" in narrative.answer(bare, [], [])


@pytest.mark.parametrize("terms", [{"OS": ""}, {"OS": 1}, ["OS"]])
def test_a_term_is_a_text(terms: object) -> None:
    content = dict(read_yaml(SHIPPED / "review.yaml"), terms=terms)
    with pytest.raises(Exception, match="terms"):
        parse(content, "review.yaml")

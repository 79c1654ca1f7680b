"""The answer, the statements and the methods, in words made of results."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from conftest import SHIPPED
from test_report import FOLDER, material

from reanalysis import narrative
from reanalysis.methods import methods
from reanalysis.results import Results, read_results


@cache
def results() -> Results:
    """Return the results without traces, so that sentences made of them are plain."""
    return read_results(SHIPPED, FOLDER)


def test_the_answer_is_short_and_right() -> None:
    said = narrative.answer(results(), material().findings, ["retrospective"] * 13)
    assert len(said.split()) <= 60
    for words in ("11 studies", "0.63 (95% CI 0.56 to 0.71)", "0.44 to 0.90 (95%)", "the association"):
        assert words in said
    assert "local treatment is associated with longer survival" in said
    assert "The pool of randomised trials is 0.93 (0.67 to 1.29)." in said
    assert "favours" not in said


def test_the_answer_follows_the_numbers() -> None:
    wide = dict(results().pooled["primary"], ci_high=0.2, ratio_ci_high=1.22)
    undecided = replace(results(), pooled=dict(results().pooled, primary=wide))
    assert "is compatible with benefit and with harm" in narrative.answer(undecided, [], ["randomised"])
    harm = dict(results().pooled["primary"], ci_low=0.1, ci_high=0.3)
    against = replace(results(), pooled=dict(results().pooled, primary=harm))
    assert "no local treatment is associated with longer survival" in narrative.answer(against, [], ["randomised"])
    trials = narrative.answer(results(), [], ["randomised"] * 5)
    assert "association" not in trials
    assert "Misprinted" not in trials
    plain = replace(results().review, favours={"below": "a drug", "above": "placebo"})
    assert "a drug is associated with a better outcome" in narrative.answer(replace(results(), review=plain), [], [])


def test_the_answer_drops_what_it_has_no_room_for() -> None:
    long = dict(
        results().review.favours, below="a treatment that takes very many words to name in full, word after word"
    )
    said = narrative.answer(
        replace(results(), review=replace(results().review, favours=long)), material().findings, ["retrospective"] * 13
    )
    assert len(said.split()) <= 60
    assert "randomised trials" not in said
    assert "not allotted at random" in said


def test_the_statements_keep_statistics_and_causes_apart() -> None:
    said = dict(narrative.statements(results(), material().findings, ["retrospective"] * 11))
    assert said["Direction"].startswith("27 of 27 combinations")
    assert "(18 are distinct, as some give one interval)" in said["Direction"]
    # R, metafor 3.8-1, confint(): I2 54.2 to 94.8 %.
    assert said["Size"].startswith("84.5% (54.2 to 94.8%) of the variability")
    assert said["Causality"].startswith("The pool of ")
    assert "All 11 studies pooled are retrospective: what is pooled is an association." in said["Causality"]
    assert "without a search, is 0.931 (0.674 to 1.288), 1.47 times this one (1.07 to 2.02)." in said["Causality"]
    assert "not declared" in dict(narrative.statements(results(), [], [""] * 11))["Causality"]
    some = dict(narrative.statements(results(), [], ["randomised"] + [""] * 10))["Causality"]
    assert "1 randomised and 10 of undeclared design" in some


def test_a_shorter_adjusted_interval_is_said_to_be_one() -> None:
    assert "0.554 to 0.723" in narrative.interval_caution(results())
    guarded = next(one for one in results().pooled["models"] if one["interval"] == "hksj_guarded")
    assert narrative.interval_caution(replace(results(), pooled=dict(results().pooled, primary=guarded))) == ""


def test_the_trend_depends_on_the_definition() -> None:
    said = narrative.disagreement(results())
    assert "falls with the first year of inclusion and the middle of the inclusion period" in said
    assert "rises with the last year" in said
    assert said.endswith("Without Shien all of them have one sign.")


def test_the_study_that_moves_most_is_named() -> None:
    size = dict(narrative.statements(results(), [], [""] * 11))["Size"]
    # R, metafor 3.8-1 without Shien: I2 23.9 %, HR 0.595 (0.564 to 0.626), prediction interval 0.54 to 0.66.
    assert (
        "Without Shien, I² is 23.9%, the pooled estimate 0.59 (0.56 to 0.63) and the prediction interval 0.54 to 0.66"
        in size
    )
    start = narrative.regression_summary(results())[0].replace("\N{NO-BREAK SPACE}", " ")
    assert "Without Shien, which moves it most: 0.96 (0.85 to 1.07), p = 0.38." in start


def test_the_flow_adds_up() -> None:
    said = narrative.flow(results())
    for words in (
        "13 printed rows hold 18 results",
        "11 are in the analysis",
        "9 from a confidence interval",
        "2 from a p value",
        "7 stay",
    ):
        assert words in said


def test_every_method_names_its_setting_and_source() -> None:
    said = methods(results(), ["ci", "p"])
    assert len(said) >= 7
    for one in said:
        assert one.sentence.endswith(".")
        assert one.setting.startswith(("config.yaml: ", "review.yaml: "))
        assert one.source

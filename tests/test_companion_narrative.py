"""What the page says of another pool beside this one: in the answer, and in the section on other pools."""

from __future__ import annotations

from typing import Any

import pytest
from test_statements import results

from reanalysis import companion_narrative as said

MADE = ", put together from their abstracts, without a search,"
TRIALS, COHORTS = ["randomised"], ["retrospective", "retrospective"]


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def found(**changes: object) -> dict[str, Any]:
    return results().elsewhere | changes


def pool(name: str, low: float, high: float, **changes: object) -> dict[str, Any]:
    return {"name": name, "low": low, "high": high, "reason": "", "design": ""} | changes


def test_the_trials_stand_beside_cohorts_and_beside_nothing_else() -> None:
    # R, metafor 3.8-1: exp(predict(rma(yi, sei=sei, test="knha"))) of the five trials 0.931 (0.674 to 1.288).
    text = said.trials_beside(found(), COHORTS)
    assert text == (
        f"The pool of 5 randomised trials{MADE} is 0.931 (0.674 to 1.288), 1.47 times this one (1.07 to 2.02)."
    )
    assert said.trials_beside(found(), TRIALS) == ""
    assert said.trials_beside(found(), ["", ""]) == ""
    assert said.trials_beside(found(companion=None, comparison=None), COHORTS) == ""
    assert said.trials_beside({}, COHORTS) == ""
    mixed = found(companion=found()["companion"] | {"designs": ["", "randomised"]})
    assert said.trials_beside(mixed, COHORTS) == ""
    assert said.trials_beside(found(), ["randomised", "retrospective"]) == text


def test_what_is_not_compared_has_no_distance() -> None:
    apart = found(comparison={"reason": "two outcomes"})
    assert said.trials_beside(apart, COHORTS) == f"The pool of 5 randomised trials{MADE} is 0.931 (0.674 to 1.288)."
    assert said.agreement(apart)[0] == "With the pool of randomised trials this one is not compared: two outcomes."


def test_the_first_sentence_answers_the_question() -> None:
    first, *others = said.agreement(found())
    assert plain(first) == (
        f"Not with the pool of randomised trials: over 5 studies{MADE} it is 0.931 (0.674 to 1.288), 1.47 times this "
        "one (1.07 to 2.02), p = 0.025."
    )
    ours, other = "this review’s hazard ratio of 0.633", "Sidiropoulou 2023, trials"
    assert others == [
        f"With published pools of observational studies: 4 of 4 printed intervals hold {ours}.",
        (
            f"Not with published pools of randomised trials: 1 of 2 printed intervals holds {ours} (outside: {other}; "
            "holding no effect as well: Cochrane 2018)."
        ),
        "Without a printed interval, and not counted: Petrelli & Barni 2012.",
    ]


def test_what_holds_no_effect_too_agrees_only_with_a_pool_that_does() -> None:
    """The pool's interval is 0.562 to 0.712; one of the same width around 1 holds no effect as the other does."""
    wide, narrow = pool("A", 0.5, 1.2), pool("B", 0.5, 0.7)
    assert said.agreement(found(published=[wide], companion=None))[0].startswith("Undecided by published pools: 1 of 1")
    (both,) = said.agreement(found(published=[wide, narrow], companion=None))
    assert both.startswith("With published pools: 2 of 2 printed intervals hold this review’s hazard ratio of 0.633")
    assert both.endswith(" (holding no effect as well: A).")
    near = found()["pool"] | {"ci_high": 0.1}
    assert said.agreement(found(published=[wide], companion=None, pool=near))[0].startswith("With published pools")


def test_a_difference_that_chance_could_make_is_no_disagreement() -> None:
    near = found(comparison=found()["comparison"] | {"ci_low": -0.1, "p": 0.3})
    assert said.agreement(near)[0].startswith(
        "With the pool of randomised trials, as far as its interval tells: over 5"
    )


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ([], []),
        ([pool("A", 0, 0, reason="no interval is printed")], ["No published pool prints an interval that could hold"]),
        ([pool("A", 0.5, 0.7)], ["With published pools: 1 of 1 printed intervals holds this"]),
        ([pool("A", 0.7, 0.8), pool("B", 0.8, 0.9)], ["Not with published pools: 0 of 2 printed intervals hold this"]),
        (
            [pool("A", 0.5, 0.7), pool("B", 0.8, 0.9)],
            ["With some published pools: 1 of 2 printed intervals holds this"],
        ),
    ],
)
def test_published_intervals_are_counted(published: list[dict[str, Any]], expected: list[str]) -> None:
    alone = said.agreement(found(published=published, companion=None, comparison=None))
    assert len(alone) == len(expected)
    for text, words in zip(alone, expected, strict=True):
        assert text.startswith(words)
    assert all("(outside" not in text or "B" in text for text in alone)


def test_a_difference_is_more_and_not_times() -> None:
    text = said.apart("MD", {"estimate": -0.3, "ci_low": -1.0, "ci_high": 0.4})
    assert text == "\N{MINUS SIGN}0.30 more than this one (\N{MINUS SIGN}1.00 to 0.40)"

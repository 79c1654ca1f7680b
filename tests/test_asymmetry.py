"""Egger, Begg, PET, PEESE, fail-safe numbers, excess significance and power, against metafor and R."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import mpmath
import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from reanalysis.begg import MOST_EXACT, begg, exact_p, kendall
from reanalysis.design import FloatArray
from reanalysis.egger import NO_DIGIT, ON_A_LINE, SAME_SEI, TOO_FEW, egger, egger_mixed
from reanalysis.egger_power import egger_power
from reanalysis.excess_significance import Truth, at_least, excess_significance, power
from reanalysis.fail_safe import fail_safe
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.pet_peese import pet_peese

WALD = Choices("REML", "wald", 0.95)
HKSJ = Choices("REML", "hksj", 0.95)
ORACLES = json.loads((ROOT / "tests/oracles/small-study.json").read_text())
SETS = [name for name in ORACLES if name != "source"]
COLUMNS = ("estimate", "se", "stat", "p", "ci_low", "ci_high")


def rows(name: str) -> tuple[FloatArray, FloatArray]:
    data = ORACLES[name]["data"]
    return np.array([one["yi"] for one in data]), np.array([one["vi"] for one in data])


def same_line(found: dict[str, Any], expected: dict[str, Any], rel: float) -> None:
    for place, part in enumerate(("limit", "slope")):
        for column in COLUMNS:
            assert found[part][column] == pytest.approx(expected[column][place], rel=rel, abs=1e-12), (part, column)


def test_the_sets_are_all_there() -> None:
    assert len(SETS) == 7
    assert (ORACLES["source"]["tool"], ORACLES["source"]["version"]) == ("metafor", "3.8.1")


@pytest.mark.parametrize("name", SETS)
def test_the_lines_of_least_squares(name: str) -> None:
    yi, vi = rows(name)
    expected, found = ORACLES[name], pet_peese(yi, np.sqrt(vi), "HR", HKSJ)
    test = egger(yi, np.sqrt(vi), "HR", HKSJ)
    assert test == found["pet"]
    for kind, line in (("egger", test), ("peese", found["peese"])):
        same_line(line, expected[kind], 1e-9)
        assert line["dispersion"] == pytest.approx(expected[kind]["dispersion"], rel=1e-10)
        assert line["slope"]["df"] == expected[kind]["df"]
        assert line["limit"]["ratio"] == pytest.approx(math.exp(expected[kind]["estimate"][0]), rel=1e-10)
    assert test["slope"]["p"] == pytest.approx(expected["regtest_lm"]["p"], rel=1e-9)
    assert found["taken"] == ("peese" if expected["egger"]["p"][0] < 0.10 else "pet")


@pytest.mark.parametrize("name", SETS)
def test_the_meta_regression(name: str) -> None:
    yi, vi = rows(name)
    for kind, choices in (("mixed_wald", WALD), ("mixed_hksj", HKSJ)):
        found = egger_mixed(yi, np.sqrt(vi), "HR", choices)
        # metafor's iterations leave REML regressions eight digits or so.
        same_line(found, ORACLES[name][kind], 2e-8)
        assert found["tau2"] == pytest.approx(ORACLES[name][kind]["tau2"], rel=2e-8, abs=1e-12)


@pytest.mark.parametrize("name", SETS)
def test_the_rank_test(name: str) -> None:
    found = begg(*rows(name))
    assert found["tau"] == pytest.approx(ORACLES[name]["begg"]["tau"], rel=1e-12)
    assert found["p"] == pytest.approx(ORACLES[name]["begg"]["p"], rel=1e-12)
    assert found["exact"] is not found["ties"]


def test_both_kinds_of_ranks_are_among_the_sets() -> None:
    assert {begg(*rows(name))["ties"] for name in SETS} == {True, False}


def test_the_chances_of_a_rank_score_by_counting_every_order() -> None:
    first = range(6)
    scores = [
        sum(math.copysign(1, order[j] - order[i]) for i, j in itertools.combinations(first, 2))
        for order in itertools.permutations(first)
    ]
    for s in range(-15, 16, 2):
        assert exact_p(s, 6) == pytest.approx(min(1.0, sum(abs(one) >= abs(s) for one in scores) / 720), rel=1e-13)
    # All pairs agree in one order and disagree in one.
    assert exact_p(45, 10) == pytest.approx(2 / math.factorial(10), rel=1e-12)


def test_many_studies_are_ranked_by_the_normal_distribution() -> None:
    up = np.arange(MOST_EXACT + 1.0)
    found = kendall(up, np.roll(up, 60))
    assert (found["exact"], found["ties"]) == (False, False)
    # The exact p value, and how near the normal one must be with so many.
    s = round(found["tau"] * len(up) * (len(up) - 1) / 2)
    assert found["p"] == pytest.approx(exact_p(s, len(up)), abs=2e-3)


@pytest.mark.parametrize("name", SETS)
def test_fail_safe_numbers(name: str) -> None:
    found, expected = fail_safe(*rows(name), "HR"), ORACLES[name]["fail_safe"]
    assert {key: found[key]["number"] for key in ("rosenthal", "rosenberg", "orwin", "orwin_weighted")} == {
        key: value for key, value in expected.items() if key != "orwin_half"
    }
    # Half of the mean, as metafor has it, is what differences are held against.
    assert fail_safe(*rows(name), "MD")["orwin"]["number"] == expected["orwin_half"] == len(rows(name)[0])


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("truth", "error"), [("common", 1e-12), ("random", 3e-6)])
def test_excess_significance(name: str, truth: str, error: float) -> None:
    # metafor leaves out what lies more than five tau from the mean, 6e-7 of each power.
    yi, vi = rows(name)
    expected = ORACLES[name]["excess"][truth]
    found = excess_significance(yi, np.sqrt(vi), Truth(expected["theta"], expected["tau2"]))
    assert found["observed"] == expected["observed"] == sum(found["significant"])
    keys = ["expected", "p_chi2", "p_binomial", "power"] + ["p_exact"] * (expected["p_exact"] is not None)
    for key in keys:
        assert found[key] == pytest.approx(expected[key], rel=error, abs=error), key
    scale = abs(found["observed"] - found["expected"])
    assert found["chi2"] == pytest.approx(expected["chi2"], rel=1e-11 + 20 * error / scale)


@pytest.mark.parametrize(
    ("theta", "tau2", "se"), [(-0.4, 0.02, 0.1), (0.3, 0.5, 0.6), (0.0, 0.1, 0.3), (2.0, 0.01, 0.2)]
)
def test_power_by_the_integral_over_true_effects(theta: float, tau2: float, se: float) -> None:
    mpmath.mp.dps = 30
    limit = mpmath.sqrt(2) * mpmath.erfinv(mpmath.mpf("0.95"))

    def at(true: mpmath.mpf) -> mpmath.mpf:
        beyond = mpmath.ncdf(true / se - limit) + mpmath.ncdf(-true / se - limit)
        return beyond * mpmath.npdf(true, theta, mpmath.sqrt(tau2))

    reach = 15 * math.sqrt(tau2)
    expected = mpmath.quad(at, mpmath.linspace(theta - reach, theta + reach, 31))
    assert power(np.array([se]), Truth(theta, tau2))[0] == pytest.approx(float(expected), rel=1e-11)


def test_as_many_successes_by_counting_every_outcome() -> None:
    chances = np.array([0.1, 0.5, 0.95, 0.3])
    for many in range(5):
        expected = sum(
            math.prod(p if hit else 1 - p for p, hit in zip(chances, hits, strict=True))
            for hits in itertools.product((0, 1), repeat=4)
            if sum(hits) >= many
        )
        assert at_least(many, chances) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("name", ["le-scodan-2010", "without-circular", "hart1999"])
def test_power_where_it_has_a_closed_form(name: str) -> None:
    """With tau2 = 0 the weighted regression has a noncentral t, the common-effect one a normal statistic."""
    sei, expected = np.sqrt(rows(name)[1]), ORACLES[name]["power"]
    found = egger_power(sei, 0.0, Choices("FE", "wald", 0.95), Resampling(20000, 1))
    assert [one["bias"] for one in found["biases"]] == expected["bias"]
    for place, one in enumerate(found["biases"]):
        for form, exact in (("egger", expected["t"][place]), ("egger_mixed", expected["z"][place])):
            error = math.sqrt(exact * (1 - exact) / 20000)
            assert one[form]["power"] == pytest.approx(exact, abs=4 * error), (form, place)
            assert one[form]["error"] == pytest.approx(error, rel=0.3)


EFFECTS = hnp.arrays(float, st.integers(4, 9), elements=st.integers(-200, 200).map(lambda n: n / 100), unique=True)


@given(EFFECTS, st.floats(-3, 3), st.integers(0, 10**6))
def test_what_does_not_matter(yi: FloatArray, shift: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    sei, order = random.uniform(0.05, 1.05, len(yi)), random.permutation(len(yi))
    found = egger(yi, sei, "MD", WALD)
    for other in (egger(-yi, sei, "MD", WALD), egger(yi[order], sei[order], "MD", WALD)):
        assert other["slope"]["p"] == pytest.approx(found["slope"]["p"], rel=1e-7, abs=1e-12)
    moved, tau = egger(yi + shift, sei, "MD", WALD), begg(yi, sei**2)
    assert moved["slope"]["stat"] == pytest.approx(found["slope"]["stat"], rel=1e-6, abs=1e-7)
    assert moved["limit"]["estimate"] == pytest.approx(found["limit"]["estimate"] + shift, rel=1e-6, abs=1e-7)
    assert begg(-yi, sei**2)["p"] == tau["p"]
    assert begg(yi[order], sei[order] ** 2)["p"] == tau["p"]
    # Other units of the effects, a power of two so that nothing is rounded.
    assert egger(8 * yi, 8 * sei, "MD", WALD)["slope"]["p"] == pytest.approx(found["slope"]["p"], rel=1e-9)
    assert begg(8 * yi, 64 * sei**2)["tau"] == tau["tau"]


@pytest.mark.parametrize("size", [1e-20, 1.0, 1e20])
def test_equal_effects_lie_on_a_line(size: float) -> None:
    yi, sei = np.full(4, 0.3 * size), size * np.array([0.1, 0.2, 0.3, 0.5])
    assert egger(yi, sei, "MD", HKSJ)["reason"] == ON_A_LINE
    assert egger_mixed(yi, sei, "MD", WALD)["slope"]["p"] == pytest.approx(1.0)
    assert begg(yi, sei**2)["p"] is None
    assert begg(yi, sei**2)["reason"].startswith("the studies cannot be ranked")


def test_too_few_studies_and_equal_standard_errors() -> None:
    yi, sei = np.array([0.1, 0.4, 0.2]), np.array([0.1, 0.2, 0.4])
    for k in (1, 2):
        for found in (egger(yi[:k], sei[:k], "HR", HKSJ), egger_mixed(yi[:k], sei[:k], "HR", HKSJ)):
            assert (found["reason"], found["slope"]["p"], found["limit"]["ratio"]) == (TOO_FEW, None, None)
        assert pet_peese(yi[:k], sei[:k], "HR", HKSJ)["taken"] is None
        assert egger_power(sei[:k], 0.0, HKSJ, Resampling(1000, 1))["biases"] == []
    assert begg(yi[:1], sei[:1] ** 2)["reason"] == "one study has no rank among others"
    assert begg(yi[:2], sei[:2] ** 2)["p"] == 1.0
    assert egger(yi, np.full(3, 0.2), "HR", HKSJ)["reason"] == SAME_SEI
    assert egger(yi, sei, "HR", HKSJ)["slope"]["df"] == 1
    apart = egger(np.array([1e7, 3e4, -2e11, 0.01, 3e21]), np.array([6e5, 35.0, 2e10, 5e-11, 1e18]), "HR", HKSJ)
    assert (apart["reason"], apart["dispersion"]) == (NO_DIGIT, None)
    assert begg(yi, np.full(3, 0.04))["tau"] is None


def test_a_mean_of_nothing_needs_no_unseen_study() -> None:
    found = fail_safe(np.array([0.2, -0.2]), np.array([0.04, 0.04]), "MD")
    assert [found[key]["number"] for key in ("rosenthal", "orwin", "orwin_weighted", "rosenberg")] == [0, 0, 0, 0]
    assert found["rosenthal"]["p"] == 0.5
    assert found["rosenberg"]["p"] == 1.0


def test_studies_whose_power_is_all_have_no_spread() -> None:
    found = excess_significance(np.array([5.0, 6.0]), np.array([0.1, 0.1]), Truth(5.5, 0.0))
    assert (found["observed"], found["expected"], found["chi2"], found["p_chi2"]) == (2, 2.0, None, None)
    assert (found["p_exact"], found["p_binomial"]) == (1.0, 1.0)
    # One that is significant by a hair as printed (p = 0.05) is significant, whichever way its digits fall.
    edge = 1.959963984540054 * np.array([0.1, 0.3])
    for nudge in (1 - 1e-15, 1 + 1e-15):
        assert excess_significance(nudge * edge, np.array([0.1, 0.3]), Truth(0.0, 0.0))["observed"] == 2

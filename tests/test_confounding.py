"""E-values, what biases leave of the effects, early excesses: published examples, identities, small reviews."""

from __future__ import annotations

import json
import math
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import ROOT, SHIPPED
from hypothesis import given
from hypothesis import strategies as st

from reanalysis import raw, schemas
from reanalysis.bias_analysis import (
    Bias,
    calibrated,
    calibrated_least_factor,
    calibrated_proportion,
    least_confounding,
    least_factor,
    proportion,
)
from reanalysis.confounding import NO_SPREAD, TOO_FEW, confounding
from reanalysis.e_values import NOT_RATIO, e_value, e_values
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.raw import RawReview
from reanalysis.records import Effect
from reanalysis.steps.confounding import step
from reanalysis.tables import read
from reanalysis.time_split import LogRatio, compared, immortal_months, only_later

RESULTS = ROOT / "results/le-scodan-2010"
OPTIONS = Choices("REML", "hksj", 0.95)
BELOW = Bias(math.log(0.9), 0.1, -1)


@pytest.mark.parametrize(
    ("ratio", "low", "high", "point", "limit", "decimals"),
    [
        (3.9, 1.8, 8.7, 7.26, 3.0, 2),  # VanderWeele and Ding 2017, breast feeding and respiratory deaths
        (10.73, 8.02, 14.36, 20.94777, 15.52336, 5),  # Hammond and Horn 1958, as the EValue package documents it
        (0.80, 0.71, 0.91, 1.81, 1.43, 2),
        (0.9, 0.7, 1.1, 1.46, 1.0, 2),
    ],
)
def test_published_examples(ratio: float, low: float, high: float, point: float, limit: float, decimals: int) -> None:
    (found,) = e_values("RR", *(math.log(one) for one in (ratio, low, high)))
    assert round(found["e_value"], decimals) == point
    assert round(found["e_value_limit"], decimals) == limit


def test_conversions_to_a_risk_ratio() -> None:
    """Of hazard and odds ratios of common outcomes, and of a standardised difference."""
    rare, common = e_values("HR", math.log(0.56), math.log(0.46), math.log(0.69))
    assert rare["risk_ratio"] == pytest.approx(0.56)
    wanted = (1 - 0.5 ** math.sqrt(0.56)) / (1 - 0.5 ** math.sqrt(1 / 0.56))
    assert common["risk_ratio"] == pytest.approx(wanted, rel=1e-12)
    assert common["e_value"] < rare["e_value"]
    assert e_values("OR", math.log(4), math.log(2.25), math.log(9))[1]["risk_ratio"] == pytest.approx(2)
    (standardised,) = e_values("SMD", 0.5, 0.2, 0.8)
    assert standardised["risk_ratio"] == pytest.approx(math.exp(0.455))
    assert e_values("MD", 1.0, 0.5, 1.5) == []


@given(st.floats(-3, 3), st.floats(0.01, 2), st.sampled_from(["HR", "OR", "RR", "SMD"]))
def test_the_other_direction_has_the_same_e_values(estimate: float, half: float, measure: str) -> None:
    one = e_values(measure, estimate, estimate - half, estimate + half)
    other = e_values(measure, -estimate, -estimate - half, -estimate + half)
    for here, there in zip(one, other, strict=True):
        assert here["e_value"] == pytest.approx(there["e_value"], rel=1e-9)
        assert here["e_value_limit"] == pytest.approx(there["e_value_limit"], rel=1e-9)
        assert 1 <= here["e_value_limit"] <= here["e_value"] * (1 + 1e-12)


def test_the_e_value_is_the_confounding_that_just_explains() -> None:
    """Ding and VanderWeele 2016, Epidemiology 27:368: two associations of E bias by E E / (2 E - 1) at most."""
    for ratio in (1.2, 1.81, 3.9):
        strength = e_value(ratio)
        assert strength * strength / (2 * strength - 1) == pytest.approx(ratio)
    # Mathur and VanderWeele's example of soy prints T 1.4836 and G 2.3305: G from either end of what rounds to T.
    low, high = least_confounding(np.array([1.48355, 1.48365]))
    assert low < 2.33055
    assert high > 2.33045


def test_the_share_is_that_of_simulated_true_effects() -> None:
    rng = np.random.default_rng(4)
    mean, tau2, factor, spread = -0.4, 0.05, math.log(1.3), 0.1
    apparent = rng.normal(mean, math.sqrt(tau2), 2_000_000)
    # The bias is part of what varies: true effects spread by tau2 less its variance.
    true = rng.normal(mean + factor, math.sqrt(tau2 - spread**2), 2_000_000)
    found = proportion(np.array([mean]), np.array([tau2]), BELOW, factor, spread)[0]
    assert found == pytest.approx((true < BELOW.threshold).mean(), abs=2e-3)
    plain = proportion(np.array([mean]), np.array([tau2]), BELOW, 0.0)[0]
    assert plain == pytest.approx((apparent < BELOW.threshold).mean(), abs=2e-3)
    above = proportion(np.array([-mean]), np.array([tau2]), Bias(-BELOW.threshold, 0.1, 1), factor, spread)[0]
    assert above == pytest.approx(found, rel=1e-12)
    assert np.isnan(proportion(np.array([mean]), np.array([tau2]), BELOW, factor, 0.3)[0])


def test_the_least_factor_leaves_the_share() -> None:
    mean, tau2 = np.array([-0.4577, -0.2, -0.05]), np.array([0.022375, 0.1, 1e-4])
    factors = least_factor(mean, tau2, BELOW)
    left = [proportion(mean[[i]], tau2[[i]], BELOW, math.log(factors[i]))[0] for i in range(3)]
    assert left[:2] == pytest.approx([0.1, 0.1])
    assert (factors[2], left[2] < 0.1) == (1.0, True)


def test_calibrated_effects_have_the_spread_that_was_estimated() -> None:
    rng = np.random.default_rng(8)
    vi = rng.uniform(0.01, 0.2, (4000, 1))
    yi = rng.normal(-0.3, np.sqrt(0.08 + vi))
    effects = calibrated(yi, vi, np.array([-0.3]), np.array([0.08]))
    assert effects.var() == pytest.approx(0.08, rel=0.06)
    share = calibrated_proportion(effects, BELOW, math.log(1.2))[0]
    assert share == pytest.approx(proportion(np.array([-0.3]), np.array([0.08]), BELOW, math.log(1.2))[0], abs=0.02)
    factor = calibrated_least_factor(effects, BELOW)[0]
    assert calibrated_proportion(effects, BELOW, math.log(factor) + 1e-9)[0] <= 0.1
    assert calibrated_proportion(effects, BELOW, math.log(factor) - 1e-3)[0] > 0.09


def test_an_early_excess() -> None:
    """The source's own series: hazard ratio 0.45 (0.32-0.65) in the first year, 0.76 (0.61-0.96) later."""
    z = 1.959963985
    early = LogRatio(math.log(0.45), math.log(0.65 / 0.32) / (2 * z))
    late = LogRatio(math.log(0.76), math.log(0.96 / 0.61) / (2 * z))
    found = compared(early, late)
    assert (round(found["z"], 2), round(found["p"], 3)) == (2.44, 0.015)
    assert immortal_months(early, 12) == pytest.approx(6.6)
    assert immortal_months(LogRatio(0.1, 0.1), 12) == 0
    whole = LogRatio(math.log(0.7), 0.1)
    assert only_later(late, whole, math.log(0.7)) == pytest.approx(math.log(0.76))
    assert only_later(late, LogRatio(0.0, 0.1), -0.4) is None
    # A rate ratio by simulation: exponential deaths, the treated counted from the start and alive for six months.
    rng = np.random.default_rng(6)
    rate, months, immortal = 0.002, 12.0, 6.0
    times = immortal + rng.exponential(1 / rate, 400_000)
    deaths, person_time = (times < months).sum(), np.minimum(times, months).sum()
    assert deaths / person_time / rate == pytest.approx(1 - immortal / months, rel=0.05)


@pytest.fixture(scope="module")
def effects() -> list[Effect]:
    return read(RESULTS / "effects.csv", Effect)


def test_the_shipped_review(tmp_path: Path) -> None:
    path = tmp_path / "confounding.json"
    arguments = Namespace(
        raw=SHIPPED, effects=RESULTS / "effects.csv", confounding=path,
        tau2_method="REML", interval="hksj", level=0.95, draws=2000, seed=1,
    )  # fmt: skip
    written = json.loads(str(step(arguments)[path]))
    schemas.check(written, "confounding.schema.yaml", "confounding.json")
    rounded = [(round(one["e_value"], 2), round(one["e_value_limit"], 2)) for one in written["pooled"]]
    assert rounded == [(2.54, 2.16), (2.09, 1.84)]
    parametric = written["bias"]["parametric"]
    shares = {one["factor"]: round(100 * one["value"]) for one in parametric["proportions"]}
    assert (shares[1.0], shares[1.2], shares[1.5]) == (99, 87, 36)
    assert round(parametric["least_factor"]["value"], 2) == 1.72
    assert round(parametric["least_confounding"]["value"], 2) == 2.84
    assert [one["study"] for one in written["time_splits"]] == ["Le Scodan"]


def answer(effects: list[Effect], shipped: RawReview, measure: str = "HR", seed: int = 1) -> dict[str, object]:
    content = replace(shipped, review=replace(shipped.review, measure=measure, time_splits=[]))
    found = confounding(effects, content, OPTIONS, Resampling(1000, seed), "effects.csv")
    schemas.check(json.loads(json.dumps(found)), "confounding.schema.yaml", "confounding.json")
    return found["bias"]


def test_where_there_is_no_answer_the_reason_is_said(effects: list[Effect], shipped: RawReview) -> None:
    included = [one for one in effects if one.included]
    for count in (1, 2):
        assert answer(included[:count], shipped)["reason"] == TOO_FEW
    alike = [replace(one, yi=-0.3) for one in included]
    assert answer(alike, shipped)["reason"] == NO_SPREAD
    assert answer(included, shipped, "MD")["reason"] == NOT_RATIO
    assert answer(included, shipped, "SMD")["threshold"] == pytest.approx(math.log(0.9) / 0.91)


def test_a_pool_on_the_other_side_is_asked_for_the_other_side(effects: list[Effect], shipped: RawReview) -> None:
    included = [one for one in effects if one.included]
    one = answer(included, shipped)
    other = answer([replace(e, yi=-(e.yi or 0.0)) for e in included], shipped)
    assert (one["side"], other["side"]) == ("below", "above")
    assert json.loads(json.dumps(one["parametric"]), parse_float=lambda x: round(float(x), 9)) == json.loads(
        json.dumps(other["parametric"]), parse_float=lambda x: round(float(x), 9)
    )
    assert answer(included, shipped, seed=2) != one


@pytest.mark.parametrize("wrong", ["le-scodan-n", "nothing"])
def test_a_period_that_is_no_ratio_is_refused(review_folder: Path, effects: list[Effect], wrong: str) -> None:
    path = review_folder / "review.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["time_splits"][0]["late"] = wrong
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ReanalysisError) as error:
        confounding(effects, raw.read(review_folder), OPTIONS, Resampling(1000, 1), "effects.csv")
    for word in ("review.yaml", "Le Scodan", "late", wrong, "remedy"):
        assert word in str(error.value)

"""E-values, the bias that leaves few strong effects, and what an effect that is larger early shows: the formulas."""

from __future__ import annotations

import json
import math
from typing import Any

import mpmath
import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from reanalysis.bias_analysis import Bias, Pool, bias_between, least_bias, least_confounding, strong_effects
from reanalysis.calibrated_effects import Question, bootstrap, bootstrap_limits, calibrated, jackknife, shares
from reanalysis.e_values import READINGS, EValue, common_hazard, common_hazard_slope, e_value, e_values, read_as
from reanalysis.immortal_time import Split, as_later, difference, immortal_time, immortal_time_limits

ORACLE = json.loads((ROOT / "tests/oracles/confounding.json").read_text(encoding="utf-8"))
SETS = ("le-scodan-2010", "bcg")
LOG_RATIO = st.floats(-5, 5)


def logs(*ratios: float) -> tuple[float, ...]:
    return tuple(map(math.log, ratios))


def test_published_e_values() -> None:
    # VanderWeele and Ding 2017, and the documentation of the R package EValue: RR 3.9 (1.8 to 8.7).
    found = e_values(*logs(3.9, 1.8, 8.7))
    assert (round(found.estimate, 2), round(found.limit, 1)) == (7.26, 3.0)
    turned = e_values(*logs(1 / 3.9, 1 / 8.7, 1 / 1.8))
    assert (turned.estimate, turned.limit) == pytest.approx((found.estimate, found.limit), rel=1e-14)
    # For the value 1.2 instead of 1: R = 3.9 / 1.2.
    assert e_values(*logs(3.9, 1.8, 8.7), math.log(1.2)).estimate == pytest.approx(3.25 + math.sqrt(3.25 * 2.25))


def test_an_interval_that_holds_the_reference_has_a_limit_of_1() -> None:
    assert e_values(0.1, -0.1, 0.3).limit == 1
    assert e_values(0.1, 0.0, 0.2).limit == 1
    assert e_values(0.0, 0.0, 0.0) == EValue(1.0, 1.0)
    assert e_values(-0.5, -0.8, -0.2, -0.3).limit == 1
    assert e_values(-0.5, -0.8, -0.4, -0.3).limit == pytest.approx(e_value(0.1))


@pytest.mark.parametrize(
    "value", [-1000.0, -90.0, -79.9, -3.0, -1.0, -0.99, -0.01, 0.0, 1e-9, 0.4577, 13.9, 14.1, 200.0]
)
def test_the_conversion_of_a_common_hazard_ratio(value: float) -> None:
    with mpmath.workdps(900):
        half = mpmath.mpf(1) / 2
        ratio = (1 - half ** mpmath.exp(mpmath.mpf(value) / 2)) / (1 - half ** mpmath.exp(-mpmath.mpf(value) / 2))
        expected = float(mpmath.log(ratio))
        slope = float(mpmath.diff(lambda y: converted(y, half), mpmath.mpf(value)))
    assert common_hazard(value) == pytest.approx(expected, rel=1e-13, abs=1e-300)
    assert common_hazard_slope(value) == pytest.approx(slope, rel=1e-12)


def converted(value: mpmath.mpf, half: mpmath.mpf) -> mpmath.mpf:
    return mpmath.log((1 - half ** mpmath.exp(value / 2)) / (1 - half ** mpmath.exp(-value / 2)))


def test_the_readings_of_each_measure() -> None:
    values = (*logs(0.5, 0.4, 0.625), 0.0)
    assert read_as("RR", "risk_ratio", values) == read_as("HR", "risk_ratio", values)
    # A square root, for the odds ratio of a common outcome.
    assert read_as("OR", "common", values).estimate == pytest.approx(e_value(math.log(math.sqrt(0.5))))
    # exp(0.91 d), limits and all: VanderWeele and Ding 2017, d = 0.5.
    ratio = math.exp(0.455)
    found = read_as("SMD", "standardised", (0.5, 0.3, 0.7, 0.0))
    assert found.estimate == pytest.approx(ratio + math.sqrt(ratio * (ratio - 1)))
    assert READINGS["MD"] == {}


@given(LOG_RATIO, LOG_RATIO)
def test_an_e_value_is_what_its_definition_says(value: float, reference: float) -> None:
    strength = e_value(value, reference)
    assert strength == e_value(-value, -reference)
    # A confounder of that strength with both makes the bias factor E^2 / (2 E - 1).
    assert math.log(strength**2 / (2 * strength - 1)) == pytest.approx(abs(value - reference), abs=1e-9)


def test_huge_and_tiny_effects() -> None:
    assert e_value(1e25) == math.inf
    assert e_value(700.0) == pytest.approx(2 * math.exp(700.0))
    assert e_value(1e-16) == pytest.approx(1 + 1e-8, rel=1e-12)
    assert common_hazard(1e25) == pytest.approx(5e24)


# The vignette "E-values for meta-analyses" of the R package EValue 4.1.3, soy and breast cancer: rma(method = "PM",
# test = "knha"), q = log 0.9, tail below. It prints the fit to four decimals, -0.1931 (0.0882), tau2 0.0973 (0.0505),
# and without bias 0.6107838 (SE 0.1119729); then with r = 0.1, muB = log 1.3, sigB = 0.2 what stands below. Two of its
# ten numbers give the fit to seven digits, two more its standard errors; the other six follow.
SOY_SD = 0.2
Q = math.log(0.9)


def soy() -> Pool:
    z, z_r = mpmath_quantile(0.6107838), mpmath_quantile(0.1)
    goal = math.log(1.4835598)
    tau = mpmath.findroot(lambda t: z * t - z_r * mpmath.sqrt(t**2 - SOY_SD**2) - goal, 0.312)
    tau2 = float(tau**2)
    density = float(mpmath.npdf(z))
    # SE^2 is linear in the two variances, in each of two printed numbers.
    equations = [
        [density**2 / tau2, (density * float(z) / (2 * tau2)) ** 2],
        [1.4835598**2, (1.4835598 * float(z_r)) ** 2 / (4 * (tau2 - SOY_SD**2))],
    ]
    variances = np.linalg.solve(np.array(equations), [0.1119729**2, 0.2393508**2])
    return Pool(Q - float(z * tau), math.sqrt(variances[0]), tau2, math.sqrt(variances[1]))


def mpmath_quantile(lower: float) -> Any:  # noqa: ANN401 (an mpf)
    return mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(lower) - 1)


def test_the_published_soy_example() -> None:
    pool = soy()
    assert [round(one, 4) for one in (pool.estimate, pool.se, pool.tau2, pool.tau2_se)] == [
        -0.1931, 0.0882, 0.0973, 0.0505,
    ]  # fmt: skip
    plain = strong_effects(pool, Q, Bias(), 0.95)
    assert plain is not None
    assert (plain.estimate, plain.ci_low, plain.ci_high) == pytest.approx((0.6107838, 0.391321, 0.8302467), abs=1e-7)
    biased = strong_effects(pool, Q, Bias(math.log(1.3), SOY_SD), 0.95)
    assert biased is not None
    assert (biased.estimate, biased.se) == pytest.approx((0.2328057, 0.1494809), abs=3e-7)
    assert (biased.ci_low, biased.ci_high) == pytest.approx((0.0, 0.5257828), abs=1e-6)
    least = least_bias(pool, Q, 0.1, SOY_SD, 0.95)
    assert least is not None
    assert (least.ci_low, least.ci_high) == pytest.approx((1.014441, 1.9526787), abs=5e-7)
    strength = least_confounding(least, 0.95)
    assert (strength.estimate, strength.se) == pytest.approx((2.3305485, 0.5172952), abs=3e-7)
    assert (strength.ci_low, strength.ci_high) == pytest.approx((1.316669, 3.3444285), abs=1e-6)


@pytest.mark.parametrize("name", SETS)
def test_the_normal_model_against_metafor(name: str) -> None:
    one = ORACLE[name]
    pool = Pool(one["estimate"], one["se"], one["tau2"], one["tau2_se"])
    for place, factor in enumerate(one["bias_factors"]):
        plain = strong_effects(pool, one["threshold"], Bias(math.log(factor)), 0.95)
        assert plain is not None
        assert plain.estimate == pytest.approx(one["proportion"][place], rel=1e-12)
        assert plain.se == pytest.approx(one["proportion_se"][place], rel=1e-9)
        varying = strong_effects(pool, one["threshold"], Bias(math.log(factor), math.sqrt(pool.tau2 / 2)), 0.95)
        assert varying is not None
        assert varying.estimate == pytest.approx(one["varying"][place], rel=1e-11)
    least = least_bias(pool, one["threshold"], one["share"], 0.0, 0.95)
    assert least is not None
    assert (least.estimate, least.se) == pytest.approx((one["bias_factor"], one["bias_factor_se"]), rel=1e-9)
    strength = least_confounding(least, 0.95)
    assert (strength.estimate, strength.se) == pytest.approx((one["confounding"], one["confounding_se"]), rel=1e-9)


def test_at_the_edge_of_what_is_possible() -> None:
    pool = Pool(-0.3, 0.1, 0.04, 0.02)
    assert strong_effects(pool, Q, Bias(0.1, 0.2), 0.95) is None
    assert least_bias(pool, Q, 0.1, 0.3, 0.95) is None
    none = least_bias(pool, -2.0, 0.1, 0.0, 0.95)
    assert none is not None
    assert (none.estimate, math.isnan(none.se)) == (1.0, True)
    assert least_confounding(none, 0.95).estimate == 1
    assert least_bias(Pool(-1e6, 1.0, 1.0, 1.0), Q, 0.1, 0.0, 0.95) is None
    tiny = strong_effects(Pool(-1e25, 1e-3, 1e-40, 1e-41), Q, Bias(), 0.95)
    assert tiny is not None
    assert (tiny.estimate, tiny.se) == (1.0, 0.0)


@given(st.floats(-2, 0.5), st.floats(0.01, 2), st.floats(0.01, 0.9))
def test_the_least_bias_leaves_the_share(estimate: float, tau2: float, share: float) -> None:
    pool = Pool(estimate, 0.1, tau2, 0.1)
    least = least_bias(pool, Q, share, 0.0, 0.95)
    assert least is not None
    left = strong_effects(pool, Q, Bias(math.log(least.estimate)), 0.95)
    assert left is not None
    assert left.estimate <= share + 1e-9
    if least.estimate > 1:
        assert left.estimate == pytest.approx(share, abs=1e-9)


def data(name: str) -> tuple[np.ndarray, np.ndarray]:
    rows = json.loads((ROOT / f"tests/oracles/{name}.json").read_text(encoding="utf-8"))["data"]
    return np.array([row["yi"] for row in rows]), np.array([row["vi"] for row in rows])


@pytest.mark.parametrize("name", SETS)
def test_calibrated_estimates_against_metafor(name: str) -> None:
    yi, vi = data(name)
    found = calibrated(yi[:, None], vi[:, None], "REML")[:, 0]
    assert found == pytest.approx(ORACLE[name]["calibrated"], rel=1e-7)


def test_counted_shares_by_hand() -> None:
    effects = np.array([[-0.5], [-0.1], [-0.3], [-0.2]])
    found = shares(effects, Question(-0.15, 0.25, (0.0, 0.1, 0.2, 0.4)))
    assert found.proportions[:, 0].tolist() == [0.75, 0.5, 0.25, 0.0]
    # One may stay; the second, -0.3, must come to -0.15.
    assert found.least[0] == pytest.approx(0.15)
    assert shares(effects, Question(-0.6, 0.25, (0.0,))).least[0] == 0
    assert shares(effects, Question(-0.15, 0.999, (0.0,))).least[0] == 0
    # A share of three in ten of ten studies is three of them, whatever 0.3 * 10 is in doubles.
    ten = np.arange(-10.0, 0.0)[:, None]
    assert shares(ten, Question(0.0, 0.3, (0.0,))).least[0] == 7.0


def test_bootstrap_limits_against_scipy() -> None:
    from scipy import stats  # noqa: PLC0415 (only here)

    yi, vi = data("bcg")
    question = Question(math.log(0.7), 0.2, (0.0, math.log(1.2)))

    def statistic(places: np.ndarray) -> float:
        at = places.astype(int)
        return float(shares(calibrated(yi[at][:, None], vi[at][:, None], "DL"), question).proportions[1, 0])

    found = stats.bootstrap((np.arange(len(yi)),), statistic, n_resamples=999, vectorized=False, rng=1, method="BCa")
    own = shares(calibrated(yi[:, None], vi[:, None], "DL"), question).proportions[1, 0]
    without = jackknife(yi, vi, "DL", question).proportions[1]
    low, high, kind = bootstrap_limits(found.bootstrap_distribution, float(own), without, 0.95)
    assert kind == "bca"
    assert (low, high) == pytest.approx(tuple(found.confidence_interval), abs=1e-12)


def test_the_bootstrap_is_seeded_and_fits_each_resample() -> None:
    yi, vi = data("bcg")
    question = Question(math.log(0.7), 0.2, (0.0, 0.2))
    one, same, other = (bootstrap(yi, vi, "REML", question, 50, seed) for seed in (1, 1, 2))
    assert one.least.tolist() == same.least.tolist() != other.least.tolist()
    drawn = np.random.default_rng(1).integers(0, len(yi), (len(yi), 50))
    alone = shares(calibrated(yi[drawn[:, 7]][:, None], vi[drawn[:, 7]][:, None], "REML"), question)
    assert one.least[7] == pytest.approx(alone.least[0], rel=1e-12)
    # Where all resamples lie above the estimate, plain percentiles stand in.
    assert bootstrap_limits(np.array([1.0, 2.0, 3.0]), 0.5, np.array([0.5, 0.6]), 0.5) == (1.5, 2.5, "percentile")


def test_the_bias_between_two_pools() -> None:
    # The five trials, 0.931 (0.747 to 1.161), beside the observational pool of 0.6327: a factor of 1.47.
    trials = math.log(0.931), math.log(1.161 / 0.747) / (2 * 1.959963984540054)
    found = bias_between((-0.4576955891, 0.0532675478), trials, 0.95)
    assert round(math.exp(found.estimate), 2) == 1.47
    z = (mpmath.log(0.931) + mpmath.mpf("0.4576955891")) / mpmath.sqrt(0.0532675478**2 + trials[1] ** 2)
    assert (found.stat, found.p) == pytest.approx((float(z), float(mpmath.erfc(z / mpmath.sqrt(2)))), rel=1e-12)
    turned = bias_between(trials, (-0.4576955891, 0.0532675478), 0.95)
    assert (turned.ci_low, turned.ci_high) == pytest.approx((-found.ci_high, -found.ci_low))


def split(early: tuple[float, float, float], late: tuple[float, float, float]) -> Split:
    made = [(math.log(e), math.log(high / low) / (2 * 1.959963984540054)) for e, low, high in (early, late)]
    return Split(made[0], made[1], 12.0)


LE_SCODAN = split((0.45, 0.32, 0.65), (0.76, 0.61, 0.96))


def test_an_early_excess() -> None:
    found = difference(LE_SCODAN, 0.95)
    assert (round(found.stat, 2), round(found.p, 3)) == (-2.44, 0.015)
    # 12 (1 - 0.45) and 12 (1 - 0.45 / 0.76) months.
    assert immortal_time(LE_SCODAN) == pytest.approx(6.6)
    assert immortal_time(LE_SCODAN, math.log(0.76)) == pytest.approx(12 * (1 - 0.45 / 0.76))
    low, high = immortal_time_limits(LE_SCODAN, 0.95)
    assert (low, high) == pytest.approx((12 * (1 - math.exp(found.ci_high)), 12 * (1 - math.exp(found.ci_low))))
    none = split((0.9, 0.5, 1.6), (0.8, 0.6, 1.1))
    assert immortal_time(none, none.late[0]) == 0
    assert immortal_time_limits(none, 0.95)[0] == 0


def test_immortal_time_makes_the_ratio_that_it_is_worked_back_from() -> None:
    """Deaths of a constant hazard, none of them among the treated before treatment: the cumulative hazards compared."""
    hazard, window, wait, true = 0.03, 12.0, 4.0, 0.76
    survived = math.exp(-true * hazard * (window - wait))
    early = -math.log(survived) / (hazard * window)
    assert immortal_time(Split((math.log(early), 0.1), (math.log(true), 0.1), window), math.log(true)) == pytest.approx(
        wait
    )


def test_effects_as_if_only_the_later_period_counted() -> None:
    yi, sei = as_later(np.array([-0.4, 0.2]), np.array([0.1, 0.3]), (-0.4, 0.1), (-0.2, 0.15))
    assert yi.tolist() == pytest.approx([-0.2, 0.1])
    assert sei.tolist() == pytest.approx([0.15, 0.45])

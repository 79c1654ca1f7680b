"""Whether a study differs from no effect as print has it: limits at no effect, rounding, p values, any measure."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import Any

import pytest
from made import NOBODY, an_estimate
from test_small_study import content_of, some

from reanalysis.records import Effect, Estimate
from reanalysis.report.small_study import small_study as view
from reanalysis.routes import reconstruct
from reanalysis.significance import counted, excludes_none, limits_as_printed, of_print, z_bounds


def effect_of(estimate: Estimate, route: str) -> Effect:
    """Return the effect that a result is pooled as."""
    made = reconstruct(estimate, NOBODY)
    said = asdict(of_print(estimate, made, route))
    if math.isinf(said["z_high"]):
        said["z_high"] = None
    (one,) = some([(made[route].yi, made[route].sei or 0.0)], "c")
    return replace(one, route=route, **said)


def told(route: str = "ci", level: float = 0.95, **printed: Any) -> str:  # noqa: ANN401
    return excludes_none(z_bounds(effect_of(an_estimate(**printed), route)), level)


@pytest.mark.parametrize(
    ("estimate", "lower", "upper", "expected"),
    [
        ("0.6", "0.4", "1.0", "undecided"),  # 1.0 stands for 0.95 to 1.05
        ("0.89", "0.79", "1", "undecided"),
        ("0.60", "0.40", "0.90", "yes"),
        ("0.60", "0.36", "0.99", "yes"),
        ("0.50", "0.21", "1.19", "no"),
        ("1.7", "1.0", "2.9", "undecided"),
        ("1.00", "0.80", "1.25", "no"),
    ],
)
def test_a_limit_at_no_effect_leaves_it_open(estimate: str, lower: str, upper: str, expected: str) -> None:
    assert told(estimate=estimate, lower=lower, upper=upper) == expected
    turned = replace(an_estimate(estimate=estimate, lower=lower, upper=upper), inverted="yes")
    assert excludes_none(z_bounds(effect_of(turned, "ci")), 0.95) == expected


def test_differences_have_no_effect_at_zero() -> None:
    assert told(measure="MD", estimate="-2.0", lower="-4.0", upper="0.0") == "undecided"
    assert told(measure="MD", estimate="-2.0", lower="-3.9", upper="-0.1") == "yes"
    assert told(measure="MD", estimate="-2.0", lower="-4.2", upper="0.2") == "no"


def test_a_printed_p_value_settles_what_the_limits_leave_open() -> None:
    limits = {"estimate": "0.6", "lower": "0.4", "upper": "1.0"}
    assert told(**limits, p="0.03", p_operator="=") == "yes"
    assert told(**limits, p="0.05", p_operator="<") == "yes"
    assert told(**limits, p_operator="ns") == "undecided"  # at the edge, which a bound includes
    assert told(**limits, p="0.08", p_operator="=") == "no"
    assert told(**limits, p="0.05", p_operator="=") == "undecided"
    # The parts of print contradict each other: then it is open.
    assert told(estimate="0.60", lower="0.40", upper="0.90", p="0.30", p_operator="=") == "undecided"


def test_a_p_value_alone() -> None:
    assert told("p", estimate="0.47", p="0.003", p_operator="=") == "yes"
    assert told("p", estimate="0.80", p="0.52", p_operator="=") == "no"
    assert told("p", estimate="0.80", p="0.05", p_operator="=") == "undecided"
    assert told("p", estimate="0.80", p="0.049", p_operator="=") == "yes"


def test_printed_limits_are_those_of_their_own_level() -> None:
    ninety = effect_of(an_estimate(estimate="0.80", lower="0.66", upper="0.97", level=0.9), "ci")
    assert limits_as_printed(ninety, 0.95) is None
    assert limits_as_printed(ninety, 0.9) == pytest.approx((math.log(0.66), math.log(0.97)))
    # log(0.80) / (log(0.97 / 0.66) / (2 * 1.645)) is 1.91: at 0.95 it is not.
    assert excludes_none(z_bounds(ninety), 0.9) == "yes"
    assert excludes_none(z_bounds(ninety), 0.95) == "no"
    turned = effect_of(replace(an_estimate(estimate="0.6", lower="0.4", upper="1.0"), inverted="yes"), "ci")
    assert limits_as_printed(turned, 0.95) == pytest.approx((0.0, -math.log(0.4)))
    assert (
        limits_as_printed(effect_of(an_estimate(estimate="0.4", lower="0.0", upper="9.0", se="1.2"), "se"), 0.95)
        is None
    )
    assert limits_as_printed(effect_of(an_estimate(estimate="0.4", se="0.2"), "se"), 0.95) is None


def test_what_nothing_is_known_of_goes_by_its_own_numbers() -> None:
    (one,) = some([(-0.4, 0.1)], "c")
    assert z_bounds(one) == pytest.approx((4.0, 4.0))
    assert counted([(4.0, 4.0), (1.0, 1.0), (1.5, 2.5), (1.5, math.inf)], 0.95) == (1, 3)


def test_counts_of_significant_studies_say_what_rounding_leaves() -> None:
    effects = [
        replace(effect_of(an_estimate(estimate=one, lower=low, upper=high), "ci"), row=row, study=f"Study {row} <&>")
        for row, (one, low, high) in enumerate(
            [("0.6", "0.4", "1.0"), ("0.60", "0.40", "0.90"), ("0.50", "0.21", "1.19")], start=1
        )
    ]
    found = content_of(effects)
    test = found["all"]["excess_significance"]["common"]
    assert (test["observed"], test["observed_least"], test["observed_most"]) == (2, 1, 2)
    assert test["p_exact_least"] > test["p_exact"] == test["p_exact_most"]
    assert [one["significant"] for one in found["studies"]] == ["undecided", "yes", "no"]
    page = view(found)
    assert "1 or 2 have p below" in page["undecided"]
    assert "Study 1 <&>" in page["undecided"]
    rows = {one["name"]: one["cells"][0] for one in page["counts"]}
    assert rows["Significant studies, common effect"].startswith("2, expected")
    assert rows["The same as rounding has it, common effect"].startswith("1 or 2, p")
    settled = view(content_of(effects[1:]))
    assert settled["undecided"] == ""
    assert not any("rounding" in one["name"] for one in settled["counts"])

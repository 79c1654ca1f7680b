"""Routes from counts, inequalities and proportions, ratios that run the other way, and what every route has to say."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import NOBODY, SPLIT, an_estimate, made

from reanalysis import coherence
from reanalysis.errors import ReanalysisError
from reanalysis.extraction import extract
from reanalysis.printed import PrintedNumber
from reanalysis.records import Route, Study
from reanalysis.routes import USABLE, WAYS, reconstruct, routes

Z = 1.959963984540054


def study(**values: object) -> Study:
    return Study(row=1, study="Ayer", **values)  # type: ignore[arg-type]


LEVELS = {0.9: 1.6448536269514722, 0.95: Z, 0.99: 2.5758293035489004}
SEVENTY = math.sqrt(7 / 120)  # sqrt(1/30 + 1/40)


@pytest.mark.parametrize(
    ("way", "estimate", "row", "yi", "sei"),
    [
        (
            "events",
            {"estimate": "0.70"},
            {"events_treated": 30, "events_control": 40},
            math.log(0.7),
            SEVENTY,
        ),
        ("events", {"estimate": "0.70"}, {"events": 70, "events_treated": 30}, math.log(0.7), SEVENTY),
        # No estimate: the group with fewer events among as many patients is the better one.
        (
            "events",
            {"p": "0.05", "p_operator": "="},
            {"events_treated": 30, "events_control": 40, "n_treated": 100, "n_control": 100},
            -Z * SEVENTY,
            SEVENTY,
        ),
        # 100 events, half of the patients treated: V = 25.
        ("log_rank", {"estimate": "0.70"}, {"events": 100, "n_treated": 50, "n_control": 50}, math.log(0.7), 0.2),
        ("log_rank", {"estimate": "0.70"}, {"events": 100, "n": 200, "n_treated": 40}, math.log(0.7), 0.25),
        # a = 15 of 100, c = 30 of 120: OR and RR by hand.
        (
            "counts",
            {"measure": "OR"},
            {"events_treated": 15, "n_treated": 100, "events_control": 30, "n_control": 120},
            math.log(15 * 90 / (85 * 30)),
            math.sqrt(1 / 15 + 1 / 85 + 1 / 30 + 1 / 90),
        ),
        (
            "counts",
            {"measure": "RR"},
            {"events_treated": 15, "n_treated": 100, "events_control": 30, "n_control": 120},
            math.log(0.15 / 0.25),
            math.sqrt(1 / 15 - 1 / 100 + 1 / 30 - 1 / 120),
        ),
    ],
)
def test_routes_from_counts(way: str, estimate: dict[str, str], row: dict[str, int], yi: float, sei: float) -> None:
    found = WAYS[way].function(an_estimate(**estimate), study(**row))
    assert found is not None
    assert (found.yi, found.sei) == pytest.approx((yi, sei), rel=1e-12)


@pytest.mark.parametrize(
    ("way", "estimate", "row"),
    [
        ("events", {"estimate": "0.70"}, {"events_treated": 0, "events_control": 40}),
        ("events", {"measure": "OR", "estimate": "0.70"}, {"events_treated": 30, "events_control": 40}),
        ("events", {"p": "0.05", "p_operator": "="}, {"events_treated": 30, "events_control": 40}),
        ("events", {"p": "0.05", "p_operator": "<"},
         {"events_treated": 30, "events_control": 40, "n_treated": 100, "n_control": 100}),
        ("log_rank", {"estimate": "0.70"}, {"events": 100}),
        ("counts", {"measure": "OR"},
         {"events_treated": 0, "n_treated": 100, "events_control": 30, "n_control": 120}),
        ("counts", {"measure": "RR"},
         {"events_treated": 130, "n_treated": 100, "events_control": 30, "n_control": 120}),
        ("counts", {}, {"events_treated": 15, "n_treated": 100, "events_control": 30, "n_control": 120}),
        ("survival", {}, {"survival_treated": PrintedNumber("100"), "survival_control": PrintedNumber("50")}),
        ("p_bound", {"estimate": "0.70", "p": "0.03", "p_operator": "="}, {}),
    ],
)  # fmt: skip
def test_routes_that_print_does_not_allow(way: str, estimate: dict[str, str], row: dict[str, int]) -> None:
    assert WAYS[way].function(an_estimate(**estimate), study(**row)) is None


def test_survival_proportions_give_the_ratio_of_the_log_survivals() -> None:
    """Three-year survival of 43.4 % and 26.7 % in Le Scodan's series: 0.632."""
    row = study(survival_treated=PrintedNumber("43.4"), survival_control=PrintedNumber("26.7"))
    found = WAYS["survival"].function(an_estimate(estimate="0.70"), row)
    assert found is not None
    assert found.sei is None
    assert math.exp(found.yi) == pytest.approx(0.632, abs=5e-4)
    assert found.yi_range[0] < found.yi < found.yi_range[1]


def test_an_inequality_bounds_the_standard_error_from_one_side() -> None:
    below = WAYS["p_bound"].function(an_estimate(estimate="0.50", p="0.05", p_operator="<"), NOBODY)
    above = WAYS["p_bound"].function(an_estimate(estimate="0.50", p="0.05", p_operator=">"), NOBODY)
    assert below is not None
    assert above is not None
    assert (below.sei, above.sei) == (None, None)
    assert below.sei_range == (None, pytest.approx(-math.log(0.495) / Z))
    assert above.sei_range == (pytest.approx(-math.log(0.505) / Z), None)


def test_an_inequality_is_never_pooled(tmp_path: Path) -> None:
    review = SPLIT | {"columns": {"study": "Trial", "result": "Result"}}
    read = extract(made(tmp_path / "made", review, [["Trial", "Result"], ["Ayer", "OR 0.50 (p < 0.05)"]]))
    found = routes(read.estimates, read.studies, "death", USABLE)
    assert [(one.route, one.used, one.sei) for one in found] == [("p_bound", False, None)]


def test_a_one_sided_p_value_has_another_quantile() -> None:
    one = WAYS["p"].function(an_estimate(estimate="0.857", p="0.128", p_operator="=", p_sides=1), NOBODY)
    assert one is not None
    assert one.sei == pytest.approx(-math.log(0.857) / 1.1358962, rel=1e-6)  # the normal quantile of 0.872
    assert one.sei_range[0] is not None
    assert one.sei_range[0] < one.sei
    none = WAYS["p"].function(an_estimate(estimate="0.857", p="0.5", p_operator="=", p_sides=1), NOBODY)
    assert none is None


@pytest.mark.parametrize("way", WAYS)
def test_every_way_says_how_and_who_says_so(way: str) -> None:
    assert WAYS[way].formula
    assert WAYS[way].source or way in ("se", "variance")
    assert (WAYS[way].kind == "check") == (way not in USABLE)


INVERTED = {"printed": "control_vs_treated", "reason": "The medians show it.", "source": "Ann Surg 2019;269:1163"}


def turned(tmp_path: Path, cell: str, **declared: str) -> list[Route]:
    review = SPLIT | {
        "measure": "HR",
        "columns": {"study": "Trial", "result": "Result"},
        "inverted": {"Fitzal": INVERTED | declared},
    }
    read = extract(made(tmp_path / "made", review, [["Trial", "Result"], ["Fitzal", cell]]))
    return routes(read.estimates, read.studies, "death", USABLE)


def test_a_ratio_that_runs_the_other_way_is_turned(tmp_path: Path) -> None:
    """POSYTIVE prints no surgery against surgery: 0.691 (0.358-1.333) is 1.447 (0.750-2.793)."""
    (one,) = turned(tmp_path, "HR 0.691 (0.358-1.333)")
    assert one.sei is not None
    assert (one.used, one.inverted) == (True, "control_vs_treated")
    values = [math.exp(one.yi + shift * one.sei) for shift in (0, -Z, Z)]
    assert values == pytest.approx([1.447, 0.750, 2.793], abs=2e-3)
    assert one.yi_low < one.yi < one.yi_high


def test_a_time_ratio_is_pooled_only_where_it_is_declared(tmp_path: Path) -> None:
    (one,) = turned(tmp_path / "a", "time ratio 1.25 (1.00-1.5625)", printed="time_ratio")
    assert one.yi == pytest.approx(-math.log(1.25))
    (other,) = turned(tmp_path / "b", "HR 0.80 (0.64-1.00)", printed="time_ratio")
    assert other.yi == pytest.approx(math.log(0.8))  # a hazard ratio that the same study prints is none
    review = SPLIT | {"measure": "HR", "columns": {"study": "Trial", "result": "Result"}}
    read = extract(made(tmp_path / "c", review, [["Trial", "Result"], ["Fitzal", "TR 1.25 (1.00-1.5625)"]]))
    assert "declare it under inverted" in read.estimates[0].reason


def test_what_is_declared_of_nobody_is_an_error(tmp_path: Path) -> None:
    review = SPLIT | {"columns": {"study": "Trial", "result": "Result"}, "inverted": {"Nobody": INVERTED}}
    raw = made(tmp_path / "made", review, [["Trial", "Result"], ["Fitzal", "OR 0.7 (0.5-0.9)"]])
    with pytest.raises(ReanalysisError, match="does not have"):
        extract(raw)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["15", "100", "30", "120", ""], ""),
        (["15", "100", "", "120", ""], "nothing is printed"),
        (
            ["0", "100", "30", "120", ""],
            "a cell of its two-by-two table is 0, which has no logarithm; no continuity correction is made",
        ),
    ],
)
def test_a_row_of_counts_alone_can_be_pooled(tmp_path: Path, cells: list[str], reason: str) -> None:
    roles = ("events_treated", "n_treated", "events_control", "n_control", "p")
    review = SPLIT | {"columns": {"study": "study"} | {role: role for role in roles}}
    read = extract(made(tmp_path / "made", review, [["study", *roles], ["Ayer", *cells]]))
    assert read.estimates[0].reason == reason
    assert [one.used for one in routes(read.estimates, read.studies, "death", USABLE)] == ([True] if not reason else [])


@given(st.floats(-1.5, 1.5), st.floats(0.03, 0.6), st.integers(2, 3), st.sampled_from(list(LEVELS)), st.integers(1, 2))
def test_whatever_is_printed_of_one_pair_belongs_together(
    yi: float, sei: float, places: int, level: float, sides: int
) -> None:
    z = LEVELS[level]
    ratios = [f"{math.exp(yi + shift * sei):.{places}f}" for shift in (0, -z, z)]
    p = math.erfc(abs(yi) / sei / math.sqrt(2)) * sides / 2
    if float(ratios[1]) == 0 or float(f"{sei:.{places}f}") == 0 or float(f"{sei**2:.4f}") == 0:
        return
    estimate = an_estimate(
        estimate=ratios[0], lower=ratios[1], upper=ratios[2], level=level, log_estimate=f"{yi:.{places}f}",
        se=f"{sei:.{places}f}", variance=f"{sei**2:.4f}", p=f"{p:.3f}", p_operator="=", p_sides=sides,
    )  # fmt: skip
    assert coherence.together(estimate, coherence.printed(estimate))
    made_of = reconstruct(estimate, NOBODY)
    for name in ("ci", "se", "variance"):
        low, high = made_of[name].sei_range
        assert low is not None
        assert high is not None
        assert low - 1e-9 <= sei <= high + 1e-9
        assert made_of[name].yi_range[0] - 1e-9 <= yi <= made_of[name].yi_range[1] + 1e-9


TURNED = {
    "ci": {"estimate": "0.70", "lower": "0.58", "upper": "0.85"},
    "se": {"estimate": "0.70", "se": "0.10"},
    "variance": {"estimate": "0.70", "variance": "0.01"},
    "score": {"o_minus_e": "-8", "variance": "16"},
    "p": {"estimate": "0.70", "p": "0.003", "p_operator": "="},
    "events": {"estimate": "0.70"},
    "log_rank": {"estimate": "0.70"},
}


@pytest.mark.parametrize("way", [way for way in USABLE if way != "counts"])
def test_every_route_of_a_printed_ratio_is_turned_with_it(way: str) -> None:
    row = study(events=70, events_treated=30, events_control=40, n_treated=100, n_control=100)
    plain = reconstruct(an_estimate(**TURNED[way]), row)[way]
    other = reconstruct(an_estimate(**TURNED[way], inverted="control_vs_treated"), row)[way]
    assert other.yi == -plain.yi
    assert other.sei == plain.sei
    assert other.yi_range == (-plain.yi_range[1], -plain.yi_range[0])
    assert sorted(other.region.corners) == sorted((-y, s) for y, s in plain.region.corners)


def test_counts_run_as_the_groups_do_whichever_way_a_ratio_is_printed() -> None:
    row = study(events_treated=15, n_treated=100, events_control=30, n_control=120)
    for inverted in ("", "control_vs_treated"):
        one = an_estimate(measure="OR", estimate="2.0", lower="1.0", upper="4.0", inverted=inverted)
        assert reconstruct(one, row)["counts"].yi < 0
    by_p = an_estimate(p="0.05", p_operator="=", inverted="control_vs_treated")
    worse = study(events_treated=40, n_treated=100, events_control=30, n_control=100)
    assert reconstruct(by_p, worse)["events"].yi > 0


def test_two_contrasts_share_no_events_and_an_outcome_in_brackets_is_none(tmp_path: Path) -> None:
    columns = {"study": "Trial", "result": "Result", "events_treated": "D1", "events_control": "D0"}
    review = SPLIT | {"measure": "HR", "outcome": "OS", "columns": columns}
    for name, cell, used in (
        ("a", "HR (R0) 0.70; HR (R1) 0.80", []),
        ("b", "HR (OS) = 0.70\nHR TTFP = 0.60 (0.40-0.90)", ["events", "ci"]),
    ):
        read = extract(made(tmp_path / name, review, [["Trial", "Result", "D1", "D0"], ["Ayer", cell, "30", "40"]]))
        found = routes(read.estimates, read.studies, "OS", USABLE)
        assert [one.route for one in found if one.used] == used

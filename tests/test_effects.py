"""Routes and effects against the reference values, and who is in the analysis."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from made import NOBODY, PRECEDENCE, SPLIT, an_estimate, made

from reanalysis.effects import effects
from reanalysis.errors import ReanalysisError
from reanalysis.extraction import extract
from reanalysis.moderators import coded
from reanalysis.raw import RawReview
from reanalysis.reconstruction import Reconstruction
from reanalysis.records import Effect, Estimate
from reanalysis.routes import USABLE, WAYS, routes
from reanalysis.tables import read


def way(name: str, estimate: Estimate) -> Reconstruction | None:
    return WAYS[name].function(estimate, NOBODY)


ORACLE = json.loads((ROOT / "tests" / "oracles" / "le-scodan-2010.json").read_text())


@pytest.fixture(scope="module")
def found(shipped: RawReview) -> list[Effect]:
    extraction = extract(shipped)
    made = routes(extraction.estimates, extraction.studies, "OS", PRECEDENCE)
    return effects(extraction.studies, extraction.estimates, made, shipped.review, "review.yaml")


def test_the_eleven_effects_are_the_reference_values(found: list[Effect]) -> None:
    included = {one.study.replace(" ", ""): one for one in found if one.included}
    assert len(ORACLE["data"]) == len(included) == 11
    for row in ORACLE["data"]:
        one = included[row["study"]]
        assert one.yi == pytest.approx(row["yi"], rel=1e-13)
        assert one.sei == pytest.approx(math.sqrt(row["vi"]), rel=1e-13)
        for name, key in [("start", "start"), ("end", "end"), ("mid", "mid"), ("log_n", "logn")]:
            assert float(one.extra[name]) == pytest.approx(row[key], rel=1e-14)


def test_nine_by_interval_two_by_p(found: list[Effect]) -> None:
    used = [one.route for one in found if one.included]
    assert (used.count("ci"), used.count("p")) == (9, 2)


def test_the_rest_is_kept_with_a_reason(found: list[Effect]) -> None:
    left = {(one.study, one.item): one.reason for one in found if not one.included}
    assert len(found) == 18
    assert len(left) == 7
    assert left["Khan", 2] == "another contrast; R0 stands for the study"
    assert left["Babiera", 2] == "another outcome (TTFP); the analysis is of OS"
    assert all(left.values())


def test_the_other_contrast_of_khan_stays_usable(found: list[Effect]) -> None:
    other = next(one for one in found if (one.study, one.contrast) == ("Khan", "R1"))
    assert not other.included
    assert other.yi == pytest.approx(math.log(0.751), rel=1e-14)
    assert other.sei == pytest.approx((math.log(0.793) - math.log(0.71)) / (2 * 1.959963984540054), rel=1e-12)


def test_without_a_choice_two_contrasts_are_an_error(shipped: RawReview) -> None:
    extraction = extract(shipped)
    made = routes(extraction.estimates, extraction.studies, "OS", PRECEDENCE)
    undecided = replace(shipped.review, contrasts={})
    with pytest.raises(ReanalysisError) as error:
        effects(extraction.studies, extraction.estimates, made, undecided, "review.yaml")
    for words in ("Khan", "'R0', 'R1'", "0.751", "review.yaml", "primary"):
        assert words in str(error.value)


def test_a_contrast_that_is_not_printed_is_an_error(shipped: RawReview) -> None:
    extraction = extract(shipped)
    made = routes(extraction.estimates, extraction.studies, "OS", PRECEDENCE)
    wrong = replace(shipped.review, contrasts={"Khan": "R2"})
    with pytest.raises(ReanalysisError, match="'R2' is not printed"):
        effects(extraction.studies, extraction.estimates, made, wrong, "review.yaml")


def test_an_unknown_moderator_is_an_error(shipped: RawReview) -> None:
    extraction = extract(shipped)
    made = routes(extraction.estimates, extraction.studies, "OS", PRECEDENCE)
    wrong = replace(shipped.review, models=[("dose",)])
    with pytest.raises(ReanalysisError, match="'dose' does not exist"):
        effects(extraction.studies, extraction.estimates, made, wrong, "x")


def test_a_route_left_out_of_the_settings_is_not_used(shipped: RawReview) -> None:
    extraction = extract(shipped)
    made = routes(extraction.estimates, extraction.studies, "OS", ["ci"])
    assert {one.route for one in made if not one.used} == {"p", "survival"}
    found = effects(extraction.studies, extraction.estimates, made, shipped.review, "review.yaml")
    assert sum(one.included for one in found) == 9
    assert next(one for one in found if one.study == "Hazard").reason.startswith("no route")


@pytest.mark.parametrize(
    ("route", "values", "yi", "sei"),
    [
        # Parmar 1998 and Tierney 2007 print no unrounded example: worked here by hand.
        ("ci", {"estimate": "0.5", "lower": "0.25", "upper": "1.0"}, math.log(0.5), math.log(4) / 3.919927969080108),
        ("p", {"estimate": "0.5", "p": "0.05", "p_operator": "="}, math.log(0.5), math.log(2) / 1.959963984540054),
        ("se", {"log_estimate": "-0.30", "se": "0.12"}, -0.30, 0.12),
        ("variance", {"estimate": "2", "variance": "0.04"}, math.log(2), 0.2),
        ("score", {"o_minus_e": "-8", "variance": "16"}, -0.5, 0.25),
        ("ci", {"measure": "MD", "estimate": "-1", "lower": "-3", "upper": "1"}, -1.0, 4 / 3.919927969080108),
    ],
)
def test_each_route(route: str, values: dict[str, str], yi: float, sei: float) -> None:
    found = way(route, an_estimate(**values))
    assert found is not None
    assert (found.yi, found.sei) == pytest.approx((yi, sei), rel=1e-12)
    assert found.sei_range is not None
    assert found.sei_range[0] <= found.sei <= found.sei_range[1]
    assert found.yi_range[0] <= found.yi <= found.yi_range[1]
    others = set(WAYS) - {route}
    assert all(way(name, an_estimate(**values)) is None for name in others)


@pytest.mark.parametrize(
    ("route", "values", "yi_range", "sei_range"),
    [
        ("se", {"log_estimate": "-0.30", "se": "0.12"}, (-0.305, -0.295), (0.115, 0.125)),
        ("variance", {"estimate": "2", "variance": "0.04"}, (math.log(1.5), math.log(2.5)), (0.035**0.5, 0.045**0.5)),
        ("score", {"o_minus_e": "-8", "variance": "16"}, (-8.5 / 15.5, -7.5 / 16.5), (16.5**-0.5, 15.5**-0.5)),
    ],
)
def test_each_range_is_what_rounding_leaves(
    route: str, values: dict[str, str], yi_range: tuple[float, float], sei_range: tuple[float, float]
) -> None:
    found = way(route, an_estimate(**values))
    assert found is not None
    assert found.yi_range == pytest.approx(yi_range, rel=1e-12)
    assert found.sei_range == pytest.approx(sei_range, rel=1e-12)


def test_a_p_value_of_an_estimate_that_may_be_none_has_no_least_standard_error() -> None:
    found = way("p", an_estimate(estimate="1.0", p="0.9", p_operator="="))
    assert found is None
    wide = way("p", an_estimate(estimate="0.9", p="0.5", p_operator="="))
    assert wide is not None
    assert wide.sei_range is not None
    assert wide.sei_range[0] > 0
    across = way("p", an_estimate(estimate="1.4", p="0.5", p_operator="="))
    assert across is not None
    assert across.sei_range is not None
    coarse = way("p", an_estimate(measure="MD", estimate="-0", p="0.5", p_operator="="))
    assert coarse is None


def test_the_order_of_the_routes_decides() -> None:
    both = [an_estimate(estimate="0.54", lower="0.38", upper="0.77", p="0.0007", p_operator="=")]
    for order, used in [(["ci", "p"], "ci"), (["p", "ci"], "p"), (["se", "p", "ci"], "p")]:
        assert [one.route for one in routes(both, [NOBODY], "OS", order) if one.used] == [used]


def test_a_ninety_percent_interval_is_read_as_one() -> None:
    ninety = replace(an_estimate(estimate="1.11", lower="0.82", upper="1.52"), level=0.90)
    found = way("ci", ninety)
    assert found is not None
    assert found.sei == pytest.approx(math.log(1.52 / 0.82) / (2 * 1.6448536269514722), rel=1e-12)


def test_a_standard_error_of_a_p_value_grows_without_bound_near_one() -> None:
    found = way("p", an_estimate(estimate="0.9", p="0.99", p_operator="="))
    assert found is not None
    assert found.sei_range is not None
    coarse = way("p", an_estimate(estimate="0.9", p="0.9", p_operator="="))
    assert coarse is not None
    barely = way("p", an_estimate(estimate="0.9", p="0.995", p_operator="="))
    assert barely is not None
    assert barely.sei > found.sei > coarse.sei


@pytest.mark.parametrize("path", sorted((ROOT / "results").glob("*/effects.csv")))
def test_shipped_effects_name_a_reason_or_a_route(path: Path) -> None:
    for one in read(path, Effect):
        assert one.included == (not one.reason)
        assert bool(one.route) == (one.yi is not None)


def moderator_cells(tmp_path: Path, cells: list[str], **more: object) -> list[str]:
    columns = {"study": "Trial", "result": "OR"}
    review = SPLIT | {"columns": columns, "moderators": ["Dose"]} | more
    rows = [["Trial", "OR", "Dose"], *([f"T{place}", "OR 0,50 (0,25-1,00)", cell] for place, cell in enumerate(cells))]
    raw = made(tmp_path, review, rows)
    found = extract(raw)
    made_of = routes(found.estimates, found.studies, raw.review.outcome, USABLE)
    return [one.extra["Dose"] for one in effects(found.studies, found.estimates, made_of, raw.review, "review.yaml")]


def test_a_moderator_with_decimal_commas_is_a_number(tmp_path: Path) -> None:
    cells = ["45,0", "50,4", "-6,25", "NA"]
    assert moderator_cells(tmp_path / "a", cells, decimal_mark="comma") == ["45.0", "50.4", "-6.25", ""]
    read = moderator_cells(tmp_path / "b", ["45,0", "50,4"])
    assert read == ["45,0", "50,4"]
    # Undeclared, it is refused: as words it would be a category a number.
    with pytest.raises(ReanalysisError, match="decimal_mark: comma"):
        coded("Dose", read)


@pytest.mark.parametrize("cell", ["1_000", "٣", "0x10", "nan", "inf"])
def test_what_only_a_program_takes_for_a_number_is_a_word(cell: str) -> None:
    assert list(coded("Arm", [cell, "b"])) in ([f"Arm = {cell}"], ["Arm = b"])

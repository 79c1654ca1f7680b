"""What the checks say about the shipped table, and that they keep quiet about rows that are right."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import made
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import PRECEDENCE, an_estimate

from reanalysis import checks
from reanalysis.extraction import extract
from reanalysis.raw import RawReview
from reanalysis.records import Estimate, Finding, Study
from reanalysis.routes import routes

COLUMNS = {"study": "Study", "counts": "N", "period": "Years", "result": "Result"}
REVIEW = replace(made.REVIEW, columns=COLUMNS)


def findings_of(estimate: Estimate, **study: object) -> list[Finding]:
    """Return what is found in a table of one row."""
    cells = {"Study": "Ayer", "N": "n", "Years": "y", "Result": "r"}
    raw = RawReview(folder=Path("made"), review=REVIEW, headings=list(cells), rows=[cells])
    estimate = replace(estimate, column="Result")
    found = [replace(Study(row=1, study="Ayer"), **study)]  # type: ignore[arg-type]
    return checks.run(checks.Table(raw, found, [estimate], routes([estimate], found, "OS", PRECEDENCE)))


def said(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.check, one.severity) for one in findings]


@pytest.fixture(scope="module")
def shipped_findings(shipped: RawReview) -> list[Finding]:
    found = extract(shipped)
    return checks.run(
        checks.Table(shipped, found.studies, found.estimates, routes(found.estimates, found.studies, "OS", PRECEDENCE))
    )


def test_the_errors_of_the_shipped_table(shipped_findings: list[Finding]) -> None:
    errors = {(one.study, one.check): one for one in shipped_findings if one.severity == "error"}
    assert set(errors) == {("Shien", "arms"), ("Fields", "arms"), ("Shien", "information_bound")}
    assert errors["Shien", "arms"].detail == "160 + 184 = 344, printed 326."
    assert errors["Fields", "arms"].detail == "287 + 222 = 509, printed 409."
    assert errors["Shien", "arms"].printed == "326/160/184"


def test_nothing_false_is_said_of_wide_roundings(shipped_findings: list[Finding]) -> None:
    """A limit on symmetry that ignores rounding would flag these three."""
    spoken = {one.study for one in shipped_findings if one.check in ("inside", "log_symmetry", "coherent")}
    assert not spoken & {"Gnerlich", "Khan", "Rapiti"}
    assert not spoken


def test_declared_corrections_and_p_derived_errors_are_findings(shipped_findings: list[Finding]) -> None:
    assert sum(one.check == "corrections" for one in shipped_findings) == 5
    assert {one.study for one in shipped_findings if one.check == "from_p"} == {"Bafford", "Hazard"}
    assert sum(one.check == "not_poolable" for one in shipped_findings) == 4


def test_the_printed_cell_is_quoted_as_printed(shipped_findings: list[Finding]) -> None:
    khan = next(one for one in shipped_findings if one.check == "corrections" and one.study == "Khan")
    assert khan.printed == "Kahn\net al. [13]"


WIDE = {"estimate": "0.90", "lower": "0.58", "upper": "1.40"}
TIGHT = {"estimate": "0.70", "lower": "0.58", "upper": "0.85"}


@pytest.mark.parametrize(
    ("estimate", "study", "expected"),
    [
        (an_estimate(**TIGHT), {}, []),
        (an_estimate(estimate="0.50", lower="0.58", upper="0.85"), {}, ["inside", "log_symmetry"]),
        (an_estimate(estimate="0.80", lower="0.58", upper="0.85"), {}, ["log_symmetry"]),
        (an_estimate(**TIGHT, p="0.0002", p_operator="="), {}, []),
        (an_estimate(**TIGHT, p="0.02", p_operator="="), {}, ["coherent"]),
        (an_estimate(**TIGHT, p="0.001", p_operator="<"), {}, []),
        (an_estimate(**WIDE, p="0.05", p_operator="<"), {}, ["coherent"]),
        (an_estimate(**TIGHT, p="0.05", p_operator=">"), {}, ["coherent"]),
        (an_estimate(**TIGHT), {"start": 1999.0, "end": 1990.0}, ["period"]),
        (an_estimate(**TIGHT), {"n": 30, "n_treated": 10, "n_control": 21},
         ["arms", "information_bound"]),
        (an_estimate(**TIGHT), {"n": 5000, "n_treated": 2000, "n_control": 2999}, ["arms"]),
        (an_estimate(estimate="0.90", lower="0.58", upper="0.85"), {}, ["inside", "log_symmetry"]),
        (an_estimate(estimate="0.58", lower="0.58", upper="0.58"), {}, []),
        (an_estimate(**TIGHT), {"start": 1999.0, "end": 1999.0}, []),
        (an_estimate(**TIGHT), {"n": 440}, []),
        (an_estimate(**TIGHT), {"n": 380}, ["information_bound"]),
        (an_estimate(**TIGHT), {"n": 500, "events": 200}, ["information_bound"]),
        (an_estimate(**TIGHT), {"n": 500, "events": 450}, []),
        (an_estimate(**TIGHT, p="1.4", p_operator="="), {}, ["p_range", "coherent"]),
    ],
)  # fmt: skip
def test_what_is_found_in_a_row(estimate: Estimate, study: dict[str, object], expected: list[str]) -> None:
    assert [one.check for one in findings_of(estimate, **study) if one.severity != "note"] == expected


def test_events_bound_only_the_outcome_that_they_are_of() -> None:
    other = replace(an_estimate(**TIGHT), outcome="TTFP")
    assert [one.check for one in findings_of(other, n=900, events=80) if one.severity == "error"] == []
    own = an_estimate(**TIGHT)
    assert [one.check for one in findings_of(own, n=900, events=80) if one.severity == "error"] == ["information_bound"]


def test_declared_overlaps_and_endpoints_are_findings(shipped_findings: list[Finding]) -> None:
    overlaps = {one.study: one.message for one in shipped_findings if one.check == "overlap"}
    assert set(overlaps) == {
        "Khan",
        "Gnerlich",
    }  # Cady prints nothing that Bafford's patients could be counted twice in
    assert "Gnerlich" in overlaps["Khan"]
    (endpoint,) = [one for one in shipped_findings if one.check == "endpoint"]
    assert (endpoint.study, endpoint.severity) == ("Rapiti", "warning")
    assert "death from breast cancer" in endpoint.message


def test_the_same_row_printed_twice_is_a_warning() -> None:
    cells = {"Study": "Ayer [1]", "N": "n", "Years": "y", "Result": "r"}
    raw = RawReview(folder=Path("made"), review=REVIEW, headings=list(cells), rows=[cells, dict(cells)])
    studies = [Study(row=1, study="Ayer [1] (row 1)"), Study(row=2, study="Ayer [1] (row 2)")]
    rows = [replace(an_estimate(**TIGHT), row=row, column="Result") for row in (1, 2)]
    found = checks.run(checks.Table(raw, studies, rows, routes(rows, studies, "OS", PRECEDENCE)))
    assert [(one.check, one.row, one.detail) for one in found if one.severity == "warning"] == [
        ("repeated", 1, "Rows 1, 2."), ("repeated", 2, "Rows 1, 2."),
    ]  # fmt: skip


@given(st.floats(-1.5, 1.5), st.floats(0.03, 0.6), st.integers(2, 3), st.integers(2, 4), st.floats(1, 4))
def test_a_row_that_is_right_is_never_accused(yi: float, sei: float, places: int, p_places: int, excess: float) -> None:
    """Numbers made by a Wald interval, then rounded as journals round, with at least the events they need."""
    z = 1.959963984540054
    texts = [f"{math.exp(value):.{places}f}" for value in (yi, yi - z * sei, yi + z * sei)]
    p = math.erfc(abs(yi) / sei / math.sqrt(2))
    if any(float(text) <= 0 for text in texts) or texts[1] == texts[2] or float(f"{p:.{p_places}f}") == 0:
        return
    events = math.ceil(excess * 4 / sei**2)
    estimate = an_estimate(
        estimate=texts[0], lower=texts[1], upper=texts[2], p=f"{p:.{p_places}f}", p_operator="="
    )  # fmt: skip
    found = findings_of(estimate, n=2 * events, n_treated=events, n_control=events, events=events)
    assert [one for one in found if one.severity != "note"] == []

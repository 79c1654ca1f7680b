"""From the raw folder to typed rows: the shipped table, tables in other layouts, hostile tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made import SPLIT, edit, made

from reanalysis import raw as raw_folder
from reanalysis.corrections import apply
from reanalysis.errors import ReanalysisError
from reanalysis.extraction import Extraction, extract
from reanalysis.raw import RawReview
from reanalysis.records import Estimate, Provenance, Study
from reanalysis.tables import columns, dump, load

RESULT = "Multivariate Analysis of Overall Survival Hazards Ratio for Death (95%CI) with local treatment"
COUNTS = "Number of patients total/local treatment/no local treatment"


@pytest.fixture(scope="module")
def found(shipped: RawReview) -> Extraction:
    return extract(shipped)


def test_every_printed_row_is_a_study(found: Extraction) -> None:
    assert [one.study for one in found.studies] == [
        "Khan", "Gnerlich", "Bafford", "Shien", "Blanchard", "Fields", "Babiera",
        "Hazard", "Cady", "Ruiterkamp", "Leung", "Rapiti", "Le Scodan",
    ]  # fmt: skip
    assert sum(one.n or 0 for one in found.studies) == 29757


def test_khan_word_by_word(found: Extraction) -> None:
    khan = found.studies[0]
    assert (khan.reference, khan.year, khan.start, khan.end, khan.mid, khan.duration) == (
        "13", 2002, 1990, 1993, 1991.5, 3,
    )  # fmt: skip
    assert (khan.n, khan.n_treated, khan.n_control) == (16023, 9162, 6861)
    assert khan.extra["Local treatment"] == "S"


def test_every_printed_result_is_kept(found: Extraction) -> None:
    assert len(found.estimates) == 18
    poolable = [one for one in found.estimates if one.poolable]
    assert len(poolable) == 14
    assert sum(one.outcome == "OS" for one in poolable) == 12
    assert {one.study for one in found.estimates if not one.poolable} == {"Fields", "Cady", "Leung", "Rapiti"}
    assert all(bool(one.reason) != one.poolable for one in found.estimates)


def test_trailing_zeros_are_kept(found: Extraction) -> None:
    gnerlich = next(one for one in found.estimates if one.study == "Gnerlich")
    assert str(gnerlich.upper) == "0.60"


def test_every_value_has_its_characters(found: Extraction) -> None:
    """Each filled field of each row was read from characters of a cell, or follows from fields that were."""
    noted = {(one.table, one.row, one.item, one.field) for one in found.provenance}
    derived = {"mid", "duration", "row", "study"}
    for study in found.studies:
        for name in columns(Study):
            if getattr(study, name) not in (None, "") and name not in derived:
                assert ("studies", study.row, None, name) in noted
    for one in found.estimates:
        for name in ("estimate", "lower", "upper", "p", "p_operator", "contrast"):
            if getattr(one, name) not in (None, ""):
                assert ("estimates", one.row, one.item, name) in noted


def test_provenance_points_at_what_it_says(shipped: RawReview, found: Extraction) -> None:
    corrected = {(row, column): one.corrected for row, column, one in shipped.corrected_cells()}
    for one in found.provenance:
        if one.file == "table.csv":
            cell = shipped.rows[one.row - 1][one.column]
            if one.correction:
                cell = corrected[one.row, one.column]
            assert cell[one.start : one.end] == one.text != ""


def test_print_is_left_alone(shipped: RawReview) -> None:
    before = [dict(row) for row in shipped.rows]
    extract(shipped)
    assert shipped.rows == before
    assert shipped.rows[0]["Authors (ref)"].startswith("Kahn")
    assert "(RO)" in shipped.rows[0][RESULT]


def test_columns_of_their_own(tmp_path: Path) -> None:
    rows = [
        ["Trial", "Year", "N", "OR", "CI", "P", "End", "Dose"],
        ["Ayer", "1999", "120", "0.80", "0.60-1.07", "0.13", "death", "low"],
        ["Bell", "2004", "", "1.2", "", "0.40", "death", "high"],
        ["Cole", "2006", "80", "", "", "NS", "", ""],
    ]
    found = extract(made(tmp_path / "made", SPLIT, rows))
    ayer, bell, cole = found.estimates
    assert (str(ayer.estimate), str(ayer.lower), str(ayer.upper), str(ayer.p)) == ("0.80", "0.60", "1.07", "0.13")
    assert ayer.poolable
    assert bell.poolable
    assert (cole.poolable, cole.reason) == (False, "printed only as not significant, without an estimate")
    assert [one.n for one in found.studies] == [120, None, 80]
    assert found.studies[1].extra == {"Dose": "high"}
    upper = next(one for one in found.provenance if one.field == "upper")
    assert (upper.column, upper.text, upper.start) == ("CI", "1.07", 5)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("OR 0.8 (p < 0.01)", "only as an inequality"),
        ("OR 0.8", "neither an interval nor a p value"),
        ("OR 0.8 (p = 1.2)", "gives no standard error"),
        ("OR 0.8 (p = 0.00)", "gives no standard error"),
        ("OR 1.0 (p = 0.9)", "of no difference"),
        ("HR 0.8 (0.6-1.0)", "printed as HR"),
        ("OR 0.0 (0.0-1.0)", "no logarithm"),
        ("OR 1.0 (1.0-1.0)", "the same number"),
        ("OR 0.5 (0.4-0.6) (0.3-0.7)", "cannot be read"),
        ("0.89 (1.00-0.79)", "cannot be read: the lower limit 1.00 is above the upper limit 0.79"),
        ("-0.89 (0.79-1)", "cannot be read: a ratio is never negative"),
        ("0.89 (100%CI 0.79-1)", "cannot be read: 100 % is no confidence level"),
        ("", "nothing is printed"),
    ],
)
def test_a_result_that_cannot_be_pooled_says_why(tmp_path: Path, cell: str, reason: str) -> None:
    review = SPLIT | {"columns": {"study": "Trial", "result": "Result"}}
    (estimate,) = extract(made(tmp_path / "made", review, [["Trial", "Result"], ["Ayer", cell]])).estimates
    assert not estimate.poolable
    assert reason in estimate.reason


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        (COUNTS, "many", "expected"),
        (COUNTS, "326/160/18x", "expected"),
        (COUNTS, "326/160/184/2", "4 numbers"),
        (COUNTS, "326/160", "2 numbers"),
        (COUNTS, "1,2045", "does not belong here"),
        ("Years of inclusion", "12/2005 to 3", "no two years"),
        ("Years of inclusion", "1990-1993-1995", "no two years"),
        ("Years of inclusion", "1998-05", "two ways"),
        ("Years of inclusion", "1250-1993", "no year from 1800 to 2100"),
        (COUNTS, "326.5/160/184", "whole number"),
        (COUNTS, "-326/160/184", "whole number"),
        ("Years of inclusion", "sixties", "expected"),
        (RESULT, "HR OS = 1,204 (1,051-1,380)", "two ways"),
        ("Authors (ref)", " [18]", "names no study"),
    ],
)
def test_a_wrong_cell_is_named(review_folder: Path, column: str, cell: str, problem: str) -> None:
    found = raw_folder.read(review_folder)
    found.rows[3][column] = cell
    found.corrections.clear()
    with pytest.raises(ReanalysisError) as error:
        extract(found)
    message = str(error.value)
    assert problem in message
    assert "table.csv" in message
    assert column in message
    assert repr(cell) in message
    assert "remedy" in message
    if column != "Authors (ref)":
        assert "Shien" in message


def test_two_studies_of_one_author_are_two(tmp_path: Path) -> None:
    review = SPLIT | {"columns": {"study": "Trial", "estimate": "OR", "ci": "CI"}}
    rows = [["Trial", "OR", "CI"], ["Smith (2010)", "0.4", "0.2-0.8"], ["Smith (2018)", "0.9", "0.7-1.2"]]
    raw = made(tmp_path / "made", review, rows)
    (raw.folder / "judgements.csv").write_text("study,design\nSmith 2010,randomised\nSmith 2018,cohort\n")
    found = extract(raw_folder.read(raw.folder))
    assert [(one.study, one.year) for one in found.studies] == [("Smith 2010", 2010), ("Smith 2018", 2018)]
    (raw.folder / "judgements.csv").write_text("study,design\nSmith,randomised\n")
    with pytest.raises(ReanalysisError, match="does not have"):
        extract(raw_folder.read(raw.folder))


@pytest.mark.parametrize("heading", ["duration", "n", "row", "year", "study"])
def test_a_printed_heading_that_is_one_of_ours_replaces_nothing(tmp_path: Path, heading: str) -> None:
    review = SPLIT | {"columns": {"study": "Trial", "estimate": "OR", "ci": "CI"}}
    raw = made(tmp_path / "made", review, [["Trial", "OR", "CI", heading], ["Ayer", "0.4", "0.2-0.8", "1,204"]])
    found = extract(raw)
    text = dump(found.studies, Study, [heading])
    assert f"{heading} (printed)" in text
    (ayer,) = load(text, Study)
    assert ayer == found.studies[0]
    assert ayer.extra == {heading: "1,204"}
    assert (ayer.study, ayer.row, ayer.n, ayer.year, ayer.duration) == ("Ayer", 1, None, None, None)


def test_a_logarithm_with_its_standard_error_is_shown_as_what_it_is(tmp_path: Path) -> None:
    review = SPLIT | {"columns": {"study": "Trial", "se": "SE", "log_estimate": "log OR"}}
    (one,) = extract(made(tmp_path / "made", review, [["Trial", "SE", "log OR"], ["Ayer", "0.2", "-0.5"]])).estimates
    assert (one.text, one.column, one.poolable) == ("-0.5", "log OR", True)


@pytest.mark.parametrize(
    ("cell", "p", "said"),
    [
        ("OR 0.5 (0.3-0.8)\nOR (b) 0.6 (0.4-0.9)", "0.03", "could belong to any"),
        ("OR 0.5 (p = 0.02)", "0.03", "p value as well"),
    ],
)
def test_a_value_that_could_belong_to_several_is_refused(tmp_path: Path, cell: str, p: str, said: str) -> None:
    review = SPLIT | {"columns": {"study": "Trial", "result": "Result", "p": "P"}}
    with pytest.raises(ReanalysisError) as error:
        extract(made(tmp_path / "made", review, [["Trial", "Result", "P"], ["Ayer", cell, p]]))
    assert said in str(error.value)
    assert "Ayer" in str(error.value)


def test_a_printed_year_stands_before_a_declared_one_and_one_year_is_a_period(tmp_path: Path) -> None:
    review = SPLIT | {"columns": {"study": "Trial", "estimate": "OR", "ci": "CI", "period": "Years"}}
    raw = made(tmp_path / "made", review, [["Trial", "OR", "CI", "Years"], ["Ayer 1999", "0.4", "0.2-0.8", "1990"]])
    (raw.folder / "judgements.csv").write_text("study,year\nAyer,2005\n")
    (ayer,) = extract(raw_folder.read(raw.folder)).studies
    assert (ayer.year, ayer.start, ayer.end, ayer.mid, ayer.duration) == (1999, 1990, 1990, 1990, 0)


@pytest.mark.parametrize(("old", "new", "said"), [("id: shien-n", "id: khan-r0", "stands twice")])
def test_two_corrections_are_two(review_folder: Path, old: str, new: str, said: str) -> None:
    edit(review_folder, "corrections.yaml", old, new)
    with pytest.raises(ReanalysisError, match=said):
        raw_folder.read(review_folder)


def test_two_corrections_of_one_cell_are_refused(shipped: RawReview) -> None:
    one = next(one for one in shipped.corrections if one.id == "khan-name")
    with pytest.raises(ReanalysisError, match="change the same cell"):
        apply(shipped.rows, shipped.names, [one, replace(one, id="again")], "corrections.yaml")


def test_groups_without_a_total_give_the_total(tmp_path: Path) -> None:
    review = SPLIT | {"columns": {"study": "Trial", "estimate": "OR", "ci": "CI", "n_treated": "A", "n_control": "B"}}
    rows = [["Trial", "OR", "CI", "A", "B"], ["Ayer", "0.4", "0.2-0.8", "30", "31"]]
    assert extract(made(tmp_path / "made", review, rows)).studies[0].n == 61


def test_empty_lines_of_a_spreadsheet_are_no_rows(tmp_path: Path) -> None:
    review = SPLIT | {"columns": {"study": "Trial", "estimate": "OR", "ci": "CI"}}
    rows = [["Trial", "OR", "CI"], ["Ayer", "0.4", "0.2-0.8"], ["", "", ""], [" ", "", ""]]
    assert len(extract(made(tmp_path / "made", review, rows)).studies) == 1


def test_an_estimate_and_a_provenance_row_are_records() -> None:
    assert list(columns(Estimate))[:5] == ["row", "item", "study", "outcome", "contrast"]
    assert list(columns(Provenance))[:4] == ["table", "row", "item", "study"]

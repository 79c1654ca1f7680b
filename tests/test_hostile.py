"""Tables that nobody should write: every one ends with a clear message or with a row that says what is wrong."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from made import SPLIT, made

from reanalysis import checks, files, grammar
from reanalysis.errors import ReanalysisError
from reanalysis.extraction import extract
from reanalysis.raw import RawReview
from reanalysis.records import Estimate, Finding, Provenance, Route, Study
from reanalysis.review import COUNT_ROLES, NUMBER_ROLES, SURVIVAL_ROLES, TEXT_ROLES, YEAR_ROLES, Review
from reanalysis.routes import USABLE, routes
from reanalysis.tables import FORMULA_STARTS, PLAIN_NUMBER, dump, load

ROLES = ("period", "counts", "ci", "p", "claim", "database", *COUNT_ROLES, *YEAR_ROLES, *NUMBER_ROLES, *SURVIVAL_ROLES)

# What cells are made of: the pieces of real ones, and of those that are none.
WORDS = """
HR OR RR aHR MD SMD TR ratio hazard OS PFS (R0) 0.57 .85 1 1,204 0,72 1·4 12 600 1e400 -0.5 −0.5 ( ) [ ] - – to ; ,
: = < > ≤ 95% CI 95%CI 90% p P= p< NS n.s. ref if for in vs ± * † ¹ a <script> =1+1 @SUM(A1) ' " 🙂 ٣ ² ½ NaN
inf 0x10 1_000 1.2.3 1990-1993 50% x 10-4 10⁻⁴ one-sided CrI SE and or no benefit
"""
PIECES = st.sampled_from([*WORDS.split(), "\n", "\t", "\u202e"])
CELLS = st.one_of(
    st.lists(PIECES, max_size=12).map(" ".join),
    st.lists(PIECES, max_size=12).map("".join),
    # A NUL is refused where the table is read, and a carriage return is read as the end of a line.
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=40),
)


def whole_way(raw: RawReview) -> list[Finding]:
    """Read, work back, check, write and read again."""
    read = extract(raw)
    found = routes(read.estimates, read.studies, raw.review.outcome, USABLE)
    findings = checks.run(checks.Table(raw, read.studies, read.estimates, found))
    extra = [name for name in raw.headings if name not in raw.review.columns.values()]
    assert load(dump(read.studies, Study, extra), Study) == read.studies
    assert load(dump(read.estimates, Estimate), Estimate) == read.estimates
    assert load(dump(findings, Finding), Finding) == findings
    dump(read.provenance, Provenance)
    dump(found, Route)
    return findings


@given(CELLS)
@settings(max_examples=2000)
def test_no_cell_breaks_the_grammar(cell: str) -> None:
    try:
        found = grammar.read_result(cell)
    except ReanalysisError as error:
        if error.printed != cell:
            raise
        return
    for part in found:
        assert 0 <= part.start < part.end <= len(cell)
        assert part.reason or part.estimate is not None
    # Every word is in one of the readings, or parts two of them, or is a footnote mark: nothing is dropped.
    inside = {place for one in found for place in range(one.start, one.end)}
    left = "".join(" " if place in inside else character for place, character in enumerate(cell))
    assert {word.lower() for word in re.findall(r"[A-Za-z0-9]+", left)} <= {"and", "a", "b", "c"}


@given(
    st.dictionaries(st.sampled_from([*ROLES, *TEXT_ROLES, "result"]), CELLS, max_size=5),
    st.sampled_from(["HR", "OR", "MD"]),
)
@settings(max_examples=600)
def test_no_row_breaks_the_way_to_findings(cells: dict[str, str], measure: str) -> None:
    columns = {"study": "study"} | {role: role for role in cells}
    columns |= {} if {"result", "estimate"} & cells.keys() else {"result": "result"}
    row = dict.fromkeys(columns, "") | cells | {"study": "Ayer"}
    review = Review(
        title="Made", source={"citation": "Nobody", "table": "1"}, measure=measure,
        favours={"below": "a", "above": "b"}, outcome="OS", columns=columns,
    )  # fmt: skip
    raw = RawReview(folder=Path("made"), review=review, headings=list(columns), rows=[row, row | {"study": "Bell"}])
    try:
        whole_way(raw)
    except ReanalysisError as error:
        if not (error.remedy and error.file and error.column):
            raise


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("estimate", "1e400"), ("estimate", "NaN"), ("estimate", "inf"), ("estimate", "0x10"), ("estimate", "1_000"),
        ("estimate", "=1+1"), ("estimate", "<b>0.5</b>"), ("estimate", "½"), ("n", "1e400"), ("n", "-5"),
        ("n", "1,204.5"), ("p", "=A1"), ("ci", "<img src=x onerror=alert(1)>"), ("period", "1990-"),
        ("period", "=1990-1993"), ("se", "∞"), ("survival_treated", "120%"), ("survival_treated", "lots"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_named_with_its_place(tmp_path: Path, column: str, cell: str) -> None:
    columns = {"study": "study", "result": "result"} | ({column: column} if column != "result" else {})
    review = SPLIT | {"columns": columns}
    raw = made(tmp_path / "made", review, [["study", "result", column], ["Ayer", "", cell]])
    with pytest.raises(ReanalysisError) as error:
        extract(raw)
    for words in ("table.csv", "Ayer", column, repr(cell), "remedy"):
        assert words in str(error.value)


@pytest.mark.parametrize(
    "cell",
    [
        "<script>alert(1)</script>",
        "HR 0.5 (0.4-0.6)<img src=x>",
        '=HYPERLINK("x","HR 0.5 (0.4-0.6)")',
        "@SUM(A1)",
        "1e400",
    ],
)
def test_a_result_that_is_none_stays_as_a_row_with_a_reason(tmp_path: Path, cell: str) -> None:
    review = SPLIT | {"columns": {"study": "study", "result": "result"}}
    raw = made(tmp_path / "made", review, [["study", "result"], ["Ayer", cell]])
    found = whole_way(raw)
    (one,) = [one for one in found if one.check == "not_poolable"]
    assert one.printed == cell
    (row,) = csv.DictReader(io.StringIO(dump(found, Finding)))
    assert not row["printed"].startswith(("=", "@"))


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [1]\nb: *a\n",
        "a: &a {x: 1}\nb: {<<: *a}\n",
        "a: !!python/object/apply:os.system ['true']\n",
        "a: !!python/name:os.system\n",
        "{" * 5000,
        "a: [1, 2\n",
        "a: 1\na: 2\n",
        "? {a: 1}\n: 2\n",
    ],
)
def test_yaml_that_is_more_than_data_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "review.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ReanalysisError, match="YAML"):
        files.read_yaml(tmp_path / "review.yaml")


@pytest.mark.parametrize("path", sorted((ROOT / "results").glob("*/*.csv")), ids=lambda path: path.name)
def test_no_shipped_table_holds_a_formula(path: Path) -> None:
    for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))):
        for cell in row:
            if cell.startswith(FORMULA_STARTS):
                assert len(cell) == 1 or PLAIN_NUMBER.fullmatch(cell)

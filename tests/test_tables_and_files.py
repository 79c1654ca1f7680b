from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis import files, tables
from reanalysis.errors import ReanalysisError
from reanalysis.records import Finding, Study

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"))


@given(st.lists(st.tuples(TEXTS, TEXTS, st.none() | st.integers(0, 10**6), st.none() | st.floats(1000, 3000))))
def test_a_table_comes_back_as_it_went(rows: list[tuple[str, str, int | None, float | None]]) -> None:
    studies = [
        Study(row=index, study=name, n=n, mid=None if mid is None else round(mid, 6), extra={"Dose": dose})
        for index, (name, dose, n, mid) in enumerate(rows)
    ]
    text = tables.dump(studies, Study, ["Dose"])
    assert tables.load(text, Study) == studies


@pytest.mark.parametrize("text", ["-5", "+0.5", "-.5", "-1e-3"])
def test_a_negative_number_is_no_formula(text: str) -> None:
    assert text in tables.dump([Study(1, text)], Study).splitlines()[1].split(",")


def test_a_number_keeps_fifteen_digits() -> None:
    assert tables.number_text(1 / 3) == "0.333333333333333"
    assert tables.number_text(-0.0) == "0"


def test_a_result_is_held_against_its_schema(tmp_path: Path) -> None:
    (tmp_path / "pooled.json").write_text("{}")
    with pytest.raises(ReanalysisError, match="required"):
        files.read_result(tmp_path / "pooled.json", "pooled.schema.yaml")
    (tmp_path / "pooled.json").write_text("{")
    with pytest.raises(ReanalysisError, match="not JSON"):
        files.read_result(tmp_path / "pooled.json", "pooled.schema.yaml")


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+2", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0", "'=1"])
def test_a_spreadsheet_runs_no_cell(cell: str) -> None:
    finding = Finding("note", "x", 1, cell, "c", cell, "m", "d")
    text = tables.dump([finding], Finding)
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["study"].startswith("'")
    assert tables.load(text, Finding) == [finding]


@pytest.mark.parametrize(
    ("text", "said"),
    [("row,study\n1,a\n", "no column"), (tables.dump([Study(1, "a")], Study).replace("1,a", "x,a"), "column's type")],
)
def test_a_damaged_table_is_an_error(text: str, said: str) -> None:
    with pytest.raises(ReanalysisError, match=said):
        tables.load(text, Study, "studies.csv")


def test_a_table_that_is_no_csv_is_named() -> None:
    with pytest.raises(ReanalysisError, match=r"not CSV(.|\n)*studies\.csv"):
        tables.load('study\n"a\rb"c\rd\n', Study, "studies.csv")


def test_results_have_ten_digits() -> None:
    text = files.dump_json({"a": 1 / 3, "b": [2 / 3, None, 5], "c": -0.0})
    assert json.loads(text) == {"a": 0.3333333333, "b": [0.6666666667, None, 5], "c": 0.0}
    assert "-0" not in text


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_result_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        files.dump_json({"a": value})


def test_files_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "a.txt").write_text("old")
    for contents in ({"b.txt": "new", "taken": "x"}, {"taken": "x", "b.txt": "new"}):
        with pytest.raises(ReanalysisError, match="cannot be written") as error:
            files.write_all({tmp_path / name: content for name, content in contents.items()})
        assert "taken" in str(error.value)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "taken"]
    files.write_all({tmp_path / "a.txt": "new", tmp_path / "deep" / "c.bin": b"\0"})
    assert (tmp_path / "a.txt").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "deep", "taken"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReanalysisError) as error:
        files.read_text(tmp_path / "review.yaml")
    assert "review.yaml" in str(error.value)

"""The raw folder: files that are none of a review, and declarations that do not fit the table."""

from __future__ import annotations

from pathlib import Path

import pytest
from made import edit

from reanalysis import raw as raw_folder
from reanalysis.errors import ReanalysisError
from reanalysis.extraction import extract


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Trial;OR;CI\nAyer;0.4;0.2\n", "commas between the cells"),
        (b"Trial\tOR\nAyer\t0.4\n", "commas between the cells"),
        (b"Trial,,OR\nAyer,x,0.4\n", "column 2 has no heading"),
        (b"PK\x03\x04rest", "spreadsheet file"),
        ("Trial,OR\nAyer,0.4\n".encode("utf-16"), "spreadsheet file or UTF-16"),
    ],
)
def test_files_that_are_no_csv_say_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(ReanalysisError) as error:
        raw_folder.read_table(path)
    assert said in str(error.value)


def test_old_line_ends_and_a_mark_at_the_start_are_read(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    for ends in ("\r\n", "\r", "\n"):
        path.write_bytes("\ufeff".encode() + ends.join(["Trial,OR", "Ayer,0.4", ""]).encode())
        assert raw_folder.read_table(path) == (["Trial", "OR"], [{"Trial": "Ayer", "OR": "0.4"}])


@pytest.mark.parametrize("name", ["judgments.csv", "corrections.yml", "table2.csv"])
def test_a_file_that_would_be_ignored_is_an_error(review_folder: Path, name: str) -> None:
    (review_folder / name).write_text("x")
    with pytest.raises(ReanalysisError) as error:
        raw_folder.read(review_folder)
    assert name in str(error.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("review.yaml", "measure: HR", "mesure: HR", ["unknown key 'mesure'", "did you mean 'measure'"]),
        ("review.yaml", "measure: HR", "measure: XX", ["measure", "'XX' is not one of"]),
        ("review.yaml", "measure: HR\n", "", ["'measure' is a required property"]),
        ("review.yaml", "period: Years of inclusion", "period: Years", ["'period'", "Years", "Years of inclusion"]),
        ("review.yaml", "Khan: >-", "Kahn: >-", ["a reason is given for a study of which no contrast", "Kahn"]),
        (
            "review.yaml", "{Khan: R0}\n  reason:\n    Khan: >-", "{Kahn: R0}\n  reason:\n    Kahn: >-",
            ["names a study that the table does not have", "Kahn"],
        ),
        ("review.yaml", "title: Local", "title: [", ["not YAML"]),
        ("review.yaml", "outcome: OS\n", "outcome: OS\noutcome: TTFP\n", ["'outcome' is said twice"]),
        ("review.yaml", "level: 0.95", "level: !!python/object/apply:os.getcwd []", ["not YAML"]),
        ("review.yaml", "level: 0.95", "level: 95", ["level", "maximum"]),
        ("table.csv", "Database,", "Authors (ref),", ["heading stands twice"]),
        ("table.csv", "SEER,1988-2003", "SEER,1988,2003", ["row 2 has 8 cells", "Gnerlich"]),
        ("table.csv", "SEER", "SE\0ER", ["NUL"]),
        ("table.csv", '"HR OS =\n0.89', '"HR OS =\n0.89 " x', ["not CSV"]),
        ("corrections.yaml", "printed: 326/160/184", "printed: 327/160/184", ["guard", "shien-n", "326/160/184"]),
        ("corrections.yaml", "study: Shien", "study: Schien", ["not printed", "Schien"]),
        ("corrections.yaml", "column: Authors (ref)", "column: Authors", ["column that the table does not have"]),
        ("corrections.yaml", "status: applied", "status: maybe", ["status", "maybe"]),
        ("corrections.yaml", "reason: The arms", "because: The arms", ["unknown key 'because'", "Shien"]),
        ("judgements.csv", "Shien,2009", "Schien,2009", ["names a study", "Schien"]),
        ("judgements.csv", "Shien,2009", "Shien,soon", ["year", "Shien"]),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_named(review_folder: Path, file: str, old: str, new: str, said: list[str]) -> None:
    edit(review_folder, file, old, new)
    with pytest.raises(ReanalysisError) as error:
        extract(raw_folder.read(review_folder))
    for words in [*said, file, "remedy"]:
        assert words in str(error.value)


def test_broken_encoding_is_named(review_folder: Path) -> None:
    (review_folder / "table.csv").write_bytes(b"a,b\n\xff,1\n")
    with pytest.raises(ReanalysisError, match="not UTF-8"):
        raw_folder.read(review_folder)

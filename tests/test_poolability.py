"""What keeps a printed result out of the pool: another outcome, a sum of other rows, a name that somebody must give."""

from __future__ import annotations

from pathlib import Path

import pytest
from made import SPLIT, made

from reanalysis import raw as raw_folder
from reanalysis.audit import audit
from reanalysis.errors import ReanalysisError
from reanalysis.extraction import extract
from reanalysis.mixed_effects import Choices
from reanalysis.records import Estimate
from reanalysis.routes import USABLE

HR = SPLIT | {"measure": "HR", "outcome": "OS", "columns": {"study": "Study", "result": "Result"}}


def read(tmp_path: Path, cell: str, name: str = "Ayer 2001", **review: object) -> list[Estimate]:
    return extract(made(tmp_path / "made", HR | review, [["Study", "Result"], [name, cell]])).estimates


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        ("HR 0.72 (0.61-0.85)", "OS"),
        ("HR 0.72 (0.61-0.85) PFS", "PFS"),
        ("HR (OS) 0.72 (0.61-0.85)", "OS"),
        ("HR for death 0.72 (0.61-0.85)", "OS"),
        ("Overall Survival: HR 0.72 (0.61-0.85)", "OS"),
        ("relapse: HR 0.72 (0.61-0.85)", "relapse"),
    ],
)
def test_the_outcome_of_a_result(tmp_path: Path, cell: str, outcome: str) -> None:
    (one,) = read(tmp_path, cell, also_called=["overall survival", "death"])
    assert (one.outcome, one.contrast, one.poolable) == (outcome, "", True)


@pytest.mark.parametrize(
    ("cell", "poolable"),
    [
        ("Median OS 31 vs 22 months (HR 0.72, 95% CI 0.55-0.94, p=0.016)", True),
        ("Median PFS 31 vs 22 months (HR 0.72, 95% CI 0.55-0.94, p=0.016)", False),
        ("improved PFS; HR 0.72 (0.55-0.94)", False),
        ("Local recurrence 5% vs 12%, HR 0.40 (0.22-0.73)", False),
        ("Matched-pair analysis. HR 0.72 (0.55-0.94)", True),
        ("n = 210; HR 0.72 (0.55-0.94)", True),
    ],
)
def test_words_before_a_result_may_name_another_outcome(tmp_path: Path, cell: str, poolable: bool) -> None:
    *_, one = read(tmp_path, cell)
    assert one.estimate is not None
    assert one.poolable == poolable
    assert poolable or "may name its outcome" in one.reason


@pytest.mark.parametrize("name", ["Total (95% CI)", "Pooled (random)", "Subtotal", "Overall"])
def test_a_row_that_sums_up_others_is_no_study(tmp_path: Path, name: str) -> None:
    (one,) = read(tmp_path, "HR 0.72 (0.61-0.85)", name)
    assert not one.poolable
    assert "sums up others" in one.reason


def test_an_adjusted_result_beside_another_has_a_name(tmp_path: Path) -> None:
    found = read(tmp_path, "HR 0.66 (0.50-0.87), aHR 0.72 (0.61-0.85)")
    assert [one.contrast for one in found] == ["", "adjusted"]
    found = read(tmp_path, "crude HR 0.66 (0.50-0.87); adjusted HR 0.72 (0.61-0.85)")
    assert [one.contrast for one in found] == ["crude", "adjusted"]
    (alone,) = read(tmp_path, "aHR 0.72 (0.61-0.85)")
    assert alone.contrast == ""


def test_one_column_has_one_role(tmp_path: Path) -> None:
    review = HR | {"columns": {"study": "Study", "result": "Result", "n": "N", "n_treated": "N"}}
    with pytest.raises(ReanalysisError, match="one column plays the roles n and n_treated"):
        made(tmp_path / "made", review, [["Study", "Result", "N"], ["Ayer", "HR 0.72 (0.61-0.85)", "20"]])


def test_two_columns_that_say_the_same_count_must_agree(tmp_path: Path) -> None:
    review = HR | {"columns": {"study": "Study", "result": "Result", "counts": "All", "n_treated": "T"}}
    rows = [["Study", "Result", "All", "T"], ["Ayer", "HR 0.72 (0.61-0.85)", "344/160/184", "160"]]
    assert extract(made(tmp_path / "a", review, rows)).studies[0].n_treated == 160
    rows[1][3] = "161"
    with pytest.raises(ReanalysisError, match="161") as error:
        extract(made(tmp_path / "b", review, rows))
    assert "160" in str(error.value)
    assert error.value.column == "T"


@pytest.mark.parametrize("text", ["MÃ¼ller", "0.70â€“1.03", "M\ufffdller"])
def test_a_wrong_encoding_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"Study,Result\n{text},x\n", encoding="utf-8")
    with pytest.raises(ReanalysisError, match="wrong encoding"):
        raw_folder.read_table(path)
    path.write_text("Study,Result\nSÃO Paulo – Müller,x\n", encoding="utf-8")
    assert raw_folder.read_table(path)[1]


@pytest.mark.parametrize(
    ("cell", "counts"),
    [("n = 344 (160/184)", (344, 160, 184)), ("344 patients", (344, None, None)), ("1,344/600/744", (1344, 600, 744))],
)
def test_counts_with_words_and_brackets(tmp_path: Path, cell: str, counts: tuple[int | None, ...]) -> None:
    review = HR | {"columns": {"study": "Study", "result": "Result", "counts": "N"}}
    (study,) = extract(made(tmp_path / "made", review, [["Study", "Result", "N"], ["Ayer", "", cell]])).studies
    assert (study.n, study.n_treated, study.n_control) == counts


def test_a_correction_of_a_cell_that_cannot_be_read_can_be_audited(tmp_path: Path) -> None:
    """The remedy that an unreadable cell names must lead to a report."""
    rows = [["Study", "Result"], ["Ayer", "HR 1,204 (1,051-1,380)"], ["Bell", "HR 0.72 (0.61-0.85)"]]
    raw = made(tmp_path / "made", HR, rows)
    with pytest.raises(ReanalysisError, match="two ways"):
        extract(raw)
    (raw.folder / "corrections.yaml").write_text(
        "- {id: one, study: Ayer, column: Result, printed: 'HR 1,204 (1,051-1,380)', "
        "corrected: HR 1.204 (1.051-1.380), reason: Commas part decimals., source: Methods, status: applied}\n",
        encoding="utf-8",
    )
    found = audit(raw_folder.read(raw.folder), Choices("DL", "wald", 0.95), USABLE)
    assert found["as_analysed"]["pooled"]["k"] == 2
    assert "two ways" in found["corrections"][0]["problem"]

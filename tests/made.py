"""Made-up inputs for tests: an estimate, a review in a folder."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import yaml

from reanalysis import raw as raw_folder
from reanalysis.printed import PrintedNumber
from reanalysis.raw import RawReview
from reanalysis.records import Estimate, Study
from reanalysis.review import Review

PRECEDENCE = ["ci", "se", "variance", "score", "p"]


def number(text: str | None) -> PrintedNumber | None:
    return None if text is None else PrintedNumber(text)


def an_estimate(**values: object) -> Estimate:
    empty = Estimate(
        row=1, item=1, study="Ayer", outcome="OS", contrast="", measure="HR", estimate=None, lower=None, upper=None,
        level=0.95, p=None, p_operator="", p_sides=2, log_estimate=None, se=None, variance=None, o_minus_e=None,
        inverted="", text="", column="x", poolable=True, reason="",
    )  # fmt: skip
    plain = {"level", "p_operator", "measure", "p_sides", "inverted", "outcome"}
    given = {name: value if name in plain else number(value) for name, value in values.items()}
    return replace(empty, **given)  # type: ignore[arg-type]


REVIEW = Review(
    title="Made",
    source={"citation": "Nobody", "table": "1"},
    measure="HR",
    favours={"below": "surgery", "above": "no surgery"},
    outcome="OS",
    columns={"study": "study"},
)

NOBODY = Study(row=1, study="Ayer")


SPLIT = {
    "title": "Made",
    "source": {"citation": "Nobody", "table": "1"},
    "measure": "OR",
    "favours": {"below": "a", "above": "b"},
    "outcome": "death",
    "columns": {
        "study": "Trial", "year": "Year", "n": "N", "estimate": "OR", "ci": "CI", "p": "P", "outcome": "End",
    },
}  # fmt: skip


def made(folder: Path, review: dict[str, object], rows: list[list[str]]) -> RawReview:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "table.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    (folder / "review.yaml").write_text(yaml.safe_dump(review), encoding="utf-8")
    return raw_folder.read(folder)


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Replace some text of a file that must be there, once."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

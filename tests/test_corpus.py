"""Cells as journals print them, each with the reading that was written down before the grammar was run on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from reanalysis import grammar
from reanalysis.errors import ReanalysisError
from reanalysis.grammar import reading

CELLS = yaml.safe_load((Path(__file__).parent / "corpus" / "cells.yaml").read_text(encoding="utf-8"))
READ = [one for one in CELLS if "readings" in one]

KINDS = {reading.NOT_A_NUMBER: "words", reading.NOT_SIGNIFICANT: "ns", reading.REFERENCE: "reference"}
NUMBERS = ("estimate", "lower", "upper", "p", "se")


def kind(found: reading.Reading) -> str:
    if found.unreadable:
        return "unreadable"
    return KINDS.get(found.reason, "estimate")


def said(found: reading.Reading) -> dict[str, Any]:
    """Return a reading as the corpus writes it."""
    values = {name: getattr(found, name) for name in ("measure", "outcome", "contrast", *NUMBERS)}
    operator = "" if kind(found) == "ns" and found.p is None else found.p_operator  # the kind says it
    values |= {"operator": operator, "sides": found.p_sides}
    values["level"] = None if found.level is None else round(100 * found.level, 6)
    kept = {name: str(value) if name in NUMBERS else value for name, value in values.items() if value not in ("", None)}
    return {"kind": kind(found)} | kept


@pytest.mark.parametrize("one", READ, ids=[one["cell"] for one in READ])
def test_a_cell_is_read_as_a_careful_reader_reads_it(one: dict[str, Any]) -> None:
    found = grammar.read_result(one["cell"])
    expected = [{name: value for name, value in part.items() if name != "reason_has"} for part in one["readings"]]
    assert [said(part) for part in found] == expected
    for part, wanted in zip(found, one["readings"], strict=True):
        assert wanted.get("reason_has", "") in part.reason


@pytest.mark.parametrize("cell", [one["cell"] for one in CELLS if one.get("ambiguous")])
def test_two_readings_are_an_error_that_says_so(cell: str) -> None:
    with pytest.raises(ReanalysisError, match="two ways") as error:
        grammar.read_result(cell)
    assert error.value.printed == cell


@pytest.mark.parametrize("one", READ, ids=[one["cell"] for one in READ])
def test_every_value_stands_where_its_characters_say(one: dict[str, Any]) -> None:
    for part in grammar.read_result(one["cell"]):
        assert 0 <= part.start < part.end <= len(one["cell"])
        for name, (start, end) in part.spans.items():
            assert part.start <= start < end <= part.end
            if name in ("outcome", "contrast"):
                assert one["cell"][start:end].split() == getattr(part, name).split() or name == "contrast"


def test_the_corpus_cannot_shrink() -> None:
    assert len(CELLS) >= 400
    assert sum(all(part["kind"] != "estimate" for part in one.get("readings", [])) for one in CELLS) >= 125

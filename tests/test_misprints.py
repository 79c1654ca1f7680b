"""What is said of errors of print: whose effect they touch, and the pool without them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from conftest import SHIPPED
from test_statements import results

from reanalysis import misprints, narrative, raw
from reanalysis.audit import audit
from reanalysis.mixed_effects import Choices
from reanalysis.records import Finding
from reanalysis.routes import USABLE


@cache
def declared() -> dict[str, Any]:
    return audit(raw.read(SHIPPED), Choices("REML", "hksj", 0.95), USABLE)


def errors() -> list[Finding]:
    return [one for one in results().findings if one.severity == "error"]


def test_the_pool_with_every_correction_and_without_what_still_breaks_a_check() -> None:
    # R, metafor 3.8-1: the ten other studies, Gnerlich at 0.63 (0.60 to 0.66): 0.621 (0.601 to 0.641), I2 0.0 %.
    found = declared()["without_errors"]
    assert found["left_out"] == ["Shien"]
    pooled = found["pooled"]
    assert pooled["k"] == 10
    for name, value in (("ratio", 0.621), ("ratio_ci_low", 0.601), ("ratio_ci_high", 0.641)):
        assert pooled[name] == pytest.approx(value, abs=5e-4)
    assert pooled["i2"] == 0.0


def test_a_count_is_told_from_a_ratio() -> None:
    assert misprints.effect_at_fault(results(), results().findings) == {"Fields": False, "Shien": True}
    # Where the effect was worked back from the counts, an error in the counts is one of the effect.
    effects = [replace(one, route="counts") if one.study == "Fields" else one for one in results().effects]
    assert misprints.effect_at_fault(replace(results(), effects=effects), results().findings)["Fields"]


def test_a_declared_misprint_of_a_ratio_is_named_and_one_of_a_count_is_not() -> None:
    assert misprints.corrected_effects(results(), declared()) == ["Gnerlich"]
    said = narrative.answer(results(), errors(), ["retrospective"] * 11, declared())
    assert "Misprinted or impossible ratios: Gnerlich and Shien." in said
    assert len(said.split()) <= 60
    assert "Fields" not in said


def test_the_box_gives_the_pool_with_the_corrections() -> None:
    size = dict(narrative.statements(results(), errors(), ["retrospective"] * 11, declared()))["Size"]
    for words in (
        "The ratio of Gnerlich is declared to be misprinted: corrected, the pooled estimate is 0.644 (0.575 to 0.722).",
        "The ratio or interval of Shien cannot be right as printed; only a count or year of Fields",
        "With that correction and without Shien, the pooled estimate is 0.621 (0.601 to 0.641), I² 0.0%.",
    ):
        assert words in size


def test_nothing_is_said_where_nothing_is_wrong() -> None:
    assert misprints.in_short(results(), [], {}) == ""
    assert misprints.in_full(results(), [], {}) == []
    only = [one for one in errors() if one.study == "Fields"]
    assert misprints.in_short(results(), only, {}) == ""
    (said,) = misprints.in_full(results(), only, {})
    assert said.startswith("Only a count or year of Fields, which the pooled estimate does not use, cannot be right")


def test_what_leaves_no_study_gives_no_pool() -> None:
    none = declared() | {"without_errors": {"left_out": ["Shien"], "pooled": None, "problem": "no study is left"}}
    assert (
        len(misprints.in_full(results(), errors(), none)) == len(misprints.in_full(results(), errors(), declared())) - 1
    )


def test_many_are_counted() -> None:
    many = [replace(errors()[0], row=one.row, study=one.study, column="x") for one in results().included]
    assert misprints.in_short(results(), many, {}) == "Misprinted or impossible ratios: 11 studies."

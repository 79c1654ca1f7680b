"""A short run of the fuzzing that `make certify` does at length: no input may be a finding."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from reanalysis.errors import ReanalysisError

sys.path.insert(0, str(ROOT / "tests" / "certify"))
import fuzz
import inputs


def test_no_input_of_a_short_run_breaks_anything() -> None:
    found = fuzz.fuzz(200, seed=1)
    assert found.findings == []
    assert found.inputs == 200
    assert found.accepted > 20
    assert found.refused.total() > 60
    assert len(found.refused) > 40


@given(st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_no_input_that_is_drawn_breaks_anything(rng: random.Random) -> None:
    found = fuzz.Report()
    with fuzz.place() as here:
        here.try_one(inputs.drawn(rng, "drawn", here.known, here.outside), found, whole=10**9)
    assert found.findings == []


def test_an_input_is_known_by_its_seed_and_number(tmp_path: Path) -> None:
    known = inputs.bases()
    one, same, other = (inputs.make(number, 3, known, tmp_path) for number in (5, 5, 6))
    assert (one.contents, one.config, one.name) == (same.contents, same.config, same.name)
    assert one.contents != other.contents


def step_that(does: object) -> SimpleNamespace:
    return SimpleNamespace(step=does)


def broken(_: object) -> dict[Path, str]:
    raise KeyError("x")


def endless(_: object) -> dict[Path, str]:
    while True:
        pass


def writes_outside(arguments: SimpleNamespace) -> dict[Path, str]:
    return {arguments.raw.parents[3] / "elsewhere.txt": "x"}


def starts_something(_: object) -> dict[Path, str]:
    os.system("true")  # noqa: S605, S607 (what must be seen)
    return {}


def says_little(_: object) -> dict[Path, str]:
    raise ReanalysisError("no", remedy="")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (broken, "KeyError"),
        (endless, "not done after"),
        (writes_outside, "elsewhere.txt"),
        (starts_something, "os.system"),
        (says_little, "names no file"),
    ],
)
def test_what_must_not_happen_is_seen(monkeypatch: pytest.MonkeyPatch, step: object, said: str) -> None:
    monkeypatch.setattr(fuzz, "LIMIT", 0.5)
    monkeypatch.setattr(fuzz, "import_module", lambda _: step_that(step))
    found = fuzz.fuzz(3, seed=1)
    assert any(said in one for one in found.findings)

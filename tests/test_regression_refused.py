"""Effects and models that a meta-regression refuses, and where it says that they stand."""

from __future__ import annotations

import math
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from test_regression import REGISTRIES

from reanalysis.dataset import dataset
from reanalysis.errors import ReanalysisError
from reanalysis.records import Effect
from reanalysis.steps.regress import step
from reanalysis.tables import dump, read


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"included": False}, "no effect to pool"),
        ({"sei": 0.0}, "cannot be pooled"),
        ({"yi": math.inf}, "cannot be pooled"),
        ({"sei": None}, "cannot be pooled"),
    ],
)
def test_effects_that_no_model_can_use_are_refused(change: dict[str, object], said: str) -> None:
    (one, *_) = [row for row in read(ROOT / "results/le-scodan-2010/effects.csv", Effect) if row.included]
    with pytest.raises(ReanalysisError) as error:
        dataset([replace(one, **change)], "effects.csv")  # type: ignore[arg-type]
    assert said in str(error.value)
    assert "effects.csv" in str(error.value)


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (
            ["start", "end", "mid"],
            "of the 11 studies that have a value of each: the moderator 'mid' follows from 'start' and 'end'",
        ),
        (["log_n", "one"], "the moderator 'one' is the same for every study"),
        ("one", "the moderator 'one' is the same for every study"),
        ("mixed", "the moderator 'mixed' is a number for some studies and a word for others"),
        (
            ["group", "log_n", "kind"],
            "of the 11 studies that have a value of each: the moderator 'kind' (kind = many) follows from 'group'",
        ),
    ],
)
def test_a_model_that_cannot_be_fitted_is_an_error_that_says_where_it_stands(
    review_folder: Path, model: str | list[str], problem: str
) -> None:
    review, effects = review_folder / "review.yaml", review_folder / "effects.csv"
    content = yaml.safe_load(review.read_text(encoding="utf-8")) | {"moderators": [model]}
    review.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    rows = read(ROOT / "results/le-scodan-2010/effects.csv", Effect)
    registry = [any(one in row.study for one in REGISTRIES) for row in rows]
    added = [
        {
            "one": "1",
            "mixed": "2" if place else "two",
            "group": "registry" if many else "centre",
            "kind": "many" if many else "few",
        }
        for place, many in enumerate(registry)
    ]
    changed = [replace(row, extra=row.extra | more) for row, more in zip(rows, added, strict=True)]
    effects.write_text(dump(changed, Effect, changed[0].extra), encoding="utf-8")
    arguments = Namespace(
        review=review,
        effects=effects,
        regression=review_folder / "regression.json",
        tau2_method="REML",
        interval="hksj",
        level=0.95,
        permutations=1000,
        seed=1,
    )
    with pytest.raises(ReanalysisError) as error:
        step(arguments)
    assert problem in error.value.problem
    assert (error.value.file, error.value.column) == (str(review), "moderators")

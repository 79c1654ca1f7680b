"""Cumulative meta-analysis, by any year."""

from __future__ import annotations

import numpy as np
import pytest
from test_influence import HKSJ, NAMES, ORACLE, RESULTS, TESTS, a_dataset

from reanalysis.cumulative import cumulative, known_years
from reanalysis.dataset import Dataset, dataset
from reanalysis.mixed_effects import Choices
from reanalysis.pooling import pool
from reanalysis.records import Effect, Study
from reanalysis.tables import read


@pytest.mark.parametrize("test", ["z", "knha"])
@pytest.mark.parametrize("name", NAMES)
def test_cumulative_meta_analysis(name: str, test: str) -> None:
    review, choices = a_dataset(name), Choices("REML", TESTS[test], 0.95)
    for key, oracle in ORACLE[name]["cumulative"].items():
        by, _, which = key.split("/")
        if which != test:
            continue
        rows = ORACLE[name]["data"]
        years = [float(place if by == "given" else row[by]) for place, row in enumerate(rows)]
        steps = cumulative(review, years, "HR", choices)["steps"]
        assert [one["study"] for one in steps] == [review.studies[place - 1] for place in oracle["order"]]
        assert [one["k"] for one in steps] == list(range(1, len(rows) + 1))
        for quantity in ("estimate", "se", "ci_low", "ci_high", "q", "i2"):
            # The first of metafor's limits is of one study: Wald's, as ours.
            assert [one[quantity] for one in steps] == pytest.approx(oracle[quantity], rel=1e-8, abs=1e-9), quantity
        assert [one["tau2"] for one in steps] == pytest.approx(oracle["tau2"], rel=1e-8, abs=1e-12)


def test_ties_come_in_the_order_of_print_and_the_unknown_are_named() -> None:
    yi, vi = np.array([0.1, 0.2, 0.4, 0.3]), np.array([0.1, 0.2, 0.1, 0.2])
    review = Dataset(["Ayer", "Bell", "Cole", "Dunn"], yi, vi, {})
    found = cumulative(review, [2001, None, 1999, 2001], "MD", HKSJ)
    assert found["left_out"] == ["Bell"]
    assert [(one["study"], one["year"], one["k"]) for one in found["steps"]] == [
        ("Cole", 1999, 1),
        ("Ayer", 2001, 2),
        ("Dunn", 2001, 3),
    ]
    last = pool(yi[[0, 2, 3]], vi[[0, 2, 3]], "MD", HKSJ)
    assert found["steps"][-1]["ci_low"] == pytest.approx(last["ci_low"])
    assert found["steps"][-1]["ratio"] is None
    nothing = cumulative(review, [None] * 4, "MD", HKSJ)
    assert (nothing["steps"], nothing["left_out"]) == ([], review.studies)


def test_years_follow_the_row_of_an_effect() -> None:
    effects, studies = read(RESULTS / "effects.csv", Effect), read(RESULTS / "studies.csv", Study)
    years = known_years(effects, studies)
    names = dataset(effects, "effects.csv").studies
    assert dict(zip(names, years["start"], strict=True))["Rapiti"] == 1977
    assert dict(zip(names, years["year"], strict=True))["Khan"] == 2002
    assert {len(one) for one in years.values()} == {11}

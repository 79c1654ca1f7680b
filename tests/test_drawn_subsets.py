"""Above twenty studies subsets are drawn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from test_subsets import HKSJ, SAMPLING, SINGLE, a_review, array, content_of

from reanalysis.dataset import Dataset
from reanalysis.pooling import pool
from reanalysis.subsets import MOST_PAIRED, Sampling, drawn_subsets, every_subset, fit_subsets, near_the_whole
from reanalysis.subsets_file import KEPT, NOT_DRAWN, without


@pytest.fixture(scope="module")
def many() -> Dataset:
    return a_review(23)


@pytest.fixture(scope="module")
def sampled(many: Dataset) -> dict[str, Any]:
    return content_of(many)


def test_the_whole_and_all_without_one_or_two_are_answered(many: Dataset, sampled: dict[str, Any]) -> None:
    assert (sampled["complete"], sampled["seed"]) == (False, SAMPLING.seed)
    assert sampled["count"] == 1 + 23 + 253 + sampled["overall"]["subsets"]
    for left_out in [(), (0,), (22,), (0, 1), (3, 19), (21, 22)]:
        answer = without(sampled, [many.studies[place] for place in left_out])
        fresh = pool(np.delete(many.yi, left_out), np.delete(many.vi, left_out), "HR", HKSJ)
        assert (answer["k"], answer["df"]) == (23 - len(left_out), 22 - len(left_out))
        assert answer["estimate"] == pytest.approx(fresh["estimate"], rel=SINGLE)
        assert answer["se"] == pytest.approx(fresh["se"], rel=SINGLE)
    unknown = without(sampled, many.studies[:3])
    assert (unknown["k"], unknown["estimate"], unknown["reason"]) == (20, None, NOT_DRAWN)


def test_the_members_are_what_the_schema_says(many: Dataset, sampled: dict[str, Any]) -> None:
    rows = array(sampled["members"], "u1").reshape(sampled["count"], 3)
    assert rows[0].tolist() == [255, 255, 127]
    last = [place for place in range(23) if rows[-1][place // 8] >> (place % 8) & 1]
    fresh = pool(many.yi[last], many.vi[last], "HR", HKSJ)
    for name in KEPT:
        assert array(sampled["fits"][name])[-1] == pytest.approx(fresh[name], rel=SINGLE), name
    answer = without(sampled, [study for place, study in enumerate(many.studies) if place not in last])
    assert answer["estimate"] == pytest.approx(fresh["estimate"], rel=SINGLE)


def test_draws_are_all_different_fair_and_the_same_again() -> None:
    first, again = (drawn_subsets(25, Sampling(4000, 5)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, drawn_subsets(25, Sampling(4000, 6))[:, : first.shape[1]])
    assert len({column.tobytes() for column in first.T}) == first.shape[1] > 3990
    # Each study is in half of them: five standard errors.
    assert np.abs(first.mean(axis=1) - 0.5).max() < 5 * 0.5 / math.sqrt(4000)
    few = drawn_subsets(3, Sampling(1000, 1))
    assert {tuple(column) for column in few.T.tolist()} == {tuple(column) for column in every_subset(3).T.tolist()}
    assert near_the_whole(4).shape == (4, 1 + 4 + 6)


def test_a_sample_tells_what_all_subsets_do() -> None:
    data = a_review(14)
    include = drawn_subsets(14, Sampling(3000, 2))
    drawn = fit_subsets(data.yi, data.vi, include, HKSJ)
    whole = fit_subsets(data.yi, data.vi, every_subset(14), HKSJ)
    error = whole.estimate.std() / math.sqrt(include.shape[1])
    assert drawn.estimate.mean() == pytest.approx(whole.estimate.mean(), abs=5 * error)


def test_of_many_studies_no_pairs_are_declared() -> None:
    assert near_the_whole(MOST_PAIRED).shape[1] == 1 + MOST_PAIRED + MOST_PAIRED * (MOST_PAIRED - 1) // 2
    assert near_the_whole(MOST_PAIRED + 1).shape[1] == 2 + MOST_PAIRED

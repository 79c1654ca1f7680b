"""Permutation and sign-flip tests against metafor's, against every rearrangement fitted one by one, and by what cannot
change them."""

from __future__ import annotations

import itertools
import json
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from reanalysis import permutation, sign_flip
from reanalysis.design import FloatArray, design
from reanalysis.mixed_effects import Choices, Fit, fit
from reanalysis.permutation import (
    TIE,
    PermutationTest,
    Resampling,
    drawn_orderings,
    every_ordering,
    number_of_orderings,
    permutation_test,
)
from reanalysis.sign_flip import drawn_patterns, every_pattern, sign_flip_test

EVERY = Resampling(10_000, 1)
INTERVAL = {"z": "wald", "knha": "hksj"}
METHODS = ("REML", "FE")
GROUPS = ["a", "a", "b", "b", "c", "c", "c"]


def oracle(name: str) -> Any:  # noqa: ANN401 (whatever the file holds)
    return json.loads((ROOT / f"tests/oracles/{name}.json").read_text())


PINNED = oracle("permutation")["moderators"]


def effects(name: str, rows: list[int] | None = None) -> tuple[list[dict[str, float]], FloatArray, FloatArray]:
    data = oracle(name)["data"]
    kept = data if rows is None else [data[row - 1] for row in rows]
    return kept, np.array([row["yi"] for row in kept]), np.array([row["vi"] for row in kept])


def permuted(
    rows: list[int],
    *terms: str,
    choices: Choices = Choices("REML", "hksj", 0.95),  # noqa: B008 (a frozen record)
    resampling: Resampling = EVERY,
) -> PermutationTest:
    data, yi, vi = effects("bcg", rows)
    made = design({term: [row[term] for row in data] for term in terms}, len(data))
    return permutation_test(yi, vi, made, choices, resampling)


def test_the_oracle_has_regressions_of_one_moderator_and_of_two() -> None:
    assert len(PINNED) == 16
    assert {len(one["terms"]) for one in PINNED.values()} == {2, 3}


@pytest.mark.parametrize("key", PINNED)
def test_the_slopes_as_metafor_permutes_them(key: str) -> None:
    _, _, method, test = key.split("/")
    expected = PINNED[key]
    # A moderator is named with what was subtracted from it.
    terms = [term.split("-")[0] for term in expected["terms"][1:]]
    found = permuted(expected["rows"], *terms, choices=Choices(method, INTERVAL[test], 0.95))
    assert (found.count, found.exact) == (expected["permutations"], True)
    assert [_of(found, p) for p in found.p] == [_of(found, p) for p in expected["pval"][1:]]
    assert _of(found, found.qm_p) == _of(found, expected["qm_p"])
    assert not found.error.any()
    assert found.qm_error == 0


@pytest.mark.parametrize("test", INTERVAL)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["le-scodan-2010", "bcg"])
def test_the_mean_as_metafor_turns_its_signs(name: str, method: str, test: str) -> None:
    expected = oracle("permutation")["signs"][f"{name}/{method}/{test}"]
    _, yi, vi = effects(name)
    found = sign_flip_test(yi, vi, Choices(method, INTERVAL[test], 0.95), EVERY)
    assert found["flips"] == expected["permutations"]
    assert Fraction(found["p"]) == Fraction(round(expected["pval"][0] * found["flips"]), found["flips"])
    assert (found["exact"], found["error"]) == (True, 0)


def _of(found: PermutationTest, p: float) -> int:
    """Return how many of the orderings a p value stands for."""
    reached = round(p * found.count)
    assert p == pytest.approx(reached / found.count, abs=1e-12)
    return reached


# metafor 3.8-1 on the first seven BCG trials in three groups, of 210 orderings: permutest(rma(yi, vi, mods = ~ g,
# method, test, control = list(threshold = 1e-14, maxiter = 10000, tol = 1e-15)), exact = TRUE). Two slopes, and both.
THREE_GROUPS = {
    "REML/z": (192, 88, 84),
    "REML/knha": (192, 93, 92),
    "DL/z": (184, 78, 82),
    "DL/knha": (194, 92, 90),
    "PM/z": (194, 93, 94),
    "PM/knha": (194, 93, 94),
}


@pytest.mark.parametrize("key", THREE_GROUPS)
def test_equal_rows_of_a_design_are_not_permuted_among_themselves(key: str) -> None:
    method, test = key.split("/")
    _, yi, vi = effects("bcg", [1, 2, 3, 4, 5, 6, 7])
    made = design({one: [float(group == one) for group in GROUPS] for one in ("b", "c")}, 7)
    found = permutation_test(yi, vi, made, Choices(method, INTERVAL[test], 0.95), EVERY)
    assert found.count == 210
    assert (*(_of(found, p) for p in found.p), _of(found, found.qm_p)) == THREE_GROUPS[key]


def _statistics(one: Fit) -> FloatArray:
    assert one.qm is not None
    return np.array([*np.abs(one.stat[1:]), math.sqrt(one.qm)])


@pytest.mark.parametrize("interval", ["wald", "hksj", "hksj_guarded"])
def test_slopes_as_every_ordering_fitted_one_by_one(interval: str) -> None:
    data, yi, vi = effects("bcg", [1, 4, 5, 6, 8])
    made = design({"ablat": [row["ablat"] for row in data]}, 5)
    choices = Choices("REML", interval, 0.95)
    observed = _statistics(fit(yi, vi, made, choices))
    reached = np.zeros(2, int)
    for order in itertools.permutations(range(5)):
        reached += _statistics(fit(yi[list(order)], vi[list(order)], made, choices)) >= observed - TIE
    found = permutation_test(yi, vi, made, choices, EVERY)
    assert [*found.p, found.qm_p] == pytest.approx(list(reached / 120), abs=1e-15)
    # A single slope and all slopes together are one question.
    assert found.qm_p == found.p[0]


@pytest.mark.parametrize("interval", ["wald", "hksj", "hksj_guarded"])
def test_the_mean_as_every_pattern_of_signs_fitted_one_by_one(interval: str) -> None:
    _, yi, vi = effects("bcg", [1, 5, 8, 9, 12, 13])
    choices, mean = Choices("REML", interval, 0.95), design({}, 6)
    observed = abs(fit(yi, vi, mean, choices).stat[0])
    patterns = [np.array(signs) for signs in itertools.product((-1.0, 1.0), repeat=6)]
    reached = [abs(fit(signs * yi, vi, mean, choices).stat[0]) >= observed - TIE for signs in patterns]
    assert sign_flip_test(yi, vi, choices, EVERY)["p"] == sum(reached) / 64


def test_the_shipped_mean_is_tied_with_its_mirror_image_alone() -> None:
    _, yi, vi = effects("le-scodan-2010")
    found = sign_flip_test(yi, vi, Choices("REML", "hksj", 0.95), EVERY)
    assert found == {"p": 2 / 2048, "error": 0.0, "flips": 2048, "exact": True}


@pytest.mark.parametrize("labels", [[0, 1, 2, 3, 4], [1, 0, 1, 2, 0], [0, 0, 0, 0], [1, 0, 0, 1], [0]])
def test_every_ordering_comes_once(labels: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permutation, "CELLS", 40)
    sizes = np.bincount(labels)
    parts = list(every_ordering(np.array(labels), sizes))
    assert all(part.size <= 40 for part in parts)
    orders = [tuple(order) for part in parts for order in part.T.tolist()]
    assert all(sorted(order) == list(range(len(labels))) for order in orders)
    # Which group of rows each study stands at tells orderings apart.
    seen = [tuple(labels[order.index(study)] for study in range(len(labels))) for order in orders]
    assert sorted(seen) == sorted(set(itertools.permutations(labels)))
    assert len(seen) == number_of_orderings(sizes)


def test_patterns_and_draws_do_not_depend_on_how_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [next(every_pattern(5)), next(drawn_patterns(5, 30, 7)), next(drawn_orderings(5, 30, 7))]
    for module in (permutation, sign_flip):
        monkeypatch.setattr(module, "CELLS", 35)
    cut = [every_pattern(5), drawn_patterns(5, 30, 7), drawn_orderings(5, 30, 7)]
    for one, parts in zip(whole, cut, strict=True):
        made = list(parts)
        assert len(made) > 1
        assert np.array_equal(one, np.hstack(made))
    assert len({tuple(signs) for signs in whole[0].T}) == 16
    assert set(whole[0][0]) == {1.0}


def test_drawn_orderings_come_near_the_exact_p_value_and_say_how_near() -> None:
    rows = [2, 3, 4, 6, 7, 8, 9]
    exact, drawn = permuted(rows, "ablat"), permuted(rows, "ablat", resampling=Resampling(4000, 5))
    assert (drawn.count, drawn.exact) == (4000, False)
    p = float(drawn.p[0])
    assert p * 4001 == pytest.approx(round(p * 4001), abs=1e-9)
    assert drawn.error[0] == pytest.approx(math.sqrt(p * (1 - p) / 4000))
    assert abs(p - exact.p[0]) < 4 * drawn.error[0]
    assert p != exact.p[0]
    assert permuted(rows, "ablat", resampling=Resampling(4000, 5)).p[0] == p
    assert permuted(rows, "ablat", resampling=Resampling(4000, 6)).p[0] != p


def test_drawn_signs_come_near_the_exact_p_value(monkeypatch: pytest.MonkeyPatch) -> None:
    _, yi, vi = effects("bcg", [1, 5, 8, 9, 12, 13])
    choices = Choices("REML", "hksj", 0.95)
    exact = sign_flip_test(yi, vi, choices, EVERY)
    monkeypatch.setattr(sign_flip, "MOST_EFFECTS", 5)
    drawn = sign_flip_test(yi, vi, choices, Resampling(4000, 5))
    assert (drawn["exact"], drawn["flips"]) == (False, 4000)
    assert 0 < abs(drawn["p"] - exact["p"]) < 4 * drawn["error"]


def test_the_p_values_do_not_depend_on_order_scale_or_origin() -> None:
    data, yi, vi = effects("bcg", [2, 3, 4, 6, 7, 8])
    year, ablat = (np.array([row[name] for row in data], float) for name in ("year", "ablat"))
    choices = Choices("REML", "hksj", 0.95)

    def ps(order: list[int], by: float, origin: float) -> list[float]:
        columns = {"year": by * (year[order] - origin), "ablat": ablat[order]}
        made = design({name: list(values) for name, values in columns.items()}, 6)
        found = permutation_test(yi[order], vi[order], made, choices, EVERY)
        return [*found.p, found.qm_p]

    as_given = ps([0, 1, 2, 3, 4, 5], 1.0, 0.0)
    assert as_given == ps([3, 5, 0, 1, 4, 2], 1.0, 0.0)
    assert as_given == ps([0, 1, 2, 3, 4, 5], -0.01, 1970.0)
    assert 1 / 720 <= min(as_given) <= max(as_given) <= 1


def test_turning_all_signs_or_the_unit_changes_nothing() -> None:
    _, yi, vi = effects("bcg")
    choices = Choices("DL", "hksj", 0.95)
    as_given = sign_flip_test(yi, vi, choices, EVERY)
    assert sign_flip_test(-yi, vi, choices, EVERY) == as_given
    assert sign_flip_test(100 * yi, 10_000 * vi, choices, EVERY) == as_given


@pytest.mark.parametrize("interval", ["wald", "hksj", "hksj_guarded"])
def test_effects_on_a_line_leave_two_orderings(interval: str) -> None:
    """Knapp and Hartung's scale is 0 there; the observed ordering and its mirror image are clearest all the same."""
    x = [0.0, 1.0, 2.0, 3.0, 4.0]
    found = permutation_test(np.array(x), np.full(5, 0.1), design({"x": x}, 5), Choices("REML", interval, 0.95), EVERY)
    assert found.p[0] == 2 / 120


@pytest.mark.parametrize("interval", ["wald", "hksj", "hksj_guarded"])
def test_effects_that_are_all_the_same_say_nothing_of_a_slope(interval: str) -> None:
    made = design({"x": [0.0, 1.0, 2.0, 4.0]}, 4)
    found = permutation_test(
        np.full(4, 0.3), np.array([0.1, 0.2, 0.3, 0.4]), made, Choices("REML", interval, 0.95), EVERY
    )
    assert found.p[0] == 1


def test_one_effect_has_one_mirror_image() -> None:
    found = sign_flip_test(np.array([0.5]), np.array([0.01]), Choices("REML", "hksj", 0.95), EVERY)
    assert (found["p"], found["flips"]) == (1.0, 2)

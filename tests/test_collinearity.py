"""Variance inflation and condition indices against metafor and fifty digits, and the moderators that errors name."""

from __future__ import annotations

import json

import numpy as np
import pytest
from conftest import ROOT

from reanalysis.certification import collinearity as certified
from reanalysis.collinearity import collinearity, condition_index, follows_from, inflation
from reanalysis.dataset import Dataset
from reanalysis.design import FloatArray, design
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices, fit
from reanalysis.moderators import model_design
from reanalysis.regression import regress, regress_all

ESTIMATORS = json.loads((ROOT / "tests/oracles/estimators.json").read_text())
BCG = json.loads((ROOT / "tests/oracles/bcg.json").read_text())["data"]
WITH_VIF = [
    (name, key)
    for name, one in ESTIMATORS.items()
    for key, model in one.get("regression", {}).items()
    if "vif" in model and key.endswith("/z")
]
ALLOCATION = [
    "random", "random", "random", "random", "alternate", "alternate", "random",
    "random", "random", "systematic", "systematic", "systematic", "systematic",
]  # fmt: skip
REML = Choices("REML", "hksj", 0.95)


def bcg() -> Dataset:
    return Dataset(
        studies=[str(row["study"]) for row in BCG],
        yi=np.array([row["yi"] for row in BCG]),
        vi=np.array([row["vi"] for row in BCG]),
        moderators={"alloc": ALLOCATION} | {name: [repr(row[name]) for row in BCG] for name in ("ablat", "year")},
    )


def test_the_oracle_has_models_of_several_moderators() -> None:
    assert len(WITH_VIF) == 45


@pytest.mark.parametrize(("name", "key"), WITH_VIF)
def test_the_factors_are_metafors(name: str, key: str) -> None:
    expected, rows = ESTIMATORS[name]["regression"][key], ESTIMATORS[name]["data"]
    terms, method = expected["terms"][1:], key.split("/")[1]
    made = design({term: [row[term] for row in rows] for term in terms}, len(rows))
    found = fit(*(np.array([row[one] for row in rows]) for one in ("yi", "vi")), made, Choices(method, "wald", 0.95))
    ours = [inflation(made.X, found.weights, [place]) for place in range(1, made.p)]
    # metafor inverts the covariance of coefficients, a year counted from 0 among them.
    assert ours == pytest.approx(expected["vif"], rel=1e-8)


# metafor 3.8-1 on the thirteen BCG trials with dat.bcg's allocation: vif(rma(yi, vi, mods = ~ alloc + ablat (+ year),
# method, control = list(threshold = 1e-14, maxiter = 10000, tol = 1e-15))), without and with
# btt = list(2:3, 4 (, 5)): slopes, generalised factors, and their roots, which metafor calls gsif.
SLOPES = {
    "REML": [1.7224344817536730, 1.7110728977664271, 1.0151038199000626],
    "FE": [1.9536631785765199, 1.6385116437537579, 1.4426480144402609],
    "DL": [1.6917104492897397, 1.6860758891008296, 1.0133030991657574],
}
BLOCKS = {
    "REML": [(1.2339229814051345, 1.0539548658633864), (1.7697315994476599, 1.3303125946361856), (1.9148206580531142, 1.3837704499132486)],  # noqa: E501
    "FE": [(4.1769228702599834, 1.4295985991887827), (2.4712690754557061, 1.5720270593904249), (6.5725361336298249, 2.5636957958443167)],  # noqa: E501
    "DL": [(1.2492634027502922, 1.0572154576535877), (1.7525473210175908, 1.3238381022683969), (1.9231603541340128, 1.3867805717322452)],  # noqa: E501
}  # fmt: skip


@pytest.mark.parametrize("method", SLOPES)
def test_a_category_has_a_factor_of_its_own(method: str) -> None:
    choices = Choices(method, "hksj", 0.95)
    two = regress(bcg(), ("alloc", "ablat"), "RR", choices)
    assert [one["vif"] for one in two["coefficients"][1:]] == pytest.approx(SLOPES[method], rel=1e-9)
    assert "vif" not in two["coefficients"][0]
    three = regress(bcg(), ("alloc", "ablat", "year"), "RR", choices)["collinearity"]["moderators"]
    assert [one["moderator"] for one in three] == ["alloc", "ablat", "year"]
    assert three[0]["terms"] == ["alloc = random", "alloc = systematic"]
    for one, (gvif, gsif) in zip(three, BLOCKS[method], strict=True):
        assert one["gvif"] == pytest.approx(gvif, rel=1e-9)
        assert one["gsif"] == pytest.approx(gsif, rel=1e-9)


@pytest.mark.parametrize("terms", [("ablat",), ("ablat", "year")])
def test_both_measures_to_the_digits_of_a_double(terms: tuple[str, ...]) -> None:
    made = design({term: [row[term] for row in BCG] for term in terms}, 13)
    data = bcg()
    found = fit(data.yi, data.vi, made, REML)
    arguments = [row["yi"] for row in BCG], [row["vi"] for row in BCG], made.X.tolist()
    exact = [float(one) for one in certified.variance_inflation(*arguments)]
    ours = [inflation(made.X, found.weights, [place]) for place in range(1, made.p)]
    assert ours == pytest.approx(exact, rel=1e-10)
    index = float(certified.condition_index(*arguments))
    assert condition_index(made.X, found.weights) == pytest.approx(index, rel=1e-10)


def _columns() -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(3)
    return np.column_stack([np.ones(12), random.normal(size=(12, 3))]), random.uniform(0.1, 5.0, 12)


def test_units_and_origins_change_no_factor() -> None:
    X, weights = _columns()
    as_given = [inflation(X, weights, block) for block in ([1], [2], [3], [1, 2])]
    moved = X * [1, 100, -0.01, 3] + [0, 2000, 5, -1]
    assert [inflation(moved, 7 * weights, block) for block in ([1], [2], [3], [1, 2])] == pytest.approx(as_given)
    assert min(as_given) > 1
    # A block and all others inflate each other alike, and all slopes together nothing.
    assert as_given[2] == pytest.approx(as_given[3])
    assert inflation(X, weights, [1, 2, 3]) == pytest.approx(1, rel=1e-12)


def test_a_moderator_alone_and_orthogonal_ones_are_not_inflated() -> None:
    X = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, -1.0], [1.0, -1.0, 1.0], [1.0, -1.0, -1.0]])
    even = np.ones(4)
    assert inflation(X, even, [1]) == pytest.approx(1, rel=1e-14)
    assert inflation(X[:, :2], np.array([1.0, 2.0, 3.0, 9.0]), [1]) == pytest.approx(1, rel=1e-14)
    assert condition_index(X, even) == pytest.approx(1, rel=1e-14)
    made = design({"x": [0.0, 1.0, 2.0, 3.0]}, 4)
    assert collinearity(made, even, {"x": ("x",)})["moderators"] == [
        {"moderator": "x", "terms": ["x"], "gvif": pytest.approx(1), "gsif": pytest.approx(1)}
    ]


def test_the_columns_that_another_follows_from() -> None:
    random = np.random.default_rng(5)
    a, b, c, d = random.normal(size=(4, 10))
    assert follows_from(np.column_stack([a, b, c, d])) is None
    assert follows_from(np.column_stack([a])) is None
    assert follows_from(np.column_stack([a, b, c, 2 * a - 3 * c + 7])) == (3, [0, 2])
    assert follows_from(np.column_stack([a, b, 5 - b, a + b])) == (2, [1])
    # A small part is a part all the same.
    assert follows_from(np.column_stack([a, b, c, a + 1e-5 * b])) == (3, [0, 1])


SIX = ["1", "2", "4", "7", "8", "9"]
WORDS = ["x", "x", "y", "y", "z", "z"]


@pytest.mark.parametrize(
    ("moderators", "said"),
    [
        ({"a": ["1"] * 6}, "the moderator 'a' is the same for every study"),
        ({"a": ["1", "1.0", "1", "1", "1", "1e0"]}, "the moderator 'a' is the same for every study"),
        ({"a": ["x"] * 6}, "the moderator 'a' is the same for every study"),
        ({"a": ["1", "2", "x", "4", "5", "6"]}, "the moderator 'a' is a number for some studies and a word for others"),
        ({"a": SIX, "b": ["3"] * 6}, "a + b, of the 6 studies that have a value of each: the moderator 'b' is the"),
        (
            {"a": ["1", "2", "3", "4", "", ""], "b": ["5", "5", "5", "5", "6", "7"]},
            "a + b, of the 4 studies that have a value of each: the moderator 'b' is the same for every study",
        ),
        (
            {"a": SIX, "b": ["1", "0", "2", "0", "5", "1"], "c": ["2", "4", "8", "14", "16", "18"]},
            "the moderator 'c' follows from 'a'",
        ),
        (
            {"start": SIX, "n": ["4", "9", "1", "1", "6", "3"], "length": ["3", "1", "4", "1", "5", "9"],
             "end": ["4", "3", "8", "8", "13", "18"]},
            "the moderator 'end' follows from 'start' and 'length'",
        ),
        (
            {"site": WORDS, "source": ["p", "p", "q", "q", "q", "q"]},
            "the moderator 'source' (source = q) follows from 'site'",
        ),
        (
            {"source": ["p", "p", "q", "q", "q", "q"], "site": WORDS},
            "the moderator 'site' (site = z) follows from 'source'",
        ),
    ],
)  # fmt: skip
def test_an_error_names_the_moderators_it_is_about(moderators: dict[str, list[str]], said: str) -> None:
    length = 6 if len(moderators) < 4 else 12
    cells = {name: values * (length // 6) for name, values in moderators.items()}
    data = Dataset(
        studies=[f"study {place}" for place in range(length)],
        yi=np.linspace(-1, 1, length),
        vi=np.full(length, 0.1),
        moderators=cells,
    )
    with pytest.raises(ReanalysisError) as error:
        model_design(data, tuple(moderators))
    assert said in error.value.problem
    assert error.value.column == "moderators"
    with pytest.raises(ReanalysisError):
        regress_all(data, [tuple(moderators)], "HR", REML)

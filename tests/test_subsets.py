"""All subsets against metafor, against fits made anew, and what the file answers; small reviews and large ones."""

from __future__ import annotations

import base64
import itertools
import json
import math
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, SHIPPED

from reanalysis import schemas, subsets_file
from reanalysis.dataset import Dataset, dataset
from reanalysis.errors import ReanalysisError
from reanalysis.files import dump_json
from reanalysis.intervals import INTERVALS
from reanalysis.mixed_effects import Choices
from reanalysis.pooling import pool
from reanalysis.records import Effect
from reanalysis.steps.subsets import step
from reanalysis.subsets import Sampling, every_subset, fit_subsets, subsets
from reanalysis.subsets_file import ALL_LEFT_OUT, KEPT, without
from reanalysis.tables import read

EFFECTS = ROOT / "results/le-scodan-2010/effects.csv"
HKSJ = Choices("REML", "hksj", 0.95)
SAMPLING = Sampling(2000, 1)
# A float of 32 bits has 24 binary digits; rounding errs by half of the last.
SINGLE = 2.0**-24 * 1.001


def a_review(k: int, seed: int = 1) -> Dataset:
    rng = np.random.default_rng(seed)
    studies = [f"study {place}" for place in range(k)]
    return Dataset(studies, rng.normal(-0.4, 0.2, k), rng.uniform(0.001, 0.1, k), {})


def content_of(
    data: Dataset, choices: Choices = HKSJ, sampling: Sampling = SAMPLING, measure: str = "HR"
) -> dict[str, Any]:
    """Return the content as it is read from the file, held against its schema."""
    content: dict[str, Any] = json.loads(dump_json(subsets(data, measure, choices, sampling)))
    schemas.check(content, "subsets.schema.yaml", "subsets.json")
    return content


def array(text: str, dtype: str = "<f4") -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype)


@pytest.fixture(scope="module")
def shipped() -> Dataset:
    return dataset(read(EFFECTS, Effect), "effects.csv")


@pytest.fixture(scope="module")
def content(shipped: Dataset) -> dict[str, Any]:
    return content_of(shipped)


# metafor 3.8-1, the eleven effects of le-scodan-2010: gosh(rma(yi, vi, method, control = list(threshold = 1e-14,
# maxiter = 10000, tol = 1e-15))), all 2,047 subsets: the sum, and the sum of each times its number / 2048.
GOSH = {
    "REML": {
        "estimate": (-950.7440256312, -469.2437743208),
        "i2": (100846.1755092, 51131.54352287),
        "tau2": (39.77706530076, 17.97500982027),
        "q": (43480.72337541, 22489.92856117),
    },
    "FE": {
        "estimate": (-968.0558577245, -481.0859094775),
        "i2": (96975.50705898, 49041.65869361),
        "tau2": (0.0, 0.0),
        "q": (43480.72337541, 22489.92856117),
    },
}


@pytest.mark.parametrize("method", GOSH)
def test_every_subset_against_metafor(shipped: Dataset, method: str) -> None:
    fits = fit_subsets(shipped.yi, shipped.vi, every_subset(11), Choices(method, "wald", 0.95))
    for name, expected in GOSH[method].items():
        values = getattr(fits, name)
        found = (values.sum(), (values * np.arange(1, 2048)).sum() / 2048)
        assert found == pytest.approx(expected, rel=1e-9), name


@pytest.mark.parametrize("k", [1, 2, 3, 7])
def test_every_subset_is_there_once(k: int) -> None:
    columns = {tuple(column) for column in every_subset(k).T.tolist()}
    expected = set(itertools.product([False, True], repeat=k)) - {(False,) * k}
    assert every_subset(k).shape == (k, 2**k - 1)
    assert columns == expected
    for place, column in enumerate(every_subset(k).T):
        assert sum(2**study for study in np.flatnonzero(column).tolist()) == place + 1


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("method", ["REML", "DL", "FE"])
def test_the_answer_without_any_studies_is_a_new_fit(shipped: Dataset, method: str, interval: str) -> None:
    choices = Choices(method, interval, 0.9)
    content, rng = content_of(shipped, choices), np.random.default_rng(7)
    for _ in range(60):
        kept = rng.random(11) < rng.uniform(0.1, 1)
        if not kept.any():
            continue
        left_out = [study for study, there in zip(shipped.studies, kept, strict=True) if not there]
        answer = without(content, left_out)
        fresh = pool(shipped.yi[kept], shipped.vi[kept], "HR", choices)
        assert (answer["k"], answer["df"], answer["reason"]) == (fresh["k"], fresh["df"], "")
        for name in ("estimate", "se", "tau2", "i2", "q"):
            assert answer[name] == pytest.approx(fresh[name], rel=SINGLE, abs=1e-30), name
        # Limits of the critical value's size times the rounding of the standard error, and the estimate's.
        reach = abs(fresh["ci_high"] - fresh["estimate"]) + abs(fresh["estimate"])
        assert answer["ci_low"] == pytest.approx(fresh["ci_low"], abs=2 * SINGLE * reach)
        assert answer["ci_high"] == pytest.approx(fresh["ci_high"], abs=2 * SINGLE * reach)
        assert answer["ratio_ci_high"] == pytest.approx(math.exp(answer["ci_high"]))
        # A p value of z standard errors errs by about z^2 times as much.
        assert answer["p"] == pytest.approx(fresh["p"], rel=4 * SINGLE * (1 + fresh["stat"] ** 2))


def test_every_subset_of_a_small_review_is_answered() -> None:
    data = a_review(6)
    content = content_of(data)
    for size in range(6):
        for places in itertools.combinations(range(6), size):
            kept = [place for place in range(6) if place not in places]
            answer = without(content, [data.studies[place] for place in places])
            fresh = pool(data.yi[kept], data.vi[kept], "HR", HKSJ)
            assert answer["estimate"] == pytest.approx(fresh["estimate"], rel=SINGLE)
            assert answer["se"] == pytest.approx(fresh["se"], rel=SINGLE)
            assert answer["df"] == fresh["df"]


def test_without_all_and_without_a_stranger(content: dict[str, Any], shipped: Dataset) -> None:
    nothing = without(content, shipped.studies)
    assert (nothing["k"], nothing["estimate"], nothing["ratio"], nothing["reason"]) == (0, None, None, ALL_LEFT_OUT)
    assert nothing.keys() == without(content, []).keys()
    with pytest.raises(ReanalysisError, match="no study 'Nobody'"):
        without(content, ["Nobody"])


def test_the_layout_is_what_the_schema_says(content: dict[str, Any], shipped: Dataset) -> None:
    """Without a line of the code that wrote it."""
    number = 0b01011000110  # studies 1, 2, 6, 7, 9
    places = [1, 2, 6, 7, 9]
    fresh = pool(shipped.yi[places], shipped.vi[places], "HR", HKSJ)
    for name in KEPT:
        assert array(content["fits"][name])[number - 1] == pytest.approx(fresh[name], rel=SINGLE), name
    bits = array(content["fits"]["normal"], "u1")
    alone = [number for number in range(1, 2048) if bits[(number - 1) // 8] >> ((number - 1) % 8) & 1]
    assert alone == [2**place for place in range(11)]
    assert content["critical_normal"] == pytest.approx(1.959963985)
    assert len(content["critical_t"]) == 10
    # The quantile of 97.5 % of t with 4 degrees of freedom, of any table.
    assert content["critical_t"][3] == pytest.approx(2.776445105)
    assert fresh["ci_high"] == pytest.approx(fresh["estimate"] + content["critical_t"][3] * fresh["se"])
    assert content["count"] == 2047
    assert all(len(array(content["fits"][name])) == 2047 for name in KEPT)


def test_one_study_makes_the_spread(content: dict[str, Any]) -> None:
    medians = {one["study"]: (one["with"]["i2_median"], one["without"]["i2_median"]) for one in content["by_study"]}
    assert round(medians["Shien"][0], 1) == 84.9
    assert medians["Shien"][1] == 0
    assert all(with_it < 80 and without_it > 50 for study, (with_it, without_it) in medians.items() if study != "Shien")
    counts = {(one["with"]["subsets"], one["without"]["subsets"]) for one in content["by_study"]}
    # 1,024 subsets have a study, one of them nothing else; 1,023 have not, ten of them a single one.
    assert counts == {(1023, 1013)}


def test_summaries_against_fits_one_by_one() -> None:
    data = a_review(5, seed=3)
    content = content_of(data)
    fits = {
        places: pool(data.yi[list(places)], data.vi[list(places)], "HR", HKSJ)
        for size in range(2, 6)
        for places in itertools.combinations(range(5), size)
    }
    for place, one in enumerate(content["by_study"]):
        for key, there in (("with", True), ("without", False)):
            some = [fit for places, fit in fits.items() if (place in places) == there]
            assert one[key]["subsets"] == len(some)
            for name in ("estimate", "i2"):
                quartiles = [one[key][f"{name}_{which}"] for which in ("q1", "median", "q3")]
                expected = np.percentile([fit[name] for fit in some], [25, 50, 75])
                assert quartiles == pytest.approx(expected.tolist(), rel=1e-9)
    for one in [*content["by_size"], content["overall"]]:
        some = {places: fit for places, fit in fits.items() if one.get("k", fit["k"]) == fit["k"]}
        assert one["subsets"] == len(some)
        excluding = [fit for fit in some.values() if fit["ci_high"] < 0 or fit["ci_low"] > 0]
        assert one["excludes"] == pytest.approx(100 * len(excluding) / len(some))
        for key, which in (("minimum", min), ("maximum", max)):
            places = which(some, key=lambda these: fits[these]["estimate"])
            assert one[key]["studies"] == [data.studies[place] for place in places]
            assert one[key]["ratio"] == pytest.approx(math.exp(fits[places]["estimate"]))
    assert 0 < content["overall"]["excludes"] < 100


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("k", [1, 2, 3])
def test_small_reviews(k: int, interval: str) -> None:
    data = a_review(k)
    content = content_of(data, Choices("REML", interval, 0.95))
    assert (content["count"], content["complete"], content["seed"]) == (2**k - 1, True, None)
    assert [one["k"] for one in content["by_size"]] == list(range(2, k + 1))
    for place in range(k):
        others = [study for index, study in enumerate(data.studies) if index != place]
        alone = without(content, others)
        assert (alone["k"], alone["df"], alone["tau2"]) == (1, None, 0)
        assert alone["estimate"] == pytest.approx(data.yi[place], rel=SINGLE)
    if k == 1:
        assert content["overall"] == {"subsets": 0, "excludes": None, "minimum": None, "maximum": None}
        assert content["by_study"][0]["with"]["estimate_median"] is None
    if k == 2:
        assert content["by_study"][0]["without"] == dict.fromkeys(content["by_study"][0]["without"]) | {"subsets": 0}


def test_a_difference_has_no_ratio() -> None:
    content = content_of(a_review(3), measure="MD")
    assert content["overall"]["minimum"]["ratio"] is None
    assert {without(content, [])[name] for name in ("ratio", "ratio_ci_low", "ratio_ci_high")} == {None}


def test_effects_that_are_all_the_same_have_walds_interval() -> None:
    data = Dataset(list("ABCD"), np.full(4, -0.22314355131420976), np.linspace(0.01, 0.1, 4), {})
    content = content_of(data)
    whole = without(content, [])
    assert (whole["df"], whole["q"], whole["i2"]) == (None, 0, 0)
    assert content["overall"]["minimum"]["studies"] == ["A", "B"]
    assert content["overall"]["maximum"]["studies"] == ["A", "B"]


def test_numbers_of_any_size_are_written() -> None:
    """Beyond the largest float of 32 bits there is no number."""
    data = Dataset(list("ABC"), np.array([0.0, 1e20, 5e20]), np.array([1e-4, 1e-4, 1e-4]), {})
    whole = without(content_of(data, measure="MD"), [])
    assert whole["tau2"] is None
    assert whole["estimate"] == pytest.approx(2e20, rel=1e-6)


# The same bytes.


@pytest.mark.parametrize("method", ["REML", "ML", "PM", "SJ"])
def test_sums_in_another_order_give_the_same_bytes(shipped: Dataset, method: str) -> None:
    choices, include = Choices(method, "hksj", 0.95), every_subset(11)
    order = np.random.default_rng(4).permutation(11)
    fits = fit_subsets(shipped.yi, shipped.vi, include, choices)
    other = fit_subsets(shipped.yi[order], shipped.vi[order], include[order], choices)
    assert any(not np.array_equal(getattr(fits, name), getattr(other, name)) for name in KEPT)
    assert subsets_file.encoded(fits, None, choices) == subsets_file.encoded(other, None, choices)


def test_the_size_of_the_file(content: dict[str, Any]) -> None:
    assert len(dump_json(content)) < 76_000


def test_the_step_writes_what_the_function_returns(tmp_path: Path, content: dict[str, Any]) -> None:
    path = tmp_path / "subsets.json"
    arguments = Namespace(
        review=SHIPPED / "review.yaml", effects=EFFECTS, subsets=path, leave_out=tmp_path / "leave_out.json",
        tau2_method="REML", interval="hksj", level=0.95, draws=2000, seed=1,
    )  # fmt: skip
    text = step(arguments)[path]
    assert isinstance(text, str)
    assert json.loads(text) == content

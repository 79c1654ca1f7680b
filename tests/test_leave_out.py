"""The kept answers of the explorer, read as the schema says: against metafor, fits made anew, and at the ends."""

from __future__ import annotations

import base64
import itertools
import json
import math
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from reanalysis import batch, formatting, intervals, schemas, shown_digits, wording
from reanalysis.dataset import Dataset, dataset
from reanalysis.files import dump_json, read_result
from reanalysis.intervals import INTERVALS
from reanalysis.leave_out import MOST_FITS, leave_out, number_of_sets, reaches, sets_left_out
from reanalysis.mixed_effects import Choices
from reanalysis.pooling import pool
from reanalysis.records import Effect
from reanalysis.tables import read
from reanalysis.tau2 import ESTIMATORS

FOLDER = ROOT / "results/le-scodan-2010"
HKSJ = Choices("REML", "hksj", 0.95)


class Kept:
    """A reader of the file, written from its schema alone."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.k = len(content["studies"])
        self.by = {one["name"]: one for one in content["estimators"]}
        self.names = [one["name"] for one in content["quantities"]]
        most = self.by[content["tau2_method"]]["most_left_out"]
        sizes = (itertools.combinations(range(self.k), size) for size in range(most + 1))
        order = [out for one in sizes for out in sorted(one, key=lambda out: out[::-1])]
        self.sets = {frozenset(out): place for place, out in enumerate(order)}
        first = self.columns(self.by[content["tau2_method"]]["fits"], len(self.names), None)
        self.fits = {content["tau2_method"]: first}
        for name, one in self.by.items():
            if one["fits"] is not None and name not in self.fits:
                self.fits[name] = self.columns(one["fits"], len(self.names), first)
        (self.q,) = self.columns(content["q"]["fits"], 1, None)

    @staticmethod
    def codes(text: str) -> list[int]:
        found, code, shift = [], 0, 0
        for byte in base64.b64decode(text):
            code |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                found.append(code)
                code, shift = 0, 0
        return found

    def columns(self, text: str, width: int, beside: list[list[int | None]] | None) -> list[list[int | None]]:
        codes = self.codes(text)
        length = len(codes) // width
        assert length * width == len(codes)
        made: list[list[int | None]] = []
        for column in range(width):
            values: list[int | None] = []
            for place in range(length):
                code = codes[column * length + place]
                near = beside[column][place] if beside else values[-1] if values else None
                step = (code - 1) // 2 if code % 2 else -(code // 2)
                values.append(None if code == 0 else (near or 0) + step)
            made.append(values)
        return made

    def text(self, out: frozenset[int], tau2: str, quantity: str) -> str:
        one = self.by[tau2]
        column = self.names.index(quantity)
        count = self.fits[one["same_as"] or tau2][column][self.sets[out]]
        decimals = self.content["quantities"][column]["decimals"]
        return formatting.number(None if count is None else count / 10**decimals, decimals)


def content_of(data: Dataset, choices: Choices = HKSJ, measure: str = "HR") -> dict[str, Any]:
    content: dict[str, Any] = json.loads(dump_json(leave_out(data, measure, choices)))
    schemas.check(content, "leave_out.schema.yaml", "leave_out.json")
    return content


def a_review(k: int, seed: int = 1, spread: float = 0.2) -> Dataset:
    rng = np.random.default_rng(seed)
    return Dataset([f"study {one}" for one in range(k)], rng.normal(-0.4, spread, k), rng.uniform(0.001, 0.1, k), {})


@pytest.fixture(scope="module")
def shipped() -> Dataset:
    return dataset(read(FOLDER / "effects.csv", Effect), "effects.csv")


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept(read_result(FOLDER / "leave_out.json", "leave_out.schema.yaml"))


# metafor 3.8-1: rma(yi, vi, method, test = "z" or "knha", control = list(threshold = 1e-12, maxiter = 10000,
# tol = 1e-14)): estimate, limits, tau2, I2, Q. Prediction limits of predict() beside Knapp and Hartung's interval only:
# beside Wald's that version takes the normal distribution.
METAFOR = [
    ("Khan,Gnerlich", "DL", "wald", "0.645 0.545 0.764 0.0382 71.1 27.69", None),
    ("Shien", "PM", "hksj", "0.589 0.565 0.613 0.0001 2.3 9.56", "0.562 0.617"),
    ("Shien,Le Scodan,Khan", "SJ", "hksj", "0.578 0.538 0.621 0.0058 30.8 3.01", "0.477 0.701"),
    ("Fields,Hazard,Rapiti,Babiera", "HE", "wald", "0.647 0.566 0.738 0.0235 90.0 51.75", None),
    ("Gnerlich,Fields", "ML", "hksj", "0.664 0.578 0.764 0.0182 68.4 35.65", "0.472 0.934"),
    ("Bafford,Blanchard", "HS", "wald", "0.645 0.584 0.713 0.0116 76.9 52.82", None),
    ("", "EB", "wald", "0.635 0.572 0.704 0.0159 79.5 53.82", None),
    (
        "Khan,Gnerlich,Bafford,Shien,Blanchard,Fields,Babiera,Hazard,Ruiterkamp",
        "REML", "hksj", "0.684 0.341 1.372 0.0000 0.0 0.37", None,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("without", "tau2", "interval", "values", "predicted"), METAFOR)
def test_the_kept_answers_are_those_of_metafor(
    kept: Kept, without: str, tau2: str, interval: str, values: str, predicted: str | None
) -> None:
    out = frozenset(kept.content["studies"].index(one) for one in without.split(",") if one)
    names = ("estimate", f"{interval}_ci_low", f"{interval}_ci_high", "tau2", "i2")
    found = [kept.text(out, tau2, name) for name in names]
    q = kept.q[kept.sets[out]]
    assert q is not None
    assert " ".join([*found, formatting.number(q / 100)]) == values
    if predicted:
        ends = (kept.text(out, tau2, f"{interval}_prediction_{end}") for end in ("low", "high"))
        assert " ".join(ends) == predicted


def test_every_digit_of_every_subset_is_that_of_a_fit_made_anew(kept: Kept, shipped: Dataset) -> None:
    compared = 0
    for size in range(1, kept.k + 1):
        members = [list(one) for one in itertools.combinations(range(kept.k), size)]
        outs = [frozenset(range(kept.k)) - set(one) for one in members]
        yi, vi = (np.array([values[one] for one in members]).T for values in (shipped.yi, shipped.vi))
        for tau2 in ESTIMATORS:
            found = batch.fit(yi, vi, tau2=tau2)
            values = {"tau2": found.tau2, "i2": found.i2, "estimate": np.exp(found.estimate)}
            for interval in INTERVALS:
                for kind, of in (("ci", intervals.limits), ("prediction", intervals.prediction)):
                    for end, limit in zip(("low", "high"), of(found, interval, 0.95), strict=True):
                        values[f"{interval}_{kind}_{end}"] = np.exp(limit)
            for name, made in values.items():
                decimals = next(one["decimals"] for one in kept.content["quantities"] if one["name"] == name)
                for out, value in zip(outs, made.tolist(), strict=True):
                    assert kept.text(out, tau2, name) == formatting.number(
                        None if math.isnan(value) else value, decimals
                    ), (out, tau2, name)
                    compared += 1
    assert compared == 2047 * 9 * 15


@pytest.mark.parametrize("interval", INTERVALS)
def test_the_page_and_its_explorer_show_the_same_digits(kept: Kept, shipped: Dataset, interval: str) -> None:
    rng = np.random.default_rng(7)
    for tau2 in ESTIMATORS:
        out = frozenset(rng.choice(11, rng.integers(0, 9), replace=False).tolist())
        there = sorted(set(range(11)) - out)
        record = pool(shipped.yi[there], shipped.vi[there], "HR", Choices(tau2, interval, 0.95))
        said = f"{kept.text(out, tau2, 'estimate')} ({kept.text(out, tau2, f'{interval}_ci_low')} to "
        assert said + f"{kept.text(out, tau2, f'{interval}_ci_high')})" == wording.model_text("HR", record)


def test_the_summary_is_that_of_all_subsets(kept: Kept) -> None:
    subsets = read_result(FOLDER / "subsets.json", "subsets.schema.yaml")
    by_size = {one["k"]: one for one in subsets["by_size"]}
    studies = set(subsets["studies"])
    assert [one["left_out"] for one in kept.content["summary"]] == [0, 1, 2, 3]
    for row in kept.content["summary"]:
        other = by_size[11 - row["left_out"]]
        assert row["sets"] == other["subsets"]
        assert 100 * row["excludes"] / row["sets"] == pytest.approx(other["excludes"])
        for ours, theirs in (("lowest", "minimum"), ("highest", "maximum")):
            assert row[ours]["ratio"] == pytest.approx(other[theirs]["ratio"], rel=1e-12)
            assert set(row[ours]["without"]) == studies - set(other[theirs]["studies"])


@pytest.mark.parametrize(
    ("k", "primary", "others"),
    [(1, 0, 0), (2, 1, 1), (11, 10, 10), (12, 11, 5), (14, 13, 3), (15, 7, 3), (20, 4, 3), (70, 2, 1), (200, 2, 1),
     (5000, 1, 0), (50_000, 0, 0)],
)  # fmt: skip
def test_what_is_kept_has_room_and_the_primary_estimator_goes_furthest(k: int, primary: int, others: int) -> None:
    reach = reaches(k, "PM")
    assert reach == {name: primary if name == "PM" else others for name in ESTIMATORS}
    assert sum(number_of_sets(k, one) for one in reach.values()) <= MOST_FITS


def test_sets_stand_where_the_formula_says() -> None:
    sets = sets_left_out(9, 8)
    assert len(sets) == number_of_sets(9, 8) == 2**9 - 1
    for place, out in enumerate(sets):
        assert place == number_of_sets(9, len(out) - 1) + sum(math.comb(c, i) for i, c in enumerate(out, start=1))


@pytest.mark.parametrize(("k", "primary"), [(1, "DL"), (2, "FE"), (3, "EB"), (7, "PM"), (13, "DL"), (40, "EB")])
def test_reviews_of_any_size_are_kept(k: int, primary: str) -> None:
    data = a_review(k)
    found = Kept(content_of(data, Choices(primary, "wald", 0.9), "MD"))
    for tau2, one in found.by.items():
        out = frozenset(range(one["most_left_out"]))
        there = sorted(set(range(k)) - out)
        record = pool(data.yi[there], data.vi[there], "MD", Choices(tau2, "hksj_guarded", 0.9))
        for quantity, name in (("estimate", "estimate"), ("hksj_guarded_ci_high", "ci_high")):
            assert found.text(out, tau2, quantity) == formatting.number(record[name], 3)
        assert found.text(out, tau2, "hksj_guarded_prediction_low") == formatting.number(record["prediction_low"], 3)


def test_what_looks_the_same_is_kept_once(kept: Kept) -> None:
    assert kept.by["EB"]["same_as"] == "PM"
    assert [name for name, one in kept.by.items() if one["fits"] is None] == ["EB"]
    assert (FOLDER / "leave_out.json").stat().st_size < 700_000


def test_limits_beyond_any_number_are_none_and_large_ones_are_cut() -> None:
    whole: frozenset[int] = frozenset()
    far = Kept(content_of(Dataset(["a", "b"], np.array([-60.0, 60.0]), np.array([0.1, 0.1]), {})))
    # Half of the distance times the t of one degree of freedom, 12.7: exp(762) is no double, exp(508) is one.
    assert far.text(whole, "REML", "hksj_ci_low") == "0.000"
    assert far.text(whole, "REML", "hksj_ci_high") == formatting.NONE
    near = Kept(content_of(Dataset(["a", "b"], np.array([-40.0, 40.0]), np.array([0.1, 0.1]), {})))
    assert near.fits["REML"][near.names.index("hksj_ci_high")][0] == near.content["most"] == 10**15


@pytest.mark.parametrize(
    ("value", "decimals", "count"),
    [(0.6335, 3, 633), (1.0005, 3, 1000), (-0.0004, 3, 0), (-1.25, 1, -12), (1e300, 4, 10**15), (math.nan, 3, None)],
)
def test_a_count_is_rounded_as_the_page_rounds(value: float, decimals: int, count: int | None) -> None:
    assert shown_digits.counts([value], decimals) == [count]
    if count is not None and abs(count) < 10**15:
        assert formatting.number(count / 10**decimals, decimals) == formatting.number(value, decimals)


def test_counts_are_written_without_loss() -> None:
    values = [None, 0, 5, -5, 63, 64, -64, -65, None, 10**15, -(10**15), None]
    references = [3, None, 5, 5, 0, 0, 0, 0, None, -(10**15), 10**15, 0]
    codes = Kept.codes(shown_digits.encoded(values, references))
    steps = [(code - 1) // 2 if code % 2 else -(code // 2) for code in codes]
    assert [
        None if not code else (near or 0) + step for code, near, step in zip(codes, references, steps, strict=True)
    ] == values
    # What a browser counts in is exact up to here.
    assert max(codes) < 2**53

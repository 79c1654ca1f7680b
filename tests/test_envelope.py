"""What rounding leaves open, against numbers that are printed and compared, and against brute force."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from made import NOBODY, an_estimate

from reanalysis import envelope as module
from reanalysis.dataset import Dataset
from reanalysis.envelope import draw, envelope
from reanalysis.mixed_effects import Choices
from reanalysis.records import Estimate
from reanalysis.rounding import RoundingPolygon, hull
from reanalysis.routes import WAYS

Z = 1.959963984540054
SHIPPED = json.loads((ROOT / "results" / "le-scodan-2010" / "rounding.json").read_text(encoding="utf-8"))

# Printed estimate and limits of each interval of the shipped table.
INTERVALS = [
    ("0.61", "0.58", "0.65"),
    ("0.57", "0.55", "0.60"),
    ("0.89", "0.79", "1"),
    ("0.609", "0.489", "0.757"),
    ("0.53", "0.42", "0.67"),
    ("0.5", "0.21", "1.19"),
    ("0.62", "0.51", "0.76"),
    ("0.6", "0.4", "1.0"),
    ("0.7", "0.58", "0.85"),
]


def prints_as(yi: np.ndarray, sei: np.ndarray, printed: tuple[str, ...]) -> np.ndarray:
    """Whether each pair prints so: made and rounded as an author would, not by half-planes."""
    same = np.ones(len(yi), bool)
    for text, shift in zip(printed, (0.0, -Z, Z), strict=True):
        places = len(text.partition(".")[2])
        same &= np.round(np.exp(yi + shift * sei) * 10**places) == round(float(text) * 10**places)
    return same


@pytest.mark.parametrize("printed", INTERVALS)
def test_a_region_is_what_prints_so(printed: tuple[str, str, str]) -> None:
    found = WAYS["ci"].function(an_estimate(**dict(zip(("estimate", "lower", "upper"), printed, strict=True))), NOBODY)
    assert found is not None
    (y0, y1), (s0, s1) = found.region.yi, found.region.sei
    generator = np.random.default_rng(5)
    margin_y, margin_s = 0.2 * (y1 - y0), 0.2 * (s1 - s0)
    yi = generator.uniform(y0 - margin_y, y1 + margin_y, 400_000)
    sei = generator.uniform(s0 - margin_s, s1 + margin_s, 400_000)
    kept = prints_as(yi, sei, printed)
    assert kept.sum() > 10_000
    for values, (low, high) in ((yi[kept], (y0, y1)), (sei[kept], (s0, s1))):
        slack = 0.02 * (high - low)
        assert low - 1e-12 <= values.min() <= low + slack
        assert high - slack <= values.max() <= high + 1e-12
    center = found.region.center
    assert yi[kept].mean() == pytest.approx(center[0], abs=0.01 * (y1 - y0))
    assert sei[kept].mean() == pytest.approx(center[1], abs=0.01 * (s1 - s0))
    drawn_yi, drawn_sei = draw([found.region], 20_000, generator)
    assert prints_as(drawn_yi[0], drawn_sei[0], printed).mean() > 0.9999
    assert drawn_yi.mean() == pytest.approx(center[0], abs=0.01 * (y1 - y0))
    assert drawn_sei.mean() == pytest.approx(center[1], abs=0.01 * (s1 - s0))


@pytest.mark.parametrize(
    ("corners", "center"),
    [
        ([(1.0, 2.0)], (1.0, 2.0)),
        ([(0.0, 0.0), (2.0, 4.0)], (1.0, 2.0)),
        ([(0.0, 0.0), (3.0, 0.0), (0.0, 3.0)], (1.0, 1.0)),
        ([(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (0.0, 1.0)], (1.0, 0.5)),
    ],
)
def test_centres_of_gravity(corners: list[tuple[float, float]], center: tuple[float, float]) -> None:
    assert RoundingPolygon(tuple(corners)).center == pytest.approx(center)
    assert hull([*corners, corners[0]]).center == pytest.approx(center)


def test_draws_of_a_line_and_of_a_point_stay_there() -> None:
    yi, sei = draw(
        [RoundingPolygon(((0.0, 1.0), (2.0, 1.0))), RoundingPolygon(((3.0, 0.5),))], 500, np.random.default_rng(1)
    )
    assert (sei[0] == 1.0).all()
    assert 0 <= yi[0].min() < 0.1
    assert 1.9 < yi[0].max() <= 2
    assert (yi[1] == 3.0).all()
    assert (sei[1] == 0.5).all()


def a_data_set(estimates: list[Estimate]) -> tuple[Dataset, list[RoundingPolygon]]:
    made = [WAYS["ci"].function(one, NOBODY) for one in estimates]
    yi = np.array([one.yi for one in made if one is not None])
    sei = np.array([one.sei for one in made if one is not None])
    names = [f"Study {place}" for place in range(len(yi))]
    return Dataset(names, yi, sei**2, {}), [one.region for one in made if one is not None]


@pytest.mark.parametrize("method", ["FE", "DL", "REML"])
def test_the_reach_is_that_of_brute_force(method: str) -> None:
    """Two studies: every pair of points of a fine mesh over the edges of both regions is tried."""
    estimates = [
        an_estimate(estimate="0.6", lower="0.4", upper="1.0"),
        an_estimate(estimate="1.1", lower="0.8", upper="1.5"),
    ]
    data, regions = a_data_set(estimates)
    found = envelope(data, regions, [], "HR", Choices(method, "wald", 0.95), 2000, 7)
    reach = {one["quantity"]: one for one in found["pooled"]}
    meshes = []
    for region in regions:
        corners = np.array([*region.corners, region.corners[0]])
        shares = np.linspace(0, 1, 21)[:, None]
        meshes.append(np.vstack([a + shares * (b - a) for a, b in itertools.pairwise(corners)]))
    (y1, s1), (y2, s2) = (mesh.T for mesh in meshes)
    y1, s1 = (np.repeat(values, len(y2)) for values in (y1, s1))
    y2, s2 = (np.tile(values, len(meshes[0])) for values in (y2, s2))
    w1, w2 = 1 / s1**2, 1 / s2**2
    # For two studies DL and REML have the same closed form: tau2 = (y1 - y2)^2 / 2 - (v1 + v2) / 2, not below 0.
    q = (y1 - y2) ** 2 / (s1**2 + s2**2)
    dl = np.maximum(0.0, (q - 1) / ((w1 + w2) - (w1**2 + w2**2) / (w1 + w2)))
    reml = np.maximum(0.0, ((y1 - y2) ** 2 - s1**2 - s2**2) / 2)
    tau2 = {"FE": np.zeros_like(q), "DL": dl, "REML": reml}[method]
    w1, w2 = 1 / (s1**2 + tau2), 1 / (s2**2 + tau2)
    mean = (w1 * y1 + w2 * y2) / (w1 + w2)
    for name, values in (("estimate", mean), ("tau2", tau2)):
        width = values.max() - values.min()
        assert reach[name]["low"] == pytest.approx(values.min(), abs=0.01 * width + 1e-12)
        assert reach[name]["high"] == pytest.approx(values.max(), abs=0.01 * width + 1e-12)


def test_each_range_lies_in_the_next() -> None:
    for one in SHIPPED["pooled"] + SHIPPED["slopes"]:
        assert one["low"] <= one["middle_low"] < one["middle_high"] <= one["high"]


def test_what_the_shipped_table_leaves_open() -> None:
    """Draws inside the boxes of the three printed numbers, symmetry not asked for, gave 0.624 to 0.641."""
    ranges = {one["quantity"]: one for one in SHIPPED["pooled"]}
    assert SHIPPED["draws"] >= 20_000
    assert 0.624 <= ranges["ratio"]["low"] < 0.630
    assert 0.639 < ranges["ratio"]["high"] <= 0.641
    assert 80 < ranges["i2"]["low"] < 82
    assert 87 < ranges["i2"]["high"] < 88.5
    (khan,) = [one for one in SHIPPED["studies"] if one["study"] == "Khan"]
    assert (round(khan["sei_low"], 4), round(khan["sei_high"], 4)) == (0.0249, 0.0332)


def test_an_empty_region_stays_where_it_was_analysed() -> None:
    data, regions = a_data_set([an_estimate(estimate="0.6", lower="0.4", upper="1.0")] * 3)
    fixed = envelope(data, [RoundingPolygon(())] * 3, [], "HR", Choices("DL", "wald", 0.95), 1000, 1)
    assert all(one["low"] == one["high"] for one in fixed["pooled"] if one["quantity"] in ("estimate", "ratio"))
    assert not regions[0].empty


def test_another_seed_moves_the_middle_and_not_the_reach() -> None:
    estimates = [an_estimate(**dict(zip(("estimate", "lower", "upper"), one, strict=True))) for one in INTERVALS]
    data, regions = a_data_set(estimates)
    one, other = (
        envelope(data, regions, [], "HR", Choices("REML", "hksj", 0.95), 2000, seed)["pooled"] for seed in (1, 2)
    )
    for first, second in zip(one, other, strict=True):
        assert first["middle_low"] != second["middle_low"]
        width = first["high"] - first["low"]
        assert math.isclose(first["low"], second["low"], abs_tol=1e-3 * width)
        assert math.isclose(first["high"], second["high"], abs_tol=1e-3 * width)


def test_moves_are_tried_in_pieces_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a search holds at a time does not grow with the studies times their moves, and changes no number."""
    data, regions = a_data_set([an_estimate(estimate=one, lower=low, upper=high) for one, low, high in INTERVALS])
    choices, right, sizes = Choices("DL", "hksj", 0.95), module.fit, []

    def fit(yi: np.ndarray, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 (what it takes and gives)
        sizes.append(yi.size)
        return right(yi, *rest, **named)

    monkeypatch.setattr(module, "fit", fit)
    whole = envelope(data, regions, [], "HR", choices, 50, 3)
    most = max(sizes)
    sizes.clear()
    monkeypatch.setattr(module, "CELLS", 900)
    assert envelope(data, regions, [], "HR", choices, 50, 3) == whole
    assert max(sizes) <= 900 < most


def test_starts_that_meet_or_have_arrived_are_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    data, regions = a_data_set([an_estimate(estimate=one, lower=low, upper=high) for one, low, high in INTERVALS])
    counts: list[int] = []
    right = module._tried

    def tried(*arguments: Any) -> Any:  # noqa: ANN401 (what it takes and gives)
        counts.append(arguments[3].shape[1])
        return right(*arguments)

    monkeypatch.setattr(module, "_tried", tried)
    envelope(data, regions, [], "HR", Choices("FE", "wald", 0.95), 200, 3)
    assert max(counts) == module.STARTS
    # The highest common effect has one end, which all starts come to.
    assert counts.count(module.STARTS) < len(counts) / 2

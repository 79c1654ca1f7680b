"""The polygon of (yi, sei) against what evidence says of the shipped table, and against brute force."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis.rounding import polygon

Z = 1.959963984540054


def log_box(*printed: str) -> list[tuple[float, float]]:
    boxes = []
    for text in printed:
        half = 0.5 * 10 ** -len(text.partition(".")[2])
        boxes.append((math.log(float(text) - half), math.log(float(text) + half)))
    return boxes


@pytest.mark.parametrize(
    ("printed", "low", "high"),
    [
        # Worked out by hand from the printed digits: (ln upper - ln lower) / 3.92 at the corners.
        (("0.61", "0.58", "0.65"), 0.0249, 0.0332),
        (("0.57", "0.55", "0.60"), 0.0178, 0.0266),
        (("0.6", "0.4", "1.0"), 0.1936, 0.2803),
    ],
)
def test_extent_of_the_standard_error(printed: tuple[str, str, str], low: float, high: float) -> None:
    found = polygon(*log_box(*printed), Z)
    assert [round(value, 4) for value in found.sei] == [low, high]


def test_three_numbers_that_cannot_belong_together() -> None:
    assert polygon(*log_box("0.50", "0.55", "0.60"), Z).empty
    assert polygon(*log_box("0.57", "0.55", "0.80"), Z).empty


def test_exact_numbers_are_a_point() -> None:
    y, s = -0.5, 0.1
    found = polygon((y, y), (y - Z * s, y - Z * s), (y + Z * s, y + Z * s), Z)
    assert not found.empty
    assert found.sei == pytest.approx((s, s), rel=1e-9)


@given(st.floats(-2, 2), st.floats(0.01, 0.8), st.integers(1, 3))
def test_a_rounded_interval_holds_what_was_rounded(yi: float, sei: float, places: int) -> None:
    values = [math.exp(yi), math.exp(yi - Z * sei), math.exp(yi + Z * sei)]
    half = 0.5 * 10**-places
    boxes = []
    for value in values:
        rounded = round(value, places)
        if rounded <= half:
            return  # rounds to nothing: no such number is pooled
        boxes.append((math.log(rounded - half), math.log(rounded + half)))
    found = polygon(*boxes, Z)
    assert not found.empty
    assert found.sei[0] - 1e-9 <= sei <= found.sei[1] + 1e-9
    assert found.yi[0] - 1e-9 <= yi <= found.yi[1] + 1e-9


@given(st.floats(-1, 1), st.floats(0.05, 0.5), st.floats(0, 0.05), st.floats(0, 0.05), st.floats(0, 0.05))
def test_every_corner_keeps_to_all_three_strips(yi: float, sei: float, a: float, b: float, c: float) -> None:
    estimate, lower, upper = (
        (yi - a, yi + a),
        (yi - Z * sei - b, yi - Z * sei + b),
        (yi + Z * sei - c, yi + Z * sei + c),
    )
    for y, s in polygon(estimate, lower, upper, Z).corners:
        assert estimate[0] - 1e-9 <= y <= estimate[1] + 1e-9
        assert lower[0] - 1e-9 <= y - Z * s <= lower[1] + 1e-9
        assert upper[0] - 1e-9 <= y + Z * s <= upper[1] + 1e-9

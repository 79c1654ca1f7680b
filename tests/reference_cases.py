"""What the tests of the fifty-digit reference share: data, and how near is near enough.

Unless a file is named, expected values were made from the data of these two files by R 4.2.2 with metafor 3.8-1 and
clubSandwich 0.5.8, `control = list(threshold = 1e-14, maxiter = 10000, tol = 1e-15)`, moderators centred (ablat - 30,
year - 1968, start - 1985, end - 2000): double precision loses many digits on calendar years.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import pytest
from conftest import ROOT
from mpmath import mp, mpf

from reanalysis.certification.reference import intercept

Data = tuple[list[float], list[float], list[list[float]]]
FILES = {name: json.loads((ROOT / f"tests/oracles/{name}.json").read_text()) for name in ("bcg", "le-scodan-2010")}
CENTRES = {"ablat": 30, "year": 1968, "start": 1985, "end": 2000}
CLUSTERS = {"bcg": (1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 6, 6), "le-scodan-2010": (1, 1, 2, 3, 4, 4, 5, 6, 7, 8, 8)}
SPREAD: Data = ([0.5, -3.0, 2e5, 1.0, 7e-7], [1e-12, 1e12, 3e4, 1.0, 2e-12], intercept(5))


def data(name: str, *moderators: str, centred: bool = True) -> Data:
    rows = FILES[name]["data"]
    design = [[1.0, *(float(row[m] - (CENTRES.get(m, 0) if centred else 0)) for m in moderators)] for row in rows]
    return [row["yi"] for row in rows], [row["vi"] for row in rows], design


def close(ours: Iterable[mpf], theirs: Sequence[float], relative: float = 1e-11) -> None:
    assert [float(value) for value in ours] == pytest.approx(list(theirs), rel=relative, abs=0)


def same(ours: mpf, theirs: mpf, digits: int = 48) -> None:
    with mp.workdps(60):
        assert abs(ours - theirs) <= mpf(10) ** -digits * max(abs(ours), abs(theirs))


TWO_MAXIMA: list[tuple[Data, float]] = [
    (([0.0, 0.0, 0.0, 0.0, 9.0], [1e-4, 1e-4, 1e-4, 1e-4, 1.0], intercept(5)), 14.768),
    (([0.0, 0.0, 0.0, 0.0, 5.0, -5.0], [1e-6, 1e-6, 1e-6, 1e-6, 1.0, 1.0], intercept(6)), 0.0),
]

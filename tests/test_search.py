"""What the search for the highest maximum rests on: each bound of `score` against dense scans, and how tight it is."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pytest
from conftest import ROOT

from reanalysis import batch
from reanalysis.design import FloatArray
from reanalysis.maximum import _looked_at, only_maximum
from reanalysis.score import FULL, RESTRICTED, Ends, Likelihood, Node, Search
from reanalysis.sets import Sets
from reanalysis.twofold import Twofold

sys.path.insert(0, str(ROOT / "tests/certify"))
from modes import harsh, misses

K, POINTS = 4, 3000
KINDS = {"mean, REML": (1, RESTRICTED), "mean, ML": (1, FULL), "line, REML": (2, RESTRICTED), "line, ML": (2, FULL)}


def harsh_sets(k: int, p: int, count: int, seed: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    yi, vi = harsh(rng, k, count)
    return yi, vi, np.column_stack([np.ones(k), rng.normal(size=(k, p - 1))])


def textbook(yi: FloatArray, vi: FloatArray, X: FloatArray, tau2: FloatArray, restricted: bool) -> FloatArray:
    """Return q = log(y' P P y / tr P), or with tr W, from the matrix P itself: shape (points, n)."""
    W = 1 / (vi + tau2[..., None, :])
    inner = np.linalg.inv(np.einsum("ka,...kn,kb->...nab", X, W, X))
    hat = np.einsum("...kn,ka,...nab,lb,...ln->...nkl", W, X, inner, X, W)
    projection = np.einsum("...kn,kl->...nkl", W, np.eye(len(yi))) - hat
    py = np.einsum("...nkl,ln->...kn", projection, yi)
    g = np.trace(projection, axis1=-2, axis2=-1) if restricted else W.sum(axis=-2)
    return np.log(np.sum(py**2, axis=-2) / g)


def search_of(sets: Sets, likelihood: Likelihood) -> Search:
    return Search(sets, likelihood, Ends(sets.smallest, sets.largest), sets.room.part("search"))


@pytest.fixture(params=KINDS, scope="module")
def scanned(request: pytest.FixtureRequest) -> tuple[Search, FloatArray, FloatArray]:
    """Return the search in mild and harsh data sets, a grid of tau2, shape (POINTS, n), and q on it by the engine."""
    p, likelihood = KINDS[request.param]
    yi, vi, X = harsh_sets(K, p, 500, 7)
    # Not so harsh that the scan could not see roots that are apart.
    vi = np.maximum(vi, vi.max(axis=0) * 1e-5)
    sets, undetermined = batch.of(yi, vi, None if p == 1 else batch.of_matrix(X))
    assert not undetermined.any()
    search = search_of(sets, likelihood)
    top = np.log1p((search.furthest() + sets.largest) / search.ends.smallest)
    grid = search.ends.smallest * np.expm1(np.linspace(0, 1, POINTS)[:, None] * top)
    # Equal effects have none; it is far below 0 there.
    q = np.maximum([search.at(row).q for row in grid], -1e3)
    return search, grid, q


def test_q_is_what_the_textbook_says(scanned: tuple[Search, FloatArray, FloatArray]) -> None:
    search, grid, q = scanned
    sets = search.sets
    # The turned data sets have the same q: their own design is that of the textbook.
    for place in range(0, q.shape[1], 29):
        X = np.column_stack([column[:, place] for column in sets.columns]) if sets.columns else np.ones((K, 1))
        rows = grid[:: POINTS // 20, place][:, None]
        plain = textbook(sets.yi[:, [place]], sets.vi[:, [place]], X, rows, search.likelihood is RESTRICTED)
        there = plain[:, 0] > -30
        np.testing.assert_allclose(q[:: POINTS // 20, place][there], plain[there, 0], rtol=1e-6, atol=1e-6)


def test_slopes_are_those_of_q(scanned: tuple[Search, FloatArray, FloatArray]) -> None:
    search, grid, q = scanned
    u = np.log(search.ends.smallest + grid)
    for row in range(POINTS // 10, POINTS, POINTS // 10):
        node = search.at(grid[row])
        difference = (q[row + 1] - q[row - 1]) / (u[row + 1] - u[row - 1]) if row + 1 < POINTS else node.slope
        there = q[row] > -20
        np.testing.assert_allclose(node.slope[there], difference[there], atol=1e-3)


def test_q_bends_and_falls_no_more_than_bounded(scanned: tuple[Search, FloatArray, FloatArray]) -> None:
    search, grid, q = scanned
    h = np.diff(np.log(search.ends.smallest + grid), axis=0)
    there = q[1:] > -20
    first = np.where(there, np.diff(q, axis=0) / h, 0.0)
    assert first.min() >= -2 - 1e-6
    assert first.max() <= 1 + 1e-6
    second = np.where(there[1:], np.diff(first, axis=0) / h[1:], 0.0)
    coarse = second[::25]  # neighbours' differences of differences are noise where steps are tiny
    assert np.median(coarse, axis=1).min() >= -3 / 4 - 0.05
    assert np.median(coarse, axis=1).max() <= 5 / 4 + 0.05


@pytest.mark.parametrize("direction", [1, -1])
def test_no_sign_changes_within_reach(scanned: tuple[Search, FloatArray, FloatArray], direction: int) -> None:
    search, grid, q = scanned
    u, up = np.log(search.ends.smallest + grid), q > 0
    reaches = []
    for row in range(0, POINTS, POINTS // 25):
        node = search.at(grid[row])
        kept, once = node.reach(direction)
        distance = direction * (u - u[row])
        same = (up == up[row]) | (distance < 0) | (distance > kept)
        assert same.all()
        inside = (distance >= 0) & (distance <= once)
        changes = np.count_nonzero((up[1:] != up[:-1]) & inside[1:] & inside[:-1], axis=0)
        assert changes.max() <= 1
        assert (once >= kept).all()
        reaches.append(kept)
    # Wide enough to be of use: the middle reach is a good part of the way on which variances tell studies apart.
    assert np.median(reaches) > 0.5


def test_nothing_rises_beyond_what_is_over(scanned: tuple[Search, FloatArray, FloatArray]) -> None:
    search, grid, q = scanned
    up, share = q > 0, []
    for row in range(0, POINTS, POINTS // 25):
        over = search.ends.over(search.at(grid[row]))
        assert not (up[row:] & over).any()
        share.append(np.mean(over[~up[row:].any(axis=0)]))
    assert not up[grid > search.furthest()].any()
    # It is told of most places that nothing rises beyond.
    assert np.mean(share) > 0.6


def test_a_root_is_alone_where_it_is_said_to_be(scanned: tuple[Search, FloatArray, FloatArray]) -> None:
    search, grid, q = scanned
    up = q > 0
    falls = up[:-1] & ~up[1:]
    one = np.flatnonzero(np.count_nonzero(up[:-1] != up[1:], axis=0) == 1)
    several = np.flatnonzero(np.count_nonzero(up[:-1] != up[1:], axis=0) > 1)
    assert len(several) > 2
    told, cleared = [], []
    for order in (0, -1):
        last = np.array([np.flatnonzero(row)[order] if row.any() else 0 for row in falls.T])
        low, high = grid[last, np.arange(len(last))], grid[last + 1, np.arange(len(last))]
        for _ in range(60):
            middle = (low + high) / 2
            rises = search.at(middle).q > 0
            low, high = np.where(rises, middle, low), np.where(rises, high, middle)
        node = search.at(high)
        alone, clear = search.ends.around(node)
        places = np.arange(POINTS)[:, None]
        there = falls.any(axis=0)
        assert not (up & (places > last + 1) & alone & there).any()
        assert not (~up & (grid > clear * (1 + 1e-12)) & (places <= last) & there).any()
        told.append(np.mean(alone[one]))
        cleared.append(np.mean(clear[one] < high[one] * 0.9))
    assert min(told) > 0.3
    assert min(cleared) > 0.3


def test_what_is_said_of_a_root_is_what_its_polynomials_say() -> None:
    """Rates drawn at random: the cubic and the quadratic behind `around`, against their own values on dense grids."""
    rng = np.random.default_rng(9)
    s, m, n = rng.uniform(0.01, 0.99, 4000), rng.random(4000), rng.random(4000)
    m, n = s + (1 - s) * m, s + (1 - s) * n
    ends = Ends(np.full(4000, 1.0), 1 / s)
    nothing = np.zeros(4000)
    root = Node(tau2=nothing, span=nothing + 1, ratio=nothing + 1, f_falls=2 * m, g_falls=n, error=nothing)
    alone, _ = ends.around(root)
    p = (m - s) / (1 - s)
    z = np.concatenate([np.linspace(1e-6, 3, 3000), np.geomspace(3, 1e6, 2000)])[:, None]
    right = (1 + z) ** 2 * (1 + s * z) ** 2 - (1 + n * z) * (p * (1 + s * z) ** 2 + (1 - p) * (1 + z) ** 2)
    least = (right / z / (1 + z) ** 3).min(axis=0)
    clearly = np.abs(least) > 1e-6
    assert (alone == (least > 0))[clearly].all()
    assert 0.2 < alone.mean() < 0.95
    # To the left, down to z = clear - 1 at tau2 = 0 and c = 1: no root nearer, were tau2 not bounded by 0.
    far = Node(
        tau2=nothing + 1e6, span=nothing + 1e6 + 1e-9, ratio=nothing + 1, f_falls=2 * m, g_falls=n, error=nothing
    )
    of = Ends(nothing + 1e-9, (1e6 + 1e-9) / s - 1e6)
    back = of.around(far)[1] / 1e6 - 1
    z = -np.linspace(1e-5, 1 - 1e-5, 20_000)[:, None]
    left = ((1 + m * z) ** 2 * (1 + (1 - n + s) * z) - (1 + z) * (1 + s * z)) / z
    reached = np.where((left <= 0).any(axis=0), z[np.argmax(left <= 0, axis=0), 0], -1.0)
    assert (back >= reached - 1e-3).all()
    assert np.mean(back < reached * 0.99) > 0.9


def test_an_interval_is_divided_unless_it_is_shown_to_hold_one_root_at_most(
    scanned: tuple[Search, FloatArray, FloatArray],
) -> None:
    search, grid, q = scanned
    rng = np.random.default_rng(2)
    up, sure_of = q > 0, []
    for _ in range(200):
        first, last = np.sort(rng.integers(0, POINTS, 2))
        low, high = search.at(grid[first]), search.at(grid[last])
        unsure, falls = _looked_at(search.ends, low, high)
        changes = np.count_nonzero(up[first:last] != up[first + 1 : last + 1], axis=0)
        sure = np.ones(len(changes), bool)
        sure[unsure] = False
        # What is sure without a root where q falls has no such root: what rises once is none.
        rises = ~up[first] & up[last]
        assert (changes[falls] == 1).all()
        others = sure & ~rises
        others[falls] = False
        assert (changes[others] == 0).all()
        assert (changes[sure & rises] == 1).all()
        sure_of.append(sure.mean())
    assert np.mean(sure_of) > 0.7


def test_the_first_look_settles_nearly_all_mild_data_sets() -> None:
    """And what it says is what the whole search says: it only costs less."""
    rng = np.random.default_rng(3)
    vi = rng.uniform(0.01, 0.4, (13, 4000))
    sets, _ = batch.of(rng.normal(0, np.sqrt(vi + 0.1)), vi, None)
    first = only_maximum(sets, RESTRICTED)
    assert np.count_nonzero(np.isnan(first)) < 0.03 * len(first)


@pytest.mark.parametrize("seed", [11, 12])
def test_no_maximum_is_missed(seed: int) -> None:
    """Two thousand of the hundred thousand data sets that `make certify` scans."""
    found = misses(2000, seed)
    assert (found["missed REML"], found["missed ML"]) == (0, 0)
    assert found["several maxima"] > 100
    assert found["tau2 = 0"] > 1000


def test_twofold_numbers_are_exact_to_thirty_digits() -> None:
    rng = np.random.default_rng(5)
    a, b, c = (Twofold(rng.normal(size=200) * 10.0 ** rng.integers(-6, 6, 200)) for _ in range(3))
    found = (a * b - c) / b - a
    for place in range(200):
        x, y, z = (Fraction(float(one.high[place])) for one in (a, b, c))
        wanted = (x * y - z) / y - x
        got = Fraction(float(found.high[place])) + Fraction(float(found.low[place]))
        assert abs(got - wanted) <= Fraction(1, 10**30) * (abs(x) + abs(z / y))


# Likelihoods whose roots lie in brackets in which q does not fall all the way.
BRACKETED = {
    "k = 10": (
        [-0.000834, 0.0343, -29.36, 3.255, -398.6, -6.793, -0.3973, 1164.0, -0.6903, -0.01147],
        [5.21e-6, 0.000624, 63.8, 0.785, 213900, 22.9, 0.00221, 44470, 1.775, 0.00121],
        0.05593918,
    ),
    "k = 6": (
        [-3.347412352405596, 3.7342248585868187, -5.306109799082858, -5.1749360763548164, 72.97410985457559,
         0.030976890195971274],
        [22.527353047600148, 1.9152532682242238, 0.5493474973432445, 52.78903184001855, 356.68484126428103,
         0.009548583599397794],
        19.8029953,  # metafor 3.8-1 from five starts
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BRACKETED)
def test_a_data_set_has_one_answer_alone_and_among_others(name: str) -> None:
    yi, vi, tau2 = (np.array(one) for one in BRACKETED[name])
    rng = np.random.default_rng(1)
    among = np.column_stack([yi] + [np.sqrt(vi) * rng.normal(size=len(yi)) for _ in range(399)])
    alone, first = batch.fit(yi, vi).tau2[0], batch.fit(among, vi).tau2[0]
    assert alone == pytest.approx(float(tau2), rel=1e-7)
    assert first == pytest.approx(alone, rel=1e-12)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("decades", [4, 8, 12])
def test_every_estimate_above_0_is_a_root_of_the_score(decades: int, method: str) -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        shape = int(rng.integers(3, 12)), 2000
        vi = 10.0 ** (-decades * rng.random(shape))
        spread = 10.0 ** rng.uniform(-decades, 0, 2000) * rng.integers(0, 2, 2000)
        yi = rng.normal(size=shape) * np.sqrt(vi + spread) * 10.0 ** rng.uniform(-1, 1.5, shape)
        tau2 = batch.fit(yi, vi, tau2=method).tau2
        at = batch.of(yi, vi, None)[0].at(tau2)
        q = np.log(at.yppy / (at.trace_p if method == "REML" else at.trace_w))
        assert np.abs(q[tau2 > 0]).max() < 1e-8

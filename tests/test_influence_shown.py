"""What the page says of influence, of all subsets and of growth; overlapping periods; subsets counted in cells."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from conftest import ROOT, SHIPPED
from drawn import some_results
from hypothesis import given
from hypothesis import strategies as st
from test_report import FOLDER, SETTINGS, Reader

from reanalysis import influence_narrative as said
from reanalysis.dataset import Dataset
from reanalysis.measures import to_print
from reanalysis.mixed_effects import Choices
from reanalysis.periods import overlaps
from reanalysis.radial import radial
from reanalysis.report.material import read_material
from reanalysis.report.page import render
from reanalysis.results import Results, read_results
from reanalysis.subset_cloud import GRIDS, MOST_MARKS, cloud
from reanalysis.subsets import every_subset, fit_subsets
from reanalysis.views.periods import periods_view

HKSJ = Choices("REML", "hksj", 0.95)


@cache
def shipped() -> Results:
    return read_results(SHIPPED, FOLDER)


# Periods.

YEARS = st.integers(1950, 1990)
SPANS = st.lists(st.tuples(YEARS, st.integers(0, 15)).map(lambda one: (float(one[0]), float(sum(one)))), max_size=6)


@given(SPANS)
def test_a_year_is_in_an_overlap_if_two_periods_have_it(periods: list[tuple[float, float]]) -> None:
    found = overlaps(periods)
    shared = {year for year in range(1950, 2010) if sum(start <= year <= end for start, end in periods) > 1}
    assert {year for start, end in found for year in range(int(start), int(end) + 1)} == shared
    assert found == sorted(found)
    assert all(later[0] > earlier[1] for earlier, later in pairwise(found))


def test_studies_of_a_cluster_stand_together_and_all_are_there() -> None:
    view = periods_view(shipped())
    clusters = {group.name: [bar.name for bar in group.bars] for group in view.groups if group.name}
    assert clusters == {
        "May share patients: together in 1998–2002": ["Cady", "Bafford"],
        "May share patients: together in 1990–1993": ["Gnerlich", "Khan"],
    }
    bars = [bar for group in view.groups for bar in group.bars]
    assert sorted(bar.name for bar in bars) == sorted(one.study for one in shipped().studies)
    assert {bar.name for bar in bars if not bar.pooled} == {"Cady", "Leung"}


# Growth.


def test_the_growth_is_said() -> None:
    first, second = said.cumulative_said(shipped())
    # R, metafor 3.8-1, cumul(): three studies 0.714 (0.400 to 1.275), four 0.717 (0.531 to 0.968).
    assert first == (
        "In the order of the first year of inclusion, the hazard ratio is 0.89 after Shien (1962) and 0.63 after all "
        "11; its 95% interval excludes no difference from the 4th study on, Le Scodan (1984)."
    )
    assert "(without Fields, Hazard and Le Scodan: year of publication neither printed nor declared)" in second
    assert second.endswith("its 95% interval excludes no difference at every step.")


@pytest.mark.parametrize(
    ("place", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (22, "22nd"), (113, "113th")],
)
def test_ordinals(place: int, words: str) -> None:
    assert said._ordinal(place) == words


def test_growth_that_ends_at_no_difference_says_so() -> None:
    trials = read_results(ROOT / "data/raw/randomised-trials", ROOT / "results/randomised-trials")
    assert all(one.endswith("its 95% interval then includes no difference.") for one in said.cumulative_said(trials))
    assert said.cumulative_said(some_results(1)) == [said.NO_YEARS]
    assert said.cumulative_said(some_results(5, years=False, moderators=())) == [said.NO_YEARS]


# Subsets.


def test_the_subsets_are_said() -> None:
    first, always, moved = said.subsets_said(shipped())
    assert first == (
        "Of all 2,036 subsets of two studies or more, 93.5% have a 95% interval that excludes no difference; "
        "the hazard ratio lies between 0.48 (Bafford and Babiera) and 0.89 (Shien and Hazard)."
    )
    assert always == "The interval of every subset of 5 studies or more excludes no difference."
    assert moved == "Shien moves I² most: its median is 84.9% in subsets with it and 0.0% in those without."


def test_drawn_subsets_are_said_to_be_drawn() -> None:
    results = some_results(25)
    first, *rest = said.subsets_said(results)
    assert first.startswith("Of 3,000 subsets of 25 studies, drawn at random")
    # Of a sample it cannot be said that every subset does anything.
    assert not any(one.startswith("Every") for one in rest)
    assert said.subsets_said(some_results(2)) == said.subsets_said(some_results(1)) == [said.NO_SUBSETS]


def a_review(k: int, spread: float = 0.2) -> Dataset:
    rng = np.random.default_rng(k)
    return Dataset([str(one) for one in range(k)], rng.normal(0, spread, k), rng.uniform(0.001, 0.1, k), {})


@pytest.mark.parametrize("k", [2, 3, 8, 15])
def test_every_subset_is_counted_once_and_the_grid_keeps_its_bound(k: int) -> None:
    results = some_results(k)
    found = results.subsets["cloud"]
    cells = np.frombuffer(base64.b64decode(found["cells"]), "<i4").reshape(-1, 4)
    assert cells[:, 2:].sum() == 2**k - k - 1
    assert cells[:, 2].sum() == 2 ** (k - 1) - 1
    assert (found["columns"], found["rows"]) in GRIDS
    assert np.count_nonzero(cells[:, 2:]) <= MOST_MARKS
    assert cells[:, 0].max() == found["columns"] - 1 or k == 2
    assert cells.min() == 0


def test_the_study_is_the_one_that_moves_the_median_most() -> None:
    medians = {
        one["study"]: abs(one["with"]["i2_median"] - one["without"]["i2_median"])
        for one in shipped().subsets["by_study"]
    }
    assert shipped().subsets["cloud"]["study"] == max(medians, key=medians.__getitem__) == "Shien"


@pytest.mark.parametrize(("excludes", "words"), [(0, "none has a"), (100, "all have a"), (50, "50.0% have a")])
def test_shares_are_said_in_words_at_their_ends(excludes: float, words: str) -> None:
    overall = shipped().subsets["overall"] | {"excludes": excludes}
    results = replace(shipped(), subsets=shipped().subsets | {"overall": overall})
    assert words in said.subsets_said(results)[0]


def test_subsets_that_are_all_alike_lie_in_one_cell() -> None:
    data = Dataset(list("abcd"), np.zeros(4), np.full(4, 0.1), {})
    include = every_subset(4)
    fits = fit_subsets(data.yi, data.vi, include, HKSJ)
    quartiles = {"i2_median": 0.0, "estimate_median": 0.0}
    alike = [{"study": one, "with": quartiles, "without": quartiles} for one in "abcd"]
    found = cloud(fits, include, alike)
    assert found is not None
    assert np.frombuffer(base64.b64decode(found["cells"]), "<i4").tolist() == [GRIDS[0][0] // 2, 0, 7, 4]
    assert cloud(fits.only(fits.k < 2), include[:, fits.k < 2], alike) is None


# The radial plot.


def test_the_radial_plot_is_that_of_metafor() -> None:
    trials = json.loads((ROOT / "tests/oracles/bcg.json").read_text())["data"]
    yi, vi = (np.array([one[name] for one in trials]) for name in ("yi", "vi"))
    found = radial(Dataset([str(one["study"]) for one in trials], yi, vi, {}), 0.95)
    # metafor 3.8-1: radial(rma(yi, vi, method = "FE"), center = TRUE).
    assert found["estimate"] == pytest.approx(-0.43028516365409131, rel=1e-9)
    for place, x, y in ((0, 1.7525400947001, -0.804461767907998), (7, 15.8878753276271, 7.0262142203648)):
        assert found["studies"][place]["x"] == pytest.approx(x, rel=1e-9)
        assert found["studies"][place]["y"] == pytest.approx(y, rel=1e-9)
    assert [place for place, one in enumerate(found["studies"]) if one["outside"]] == [1, 3, 5, 6, 7, 9]


def test_two_studies_by_hand() -> None:
    found = radial(Dataset(list("ab"), np.array([0.0, 1.0]), np.array([1.0, 0.25]), {}), 0.95)
    # By hand: weights 1 and 4, mean 0.8; 0.8 and 0.2 away, times 1 and 2.
    assert found["estimate"] == pytest.approx(0.8)
    assert [(one["x"], one["y"]) for one in found["studies"]] == [pytest.approx((1.0, -0.8)), pytest.approx((2.0, 0.4))]
    assert not any(one["outside"] for one in found["studies"])
    assert radial(Dataset(["a"], np.array([0.3]), np.array([0.02]), {}), 0.95)["studies"][0]["y"] == 0


def test_equal_estimates_lie_on_the_line() -> None:
    found = radial(a_review(6, spread=0.0), 0.95)
    assert [one["y"] for one in found["studies"]] == [0.0] * 6


# The page.


def test_the_page_shows_what_they_say_and_why_a_figure_is_not_there() -> None:
    material = read_material(SHIPPED, FOLDER, SETTINGS)
    page = render(material)
    for sentence in (*said.cumulative_said(shipped()), *said.subsets_said(shipped())):
        assert sentence in page
    for name in ("periods", "leave_one_out", "baujat", "galbraith", "gosh", "cumulative"):
        assert f'id="figure-{name}"' in page
    why = "There is one study <only>."
    words = {
        name: {**one, "reason": why if name in ("gosh", "periods") else ""} for name, one in material.words.items()
    }
    without = render(replace(material, words=words))
    assert 'id="figure-gosh"' not in without
    assert 'id="figure-periods"' not in without
    assert "There is one study &lt;only&gt;." in without
    assert said.subsets_said(shipped())[0] not in without
    Reader(without)


def test_numbers_on_the_page_are_those_of_the_file() -> None:
    ends = shipped().subsets["overall"]
    assert f"{to_print('HR', ends['minimum']['estimate']):.2f}" == "0.48"
    assert len(ends["maximum"]["studies"]) == 2

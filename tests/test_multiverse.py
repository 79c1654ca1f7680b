"""All specifications together: that each is the fit it says, and what is said of them."""

from __future__ import annotations

import json
from argparse import Namespace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import SHIPPED

from reanalysis import schemas
from reanalysis.departures import Departures
from reanalysis.design import design
from reanalysis.joint_test import joint_test
from reanalysis.mixed_effects import Choices, fit
from reanalysis.multiverse import explained, multiverse
from reanalysis.raw import RawReview, read
from reanalysis.records import Specification
from reanalysis.robust import cr2
from reanalysis.routes import USABLE
from reanalysis.scenario import Scenario, declared
from reanalysis.specifications import INDEPENDENT, ROBUST, Choice, Pooled, choices, specifications
from reanalysis.steps.multiverse import step
from reanalysis.tables import load

OPTIONS = Choices("REML", "hksj", 0.95)


@pytest.fixture(scope="module")
def found(shipped: RawReview) -> list[Choice]:
    return choices(Departures(shipped, USABLE), declared(shipped.review.scenarios))


def test_every_set_of_effects_is_there_once(found: list[Choice], shipped: RawReview) -> None:
    assert len({one.pooled for one in found}) == len(found) == 99
    assert found[0].scenario.name == "primary analysis"
    # The two give the same rows, and are one choice.
    assert not any("without p values" in one.scenario.parts for one in found)
    assert {part for one in found for part in one.scenario.parts} == set(shipped.review.scenarios) - {
        "without p values"
    }


def test_a_specification_is_the_fit_that_it_says(found: list[Choice]) -> None:
    some = found[::7]
    made = specifications(some, 0.95)
    for number, one in enumerate(made[:: len(made) // 60]):
        assert number < len(made)
        (choice,) = [
            c
            for c in some
            if c.scenario.name == one.scenario
            and c.dependence == (INDEPENDENT if one.dependence == ROBUST else one.dependence)
        ]
        yi, vi = (np.array([getattr(effect, name) for effect in choice.pooled]) for name in ("yi", "vi"))
        alone = fit(
            yi,
            vi,
            design({}, len(yi)),
            Choices(one.tau2_method, "wald" if one.interval == ROBUST else one.interval, 0.95),
        )
        assert one.k == len(yi)
        assert one.estimate == pytest.approx(float(alone.estimate[0]), rel=1e-5)
        if one.interval == ROBUST:
            robust = cr2(yi, np.diag(vi + alone.tau2), np.ones((len(yi), 1)), choice.clusters)
            assert one.ci_high is not None
            assert one.ci_high - one.estimate > 1.9 * float(robust.se[0])
        else:
            assert (one.ci_low, one.ci_high) == pytest.approx(
                (float(alone.ci_low[0]), float(alone.ci_high[0])), rel=1e-5
            )


def test_the_joint_test_is_the_share_of_curves_that_reach_the_observed_one(found: list[Choice]) -> None:
    """Every pattern of signs of a few choices, each fitted by itself."""
    some = [found[0], found[5], found[20]]
    names = sorted({name for one in some for name in one.clusters})
    of = {
        (place, effect.row): names.index(name)
        for place, one in enumerate(some)
        for effect, name in zip(one.pooled, one.clusters, strict=True)
    }

    def statistics(signs: tuple[int, ...]) -> tuple[float, float]:
        estimates, low, high = [], 0, 0
        for place, one in enumerate(some):
            yi = np.array([effect.yi * signs[of[place, effect.row]] for effect in one.pooled])
            vi = np.array([effect.vi for effect in one.pooled])
            alone = fit(yi, vi, design({}, len(yi)), OPTIONS)
            estimates.append(float(alone.estimate[0]))
            low, high = low + int(alone.ci_high[0] < 0), high + int(alone.ci_low[0] > 0)
        return abs(float(np.median(estimates))), max(low, high) / len(some)

    observed = statistics((1,) * len(names))
    every = [statistics(signs) for signs in product((1, -1), repeat=len(names)) if signs[0] == 1]
    test = joint_test(some, OPTIONS, 1)
    assert test["exact"]
    assert test["patterns"] == 2 * len(every)
    for place, name in enumerate(("median", "excluding")):
        assert test[name]["statistic"] == pytest.approx(observed[place], rel=1e-9)
        assert test[name]["p"] == np.mean([one[place] >= observed[place] * (1 - 1e-9) for one in every])


def test_of_many_clusters_signs_are_drawn_with_a_seed() -> None:
    random = np.random.default_rng(1)
    effects = tuple(Pooled(row, float(y), 0.04) for row, y in enumerate(random.normal(0.1, 0.3, 15), start=1))
    some = [Choice(Scenario("a"), INDEPENDENT, effects, tuple(map(str, range(15))))]
    one, again, other = (joint_test(some, OPTIONS, seed) for seed in (1, 1, 2))
    assert one == again != other
    assert not one["exact"]
    assert abs(one["median"]["p"] - other["median"]["p"]) < 5 * (one["median"]["error"] + other["median"]["error"])


def test_shares_of_choices_that_do_not_overlap_are_those_of_their_sums_of_squares() -> None:
    """Estimates made of two choices at right angles: each explains its own part, and nothing else does."""
    scenarios = {"none": Scenario("none"), "a": Scenario("a", parts=("a",))}
    every = [
        Specification(name, "independent", method, interval, 5, float(y), y - w, y + w, 0.5, 0.0)
        for name, method, interval in product(scenarios, ("DL", "REML"), ("wald", "hksj"))
        for y, w in [(3.0 * (name == "a") + 1.0 * (method == "DL"), 1.0 + (interval == "hksj"))]
    ]
    shares = {one["choice"]: one for one in explained(every, scenarios)}
    assert [one["choice"] for one in explained(every, scenarios)][:2] == ["a", "tau2_method"]
    assert (shares["a"]["estimate"], shares["tau2_method"]["estimate"]) == pytest.approx((0.9, 0.1))
    assert shares["interval"] == {"choice": "interval", "estimate": 0.0, "width": 1.0}
    assert shares["dependence"]["estimate"] == pytest.approx(0.0)


def test_the_step_writes_what_the_function_returns(tmp_path: Path) -> None:
    paths = tmp_path / "multiverse.json", tmp_path / "specifications.csv"
    arguments = Namespace(
        raw=SHIPPED, multiverse=paths[0], specifications=paths[1],
        tau2_method="REML", interval="hksj", level=0.95, routes=list(USABLE), seed=1,
    )  # fmt: skip
    texts = step(arguments)
    written = json.loads(str(texts[paths[0]]))
    schemas.check(written, "multiverse.schema.yaml", "multiverse.json")
    rows = load(str(texts[paths[1]]), Specification)
    assert len(rows) == written["specifications"]["count"]
    ratios = {one["name"]: round(one["pooled"]["ratio"], 4) for one in written["scenarios"]}
    assert (ratios["primary analysis"], ratios["corrected"], ratios["without impossible rows"]) == (
        0.6327,
        0.6440,
        0.5990,
    )
    assert written["explained"][0]["choice"] == "no effect where none is printed"
    assert written["joint_test"]["median"]["p"] == 4 / 2048


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_small_reviews(review_folder: Path, kept: int) -> None:
    """A review of a few studies without scenarios is one set of effects, and with one that leaves nothing says so."""
    path = review_folder / "review.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = ["Babiera", "Ruiterkamp", "Fields"][:kept]
    content["scenarios"] = {"few": {"keep": {"study": names}}, "nobody": {"keep": {"study": ["Cady"]}}}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    raw = read(review_folder)
    result, every = multiverse(Departures(raw, USABLE), declared(raw.review.scenarios), "HR", OPTIONS, 1)
    schemas.check(json.loads(json.dumps(result)), "multiverse.schema.yaml", "multiverse.json")
    few, nobody = result["scenarios"][1:]
    assert few["pooled"]["k"] == kept
    assert (nobody["pooled"], nobody["problem"]) == (None, "no study is left")
    assert {one.scenario for one in every} == {"primary analysis", "few"}

"""What `dependence.json` holds: shared control groups, studies that may share patients, robust standard errors."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, SHIPPED
from made import REVIEW

from reanalysis import schemas
from reanalysis.dependence import CORRELATIONS, dependence
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices
from reanalysis.raw import RawReview
from reanalysis.records import Effect
from reanalysis.steps.dependence import step
from reanalysis.tables import dump, read

HKSJ = Choices("REML", "hksj", 0.95)
WALD = Choices("REML", "wald", 0.95)
EFFECTS = ROOT / "results/le-scodan-2010/effects.csv"

# clubSandwich 0.5.8: coef_test(rma(yi, vi, mods, control = list(threshold = 1e-14, maxiter = 10000)), vcov = "CR2",
# cluster), each study its own, or Khan and Gnerlich together: se and df of the slopes (first: of the mean).
SLOPES = {
    ("", "study"): ([0.0602601283918095], [7.57047020477558]),
    ("", "cluster"): ([0.0630749184621865], [5.21997562093769]),
    ("start", "study"): ([0.00395548907061893], [1.94260551708529]),
    ("start", "cluster"): ([0.00386913102964835], [1.91463757753988]),
    ("mid", "study"): ([0.0115886597043108], [3.83484773442628]),
    ("mid", "cluster"): ([0.0115688384550174], [3.84317996581797]),
    ("end", "study"): ([0.0101958690330058], [2.65578889341991]),
    ("end", "cluster"): ([0.0103270525067639], [2.60887287790158]),
    ("log_n", "study"): ([0.0289278657845325], [2.38733554501269]),
    ("log_n", "cluster"): ([0.0276851825266885], [2.02929849668226]),
    ("mid + log_n", "study"): ([0.011363802210764, 0.0208349171357491], [3.95821366983743, 2.5798155241475]),
    ("mid + log_n", "cluster"): ([0.0113630547947239, 0.0218480198212845], [3.95964118519716, 2.14735721029475]),
}


@pytest.fixture(scope="module")
def effects() -> list[Effect]:
    return read(EFFECTS, Effect)


@pytest.fixture(scope="module")
def content(effects: list[Effect], shipped: RawReview) -> dict[str, Any]:
    return dependence(effects, shipped.review, shipped.judgements, WALD, "effects.csv")


def test_the_content_keeps_to_its_schema(content: dict[str, Any]) -> None:
    schemas.check(content, "dependence.schema.yaml", "dependence.json")
    assert content["schema_version"] == 1


# metafor 3.8-1: rma.mv(yi, V, random = ~ 1 | id), control as above: estimate, se, tau2, log likelihood.
SWEEPS = {
    "shared_controls": {
        0.0: (-0.434702923932, 0.055609275206, 0.0222821141758, 2.20791929992),
        0.3: (-0.434857872689, 0.0557382979844, 0.0223354166359, 2.20526133326),
        0.5: (-0.434960091571, 0.0558239334794, 0.0223715292601, 2.20347904803),
        0.9: (-0.435162036657, 0.0559943956764, 0.0224451952206, 2.19988795781),
    },
    "overlap": {
        0.0: (-0.457695589508, 0.059848049629, 0.022375376979, 1.82148682043),
        0.3: (-0.457494499108, 0.0598830103855, 0.0223315385502, 1.82420237847),
        0.5: (-0.457360994888, 0.0599057030443, 0.0223021274427, 1.82603148855),
        0.9: (-0.457095275076, 0.0599496066587, 0.0222428361967, 1.82973571865),
    },
}


@pytest.mark.parametrize("part", SWEEPS)
def test_the_shipped_sweeps(content: dict[str, Any], part: str) -> None:
    sweep = {one["correlation"]: one for one in content[part]["sweep"]}
    assert tuple(sweep) == CORRELATIONS
    for correlation, expected in SWEEPS[part].items():
        one = sweep[correlation]
        assert [one[key] for key in ("estimate", "se", "tau2")] == pytest.approx(expected[:3], rel=3e-7)
        assert one["log_likelihood"] == pytest.approx(expected[3], abs=1e-10)
        assert one["ratio"] == pytest.approx(np.exp(one["estimate"]))
    assert {one["k"] for one in sweep.values()} == {{"shared_controls": 12, "overlap": 11}[part]}


def test_the_shipped_two_level_models(content: dict[str, Any]) -> None:
    # rma.mv(yi, sei^2, random = ~ 1 | study/id): it stops at 2.7e-9 for the component that is 0.
    shared = content["shared_controls"]["two_level"]
    assert (shared["clusters"], shared["k"], shared["tau2_cluster"]) == (11, 12, 0.0)
    assert shared["tau2_estimate"] == pytest.approx(0.0222821119887, rel=1e-6)
    # The same with Khan and Gnerlich in one cluster, the other studies alone.
    overlap = content["overlap"]["two_level"]
    keys = ("estimate", "se", "tau2_cluster", "tau2_estimate", "log_likelihood")
    expected = (-0.447509314819, 0.0675701470624, 0.0234734542831, 0.00173358176334, 2.41007181168)
    assert [overlap[key] for key in keys] == pytest.approx(expected, rel=3e-7)


def test_the_shipped_robust_models(content: dict[str, Any]) -> None:
    made = content["robust"]["pooled"] + content["robust"]["regression"]
    found = {(one.get("name", ""), one["clustering"]): one["coefficients"] for one in made}
    assert list(found) == list(SLOPES)
    for key, (se, df) in SLOPES.items():
        slopes = found[key][1:] if key[0] else found[key]
        assert [one["se"] for one in slopes] == pytest.approx(se, rel=1e-8), key
        assert [one["df"] for one in slopes] == pytest.approx(df, rel=1e-8), key
    assert found["", "study"][0]["p"] == pytest.approx(8.47004986331976e-05, rel=1e-8)


def test_who_depends_on_whom(content: dict[str, Any]) -> None:
    (khan,) = content["shared_controls"]["studies"]
    assert [(one["contrast"], one["included"]) for one in khan["estimates"]] == [("R0", True), ("R1", False)]
    clusters = {one["cluster"]: (one["studies"], one["not_pooled"]) for one in content["overlap"]["clusters"]}
    assert clusters == {"us-registries": (["Khan", "Gnerlich"], []), "boston": (["Bafford"], ["Cady"])}


def test_the_configured_interval_and_a_common_effect(effects: list[Effect], shipped: RawReview) -> None:
    knapp = dependence(effects, shipped.review, shipped.judgements, HKSJ, "effects.csv")["overlap"]["sweep"][0]
    assert (knapp["df"], round(knapp["ratio_ci_low"], 4), round(knapp["ratio_ci_high"], 4)) == (10.0, 0.5619, 0.7125)
    common = dependence(effects, shipped.review, [], Choices("FE", "wald", 0.95), "effects.csv")
    assert common["tau2_method"] == "FE"
    assert {one["tau2"] for one in common["shared_controls"]["sweep"]} == {0.0}
    # With a common effect the correlation does tell: two estimates count less, the more they say the same.
    errors = [one["se"] for one in common["shared_controls"]["sweep"]]
    assert errors == sorted(errors)
    assert errors[-1] > 1.05 * errors[0]


def some(rows: list[tuple[str, str, float, float]], included: list[bool]) -> list[Effect]:
    """Return effects of (study, contrast, yi, sei); rows are numbered by study."""
    numbers = {name: place for place, name in enumerate(dict.fromkeys(row[0] for row in rows), start=1)}
    return [
        Effect(
            row=numbers[study], item=place, study=study, outcome="OS", contrast=contrast, included=there,
            reason="" if there else "another contrast", yi=yi, sei=sei, route="ci",
            yi_low=None, yi_high=None, sei_low=None, sei_high=None,
        )
        for place, ((study, contrast, yi, sei), there) in enumerate(zip(rows, included, strict=True), start=1)
    ]  # fmt: skip


THREE = some([("Ayer", "", -0.2, 0.1), ("Bell", "", 0.1, 0.2), ("Cole", "", 0.4, 0.2)], [True] * 3)


def content_of(effects: list[Effect], clusters: dict[str, str], choices: Choices = HKSJ) -> dict[str, Any]:
    judgements = [{"study": study, "cluster": cluster} for study, cluster in clusters.items()]
    found = dependence(effects, REVIEW, judgements, choices, "effects.csv")
    schemas.check(found, "dependence.schema.yaml", "dependence.json")
    return found


@pytest.mark.parametrize("k", [1, 2, 3])
def test_a_review_in_which_nothing_depends_says_so(k: int) -> None:
    found = content_of(THREE[:k], {})
    for part, start in [("shared_controls", "no study in the analysis"), ("overlap", "no two studies")]:
        assert (found[part]["sweep"], found[part]["two_level"]) == ([], None)
        assert found[part]["reason"].startswith(start)
    assert [one["clustering"] for one in found["robust"]["pooled"]] == ["study"]
    assert found["robust"]["regression"] == []
    assert bool(found["robust"]["pooled"][0]["coefficients"][0]["reason"]) is (k == 1)


def test_all_studies_in_one_cluster() -> None:
    found = content_of(THREE, dict.fromkeys(("Ayer", "Bell", "Cole"), "one"))
    assert len(found["overlap"]["sweep"]) == 10
    assert found["overlap"]["two_level"]["estimate"] is None
    assert found["overlap"]["two_level"]["reason"].startswith("these estimates cannot tell")
    study, cluster = found["robust"]["pooled"]
    assert study["coefficients"][0]["reason"] == ""
    assert cluster["coefficients"][0]["reason"].startswith("all estimates are in one cluster")


def test_a_cluster_called_like_a_study_is_another() -> None:
    found = content_of(THREE, {"Bell": "Ayer", "Cole": " Ayer "})
    assert found["overlap"]["clusters"][0]["studies"] == ["Bell", "Cole"]
    assert found["overlap"]["two_level"]["clusters"] == 2
    assert content_of(THREE, {"Bell": "Ayer"})["overlap"]["reason"] != ""


def test_a_study_alone_with_several_estimates() -> None:
    found = content_of(some([("Ayer", "R0", 0.2, 0.1), ("Ayer", "R1", 0.4, 0.2)], [True, False]), {})
    shared = found["shared_controls"]
    assert {one["k"] for one in shared["sweep"]} == {2}
    assert shared["two_level"]["k"] is None
    assert shared["two_level"]["reason"] != ""


def test_estimates_that_differ_in_their_adjustment_are_of_the_same_groups() -> None:
    rows = [("Ayer", "adjusted", 0.2, 0.1), ("Ayer", "crude", 0.4, 0.2), ("Bell", "R0", 0.1, 0.1)]
    rows += [("Bell", "R1", 0.2, 0.1), ("Cole", "", 0.3, 0.1), ("Cole", "unadjusted", 0.3, 0.1)]
    shared = content_of(some(rows, [True, False, True, False, True, False]), {})["shared_controls"]
    assert [one["study"] for one in shared["studies"]] == ["Bell"]
    assert [(one["study"], one["contrast"]) for one in shared["left_out"]] == [
        ("Ayer", "crude"),
        ("Cole", "unadjusted"),
    ]
    assert {one["k"] for one in shared["sweep"]} == {4}


@pytest.mark.parametrize("change", [{"outcome": "PFS"}, {"sei": None}, {"yi": None}, {"sei": 0.0}, {"row": 9}])
def test_what_is_no_other_estimate_of_the_outcome(change: dict[str, Any]) -> None:
    one, other = some([("Ayer", "R0", 0.2, 0.1), ("Ayer", "R1", 0.4, 0.2)], [True, False])
    assert content_of([one, other], {})["shared_controls"]["reason"] == ""
    assert content_of([one, replace(other, **change)], {})["shared_controls"]["reason"] != ""


def test_a_difference_has_no_ratio() -> None:
    review = replace(REVIEW, measure="MD")
    clusters = [{"study": study, "cluster": "x"} for study in ("Ayer", "Bell")]
    found = dependence(THREE, review, clusters, HKSJ, "effects.csv")
    assert {one["ratio"] for one in found["overlap"]["sweep"]} == {None}
    assert content_of(THREE, {"Ayer": "x", "Bell": "x"})["overlap"]["sweep"][0]["ratio"] > 0


def test_the_step_writes_what_the_function_returns(tmp_path: Path, content: dict[str, Any]) -> None:
    path = tmp_path / "dependence.json"
    arguments = Namespace(
        raw=SHIPPED, effects=EFFECTS, dependence=path, tau2_method="REML", interval="wald", level=0.95
    )
    (text,) = step(arguments).values()
    written = json.loads(text)
    schemas.check(written, "dependence.schema.yaml", "dependence.json")
    assert written["overlap"]["sweep"][3]["se"] == pytest.approx(content["overlap"]["sweep"][3]["se"], rel=1e-9)


def test_a_moderator_that_cannot_be_one_is_told_where_it_stands(tmp_path: Path, review_folder: Path) -> None:
    changed = [replace(one, extra=one.extra | {"start": "1990"}) for one in read(EFFECTS, Effect)]

    path = tmp_path / "effects.csv"
    path.write_text(dump(changed, Effect, ["start", "mid", "end", "log_n"]), encoding="utf-8")
    arguments = Namespace(
        raw=review_folder, effects=path, dependence=tmp_path / "x", tau2_method="REML", interval="wald", level=0.95
    )
    with pytest.raises(ReanalysisError) as error:
        step(arguments)
    assert (error.value.file, error.value.column) == (str(review_folder / "review.yaml"), "moderators")
    path.write_text(dump([replace(one, included=False) for one in changed], Effect, ["start", "mid", "end", "log_n"]))
    with pytest.raises(ReanalysisError) as error:
        step(arguments)
    assert (error.value.file, error.value.column) == (str(path), "")

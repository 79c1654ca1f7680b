"""The reference values are whole, say where they come from, and do not contradict each other."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import pytest

FOLDER = Path(__file__).parent / "oracles"
GIVEN = ("bcg", "le-scodan-2010")
METHODS = ("FE", "DL", "PM", "REML", "ML", "EB", "SJ", "HE", "HS")
Json = Any

# How many cases each file holds, so that none can be lost unnoticed.
CASES = {
    "influence": {"influence": 10, "leave1out": 4, "baujat": 4, "cumulative": 8, "loglik": 36},
    "permutation": {"moderators": 16, "signs": 8},
    "henmi-copas": {"intervals": 6},
    "claims": {"claims": 9},
    "dependence": {"two_level": 6, "shared_control": 20, "cr2": 8},
    "estimators": {"sets": 14, "pooled": 252, "regression": 288},
    "selection": {"sets": 5, "trimfill": 172, "stepfun": 12, "fixed": 20, "limit": 10, "profile": 6},
    "published": {"papers": 20, "analyses": 80, "numbers": 739},
}


def refuse(token: str) -> NoReturn:
    message = f"{token} is not JSON"
    raise ValueError(message)


def read(name: str) -> Json:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"), parse_constant=refuse)


def without_source(oracle: Json) -> Json:
    return {key: value for key, value in oracle.items() if key != "source"}


def count(name: str) -> dict[str, int]:  # noqa: PLR0911 (a file each)
    oracle = without_source(read(name))
    sets = list(oracle.values())
    match name:
        case "influence":
            return {part: sum(len(one[part]) for one in sets) for part in CASES[name]}
        case "permutation":
            return {part: len(oracle[part]) for part in CASES[name]}
        case "henmi-copas" | "claims":
            return dict.fromkeys(CASES[name], len(sets))
        case "dependence":
            models = [key for one in oracle["two_level"].values() for key in one if "/" in key]
            shared = [key for key in oracle["shared_control"] if key != "data"]
            return {"two_level": len(models), "shared_control": len(shared), "cr2": len(oracle["cr2"])}
        case "estimators":
            return {
                "sets": len(sets),
                "pooled": sum(len(one["pooled"]) for one in sets),
                "regression": sum(len(one.get("regression", {})) for one in sets),
            }
        case "selection":
            held = [one for key, one in oracle.items() if key != "profile"]
            parts = {part: sum(len(one[part]) for one in held) for part in ("trimfill", "stepfun", "fixed", "limit")}
            return {"sets": len(held), **parts, "profile": len(oracle["profile"])}
        case _:
            analyses = [rows for one in sets for rows in one["analyses"].values()]
            return {"papers": len(sets), "analyses": len(analyses), "numbers": sum(map(len, analyses))}


def leaves(value: Json, place: str = "") -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f"{place}/{key}")
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{place}[{index}]")
    else:
        yield place, value


@pytest.mark.parametrize("name", CASES)
def test_no_case_is_lost(name: str) -> None:
    assert count(name) == CASES[name]


@pytest.mark.parametrize("name", CASES)
def test_every_file_says_what_made_it(name: str) -> None:
    source = read(name)["source"]
    assert {"tool", "version", "r", "call", "note"} <= source.keys()
    assert (source["tool"], source["version"]) == ("metafor", "3.8.1")
    assert source["r"].startswith("R version 4.2")
    assert all(isinstance(text, str) and text for text in source.values())
    assert f"`{name}.json`" in (FOLDER / "README.md").read_text(encoding="utf-8")
    assert name in (FOLDER / "make.R").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_missing(name: str) -> None:
    empty = [place for place, value in leaves(read(name)) if value is None or value in ([], {})]
    # Where no study is missing none is filled in.
    empty = [place for place in empty if not place.endswith(("/filled_yi", "/filled_vi"))]
    assert empty == []


@pytest.mark.parametrize("name", GIVEN)
def test_the_diagnostics_stand_on_the_stored_data(name: str) -> None:
    assert read("influence")[name]["data"] == read(name)["data"]
    mine = [(row["yi"], row["vi"]) for row in read("henmi-copas")[name]["data"]]
    assert mine == [(row["yi"], row["vi"]) for row in read(name)["data"]]


@pytest.mark.parametrize("name", GIVEN)
def test_the_diagnostics_agree_with_the_first_files(name: str) -> None:
    mine, first = read("influence")[name], read(name)
    for quantity, values in first["influence"].items():
        assert mine["influence"]["mean/REML/z"][quantity] == pytest.approx(values, rel=1e-10, abs=1e-10), quantity
    for quantity, values in first["leave1out"].items():
        assert mine["leave1out"]["REML/z"][quantity] == pytest.approx(values, rel=1e-10), quantity


@pytest.mark.parametrize("name", GIVEN)
def test_each_diagnostic_has_one_value_a_study(name: str) -> None:
    one = read("influence")[name]
    k = len(one["data"])
    for key, found in one["influence"].items():
        assert {len(values) for values in (*found["dfbs"].values(), found["hat"], found["flagged"])} == {k}, key
        assert sum(found["hat"]) == pytest.approx(len(found["dfbs"]), rel=1e-9), key
    for part in ("leave1out", "cumulative"):
        assert {len(values) for found in one[part].values() for values in found.values()} == {k}, part
    for found in one["cumulative"].values():
        assert sorted(found["order"]) == list(range(1, k + 1))
        assert found["estimate"][-1] == pytest.approx(read(name)["pooled"]["REML/z"]["estimate"], rel=1e-10)


def test_the_cluster_robust_errors_agree_with_the_first_file() -> None:
    mine, first = read("dependence")["cr2"]["le-scodan-2010/mean/study"], read("le-scodan-2010")["cr2"]
    for quantity in ("se", "df", "p"):
        assert mine[quantity] == pytest.approx([first[quantity]], rel=1e-9), quantity


def test_the_variances_are_at_a_maximum() -> None:
    oracle = read("dependence")
    models = [one for part in oracle["two_level"].values() for key, one in part.items() if "/" in key]
    models += [one for key, one in oracle["shared_control"].items() if key != "data"]
    for one in models:
        for variance, score in zip(one["sigma2"], one["convergence"]["score"], strict=True):
            assert variance >= 0
            assert abs(score) < 1e-11 if variance else score <= 0
        assert max(one["convergence"]["last_step"]) < 1e-15
        assert abs(one["loglik_gain"]) < 1e-9
        assert one["convergence"]["metafor_optimum"] == pytest.approx(one["sigma2"], rel=1e-5)


@pytest.mark.parametrize("part", ["moderators", "signs"])
def test_no_tolerance_decides_a_permutation_test(part: str) -> None:
    for key, one in read("permutation")[part].items():
        total = one["permutations"]
        margins = [*one["margins"], *([one["qm_margins"]] if "qm_p" in one else [])]
        for p in [*one["pval"], *([one["qm_p"]] if "qm_p" in one else [])]:
            assert 1 / total <= p <= 1, key
            assert p * total == pytest.approx(round(p * total), abs=1e-8), key
        for margin in margins:
            assert margin["ties"] >= 1, key
            assert margin["widest_tie"] < 1e-8, key
            assert margin["nearest_other"] > 1e-7, key
    assert {one["permutations"] for one in read("permutation")["signs"].values()} == {2**11, 2**13}


def test_every_estimator_is_there_and_is_possible() -> None:
    for name, one in without_source(read("estimators")).items():
        assert one["k"] == len(one["data"])
        assert one["pooled"].keys() == {f"{method}/{test}" for method in METHODS for test in ("z", "knha")}, name
        assert 0 <= one["q_profile"]["tau2_ci"][0] < one["q_profile"]["tau2_ci"][1]
        for key, found in (one["pooled"] | one.get("regression", {})).items():
            assert found["tau2"] >= 0, (name, key)
            assert 0 <= found["i2"] < 100, (name, key)
            rows = zip(*(flat(found[part]) for part in ("ci_low", "estimate", "ci_high", "se")), strict=True)
            assert all(low < estimate < high and se > 0 for low, estimate, high, se in rows), (name, key)
        for key, found in one["pooled"].items():
            other = one["pooled"]["ML/z"]["loglik_ml"], one["pooled"]["REML/z"]["loglik_reml"]
            assert found["loglik_ml"] <= other[0] + 1e-9, (name, key)
            assert found["loglik_reml"] <= other[1] + 1e-9, (name, key)


def flat(value: float | list[float]) -> list[float]:
    return value if isinstance(value, list) else [value]


def published_rows() -> list[tuple[str, str, Json]]:
    papers = without_source(read("published"))
    return [
        (paper, name, row) for paper, one in papers.items() for name, rows in one["analyses"].items() for row in rows
    ]


def test_every_printed_number_has_a_page_and_a_source() -> None:
    for paper, one in without_source(read("published")).items():
        assert one["paper"], paper
        assert one["read_in"], paper
        assert one["k"] == len(one["data"]), paper
    for paper, _, row in published_rows():
        assert all(part.isdigit() for part in row["page"].split("-")), paper
        assert row["reading"] in {"paper", "comparison"}, paper


def test_a_print_agrees_when_the_value_rounds_to_it() -> None:
    for paper, name, row in published_rows():
        printed = Decimal(row["printed"])
        unit = 10.0 ** int(printed.as_tuple().exponent)
        near = abs(row["value"] - float(printed)) <= 0.5 * unit * (1 + 1e-9)
        assert math.isfinite(row["value"])
        assert row["agrees"] == near, (paper, name, row)
        assert near or row["remark"], (paper, name, row)


def test_the_transcription_is_what_was_compared() -> None:
    with (FOLDER / "printed.csv").open(encoding="utf-8", newline="") as file:
        written = [tuple(row.values()) for row in csv.DictReader(file)]
    order = ("quantity", "page", "printed", "reading", "remark")
    found = [(paper, name, *(row[part] for part in order)) for paper, name, row in published_rows()]
    assert sorted(found) == sorted(written)
    assert len({row[:5] for row in written}) == len(written)

"""The claims of the source: the verdicts, numbers of other programs, where they were read, what is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SHIPPED
from made import edit

from reanalysis import schemas
from reanalysis.claim_sources import Asked
from reanalysis.claims import check_claims
from reanalysis.errors import ReanalysisError
from reanalysis.expressions import evaluate
from reanalysis.quantities import Quantity
from reanalysis.raw import RawReview
from reanalysis.raw import read as read_raw
from reanalysis.records import Provenance
from reanalysis.results import read_results
from reanalysis.tables import read

RESULTS = ROOT / "results/le-scodan-2010"
ORACLE = json.loads((ROOT / "tests/oracles/claims.json").read_text(encoding="utf-8"))

# What a reader with a pocket calculator finds, claim by claim, from the source's table and text.
VERDICTS = {
    "common-reduction": "supported",
    "constant-reduction": "not supported",
    "treated-share": "partly",
    "khan-reduction": "supported",
    "khan-adjusted": "supported",
    "rapiti-resection": "partly",
    "md-anderson": "not supported",
    "series-in-table": "not supported",
    "survival-advantage": "supported",
    "sizes": "supported",
    "kinds-of-treatment": "supported",
    "boosts": "partly",
    "le-scodan-hr": "supported",
    "le-scodan-survival": "supported",
    "not-only-selection": "not supported",
    "period-p-values": "supported",
    "bourgier-groups": "supported",
    "radiotherapy-as-good": "cannot be checked",
    "rapiti-more-radiotherapy": "supported",
    "rapiti-irradiated": "contradicted",
    "incidence": "partly",
}

# Counted by hand in the printed table and text.
COUNTED = {
    ("treated-share", "least"): 100 * 52 / 157,
    ("treated-share", "most"): 100 * 287 / 409,
    ("treated-share", "most_of_arms"): 100 * 242 / 395,
    ("treated-share", "inside"): 10,
    ("treated-share", "not_adding"): 2,
    # 40 % lower is 0.6, outside 0.546 to 0.595 and 0.791 to 1.001; Babiera and Hazard hold 1 as well.
    ("common-reduction", "series"): 11,
    ("common-reduction", "holding"): 9,
    ("common-reduction", "wide"): 2,
    ("incidence", "apart"): 600,
    ("constant-reduction", "least"): 11,
    ("constant-reduction", "most"): 53,
    ("series-in-table", "cited"): 13,
    ("series-in-table", "no_row"): [15],
    ("boosts", "tumour"): 158,
    ("boosts", "axilla"): 124,
    ("boosts", "share_axilla"): 100 * 124 / 290,
    ("rapiti-irradiated", "irradiated"): 35.32,
    ("rapiti-irradiated", "at_most"): 0.215 * 127 + 0.055 * 173,
    ("survival-advantage", "significant"): 7,
    ("survival-advantage", "at_most"): 9,
}


@pytest.fixture(scope="module")
def asked(shipped: RawReview) -> Asked:
    return Asked(shipped, read_results(SHIPPED, RESULTS), read(RESULTS / "provenance.csv", Provenance))


@pytest.fixture(scope="module")
def found(asked: Asked) -> dict[str, dict[str, Any]]:
    content = check_claims(asked)
    schemas.check(content, "claims.schema.yaml", "claims.json")
    return {one["id"]: one for one in content["claims"]}


def number(claim: dict[str, Any], name: str) -> Any:  # noqa: ANN401 (a number or a list)
    return next(one["value"] for one in claim["numbers"] if one["name"] == name)


def checked(asked: Asked, *verdicts: dict[str, str], numbers: object = (), claim: str = "Said.") -> dict[str, Any]:
    declared = {"id": "made", "section": "S", "claim": claim, "numbers": numbers, "verdicts": list(verdicts)}
    content = check_claims(replace(asked, raw=replace(asked.raw, claims=[declared])))
    schemas.check(content, "claims.schema.yaml", "claims.json")
    return dict(content["claims"][0])


LAST = {"verdict": "not supported", "because": "It is not."}


def test_every_verdict_is_what_a_reader_finds(found: dict[str, dict[str, Any]]) -> None:
    assert {name: one["verdict"] for name, one in found.items()} == VERDICTS


@pytest.mark.parametrize("name", [name for name in ORACLE if name != "source"])
def test_numbers_agree_with_metafor_and_r(found: dict[str, dict[str, Any]], name: str) -> None:
    for key, value in ORACLE[name].items():
        # Our results are read back with ten digits.
        assert number(found[name], key) == pytest.approx(value, rel=2e-9), key


@pytest.mark.parametrize(("name", "key"), COUNTED)
def test_numbers_agree_with_print(found: dict[str, dict[str, Any]], name: str, key: str) -> None:
    assert number(found[name], key) == pytest.approx(COUNTED[name, key], rel=1e-12)


@pytest.mark.parametrize(
    ("name", "studies", "statements"),
    [
        ("khan-reduction", ["Khan", "Khan"], ["khan-reduction"]),
        ("rapiti-irradiated", ["Rapiti"], [f"rapiti-radiotherapy-{one}" for one in ("surgery", "none", "n")]),
        ("md-anderson", ["Babiera"], []),
        ("incidence", [], ["incidence-abstract", "incidence-selection"]),
        ("le-scodan-survival", [], ["le-scodan-survival-treated", "le-scodan-survival-untreated", "le-scodan-hr"]),
    ],
)  # fmt: skip
def test_a_verdict_knows_its_cells(
    found: dict[str, dict[str, Any]], name: str, studies: list[str], statements: list[str]
) -> None:
    assert [one["study"] for one in found[name]["cells"]] == studies
    assert found[name]["statements"] == statements


def test_cells_are_those_of_print(found: dict[str, dict[str, Any]], asked: Asked) -> None:
    assert len(found["series-in-table"]["cells"]) == 13
    for claim in found.values():
        for one in claim["cells"]:
            assert asked.raw.rows[one["row"] - 1][one["column"]] == one["printed"]
    assert found["treated-share"]["cells"][0]["printed"] == "16023/9162/6861"


def test_printed_numbers_keep_their_digits(found: dict[str, dict[str, Any]]) -> None:
    assert "0.70 (0.58 to 0.85)" in found["le-scodan-hr"]["claim"]
    assert "40% lower" in found["common-reduction"]["claim"]
    assert "(p\u00a0=\u00a00.015)" in found["not-only-selection"]["because"]


@pytest.mark.parametrize("place", range(len(VERDICTS)))
def test_no_declared_text_repeats_a_computed_number(shipped: RawReview, place: int) -> None:
    claim = shipped.claims[place]
    texts = [claim["claim"], *(one["because"] for one in claim["verdicts"])]
    plain = re.sub(r"\{\w+\}|p below 0.05", "", " ".join(" ".join(texts).split()))
    assert not re.search("[0-9]", plain)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("pooled.k", 11),
        ("without('Shien').i2 < 30 < pooled.i2", True),
        ("regression('start').p < 0.05 < regression('mid').p", True),
        ("regression('mid + log_n', 'log_n').estimate == regression('mid + log_n').estimate", False),
        ("regression('start').permutation_p > regression('start').p", True),
        ("effect('Khan').ratio", 0.61),
        ("effect('Khan', 'OS', 'R1').estimate", 0.751),
        ("effect('Hazard', 'TTFP').printed_p", 0.015),
        ("effect('Bafford').lower", None),
        ("effect('Cady').ratio", None),
        ("study('Leung').events", None),
        ("study('Khan').mid", 1991.5),
        ("count(studies.start < 1980)", 4),
        ("effect('Shien').coherent", True),
        ("statement('le-scodan-boost').percent", 63.5),
        ("statement('khan-n').percent", None),
        ("statement('khan-n').ratio", None),
        ("statement('rapiti-no-radiotherapy-hr').ratio", 1.6),
        ("statement('khan-p').printed_p", 0.0001),
    ],
)
def test_what_may_be_asked(asked: Asked, text: str, value: object) -> None:
    result = evaluate(text, asked.sources, {})
    assert isinstance(result, Quantity)
    assert result.value == pytest.approx(value, rel=1e-9) if isinstance(value, float) else result.value == value
    assert bool(result.reason) == (value is None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("study('Kahn').n > 1", "did you mean 'Khan'"),
        ("study('Khan').size > 1", "n_treated"),
        ("study.n > 1", "takes 1 names"),
        ("pooled('Khan').k > 1", "takes 0 names"),
        ("effect('Khan', 'OS', 'R2').p > 1", 'effect("Khan", "OS", "R0")'),
        ("effect('Babiera', 'PFS').p > 1", "TTFP"),
        ("effects.size > 1", "implied_p_low"),
        ("statement('khan').value > 1", "known: "),
        ("statement('khan-n').n > 1", "percent"),
        ("pooled.hr > 1", "ratio_ci_low"),
        ("pooled.interval > 1", "ratio_ci_low"),
        ("without('Cady').k > 1", "Shien"),
        ("regression('place').p > 1", "start"),
        ("regression('start', 'mid').p > 1", "start"),
        ("pooled.k", "compare two numbers"),
        ("studies.n > 1", "all("),
    ],
)
def test_what_is_not_there_is_an_error_that_names_what_is(asked: Asked, text: str, said: str) -> None:
    with pytest.raises(ReanalysisError) as caught:
        checked(asked, {"verdict": "supported", "when": text, "because": "It is."}, LAST)
    message = str(caught.value)
    assert "claim 'made'" in message
    assert "claims.yaml" in message
    assert "verdicts › 0 › when" in message
    assert (caught.value.printed, said in message) == (text, True)


@pytest.mark.parametrize(
    ("when", "verdict"), [("1 < 2", "supported"), ("1 > 2", "not supported"), ("1 / 0 > 1", "cannot be checked")]
)
def test_the_first_condition_that_holds_decides(asked: Asked, when: str, verdict: str) -> None:
    claim = checked(asked, {"verdict": "supported", "when": when, "because": "It is."}, LAST)
    assert (claim["verdict"], claim["decided_by"]) == (verdict, "" if verdict == "not supported" else when)
    if verdict == "cannot be checked":
        assert "a division by zero" in claim["because"]


def test_a_missing_number_is_shown_with_its_reason(asked: Asked) -> None:
    declared = [{"name": "deaths", "means": "deaths", "value": "study('Leung').events"}]
    test = {"verdict": "supported", "when": "deaths > 10", "because": "{deaths}"}
    claim = checked(asked, test, LAST, numbers=declared, claim="{deaths} died.")
    assert (claim["verdict"], claim["claim"], claim["numbers"][0]["value"]) == ("cannot be checked", "— died.", None)
    assert claim["numbers"][0]["reason"] == "the table prints no events of Leung"


def test_errors_are_seen_behind_the_deciding_condition(asked: Asked) -> None:
    first = {"verdict": "supported", "when": "1 < 2", "because": "It is."}
    for other in ({"verdict": "partly", "when": "nobody > 1", "because": "?"}, {**first, "because": "{nobody}"}):
        with pytest.raises(ReanalysisError, match="nobody"):
            checked(asked, first, other, LAST)
    for verdicts in ([first], [LAST, LAST], [LAST, first]):
        with pytest.raises(ReanalysisError, match="only the last verdict"):
            checked(asked, *verdicts)


@pytest.mark.parametrize("name", ["pooled", "min", "lambda", "twice"])
def test_a_name_that_is_taken_is_refused(asked: Asked, name: str) -> None:
    declared = [{"name": "twice", "means": "m", "value": "1"}, {"name": name, "means": "m", "value": "2"}]
    with pytest.raises(ReanalysisError, match="is taken"):
        checked(asked, LAST, numbers=declared)
    with pytest.raises(ReanalysisError, match="a condition, not a number"):
        checked(asked, LAST, numbers=[{"name": "one", "means": "m", "value": "1 < 2"}])


def test_a_file_without_end_is_refused(asked: Asked) -> None:
    many = [{"name": f"n{place}", "means": "m", "value": "1 + " * 240 + "1"} for place in range(60)]
    with pytest.raises(ReanalysisError, match="at most are allowed"):
        checked(asked, LAST, numbers=many)


def test_a_long_list_of_numbers_is_not_filled(asked: Asked) -> None:
    hostile = [{"id": "long", "section": "", "study": "", "about": "a", "printed": "1-999999999"}]
    raw = replace(asked.raw, statements=hostile)
    for text in ("count(statement('long').numbers) > 1", "count(absent(statement('long').numbers, studies.n)) > 1"):
        result = evaluate(text, replace(asked, raw=raw).sources, {})
        assert isinstance(result, Quantity)
        assert (result.value, result.reason) == (None, "a list of more than 200 numbers")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("verdict: supported", "verdict: true enough", "true enough"),
        ("  section: Background\n", "", "section"),
        ("- id: common-reduction", "- id: constant-reduction", "stands twice"),
        ("as: percent", "as: percentage", "percentage"),
        ("because: Chance alone", "why: Chance alone", "unknown key 'why'"),
    ],
)
def test_a_file_of_another_form_is_refused(review_folder: Path, old: str, new: str, problem: str) -> None:
    edit(review_folder, "claims.yaml", old, new)
    with pytest.raises(ReanalysisError, match=problem) as caught:
        read_raw(review_folder)
    assert "claims.yaml" in caught.value.file

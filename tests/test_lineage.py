"""Every number of the shipped pages leads back to print: no numeral without a source, no source without an end."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from pages import Node, tree

from reanalysis.report.lineage import leaves, pattern
from reanalysis.schemas import meaning

ROOT = Path(__file__).parents[1]
REPORTS = sorted((ROOT / "results").glob("*/report.html"))

# A digit behind a letter names something (R0, tau2, SHA-256) and counts nothing.
NAMES_SOMETHING = re.compile(r"[^\W\d_][\w²-]*\d[\w-]*")
# What is cited, a formula or a command, and what no reader sees as text.
QUOTED = {"cite", "code", "pre", "h1", "title", "script", "style", "svg", "data"}
# An element that is itself a printed cell or statement, and a link to one.
PRINTED = re.compile(r"(cell|statement)-")
LINK = re.compile(r"#(cell|statement)-")
# A row, an item or a paragraph with such a link tells where its numbers come from.
TELLS = {"tr", "li", "p", "a"}


@pytest.fixture(params=REPORTS, ids=lambda path: path.parent.name)
def report(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def links(node: Node) -> bool:
    return any(one.name == "a" and LINK.match(one.attributes.get("href", "")) for one in node.every())


def sourced(node: Node) -> bool:
    """Whether an element, or one that it stands in, says where its numbers come from."""
    return any(
        one.name in QUOTED
        or "data-of" in one.attributes
        or PRINTED.match(one.attributes.get("id", ""))
        or (one.name in TELLS and links(one))
        for one in node.within
    )


def named(report: Path) -> list[str]:
    """Return the names of studies, which may hold digits, the longest first."""
    with (report.parent / "studies.csv").open(encoding="utf-8", newline="") as file:
        return sorted((row["study"] for row in csv.DictReader(file)), key=len, reverse=True)


def numerals(page: Node, names: list[str]) -> list[tuple[Node, str]]:
    found = []
    for node in page.every():
        for text in node.texts:
            for name in names:
                text = text.replace(name, "")  # noqa: PLW2901 (taken out one by one)
            if re.search(r"\d", NAMES_SOMETHING.sub("", text)):
                found.append((node, " ".join(text.split())))
    return found


def lineage(page: Node) -> dict[str, Any]:
    script = next(one for one in page.every() if one.attributes.get("id") == "lineage")
    content: dict[str, Any] = json.loads("".join(script.texts))
    return content


def test_no_numeral_stands_without_a_source(report: Path) -> None:
    page = tree(report.read_text(encoding="utf-8"))
    without = [text for node, text in numerals(page, named(report)) if not sourced(node)]
    assert without == []


def test_the_test_above_sees_a_numeral() -> None:
    page = tree("<p>In 13 rows</p><p>R0, tau2, <code>12</code></p><tr><td>4<a href='#cell-1-1'>x</a></td></tr>")
    assert [text for node, text in numerals(page, []) if not sourced(node)] == ["In 13 rows"]


def test_every_source_stands_in_its_file_with_the_value_shown(report: Path) -> None:
    """A number of a single source in a JSON file is that number, or made from it; most are it, digit by digit."""
    page = tree(report.read_text(encoding="utf-8"))
    same = other = 0
    for node in page.every():
        if node.name != "data":
            continue
        for source in node.attributes["data-of"].split("+"):
            name, *way = (unquote(one) for one in source.split("/"))
            path = report.parent / f"{name}.json"
            if not path.is_file():
                tables = (report.parent / f"{name}.csv", ROOT / "data/raw" / report.parent.name / f"{name}.csv")
                assert any(one.is_file() for one in tables), source
                continue
            value = json.loads(path.read_text(encoding="utf-8"))
            for step in way:
                value = value[int(step)] if isinstance(value, list) else value[step]
            shown = ", ".join(repr(one) for one in value) if isinstance(value, list) else repr(value)
            if shown == node.attributes["value"]:
                same += 1
            else:
                other += 1
    assert same > 4 * other


def test_every_leaf_stands_in_the_printed_table(report: Path) -> None:
    raw = ROOT / "data/raw" / report.parent.name
    with (raw / "table.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = list(csv.reader(file))
    declared = raw / "corrections.yaml"
    listed = yaml.safe_load(declared.read_text(encoding="utf-8")) if declared.is_file() else []
    corrections = {one["id"]: one["corrected"] for one in listed}
    page = tree(report.read_text(encoding="utf-8"))
    anchors = {one.attributes.get("id") for one in page.every()}
    found = leaves(lineage(page))
    assert found
    for leaf in found:
        if "anchor" not in leaf:
            assert (raw / leaf["file"]).is_file()
            continue
        assert leaf["anchor"] in anchors
        row, column = (int(part) for part in leaf["anchor"].split("-")[1:])
        printed = corrections[leaf["correction"]] if "correction" in leaf else cells[row][column - 1]
        for _, text in leaf["read"]:
            assert " ".join(text.split()) in " ".join(printed.split()), leaf


def test_every_pooled_effect_has_its_cells_and_every_number_its_meaning(report: Path) -> None:
    content = lineage(tree(report.read_text(encoding="utf-8")))
    assert all(one["cells"] for one in content["effects"] if one["included"])
    assert [one for one, said in content["meanings"].items() if not said] == []
    assert all(content["results"].values())


def test_a_pattern_leaves_places_out() -> None:
    assert pattern("pooled/models/3/tau2") == "pooled/models/*/tau2"
    assert pattern("effects/1-1/yi") == "effects/*/yi"
    assert pattern("findings") == "findings"
    assert pattern("influence/pooled/studies/10") == "influence/pooled/studies/*"


def test_a_meaning_is_the_innermost_sentence_of_a_schema() -> None:
    assert meaning("pooled.schema.yaml", ["primary", "tau2"]) == meaning("pooled.schema.yaml", ["models", "*", "tau2"])
    assert meaning("pooled.schema.yaml", ["weights", "*", "weight"]) == "Percent of the total weight."
    assert meaning("pooled.schema.yaml", ["no", "such", "key"]) == ""

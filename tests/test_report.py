"""The page: whole, safe, coherent with the results, and every link in it leads somewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest
import yaml
from conftest import ROOT, SHIPPED

from reanalysis.figures import NAMES
from reanalysis.files import read_json
from reanalysis.inputs import settings
from reanalysis.raw import RawReview
from reanalysis.report.facsimile import facsimile, pieces
from reanalysis.report.material import Material, read_material
from reanalysis.report.page import render
from reanalysis.report.svg import inline

FOLDER = ROOT / "results" / "le-scodan-2010"
PAGE = FOLDER / "report.html"


CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
SETTINGS = settings(CONFIG)


@cache
def material() -> Material:
    return read_material(SHIPPED, FOLDER, SETTINGS)


class Reader(HTMLParser):
    """Every element of a page, its text, and whether elements are closed in order."""

    VOID = frozenset({"meta", "br", "img", "link", "input", "hr"})

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self.open[-1:] == ["script"]:
            self.scripts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def closed(page: str) -> set[str]:
    """Return the names inside a folded part of the page: a link to them may lead to nothing that is seen."""
    folded = re.findall(r"<details>.*?</details>", page, re.DOTALL)
    return {name for part in folded for name in re.findall(r'\bid="([^"]+)"', part)}


def test_no_link_leads_into_a_folded_part() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert closed('<details><i id="a"></i></details><details open><i id="b"></i></details>') == {"a"}
    assert not closed(text) & set(re.findall(r'href="#([^"]+)"', text))


@pytest.mark.parametrize(
    "section",
    ["scenarios", "specifications", "small-study", "confounding", "claims", "elsewhere", "dependence"],
)
def test_every_section_of_doubt_says_what_it_cannot_show(section: str) -> None:
    for folder in (FOLDER, ROOT / "results/randomised-trials"):
        text = (folder / "report.html").read_text(encoding="utf-8")
        (part,) = re.findall(rf'<section id="{section}".*?</section>', text, re.DOTALL)
        assert part.count('<p class="limits">What this c') == 1


@pytest.fixture(scope="module")
def page() -> Reader:
    return Reader(PAGE.read_text(encoding="utf-8"))


def test_the_committed_page_is_what_the_results_make() -> None:
    assert render(material()) == PAGE.read_text(encoding="utf-8")


def test_the_page_is_one_small_file_that_asks_for_nothing(page: Reader) -> None:
    assert PAGE.stat().st_size < 3_000_000
    for tag, attributes in page.elements:
        assert "src" not in attributes, tag
        assert tag not in ("link", "iframe", "img", "object", "embed")
    css = "".join(page.text)
    assert "@import" not in css
    assert "url(http" not in css
    policy = next(one["content"] for one in page.all("meta") if one.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "script-src" in policy
    assert "unsafe" not in policy.split("script-src")[1].split(";")[0]


def test_only_scripts_whose_checksum_the_policy_names_can_run() -> None:
    text = PAGE.read_text(encoding="utf-8")
    policy = re.search(r"script-src ([^;]*);", text)
    assert policy is not None
    run = [body for opened, body in re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL) if not opened]
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in run]
    assert policy[1].split() == hashes
    assert run


def test_every_name_is_unique_and_every_link_leads_somewhere(page: Reader) -> None:
    names = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    assert [name for name, count in names.items() if count > 1] == []
    for one in page.all("a"):
        target = one["href"] or ""
        if target.startswith("#"):
            assert target[1:] in names, target
        elif not target.startswith("figures/") or target.endswith(".svg"):
            assert (FOLDER / target).is_file(), target
    for _, attributes in page.elements:
        for name in (attributes.get("aria-labelledby") or "").split():
            assert name in names


def test_the_page_has_the_structure_of_a_document(page: Reader) -> None:
    tags = Counter(tag for tag, _ in page.elements)
    assert (tags["h1"], tags["main"], tags["header"], tags["footer"], tags["nav"]) == (1, 1, 1, 1, 1)
    assert tags["caption"] == tags["table"] > 6
    words = read_json(FOLDER / "figures" / "words.json")["figures"]
    assert tags["figure"] == tags["figcaption"] == sum(not words[name]["reason"] for name in NAMES) > 6
    assert all("scope" in one for one in page.all("th"))
    assert page.all("html")[0]["lang"] == "en"


def test_the_printed_table_is_on_the_page_letter_by_letter(shipped: RawReview) -> None:
    cells = facsimile(shipped, material().provenance, material().findings)
    assert [["".join(piece.text for piece in cell.pieces) for cell in row] for row in cells] == [
        list(row.values()) for row in shipped.rows
    ]
    states = Counter(cell.state for row in cells for cell in row)
    assert states["inconsistent"] == 3
    assert states["doubtful"] == 3  # Gnerlich and Blanchard against their primary sources, Rapiti by its endpoint


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("abc", [], [("abc", False)]),
        ("", [], []),
        ("abcde", [(1, 3)], [("a", False), ("bc", True), ("de", False)]),
        ("abcde", [(0, 2), (1, 5)], [("abcde", True)]),
    ],
)
def test_pieces_lose_no_character(text: str, spans: list[tuple[int, int]], expected: list[tuple[str, bool]]) -> None:
    assert [(one.text, one.read) for one in pieces(text, spans)] == expected


def test_the_embedded_analysis_is_the_results() -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="analysis">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    content = json.loads(found[1])
    assert content["pooled"] == read_json(FOLDER / "pooled.json")
    assert content["regression"] == read_json(FOLDER / "regression.json")
    assert content["table"]["rows"] == material().raw.rows


HOSTILE = "<script>alert(1)</script>&\"'</td></script><!--"


def test_nothing_in_a_cell_becomes_markup(shipped: RawReview) -> None:
    rows = [dict(row) for row in shipped.rows]
    rows[0]["Database"] = HOSTILE
    findings = [replace(material().findings[0], printed=HOSTILE, message=HOSTILE)]
    made = render(replace(material(), raw=replace(shipped, rows=rows), findings=findings, provenance=[]))
    reader = Reader(made)
    assert reader.all("script") == Reader(PAGE.read_text(encoding="utf-8")).all("script")
    assert HOSTILE in "".join(reader.text)


def test_svgs_in_one_page_share_no_name() -> None:
    svg = (
        '<?xml version="1.0"?>\n<svg width="100pt" height="50pt" version="1.1"><metadata>x</metadata>'
        '<defs><path id="a"/></defs><use xlink:href="#a" clip-path="url(#a)"/></svg>'
    )
    made = inline(svg, "forest", "A & B", "C < D")
    assert 'id="forest-a"' in made
    assert '"#forest-a"' in made
    assert "url(#forest-a)" in made
    assert "<metadata>" not in made
    assert "<?xml" not in made
    assert "A &amp; B" in made
    assert "C &lt; D" in made

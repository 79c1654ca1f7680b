"""What a reader takes away: files, data that machines read, a checklist that says what is missing, terms, methods."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
import yaml
from conftest import ROOT

from reanalysis.companion_narrative import randomised
from reanalysis.methods import methods
from reanalysis.report.citations import source
from reanalysis.report.glossary import glossary
from reanalysis.report.linked_data import json_ld, meta_tags
from reanalysis.report.material import Material, read_material
from reanalysis.report.page import render
from reanalysis.report.prisma import HERE, NOT, PART, cannot, items
from reanalysis.report.take_away import FILES, paragraph
from reanalysis.review import Review

REVIEWS = ("le-scodan-2010", "randomised-trials")
SETTINGS = {"tau2_method": "REML", "interval": "hksj", "level": 0.95, "routes": ["ci", "p"]}
HOSTILE = '{50%} \\textbf{x}\n<script>alert(1)</script> & #1_a$ ~^ "q"\r\nER  - \u202e中文 Ω'
PLAIN_HOSTILE = '{50%} \\textbf{x} <script>alert(1)</script> & #1_a$ ~^ "q" ER - 中文 Ω'
REVIEW = Review(
    title=HOSTILE, source={"citation": HOSTILE, "table": HOSTILE}, measure="MD", favours={"below": "a", "above": "b"},
    outcome=HOSTILE, columns={"study": "study"},
)  # fmt: skip


@cache
def material(name: str = REVIEWS[0]) -> Material:
    return read_material(ROOT / "data/raw" / name, ROOT / "results" / name, SETTINGS)


class Head(HTMLParser):
    """The tags and data blocks of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.meta: list[tuple[str | None, str | None]] = []
        self.ids: set[str | None] = set()
        self.hrefs: list[str] = []
        self.script = ""
        self.data: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids.add(found.get("id"))
        self.hrefs += [found["href"] or ""] if tag == "a" else []
        if tag == "meta" and (found.get("name") or "").startswith("citation_"):
            self.meta.append((found["name"], found["content"]))
        self.script = (found.get("type") or "") if tag == "script" else ""

    def handle_data(self, data: str) -> None:
        if self.script:
            self.data[self.script] = data
            self.script = ""


def test_the_page_tells_machines_what_is_declared_and_no_more() -> None:
    head = Head((ROOT / "results/le-scodan-2010/report.html").read_text(encoding="utf-8"))
    review = yaml.safe_load((ROOT / "data/raw/le-scodan-2010/review.yaml").read_text(encoding="utf-8"))
    said = dict(head.meta)
    assert said["citation_title"] == f"{review['title']}: a re-analysis"
    assert f"citation_doi={review['source']['doi']}" in (said["citation_reference"] or "")
    assert not {"citation_author", "citation_doi", "citation_publication_date", "citation_journal_title"} & set(said)
    data = json.loads(head.data["application/ld+json"])
    assert (data["@context"], data["@type"]) == ("https://schema.org", "Dataset")
    assert 50 <= len(data["description"]) <= 5000
    based = data["isBasedOn"]
    assert (based["@type"], based["identifier"]) == ("ScholarlyArticle", f"doi:{review['source']['doi']}")
    assert based["license"]["name"] == review["source"]["licence"]
    assert not {"author", "creator", "license", "datePublished"} & set(data)
    for one in data["distribution"]:
        assert (ROOT / "results/le-scodan-2010" / one["contentUrl"]).is_file()


def test_hostile_words_stay_data() -> None:
    made = json_ld(REVIEW, HOSTILE, source(REVIEW, "x"), FILES)
    assert "<" not in made
    content = json.loads(made)
    assert content["description"] == HOSTILE
    assert content["isBasedOn"] == {"@type": "CreativeWork", "name": PLAIN_HOSTILE}
    assert dict(meta_tags(REVIEW, source(REVIEW, "x")))["citation_reference"] == PLAIN_HOSTILE
    shipped = material()
    hostile = replace(shipped.results.review, title=HOSTILE, source=REVIEW.source, outcome="<i>OS</i>")
    page = render(replace(shipped, results=replace(shipped.results, review=hostile)))
    head = Head(page)
    assert dict(head.meta)["citation_title"] == f"{PLAIN_HOSTILE}: a re-analysis"
    assert json.loads(head.data["application/ld+json"])["name"] == f"{PLAIN_HOSTILE}: a re-analysis"
    assert "<script>alert" not in page


@pytest.mark.parametrize("name", REVIEWS)
def test_every_file_is_listed_and_is_there(name: str) -> None:
    folder = ROOT / "results" / name
    there = {path.name for path in folder.iterdir() if path.suffix in (".csv", ".json", ".R", ".ris", ".bib")}
    assert there == set(FILES)


def changed(k: int, models: list[dict[str, Any]]) -> Material:
    one = material()
    primary = dict(one.results.pooled["primary"], k=k, prediction_low=None if k < 3 else -0.8)
    pooled = dict(one.results.pooled, primary=primary)
    return replace(
        one, results=replace(one.results, pooled=pooled, regression=dict(one.results.regression, models=models))
    )


def test_the_checklist_has_every_item_once_and_leads_somewhere() -> None:
    found = items(material().results)
    numbers = [int(one) for item in found for one in re.findall(r"\d+", item.numbers)]
    assert numbers == sorted(numbers)
    ranged = [re.findall(r"\d+", item.numbers) for item in found]
    assert {one for ends in ranged for one in range(int(ends[0]), int(ends[-1]) + 1)} == set(range(1, 28))
    ids = Head(render(material())).ids
    for item in found:
        assert set(item.sections) <= ids
        assert item.note
        assert bool(item.sections) == (item.status != NOT), item.numbers
    status = {item.numbers: item.status for item in found}
    assert {number for number, said in status.items() if said == NOT} == {
        "1–3", "5", "6–8", "11", "16a", "18", "23", "24–26",
    }  # fmt: skip
    assert cannot(found).startswith("Items 1–3, 5, 6–8, 11, 16a, 18, 23 and 24–26 cannot be filled: no search was run")
    assert status["13e"] == status["20b"] == HERE


def test_the_checklist_follows_the_review() -> None:
    status = {item.numbers: item.status for item in items(changed(1, []).results)}
    assert (status["13d"], status["13e"], status["20b"], status["20c"]) == (PART,) * 4
    silent = replace(material().results, review=replace(material().results.review, question={}))
    assert next(item for item in items(silent) if item.numbers == "4").status == NOT


@pytest.mark.parametrize("name", REVIEWS)
def test_terms_are_those_that_the_page_uses(name: str) -> None:
    one = material(name)
    said = glossary(
        one.results,
        one.small_study,
        one.dependence,
        one.results.confounding,
        by_chance=randomised(one.designs),
    )
    assert len({term for term, _ in said}) == len(said)
    page = render(one).partition('<main id="main">')[2].partition('<section id="take-away"')[0].lower()
    for term, sentence in said:
        words = re.sub(r" \([^)]*\)", "", term).replace("’", ".").split(" and ")[0].lower()
        assert re.search(words, page), term
        assert sentence.endswith(".")


def test_terms_follow_the_review() -> None:
    few = changed(1, [])
    terms = dict(glossary(few.results, few.small_study, few.dependence, few.results.confounding))
    assert not {"Prediction interval", "Meta-regression", "R²", "Permutation p", "Cook’s distance"} & set(terms)
    full = dict(
        glossary(material().results, material().small_study, material().dependence, material().results.confounding)
    )
    assert {"Prediction interval", "Meta-regression", "R²", "Permutation p", "E-value", "Hazard ratio (HR)"} <= set(
        full
    )


def test_the_methods_to_paste_are_the_sentences_of_the_page() -> None:
    said = methods(material().results, ["ci", "p"])
    text, _, sources = paragraph(said).partition("\n\n")
    assert re.sub(r" \[\d+\]", "", text) == " ".join(one.sentence for one in said)
    listed = dict(re.findall(r"^\[(\d+)\] (.*)$", sources, re.MULTILINE))
    assert sorted(listed.values()) == sorted({one.source for one in said})
    for one in said:
        number = re.search(re.escape(one.sentence.removesuffix(".")) + r" \[(\d+)\]\.", text)
        assert number is not None
        assert listed[number[1]] == one.source

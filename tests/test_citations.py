"""References: every format parses back to what is declared, whatever the words hold, and none says more."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace

import pytest
import yaml
from conftest import ROOT
from made import REVIEW as MADE

from reanalysis import software
from reanalysis.raw import RawReview
from reanalysis.report.citation_formats import bibtex, csl, formats, latex, ris
from reanalysis.report.citations import Citation, citations, source
from reanalysis.review import Review, parse

REVIEWS = ("le-scodan-2010", "randomised-trials")
HOSTILE = '{50%} \\textbf{x}\n<script>alert(1)</script> & #1_a$ ~^ "q"\r\nER  - \u202e中文 Ω'
PLAIN_HOSTILE = '{50%} \\textbf{x} <script>alert(1)</script> & #1_a$ ~^ "q" ER - 中文 Ω'
REVIEW = replace(MADE, title=HOSTILE, source={"citation": HOSTILE, "table": HOSTILE})


def of(citation: str, **more: str) -> Review:
    return replace(REVIEW, source={"citation": citation, "table": "Table 1", **more})


def read_ris(text: str) -> list[dict[str, list[str]]]:
    """Return the records of a RIS file, values by tag; a line that is no tag fails."""
    records: list[dict[str, list[str]]] = [{}]
    for line in text.split("\n"):
        found = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line)
        if found is None:
            assert not line
            continue
        records[-1].setdefault(found[1], []).append(found[2])
        if found[1] == "ER":
            records.append({})
    assert records.pop() == {}
    return records


def read_bibtex(text: str) -> list[dict[str, str]]:
    """Return the entries of a BibTeX file, fields by name, braces counted as BibTeX does: an escaped one counts too."""
    entries, place = [], 0
    while (at := text.find("@", place)) >= 0:
        head = re.compile(r"@(\w+)\{([^\s,{}\"#%~]+),\n").match(text, at)
        assert head is not None
        entry, place = {"type": head[1], "key": head[2]}, head.end()
        while field := re.compile(r"  (\w+) = \{").match(text, place):
            start = place = field.end()
            depth = 1
            while depth:
                depth += {"{": 1, "}": -1}.get(text[place], 0)
                place += 1
            entry[field[1]] = text[start : place - 1]
            place = re.compile(r",?\n").match(text, place).end()  # type: ignore[union-attr]
        assert text.startswith("}\n", place)
        entries.append(entry)
    return entries


def printed(text: str) -> str:
    """Return what LaTeX prints of a text: the reverse of every escape that the code may use."""
    names = {"backslash": "\\", "braceleft": "{", "braceright": "}", "asciitilde": "~", "asciicircum": "^", "less": "<",
             "greater": ">"}  # fmt: skip
    return re.sub(r"\\text(\w+)\{\}|\\([&%$#_])", lambda found: names[found[1]] if found[1] else found[2], text)


def test_the_shipped_source_is_taken_apart_as_the_citation_file_has_it(shipped: RawReview) -> None:
    known = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    article = known["references"][0]
    found = source(shipped.review, "x")
    assert [(one.family, one.given) for one in found.authors] == [
        (one["family-names"], one["given-names"]) for one in article["authors"]
    ]
    assert (found.title, found.journal, int(found.year), int(found.volume), found.pages, found.doi) == tuple(
        article[name] for name in ("title", "journal", "year", "volume", "start", "doi")
    )
    assert tuple(known[name] for name in ("title", "version", "license")) == (
        software.TITLE,
        software.VERSION,
        software.LICENCE,
    )
    assert [{"name": one} for one in software.AUTHORS] == known["authors"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["version"], project["license"]) == (software.VERSION, software.LICENCE)


@pytest.mark.parametrize(
    ("citation", "authors", "others", "rest"),
    [
        ("Khan SA, O'Neil J-P. Part one. Part two? J Clin Oncol 2010;10(3 Suppl):630–5.",
         ["Khan, S. A.", "O'Neil, J.-P."], False, ("Part one. Part two?", "J Clin Oncol", "10", "3 Suppl", "630-5")),
        ("Müller Ö, van der Berg A, et al. Title. Lancet 1999;1:e2", ["Müller, Ö.", "van der Berg, A."], True,
         ("Title", "Lancet", "1", "", "e2")),
    ],
)  # fmt: skip
def test_a_usual_reference_is_taken_apart(
    citation: str, authors: list[str], others: bool, rest: tuple[str, ...]
) -> None:
    found = source(of(citation), "x")
    assert [f"{one.family}, {one.given}" for one in found.authors] == authors
    assert found.others is others
    assert (found.title, found.journal, found.volume, found.issue, found.pages) == rest


@pytest.mark.parametrize(
    "citation",
    [
        "Nobody 2020", "Badwe R et al. Lancet Oncol 2015;16:1380; Soran A et al. Ann Surg Oncol 2018;25:3141",
        "World Health Organization. Title. Geneva 2010;1:2", "Khan S. Title. J. Clin. Oncol. 2010;10:630",
        "Smith and Jones AB. Title. Lancet 2010;1:2", "Khan S. Title. Lancet 2010", PLAIN_HOSTILE,
    ],
)  # fmt: skip
def test_any_other_reference_is_kept_whole(citation: str) -> None:
    found = source(of(citation), "x")
    assert found == Citation(key="x", kind="document", title=citation, note="Table 1")


@pytest.mark.parametrize(
    ("doi", "kept"), [("10.1000/(SICI)1<1::A>3;2-X", True), ("10.1/a b", False), ("10.1000/}", False)]
)
def test_only_a_doi_is_given_as_one(doi: str, kept: bool) -> None:
    found = source(of("Nobody", doi=doi), "x")
    assert (found.doi, found.note) == ((doi, "Table 1") if kept else ("", f"Table 1. DOI: {doi}"))
    assert (f"doi = {{{doi}}}" in bibtex(found)) is kept
    assert ("DOI" in csl(found)) is kept


@pytest.mark.parametrize("name", REVIEWS)
def test_every_format_says_the_same(name: str) -> None:
    made = {
        end: (ROOT / f"results/{name}/citation.{end}").read_text(encoding="utf-8") for end in ("ris", "bib", "csl.json")
    }
    content = yaml.safe_load((ROOT / "data/raw" / name / "review.yaml").read_text(encoding="utf-8"))
    cited = citations(parse(content, "review.yaml"), name)
    assert made == formats(cited)
    for one, there, entry, item in zip(
        cited, read_ris(made["ris"]), read_bibtex(made["bib"]), json.loads(made["csl.json"]), strict=True
    ):
        assert there["TI"] == [one.title] == [item["title"]]
        assert printed(entry["title"]) == f"{{{one.title}}}"
        assert entry["key"] == item["id"] == one.key
        assert there.get("DO", [""]) == [one.doi] == [entry.get("doi", "")] == [item.get("DOI", "")]
        assert len(there.get("AU", [])) == len(item.get("author", [])) == len(one.authors)
        assert {type(value) for value in item.values()} <= {str, list, dict}
        assert item["type"] in {"article-journal", "document", "report", "software"}
        if one.year:
            assert item["issued"] == {"date-parts": [[int(one.year)]]}


def test_hostile_titles_survive_every_format() -> None:
    made = formats(citations(REVIEW, "x"))
    whole = f"{PLAIN_HOSTILE}: a re-analysis"
    assert [one["TI"] for one in read_ris(made["ris"])][:2] == [[PLAIN_HOSTILE], [whole]]
    assert [printed(one["title"]) for one in read_bibtex(made["bib"])][:2] == [f"{{{PLAIN_HOSTILE}}}", f"{{{whole}}}"]
    assert [one["title"] for one in json.loads(made["csl.json"])][:2] == [PLAIN_HOSTILE, whole]
    assert "\u202e" not in "".join(made.values())
    # Nobody declared who made the re-analysis, or when.
    assert not set(read_ris(ris(citations(REVIEW, "x")[1]))[0]) & {"AU", "PY", "DO"}


@pytest.mark.parametrize("text", ["{", "}", "\\", "100%", "a & b", "x_1^2~#$", "<>", "中文 é", "\\textbackslash{}"])
def test_latex_is_balanced_and_printed_to_the_letter(text: str) -> None:
    assert printed(latex(text)) == text
    assert latex(text).count("{") == latex(text).count("}")

"""References in the formats that reference managers read: RIS, BibTeX, CSL-JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis.report.citations import Author, Citation

RIS_TYPES = {"article": "JOUR", "document": "GEN", "report": "RPRT", "software": "COMP"}
BIBTEX_TYPES = {"article": "article", "document": "misc", "report": "misc", "software": "misc"}
CSL_TYPES = {"article": "article-journal", "document": "document", "report": "report", "software": "software"}

# What LaTeX would read as something else. A brace that is only escaped still counts where BibTeX counts braces.
LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
} | {one: f"\\{one}" for one in "&%$#_"}


def formats(cited: Sequence[Citation]) -> dict[str, str]:
    """Return each format by the ending of its file: whole files, every reference in each."""
    return {
        "ris": "\n".join(map(ris, cited)),
        "bib": "\n".join(map(bibtex, cited)),
        "csl.json": "[\n" + ",\n".join(_item(csl(one)) for one in cited) + "\n]\n",
    }


def _item(item: Mapping[str, Any]) -> str:
    """Return an item with a line for each field."""
    lines = [f'  "{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in item.items()]
    return " {\n" + ",\n".join(lines) + "\n }"


def ris(cited: Citation) -> str:
    """Return a reference as RIS: a tag a line, no line broken."""
    first, _, last = cited.pages.partition("-")
    lines = [
        ("TY", RIS_TYPES[cited.kind]),
        *(("AU", f"{one.family}, {one.given}" if one.given else one.family) for one in cited.authors),
        ("TI", cited.title),
        ("JO", cited.journal),
        ("PY", cited.year),
        ("VL", cited.volume),
        ("IS", cited.issue),
        ("SP", first),
        ("EP", last),
        ("DO", cited.doi),
        ("ET", cited.version),
        ("N1", cited.note),
    ]
    return "".join(f"{tag}  - {value}\n" for tag, value in lines if value) + "ER  - \n"


def bibtex(cited: Citation) -> str:
    """Return a reference as a BibTeX entry in UTF-8, what LaTeX would read escaped.

    The DOI stands as it is: styles print it verbatim. A second pair of braces keeps capitals, and a body's name whole.
    """
    authors = [_bibtex_author(one) for one in cited.authors] + (["others"] if cited.others else [])
    fields = {
        "author": " and ".join(authors),
        "title": _kept(cited.title),
        "journal": latex(cited.journal),
        "year": cited.year,
        "volume": latex(cited.volume),
        "number": latex(cited.issue),
        "pages": latex(cited.pages).replace("-", "--"),
        "doi": cited.doi,
        "version": latex(cited.version),
        "note": latex(cited.note),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{BIBTEX_TYPES[cited.kind]}{{{cited.key},\n" + ",\n".join(lines) + "\n}\n"


def _bibtex_author(author: Author) -> str:
    return f"{latex(author.family)}, {latex(author.given)}" if author.given else _kept(author.family)


def _kept(text: str) -> str:
    return f"{{{latex(text)}}}" if text else ""


def latex(text: str) -> str:
    """Return a text as LaTeX prints it to the letter."""
    return "".join(LATEX.get(one, one) for one in text)


def csl(cited: Citation) -> dict[str, Any]:
    """Return a reference as an item of CSL-JSON."""
    names: list[dict[str, str]] = [
        {"family": one.family, "given": one.given} if one.given else {"literal": one.family} for one in cited.authors
    ]
    item = {
        "id": cited.key,
        "type": CSL_TYPES[cited.kind],
        "title": cited.title,
        "author": names + ([{"literal": "et al."}] if cited.others else []),
        "container-title": cited.journal,
        "issued": {"date-parts": [[int(cited.year)]]} if cited.year else None,
        "volume": cited.volume,
        "issue": cited.issue,
        "page": cited.pages,
        "DOI": cited.doi,
        "version": cited.version,
        "note": cited.note,
    }
    return {name: value for name, value in item.items() if value}

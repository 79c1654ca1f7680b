"""What to cite: the source of the table, this re-analysis and the program, each from what is declared and no more."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reanalysis import software
from reanalysis.review import Review

# "Le Scodan R, Ali D. Title. BMC Cancer 2010;10:630": as biomedical journals print it; any other is kept whole.
REFERENCE = re.compile(
    r"(?P<authors>[^.]+)\. (?P<title>.+?[.?!]) (?P<journal>[^.?!:;]+?) (?P<year>(?:1[89]|20)\d\d)"
    r";(?P<volume>[^\s:;()]+)(?:\((?P<issue>[^()]+)\))?:(?P<pages>[\w\-–]+)\.?"
)
AUTHOR = re.compile(r"(?P<family>[^\d\s,;:]\S*(?: \S+)*) (?P<initials>[^\W\d_a-zß-ÿ](?:-?[^\W\d_a-zß-ÿ]){0,3})")
OTHERS = " et al"
# The end of a reference inside a title: there are several.
SEVERAL = re.compile(r"\d{4};\d")

# What may follow a DOI's prefix and still be safe in each format.
DOI = re.compile(r"10\.\d{4,9}/[^\s{}\\\"%]+")


@dataclass(frozen=True)
class Author:
    """A person by family name and initials ("R.", "S. A."), or a body by one name."""

    family: str
    given: str = ""


@dataclass(frozen=True)
class Citation:
    """A work to cite; a field that nothing declares is empty.

    Parameters
    ----------
    key
        What BibTeX calls it.
    kind
        "article" where the reference could be taken apart, "document" where the title is the whole reference, "report",
        or "software".
    others
        Whether the reference says "et al".
    """

    key: str
    kind: str
    title: str
    authors: tuple[Author, ...] = ()
    others: bool = False
    journal: str = ""
    year: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    version: str = ""
    note: str = ""


def citations(review: Review, name: str) -> list[Citation]:
    """Return what a reader of the page may cite: the source, the re-analysis, the program.

    Parameters
    ----------
    name
        The review's folder, which keys are made of.
    """
    return [source(review, f"{name}-source"), reanalysis(review, f"{name}-reanalysis"), program()]


def source(review: Review, key: str) -> Citation:
    """Return the source of the table, its reference taken apart where it has the usual form."""
    said = _plain(review.source["citation"])
    declared = _plain(review.source.get("doi", ""))
    doi = declared if DOI.fullmatch(declared) else ""
    table = _plain(review.source["table"])
    note = table if doi or not declared else f"{table}. DOI: {declared}"
    found = REFERENCE.fullmatch(said)
    authors = _authors(found["authors"]) if found and not SEVERAL.search(found["title"]) else None
    if found is None or authors is None:
        return Citation(key=key, kind="document", title=said, doi=doi, note=note)
    return Citation(
        key=key,
        kind="article",
        title=found["title"].removesuffix("."),
        authors=tuple(authors),
        others=found["authors"].endswith(OTHERS),
        journal=found["journal"],
        year=found["year"],
        volume=found["volume"],
        issue=found["issue"] or "",
        pages=found["pages"].replace("–", "-"),
        doi=doi,
        note=note,
    )


def reanalysis(review: Review, key: str) -> Citation:
    """Return the re-analysis: who made it, and when, is not declared, and so not said."""
    return Citation(
        key=key, kind="report", title=page_title(review), note=f"Made with {software.NAME} {software.VERSION}"
    )


def page_title(review: Review) -> str:
    """Return what the page is called."""
    return f"{_plain(review.title)}: a re-analysis"


def program() -> Citation:
    """Return the program."""
    return Citation(
        key="reanalysis-software",
        kind="software",
        title=software.TITLE,
        authors=tuple(Author(one) for one in software.AUTHORS),
        version=software.VERSION,
        note=f"{software.LICENCE} licence",
    )


def _authors(said: str) -> list[Author] | None:
    """Return the authors that a reference lists; None where one of them has another form."""
    made = []
    for one in said.removesuffix(OTHERS).removesuffix(",").split(", "):
        found = AUTHOR.fullmatch(one)
        if found is None or " and " in one:
            return None
        parts = ["-".join(f"{letter}." for letter in part.split("-")) for part in _initials(found["initials"])]
        made.append(Author(found["family"], " ".join(parts)))
    return made


def _initials(said: str) -> list[str]:
    """Return initials one by one, those with a hyphen between them together: "SA" is S, A, "J-P" is J-P."""
    return re.findall(r"\w(?:-\w)*", said)


def _plain(text: str) -> str:
    """Return a text on one line, without characters that cannot be seen."""
    return "".join(one for one in " ".join(text.split()) if one.isprintable())

"""What machines read of the page: JSON-LD in the words of schema.org, and the citation tags of search engines.

The page is offered as a data set with its files, based on the source: it is no article of a journal and no news. Its
makers and its date are not declared, and so not said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis.measures import NAMES
from reanalysis.report.citations import Author, Citation, page_title
from reanalysis.report.scripts import in_script
from reanalysis.review import Review

DOI_ADDRESS = "https://doi.org/"
MEDIA_TYPES = {"csv": "text/csv", "json": "application/json"}


def json_ld(review: Review, description: str, source: Citation, files: Mapping[str, str]) -> str:
    """Return the description of the page as JSON-LD that can stand inside a script element.

    Parameters
    ----------
    description
        The answer of the page, in a sentence or two.
    files
        Name of each file beside the page to what it holds.
    """
    based = {
        "@type": "ScholarlyArticle" if source.kind == "article" else "CreativeWork",
        "name": source.title,
        "author": [_author(one) for one in source.authors] if not source.others else [],
        "isPartOf": {"@type": "Periodical", "name": source.journal} if source.journal else None,
        "datePublished": source.year,
        "pagination": source.pages,
        "identifier": f"doi:{source.doi}" if source.doi else "",
        "sameAs": f"{DOI_ADDRESS}{source.doi}" if source.doi else "",
        "license": {"@type": "CreativeWork", "name": review.source["licence"]} if "licence" in review.source else None,
    }
    content = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": page_title(review),
        "description": description,
        "inLanguage": "en",
        "isBasedOn": _said(based),
        "variableMeasured": f"{NAMES[review.measure]} for {review.outcome}",
        "measurementTechnique": "meta-analysis",
        "distribution": [
            {
                "@type": "DataDownload",
                "name": name,
                "description": holds,
                "contentUrl": name,
                "encodingFormat": MEDIA_TYPES[name.rpartition(".")[2]],
            }
            for name, holds in files.items()
            if name.rpartition(".")[2] in MEDIA_TYPES and not name.startswith("citation.")
        ],
    }
    return in_script(_said(content))


def _author(one: Author) -> dict[str, str]:
    if not one.given:
        return {"@type": "Organization", "name": one.family}
    return {"@type": "Person", "familyName": one.family, "givenName": one.given}


def _said(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record without what is empty."""
    return {name: value for name, value in record.items() if value}


def meta_tags(review: Review, source: Citation) -> list[tuple[str, str]]:
    """Return name and content of the citation tags: those of the page itself, and its one reference.

    A tag for which nothing true is declared, such as author or date of the re-analysis, is left out.
    """
    parts: Sequence[tuple[str, str]] = [
        ("citation_title", source.title),
        *(("citation_author", f"{one.given} {one.family}".strip()) for one in source.authors),
        ("citation_journal_title", source.journal),
        ("citation_publication_date", source.year),
        ("citation_volume", source.volume),
        ("citation_issue", source.issue),
        ("citation_firstpage", source.pages.partition("-")[0]),
        ("citation_doi", source.doi),
    ]
    # The parts are told apart by semicolons, so that one inside a part would end it.
    reference = "; ".join(f"{name}={value.replace(';', ',')}" for name, value in parts if value)
    return [
        ("citation_title", page_title(review)),
        ("citation_language", "en"),
        ("citation_reference", reference if source.kind == "article" else source.title),
    ]

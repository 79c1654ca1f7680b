"""What a reader takes away: files, references, methods to paste, the reporting checklist, the terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis.companion_narrative import randomised
from reanalysis.methods import Method, methods
from reanalysis.report.citation_formats import formats
from reanalysis.report.citations import Citation, citations
from reanalysis.report.glossary import glossary
from reanalysis.report.linked_data import json_ld, meta_tags
from reanalysis.report.material import Material
from reanalysis.report.prisma import cannot, items
from reanalysis.sensitivity_methods import sensitivity_methods

# Beside the page; each with one line of what it holds.
FILES = {
    "studies.csv": "every printed row: years, patients, events",
    "estimates.csv": "every printed result, poolable or not, and why not",
    "provenance.csv": "for each value the row, column and characters of its cell",
    "routes.csv": "every way from print to a standard error, with its formula",
    "effects.csv": "effect, standard error and moderators of each result, and which are in the analysis",
    "findings.csv": "what cannot be true in the table, and what a reader should know",
    "specifications.csv": "the pool of every specification",
    "rounding.json": "how far the rounding of print moves every result",
    "audit.json": "what each declared correction changes",
    "pooled.json": "the pool under every estimator of tau² and every interval",
    "regression.json": "the meta-regressions",
    "influence.json": "every result without each study, and diagnostics",
    "subsets.json": "the pool of every subset of the studies",
    "leave_out.json": "the answers of the section on studies left out",
    "subgroups.json": "the pool of each declared subgroup, and a test of their difference",
    "dependence.json": "shared controls, overlapping patients, cluster-robust standard errors",
    "confounding.json": "E-values, and how much bias would leave few strong effects",
    "multiverse.json": "every scenario, and a test of all specifications together",
    "small_study.json": "tests of small-study effects, their power, and adjusted pools",
    "elsewhere.json": "published pools beside this one",
    "claims.json": "what the source says, held against its own numbers",
    "changes.json": "what changed since the archived version, and why",
    "against.json": "what is compared of the archived version",
    "certification.json": "pools, with and without each study, and regressions, with fifty digits",
    "crosscheck.json": "pools by FE, DL and PM, and regressions, from another engine",
    "check.R": "an R script that makes the models again with metafor, and stops where a number differs",
    "manifest.json": "the SHA-256 of each file, as its step wrote it",
    "citation.ris": "the references below for EndNote, Zotero and others",
    "citation.bib": "the same for BibTeX and biblatex",
    "citation.csl.json": "the same for citeproc, Pandoc and Zotero",
}

FORMAT_NAMES = {"ris": "RIS", "bib": "BibTeX", "csl.json": "CSL-JSON"}

# What the page calls what can be cited.
CITED = ("The source of the table", "This re-analysis", "The program")


def take_away(material: Material) -> dict[str, Any]:
    """Return what the section shows."""
    results = material.results
    cited = cited_by(material)
    said = methods(results, material.settings["routes"])
    said += sensitivity_methods(results, material.small_study, material.designs)
    checklist = items(results)
    return {
        "files": FILES,
        "cited": [
            {
                "name": name,
                "formats": [{"name": FORMAT_NAMES[one], "text": text} for one, text in formats([work]).items()],
            }
            for name, work in zip(CITED, cited, strict=True)
        ],
        "whole": cited[0].kind == "document",
        "paragraph": paragraph(said),
        "checklist": checklist,
        "cannot": cannot(checklist),
        "glossary": glossary(
            results,
            material.small_study,
            material.dependence,
            material.results.confounding,
            by_chance=randomised(material.designs),
        ),
    }


def head(material: Material, answer: str) -> dict[str, Any]:
    """Return what the head of the page tells machines.

    Parameters
    ----------
    answer
        The answer of the page.
    """
    review, source = material.results.review, cited_by(material)[0]
    return {"json_ld": json_ld(review, answer, source, FILES), "meta": meta_tags(review, source)}


def cited_by(material: Material) -> list[Citation]:
    """Return what a reader of the page may cite, in the order of `CITED`."""
    return citations(material.results.review, material.raw.folder.name)


def citation_files(material: Material) -> Mapping[str, str]:
    """Return the content of the files of references, by the ending of each."""
    return formats(cited_by(material))


def paragraph(said: Sequence[Method]) -> str:
    """Return the methods as a paragraph, each sentence with the number of its sources, and the sources below."""
    numbers = {source: place for place, source in enumerate(dict.fromkeys(one.source for one in said), start=1)}
    sentences = [f"{one.sentence.removesuffix('.')} [{numbers[one.source]}]." for one in said]
    sources = [f"[{place}] {source}" for source, place in numbers.items()]
    return " ".join(sentences) + "\n\n" + "\n".join(sources)

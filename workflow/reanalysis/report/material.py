"""What the page is made of, read from the files of a review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from reanalysis import manifest
from reanalysis.figures import NAMES
from reanalysis.files import read_json, read_text
from reanalysis.inputs import compared_text, raw_texts
from reanalysis.raw import RawReview
from reanalysis.raw import read as read_raw
from reanalysis.records import Finding, Provenance, Route
from reanalysis.results import Results, read_named, read_results
from reanalysis.tables import read
from reanalysis.traced import TracedList, trace, traced

T = TypeVar("T")

# Columns that name a row, and are no quantities.
KEYS = ("row", "item")


@dataclass(frozen=True)
class Material:
    """All that the page is made of.

    Parameters
    ----------
    figures
        Name of a figure to its SVG.
    words
        Name of a figure to its title, caption and text alternative.
    settings
        What `config.yaml` says.
    checksums
        Name of a file of the review to its SHA-256.
    files
        Path of each raw file, the companion's too, and of what the review is compared with, to its text.
    """

    raw: RawReview
    results: Results
    provenance: Sequence[Provenance]
    routes: Sequence[Route]
    findings: Sequence[Finding]
    audit: Mapping[str, Any]
    dependence: Mapping[str, Any]
    small_study: Mapping[str, Any]
    claims: Mapping[str, Any]
    certification: Mapping[str, Any]
    influence: Mapping[str, Any]
    leave_out: Mapping[str, Any]
    crosscheck: Mapping[str, Any]
    figures: Mapping[str, str]
    words: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, Any]
    checksums: Mapping[str, str]
    files: Mapping[str, str]

    @property
    def designs(self) -> TracedList:
        """Return the declared design of each study in the pool, empty where none is."""
        declared = self.raw.judged("design")
        return TracedList((declared.get(one.study, "") for one in self.results.included), "judgements")


def read_material(raw: Path, folder: Path, settings: Mapping[str, Any]) -> Material:
    """Read all that the page is made of.

    Parameters
    ----------
    raw, folder
        The review's raw folder, and the folder of its results.
    settings
        What `config.yaml` says.

    Raises
    ------
    ReanalysisError
        Where a file is missing or damaged.
    """
    results = _traced_results(read_results(raw, folder))
    files = sorted(path for path in raw.iterdir() if path.suffix in (".csv", ".yaml"))
    return Material(
        raw=read_raw(raw),
        results=results,
        provenance=read(folder / "provenance.csv", Provenance),
        routes=TracedList(
            (_row(one, f"routes/{one.row}-{one.item}-{one.route}") for one in read(folder / "routes.csv", Route)),
            "routes",
        ),
        findings=TracedList(read(folder / "findings.csv", Finding), "findings"),
        audit=_traced(folder, "audit"),
        influence=results.influence,
        certification=_traced(folder, "certification"),
        claims=_traced(folder, "claims"),
        dependence=results.dependence,
        small_study=_traced(folder, "small_study"),
        crosscheck=_traced(folder, "crosscheck"),
        leave_out=_traced(folder, "leave_out"),
        figures={name: read_text(folder / "figures" / f"{name}.svg") for name in NAMES},
        words=read_json(folder / "figures" / "words.json")["figures"],
        settings=settings,
        checksums={path.name: manifest.digest(path.read_bytes()) for path in files},
        files=raw_texts(raw) | compared_text(folder),
    )


def _traced(folder: Path, name: str) -> Any:  # noqa: ANN401 (a schema typed it)
    """Return a result with its numbers traced; its name is the first part of their sources."""
    return traced(read_named(folder, name), name)


def _traced_results(results: Results) -> Results:
    """Return the results with every number traced."""
    values = {one.name: getattr(results, one.name) for one in fields(results)}
    models = {name: traced(value, name) for name, value in values.items() if isinstance(value, dict)}
    return replace(
        results,
        studies=TracedList((_row(one, f"studies/{one.row}") for one in results.studies), "studies"),
        effects=TracedList((_row(one, f"effects/{one.row}-{one.item}") for one in results.effects), "effects"),
        **models,
    )


def _row(record: T, source: str) -> T:
    """Return a row of a table with its quantities traced."""
    values = {one.name: getattr(record, one.name) for one in fields(record) if one.name not in KEYS}  # type: ignore[arg-type]
    return replace(record, **{name: trace(value, f"{source}/{name}") for name, value in values.items()})  # type: ignore[type-var]

"""What the page is made of, read from the files of a review."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reanalysis.figures import NAMES
from reanalysis.files import read_json, read_result, read_text
from reanalysis.raw import RawReview
from reanalysis.raw import read as read_raw
from reanalysis.records import Finding, Provenance, Route
from reanalysis.results import Results, read_results
from reanalysis.tables import read


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
    """

    raw: RawReview
    results: Results
    provenance: Sequence[Provenance]
    routes: Sequence[Route]
    findings: Sequence[Finding]
    audit: Mapping[str, Any]
    dependence: Mapping[str, Any]
    small_study: Mapping[str, Any]
    elsewhere: Mapping[str, Any]
    claims: Mapping[str, Any]
    certification: Mapping[str, Any]
    influence: Mapping[str, Any]
    confounding: Mapping[str, Any]
    crosscheck: Mapping[str, Any]
    figures: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    settings: Mapping[str, Any]
    checksums: Mapping[str, str]


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
    files = sorted(path for path in raw.iterdir() if path.suffix in (".csv", ".yaml"))
    return Material(
        raw=read_raw(raw),
        results=read_results(raw, folder),
        provenance=read(folder / "provenance.csv", Provenance),
        routes=read(folder / "routes.csv", Route),
        findings=read(folder / "findings.csv", Finding),
        audit=read_result(folder / "audit.json", "audit.schema.yaml"),
        influence=read_result(folder / "influence.json", "influence.schema.yaml"),
        certification=read_result(folder / "certification.json", "certification.schema.yaml"),
        claims=read_result(folder / "claims.json", "claims.schema.yaml"),
        dependence=read_result(folder / "dependence.json", "dependence.schema.yaml"),
        confounding=read_result(folder / "confounding.json", "confounding.schema.yaml"),
        small_study=read_result(folder / "small_study.json", "small_study.schema.yaml"),
        elsewhere=read_result(folder / "elsewhere.json", "elsewhere.schema.yaml"),
        crosscheck=read_result(folder / "crosscheck.json", "crosscheck.schema.yaml"),
        figures={name: read_text(folder / "figures" / f"{name}.svg") for name in NAMES},
        words=read_json(folder / "figures" / "words.json")["figures"],
        settings=settings,
        checksums={path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    )

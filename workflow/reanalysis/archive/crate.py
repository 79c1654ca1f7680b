"""The archive's description of itself: an RO-Crate 1.1 by the profile of Workflow Run Crate 0.5.

Profiles: https://w3id.org/ro/wfrun/workflow/0.5, which extends https://w3id.org/ro/wfrun/process/0.5 and
https://w3id.org/workflowhub/workflow-ro-crate/1.0.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from reanalysis import software
from reanalysis.archive.contents import LOG, Contents

WORKFLOW = "Snakefile"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
RUN = "From the raw files to the results. It has no times, so that the same input makes the same archive."
TERMS = "The licence of the code. Raw files are under the terms that their review.yaml gives."
LICENCE = "https://spdx.org/licenses/MIT"
FORMATS = {
    ".bib": "application/x-bibtex",
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".lock": "text/plain",
    ".md": "text/markdown",
    ".ris": "application/x-research-info-systems",
    ".R": "text/plain",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
}

# Files of the project that the crate names one by one, each with what it is; the rest of the code is in its folders.
NAMED = {
    "config.yaml": "The settings that all reviews share",
    "requirements.lock": "Every package that the analysis needs, with its version and its checksums",
    "pyproject.toml": "What the package needs, and how it is built",
    "README.md": "What the project is, and how it is run",
    "CHANGELOG.md": "Which published numbers each version moves",
    "CITATION.cff": "How to cite the software",
    LOG: "What the steps of the run said",
}


def crate(made: Contents) -> bytes:
    """Return `ro-crate-metadata.json` of an archive."""
    whole = ROCrate(version="1.1")
    authors = [_said(whole, f"#author-{n}", "Organization", name=one) for n, one in enumerate(software.AUTHORS, 1)]
    # The program as a whole: the packages' versions that it runs with are in the lock file.
    workflow = whole.add_workflow(
        dest_path=WORKFLOW, main=True, lang="snakemake", lang_version=version("snakemake"),
        properties={
            "name": software.TITLE,
            "version": made.commit.name,
            "license": {"@id": LICENCE},
            "creator": _one_or_more(authors),
            "encodingFormat": "text/plain",
        },
    )  # fmt: skip
    inputs = _files(whole, made, lambda name: name.startswith("data/raw/") or name == "config.yaml")
    outputs = _files(whole, made, lambda name: name.startswith("results/"))
    _files(whole, made, lambda name: name in NAMED and name != "config.yaml")
    for folder, words in (("workflow/", "The code"), ("profiles/", "How Snakemake is run")):
        if any(name.startswith(folder) for name in made.files):
            whole.add_dataset(dest_path=folder, properties={"name": words})
    action = whole.add_action(
        workflow, "#run", inputs, outputs,
        properties={
            "name": f"Run of version {made.config['version']}",
            "description": RUN,
            "actionStatus": "http://schema.org/CompletedActionStatus",
            "agent": _one_or_more(authors),
        },
    )  # fmt: skip
    _describe(whole, made, action, authors)
    return (json.dumps(_ordered(whole.metadata.generate()), indent=1, ensure_ascii=False) + "\n").encode()


def _describe(whole: ROCrate, made: Contents, action: Entity, authors: list[Entity]) -> None:
    """Say what the whole is, and by which profiles."""
    for name, (title, number) in PROFILES.items():
        _said(whole, name, "CreativeWork", name=title, version=number)
    _said(whole, LICENCE, "CreativeWork", name="MIT License", description=TERMS)
    reviews = ", ".join(made.config["reviews"])
    root = whole.root_dataset
    root["name"] = f"{software.NAME} of {reviews}, version {made.config['version']}"
    root["description"] = (
        "Raw tables as printed, corrections, settings, code, results and reports of a re-analysis of published "
        "reviews. In the folder of this file, `make` runs it again, and `reanalysis verify` holds the results against "
        "their input."
    )
    root["version"] = made.config["version"]
    root["license"] = {"@id": LICENCE}
    # Of the commit of code and input: the time of writing would make other bytes each time.
    root["datePublished"] = datetime.fromtimestamp(made.commit.moment, UTC).isoformat()
    root["conformsTo"] = [{"@id": name} for name in PROFILES]
    root["mentions"] = {"@id": action.id}
    root["author"] = _one_or_more(authors)


def _files(whole: ROCrate, made: Contents, chosen: Callable[[str], bool]) -> list[Entity]:
    """Name files of an archive one by one."""
    return [
        whole.add_file(dest_path=name, properties=_facts(name, made)) for name in sorted(made.files) if chosen(name)
    ]


def _facts(name: str, made: Contents) -> dict[str, Any]:
    path = PurePosixPath(name)
    facts: dict[str, Any] = {"name": NAMED.get(name, path.name), "contentSize": str(len(made.files[name]))}
    about = {"about": {"@id": "./"}} if name == "README.md" else {}
    return facts | about | ({"encodingFormat": FORMATS[path.suffix]} if path.suffix in FORMATS else {})


def _one_or_more(entities: list[Entity]) -> Any:  # noqa: ANN401 (what the library takes)
    """Return references: a list only of several, as RO-Crate asks."""
    found = [{"@id": one.id} for one in entities]
    return found[0] if len(found) == 1 else found


def _said(whole: ROCrate, identifier: str, kind: str, **facts: str) -> Entity:
    return whole.add(ContextEntity(whole, identifier, properties={"@type": kind, **facts}))


def _ordered(content: dict[str, Any]) -> dict[str, Any]:
    """Return the description with its entities in the order of their names, whatever order they were added in."""
    return {**content, "@graph": sorted(content["@graph"], key=lambda one: str(one["@id"]))}

"""An archive against its profiles, and one version said everywhere.

What is asked is every MUST of https://w3id.org/ro/wfrun/workflow/0.5, of https://w3id.org/ro/wfrun/process/0.5 and
https://w3id.org/workflowhub/workflow-ro-crate/1.0, which it extends, and of RO-Crate 1.1, as far as such a crate can
break it. The shapes of roc-validator 0.13.0 were run once on this crate and found nothing that is required: it cannot
be called here, as it asks the network for the context at each run.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from archived import archive, project
from conftest import ROOT

from reanalysis import software
from reanalysis.archive.reading import Archived, read_archive

PROCESS, WORKFLOW = "https://w3id.org/ro/wfrun/process/0.5", "https://w3id.org/ro/wfrun/workflow/0.5"
WORKFLOW_CRATE, CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0", "https://w3id.org/ro/crate/1.1"


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Archived:
    folder = project(tmp_path_factory.mktemp("crate") / "project")
    assert archive(folder).returncode == 0
    return read_archive(folder / "archive/0.1.0.zip")


@pytest.fixture(scope="module")
def metadata(archived: Archived) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(archived.text("ro-crate-metadata.json"))
    return content


@pytest.fixture(scope="module")
def entities(metadata: dict[str, Any]) -> dict[str, dict[str, Any]]:
    named = {one["@id"]: one for one in metadata["@graph"]}
    assert len(named) == len(metadata["@graph"]), "an @id is said twice"
    return named


def kinds(one: dict[str, Any]) -> set[str]:
    return set(one["@type"]) if isinstance(one["@type"], list) else {one["@type"]}


def references(value: Any) -> list[str]:  # noqa: ANN401 (JSON)
    several = value if isinstance(value, list) else [value]
    return [one["@id"] for one in several]


def test_it_is_an_ro_crate_1_1(metadata: dict[str, Any], entities: dict[str, dict[str, Any]]) -> None:
    assert metadata["@context"] == f"{CRATE}/context"
    descriptor = entities["ro-crate-metadata.json"]
    assert kinds(descriptor) == {"CreativeWork"}
    assert references(descriptor["about"]) == ["./"]
    assert {CRATE, WORKFLOW_CRATE} <= set(references(descriptor["conformsTo"]))
    root = entities["./"]
    assert kinds(root) == {"Dataset"}
    assert root["name"]
    assert root["description"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", root["datePublished"])
    assert all("@type" in one for one in entities.values())


def test_every_reference_leads_somewhere_and_every_file_is_in_the_archive(
    entities: dict[str, dict[str, Any]], archived: Archived
) -> None:
    outside = {"https://doi.org/10.1093/bioinformatics/bts480", "https://snakemake.readthedocs.io", CRATE}
    for one in entities.values():
        for value in one.values():
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    assert set(part) == {"@id"}, "entities are flat"
                    assert part["@id"] in entities.keys() | outside
    files = {name for name, one in entities.items() if "File" in kinds(one)}
    folders = {name for name, one in entities.items() if "Dataset" in kinds(one)} - {"./"}
    assert files <= set(archived.files)
    assert folders == {"workflow/", "profiles/"}
    assert set(references(entities["./"]["hasPart"])) == files | folders
    code = {name for name in archived.files if name.startswith(tuple(folders))}
    unnamed = set(archived.files) - files - code - {"ro-crate-metadata.json"}
    assert unnamed == {".zenodo.json", "CONTRIBUTING.md", "LICENSE", "Makefile"}


def test_the_workflow_is_the_main_entity(entities: dict[str, dict[str, Any]]) -> None:
    (main,) = references(entities["./"]["mainEntity"])
    assert kinds(entities[main]) >= {"File", "SoftwareSourceCode", "ComputationalWorkflow"}
    assert entities[main]["name"]
    (language,) = references(entities[main]["programmingLanguage"])
    assert kinds(entities[language]) == {"ComputerLanguage"}
    (licence,) = references(entities["./"]["license"])
    assert entities[licence]["name"] == "MIT License"


def test_the_profiles_are_named(entities: dict[str, dict[str, Any]]) -> None:
    assert {PROCESS, WORKFLOW, WORKFLOW_CRATE} <= set(references(entities["./"]["conformsTo"]))
    for name in (PROCESS, WORKFLOW, WORKFLOW_CRATE):
        assert kinds(entities[name]) == {"CreativeWork"}
        assert entities[name]["version"] == name.rpartition("/")[2]


def test_the_run_takes_the_input_to_the_results_by_the_workflow(
    entities: dict[str, dict[str, Any]], archived: Archived
) -> None:
    (action,) = (one for one in entities.values() if "CreateAction" in kinds(one))
    assert references(entities["./"]["mentions"]) == [action["@id"]]
    assert references(action["instrument"]) == references(entities["./"]["mainEntity"])
    raw = {name for name in archived.files if name.startswith("data/raw/")}
    assert set(references(action["object"])) == raw | {"config.yaml"}
    results = {name for name in archived.files if name.startswith("results/")}
    assert set(references(action["result"])) == results
    assert {"results/le-scodan-2010/report.html", "results/randomised-trials/manifest.json"} <= results
    for name in (*raw, *results):
        assert entities[name]["contentSize"] == str(len(archived.files[name]))


def test_one_version_is_said_everywhere(archived: Archived, entities: dict[str, dict[str, Any]]) -> None:
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    zenodo = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest
    said = {config["version"], citation["version"], zenodo["version"], package["version"], newest[1], software.VERSION}
    assert said == {archived.version} == {entities["./"]["version"]}


def test_the_deposit_says_what_the_citation_says() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    zenodo = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    for name in ("title", "license", "keywords"):
        assert zenodo[name] == citation[name]
    assert [one["name"] for one in zenodo["creators"]] == [one["name"] for one in citation["authors"]]
    assert zenodo["upload_type"] == citation["type"]


def test_the_archive_folder_is_ignored_but_not_the_package_of_that_name() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "archive/*" in ignored
    assert Path(ROOT / "workflow/reanalysis/archive").is_dir()
    assert not {"archive", "archive/"} & set(ignored)

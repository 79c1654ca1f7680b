"""What results are computed from: raw files and settings, as a page carries them so that it can be computed again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from reanalysis import schemas
from reanalysis.errors import ReanalysisError
from reanalysis.files import parse_yaml, read_text, read_yaml, write_all
from reanalysis.software import VERSION

RAW = PurePosixPath("data/raw")
ENDINGS = (".csv", ".yaml")
SCHEMA = "input.schema.yaml"

# What config.yaml says that no step is told.
NO_SETTING = ("reviews", "version", "against")

# What the steps are told: all that decides a result.
SETTINGS = ("tau2_method", "interval", "level", "routes", "draws", "permutations", "figure_width", "seed")

# Beside the raw files, what a comparison needs of an archived version: a result of the archive, which is not at hand
# where a page alone is computed again.
RESULTS = PurePosixPath("results")
AGAINST = "against.json"

# The element of a page that holds its input.
IN_PAGE = re.compile(r'<script type="application/json" id="input">(.*?)</script>', re.DOTALL)


@dataclass(frozen=True)
class Inputs:
    """What results are computed from.

    Parameters
    ----------
    reviews
        The reviews, by the names of their folders.
    settings
        What `config.yaml` tells the steps.
    files
        The texts of their raw files and those of their companions, and what each is compared with, by path below the
        project.
    program
        The version of the program that computed them; empty where nothing says it.
    """

    reviews: Sequence[str]
    settings: Mapping[str, Any]
    files: Mapping[str, str]
    program: str = ""

    @property
    def companions(self) -> dict[str, str]:
        """Return the companion of each review that has one whose files are here."""
        found = {}
        for review in self.reviews:
            file = str(RAW / review / "review.yaml")
            name = companion(self.files.get(file, ""), file)
            if name and name != review and str(RAW / name / "table.csv") in self.files:
                found[review] = name
        return found

    def lay(self, folder: Path) -> None:
        """Write the raw files below a folder, where steps look for them.

        Raises
        ------
        ReanalysisError
            Where a file cannot be written.
        """
        write_all({folder / name: text for name, text in self.files.items()})


def raw_texts(raw: Path) -> dict[str, str]:
    """Return the raw files of a review and of its companion, byte for byte, by path below the project.

    Raises
    ------
    ReanalysisError
        Where a file is missing or not UTF-8.
    """
    folders = [raw]
    name = companion(read_text(raw / "review.yaml"), str(raw / "review.yaml"))
    if name and (raw.parent / name).is_dir() and name != raw.name:
        folders.append(raw.parent / name)
    paths = sorted(path for folder in folders for path in folder.iterdir() if path.suffix in ENDINGS)
    return {str(RAW / path.parent.name / path.name): exact(path) for path in paths}


def compared_text(results: Path) -> dict[str, str]:
    """Return what a review is compared with, by path below the project.

    Parameters
    ----------
    results
        The folder of the review's results.

    Raises
    ------
    ReanalysisError
        Where the file is missing or not UTF-8.
    """
    return {str(RESULTS / results.name / AGAINST): exact(results / AGAINST)}


def exact(path: Path) -> str:
    """Return the text of a UTF-8 file with its line ends and its byte order mark as they are.

    Raises
    ------
    ReanalysisError
        Where the file is missing, unreadable or not UTF-8.
    """
    read_text(path)  # says what is wrong
    return path.read_bytes().decode()


def companion(text: str, file: str) -> str:
    """Return the companion that the text of a review.yaml names; empty where it names none.

    Raises
    ------
    ReanalysisError
        Where the text is not YAML.
    """
    said = parse_yaml(text, file)
    name = said.get("companion", "") if isinstance(said, dict) else ""
    return name if isinstance(name, str) else ""


def carried(review: str, settings: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    """Return the input of a page as it carries it, for the schema `input.schema.yaml`."""
    return {
        "schema_version": 1,
        "program": VERSION,
        "review": review,
        "settings": dict(settings),
        "files": dict(files),
    }


def from_page(page: str, file: str) -> Inputs:
    """Return the input that a page carries.

    Raises
    ------
    ReanalysisError
        Where it carries none, or one that the schema does not allow.
    """
    found = IN_PAGE.search(page)
    if found is None:
        raise ReanalysisError(
            "this page does not carry its input",
            file=file,
            remedy="give a report that this program made, whole and from version 0.1.0 on",
        )
    try:
        content = json.loads(found[1])
    except ValueError as error:
        raise ReanalysisError(
            f"the input that this page carries is not JSON: {error}", file=file, remedy="get the page again, whole"
        ) from error
    schemas.check(content, SCHEMA, file)
    return Inputs((content["review"],), content["settings"], content["files"], content["program"])


def from_project(project: Path, reviews: Sequence[str]) -> Inputs:
    """Return the input of reviews as it stands in a project.

    Raises
    ------
    ReanalysisError
        Where a file is missing or cannot be read.
    """
    config = read_yaml(project / "config.yaml")
    schemas.check(config, "config.schema.yaml", str(project / "config.yaml"))
    files: dict[str, str] = {}
    for review in reviews:
        files |= raw_texts(project / RAW / review) | compared_text(project / RESULTS / review)
    return Inputs(tuple(reviews), settings(config), files)


def settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `config.yaml` tells the steps."""
    return {name: value for name, value in config.items() if name not in NO_SETTING}

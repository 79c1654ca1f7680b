"""An archive read back: which version it is, its input and its results."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from reanalysis import schemas
from reanalysis.archive.bag import unbagged
from reanalysis.archive.zipped import unzipped
from reanalysis.errors import ReanalysisError
from reanalysis.files import parse_yaml
from reanalysis.inputs import AGAINST, ENDINGS, RAW, RESULTS, Inputs, settings

CRATE = "ro-crate-metadata.json"


@dataclass(frozen=True)
class Archived:
    """One archived version of an analysis.

    Parameters
    ----------
    version
        As its `config.yaml` says it.
    reviews
        The reviews that are in it whole.
    files
        The content of every file by its path below the project, such as ``results/mine/pooled.json``.
    config
        What its `config.yaml` says.
    commit
        The commit of the code; empty where the archive does not say it.
    wrong
        What its checksums find wrong, one sentence each; empty where it is whole.
    """

    version: str
    reviews: Sequence[str]
    files: Mapping[str, bytes]
    config: Mapping[str, Any]
    commit: str
    wrong: Sequence[str] = ()

    @property
    def inputs(self) -> Inputs:
        """Return what its results were computed from.

        Raises
        ------
        ReanalysisError
            Where a raw file is not UTF-8.
        """
        known = [name for name in self.files if _is_raw(name)]
        known += [name for one in self.reviews if (name := str(RESULTS / one / AGAINST)) in self.files]
        return Inputs(self.reviews, settings(self.config), {name: self.text(name) for name in known})

    def results(self, review: str) -> dict[str, bytes]:
        """Return the content of the results of a review by path below their folder."""
        folder = f"{RESULTS / review}/"
        return {name.removeprefix(folder): one for name, one in self.files.items() if name.startswith(folder)}

    def text(self, name: str) -> str:
        """Return the text of a file.

        Raises
        ------
        ReanalysisError
            Where the file is missing or not UTF-8.
        """
        try:
            return self.files[name].decode()
        except (KeyError, UnicodeDecodeError) as error:
            problem = "is missing" if isinstance(error, KeyError) else "is not UTF-8"
            raise ReanalysisError(f"this file of the archive {problem}", file=name, remedy=REMEDY) from error


REMEDY = "get the archive again, or write it again with snakemake archive"


def read_archive(path: Path, *, whole: bool = True) -> Archived:
    """Return an archived version.

    Parameters
    ----------
    whole
        Whether an archive whose checksums find something wrong is refused; else `Archived.wrong` says it.

    Raises
    ------
    ReanalysisError
        Where the file is no archive of this program, or not a whole one.
    """
    packed = unzipped(path)
    if len({name.partition("/")[0] for name in packed}) != 1:
        raise ReanalysisError("this is no archive: a bag is one folder", file=str(path), remedy=REMEDY)
    files = {name.partition("/")[2]: content for name, content in packed.items()}
    payload, wrong = unbagged(files, str(path))
    if wrong and whole:
        raise ReanalysisError(f"this archive is not whole: {wrong[0]}", file=str(path), remedy=REMEDY)
    return _archived(payload, wrong, str(path))


def _archived(files: Mapping[str, bytes], wrong: Sequence[str], file: str) -> Archived:
    made = Archived("", (), files, {}, _commit(files), wrong)
    config = parse_yaml(made.text("config.yaml"), f"{file}: config.yaml")
    schemas.check(config, "config.schema.yaml", f"{file}: config.yaml")
    return Archived(config["version"], tuple(config["reviews"]), files, config, made.commit, wrong)


def _commit(files: Mapping[str, bytes]) -> str:
    """Return the commit that the crate's description of the workflow gives as its version."""
    try:
        graph = json.loads(files[CRATE])["@graph"]
        return next(str(one["version"]) for one in graph if "ComputationalWorkflow" in one.get("@type", ()))
    except (KeyError, ValueError, TypeError, AttributeError, StopIteration):
        return ""


def _is_raw(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix in ENDINGS and path.is_relative_to(RAW) and len(path.parts) == len(RAW.parts) + 2

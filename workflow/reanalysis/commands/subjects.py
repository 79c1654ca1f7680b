"""What `verify` can be given: a report, the results of a review or of several, an archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reanalysis import manifest
from reanalysis.archive.reading import read_archive
from reanalysis.errors import ReanalysisError
from reanalysis.files import parse_json
from reanalysis.inputs import RAW, Inputs, exact, from_page, from_project

PAGE = "report.html"


@dataclass(frozen=True)
class Subject:
    """What is to be computed again.

    Parameters
    ----------
    inputs
        What it was computed from.
    files
        The content of its files by path, each below the name of its review.
    listed
        Those that must be there and be made again, whatever else is.
    whole
        Whether all results should be there, or only those that are listed.
    wrong
        Where it contradicts its own checksums, one sentence each.
    """

    inputs: Inputs
    files: Mapping[str, bytes]
    listed: frozenset[str]
    whole: bool = True
    wrong: Sequence[str] = ()


def subject(path: Path) -> Subject:
    """Return what stands at a path.

    Raises
    ------
    ReanalysisError
        Where it is nothing that can be computed again.
    """
    if path.is_dir():
        return _results(path)
    if path.suffix.lower() in (".html", ".htm"):
        return _report(path)
    if path.suffix.lower() == ".zip":
        return _archive(path)
    problem = "this cannot be verified" if path.exists() else "there is no such file or folder"
    remedy = "give a report.html, a folder of results, or an archive of snakemake archive"
    raise ReanalysisError(problem, file=str(path), remedy=remedy)


def _report(path: Path) -> Subject:
    page = exact(path)
    inputs = from_page(page, str(path))
    name = f"{inputs.reviews[0]}/{PAGE}"
    return Subject(inputs, {name: page.encode()}, frozenset({name}), whole=False)


def _archive(path: Path) -> Subject:
    archived = read_archive(path, whole=False)
    files: dict[str, bytes] = {}
    listed: set[str] = set()
    for review in archived.reviews:
        results = archived.results(review)
        files |= {f"{review}/{name}": content for name, content in results.items()}
        said = archived.text(f"results/{review}/{manifest.NAME}")
        listed |= {f"{review}/{name}" for name in manifest.parse(parse_json(said, str(path)), str(path))}
    return Subject(archived.inputs, files, frozenset(listed), wrong=archived.wrong)


def _results(path: Path) -> Subject:
    """Return results with the raw files of the project they stand in, else with those that their reports carry."""
    path = path.resolve()
    one = (path / manifest.NAME).is_file() or (path / PAGE).is_file()
    folders = [path] if one else sorted(inner.parent for inner in path.glob(f"*/{PAGE}"))
    if not folders:
        raise ReanalysisError(
            f"this folder holds no results: no {PAGE}",
            file=str(path),
            remedy="give results/<review>, or results, after snakemake --cores 4",
        )
    listed = {folder.name: manifest.read(folder) for folder in folders}
    paths = [inner for folder in folders for inner in folder.rglob("*") if inner.is_file()]
    files = {inner.relative_to(folders[0].parent).as_posix(): inner.read_bytes() for inner in paths}
    wrong = [
        f"{inner}: its SHA-256 is not the one in {manifest.NAME}" for one in folders for inner in manifest.damaged(one)
    ]
    names = frozenset(f"{review}/{name}" for review, known in listed.items() for name in known)
    return Subject(_inputs(folders), files, names, wrong=wrong)


def _inputs(folders: Sequence[Path]) -> Inputs:
    project, reviews = folders[0].parents[1], [folder.name for folder in folders]
    if (project / "config.yaml").is_file() and all((project / RAW / name).is_dir() for name in reviews):
        return from_project(project, reviews)
    carried = [from_page(exact(folder / PAGE), str(folder / PAGE)) for folder in folders]
    first = carried[0]
    if any(one.settings != first.settings for one in carried):
        raise ReanalysisError(
            "these results were made with different settings",
            file=str(folders[0].parent),
            remedy="verify them one by one: give results/<review>",
        )
    files = {name: text for one in carried for name, text in one.files.items()}
    return Inputs([one.reviews[0] for one in carried], first.settings, files, first.program)

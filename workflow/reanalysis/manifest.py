"""`manifest.json`: the SHA-256 of every result as its step wrote it, so that a damaged one is never taken for whole."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from reanalysis.errors import ReanalysisError
from reanalysis.files import dump_json, read_json, write_all

NAME = "manifest.json"

# Pictures for print are not listed: they are made from the same numbers as the SVG, nothing reads them, and their bytes
# depend on libraries of compression, so that another machine's list would differ.
UNLISTED = (".png", ".pdf", ".zip")

# A path below the folder and never outside it, as the schema has it.
PATH = re.compile(r"(?!\.)[\w.-]+(/(?!\.)[\w.-]+)*")
DIGEST = re.compile(r"[0-9a-f]{64}")

# A folder inside the folder of a review's results.
INNER = "figures"


def digest(content: str | bytes) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    return sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def record(contents: Mapping[Path, str | bytes]) -> None:
    """Say in the manifest of each folder what has just been written there.

    Steps that run at once take turns. What is not there any more is forgotten, so that the manifest follows from the
    files alone.

    Raises
    ------
    ReanalysisError
        Where the manifest cannot be written.
    """
    listed = {path: digest(content) for path, content in contents.items() if path.suffix not in UNLISTED}
    for folder in sorted({_folder(path) for path in listed}):
        ours = {path.relative_to(folder).as_posix(): one for path, one in listed.items() if _folder(path) == folder}
        with _alone(folder):
            known = {name: one for name, one in _known(folder).items() if (folder / name).is_file()}
            write_all({folder / NAME: dumped(known | ours)})


def dumped(files: Mapping[str, str]) -> str:
    """Return a manifest as text: files by their path below the folder, in order, each with its SHA-256."""
    return dump_json({"schema_version": 1, "files": dict(sorted(files.items()))})


def parse(content: Any, file: str) -> dict[str, str]:  # noqa: ANN401 (any JSON value)
    """Return the SHA-256 of each result by its path below the folder.

    Raises
    ------
    ReanalysisError
        Where the content is no manifest, or one with a path that leads out of its folder.
    """
    files = content.get("files") if isinstance(content, dict) else None
    if not isinstance(files, dict) or not all(
        PATH.fullmatch(name) and isinstance(one, str) and DIGEST.fullmatch(one) for name, one in files.items()
    ):
        raise ReanalysisError(
            "this is no manifest: it should give the SHA-256 of each file by its path below the folder",
            file=file,
            remedy="make all results again: snakemake --cores 4 --forceall",
        )
    return files


def read(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each result in a folder as its step wrote it.

    Raises
    ------
    ReanalysisError
        Where the folder has no manifest, or one that cannot be read.
    """
    path = folder / NAME
    if not path.is_file():
        raise ReanalysisError(
            "this file is missing, which says whether the results beside it are whole",
            file=str(path),
            remedy="make all results again: snakemake --cores 4 --forceall",
        )
    return parse(read_json(path), str(path))


def damaged(folder: Path) -> list[Path]:
    """Return the results in a folder that are not what their steps wrote; none where there is no manifest to say so.

    A file that is missing is not damaged: Snakemake makes it again.
    """
    paths = {folder / name: one for name, one in _known(folder).items()}
    return [path for path, one in paths.items() if path.is_file() and digest(path.read_bytes()) != one]


def refuse_damaged(folder: Path) -> None:
    """Refuse a folder with a result that is not what its step wrote.

    Raises
    ------
    ReanalysisError
        Which names the first such file.
    """
    for path in damaged(folder):
        raise ReanalysisError(
            f"this result is not what its step wrote: its SHA-256 is not the one in {NAME}",
            file=str(path),
            remedy="delete it and run snakemake again, which makes it anew",
        )


def set_aside(folder: Path, place: Path) -> Iterator[tuple[Path, Path]]:
    """Move each damaged result of a folder to another place, so that it is made again and nothing is lost.

    Yields
    ------
    tuple
        The file, and where it is now.
    """
    for path in damaged(folder):
        kept = place / path.relative_to(folder)
        kept.parent.mkdir(parents=True, exist_ok=True)
        path.replace(kept)
        yield path, kept


def _folder(path: Path) -> Path:
    return path.parent.parent if path.parent.name == INNER else path.parent


def _known(folder: Path) -> dict[str, str]:
    """Return what a manifest says; nothing where there is none that can be read, as after a conflict of versions."""
    try:
        return read(folder)
    except ReanalysisError:
        return {}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder against other steps that record in it."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)

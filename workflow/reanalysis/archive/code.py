"""Which code made the results: its commit, and the files of that commit."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reanalysis.errors import ReanalysisError

# What a reader of the archive needs to run the analysis again. `data/raw` is added by review.
CODE = (
    *("Snakefile", "config.yaml", "workflow", "profiles", "Makefile", "pyproject.toml", "requirements.lock"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "CITATION.cff", ".zenodo.json", "data/raw/README.md"),
)


@dataclass(frozen=True)
class Commit:
    """The last commit that changed any of some files: its hash, and when it was made, in seconds since 1970."""

    name: str
    moment: int


def committed(project: Path, paths: Sequence[str]) -> tuple[Commit, list[str]]:
    """Return the commit that some files and folders of a project stand at, and all files that it has there.

    That is the last one that changed any of them: a later commit of results or of an archive makes no other archive.

    Raises
    ------
    ReanalysisError
        Where git does not know the project, or a file is not committed as it is.
    """
    changed = _git(project, "status", "--porcelain", "-z", "--untracked-files=all", "--", *paths)
    if changed:
        names = [one[3:] for one in changed.split("\0") if one]
        raise ReanalysisError(
            f"an archive names the commit of its code and its input, and these are not committed: {some(names)}",
            file=str(project),
            remedy="commit them, then write the archive",
        )
    said = _git(project, "log", "-1", "--format=%H %ct", "--", *paths).split()
    if not said:
        raise _no_commit(project, "no commit has these files")
    files = _git(project, "ls-files", "-z", "--", *paths).split("\0")
    return Commit(said[0], int(said[1])), sorted(one for one in files if one)


def some(names: Sequence[str], most: int = 5) -> str:
    """Return the first of some names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _git(project: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 (a fixed program, arguments of ours)
            ["git", "-C", str(project), *arguments],  # noqa: S607 (the user's git)
            capture_output=True,
            check=True,
        )
    except FileNotFoundError as error:
        raise _no_commit(project, "git is not installed") from error
    except subprocess.CalledProcessError as error:
        raise _no_commit(project, error.stderr.decode(errors="replace").strip()) from error
    return done.stdout.decode("utf-8", "surrogateescape")


def _no_commit(project: Path, why: str) -> ReanalysisError:
    return ReanalysisError(
        f"an archive names the commit of its code, and git gives none: {why}",
        file=str(project),
        remedy="work in a clone, or make this folder one: git init, git add, git commit",
    )

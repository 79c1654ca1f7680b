"""What goes into an archive: code, input, results that are whole, and what their steps said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reanalysis import manifest, schemas
from reanalysis.archive.code import CODE, Commit, committed, some
from reanalysis.errors import ReanalysisError
from reanalysis.files import read_yaml
from reanalysis.inputs import RAW, companion, exact

LOG = "logs/run.txt"
LOG_HEAD = (
    "What the steps of this run said. A step that is not named here said nothing.\n"
    "How long each took is not kept: the same input makes the same archive, and times differ from run to run.\n"
)


@dataclass(frozen=True)
class Contents:
    """What goes into an archive.

    Parameters
    ----------
    config
        What `config.yaml` says.
    files
        The content of each file by its path below the project.
    commit
        Of code and input.
    """

    config: Mapping[str, Any]
    files: Mapping[str, bytes]
    commit: Commit


def contents(project: Path, used: Mapping[str, Any]) -> Contents:
    """Return what goes into an archive of a project.

    Pictures for print stay out, as `manifest.json` does not list them, and so do the times of the steps: neither is the
    same on every machine.

    Parameters
    ----------
    used
        The settings of this run.

    Raises
    ------
    ReanalysisError
        Where settings were given that `config.yaml` does not hold, code or input is not committed, or a result is
        missing or not what its step wrote.
    """
    file = project / "config.yaml"
    config = read_yaml(file)
    schemas.check(config, "config.schema.yaml", str(file))
    unlike = sorted(name for name in {*config, *used} if config.get(name) != used.get(name))
    if unlike:
        raise ReanalysisError(
            f"an archive holds config.yaml, and this run has other settings: {', '.join(unlike)}",
            file=str(file),
            remedy="write them into config.yaml, and give no --config",
        )
    reviews = with_companions(project, config["reviews"])
    commit, known = committed(project, [*CODE, *(str(RAW / one) for one in reviews)])
    names = [*known, *(one for review in reviews for one in _made(project, review, config["reviews"]))]
    files = {name: (project / name).read_bytes() for name in names}
    return Contents(config, files | {LOG: _said(project, config["reviews"]).encode()}, commit)


def with_companions(project: Path, reviews: Sequence[str]) -> list[str]:
    """Return reviews and their companions, each once."""
    found = list(reviews)
    for review in reviews:
        file = project / RAW / review / "review.yaml"
        other = companion(exact(file), str(file))
        if other and other not in found and (project / RAW / other).is_dir():
            found.append(other)
    return found


def _made(project: Path, review: str, whole: Iterable[str]) -> list[str]:
    """Return the paths of a review's results and logs; of one that is only a companion, what was made of it."""
    folder = project / "results" / review
    listed = manifest.read(folder)
    missing = [name for name in listed if not (folder / name).is_file()]
    if review in whole and "report.html" not in listed:
        missing.append("report.html")
    if missing:
        raise ReanalysisError(
            f"these results are missing: {some(missing)}", file=str(folder), remedy="run snakemake --cores 4 first"
        )
    manifest.refuse_damaged(folder)
    return [f"results/{review}/{name}" for name in (*listed, manifest.NAME)]


def _said(project: Path, reviews: Sequence[str]) -> str:
    logs = [path for review in reviews for path in sorted((project / "logs" / review).glob("*.log"))]
    said = {f"{path.parent.name}, {path.stem}": path.read_text(encoding="utf-8", errors="replace") for path in logs}
    return LOG_HEAD + "".join(f"\n{name}\n{text}" for name, text in said.items() if text)

"""A project under git whose results are made, for tests of archives."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import yaml
from conftest import ROOT

COPIED = (
    *("Snakefile", "config.yaml", "profiles", "workflow", "data", "results", "Makefile", "pyproject.toml", "LICENSE"),
    *(
        "requirements.lock",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "CITATION.cff",
        ".zenodo.json",
        ".gitignore",
    ),
)
GIT = {
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05+09:00", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05+09:00",
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
}  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    run = subprocess.run(
        ["git", *arguments],  # noqa: S607 (the machine's git)
        cwd=folder,
        env=os.environ | GIT,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "one")


def project(folder: Path) -> Path:
    """Return a copy of the project, committed; of the results only what is committed."""
    folder.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "*.png", "*.pdf")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def archive(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the step that archives, as its rule does, by the settings in the project's config.yaml."""
    used = json.dumps(yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8")))
    return archive_with(folder, used, **environment)


def archive_with(folder: Path, used: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reanalysis.steps.archive", "--project", ".", "--archives", "archive"]
    return subprocess.run(
        [*command, "--used", used],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def rewritten(path: Path, out: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Write a zip with its files changed; one for which nothing is returned is left out."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return out

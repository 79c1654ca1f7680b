"""A small review in two versions, the first of them archived, for tests of what changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from conftest import ROOT

from reanalysis import raw, schemas
from reanalysis.archive.code import Commit
from reanalysis.archive.contents import Contents
from reanalysis.archive.reading import CRATE, Archived, read_archive
from reanalysis.archive.version import packed
from reanalysis.audit import analysed
from reanalysis.comparison.changes import compared
from reanalysis.comparison.held import held
from reanalysis.files import dump_json
from reanalysis.inputs import settings
from reanalysis.mixed_effects import Choices

CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8")) | {"reviews": ["small"]}
LOCK = "numpy==2.1.0 \\\n    --hash=sha256:00\nscipy==1.14.1\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"

TABLE = """Trial,N,OR,95% CI,Note
Ayer 1999,120,0.80,0.60-1.07,a
Bell 2004,90,0.95,0.60-1.50,b
Cole 2006,300,0.70,0.55-0.89,c
Dunn 2010,80,0.90,0.50-1.62,d
"""
REVIEW = """title: Small
source: {citation: Nobody 2020, table: Table 1}
measure: OR
favours: {below: this, above: that}
outcome: death
columns: {study: Trial, n: N, estimate: OR, ci: 95% CI}
moderators: [log_n]
"""
FILES = {"table.csv": TABLE, "review.yaml": REVIEW}
CORRECTION = """- id: one
  study: Bell
  column: OR
  printed: "0.95"
  corrected: "0.96"
  reason: a misprint
  source: its authors
  status: applied
"""


def lay(folder: Path, files: Mapping[str, str]) -> Path:
    """Write the raw files of a review, and leave no others."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def results(folder: Path, config: Mapping[str, Any]) -> dict[str, bytes]:
    """Return what an archive is asked for of the results: the primary analysis and the slopes."""
    choices = Choices(*(config[name] for name in ("tau2_method", "interval", "level")))
    found = analysed(raw.read(folder), choices, config["routes"])
    models = [{"name": one["model"], "coefficients": [{}, one]} for one in found.slopes]
    made = {"pooled": {"primary": found.pooled}, "regression": {"models": models}}
    return {f"results/small/{name}.json": dump_json(content).encode() for name, content in made.items()}


def archived(
    place: Path,
    files: Mapping[str, str] = FILES,
    *,
    made: Mapping[str, bytes] | None = None,
    **changed: Any,  # noqa: ANN401 (settings)
) -> Archived:
    """Return version 0.1.0 of the review, written as an archive and read back."""
    config = CONFIG | {"version": "0.1.0"} | changed
    older = lay(place / "then" / "small", files)
    code = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in (ROOT / "workflow").rglob("*.py")}
    content = {
        "config.yaml": yaml.safe_dump(config).encode(),
        "requirements.lock": LOCK.encode(),
        **{f"data/raw/small/{name}": text.encode() for name, text in files.items()},
        **(results(older, config) if made is None else made),
        **code,
    }
    crate = json.dumps({"@graph": [{"@type": ["ComputationalWorkflow"], "version": COMMIT}]})
    path = place / "archive" / "0.1.0.zip"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(packed(Contents(config, content, Commit(COMMIT, 1_700_000_000)), crate.encode()))
    assert CRATE in read_archive(path).files
    return read_archive(path)


def changes(
    place: Path,
    then: Archived,
    files: Mapping[str, str] = FILES,
    *,
    lock: str = LOCK,
    **changed: Any,  # noqa: ANN401 (settings)
) -> dict[str, Any]:
    """Return what changed from an archived version to one with these files and settings, as it is written."""
    now = lay(place / "now" / "small", files)
    against = json.loads(dump_json(held(then, "small", "0.2.0", lock)))
    schemas.check(against, "against.schema.yaml", "against.json")
    found: dict[str, Any] = json.loads(dump_json(compared(now, settings(CONFIG | changed), against)))
    schemas.check(found, "changes.schema.yaml", "changes.json")
    return found


def edited(files: Mapping[str, str], name: str, old: str, new: str) -> dict[str, str]:
    """Return files with a text of one of them, which must be there, replaced."""
    assert old in files[name]
    return {**files, name: files[name].replace(old, new, 1)}

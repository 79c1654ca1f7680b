"""For all rules: the right Python, checked settings, the code of a step as its input."""

import os
import sys
import time
from pathlib import Path

from reanalysis import figures, settings
from reanalysis.errors import EXIT_STATUS, ReanalysisError
from reanalysis.imports import first_party

# Called without activation, as .venv/bin/snakemake, a shell block would find another Python.
os.environ.update(PATH=os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]))

RAW = Path("data/raw")
STARTED = time.time()

try:
    settings.check(config, RAW, "config.yaml")
except ReanalysisError as error:
    print(error, file=sys.stderr)
    sys.exit(EXIT_STATUS)


wildcard_constraints:
    review="[a-z0-9][a-z0-9._-]*",


def raw(wildcards):
    """Return the files of a review's raw folder: all of them are read; of no review, the table that is missing."""
    if not (RAW / wildcards.review).is_dir():
        return [str(RAW / wildcards.review / "table.csv")]
    return sorted(str(path) for path in (RAW / wildcards.review).iterdir() if path.suffix in (".csv", ".yaml"))


def code(step):
    """Return the project's own files that a step runs, relative to the project where they stand in it."""
    return sorted(os.path.relpath(path) for path in first_party(f"reanalysis.steps.{step}"))


onerror:
    # A step's log is empty unless it failed: what it says is what the reader needs, not the command that said it.
    for path in sorted(path for review in config["reviews"] for path in Path("logs", review).glob("*.log")):
        if path.stat().st_size and path.stat().st_mtime >= STARTED:
            print(f"\n{path}:\n{path.read_text(encoding='utf-8')}", file=sys.stderr)


onsuccess:
    for review in config["reviews"]:
        print(f"results/{review}/report.html", file=sys.stderr)

"""For all rules: the right Python, checked settings, the code of a step as its input."""

import json
import os
import sys
import time
from pathlib import Path

from reanalysis import figures, manifest, settings
from reanalysis.comparison.versions import against
from reanalysis.errors import EXIT_STATUS, ReanalysisError
from reanalysis.files import read_yaml
from reanalysis.imports import first_party
from reanalysis.review import parse as parse_review

# Called without activation, as .venv/bin/snakemake, a shell block would find another Python.
os.environ.update(PATH=os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]))

RAW = Path("data/raw")
ARCHIVES = Path("archive")
STARTED = time.time()

try:
    settings.check(config, RAW, "config.yaml", Path("results"))
    ASKED = str(config.get("against", ""))
    COMPARED_WITH = against(ARCHIVES, config["version"], ASKED)
except ReanalysisError as error:
    print(error, file=sys.stderr)
    sys.exit(EXIT_STATUS)


# Snakemake knows a result by its date alone. One that is not what its step wrote, be it cut short, edited or of another
# version, is moved out of its way and so made again. The jobs, which read this file too, leave that to the first process.
if workflow.is_main_process:
    for folder in sorted(path.parent for path in Path("results").glob("*/studies.csv")):
        try:
            manifest.read(folder)
        except ReanalysisError as error:
            print(error, file=sys.stderr)
        for damaged, kept in manifest.set_aside(folder, Path("logs/damaged") / folder.name):
            print(f"{damaged} is not what its step wrote: moved to {kept}, to be made again", file=sys.stderr)


wildcard_constraints:
    review="[a-z0-9][a-z0-9._-]*",


def raw_files(review):
    """Return the files of a review's raw folder."""
    return sorted(str(path) for path in (RAW / review).iterdir() if path.suffix in (".csv", ".yaml"))


def raw(wildcards):
    """Return the files of a review's raw folder: all of them are read; of no review, the table that is missing."""
    if not (RAW / wildcards.review).is_dir():
        return [str(RAW / wildcards.review / "table.csv")]
    return raw_files(wildcards.review)


def companion(wildcards):
    """Return what is read of the review that another one names as its companion; nothing where the step must refuse."""
    try:
        name = parse_review(read_yaml(RAW / wildcards.review / "review.yaml"), "review.yaml").companion
    except ReanalysisError:
        return []  # `extract` says what is wrong, with its place
    if not name or name == wildcards.review or not (RAW / name).is_dir():
        return []
    return [*raw_files(name), f"results/{name}/pooled.json"]


def code(step):
    """Return the project's own files that a step runs, relative to the project where they stand in it."""
    return sorted(os.path.relpath(path) for path in first_party(f"reanalysis.steps.{step}"))


def everything(wildcards):
    """Return every file that rules make of a review: of those that no job asks for, Snakemake misses none by itself."""
    made = [file for rule in workflow.rules for file in rule.output if "review" in file.get_wildcard_names()]
    return [file.apply_wildcards({"review": review}) for review in config["reviews"] for file in made]


onerror:
    # A step's log is empty unless it failed: what it says is what the reader needs, not the command that said it. A
    # companion's steps run too, whether or not it is in the list of reviews.
    for path in sorted(Path("logs").glob("*/*.log")):
        if path.stat().st_size and path.stat().st_mtime >= STARTED:
            print(f"\n{path}:\n{path.read_text(encoding='utf-8')}", file=sys.stderr)


onsuccess:
    for review in config["reviews"]:
        print(f"results/{review}/report.html", file=sys.stderr)

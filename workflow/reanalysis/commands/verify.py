"""`reanalysis verify PATH`: computes a report, a folder of results or an archive again, and says what differs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from reanalysis.commands.recompute import recompute
from reanalysis.commands.subjects import Subject, subject
from reanalysis.differences import ABSOLUTE, RELATIVE, Difference, differences
from reanalysis.software import VERSION

EQUAL, DIFFERS = 0, 1
MOST_SHOWN = 3  # a file
# What others are computed from goes first, so that the cause stands above its consequences; pages and pictures go last.
FIRST = (
    "studies.csv",
    "estimates.csv",
    "provenance.csv",
    "routes.csv",
    "effects.csv",
    "pooled.json",
    "regression.json",
)
LAST = ("citation", "check.R", "figures/", "report.html")

HELP = "compute a report, a folder of results or an archive again from its input, and say what differs"
TOLERANCE = f"Numbers may differ by {RELATIVE:g} of their size, or {ABSOLUTE:g}; whole numbers and texts may not."
STATUS = "Exit status: 0 nothing differs, 1 something does, 2 it cannot be read or its input be used."


def add_arguments(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.epilog = f"{TOLERANCE} {STATUS}"
    parser.add_argument("path", type=Path, help="report.html, results/<review>, results, or archive/<version>.zip")


def run(arguments: Namespace) -> int:
    """Say what differs, and return the exit status.

    Raises
    ------
    ReanalysisError
        Where the path holds nothing that can be computed again.
    """
    given = subject(arguments.path)
    found = list(verify(given))
    if given.inputs.program not in ("", VERSION):
        _say(f"made by version {given.inputs.program} of the program, computed again by {VERSION}")
    for sentence in (*given.wrong, *shown(found)):
        _say(sentence)
    if found or given.wrong:
        places = "1 place differs" if len(found) == 1 else f"{len(found)} places differ"
        _say(f"{arguments.path}: {places}, {_files(len(given.wrong))} not as the checksums say")
        return DIFFERS
    count = _files(len(given.listed))
    _say(f"{arguments.path}: {count} computed again, no number differs by more than {RELATIVE:g} of its size")
    return EQUAL


def verify(given: Subject) -> Iterator[Difference]:
    """Yield where what is given differs from what its input gives.

    Raises
    ------
    ReanalysisError
        Where a step refuses the input.
    """
    with TemporaryDirectory(prefix="reanalysis-") as place:
        folder = Path(place)
        given.inputs.lay(folder)
        recompute(folder, given.inputs.reviews, given.inputs.companions, given.inputs.settings)
        made = _made(folder / "results", given.inputs.reviews)
    for name in sorted(given.listed | set(made) if given.whole else given.listed, key=_rank):
        yield from differences(name, given.files.get(name), made.get(name))


def shown(found: Sequence[Difference]) -> Iterator[str]:
    """Yield the first differences of each file as lines, and how many more it has."""
    for file, group in groupby(found, key=lambda one: one.file.partition(" #")[0]):
        several = list(group)
        yield from map(str, several[:MOST_SHOWN])
        if len(several) > MOST_SHOWN:
            yield f"{file}: {len(several) - MOST_SHOWN} more"


def _rank(name: str) -> tuple[str, int, str]:
    """Return where a file stands among those that are compared, which are sorted by it."""
    review, _, file = name.partition("/")
    place = next((n for n, one in enumerate(LAST, len(FIRST) + 1) if file.startswith(one)), len(FIRST))
    return review, FIRST.index(file) if file in FIRST else place, file


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _made(results: Path, reviews: Sequence[str]) -> dict[str, bytes]:
    paths = [path for review in reviews for path in (results / review).rglob("*") if path.is_file()]
    return {path.relative_to(results).as_posix(): path.read_bytes() for path in paths}


def _say(text: str) -> None:
    print(text)  # noqa: T201 (the answer of the command)

"""A step as a command: paths and settings in, whole files out, or one clear message and exit status 2."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from reanalysis import manifest
from reanalysis.errors import EXIT_STATUS, ReanalysisError
from reanalysis.files import write_all

Contents = Mapping[Path, str | bytes]

# The settings that a step may ask for, and how their text is read.
SETTINGS: dict[str, Callable[[str], object]] = {
    "tau2_method": str,
    "interval": str,
    "level": float,
    "draws": int,
    "permutations": int,
    "seed": int,
    "figure_width": lambda text: int(float(text)),
    "routes": str.split,
    "used": json.loads,
    "version": str,
    "asked": str,
}


def run(step: Callable[[Namespace], Contents], paths: tuple[str, ...], settings: tuple[str, ...] = ()) -> None:
    """Run a step from the command line and leave the process.

    Parameters
    ----------
    step
        From the parsed arguments to the content of each file it makes; written only when all are made.
    paths, settings
        The names of its arguments; each is required.
    """
    parser = ArgumentParser(prog=f"python -m reanalysis.steps.{Path(sys.argv[0]).stem}")
    for name in paths:
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name, type=Path, required=True)
    for name in settings:
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name, type=SETTINGS[name], required=True)
    arguments = parser.parse_args()
    try:
        contents = step(arguments)
        write_all(contents)
        # Afterwards: what a kill leaves between the two is known as damaged, and made again.
        manifest.record(contents)
    except ReanalysisError as error:
        print(error, file=sys.stderr)  # noqa: T201 (the message is the output)
        sys.exit(EXIT_STATUS)

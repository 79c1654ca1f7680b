"""Say in the terminal what changed since the archived version."""

import sys
from argparse import Namespace

from reanalysis.comparison.lines import lines
from reanalysis.results import read_named
from reanalysis.steps.command import Contents, run


def step(arguments: Namespace) -> Contents:
    """Print what changed; nothing is written."""
    folder = arguments.results
    sys.stdout.write("\n".join((f"{folder.name}:", *lines(read_named(folder, "changes")), "")) + "\n")
    return {}


if __name__ == "__main__":
    run(step, ("results",))

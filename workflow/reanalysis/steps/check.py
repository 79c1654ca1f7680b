"""Hold the printed numbers against each other."""

from argparse import Namespace

from reanalysis.checks import Table
from reanalysis.checks import run as run_checks
from reanalysis.raw import read as read_raw
from reanalysis.records import Estimate, Finding, Route, Study
from reanalysis.steps.command import Contents, run
from reanalysis.tables import dump, read


def step(arguments: Namespace) -> Contents:
    """Return the findings of every check."""
    table = Table(
        read_raw(arguments.raw),
        read(arguments.studies, Study),
        read(arguments.estimates, Estimate),
        read(arguments.made, Route),
    )
    return {arguments.findings: dump(run_checks(table), Finding)}


if __name__ == "__main__":
    run(step, ("raw", "studies", "estimates", "made", "findings"))

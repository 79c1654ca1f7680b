"""Read every cell of a review's table."""

from argparse import Namespace

from reanalysis.extraction import extract
from reanalysis.raw import read
from reanalysis.records import Estimate, Provenance, Study
from reanalysis.steps.command import Contents, run
from reanalysis.tables import dump


def step(arguments: Namespace) -> Contents:
    """Return studies, estimates and where each value was read."""
    raw = read(arguments.raw)
    found = extract(raw)
    roles = raw.review.columns.values()
    return {
        arguments.studies: dump(found.studies, Study, [name for name in raw.headings if name not in roles]),
        arguments.estimates: dump(found.estimates, Estimate),
        arguments.provenance: dump(found.provenance, Provenance),
    }


if __name__ == "__main__":
    run(step, ("raw", "studies", "estimates", "provenance"))

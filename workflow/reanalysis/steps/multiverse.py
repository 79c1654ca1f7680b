"""Pool the review under every scenario, and under every specification."""

from argparse import Namespace

from reanalysis.departures import Departures
from reanalysis.files import dump_json
from reanalysis.mixed_effects import Choices
from reanalysis.multiverse import multiverse
from reanalysis.raw import read
from reanalysis.records import Specification
from reanalysis.scenario import declared
from reanalysis.steps.command import Contents, run
from reanalysis.tables import dump


def step(arguments: Namespace) -> Contents:
    """Return the summary of all specifications, and the specifications themselves."""
    raw = read(arguments.raw)
    options = Choices(arguments.tau2_method, arguments.interval, arguments.level)
    departures = Departures(raw, arguments.routes)
    found, every = multiverse(departures, declared(raw.review.scenarios), raw.review.measure, options, arguments.seed)
    return {arguments.multiverse: dump_json(found), arguments.specifications: dump(every, Specification)}


if __name__ == "__main__":
    run(step, ("raw", "multiverse", "specifications"), ("tau2_method", "interval", "level", "routes", "seed"))

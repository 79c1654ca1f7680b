"""Pool every subset of the studies; and, for a page, the pool without any few of them under every estimator."""

from argparse import Namespace

from reanalysis.dataset import dataset
from reanalysis.files import dump_json, read_yaml
from reanalysis.leave_out import leave_out
from reanalysis.mixed_effects import Choices
from reanalysis.records import Effect
from reanalysis.review import parse
from reanalysis.steps.command import Contents, run
from reanalysis.subsets import Sampling, subsets
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return the pool of every subset, or of many."""
    review = parse(read_yaml(arguments.review), str(arguments.review))
    data = dataset(read(arguments.effects, Effect), str(arguments.effects))
    choices = Choices(arguments.tau2_method, arguments.interval, arguments.level)
    found = subsets(data, review.measure, choices, Sampling(arguments.draws, arguments.seed))
    return {
        arguments.subsets: dump_json(found),
        arguments.leave_out: dump_json(leave_out(data, review.measure, choices)),
    }


if __name__ == "__main__":
    run(step, ("review", "effects", "subsets", "leave_out"), ("tau2_method", "interval", "level", "draws", "seed"))

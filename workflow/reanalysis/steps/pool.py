"""Pool the effects under every estimator of tau2 and every interval."""

from argparse import Namespace

from reanalysis.dataset import dataset
from reanalysis.files import dump_json, read_yaml
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.pooling import pool_all
from reanalysis.records import Effect
from reanalysis.review import parse
from reanalysis.steps.command import Contents, run
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return the pooled models."""
    review = parse(read_yaml(arguments.review), str(arguments.review))
    data = dataset(read(arguments.effects, Effect), str(arguments.effects))
    choices = Choices(arguments.tau2_method, arguments.interval, arguments.level)
    resampling = Resampling(arguments.permutations, arguments.seed)
    return {arguments.pooled: dump_json(pool_all(data, review.measure, choices, resampling))}


if __name__ == "__main__":
    run(step, ("review", "effects", "pooled"), ("tau2_method", "interval", "level", "permutations", "seed"))

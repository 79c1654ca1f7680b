"""Compute every number of the models again, to fifty digits, and count the digits that agree."""

from argparse import Namespace

from reanalysis.certificate import certify
from reanalysis.dataset import dataset
from reanalysis.files import dump_json, read_json, read_yaml
from reanalysis.mixed_effects import Choices
from reanalysis.records import Effect
from reanalysis.review import parse
from reanalysis.steps.command import Contents, run
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return the certificate."""
    review = parse(read_yaml(arguments.review), str(arguments.review))
    data = dataset(read(arguments.effects, Effect), str(arguments.effects))
    choices = Choices(arguments.tau2_method, arguments.interval, arguments.level)
    shipped = read_json(arguments.pooled), read_json(arguments.regression)
    return {arguments.certification: dump_json(certify(data, review.models, review.measure, choices, *shipped))}


if __name__ == "__main__":
    paths = ("review", "effects", "pooled", "regression", "certification")
    run(step, paths, ("tau2_method", "interval", "level"))

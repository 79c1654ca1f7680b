"""Fit the meta-regressions that the review asks for."""

from argparse import Namespace

from reanalysis.dataset import dataset
from reanalysis.errors import ReanalysisError
from reanalysis.files import dump_json, read_yaml
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.records import Effect
from reanalysis.regression import regress_all
from reanalysis.review import parse
from reanalysis.steps.command import Contents, run
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return the fitted meta-regressions."""
    review = parse(read_yaml(arguments.review), str(arguments.review))
    data = dataset(read(arguments.effects, Effect), str(arguments.effects))
    choices = Choices(arguments.tau2_method, arguments.interval, arguments.level)
    resampling = Resampling(arguments.permutations, arguments.seed)
    try:
        fitted = regress_all(data, review.models, review.measure, choices, resampling)
    except ReanalysisError as error:
        raise error.at(file=str(arguments.review), column="moderators") from error
    return {arguments.regression: dump_json(fitted)}


if __name__ == "__main__":
    run(step, ("review", "effects", "regression"), ("tau2_method", "interval", "level", "permutations", "seed"))

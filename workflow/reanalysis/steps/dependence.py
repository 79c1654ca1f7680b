"""Work out what changes where estimates are not independent."""

from argparse import Namespace

from reanalysis.dependence import dependence
from reanalysis.errors import ReanalysisError
from reanalysis.files import dump_json
from reanalysis.mixed_effects import Choices
from reanalysis.raw import read as read_raw
from reanalysis.records import Effect
from reanalysis.steps.command import Contents, run
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return the pool with dependent estimates, and the models with cluster-robust standard errors."""
    raw = read_raw(arguments.raw)
    choices = Choices(arguments.tau2_method, arguments.interval, arguments.level)
    effects = read(arguments.effects, Effect)
    try:
        found = dependence(effects, raw.review, raw.judgements, choices, str(arguments.effects))
    except ReanalysisError as error:
        raise error.at(file=str(arguments.raw / "review.yaml")) from error
    return {arguments.dependence: dump_json(found)}


if __name__ == "__main__":
    run(step, ("raw", "effects", "dependence"), ("tau2_method", "interval", "level"))

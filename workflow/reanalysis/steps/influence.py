"""Work out what each study does to every model, and how the pool grew."""

from argparse import Namespace

from reanalysis.cumulative import known_years
from reanalysis.dataset import dataset
from reanalysis.errors import ReanalysisError
from reanalysis.files import dump_json, read_yaml
from reanalysis.influence import influence_all
from reanalysis.mixed_effects import Choices
from reanalysis.records import Effect, Study
from reanalysis.review import parse
from reanalysis.steps.command import Contents, run
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return every model without each study, the diagnostics, and the cumulative analyses."""
    review = parse(read_yaml(arguments.review), str(arguments.review))
    effects = read(arguments.effects, Effect)
    data = dataset(effects, str(arguments.effects))
    years = known_years(effects, read(arguments.studies, Study))
    choices = Choices(arguments.tau2_method, arguments.interval, arguments.level)
    try:
        found = influence_all(data, years, review.models, review.measure, choices)
    except ReanalysisError as error:
        raise error.at(file=str(arguments.review), column="moderators") from error
    return {arguments.influence: dump_json(found)}


if __name__ == "__main__":
    run(step, ("review", "studies", "effects", "influence"), ("tau2_method", "interval", "level"))

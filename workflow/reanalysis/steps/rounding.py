"""Work out what the rounding of print leaves open, of each study and of every result."""

from argparse import Namespace

from reanalysis.files import dump_json, read_yaml
from reanalysis.mixed_effects import Choices
from reanalysis.records import Effect, Estimate, Study
from reanalysis.review import parse
from reanalysis.rounded_results import rounded_results
from reanalysis.steps.command import Contents, run
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return each study's region, and the range of each result."""
    review = parse(read_yaml(arguments.review), str(arguments.review))
    found = rounded_results(
        read(arguments.studies, Study),
        read(arguments.estimates, Estimate),
        read(arguments.effects, Effect),
        review,
        Choices(arguments.tau2_method, arguments.interval, arguments.level),
        arguments.draws,
        arguments.seed,
    )
    return {arguments.rounding: dump_json(found)}


if __name__ == "__main__":
    run(
        step,
        ("review", "studies", "estimates", "effects", "rounding"),
        ("tau2_method", "interval", "level", "draws", "seed"),
    )

"""Ask whether small studies say something else."""

from argparse import Namespace

from reanalysis.files import dump_json, read_yaml
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.records import Effect
from reanalysis.review import parse
from reanalysis.small_study import small_study
from reanalysis.steps.command import Contents, run
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return every method of small-study effects, with and without standard errors that follow from a p value."""
    review = parse(read_yaml(arguments.review), str(arguments.review))
    effects = read(arguments.effects, Effect)
    choices = Choices(arguments.tau2_method, arguments.interval, arguments.level)
    resampling = Resampling(arguments.draws, arguments.seed)
    found = small_study(effects, review.measure, choices, resampling, str(arguments.effects))
    return {arguments.small_study: dump_json(found)}


if __name__ == "__main__":
    run(step, ("review", "effects", "small_study"), ("tau2_method", "interval", "level", "draws", "seed"))

"""Work out which bias would explain the pooled effect away."""

from argparse import Namespace

from reanalysis.confounding import confounding
from reanalysis.files import dump_json
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.raw import read as read_raw
from reanalysis.records import Effect
from reanalysis.steps.command import Contents, run
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return E-values, what biases leave of the effects, and what early excesses say."""
    choices = Choices(arguments.tau2_method, arguments.interval, arguments.level)
    effects = read(arguments.effects, Effect)
    resampling = Resampling(arguments.draws, arguments.seed)
    found = confounding(effects, read_raw(arguments.raw), choices, resampling, str(arguments.effects))
    return {arguments.confounding: dump_json(found)}


if __name__ == "__main__":
    run(step, ("raw", "effects", "confounding"), ("tau2_method", "interval", "level", "draws", "seed"))

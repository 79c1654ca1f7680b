"""Work out whether bias could explain the pool."""

from argparse import Namespace

from reanalysis.confounding import Files, confounding
from reanalysis.files import dump_json
from reanalysis.mixed_effects import Choices
from reanalysis.raw import read as read_raw
from reanalysis.records import Effect
from reanalysis.steps.command import Contents, run
from reanalysis.subsets import Sampling
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return E-values, the bias that leaves few strong effects, and what an effect that is larger early shows."""
    raw = read_raw(arguments.raw)
    files = Files(str(arguments.effects), str(arguments.raw / "review.yaml"), str(arguments.raw / "statements.csv"))
    choices = Choices(arguments.tau2_method, arguments.interval, arguments.level)
    sampling = Sampling(arguments.draws, arguments.seed)
    found = confounding(read(arguments.effects, Effect), raw.review, raw.statements, choices, sampling, files)
    return {arguments.confounding: dump_json(found)}


if __name__ == "__main__":
    run(step, ("raw", "effects", "confounding"), ("tau2_method", "interval", "level", "draws", "seed"))

"""Work out what each declared correction does."""

from argparse import Namespace

from reanalysis.audit import audit
from reanalysis.files import dump_json
from reanalysis.mixed_effects import Choices
from reanalysis.raw import read
from reanalysis.steps.command import Contents, run


def step(arguments: Namespace) -> Contents:
    """Return each correction with the values and results that it changes, and all of them together."""
    choices = Choices(arguments.tau2_method, arguments.interval, arguments.level)
    return {arguments.audit: dump_json(audit(read(arguments.raw), choices, arguments.routes))}


if __name__ == "__main__":
    run(step, ("raw", "audit"), ("tau2_method", "interval", "level", "routes"))

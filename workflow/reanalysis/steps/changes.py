"""Work out what changed since an archived version, and what each cause moved."""

from argparse import Namespace

from reanalysis.comparison.changes import compared
from reanalysis.files import dump_json, read_result
from reanalysis.inputs import SETTINGS
from reanalysis.steps.command import Contents, run


def step(arguments: Namespace) -> Contents:
    """Return every difference, and what the causes moved."""
    held = read_result(arguments.against, "against.schema.yaml")
    settings = {name: getattr(arguments, name) for name in SETTINGS}
    return {arguments.changes: dump_json(compared(arguments.raw, settings, held))}


if __name__ == "__main__":
    run(step, ("raw", "against", "changes"), SETTINGS)

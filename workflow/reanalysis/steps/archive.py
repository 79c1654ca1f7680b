"""Archive the version of the analysis that `config.yaml` names, once."""

from argparse import Namespace

from reanalysis.archive.contents import contents
from reanalysis.archive.crate import crate
from reanalysis.archive.version import packed, refuse_another
from reanalysis.steps.command import Contents, run


def step(arguments: Namespace) -> Contents:
    """Return the archive; nothing where the same analysis is already archived under this version."""
    made = contents(arguments.project, arguments.used)
    path = arguments.archives / f"{made.config['version']}.zip"
    if path.exists():
        refuse_another(path, made)
        return {}
    return {path: packed(made, crate(made))}


if __name__ == "__main__":
    run(step, ("project", "archives"), ("used",))

"""Keep what a comparison needs of the archived version."""

from argparse import Namespace

from reanalysis.archive.reading import read_archive
from reanalysis.comparison.held import LOCK, held
from reanalysis.comparison.versions import against
from reanalysis.files import dump_json, read_text
from reanalysis.steps.command import Contents, run


def step(arguments: Namespace) -> Contents:
    """Return what the archived version holds of the review; that there is none, where there is none."""
    path = against(arguments.archives, arguments.version, arguments.asked)
    archived = read_archive(path) if path else None
    lock = read_text(arguments.project / LOCK) if path else ""
    return {arguments.against: dump_json(held(archived, arguments.raw.name, arguments.version, lock))}


if __name__ == "__main__":
    run(step, ("project", "archives", "raw", "against"), ("version", "asked"))

"""Render the review report."""

from argparse import Namespace

from reanalysis import manifest
from reanalysis.inputs import SETTINGS
from reanalysis.report.material import read_material
from reanalysis.report.page import render
from reanalysis.report.take_away import citation_files
from reanalysis.steps.command import Contents, run


def step(arguments: Namespace) -> Contents:
    """Return the page, and its references in each format."""
    manifest.refuse_damaged(arguments.results)
    settings = {name: getattr(arguments, name) for name in SETTINGS}
    material = read_material(arguments.raw, arguments.results, settings)
    cited = {arguments.page.with_name(f"citation.{end}"): text for end, text in citation_files(material).items()}
    return {arguments.page: render(material), **cited}


if __name__ == "__main__":
    run(step, ("raw", "results", "page"), SETTINGS)

"""Render the review report."""

from argparse import Namespace

from reanalysis.report.material import read_material
from reanalysis.report.page import render
from reanalysis.steps.command import Contents, run

SETTINGS = ("tau2_method", "interval", "level", "routes")


def step(arguments: Namespace) -> Contents:
    """Return the page."""
    settings = {name: getattr(arguments, name) for name in SETTINGS}
    return {arguments.page: render(read_material(arguments.raw, arguments.results, settings))}


if __name__ == "__main__":
    run(step, ("raw", "results", "page"), SETTINGS)

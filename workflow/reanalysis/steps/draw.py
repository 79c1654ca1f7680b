"""Draw the figures of a review."""

from argparse import Namespace
from pathlib import Path

from reanalysis.errors import ReanalysisError
from reanalysis.figures import FORMATS, NAMES, style
from reanalysis.files import dump_json
from reanalysis.results import read_results
from reanalysis.steps.command import Contents, run
from reanalysis.views import FIGURES
from reanalysis.views.data import csv_text


def step(arguments: Namespace) -> Contents:
    """Return each figure in each format, and the words of all of them."""
    results = read_results(arguments.raw, arguments.results)
    if tuple(FIGURES) != NAMES:
        raise ReanalysisError(
            f"figures.NAMES says {', '.join(NAMES)}, views.FIGURES {', '.join(FIGURES)}",
            remedy="name each figure in both, in the same order",
        )
    style.use(arguments.figure_width)
    formats = getattr(arguments, "formats", FORMATS)  # `verify` asks for fewer
    shown = {name: show(results) for name, show in FIGURES.items()}
    contents: dict[Path, str | bytes] = {
        arguments.figures / f"{name}.{ending}": content
        for name, one in shown.items()
        for ending, content in style.save(one.figure, one.breaks, formats).items()
    }
    contents |= {
        arguments.figures / f"{name}.csv": csv_text(one.data, one.reason or one.description)
        for name, one in shown.items()
    }
    words = {name: one.words for name, one in shown.items()}
    return contents | {arguments.figures / "words.json": dump_json({"schema_version": 1, "figures": words})}


if __name__ == "__main__":
    run(step, ("raw", "results", "figures"), ("figure_width",))

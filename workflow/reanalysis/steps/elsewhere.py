"""Set published pools, and the pool of another review, beside the pool of a review."""

from argparse import Namespace

from reanalysis.elsewhere import Companion, elsewhere
from reanalysis.errors import ReanalysisError
from reanalysis.files import dump_json, read_result
from reanalysis.raw import RawReview
from reanalysis.raw import read as read_raw
from reanalysis.steps.command import Contents, run


def step(arguments: Namespace) -> Contents:
    """Return the published pools and the comparison with the companion."""
    raw = read_raw(arguments.raw)
    pooled = read_result(arguments.pooled, "pooled.schema.yaml")
    found = elsewhere(raw.review, pooled, _companion(raw, arguments), str(arguments.raw / "review.yaml"))
    return {arguments.elsewhere: dump_json(found)}


def _companion(raw: RawReview, arguments: Namespace) -> Companion | None:
    """Return the review that stands beside another one in the raw folder, with its results."""
    name = raw.review.companion
    folder = arguments.raw.parent / name
    if not name:
        return None
    if name == arguments.raw.name or not folder.is_dir():
        problem = "a review is no companion of itself" if folder.is_dir() else "there is no review of this name"
        file, remedy = str(arguments.raw / "review.yaml"), f"name another folder in {arguments.raw.parent}"
        raise ReanalysisError(problem, file=file, column="companion", printed=name, remedy=remedy)
    other = read_raw(folder)
    pooled = read_result(arguments.results / name / "pooled.json", "pooled.schema.yaml")
    return Companion(name, other.review, pooled, other.judged("design"))


if __name__ == "__main__":
    run(step, ("raw", "pooled", "results", "elsewhere"))

"""Pool each subgroup that the review declares, and test whether they differ."""

from argparse import Namespace

from reanalysis.dataset import dataset
from reanalysis.files import dump_json
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.raw import read as read_raw
from reanalysis.records import Effect, Study
from reanalysis.steps.command import Contents, run
from reanalysis.subgroups import declared_values, subgroups
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return the subgroups."""
    raw = read_raw(arguments.raw)
    effects = read(arguments.effects, Effect)
    data = dataset(effects, str(arguments.effects))
    file = str(arguments.raw / "review.yaml")
    values = declared_values(raw.review, read(arguments.studies, Study), raw.judgements, file)
    found = subgroups(
        data,
        [one for one in effects if one.included],
        raw.review,
        values,
        Choices(arguments.tau2_method, arguments.interval, arguments.level),
        Resampling(arguments.permutations, arguments.seed),
    )
    return {arguments.subgroups: dump_json(found)}


if __name__ == "__main__":
    paths = ("raw", "studies", "effects", "subgroups")
    run(step, paths, ("tau2_method", "interval", "level", "permutations", "seed"))

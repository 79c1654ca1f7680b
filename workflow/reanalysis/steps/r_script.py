"""Write the R script that makes the results again with metafor."""

from argparse import Namespace

from reanalysis.dataset import dataset
from reanalysis.files import read_result, read_yaml
from reanalysis.r_script.script import r_script
from reanalysis.records import Effect
from reanalysis.review import parse
from reanalysis.steps.command import Contents, run
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return the script."""
    review = parse(read_yaml(arguments.review), str(arguments.review))
    data = dataset(read(arguments.effects, Effect), str(arguments.effects))
    pooled = read_result(arguments.pooled, "pooled.schema.yaml")
    regression = read_result(arguments.regression, "regression.schema.yaml")
    small_study = read_result(arguments.small_study, "small_study.schema.yaml")
    return {arguments.script: r_script(review, data, pooled, regression, small_study)}


if __name__ == "__main__":
    run(step, ("review", "effects", "pooled", "regression", "small_study", "script"))

"""Compute the same numbers with an engine that shares no code with this one."""

from argparse import Namespace

import pandas as pd

from reanalysis.crosscheck import crosscheck
from reanalysis.files import dump_json, read_json
from reanalysis.steps.command import Contents, run


def step(arguments: Namespace) -> Contents:
    """Return the comparison, number by number."""
    # Text first: which columns are numbers depends on the rows that are pooled.
    effects = pd.read_csv(arguments.effects, dtype=str, keep_default_na=False)
    found = crosscheck(effects, read_json(arguments.pooled), read_json(arguments.regression))
    return {arguments.crosscheck: dump_json(found)}


if __name__ == "__main__":
    run(step, ("effects", "pooled", "regression", "crosscheck"))

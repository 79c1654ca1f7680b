"""Before Snakemake reads config.yaml, by a loader that lets a key be said twice and aliases fill a memory: refuse both."""

import sys
from pathlib import Path

from reanalysis.errors import EXIT_STATUS, ReanalysisError
from reanalysis.files import read_yaml

try:
    if not isinstance(read_yaml(Path("config.yaml")), dict):
        raise ReanalysisError(
            "this file holds no settings",
            file="config.yaml",
            remedy="write one line a setting, as in the file that is shipped",
        )
except ReanalysisError as error:
    print(error, file=sys.stderr)
    sys.exit(EXIT_STATUS)

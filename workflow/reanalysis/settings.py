"""What `config.yaml` says, checked before anything runs."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from reanalysis import schemas
from reanalysis.errors import ReanalysisError
from reanalysis.files import refuse_link_away
from reanalysis.plain_data import refuse_unfit_values

# Without these two a folder is no review.
REQUIRED = ("table.csv", "review.yaml")


def check(config: dict[str, Any], raw: Path, file: str, results: Path | None = None) -> None:
    """Refuse settings that no run can follow.

    Parameters
    ----------
    config
        The settings, as Snakemake has read and overridden them.
    raw
        The folder that holds a folder for each review.
    file
        Where the settings stand, for messages.
    results
        The folder that has or will have a folder of results for each review; where it is given, one that is a link
        to elsewhere is refused too.

    Raises
    ------
    ReanalysisError
        Where a key is unknown or its value impossible, or a review has no folder or one that is elsewhere.
    """
    refuse_unfit_values(config, file)
    schemas.check(config, "config.schema.yaml", file)
    for review, folder in itertools.product(config["reviews"], [raw, *([results] if results else [])]):
        refuse_link_away(folder / review, folder)
    for review, name in itertools.product(config["reviews"], REQUIRED):
        if not (raw / review / name).is_file():
            known = sorted(path.parent.name for path in raw.glob("*/table.csv"))
            raise ReanalysisError(
                f"the review {review!r} has no {name}",
                file=str(raw / review / name),
                remedy=f"make that file, or name one of: {', '.join(known) or '(none yet)'}",
            )

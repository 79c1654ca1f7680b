"""What `config.yaml` says, checked before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reanalysis import schemas
from reanalysis.errors import ReanalysisError


def check(config: dict[str, Any], raw: Path, file: str) -> None:
    """Refuse settings that no run can follow.

    Parameters
    ----------
    config
        The settings, as Snakemake has read and overridden them.
    raw
        The folder that holds a folder for each review.
    file
        Where the settings stand, for messages.

    Raises
    ------
    ReanalysisError
        Where a key is unknown or its value impossible, or a review has no folder.
    """
    schemas.check(config, "config.schema.yaml", file)
    for review in config["reviews"]:
        if not (raw / review / "table.csv").is_file():
            known = sorted(path.parent.name for path in raw.glob("*/table.csv"))
            raise ReanalysisError(
                f"the review {review!r} has no table",
                file=str(raw / review / "table.csv"),
                remedy=f"make that file, or name one of: {', '.join(known) or '(none yet)'}",
            )

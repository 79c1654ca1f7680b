"""Which archived version an analysis is compared with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from reanalysis.errors import ReanalysisError

PART = re.compile(r"\d+|[A-Za-z]+")

# A number of a version, or a word of it; numbers come before words, as in semantic versions.
Piece = tuple[int, int, str]


def order(version: str) -> tuple[list[Piece], bool, list[Piece], str]:
    """Return what versions are ordered by: ``0.9`` before ``0.10``, ``1.0-rc1`` before ``1.0``."""
    core, _, early = version.partition("+")[0].partition("-")
    return _pieces(core), not early, _pieces(early), version


def _pieces(text: str) -> list[Piece]:
    return [(0, int(one), "") if one.isdigit() else (1, 0, one.lower()) for one in PART.findall(text)]


def against(archives: Path, version: str, asked: str = "") -> Path | None:
    """Return the archive that a version is compared with; None where there is none.

    That is the one asked for, else the newest of a lower version. One of the same version is never taken unasked: else
    writing an archive would change the results that it holds.

    Parameters
    ----------
    archives
        The folder of archives, which may not exist.

    Raises
    ------
    ReanalysisError
        Where the version asked for is not archived.
    """
    known = {path.stem: path for path in archives.glob("*.zip")}
    if asked and asked not in known:
        raise ReanalysisError(
            f"version {asked!r} is not archived, and it is to be compared with",
            file=str(archives / f"{asked}.zip"),
            remedy="put its archive there, or give against as one of: "
            + (", ".join(sorted(known, key=order)) or "(none yet)")
            + "; one such as 0.10 in config.yaml and in quotes, as it is a number elsewhere",
        )
    chosen = asked or newest(known, version)
    return known[chosen] if chosen else None


def newest(known: Iterable[str], version: str) -> str:
    """Return the highest of some versions that is below another; empty where none is."""
    below = [one for one in known if order(one)[:3] < order(version)[:3]]
    return max(below, key=order, default="")

"""One version, one archive: written once, and never a changed analysis under an old number."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reanalysis.archive.bag import bagged
from reanalysis.archive.code import some
from reanalysis.archive.contents import LOG, Contents
from reanalysis.archive.reading import CRATE, read_archive
from reanalysis.archive.zipped import zipped
from reanalysis.errors import ReanalysisError
from reanalysis.software import TITLE

# What may change without changing the analysis: words about it, which commit it stands at, what a run said.
BESIDE = (
    *(CRATE, LOG, "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff", ".zenodo.json", "LICENSE"),
    *("data/raw/README.md", "Makefile"),
)


def packed(made: Contents, crate: bytes) -> bytes:
    """Return the archive: the crate in a bag of one folder, in a zip.

    Parameters
    ----------
    crate
        The crate's description of itself.
    """
    top = f"reanalysis-{made.config['version']}"
    facts = {"External-Identifier": top, "External-Description": TITLE}
    bag = bagged({**made.files, CRATE: crate}, facts)
    return zipped({f"{top}/{name}": content for name, content in bag.items()}, made.commit.moment)


def refuse_another(path: Path, made: Contents) -> None:
    """Refuse an analysis that is not the one archived under its version.

    Raises
    ------
    ReanalysisError
        Which names files that differ, and says to raise the version; or where the archive cannot be read.
    """
    old = read_archive(path)
    ours, theirs = _analysis(made.files), _analysis(old.files)
    unlike = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    if unlike:
        raise ReanalysisError(
            f"version {old.version} is archived, and this is another analysis: {some(unlike)} changed",
            file=str(path),
            remedy="raise the version in config.yaml, CITATION.cff and .zenodo.json, and say in CHANGELOG.md which "
            "numbers move; or undo the change: an archive is never written over",
        )


def _analysis(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: one for name, one in files.items() if name not in BESIDE}

"""A zip with the same bytes wherever it is written, and one read without trust."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from reanalysis.errors import ReanalysisError

# Stored, not compressed: libraries of compression differ in their bytes, and git finds what several archives share.
METHOD = zipfile.ZIP_STORED

# A zip knows no earlier year.
EARLIEST = (1980, 1, 1, 0, 0, 0)
UNIX = 3
MODE = 0o100644

# What an archive holds at most, in bytes, so that a few bytes cannot claim to stand for more than a memory holds.
MOST = 2**30


def zipped(files: Mapping[str, bytes], moment: int) -> bytes:
    """Return files as a zip: in the order of their paths, of one time and one mode, uncompressed.

    Parameters
    ----------
    moment
        The time that every file carries, in seconds since 1970, read as UTC.
    """
    when = time.gmtime(moment)[:6]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", METHOD) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, max(when, EARLIEST))
            entry.create_system = UNIX  # else another operating system makes other bytes
            entry.external_attr = MODE << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def unzipped(path: Path) -> dict[str, bytes]:
    """Return the files of a zip by their paths; nothing is written anywhere.

    Raises
    ------
    ReanalysisError
        Where it is no whole zip, holds more than `MOST` bytes, says a path twice, or has one that leads outside.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            _refuse(path, [one.filename for one in entries], sum(one.file_size for one in entries))
            return {one.filename: archive.read(one) for one in entries}
    except (OSError, ValueError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise ReanalysisError(
            f"this is not a whole zip archive: {error}", file=str(path), remedy="get the archive again"
        ) from error


def _refuse(path: Path, names: list[str], total: int) -> None:
    for name in names:
        if not _inside(name):
            raise ReanalysisError(
                f"this archive has a path that leads outside: {name!r}",
                file=str(path),
                remedy="do not unpack it; get the archive from where it was published",
            )
    if len(set(names)) < len(names) or total > MOST:
        raise ReanalysisError(
            "this archive says a path twice" if total <= MOST else f"this archive holds more than {MOST} bytes",
            file=str(path),
            remedy="get the archive from where it was published",
        )


def _inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name and ":" not in name

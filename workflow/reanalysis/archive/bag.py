"""BagIt (RFC 8493): files with their SHA-256, so that `sha256sum -c` can say whether they are whole."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reanalysis import manifest
from reanalysis.errors import ReanalysisError

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
PAYLOAD = "data/"
LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")


def bagged(payload: Mapping[str, bytes], facts: Mapping[str, str]) -> dict[str, bytes]:
    """Return the files of a bag by their paths in it.

    Parameters
    ----------
    payload
        What it carries, by path; no path has a line end in it.
    facts
        What `bag-info.txt` says beside the size of the payload.
    """
    content = {f"{PAYLOAD}{name}": one for name, one in payload.items()}
    size = f"{sum(map(len, content.values()))}.{len(content)}"
    info = "".join(f"{name}: {value}\n" for name, value in {**facts, "Payload-Oxum": size}.items())
    tags = {"bagit.txt": DECLARATION.encode(), "bag-info.txt": info.encode(), MANIFEST: _sums(content)}
    return content | tags | {TAG_MANIFEST: _sums(tags)}


def unbagged(files: Mapping[str, bytes], file: str) -> tuple[dict[str, bytes], list[str]]:
    """Return the payload of a bag by path, and what is wrong with the bag, one sentence each.

    A bag is wrong where a file is not the one whose SHA-256 is listed, is listed and missing, or is not listed.

    Raises
    ------
    ReanalysisError
        Where these files are no bag.
    """
    wrong: list[str] = []
    for listing, chosen in ((MANIFEST, True), (TAG_MANIFEST, False)):
        if listing not in files:
            raise ReanalysisError(
                f"this is no BagIt bag: it has no {listing}", file=file, remedy="give an archive of `snakemake archive`"
            )
        listed = _listed(files[listing], f"{file}: {listing}")
        wrong += [f"{name} is missing" for name in listed if name not in files]
        wrong += [
            f"{name} is not what was archived: its SHA-256 differs"
            for name, one in listed.items()
            if name in files and manifest.digest(files[name]) != one
        ]
        if chosen:
            wrong += [f"{name} is not listed" for name in files if name.startswith(PAYLOAD) and name not in listed]
    return {name.removeprefix(PAYLOAD): one for name, one in files.items() if name.startswith(PAYLOAD)}, wrong


def _sums(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{manifest.digest(files[name])}  {_written(name)}\n" for name in sorted(files)).encode()


def _written(name: str) -> str:
    # The one sign that both BagIt and sha256sum would need to escape, each in its own way: no file here has it.
    if re.search(r"[\r\n%\\]", name):
        raise ReanalysisError(
            "this file cannot be archived: its name has a line end, a percent sign or a backslash in it",
            file=name,
            remedy="give it another name",
        )
    return name


def _listed(content: bytes, file: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").splitlines():
        match = LINE.fullmatch(line)
        if match is None:
            raise ReanalysisError(
                f"this line gives no SHA-256 and path: {line[:100]!r}", file=file, remedy="get the archive again"
            )
        found[match[2]] = match[1].lower()
    return found

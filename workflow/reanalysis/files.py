"""Files: read with errors that name them, written whole or not at all."""

from __future__ import annotations

import errno
import json
import os
from collections import Counter
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from reanalysis import schemas
from reanalysis.digits import rounded
from reanalysis.errors import ReanalysisError
from reanalysis.plain_data import refuse_unfit_values

# A table of 200 studies with long cells has a tenth of this.
MOST_CHARACTERS = 2_000_000


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file.

    Raises
    ------
    ReanalysisError
        Where the file is missing, unreadable or not UTF-8.
    """
    try:
        # A pipe or a device may have no end.
        if path.exists() and not path.is_file():
            raise ReanalysisError(
                "this is no file", file=str(path), remedy="put a file of text in its place, or take it away"
            )
        content = path.read_bytes()
        if content.startswith((b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff")):
            raise ReanalysisError(
                "this is a spreadsheet file or UTF-16 text, not UTF-8 text",
                file=str(path),
                remedy="save it as CSV in UTF-8, with commas between the cells",
            )
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError as error:
        raise ReanalysisError(
            "this file is missing", file=str(path), remedy="data/raw/README.md lists the files of a review"
        ) from error
    except UnicodeDecodeError as error:
        raise ReanalysisError(
            f"this file is not UTF-8 (byte {error.start})", file=str(path), remedy="save it as UTF-8 text"
        ) from error
    except OSError as error:
        raise ReanalysisError(
            f"this file cannot be read: {error.strerror}",
            file=str(path),
            remedy="check its place and its permissions",
        ) from error


def read_yaml(path: Path) -> Any:  # noqa: ANN401 (a schema types it next)
    """Return what a YAML file holds, by the safe loader, with duplicate keys refused.

    Raises
    ------
    ReanalysisError
        Where the file cannot be read, or `parse_yaml` refuses it.
    """
    return parse_yaml(read_text(path), str(path))


def parse_yaml(text: str, file: str) -> Any:  # noqa: ANN401 (a schema types it next)
    """Return what YAML text holds, by the safe loader, with duplicate keys refused.

    Raises
    ------
    ReanalysisError
        Where the text is not YAML, is too long, tries to make an object, says a key twice, or holds what
        `plain_data` refuses.
    """
    refuse_longer(text, file)
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 (a subclass of the safe loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ReanalysisError(
            f"this is not YAML that can be read: {' '.join(str(error).split())}",
            file=file,
            remedy="quote text that holds a colon, a dash or a bracket, and say each key once",
        ) from error
    refuse_unfit_values(content, file)
    return content


def refuse_longer(text: str, file: str) -> None:
    """Refuse text that is longer than any review's: reading it would take longer than a person waits.

    Raises
    ------
    ReanalysisError
        Which says how long it may be.
    """
    if len(text) > MOST_CHARACTERS:
        raise ReanalysisError(
            f"this file has {len(text)} characters, more than {MOST_CHARACTERS}",
            file=file,
            remedy="keep to what is printed; split a table of thousands of studies",
        )


class _Loader(yaml.SafeLoader):
    """The safe loader, which otherwise lets the last of two equal keys win in silence.

    Aliases are refused: a few lines of them can stand for more than a memory holds. So are tags, which ask for another
    type than a value looks like, and merged mappings, which hide what a key is set to.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias (*) stands where a value should")
        event = self.peek_event()  # type: ignore[no-untyped-call]  # its annotation is missing
        if getattr(event, "tag", None) is not None:
            raise yaml.YAMLError(f"a tag ({event.tag}) stands before a value, {event.start_mark}")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            raise yaml.YAMLError(f"a mapping is merged (<<) into another, {node.start_mark}")
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        # A list or a mapping as a key is refused below.
        times = Counter(key for key in keys if isinstance(key, Hashable))
        twice = [key for key, count in times.items() if count > 1]
        if twice:
            raise yaml.YAMLError(f"the key {twice[0]!r} is said twice, {node.start_mark}")
        return super().construct_mapping(node, deep=deep)


def refuse_link_away(path: Path, folder: Path) -> None:
    """Refuse a link that leads out of a folder, or nowhere: what it names is no part of a review, and may be anything.

    Raises
    ------
    ReanalysisError
        Which names the link.
    """
    try:
        inside = not path.is_symlink() or path.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # nothing is there; it leads in a circle
        inside = False
    if not inside:
        raise ReanalysisError(
            f"this is a link that leads out of {folder}, or nowhere",
            file=str(path),
            remedy="put what it should hold in its place",
        )


def read_json(path: Path) -> Any:  # noqa: ANN401 (a schema types it)
    """Return what a JSON file holds.

    Raises
    ------
    ReanalysisError
        Where the text is not JSON.
    """
    return parse_json(read_text(path), str(path))


def parse_json(text: str, file: str) -> Any:  # noqa: ANN401 (a schema types it)
    """Return what JSON text holds.

    Raises
    ------
    ReanalysisError
        Where the text is not JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReanalysisError(
            f"this is not JSON: {error}",
            file=file,
            remedy="make it again: delete the file and run snakemake",
        ) from error


def read_result(path: Path, schema: str) -> Any:  # noqa: ANN401 (the schema types it)
    """Return what a results file holds, held against its schema.

    Raises
    ------
    ReanalysisError
        Where the text is not JSON or the schema does not allow it.
    """
    content = read_json(path)
    schemas.check(content, schema, str(path))
    return content


def dump_json(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    """Return a JSON value as text, rounded, readable, the same each time.

    Raises
    ------
    ValueError
        Where a number is not finite: a result says null where it has none.
    """
    return json.dumps(rounded(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_all(contents: Mapping[Path, str | bytes]) -> None:
    """Write several files, none of them before all of them could be made.

    Each is written beside its place and then renamed, so that a reader never sees half a file.

    Raises
    ------
    ReanalysisError
        Where a file cannot be written: none is half-written, and none is new unless a rename failed after others.
    """
    made: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
            beside = path.with_name(f".{path.name}.{os.getpid()}")
            made.append((beside, path))
            beside.write_bytes(content.encode() if isinstance(content, str) else content)
        for beside, path in made:
            beside.replace(path)
    except OSError as error:
        raise ReanalysisError(
            f"this file cannot be written: {error.strerror}",
            file=str(path),
            remedy="make room on the disk, or allow writing in the folder",
        ) from error
    finally:
        for beside, _ in made:
            beside.unlink(missing_ok=True)

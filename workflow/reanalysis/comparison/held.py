"""`against.json`: what a comparison needs of the archived version, so that a page can carry it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from reanalysis import manifest
from reanalysis.archive.reading import Archived
from reanalysis.comparison.causes import CODE, POOLED
from reanalysis.inputs import RAW

LOCK = "requirements.lock"
PACKAGE = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)


def held(archived: Archived | None, review: str, version: str, lock: str) -> dict[str, Any]:
    """Return the content of `against.json` for a review; the schema says what each key means.

    Parameters
    ----------
    version
        The version of today's analysis.
    lock
        The text of today's lock file.
    """
    then, reason = None, ""
    if archived is None:
        reason = "no lower version is archived"
    elif f"{RAW / review}/table.csv" not in archived.files or "pooled.json" not in archived.results(review):
        reason = "it does not hold this review"
    else:
        then = _then(archived, review)
    return {
        "schema_version": 1,
        "version": version,
        "against": "" if archived is None else archived.version,
        "reason": reason,
        "packages": packages(lock) if then else {},
        "then": then,
    }


def packages(lock: str) -> dict[str, str]:
    """Return the version of each package that a lock file names; several, where it depends on the machine."""
    found: dict[str, list[str]] = {}
    for name, number in PACKAGE.findall(lock):
        found.setdefault(name.lower(), []).append(number)
    return {name: ", ".join(dict.fromkeys(numbers)) for name, numbers in sorted(found.items())}


def _then(archived: Archived, review: str) -> dict[str, Any]:
    inputs, made = archived.inputs, archived.results(review)
    return {
        "commit": archived.commit,
        "settings": dict(inputs.settings),
        "files": {
            PurePosixPath(name).name: text
            for name, text in sorted(inputs.files.items())
            if PurePosixPath(name).parent == RAW / review
        },
        "packages": packages(archived.text(LOCK)) if LOCK in archived.files else {},
        "code": {
            name: manifest.digest(content)
            for name, content in sorted(archived.files.items())
            if name.startswith(CODE) and name.endswith(".py")
        },
        "pooled": _numbers(_primary(_json(made, "pooled.json")), POOLED),
        "slopes": _slopes(_json(made, "regression.json")),
    }


def _json(made: Mapping[str, bytes], name: str) -> dict[str, Any]:
    """Return a result of the archive, or nothing where it has none that can be read: its checksums were right."""
    try:
        content = json.loads(made[name])
    except (KeyError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _primary(pooled: Mapping[str, Any]) -> Mapping[str, Any]:
    found = pooled.get("primary")
    return found if isinstance(found, dict) else {}


def _numbers(record: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, float | None]:
    return {name: record.get(name) for name in names}


def _slopes(regression: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"model": model["name"], "term": one["term"], "estimate": one["estimate"]}
        for model in regression.get("models", ())
        for one in model["coefficients"][1:]
    ]

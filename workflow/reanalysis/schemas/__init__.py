"""JSON Schemas of every file a person writes or a step makes, one sentence a key."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from reanalysis.errors import ReanalysisError

if TYPE_CHECKING:
    from jsonschema import ValidationError


@cache
def schema(name: str) -> dict[str, Any]:
    """Return a schema by the name of its file, such as ``"review.schema.yaml"``."""
    text = resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def meaning(name: str, way: Sequence[str]) -> str:
    """Return the sentence of a schema about one of its keys; empty where the way leaves the schema.

    Parameters
    ----------
    name
        The schema's file.
    way
        The keys down to it; what stands for an item of an array is skipped unread.
    """
    whole = schema(name)
    waiting, last = [whole], ""
    for key in way:
        waiting = [inner for part in waiting for inner in _within(whole, part, key)]
        last = next((one["description"] for one in waiting if "description" in one), last)
    return last if waiting else ""


def _within(whole: dict[str, Any], part: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the parts of a schema that may describe a key of a part; a description beside a `$ref` goes first."""
    found = []
    for one in _alternatives(whole, part):
        properties, other = one.get("properties", {}), one.get("additionalProperties")
        if key in properties:
            found.append(properties[key])
        elif "items" in one:
            found.append(one["items"])
        elif isinstance(other, dict):
            found.append(other)
    return found


def _alternatives(whole: dict[str, Any], part: dict[str, Any]) -> list[dict[str, Any]]:
    found = [part]
    if "$ref" in part:
        found += _alternatives(whole, whole["$defs"][part["$ref"].removeprefix("#/$defs/")])
    for one in (*part.get("anyOf", ()), *part.get("oneOf", ())):
        found += _alternatives(whole, one)
    return found


def check(value: Any, name: str, file: str) -> None:  # noqa: ANN401 (any JSON value)
    """Refuse what a schema does not allow.

    Raises
    ------
    ReanalysisError
        Which names the file, the key, what stands there, and what was expected.
    """
    from jsonschema import Draft202012Validator  # noqa: PLC0415 (0.1 s that most steps do not need)
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    error = best_match(Draft202012Validator(schema(name)).iter_errors(value))
    if error is not None:
        raise _explained(error, _study(value, list(error.absolute_path)), file)


def _study(value: Any, path: list[str | int]) -> str:  # noqa: ANN401 (any JSON value)
    """Return the study that the innermost mapping on a path names; empty if none does."""
    named = ""
    for step in [None, *path]:
        value = value if step is None else value[step]
        if isinstance(value, dict) and isinstance(value.get("study"), str):
            named = value["study"]
    return named


def _explained(error: ValidationError, study: str, file: str) -> ReanalysisError:
    where = " › ".join(str(step) for step in error.absolute_path) or "the top level"
    part: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    if error.validator == "additionalProperties":
        known = list(part.get("properties", {}))
        instance: dict[str, Any] = error.instance  # type: ignore[assignment]  # only mappings have this rule
        unknown = next(str(key) for key in instance if key not in known)
        near = difflib.get_close_matches(unknown, known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return ReanalysisError(
            f"unknown key {unknown!r} at {where}",
            file=file,
            study=study,
            remedy=f"{hint}known keys: {', '.join(known)}",
        )
    description = part.get("description", "")
    return ReanalysisError(
        f"{where}: {error.message}",
        file=file,
        study=study,
        remedy=f"this key means: {description}" if description else "data/raw/README.md describes the format",
    )

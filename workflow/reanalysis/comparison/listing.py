"""What differs between two versions of an analysis, one entry a difference, each with the cause that it belongs to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import starmap
from typing import Any

from reanalysis.comparison.causes import CELLS, CORRECTIONS, DECLARATIONS, SETTINGS, STUDIES, SWITCHED
from reanalysis.comparison.mixtures import Versions
from reanalysis.corrections import same_print

# A place in a declaration, as keys from outside to inside.
Way = tuple[str, ...]

# Of review.yaml, where the name of a study is a key.
OF_STUDIES = ("primary", "inverted")


def listed(versions: Versions, content: Sequence[Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what differs in the input, in the lists of `changes.json`; the schema says what each key means.

    Parameters
    ----------
    content
        What `review.yaml` holds, then and now.
    """
    return {
        "studies": list(_studies(versions)),
        "columns": list(_columns(versions)),
        "cells": list(_cells(versions)),
        "declared": [*_entries(versions), *_review(versions, *content)],
        "settings": list(keyed(versions.then.settings, versions.now.settings)),
    }


def causes(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, int]:
    """Return how many differences each cause has that can be put in: those that have any, in their order."""
    lists = {STUDIES: "studies", SETTINGS: "settings"}
    counts = {cause: len(found[name]) for cause, name in lists.items()}
    counts[CELLS] = len(found["cells"]) + len(found["columns"])
    for one in found["declared"]:
        counts[one["cause"]] = counts.get(one["cause"], 0) + 1
    return {cause: counts[cause] for cause in SWITCHED if counts.get(cause)}


def keyed(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what differs between two mappings of names to values, each as text; None where there is none."""
    for name in dict.fromkeys((*then, *now)):
        before, after = (None if name not in one else _text(one[name]) for one in (then, now))
        if before != after:
            yield {"name": name, "then": before, "now": after}


def _studies(versions: Versions) -> Iterator[dict[str, Any]]:
    for before, after in versions.pairs:
        if before is None or after is None:
            side, row = (versions.now, after) if before is None else (versions.then, before)
            cells = "; ".join(filter(None, (" ".join(cell.split()) for cell in side.raw.rows[row or 0].values())))
            yield {
                "study": side.raw.names[row or 0],
                "row": (row or 0) + 1,
                "change": "added" if before is None else "removed",
                "printed": cells,
            }


def _columns(versions: Versions) -> Iterator[dict[str, Any]]:
    then, now = versions.then.raw.headings, versions.now.raw.headings
    yield from ({"column": one, "change": "removed"} for one in then if one not in now)
    yield from ({"column": one, "change": "added"} for one in now if one not in then)


def _cells(versions: Versions) -> Iterator[dict[str, Any]]:
    then, now = versions.then.raw, versions.now.raw
    for before, after in versions.pairs:
        if before is None or after is None:
            continue
        for column in now.headings:
            if column in then.headings and not same_print(then.rows[before][column], now.rows[after][column]):
                yield {
                    "study": now.names[after],
                    "row": after + 1,
                    "column": column,
                    "then": then.rows[before][column],
                    "now": now.rows[after][column],
                }


def _entries(versions: Versions) -> Iterator[dict[str, Any]]:
    """Yield what differs in the declarations that are lists, entry by entry."""
    for file, cause, key, of in (
        ("corrections.yaml", CORRECTIONS, "id", lambda side: [asdict(one) for one in side.raw.corrections]),
        ("judgements.csv", DECLARATIONS, "study", lambda side: side.raw.judgements),
        ("statements.csv", DECLARATIONS, "id", lambda side: side.raw.statements),
        ("claims.yaml", DECLARATIONS, "id", lambda side: side.raw.claims),
    ):
        then, now = ({one[key]: one for one in of(side)} for side in (versions.then, versions.now))
        for name in dict.fromkeys((*then, *now)):
            study = (now.get(name) or then[name]).get("study", "")
            said = STUDIES if study in versions.only and file != "claims.yaml" else cause
            yield from _declared(said, file, name, then.get(name), now.get(name))


def _declared(
    cause: str, file: str, name: str, then: Mapping[str, Any] | None, now: Mapping[str, Any] | None
) -> Iterator[dict[str, Any]]:
    where = {"cause": cause, "file": file, "entry": name}
    if then is None or now is None:
        texts = (None if one is None else "; ".join(starmap("{}: {}".format, one.items())) for one in (then, now))
        yield where | {"key": "", **dict(zip(("then", "now"), texts, strict=True))}
        return
    for one in keyed(then, now):
        if one["then"] is None or one["now"] is None or not same_print(one["then"], one["now"]):
            yield where | {"key": one["name"], "then": one["then"], "now": one["now"]}


def _review(versions: Versions, then: Any, now: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 (what YAML holds)
    """Yield what differs in `review.yaml`, leaf by leaf."""
    before, after = dict(_leaves(then)), dict(_leaves(now))
    for way in dict.fromkeys((*before, *after)):
        one, other = before.get(way), after.get(way)
        if one is None or other is None or not same_print(one, other):
            with_study = way[0] in OF_STUDIES and any(key in versions.only for key in way)
            yield {
                "cause": STUDIES if with_study else DECLARATIONS,
                "file": "review.yaml",
                "entry": "",
                "key": " › ".join(way),
                "then": one,
                "now": other,
            }


def _leaves(value: Any, way: Way = ()) -> Iterator[tuple[Way, str]]:  # noqa: ANN401 (what YAML holds)
    """Yield the way to each value that is no mapping, and its text; a list of plain values is one."""
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from _leaves(one, (*way, str(key)))
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for place, one in enumerate(value, 1):
            yield from _leaves(one, (*way, str(place)))
    else:
        yield way, _text(value)


def _text(value: Any) -> str:  # noqa: ANN401 (what YAML holds)
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)

"""Where the numbers of the page come from: what each means, the effects it was made of, the printed cells of those."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from reanalysis import schemas, wording
from reanalysis.records import Effect, Provenance
from reanalysis.report.facsimile import anchor
from reanalysis.report.material import Material
from reanalysis.routes import WAYS
from reanalysis.tables import number_text
from reanalysis.traced import AND, plain

# The way to an item of an array, in a source.
PLACE = re.compile(r"/\d+(?=/|$)")
# The tables whose rows are named in a source, and not counted.
TABLES = ("studies", "effects", "routes", "findings", "judgements", "specifications")


def lineage(material: Material, sources: Iterable[str]) -> dict[str, Any]:
    """Return what the cards of the page say, as content for JSON.

    Parameters
    ----------
    sources
        The sources of the numbers that the page shows.

    Returns
    -------
    `meanings`: by the pattern of a source, items of arrays as `*`, the sentence of its schema. `results`: by the name
    of a file, what it holds. `effects`: each printed result with its estimate, its route and its cells. `studies`: by
    row and field, the cell. `settings`: what decides the primary analysis.
    """
    patterns = sorted({pattern(one) for source in sources for one in source.split(AND)})
    return {
        "schema_version": 1,
        "settings": dict(material.settings),
        "results": {
            name: _sentence(schemas.schema(f"{name}.schema.yaml")["description"])
            for name in sorted({one.split("/")[0] for one in patterns})
        },
        "meanings": {one: _meaning(one) for one in patterns},
        "effects": [_effect(material, one) for one in material.results.effects],
        "studies": _studies(material),
    }


def pattern(source: str) -> str:
    """Return a source without the places in arrays and tables: `pooled/models/*/tau2`, `effects/*/yi`."""
    name, _, rest = source.partition("/")
    if name in TABLES and rest:
        return f"{name}/*/{rest.rpartition('/')[2]}"
    return PLACE.sub("/*", source)


def _meaning(source: str) -> str:
    name, *way = (unquote(one) for one in source.split("/"))
    if not way:
        return _sentence(schemas.schema(f"{name}.schema.yaml")["description"])
    if name in TABLES:
        way = way[1:]
    return _sentence(schemas.meaning(f"{name}.schema.yaml", way))


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _effect(material: Material, effect: Effect) -> dict[str, Any]:
    study = material.results.study(effect.row)
    way = WAYS.get(effect.route)
    return {
        "key": f"{effect.row}-{effect.item}",
        "label": plain(wording.effect_label(effect, study)),
        "included": effect.included,
        "yi": None if effect.yi is None else number_text(float(effect.yi)),
        "sei": None if effect.sei is None else number_text(float(effect.sei)),
        "route": "" if way is None else way.name,
        "formula": "" if way is None else way.formula,
        "cells": _cells(material, "estimates", effect.row, effect.item),
    }


def _cells(material: Material, table: str, row: int, item: int | None) -> list[dict[str, Any]]:
    """Return the cells that the values of a printed result were read from, each with the characters read."""
    return _grouped(
        material, (one for one in material.provenance if (one.table, one.row, one.item) == (table, row, item))
    )


def _studies(material: Material) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return by the row and the field of a study the cell that the value was read from."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for one in material.provenance:
        if one.table == "studies":
            found.setdefault(str(one.row), {})[one.field] = _grouped(material, [one])
    return found


def _grouped(material: Material, values: Iterable[Provenance]) -> list[dict[str, Any]]:
    """Return one entry a cell: `read`, pairs of a field and its characters; `anchor` on the page, or `file`."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in values:
        place = {"file": one.file}
        if one.file == "table.csv":
            if one.column not in material.raw.headings:
                continue
            place = {"anchor": anchor(one.row, material.raw.headings.index(one.column) + 1)}
        corrected = {"correction": one.correction} if one.correction else {}
        entry = found.setdefault((one.file, one.column, one.correction), {"read": []} | place | corrected)
        entry["read"].append([one.field.replace("_", " "), one.text])
    return list(found.values())


def leaves(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every cell in what `lineage` returns: the ends of all ways back from a number."""
    of_effects = [cell for one in content["effects"] for cell in one["cells"]]
    return of_effects + [cell for fields in content["studies"].values() for cells in fields.values() for cell in cells]

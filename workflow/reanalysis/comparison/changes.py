"""`changes.json`: what differs from an archived version, and what each cause moved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reanalysis import manifest, raw
from reanalysis.comparison.attribution import attribute, published, said
from reanalysis.comparison.causes import CODE, SOFTWARE
from reanalysis.comparison.listing import causes, keyed, listed
from reanalysis.comparison.mixtures import Side, Versions
from reanalysis.errors import ReanalysisError
from reanalysis.files import read_yaml, write_all
from reanalysis.imports import PACKAGE, first_party

# What computes the numbers that are compared, with all that each imports.
COMPUTES = ("extraction", "routes", "effects", "dataset", "pooling", "regression")

LISTS = ("studies", "columns", "cells", "declared", "settings", "packages", "code")


def compared(folder: Path, settings: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of `changes.json`; the schema says what each key means.

    Parameters
    ----------
    folder
        The raw folder of the review as it is now.
    settings
        What `config.yaml` tells the steps.
    held
        The content of `against.json`.

    Raises
    ------
    ReanalysisError
        Where today's input cannot be analysed.
    """
    now = Side(raw.read(folder), settings)
    empty: dict[str, Any] = {name: [] for name in (*LISTS, "causes", "quantities")}
    whole = {"schema_version": 1, **{name: held[name] for name in ("version", "against", "reason")}, "commit": ""}
    whole |= {"measure": now.raw.review.measure, "problem": "", **empty}
    then = held["then"]
    if then is None:
        return whole
    whole |= {
        "commit": then["commit"],
        "packages": list(keyed(then["packages"], held["packages"])),
        "code": _code(then["code"]),
    }
    with TemporaryDirectory(prefix="reanalysis-") as place:
        older = Path(place) / folder.name
        write_all({older / name: text for name, text in then["files"].items()})
        try:
            versions = Versions(Side(raw.read(older), then["settings"]), now)
        except ReanalysisError as error:
            return whole | {"reason": f"its input cannot be read by this version of the program ({said(error)})"}
        whole |= listed(versions, [read_yaml(one / "review.yaml") for one in (older, folder)])
    return whole | _attributed(versions, whole, published(then))


def _attributed(versions: Versions, whole: Mapping[str, Any], before: Mapping[Any, float | None]) -> dict[str, Any]:
    """Return the causes, each with how many differences it has, and what they moved."""
    counts = causes(whole)
    found = attribute(versions, tuple(counts), before)
    made = [
        {"parts": [one for one in counts if one in block], "count": sum(counts[one] for one in block)}
        for block in found.blocks
    ]
    last = {"parts": [SOFTWARE], "count": len(whole["packages"]) + len(whole["code"])}
    quantities = found.quantities
    if found.problem:
        made = []
    elif last["count"] or any(one["shares"] and one["shares"][-1] for one in quantities):
        made.append(last)
    else:
        quantities = [one | {"shares": one["shares"] and one["shares"][:-1]} for one in quantities]
    return {"causes": made, "quantities": quantities, "problem": found.problem}


def _code(then: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the modules that compute what is compared and are not what they were."""
    package = next(path for path in first_party(PACKAGE) if path.name == "__init__.py").parent
    found = []
    for path in sorted(frozenset().union(*(first_party(f"{PACKAGE}.{one}") for one in COMPUTES))):
        name = CODE + path.relative_to(package).as_posix()
        if path.suffix == ".py" and then.get(name) != manifest.digest(path.read_bytes()):
            found.append({"file": name, "change": "changed" if name in then else "added"})
    return found

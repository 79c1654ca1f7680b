"""What the page says of the claims of the source: each with its verdict, its numbers and where they were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis import formatting
from reanalysis.raw import RawReview
from reanalysis.report.facsimile import anchor
from reanalysis.review import COUNT_ROLES
from reanalysis.traced import derived, mark, size

VERDICTS = ("supported", "partly", "not supported", "contradicted", "cannot be checked")

# What a link calls the cells of a role; a result stands in several columns or in one.
CALLED = {"study": "citation", "period": "years", "counts": "patients"} | dict.fromkeys(COUNT_ROLES, "patients")


def claims(found: Mapping[str, Any], raw: RawReview) -> dict[str, Any]:
    """Return what the section shows.

    Parameters
    ----------
    found
        The content of `claims.json`.
    raw
        The review's raw folder, whose cells and statements the numbers came from.
    """
    rows = [_row(one, raw) for one in found["claims"]]
    counted = Counter(one["verdict"] for one in rows)
    said = [f"{derived(counted[verdict], found['claims'])} {verdict}" for verdict in VERDICTS if counted[verdict]]
    return {
        "rows": rows,
        "count": formatting.plural(size(found["claims"]), "statement", "statements"),
        "verdicts": ", ".join(said),
    }


def _row(claim: Mapping[str, Any], raw: RawReview) -> dict[str, Any]:
    printed = {one["id"]: one["printed"] for one in raw.statements}
    return {
        "id": claim["id"],
        "section": claim["section"],
        "claim": claim["claim"],
        "verdict": claim["verdict"],
        "because": claim["because"],
        "decided_by": claim["decided_by"],
        "numbers": [one | {"text": mark(one["text"], one["value"])} for one in claim["numbers"]],
        "cells": _cells(claim["cells"], raw),
        "statements": [{"id": one, "printed": printed[one]} for one in claim["statements"]],
    }


def _cells(cells: Sequence[Mapping[str, Any]], raw: RawReview) -> list[dict[str, Any]]:
    """Return the cells by what they hold, each with its permalink."""
    roles = {heading: role for role, heading in raw.review.columns.items()}
    groups: dict[str, list[dict[str, str]]] = {}
    for one in cells:
        called = CALLED.get(roles[one["column"]], "result") if one["column"] in roles else one["column"]
        link = {
            "study": one["study"],
            "anchor": anchor(one["row"], raw.headings.index(one["column"]) + 1),
            "printed": " ".join(one["printed"].split()),
        }
        groups.setdefault(called, []).append(link)
    return [{"called": called, "links": links} for called, links in groups.items()]

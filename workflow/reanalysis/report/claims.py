"""What the page says of the claims of the source: each with its verdict, its numbers and where they were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis.formatting import listed, plural
from reanalysis.raw import RawReview
from reanalysis.report.facsimile import anchor
from reanalysis.review import COUNT_ROLES
from reanalysis.traced import derived, mark, size

VERDICTS = ("supported", "partly", "not supported", "contradicted", "cannot be checked")

# So many statements whose verdict turns are named above the table.
MOST_NAMED = 3

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
        "count": plural(size(found["claims"]), "statement", "statements"),
        "verdicts": ", ".join(said),
        "tried": _tried(found),
    }


def _tried(found: Mapping[str, Any]) -> list[str]:
    """Return what happens to the verdicts in other readings of the table, a sentence a reading."""
    if not found["trials"]:
        return (
            ["No row of the table is in error and no correction is pending, so no verdict was tried again."]
            if found["claims"]
            else []
        )
    return [_trial(found, place, one) for place, one in enumerate(found["trials"])]


def _trial(found: Mapping[str, Any], place: int, trial: Mapping[str, Any]) -> str:
    every = [one["tried"][place] for one in found["claims"]]
    named = f"“{trial['name']}”{' (' + listed(trial['without']) + ')' if trial['without'] else ''}"
    if trial["reason"]:
        return f"Under {named} no verdict could be tried: {trial['reason']}."
    turned = [(one, one["tried"][place]) for one in found["claims"] if one["tried"][place]["flips"]]
    flips = derived(len(turned), found["claims"])
    moved = derived(sum(one["moves"] and not one["flips"] for one in every), found["claims"])
    not_tried = derived(sum(bool(one["reason"]) for one in every), found["claims"])
    said = f"{plural(flips, 'verdict is', 'verdicts are')} another one" if flips else "no verdict is another one"
    if 0 < len(turned) <= MOST_NAMED:
        told = [f"“{_short(one['claim'])}” turns from {one['verdict']} to {new['verdict']}" for one, new in turned]
        said += f" ({'; '.join(told)})"
    said += f", {moved} stay though their numbers move" if moved else ""
    said += f", {not_tried} could not be tried" if not_tried else ""
    return f"Tried again under {named}, {said}."


def _short(claim: str) -> str:
    """Return what a claim says, without the full stop, for a sentence."""
    return claim.removesuffix(".")


def _again(claim: Mapping[str, Any]) -> list[str]:
    """Return a line for each other reading of the table that turns the verdict, or in which it was not tried."""
    return [
        f"not tried under “{one['trial']}”: {one['reason']}"
        if one["reason"]
        else f"{one['verdict']} under “{one['trial']}”: {one['because']}"
        for one in claim["tried"]
        if one["flips"] or one["reason"]
    ]


def _row(claim: Mapping[str, Any], raw: RawReview) -> dict[str, Any]:
    printed = {one["id"]: one["printed"] for one in raw.statements}
    return {
        "id": claim["id"],
        "section": claim["section"],
        "claim": claim["claim"],
        "verdict": claim["verdict"],
        "because": claim["because"],
        "decided_by": claim["decided_by"],
        "again": _again(claim),
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

"""What the page says of the archived version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reanalysis import formatting
from reanalysis.comparison.causes import SLOPE
from reanalysis.comparison.lines import ABSENT, place
from reanalysis.comparison.told import cause_name, move_text, quantity_name, summary, value_text


def changes(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the section shows.

    Parameters
    ----------
    found
        The content of `changes.json`.
    """
    measure = found["measure"]
    return {
        "said": summary(found),
        "against": found["against"],
        "commit": found["commit"],
        "compared": not found["reason"],
        "causes": [{"name": cause_name(one["parts"]), "count": _counted(one["count"])} for one in found["causes"]],
        "quantities": [_quantity(one, measure, len(found["causes"])) for one in found["quantities"]],
        "cells": _cells(found),
        "declared": [_turned(one, place(one), "declared", number) for number, one in enumerate(found["declared"])],
        "software": [
            _turned(one, one["name"], name, number)
            for name in ("settings", "packages")
            for number, one in enumerate(found[name])
        ],
        "code": [
            {"of": f"changes/code/{number}", "name": one["file"], "change": one["change"]}
            for number, one in enumerate(found["code"])
        ],
    }


def _counted(count: int) -> str:
    return formatting.plural(count, "difference", "differences").replace(" ", formatting.NO_BREAK)


def _quantity(one: Mapping[str, Any], measure: str, causes: int) -> dict[str, Any]:
    shares = one["shares"]
    return {
        "name": quantity_name(one, measure),
        "slope": one["quantity"] == SLOPE,
        "then": value_text(one, "then", measure),
        "now": value_text(one, "now", measure),
        "move": move_text(one, one["move"], measure),
        "shares": [move_text(one, share, measure) for share in shares] if shares is not None else [],
        "reason": one["reason"] if causes else "",
    }


def _cells(found: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the differences of the table: rows, columns, cells."""
    rows = [
        {"of": f"changes/studies/{number}", "study": one["study"], "column": "(the row)"}
        | _sides(one["change"], one["printed"])
        for number, one in enumerate(found["studies"])
    ]
    rows += [
        {"of": f"changes/columns/{number}", "study": "(the column)", "column": one["column"]}
        | _sides(one["change"], "(its cells)")
        for number, one in enumerate(found["columns"])
    ]
    return rows + [
        {"of": f"changes/cells/{number}", **{name: one[name] for name in ("study", "column", "then", "now")}}
        for number, one in enumerate(found["cells"])
    ]


def _sides(change: str, text: str) -> dict[str, str]:
    return {"then": ABSENT, "now": text} if change == "added" else {"then": text, "now": ABSENT}


def _turned(one: Mapping[str, Any], name: str, of: str, number: int) -> dict[str, str]:
    sides = {side: ABSENT if one[side] is None else one[side] for side in ("then", "now")}
    return {"of": f"changes/{of}/{number}", "name": name, "kind": of, **sides}

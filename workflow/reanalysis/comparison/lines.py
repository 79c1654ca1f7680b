"""Every difference from an archived version, a line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reanalysis.comparison.told import summary

ABSENT = "(nothing)"


def lines(changes: Mapping[str, Any]) -> list[str]:
    """Return what changed as indented lines: the sentences, then every difference."""
    return [f"  {one}" for one in (*summary(changes), *differences(changes))]


def differences(changes: Mapping[str, Any]) -> list[str]:
    """Return every difference as one line."""
    found = [f"study {one['change']}: {one['study']}" for one in changes["studies"]]
    found += [f"column {one['change']}: {one['column']}" for one in changes["columns"]]
    found += [f"cell: {one['study']}, {one['column']}: {turned(one)}" for one in changes["cells"]]
    found += [f"{place(one)}: {turned(one)}" for one in changes["declared"]]
    found += [f"setting: {one['name']}: {turned(one)}" for one in changes["settings"]]
    found += [f"package: {one['name']}: {turned(one)}" for one in changes["packages"]]
    return found + [f"code: {one['file']} {one['change']}" for one in changes["code"]]


def place(one: Mapping[str, Any]) -> str:
    """Return where a declaration stands: its file, entry and key."""
    return ", ".join(part for part in (one["file"], one["entry"], one["key"]) if part)


def turned(one: Mapping[str, Any]) -> str:
    """Return what a text was and is, on one line."""
    then, now = (ABSENT if one[name] is None else " ".join(one[name].split()) for name in ("then", "now"))
    return f"{then} → {now}"

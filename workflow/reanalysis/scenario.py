"""Named departures from the primary analysis, as `review.yaml` declares them under `scenarios`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

# What stands in front of the second of two scenarios that are taken together.
AND = " + "

# Instead of a list of corrections: every one that the primary analysis does not apply.
ALL = "all"


@dataclass(frozen=True)
class Scenario:
    """One departure from the primary analysis; the schema of `review.yaml` says what each key means.

    Parameters
    ----------
    parts
        The names of the scenarios that it was combined from; its own name alone where it was declared.
    """

    name: str
    why: str = ""
    correct: tuple[str, ...] = ()
    outcome: str = ""
    contrast: Mapping[str, str] = field(default_factory=dict)
    routes: tuple[str, ...] = ()
    as_printed: tuple[str, ...] = ()
    take_in: tuple[str, ...] = ()
    keep: Mapping[str, Sequence[str]] = field(default_factory=dict)
    leave_out: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unusable: str = ""
    parts: tuple[str, ...] = ()


PRIMARY = Scenario("primary analysis")


def declared(content: Mapping[str, Mapping[str, Any]]) -> list[Scenario]:
    """Return the scenarios that the content of a `review.yaml` declares, in its order."""
    return [Scenario(name, **_read(one), parts=(name,)) for name, one in content.items()]


def _read(one: Mapping[str, Any]) -> dict[str, Any]:
    lists = ("correct", "routes", "as_printed", "take_in")
    return {
        key: ((value,) if isinstance(value, str) else tuple(value)) if key in lists else value
        for key, value in one.items()
    }


def combined(one: Scenario, other: Scenario) -> Scenario | None:
    """Return both departures as one; None where they ask for different things of the same choice."""
    made: dict[str, Any] = {}
    for name in (item.name for item in fields(Scenario) if item.name not in ("name", "why", "parts")):
        first, second = getattr(one, name), getattr(other, name)
        if not first or not second:
            made[name] = first or second
        elif isinstance(first, Mapping):
            if any(first[key] != second[key] for key in first.keys() & second.keys()):
                return None
            made[name] = {**first, **second}
        elif name in ("correct", "as_printed", "take_in"):
            made[name] = tuple(dict.fromkeys(first + second))
        elif first == second:
            made[name] = first
        else:
            return None
    return Scenario(one.name + AND + other.name, parts=one.parts + other.parts, **made)

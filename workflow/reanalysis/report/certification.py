"""What the page says of the second computation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reanalysis.traced import derived


def left_out(certification: Mapping[str, Any]) -> str:
    """Return how many of the models without one study were computed again; empty where there are none."""
    parts = certification["left_out"]
    if not parts:
        return ""
    if all(one["certified"] == one["of"] for one in parts):
        return "Every model without one study is among them."
    counts = ", ".join(f"{one['certified']} of {one['of']} of {_model(one['part'])}" for one in parts)
    return (
        "Of the models without one study, those without the studies of the largest weight and without others evenly "
        f"spread in the table are among them: {counts}."
    )


def _model(part: str) -> str:
    return "the pool" if part == "pooled" else f"the regression on {part.removeprefix('regression ')}"


def agreement(certification: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each kind of number computed twice: its `name`, `count` and least `digits` that agree."""
    left_out = tuple(f"{one['part']} without " for one in certification["left_out"])
    kinds: dict[str, list[Any]] = {}
    for one in certification["comparisons"]:
        if one["part"].startswith(left_out):
            name = "Models without one study"
        else:
            name = "Meta-regressions" if one["part"].startswith("regression ") else "Pooled models"
        kinds.setdefault(name, []).append(one["digits"])
    kinds["Models of data made up to break an engine"] = [one["digits"] for one in certification["stress"]]
    return [
        {
            "name": name,
            "count": derived(len(digits), certification["comparisons"]),
            "digits": min(digits),
        }
        for name, digits in kinds.items()
        if digits
    ]

"""What the page says of the second computation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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

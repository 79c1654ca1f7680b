"""The scripts of the page, each with the checksum by which the page's policy lets it run."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

# In the order in which the page runs them.
NAMES = ("cards",)


def scripts() -> list[dict[str, str]]:
    """Return the `text` of each script and its `hash`, as a Content-Security-Policy names it."""
    texts = [resources.files(__package__).joinpath(f"{name}.js").read_text(encoding="utf-8") for name in NAMES]
    return [{"text": text, "hash": f"'sha256-{_checksum(text)}'"} for text in texts]


def _checksum(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

"""The page's scripts, each with the hash by which the page's policy lets it run and nothing else, and their data."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any

# In the order in which they run. The page is complete without any of them.
NAMES = ("sorting.js", "explorer.js", "cards.js")


def scripts() -> list[dict[str, str]]:
    """Return each script's text, and its hash as a content security policy writes it (``sha256-…``)."""
    return [{"text": text, "hash": _hash(text)} for text in map(_text, NAMES)]


def in_script(content: Any) -> str:  # noqa: ANN401 (what JSON holds)
    """Return content as JSON that can stand inside a script element of the page."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Inside a script element only "<" can end it or open a comment.
    return text.replace("<", "\\u003c")


def _text(name: str) -> str:
    text = (files("reanalysis.report") / name).read_text(encoding="utf-8")
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError(f"{name}: a script that stands in a page cannot hold its own end or the start of a comment")
    return text


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"

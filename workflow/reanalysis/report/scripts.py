"""The page's scripts, and the hash of each, by which the page's policy lets it run and nothing else."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

# In the order in which they run. The page is complete without any of them.
NAMES = ("sorting.js", "explorer.js", "cards.js")


def scripts() -> list[dict[str, str]]:
    """Return each script's text, and its hash as a content security policy writes it (``sha256-…``)."""
    return [{"text": text, "hash": _hash(text)} for text in map(_text, NAMES)]


def _text(name: str) -> str:
    text = (files("reanalysis.report") / name).read_text(encoding="utf-8")
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError(f"{name}: a script that stands in a page cannot hold its own end or the start of a comment")
    return text


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"

"""What the results of a hostile input may not be: a page that runs what a cell says, a file that is misread."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from reanalysis.tables import FORMULA_STARTS, PLAIN_NUMBER

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from pages import Node, tree

# Elements by which a page loads, embeds or sends something, or changes what its addresses mean.
FORBIDDEN = {
    "iframe",
    "frame",
    "object",
    "embed",
    "base",
    "link",
    "img",
    "image",
    "video",
    "audio",
    "source",
    "applet",
    "portal",
}
FORBIDDEN |= {"animate", "set", "foreignobject"}
ADDRESSES = ("href", "xlink:href", "src", "action", "formaction", "srcset", "poster", "data", "ping", "background")
SHOWN_BY = re.compile(r"url\((?!#)|expression\(|@import", re.IGNORECASE)
TARGET = re.compile(r"#.*|https://.*|(?:figures/)?\w+(?:\.\w+){1,2}")
RIS_LINE = re.compile(r"(?:[A-Z][A-Z0-9]  - .*)?")


def oddities(folder: Path) -> list[str]:
    """Return what is wrong with the files of a review's results; each file is read as its format asks."""
    found: list[str] = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        checks = {
            ".html": _page,
            ".svg": _picture,
            ".csv": _table,
            ".json": _values,
            ".ris": _references,
            ".R": _script,
        }
        check = checks.get(path.suffix)
        if check is not None:
            found += [f"{path.relative_to(folder)}: {said}" for said in check(path.read_text(encoding="utf-8"), folder)]
    return found


def _page(text: str, _: Path) -> Iterator[str]:
    root = tree(text)
    every = list(root.every())
    policy = next(
        (
            one.attributes["content"]
            for one in every
            if one.attributes.get("http-equiv", "") == "Content-Security-Policy"
        ),
        "",
    )
    if (
        not {"default-src 'none'", "require-trusted-types-for 'script'"} <= set(re.split(r"\s*;\s*", policy))
        or "unsafe-inline" in policy.split("script-src")[-1]
    ):
        yield f"its policy is {policy!r}"
    if (
        next((one.name for one in every if one.name in {"script", "style", "svg"}), "")
        and policy not in text.split("<style", 1)[0]
    ):
        yield "its policy stands behind what it is for"
    yield from _scripts(every, policy)
    yield from _elements(every)
    for one in every:
        target = one.attributes.get("href", "")
        if one.name == "a" and not TARGET.fullmatch(target):
            yield f"a link to {target!r}"


def _scripts(every: list[Node], policy: str) -> Iterator[str]:
    allowed = set(re.findall(r"'(sha256-[^']+)'", policy))
    ran = []
    for one in every:
        if one.name == "script":
            text = "".join(one.texts)
            if one.attributes.get("type") in {"application/json", "application/ld+json"}:
                json.loads(text)
            else:
                ran.append(f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}")
    if set(ran) != allowed or len(ran) != len(allowed):
        yield f"{len(ran)} scripts run, {len(allowed)} are allowed"


def _elements(every: list[Node]) -> Iterator[str]:
    for one in every:
        if one.name.lower() in FORBIDDEN:
            yield f"an element {one.name}"
        for name, value in one.attributes.items():
            if name.lower().startswith("on") or name.lower() == "srcdoc":
                yield f"an attribute {name}={value!r}"
            if name.lower() in ADDRESSES and re.match(r"\s*(?!https:)[a-z][a-z0-9+.-]*:|\s*//", value, re.IGNORECASE):
                yield f"an address {value!r}"
            if name.lower() == "style" and SHOWN_BY.search(value):
                yield f"a style {value!r}"


def _picture(text: str, _: Path) -> Iterator[str]:
    # What matplotlib wrote, whose heading names a DTD; an entity in it would be an error here, not a bomb.
    every = ET.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", text, count=1)).iter()  # noqa: S314 (made by this project)
    made = [
        Node(one.tag.rpartition("}")[2], {name.rpartition("}")[2]: value for name, value in one.attrib.items()})
        for one in every
        if isinstance(one.tag, str)
    ]
    yield from _elements(
        [one for one in made if not one.attributes.get("href", "").startswith("data:image/png;base64,")]
    )
    if any(one.name == "script" for one in made):
        yield "a script"


def _table(text: str, _: Path) -> Iterator[str]:
    for row in csv.reader(io.StringIO(text), strict=True):
        for cell in row:
            if len(cell.strip()) > 1 and cell.strip().startswith(FORMULA_STARTS) and not PLAIN_NUMBER.fullmatch(cell):
                yield f"a formula {cell[:60]!r}"


def _values(text: str, _: Path) -> Iterator[str]:
    try:
        json.loads(text, parse_constant=lambda name: (_ for _ in ()).throw(ValueError(name)))
    except ValueError as error:
        yield f"not JSON: {error}"


def _references(text: str, _: Path) -> Iterator[str]:
    yield from (f"a line {line[:60]!r}" for line in text.split("\n") if not RIS_LINE.fullmatch(line))
    if text.count("\nER  - ") != text.count("TY  - ") or re.search(r"[^\n]TY  - ", text):
        yield "a reference inside another"


def _script(text: str, _: Path) -> Iterator[str]:
    # What is left of R code without its comments and strings has letters, numbers and operators of ASCII alone.
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|#[^\n]*', "", text)
    if (
        '"' in bare
        or not bare.isascii()
        or re.search(r"\b(?:system2?|shell|eval|parse|unlink|download\.file)\s*\(", bare)
    ):
        yield "a string that is open, or a call of a shell"

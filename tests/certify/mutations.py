"""Files that nobody should write, made from good ones: each a change of one file of a review, or of the settings.

Every function takes the generator of random choices first and returns the new bytes of a file, so that an input is
known by its seed and its number alone.
"""

from __future__ import annotations

import copy
import csv
import io
import random
from collections.abc import Callable
from typing import Any

import yaml
from nasty import HOSTILE_YAML, LONG, NASTY, VALUES

Bytes = Callable[[random.Random, bytes], bytes]


def text(rng: random.Random) -> str:
    """Return a nasty text, now and then a very long one."""
    if rng.random() < 0.004:
        return rng.choice(["a", "1", "(", "é", "0.5 ", "=", "\n", " "]) * LONG
    return rng.choice(NASTY)


def cell(rng: random.Random, old: str) -> str:
    """Return another cell in the place of one: replaced, or changed in some characters."""
    way = rng.randrange(8)
    if way == 0 or not old:
        return text(rng)
    at = rng.randrange(len(old) + 1)
    if way <= 3:
        digits = [place for place, one in enumerate(old) if one.isdigit()]
        for place in rng.sample(digits, min(len(digits), rng.randint(1, 3))):
            old = old[:place] + rng.choice("0123456789") + old[place + 1 :]
        return old
    if way == 4:
        return old[:at] + text(rng) + old[at:]
    if way == 5:
        return old[:at] + old[min(len(old), at + rng.randint(1, 4)) :]
    if way == 6:
        return old[:at] + rng.choice("()[]-–/,.;:=<>%±0 \n\"'") + old[at:]
    return old + " " + old


def of_cells(rng: random.Random, old: bytes) -> bytes:
    """Return a CSV file with one to three cells changed, most of them below the headings."""
    rows = list(csv.reader(io.StringIO(old.decode(), newline="")))
    for _ in range(rng.choice([1, 1, 2, 3])):
        row = rows[rng.randrange(0 if rng.random() < 0.1 else 1, len(rows))]
        column = rng.randrange(len(row))
        row[column] = cell(rng, row[column])
    return _csv(rows)


def of_shape(rng: random.Random, old: bytes) -> bytes:
    """Return a CSV file with rows or columns lost, doubled, moved, or a thousand more of them."""
    rows = list(csv.reader(io.StringIO(old.decode(), newline="")))
    row, column = rng.randrange(len(rows)), rng.randrange(len(rows[0]))
    way = rng.randrange(9)
    if way == 0:
        del rows[row]
    elif way == 1:
        rows = rows[: rng.randint(0, 4)]
    elif way == 2:
        rows.insert(row, list(rows[row]))
    elif way == 3:
        rows = [one[:column] + one[column + 1 :] for one in rows]
    elif way == 4:
        rows[row] = rows[row][:column]
    elif way == 5:
        wide = rng.choice([1, 1000])
        rows = [one + [f"{'c' if n == 0 else ''}{m}" for m in range(wide)] for n, one in enumerate(rows)]
    elif way == 6:
        rows = [rows[0], *[[f"{one[0]} {n}", *one[1:]] for n in range(rng.choice([2, 20])) for one in rows[1:]]]
    elif way == 7:
        rng.shuffle(rows)
    else:
        rows = [[one[(place + column) % len(one)] for place in range(len(one))] for one in rows]
    return _csv(rows)


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def of_bytes(rng: random.Random, old: bytes) -> bytes:
    """Return a file that was saved wrongly, cut, or hit."""
    at = rng.randrange(len(old) + 1)
    ways: list[Callable[[], bytes]] = [
        lambda: b"",
        lambda: b"\xef\xbb\xbf" + old,
        lambda: b"\xef\xbb\xbf\xef\xbb\xbf" + old,
        lambda: old.replace(b"\n", b"\r\n"),
        lambda: old.replace(b"\n", b"\r"),
        lambda: old.decode().encode("latin-1", "replace") + b"\xe9",
        lambda: old.decode().encode("utf-16"),
        lambda: old.decode().encode("utf-32"),
        lambda: old.decode().encode("cp1252", "replace").decode("utf-8", "replace").encode(),
        lambda: old[:at],
        lambda: old[at:],
        lambda: old[:at] + bytes([rng.randrange(256)]) + old[at + 1 :],
        lambda: (
            old[:at] + rng.choice([b"\0", b'"', b"\r", b",", b"\xff", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"]) + old[at:]
        ),
        lambda: old[:at] + text(rng).encode("utf-8", "surrogatepass") + old[at:],
        lambda: old.replace(b",", rng.choice([b";", b"\t", b",,"])),
        lambda: old + old,
        lambda: b"PK\x03\x04" + old,
        lambda: rng.randbytes(200),
    ]
    return rng.choice(ways)()


def _ways(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 (what YAML holds)
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(one for key, part in inner for one in _ways(part, (*way, key)))]


def _value(rng: random.Random) -> Any:  # noqa: ANN401 (what YAML holds)
    return copy.deepcopy(rng.choice(VALUES))


def changed(rng: random.Random, content: Any) -> Any:  # noqa: ANN401 (what YAML holds)
    """Return what a YAML file holds with one value, key or item changed."""
    way = rng.choice(_ways(content))
    if not way:
        return _value(rng) if rng.random() < 0.1 else changed(rng, content)
    at = content
    for key in way[:-1]:
        at = at[key]
    last, old = way[-1], at[way[-1]]
    kind = rng.randrange(6)
    if kind == 0:
        at[last] = _value(rng)
    elif kind == 1:
        del at[last]
    elif kind == 2 and isinstance(at, dict):
        at[rng.choice([text(rng), rng.choice([1, None, 1.5, True, b"x"]), f"{last}s"])] = at.pop(last)
    elif kind == 2:
        at.append(copy.deepcopy(old))
    elif isinstance(old, str):
        at[last] = cell(rng, old)
    elif isinstance(old, bool) or not isinstance(old, (int, float)):
        at[last] = text(rng) if rng.random() < 0.5 else _value(rng)
    elif isinstance(old, int):
        at[last] = old * rng.choice([0, -1, 2, 10, 10**30]) + rng.choice([0, 0, 1])
    else:
        at[last] = old * rng.choice([0, -1, 2, 10, 1e3, 1e-9, 1e300, 0.999])
    return content


def of_values(rng: random.Random, old: bytes) -> bytes:
    """Return a YAML file with one to three of its values, keys or items changed."""
    content = yaml.safe_load(old)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        content = changed(rng, content)
        if not isinstance(content, (dict, list)) or not content:
            break
    return yaml.safe_dump(content, allow_unicode=rng.random() < 0.5, sort_keys=False).encode("utf-8", "surrogatepass")


def of_yaml(rng: random.Random, old: bytes) -> bytes:
    """Return hostile YAML alone, or before, behind or inside a file."""
    hostile = rng.choice(HOSTILE_YAML)
    lines = old.decode().splitlines(keepends=True)
    at = rng.randrange(len(lines) + 1)
    new = rng.choice(
        [hostile, "".join(lines) + hostile, hostile + "".join(lines), "".join([*lines[:at], hostile, *lines[at:]])]
    )
    return new.encode("utf-8", "surrogatepass")


def mutated(rng: random.Random, name: str, old: bytes) -> bytes:
    """Return a file of a review changed in a way that fits its format."""
    if name.endswith(".csv"):
        return rng.choices([of_cells, of_shape, of_bytes], [12, 3, 2])[0](rng, old)
    return rng.choices([of_values, of_yaml, of_bytes], [12, 4, 2])[0](rng, old)

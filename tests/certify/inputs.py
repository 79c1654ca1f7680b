"""The inputs of a fuzzing run, each known by its seed and number: a review with one file, or the settings, changed."""

from __future__ import annotations

import copy
import os
import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parent))
import mutations

ROOT = Path(__file__).resolve().parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))

WHY = {"reason": "r", "source": "s"}

# A review whose columns are split, in words and numbers that the shipped ones do not have.
SMALL = {
    "review.yaml": yaml.safe_dump(
        {
            "title": "Made", "source": {"citation": "Nobody A. J Nothing 2001;1:1", "table": "Table 1"},
            "measure": "OR",
            "favours": {"below": "drug", "above": "placebo"}, "outcome": "death", "level": 0.9, "p_sides": 2,
            "columns": {
                "study": "Trial", "year": "Year", "n": "N", "estimate": "OR", "lower": "Low", "upper": "High", "p": "P",
                "events_treated": "Events", "events_control": "Controls' events", "n_treated": "Drug",
                "n_control": "Placebo", "outcome": "End", "se": "SE",
            },
            "moderators": ["year", "Dose", ["year", "log_n"]], "subgroups": {"column": "Ward"},
            "scenarios": {"early": {"keep": {"Ward": ["A"]}}, "by counts": {"routes": ["counts"]}},
        },
        sort_keys=False,
    ),
    "table.csv": "Trial,Year,N,OR,Low,High,P,Events,Controls' events,Drug,Placebo,End,SE,Dose,Ward\n"
    "Ayer,1990,100,0.5,0.3,0.9,0.02,10,20,50,50,death,,5,A\nBell,1994,240,0.8,,,0.3,20,24,120,120,death,,10,B\n"
    "Cole,1999,60,1.2,,,,6,5,30,30,death,0.6,20,A\nDunn,2003,,0.7,0.4,1.2,,,,,,death,,5,B\n"
    "Eve,2004,90,,,,,9,0,45,45,death,,,\n",
    "corrections.yaml": yaml.safe_dump([
        {"id": "1", "study": "Ayer", "column": "N", "printed": "100", "corrected": "101", "status": "applied"} | WHY,
        {"id": "2", "study": "Bell", "column": "N", "printed": "240", "corrected": "24", "status": "sensitivity"} | WHY,
    ]),
}  # fmt: skip


@dataclass(frozen=True)
class Input:
    """One input: its number and seed, a review's files as bytes, the settings, and what was changed."""

    name: str
    review: str
    contents: dict[str, bytes]
    config: Any
    special: Callable[[Path], None] | None = None


def bases() -> dict[str, dict[str, bytes]]:
    """Return the reviews that inputs are made from: the files of each."""
    shipped = {
        folder.name: {
            path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in (".csv", ".yaml")
        }
        for folder in sorted((ROOT / "data" / "raw").iterdir())
        if folder.is_dir()
    }
    return {**shipped, "small": {name: content.encode() for name, content in SMALL.items()}}


def special(rng: random.Random, outside: Path) -> tuple[str, Callable[[Path], None]]:
    """Return a name and a change of a review's folder that no file's bytes can make."""
    name = rng.choice(
        ["table.csv", "review.yaml", "corrections.yaml", "judgements.csv", "statements.csv", "claims.yaml"]
    )
    other = rng.choice(["tables.csv", "review.yml", "\u202e.csv", "-rf.csv", "$(id).yaml", "a\nb.csv", "\udcff.csv"])

    def replaced(make: Callable[[Path], None]) -> Callable[[Path], None]:
        def change(folder: Path) -> None:
            (folder / name).unlink(missing_ok=True)
            make(folder / name)

        return change

    ways: dict[str, Callable[[Path], None]] = {
        "missing": replaced(lambda _: None),
        "folder": replaced(lambda path: path.mkdir()),
        "pipe": replaced(os.mkfifo),
        "link away": replaced(lambda path: path.symlink_to(outside / "secret.csv")),
        "link to nothing": replaced(lambda path: path.symlink_to(outside / "nothing")),
        "link to itself": replaced(lambda path: path.symlink_to(path)),
        "link to a device": replaced(lambda path: path.symlink_to("/dev/zero")),
        "link within": replaced(lambda path: path.symlink_to("review.yaml")),
        f"another file {other!r}": lambda folder: (folder / other).write_text("x"),
    }
    way = rng.choice(list(ways))
    return f"{name}: {way}", ways[way]


NAMES = [
    "../small", "..", ".", "/etc", "small/../../x", "small\n", "small ", "Small", "-small", "a" * 300, "", "sm\0all",
    "small/", "%2e%2e", "x;id", "$(id)", "~", "con", "small\u202e", "nothing", 1, None, ["small"], {"a": 1},
]  # fmt: skip


def config(rng: random.Random) -> tuple[str, Any]:
    """Return what was done to the settings, and the settings: text where they are to be read from a file."""
    content = copy.deepcopy(CONFIG) | {"reviews": ["small"]}
    way = rng.randrange(3)
    if way == 0:
        content["reviews"] = rng.choice([[rng.choice(NAMES)], ["small", rng.choice(NAMES)], rng.choice(NAMES)])
        return "names", content
    if way == 1:
        return "values", mutations.changed(rng, content)
    old = yaml.safe_dump(content).encode()
    return "text", rng.choice([mutations.of_yaml, mutations.of_bytes, mutations.of_values])(rng, old)


def make(number: int, seed: int, known: dict[str, dict[str, bytes]], outside: Path) -> Input:
    """Return an input by its number and seed."""
    rng = random.Random(f"{seed}-{number}")  # noqa: S311 (no secret)
    return drawn(rng, str(number), known, outside)


def drawn(rng: random.Random, number: str, known: dict[str, dict[str, bytes]], outside: Path) -> Input:
    """Return an input as its choices fall; `number` names it."""
    review = rng.choices(sorted(known), [1 if name == "le-scodan-2010" else 2 for name in sorted(known)])[0]
    contents = dict(known[review])
    kind = rng.random()
    if kind < 0.12:
        what, settings_ = config(rng)
        return Input(f"{number}: config {what}", "small", dict(known["small"]), settings_)
    if kind < 0.15:
        what, change = special(rng, outside)
        return Input(f"{number}: {review}, {what}", review, contents, CONFIG, change)
    weights = {
        "table.csv": 10,
        "review.yaml": 7,
        "corrections.yaml": 3,
        "judgements.csv": 2,
        "statements.csv": 2,
        "claims.yaml": 1,
    }
    present = sorted(contents)
    name = rng.choices(present, [weights[one] for one in present])[0]
    contents[name] = mutations.mutated(rng, name, contents[name])
    if name != "claims.yaml" and rng.random() < 0.8:  # they take most of the time, and are as shipped
        contents.pop("claims.yaml", None)
    return Input(f"{number}: {review}, {name}", review, contents, CONFIG)


def put(folder: Path, one: Input) -> None:
    """Write an input's files into a review's folder, which has none of another input."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in one.contents.items():
        (folder / name).write_bytes(content)
    if one.special:
        one.special(folder)

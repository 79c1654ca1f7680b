"""Whether any input breaks the workflow: a changed table, review.yaml, corrections, statements, claims or settings.

Each input is one of the shipped reviews, or a small one whose columns are split, with one of its files changed
(`mutations.py`). It goes through the steps in this process, each with its own limit of time: all of them read, work
back, check and pool; some of those that are accepted go on to the page. What may come out is a result, or a
`ReanalysisError` that says its file and its remedy. Anything else is a finding: another exception, a step that does not
end, a warning, a file opened for writing outside the results, a process or a connection started.

Run as `python tests/certify/fuzz.py [inputs] [seed]`; it prints what happened, and fails where there is a finding.
"""

from __future__ import annotations

import contextlib
import copy
import faulthandler
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from reanalysis import files, settings
from reanalysis.commands import recompute
from reanalysis.errors import ReanalysisError, visible
from reanalysis.figures import style
from reanalysis.files import read_yaml, write_all
from reanalysis.steps.command import SETTINGS

sys.path.insert(0, str(Path(__file__).parent))
from inputs import CONFIG, Input, bases, make, put
from outputs import oddities
from watch import WATCH

FIRST = ("extract", "reconstruct", "check", "pool")
THEN = (
    "regress", "subgroups", "rounding", "audit", "influence", "subsets", "crosscheck", "certify", "dependence",
    "elsewhere",
    "multiverse", "confounding", "small_study", "claims", "r_script", "draw", "report",
)  # fmt: skip
# The review whose pool the first one sets beside its own.
COMPANION = "randomised-trials"

# Of so many accepted inputs one goes the whole way.
WHOLE = 150
# So many seconds may an input take as far as the pool, and to the page, on a machine that does other things too.
LIMIT, WHOLE_LIMIT = 20.0, 180.0
# What an input may make the process need, in bytes: a message says so where a bomb goes off.
MEMORY = 6 * 2**30


class Late(BaseException):
    """An input whose time is over; no `except Exception` may catch it."""


@dataclass
class Report:
    """What a run found."""

    inputs: int = 0
    accepted: int = 0
    pooled: int = 0
    whole: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    slowest_whole: tuple[float, str] = (0.0, "")


def arguments(project: Path, review: str, config: dict[str, Any]) -> dict[str, Namespace]:
    """Return the arguments of every step of a review, by step."""
    # As the workflow writes them on a command line. Fewer draws than it asks for: time is short, and chance no input.
    texts = {
        name: " ".join(value) if name == "routes" else str(value) for name, value in config.items() if name in SETTINGS
    }
    said = {name: SETTINGS[name](text) for name, text in texts.items()}
    said |= {name: min(said[name], 1000) for name in ("draws", "permutations")}  # type: ignore[type-var]
    whole = {step: recompute.arguments(step, project, review, said) for step in (*FIRST, *THEN)}
    del whole["draw"].formats  # all of them are drawn
    return whole


def config_of(one: Input, project: Path) -> dict[str, Any]:
    """Return an input's settings, checked as the workflow checks them."""
    content, file = one.config, project / "config.yaml"
    if isinstance(content, bytes):
        file.write_bytes(content)
        content = read_yaml(file)
    settings.check(content, project / "data" / "raw", "config.yaml")
    return dict(content)


def through(project: Path, one: Input, steps: tuple[str, ...]) -> None:
    """Bring an input through steps, each of which writes its files."""
    config = config_of(one, project)
    for review in [one.review] if one.config is CONFIG else config["reviews"]:
        said = arguments(project, review, config)
        for step in steps:
            write_all(import_module(f"reanalysis.steps.{step}").step(said[step]))


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `Late` in what takes longer; end the process, with its stack, where not even that helps."""

    def late(*_: object) -> None:
        raise Late

    faulthandler.dump_traceback_later(seconds * 3, exit=True)
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        faulthandler.cancel_dump_traceback_later()


def kind(error: ReanalysisError) -> str:
    """Return which file an error is about and what it says, without what it quotes."""
    said = re.sub(r"/\S+|'[^']*'|\"[^\"]*\"|\([^)]*\)|\d+|U\+\w+|›.*", "…", error.problem.split(": ")[0])
    return visible(f"{Path(error.file).name} | {said}", 90)


def unclear(error: ReanalysisError) -> str:
    """Return what an error's message lacks; empty where it lacks nothing."""
    said = str(error)
    if not error.file:
        return "names no file"
    if not error.remedy:
        return "has no remedy"
    if len(said) > 4000:
        return f"is {len(said)} characters long"
    if not said.replace("\n", "").isprintable():
        return "has characters that cannot be printed"
    return ""


def reviews(one: Input) -> list[str]:
    """Return the reviews that an accepted input asks for."""
    return [one.review] if one.config is CONFIG or not isinstance(one.config, dict) else one.config["reviews"]


def strict() -> None:
    """Make an error of each warning, but for letters that our fonts do not have: the page takes those of the reader."""
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", message="Glyph .* missing from font")


def attempt(project: Path, one: Input, found: Report, whole: int) -> None:
    """Bring an input as far as it comes, and keep what happened."""
    found.inputs += 1
    shutil.rmtree(project / "results" / one.review, ignore_errors=True)
    put(project / "data" / "raw" / one.review, one)
    begin, steps, limit = time.perf_counter(), FIRST, LIMIT
    try:
        WATCH.allowed = project
        with warnings.catch_warnings(), at_most(limit):
            strict()
            through(project, one, steps)
        found.accepted += 1
        if found.accepted % whole == 0:
            found.slowest = max(found.slowest, (time.perf_counter() - begin, one.name))
            steps, limit, begin = THEN, WHOLE_LIMIT, time.perf_counter()
            if one.review != COMPANION:
                # Beside another review's pool stands that of its companion, as it is.
                through(project, Input("", COMPANION, {}, CONFIG), FIRST)
            with warnings.catch_warnings(), at_most(limit):
                strict()
                through(project, one, steps)
            found.whole += 1
            for review in reviews(one):
                found.findings += [f"{one.name}\n  {said}" for said in oddities(project / "results" / review)]
    except ReanalysisError as error:
        found.refused[kind(error)] += 1
        if lack := unclear(error):
            found.findings.append(f"{one.name}\n  a message that {lack}: {str(error)[:300]!r}")
    except Late:
        found.findings.append(f"{one.name}\n  not done after {limit:g} s: {traceback.format_exc()[-1500:]}")
    except Exception:  # noqa: BLE001 (whatever it is, it is a finding)
        found.findings.append(f"{one.name}\n  {traceback.format_exc()[-1500:]}")
    finally:
        WATCH.allowed = None
        taken = (time.perf_counter() - begin, one.name)
        if steps is FIRST:
            found.slowest = max(found.slowest, taken)
        else:
            found.slowest_whole = max(found.slowest_whole, taken)
    found.findings += [f"{one.name}\n  {event}" for event in WATCH.seen]
    WATCH.seen.clear()


@contextlib.contextmanager
def remembered(known: dict[str, dict[str, bytes]]) -> Iterator[None]:
    """Read YAML that is as shipped once: the reading of one file takes longer than all that is done with it."""
    texts = {content.decode(): None for one in known.values() for content in one.values()}
    load, made = yaml.load, {}

    def quick(text: str, Loader: type) -> Any:  # noqa: ANN401, N803 (as in the library)
        if text not in texts:
            return load(text, Loader=Loader)
        if text not in made:
            made[text] = load(text, Loader=Loader)
        return copy.deepcopy(made[text])

    files.yaml.load = quick  # type: ignore[assignment]
    try:
        yield
    finally:
        files.yaml.load = load


@dataclass(frozen=True)
class Place:
    """Where inputs are tried: a project with the reviews as they are, and a folder outside it."""

    project: Path
    outside: Path
    known: dict[str, dict[str, bytes]]

    def restore(self, review: str) -> None:
        """Put a review's files back as they are."""
        put(self.project / "data" / "raw" / review, Input("", review, self.known[review], CONFIG))

    def try_one(self, one: Input, found: Report, whole: int) -> None:
        """Bring an input as far as it comes, and put its review back."""
        attempt(self.project, one, found, whole)
        self.restore(one.review)


@contextlib.contextmanager
def place() -> Iterator[Place]:
    """Make a place to try inputs, which is taken away afterwards."""
    known = bases()
    style.use(183)  # loads fonts, whose cache is no result
    with tempfile.TemporaryDirectory() as scratch, remembered(known):
        made = Place(Path(scratch).resolve() / "project", Path(scratch).resolve() / "outside", known)
        made.outside.mkdir(parents=True)
        (made.outside / "secret.csv").write_text("study,secret\nAyer,hidden\n")
        for review in known:
            made.restore(review)
        yield made


def fuzz(count: int, seed: int, first: int = 0, whole: int = WHOLE, *, say: bool = False) -> Report:
    """Return what `count` inputs of a seed did, the first of them with a number."""
    found = Report()
    with place() as here:
        for number in range(first, first + count):
            here.try_one(make(number, seed, here.known, here.outside), found, whole)
            if say and found.inputs % 1000 == 0:
                print(f"{found.inputs} inputs, {len(found.findings)} findings", file=sys.stderr, flush=True)
    return found


def main(count: int = 20_000, seed: int = 1, first: int = 0, whole: int = WHOLE) -> int:
    """Print what happened; 1 where there is a finding."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    begin = time.perf_counter()
    found = fuzz(count, seed, first, whole, say=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for one in found.findings[:40]:
        print(one)
    for what, times in sorted(found.refused.items(), key=lambda item: (-item[1], item[0])):
        print(f"  {times:6} {what}")
    print(f"inputs            {found.inputs} (seed {seed})")
    print(f"accepted          {found.accepted}, as far as the pool; {found.whole} of them on to the page")
    print(f"refused           {found.refused.total()}, with {len(found.refused)} kinds of clear error")
    print(f"findings          {len(found.findings)}")
    print(f"slowest input     {found.slowest[0]:.2f} s ({found.slowest[1]})")
    print(f"slowest page      {found.slowest_whole[0]:.1f} s ({found.slowest_whole[1]})")
    print(f"peak memory       {peak:.0f} MiB; whole run {time.perf_counter() - begin:.0f} s")
    return 1 if found.findings else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

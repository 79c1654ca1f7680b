"""How long the workflow takes beside the same work in one Python process, on this machine, in this run.

Prints the median of some runs of each, in turn: a cold `snakemake --cores 4` (nothing made yet), the same steps called
one after the other in one process, and a second `snakemake --cores 4` with nothing to do. Fails where a cold run takes
more than `MOST_COLD` times the single process, or a run with nothing to do more than `MOST_IDLE` seconds.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNS = 3
MOST_COLD = 3.5
MOST_IDLE = 2.0


def in_one_process(folder: Path) -> None:
    """Run every step of every review in this process, each after those that it waits for."""
    # Only the process that is timed needs them.
    from graphlib import TopologicalSorter  # noqa: PLC0415
    from importlib import import_module  # noqa: PLC0415

    from reanalysis.commands.recompute import NEEDS, arguments  # noqa: PLC0415
    from reanalysis.comparison.held import held  # noqa: PLC0415
    from reanalysis.figures import FORMATS  # noqa: PLC0415
    from reanalysis.files import dump_json, read_yaml, write_all  # noqa: PLC0415
    from reanalysis.inputs import settings  # noqa: PLC0415

    config = read_yaml(folder / "config.yaml")
    for review in config["reviews"]:
        kept = folder / "results" / review / "against.json"
        write_all({kept: dump_json(held(None, review, config["version"], ""))})
    for step in TopologicalSorter(NEEDS).static_order():
        for review in config["reviews"]:
            said = arguments(step, folder, review, settings(config))
            said.formats = FORMATS
            write_all(import_module(f"reanalysis.steps.{step}").step(said))


def timed(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    """Return the wall time of a command in seconds."""
    begin = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - begin


def main() -> int:
    """Time all three, print them, and say whether they keep to the limits."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "project"
        folder.mkdir()
        for name in ("Snakefile", "config.yaml", "profiles", "workflow", "data"):
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        environment = {**os.environ, "PYTHONPATH": str(folder / "workflow")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        snakemake = [str(Path(sys.executable).with_name("snakemake")), "--cores", "4"]
        single = [sys.executable, __file__, "single"]
        found: dict[str, list[float]] = {"cold": [], "single": [], "idle": []}
        for run in range(RUNS + 1):
            for made in ("results", "logs", ".snakemake", "single"):
                shutil.rmtree(folder / made, ignore_errors=True)
            shutil.copytree(ROOT / "data", folder / "single/data")
            shutil.copy(ROOT / "config.yaml", folder / "single")
            times = {
                "single": timed(single, folder, environment),
                "cold": timed(snakemake, folder, environment),
                "idle": timed(snakemake, folder, environment),
            }
            if run > 0:  # the first one fills the caches
                for name, seconds in times.items():
                    found[name].append(seconds)
        made = sorted(path.relative_to(folder) for path in folder.glob("results/*/report.html"))
        same = all((folder / "single" / path).read_bytes() == (folder / path).read_bytes() for path in made)
    middle = {name: statistics.median(seconds) for name, seconds in found.items()}
    ratio = statistics.median(a / b for a, b in zip(found["cold"], found["single"], strict=True))
    print(f"one process   {middle['single']:.2f} s")
    print(f"cold run      {middle['cold']:.2f} s   {ratio:.2f} times one process (at most {MOST_COLD})")
    print(f"nothing to do {middle['idle']:.2f} s   (at most {MOST_IDLE} s)")
    print(f"same report   {same}")
    return 0 if same and ratio <= MOST_COLD and middle["idle"] <= MOST_IDLE else 1


if __name__ == "__main__":
    if len(sys.argv) > 1:  # the timed process: its folder
        in_one_process(Path(sys.argv[1]))
    else:
        sys.exit(main())

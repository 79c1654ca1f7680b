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
REVIEW = "le-scodan-2010"
RUNS = 5
MOST_COLD = 3.5
MOST_IDLE = 2.0

# The arguments of each step, in the order of the workflow; OUT and RAW are folders.
ROUTES = "routes=se_variance_ci_score_p_counts_events_log-rank"
READ = "studies=OUT/studies.csv estimates=OUT/estimates.csv"
MODELS = "pooled=OUT/pooled.json regression=OUT/regression.json"
STEPS = {
    "extract": f"raw=RAW {READ} provenance=OUT/provenance.csv",
    "reconstruct": f"review=RAW/review.yaml {READ} made=OUT/routes.csv effects=OUT/effects.csv {ROUTES}",
    "check": f"raw=RAW {READ} made=OUT/routes.csv findings=OUT/findings.csv",
    "pool": "review=RAW/review.yaml effects=OUT/effects.csv pooled=OUT/pooled.json ORDERS MODEL",
    "regress": "review=RAW/review.yaml effects=OUT/effects.csv regression=OUT/regression.json ORDERS MODEL",
    "rounding": f"review=RAW/review.yaml {READ} effects=OUT/effects.csv rounding=OUT/rounding.json DRAWS MODEL",
    "influence": "review=RAW/review.yaml studies=OUT/studies.csv effects=OUT/effects.csv "
    "influence=OUT/influence.json MODEL",
    "subsets": "review=RAW/review.yaml effects=OUT/effects.csv subsets=OUT/subsets.json DRAWS MODEL",
    "small_study": "review=RAW/review.yaml effects=OUT/effects.csv small_study=OUT/small_study.json DRAWS MODEL",
    "dependence": "raw=RAW effects=OUT/effects.csv dependence=OUT/dependence.json MODEL",
    "certify": "review=RAW/review.yaml effects=OUT/effects.csv pooled=OUT/pooled.json regression=OUT/regression.json "
    "certification=OUT/certification.json MODEL",
    "audit": f"raw=RAW audit=OUT/audit.json {ROUTES} MODEL",
    "crosscheck": f"effects=OUT/effects.csv {MODELS} crosscheck=OUT/crosscheck.json",
    "draw": "raw=RAW results=OUT figures=OUT/figures",
    "report": f"raw=RAW results=OUT page=OUT/report.html {ROUTES} MODEL",
}
MODEL = "tau2_method=REML interval=hksj level=0.95"
DRAWS = "draws=20000 seed=20101118"
ORDERS = "permutations=50000 seed=20101118"


def arguments(step: str, raw: Path, out: Path) -> list[str]:
    """Return a step's command line."""
    words = STEPS[step].replace("MODEL", MODEL).replace("DRAWS", DRAWS).replace("ORDERS", ORDERS).split()
    pairs = [word.replace("RAW", str(raw)).replace("OUT", str(out)).split("=", 1) for word in words]
    return [part for name, value in pairs for part in (f"--{name.replace('_', '-')}", value)]


def in_one_process(raw: str, out: str) -> None:
    """Run every step in this process, as the workflow orders them."""
    import runpy  # noqa: PLC0415 (only the process that is timed needs it)

    for step in STEPS:
        words = arguments(step, Path(raw), Path(out))
        words = [" ".join(word.split("_")).replace("-", "_") if word.startswith("se_") else word for word in words]
        sys.argv = [f"{step}.py", *words]
        runpy.run_module(f"reanalysis.steps.{step}", run_name="__main__")


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
        single = [sys.executable, __file__, f"data/raw/{REVIEW}", "single"]
        found: dict[str, list[float]] = {"cold": [], "single": [], "idle": []}
        for run in range(RUNS + 1):
            for made in ("results", "logs", ".snakemake", "single"):
                shutil.rmtree(folder / made, ignore_errors=True)
            times = {
                "single": timed(single, folder, environment),
                "cold": timed(snakemake, folder, environment),
                "idle": timed(snakemake, folder, environment),
            }
            if run > 0:  # the first one fills the caches
                for name, seconds in times.items():
                    found[name].append(seconds)
        same = (folder / "single/report.html").read_bytes() == (folder / f"results/{REVIEW}/report.html").read_bytes()
    middle = {name: statistics.median(seconds) for name, seconds in found.items()}
    ratio = statistics.median(a / b for a, b in zip(found["cold"], found["single"], strict=True))
    print(f"one process   {middle['single']:.2f} s")
    print(f"cold run      {middle['cold']:.2f} s   {ratio:.2f} times one process (at most {MOST_COLD})")
    print(f"nothing to do {middle['idle']:.2f} s   (at most {MOST_IDLE} s)")
    print(f"same report   {same}")
    return 0 if same and ratio <= MOST_COLD and middle["idle"] <= MOST_IDLE else 1


if __name__ == "__main__":
    if len(sys.argv) == 3:  # the timed process: raw folder, results folder
        in_one_process(*sys.argv[1:])
    else:
        sys.exit(main())

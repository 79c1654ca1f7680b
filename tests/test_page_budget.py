"""Making a page costs little, and makes the committed bytes, whatever the order of hashes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
MOST_CPU_SECONDS = 3.0


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("review", CONFIG["reviews"])
def test_the_page_is_made_quickly_and_twice_the_same(review: str, tmp_path: Path) -> None:
    times = []
    for seed in ("1", "2"):
        page = tmp_path / f"{seed}.html"
        arguments = {
            "raw": ROOT / "data" / "raw" / review,
            "results": ROOT / "results" / review,
            "page": page,
            "tau2-method": CONFIG["tau2_method"],
            "interval": CONFIG["interval"],
            "level": CONFIG["level"],
            "routes": " ".join(CONFIG["routes"]),
            "draws": CONFIG["draws"],
            "permutations": CONFIG["permutations"],
            "figure-width": CONFIG["figure_width"],
            "seed": CONFIG["seed"],
        }
        said = [word for name, value in arguments.items() for word in (f"--{name}", str(value))]
        before = cpu_seconds()
        subprocess.run(
            [sys.executable, "-m", "reanalysis.steps.report", *said],
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
        times.append(cpu_seconds() - before)
        assert page.read_bytes() == (ROOT / "results" / review / "report.html").read_bytes()
    assert min(times) < MOST_CPU_SECONDS

"""A short run of what `make bench` measures at length: right rows are not accused, and planted typos are found."""

from __future__ import annotations

import subprocess
import sys

from conftest import ROOT


def test_no_right_row_is_accused_and_typos_are_found() -> None:
    command = [sys.executable, str(ROOT / "tests" / "benchmarks" / "checks.py"), "--rows", "1500", "--seed", "3"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("100.0%") >= 1

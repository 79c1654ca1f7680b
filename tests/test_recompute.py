"""What `verify` runs, held against the rules: the same steps with the same arguments, none before what it reads."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from test_reproduction import inputs as rules_read

from reanalysis.commands.recompute import COMPANION, NEEDS, arguments
from reanalysis.inputs import settings

SNAKEMAKE = Path(sys.executable).with_name("snakemake")
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
COMMAND = re.compile(r"python -m reanalysis\.steps\.(\w+) (.+?) 2>", re.DOTALL)
# Written by no rule of a review, or for none.
APART = {"command", "archive", "compare"}
# Reads an archive, which is not at hand where a page alone is computed again: the page carries what it gives.
CARRIED = {"against"}


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, dict[str, str]]]:
    """Return each step that Snakemake would run from nothing, with its arguments, in one order that it may have."""
    folder = tmp_path_factory.mktemp("rules")
    for name in ("Snakefile", "config.yaml", "profiles", "workflow", "data"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name)
    run = subprocess.run(
        [str(SNAKEMAKE), "--cores", "1", "--dry-run", "--printshellcmds", "--quiet", "progress"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found = []
    for step, said in COMMAND.findall((run.stdout + run.stderr).replace("\\\n", " ")):
        words = shlex.split(said)
        found.append(
            (step, {name[2:].replace("-", "_"): value for name, value in zip(*[iter(words)] * 2, strict=True)})
        )
    return found


def test_verify_runs_the_steps_of_the_rules(commands: list[tuple[str, dict[str, str]]]) -> None:
    steps = {path.stem for path in (ROOT / "workflow/reanalysis/steps").glob("[a-z]*.py")} - APART
    assert {step for step, _ in commands} == steps == set(NEEDS) | CARRIED
    assert len(commands) == len(steps) * len(CONFIG["reviews"])


def test_each_step_is_called_as_its_rule_calls_it(commands: list[tuple[str, dict[str, str]]]) -> None:
    for step, said in (one for one in commands if one[0] not in CARRIED):
        review = next(name for name in CONFIG["reviews"] if any(f"/{name}" in value for value in said.values()))
        ours = vars(arguments(step, Path(), review, settings(CONFIG)))
        for name, value in said.items():
            assert _written(ours[name]) == value, f"{step} --{name}"


def _written(value: Any) -> str:  # noqa: ANN401 (paths and settings)
    return " ".join(value) if isinstance(value, list) else str(value)


def test_no_step_runs_before_what_it_reads(commands: list[tuple[str, dict[str, str]]]) -> None:
    """A path that one step is told, and that an earlier one makes, is something that the former waits for."""
    makes = {
        "extract": {"studies", "estimates", "provenance"},
        "reconstruct": {"made", "effects"},
        "pool": {"pooled"},
        "regress": {"regression"},
        "small_study": {"small_study"},
    }
    for step, said in commands:
        for maker, names in makes.items():
            if step != maker and names & set(said):
                assert maker in _before(step), step
    for rule, read in rules_read().items():
        assert read - CARRIED <= _before(rule) if rule in NEEDS else rule in CARRIED, rule
    for step in ("draw", "claims"):
        assert {"extract", "reconstruct", "pool", "regress", "rounding"} <= _before(step)
    assert _before("report") == set(NEEDS) - {"report"}
    assert set().union(*map(_before, COMPANION)) <= set(COMPANION)


def _before(step: str) -> set[str]:
    return set(NEEDS[step]).union(*map(_before, NEEDS[step]))

"""Which files a step's rule declares as its inputs."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from reanalysis.imports import first_party

STEPS = sorted(path.stem for path in (Path(__file__).parents[1] / "workflow/reanalysis/steps").glob("[a-z]*.py"))


def names(step: str) -> set[str]:
    return {path.name for path in first_party(f"reanalysis.steps.{step}")}


@pytest.mark.parametrize(
    ("step", "inside", "outside"),
    [
        ("extract", {"parser.py", "lexer.py", "corrections.schema.yaml", "statements.schema.yaml"}, {"pooling.py"}),
        ("reconstruct", {"standard_errors.py", "rounding.py", "review.schema.yaml"}, {"parser.py", "coherence.py"}),
        ("check", {"coherence.py", "precision.py", "parser.py"}, {"pooling.py", "regression.py"}),
        ("pool", {"pooling.py", "tau2.py", "maximum.py"}, {"regression.py", "standard_errors.py", "parser.py"}),
        ("regress", {"regression.py", "tau2.py"}, {"pooling.py", "parser.py"}),
        ("subgroups", {"subgroups.py", "pooling.py", "regression.py"}, {"parser.py", "pooled.schema.yaml"}),
        ("rounding", {"envelope.py", "batch.py", "routes.py"}, {"parser.py", "regression.py", "tables.html.j2"}),
        ("audit", {"audit.py", "parser.py", "pooling.py", "coherence.py"}, {"envelope.py", "multiverse.py"}),
        ("elsewhere", {"elsewhere.py", "numbers.py", "review.schema.yaml"}, {"pooling.py", "tables.py"}),
        ("claims", {"claims.py", "expressions.py", "pooling.py", "claims_declared.schema.yaml"}, {"envelope.py"}),
        ("r_script", {"script.py", "check.R.j2", "review.schema.yaml"}, {"pooling.py", "tau2.py", "base.html.j2"}),
        ("against", {"reading.py", "held.py"}, {"pooling.py", "parser.py", "page.py"}),
        ("changes", {"shapley.py", "pooling.py", "parser.py", "against.schema.yaml"}, {"page.py", "held.py"}),
        ("crosscheck", {"crosscheck.py"}, {"tau2.py", "pooling.py", "records.py"}),
    ],
)
def test_a_step_names_what_it_runs_and_no_more(step: str, inside: set[str], outside: set[str]) -> None:
    assert inside <= names(step)
    assert not outside & names(step)
    assert {"__init__.py", "command.py", f"{step}.py"} <= names(step)


def test_arithmetic_knows_no_file_and_nothing_imports_upwards() -> None:
    """Rules run steps, steps call models and what shows them; none of those imports a step, arithmetic no adapter."""
    package = ROOT / "workflow/reanalysis"
    for path in package.rglob("*.py"):
        module = ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
        needs = {one.relative_to(package).as_posix() for one in first_party(module)} - {
            path.relative_to(package).as_posix()
        }
        # Commands run steps too.
        if not module.startswith(("reanalysis.steps", "reanalysis.commands", "reanalysis.__main__")):
            assert not any(one.startswith("steps/") for one in needs), module
        arithmetic = {
            "tau2",
            "maximum",
            "weighted",
            "sets",
            "score",
            "elimination",
            "twofold",
            "coefficients",
            "heterogeneity",
            "intervals",
            "mixed_effects",
            "rounding",
            "design",
            "distributions",
            "batch",
            "coherence",
            "egger",
            "egger_power",
            "begg",
            "pet_peese",
            "fail_safe",
            "excess_significance",
            "elsewhere",
            "e_values",
            "bias_analysis",
            "calibrated_effects",
            "strong_effects",
            "immortal_time",
            "trim_and_fill",
            "selection",
            "selection_search",
            "selection_likelihood",
            "limit_meta",
            "quantities",
            "expressions",
            "scale_search",
            "boxes",
            "variance_components",
            "generalised",
        }
        if module.removeprefix("reanalysis.") in arithmetic | {"standard_errors", "event_counts", "routes"}:
            assert not needs & {"files.py", "raw.py", "tables.py", "results.py"}, module
        if module.startswith("reanalysis.figures"):
            assert not needs & {"tau2.py", "pooling.py", "regression.py", "distributions.py"}, module


@pytest.mark.parametrize("step", STEPS)
def test_what_python_imports_is_declared(step: str) -> None:
    """Python's own word for it: every module of the project that importing the step loads."""
    code = (
        f"import sys, reanalysis.steps.{step}\n"
        "print(*(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'reanalysis'), sep='\\n')"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {Path(path) for path in loaded} <= first_party(f"reanalysis.steps.{step}")

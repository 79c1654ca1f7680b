"""What it takes to make the page again: the rules of the workflow, and the versions of what computes and draws."""

from __future__ import annotations

from importlib.metadata import version

# Each rule reads the raw folder and what rules of earlier stages made. Tests hold the stages against the workflow.
STAGES = (
    ("extract", "multiverse", "audit", "against"),
    ("reconstruct",),
    (
        "check",
        "pool",
        "regress",
        "subgroups",
        "rounding",
        "influence",
        "subsets",
        "dependence",
        "small_study",
        "confounding",
        "changes",
    ),
    ("elsewhere", "claims", "r_script", "certify", "crosscheck"),
    ("draw",),
    ("report",),
)

# What makes numbers and figures; the lock file pins these and all that they need.
MADE_WITH = ("numpy", "scipy", "mpmath", "matplotlib", "snakemake")


def versions() -> dict[str, str]:
    """Return the version of each package that numbers and figures are made with."""
    return {name: version(name) for name in MADE_WITH}

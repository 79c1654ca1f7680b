"""What the page says of its own making is what the workflow and the lock file say."""

from __future__ import annotations

import re

from conftest import ROOT

from reanalysis.report.reproduction import MADE_WITH, STAGES, versions


def inputs() -> dict[str, set[str]]:
    """Return the rules of the workflow that make results, each with those whose results it reads."""
    found = {}
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        text = path.read_text(encoding="utf-8")
        for rule in re.finditer(r"^rule (\w+):\n(.*?)(?=^rule |\Z)", text, re.MULTILINE | re.DOTALL):
            before, output, _ = rule[2].partition("    output:")
            if output:
                found[rule[1]] = set(re.findall(r"rules\.(\w+)\.output", before))
    return found


def test_every_rule_stands_in_a_step_after_those_that_it_reads() -> None:
    stage = {rule: place for place, rules in enumerate(STAGES) for rule in rules}
    read = inputs()
    assert sorted(stage) == sorted(read)
    assert [(rule, other) for rule, others in read.items() for other in others if stage[other] >= stage[rule]] == []


def test_the_versions_are_pinned() -> None:
    pinned = dict(re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    assert set(MADE_WITH) <= set(pinned)
    assert set(versions()) == set(MADE_WITH)

"""The prose of subgroups: whether they differ, and what the pool of one is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reanalysis.formatting import number, p_phrase
from reanalysis.results import Results


def difference(results: Results) -> str:
    """Return the test of a difference between the declared subgroups, or why there is none; empty without subgroups."""
    found = results.subgroups["difference"]
    if found is None:
        why = f"No test of a difference between subgroups: {results.subgroups['reason']}."
        return why if results.subgroups["column"] else ""
    test = f"chi-squared = {number(found['qm'])}, df = {found['qm_df']}"
    if found["df"] is not None:
        test = f"F({found['qm_df']}, {found['df']:g}) = {number(found['qm'])}"
    permuted = found["qm_permutation_p"]
    by = "" if permuted is None else f"; by permutation {p_phrase(permuted)}"
    return f"Difference between subgroups: {test}, {p_phrase(found['qm_p'])}{by}."


def pool_name(subgroup: Mapping[str, Any]) -> str:
    """Return what a row with the pool of a subgroup is called; one study is no pool."""
    alone = subgroup["pooled"]["k"] == 1
    return f"{subgroup['name']} (one study)" if alone else f"{subgroup['name']}, pooled"

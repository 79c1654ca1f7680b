"""What errors of print and declared corrections mean for the pool: whose effect is at fault, and the pool without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis.formatting import listed, percent, plural
from reanalysis.measures import is_ratio
from reanalysis.records import Effect, Finding
from reanalysis.results import Results
from reanalysis.review import COUNT_ROLES, SURVIVAL_ROLES, YEAR_ROLES
from reanalysis.traced import derived
from reanalysis.wording import DOUBLE_DAGGER, SECTION, model_text

# Columns that a pooled effect is not read from, unless it is worked back from them.
BESIDE = ("counts", "period", "database", *COUNT_ROLES, *SURVIVAL_ROLES, *YEAR_ROLES)

# Routes that read no count.
WITHOUT_COUNTS = ("ci", "se", "variance", "score", "p")

# So many names are told; more are counted.
TOLD = 3


def row_marks(results: Results, effect: Effect) -> str:
    """Return the signs behind the name of a row: its counts are of others too, its numbers cannot all be right."""
    chosen = SECTION if effect.included and effect.row in results.one_of_several else ""
    return chosen + (DOUBLE_DAGGER if effect.row in results.impossible else "")


def effect_at_fault(results: Results, findings: Sequence[Finding]) -> dict[str, bool]:
    """Return, of each pooled study with an error, whether its effect is at fault or only what stands beside it."""
    roles = {heading: role for role, heading in results.review.columns.items()}
    included = {one.row: one for one in results.included}
    found: dict[str, bool] = {}
    for one in findings:
        if one.severity == "error" and one.row in included:
            beside = roles.get(one.column) in BESIDE and included[one.row].route in WITHOUT_COUNTS
            found[one.study] = found.get(one.study, False) or not beside
    return dict(sorted(found.items()))


def corrected_effects(results: Results, audit: Mapping[str, Any]) -> list[str]:
    """Return the studies with a declared correction that is not applied, and would move the pool."""
    as_analysed = audit.get("as_analysed", {}).get("pooled")
    moved = {
        one["study"]
        for one in audit.get("corrections", ())
        if one["status"] != "applied" and one["results"] is not None and one["results"]["pooled"] != as_analysed
    }
    return sorted(moved & {one.study for one in results.studies})


def in_short(results: Results, findings: Sequence[Finding], audit: Mapping[str, Any]) -> str:
    """Return a sentence that names the studies whose effects are misprinted or impossible; empty without one."""
    impossible = [study for study, wrong in effect_at_fault(results, findings).items() if wrong]
    names = sorted({*impossible, *corrected_effects(results, audit)})
    if not names:
        return ""
    noun = _noun(results) + ("s" if len(names) > 1 else "")
    who = listed(names) if len(names) <= TOLD else f"{plural(derived(len(names), findings), 'study', 'studies')}"
    return f"Misprinted or impossible {noun}: {who}."


def in_full(results: Results, findings: Sequence[Finding], audit: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each kind of fault, and the pool with the corrections and without what they leave wrong."""
    return [*_corrected(results, audit), *_errors(results, findings), *_mended(results, audit)]


def _corrected(results: Results, audit: Mapping[str, Any]) -> list[str]:
    names, together = corrected_effects(results, audit), audit.get("corrected")
    if not names or together is None:
        return []
    what = f"The {_noun(results)} of {_named(names)} is declared to be misprinted"
    if len(names) > 1:
        what = f"The {_noun(results)}s of {_named(names)} are declared to be misprinted"
    if together["results"] is None:
        return [f"{what}."]
    return [
        f"{what}: corrected, the {_pool(results)} is {model_text(audit['measure'], together['results']['pooled'])}."
    ]


def _errors(results: Results, findings: Sequence[Finding]) -> list[str]:
    found = effect_at_fault(results, findings)
    own, beside = ([study for study, wrong in found.items() if wrong is side] for side in (True, False))
    said = []
    if own:
        said.append(f"The {_noun(results)} or interval of {_named(own)} cannot be right as printed")
    if beside:
        only = f"nly a count or year of {_named(beside)}, which the {_pool(results)} does not use"
        said.append(f"o{only}" if own else f"O{only}, cannot be right as printed")
    return [f"{'; '.join(said)}."] if said else []


def _mended(results: Results, audit: Mapping[str, Any]) -> list[str]:
    mended = audit.get("without_errors")
    if mended is None or mended["pooled"] is None:
        return []
    pooled, corrected = mended["pooled"], corrected_effects(results, audit)
    first = "With that correction and without" if len(corrected) == 1 else "With corrections and without"
    first = first if corrected else "Without"
    spread = f", I² {percent(pooled['i2'])}" if pooled["k"] > 1 else ""
    return [
        f"{first} {_named(mended['left_out'])}, the {_pool(results)} is {model_text(audit['measure'], pooled)}{spread}."
    ]


def _named(names: Sequence[str]) -> str:
    return listed(list(dict.fromkeys(names)))


def _noun(results: Results) -> str:
    return "ratio" if is_ratio(results.review.measure) else "estimate"


def _pool(results: Results) -> str:
    return "pooled estimate" if results.pooled["primary"]["k"] > 1 else "estimate"

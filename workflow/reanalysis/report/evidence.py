"""What the page says of the way from print to numbers: routes, rounding, corrections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reanalysis import formatting, wording
from reanalysis.measures import is_ratio
from reanalysis.report.facsimile import anchor
from reanalysis.report.material import Material
from reanalysis.routes import WAYS
from reanalysis.traced import derived

# The results whose ranges the page shows, and what they are called; ratios where the measure is one.
SHOWN = {
    "estimate": "Pooled effect",
    "ci_low": "Its lower confidence limit",
    "ci_high": "Its upper confidence limit",
    "prediction_low": "Lower prediction limit",
    "prediction_high": "Upper prediction limit",
    "tau2": "tau²",
    "i2": "I²",
}
KINDS = {
    "exact": "the authors' own but for rounding, if interval and test are Wald's",
    "approximate": "an approximation",
    "check": "a check, never pooled",
}

# What the page calls the values that a correction may change in a cell; the others follow from them. An applied
# correction is shown the other way round: what would be read without it stands behind the arrow.
CHANGED = {
    "study": "name",
    "n": "patients",
    "n_treated": "treated",
    "n_control": "not treated",
    "events": "events",
    "estimate": "estimate",
    "lower": "lower limit",
    "upper": "upper limit",
    "p": "p",
    "contrast": "contrast",
    "outcome": "outcome",
    "start": "first year",
    "end": "last year",
}


def routes(material: Material) -> list[dict[str, Any]]:
    """Return each way to a standard error that the review's print allows, with its formula and source."""
    return [
        {
            "name": way.name,
            "formula": way.formula,
            "source": way.source or formatting.NONE,
            "kind": KINDS[way.kind],
            "allowed": derived(sum(one.route == name for one in material.routes), material.routes),
            "used": derived(sum(one.route == name for one in material.results.included), material.results.effects),
        }
        for name, way in WAYS.items()
        if any(one.route == name for one in material.routes)
    ]


def rounding(material: Material) -> list[dict[str, str]]:
    """Return each result as analysed, with the middle of its draws and how far rounding lets it reach."""
    measure = material.results.review.measure
    found = {one["quantity"]: one for one in material.results.rounding["pooled"]}
    rows = []
    for name, called in SHOWN.items():
        key = name
        if is_ratio(measure) and name not in ("tau2", "i2"):
            key = "ratio" if name == "estimate" else f"ratio_{name}"
        if key in found:
            rows.append({"name": called} | _range(found[key], {"tau2": 4, "i2": 1}.get(name, 3)))
    for one in material.results.rounding["slopes"]:
        term = wording.MODERATOR_NAMES.get(one["term"], one["term"])
        others = [wording.MODERATOR_NAMES.get(part, part) for part in one["model"].split(" + ") if part != one["term"]]
        beside = f", beside {' and '.join(others)}" if others else ""
        rows.append({"name": f"Slope on {term}{beside}"} | _range(one, 4))
    return rows


def _range(one: Mapping[str, Any], decimals: int) -> dict[str, str]:
    return {
        "value": formatting.number(one["value"], decimals),
        "middle": formatting.interval(one["middle_low"], one["middle_high"], decimals),
        "reach": formatting.interval(one["low"], one["high"], decimals),
    }


def corrections(material: Material) -> list[dict[str, Any]]:
    """Return each declared correction with what it changes, and last all of them together."""
    rows = [
        {
            "study": one["study"],
            "cell": anchor(one["row"], material.raw.headings.index(one["column"]) + 1),
            "printed": one["printed"],
            "corrected": one["corrected"],
            "status": one["status"],
            "reason": one["reason"],
            "source": one["source"],
        }
        | _effect(material, one)
        for one in material.audit["corrections"]
    ]
    together = material.audit["corrected"]
    if together is not None:
        rows.append({"study": "All of them", "status": "scenario “corrected”"} | _effect(material, together))
    return rows


def _effect(material: Material, one: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a correction changes, before and after, and the pooled result then."""
    changes = [change for change in one["changes"] if change["field"] in CHANGED]
    several = len({change["study"] for change in changes}) > 1
    said = [
        f"{change['study'] + ': ' if several else ''}{CHANGED[change['field']]} "
        f"{change['before'] or formatting.NONE} → {change['after'] or formatting.NONE}"
        for change in changes
    ]
    result = _pooled(material, one["results"]) if one["results"] else ""
    return {"changes": "; ".join(said), "result": result, "problem": one["problem"]}


def as_analysed(material: Material) -> str:
    """Return the pooled result of the primary analysis, as the corrections' results are given."""
    return _pooled(material, material.audit["as_analysed"])


def _pooled(material: Material, results: Mapping[str, Any]) -> str:
    return wording.model_text(material.results.review.measure, results["pooled"])

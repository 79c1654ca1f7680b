"""What was asked, and how the printed rows became the effects that are pooled; what stays outside stays in view."""

from __future__ import annotations

from typing import Any

from reanalysis import narrative, wording
from reanalysis.report.facsimile import anchor
from reanalysis.report.material import Material
from reanalysis.traced import derived, size


def question(material: Material) -> dict[str, Any]:
    """Return the parts of the review's question, the steps of the flow, and each result that is not pooled."""
    results = material.results
    outside = [one for one in results.effects if not one.included]
    return {
        "asked": [(name.capitalize(), said) for name, said in (results.review.question or {}).items()],
        "rows": size(results.studies),
        "held": size(results.effects),
        "pooled": derived(len(results.included), results.effects),
        "left": derived(len(outside), results.effects),
        "flow": narrative.flow(results),
        "outside": [
            {
                "label": wording.effect_label(one, results.study(one.row)),
                "printed": " ".join(results.estimate(one).text.split()),
                "cell": anchor(one.row, material.raw.headings.index(results.estimate(one).column) + 1),
                "reason": one.reason,
            }
            for one in outside
        ],
    }

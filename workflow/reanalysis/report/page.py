"""The page: what each section shows, put into words and numbers here, laid out by the templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reanalysis import formatting, influence_narrative, narrative, second_opinions, wording
from reanalysis.companion_narrative import trials_beside
from reanalysis.digits import rounded
from reanalysis.inputs import carried
from reanalysis.measures import NAMES
from reanalysis.methods import methods
from reanalysis.misprints import row_marks
from reanalysis.records import Effect, Finding
from reanalysis.report import evidence
from reanalysis.report.certification import COMPUTED_ONCE, agreement, left_out, primary_compared
from reanalysis.report.changes import changes
from reanalysis.report.characteristics import characteristics, effect_anchor, finding_anchors
from reanalysis.report.claims import claims
from reanalysis.report.confounding import confounding
from reanalysis.report.data_elements import sources, with_data_elements
from reanalysis.report.dependence import dependence
from reanalysis.report.elsewhere import elsewhere
from reanalysis.report.explorer import explorer
from reanalysis.report.facsimile import anchor, facsimile
from reanalysis.report.lineage import lineage
from reanalysis.report.material import Material
from reanalysis.report.multiverse import multiverse
from reanalysis.report.permalinks import anchors
from reanalysis.report.question import question
from reanalysis.report.regressions import regressions
from reanalysis.report.reproduction import STAGES, versions
from reanalysis.report.scripts import in_script, scripts
from reanalysis.report.small_study import small_study
from reanalysis.report.svg import drawn, inline
from reanalysis.report.take_away import head, take_away
from reanalysis.results import Results
from reanalysis.sensitivity_methods import sensitivity_methods
from reanalysis.subgroup_narrative import difference
from reanalysis.tau2 import NAMES as ESTIMATOR_NAMES
from reanalysis.traced import derived, mark, size

# Stands in the page until its numbers are known; no text of a review can hold it, as templates escape "<".
LINEAGE_PLACE = "<lineage>"

SEVERITY_NAMES = {"error": "Error", "warning": "Warning", "note": "Note"}


def render(material: Material) -> str:
    """Return the page as one HTML text that asks for no other file."""
    environment = Environment(
        loader=PackageLoader("reanalysis", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": formatting.number,
        "significant": formatting.significant,
        "percent": formatting.percent,
        "p": formatting.p_value,
        "count": formatting.count,
        "plural": formatting.plural,
        "size": size,
    }
    page = with_data_elements(environment.get_template("base.html.j2").render(context(material)))
    # Only now is it known which numbers the page shows.
    return page.replace(LINEAGE_PLACE, in_script(lineage(material, sources(page))))


def context(material: Material) -> dict[str, Any]:
    """Return what the templates show, every number a text already or one filter away from it."""
    results, findings = material.results, material.findings
    designs = material.designs
    answer = narrative.answer(results, findings, designs, material.audit)
    return {
        "review": results.review,
        "measure": NAMES[results.review.measure],
        "level": f"{100 * results.pooled['level']:g}%",
        "answer": answer,
        "head": head(material, answer),
        "statements": narrative.statements(results, findings, designs, material.audit),
        "trials_beside": bool(trials_beside(results.elsewhere, designs)),
        "question": question(material),
        "characteristics": characteristics(material),
        "interval_caution": " ".join(filter(None, (narrative.interval_caution(results), difference(results)))),
        "one_of_several": f"{wording.SECTION} {wording.ONE_OF_SEVERAL}" if results.one_of_several else "",
        "headings": material.raw.headings,
        "table": facsimile(material.raw, material.provenance, findings),
        "found": {
            severity: derived(sum(one.severity == severity for one in findings), findings)
            for severity in SEVERITY_NAMES
        },
        "corrections": evidence.corrections(material),
        "as_analysed": evidence.as_analysed(material),
        "findings": [_finding(material, index, one) for index, one in enumerate(findings, start=1)],
        "finding_anchors": finding_anchors(material),
        "severities": SEVERITY_NAMES,
        "routes": evidence.routes(material),
        "rounding": evidence.rounding(material),
        "draws": formatting.count(material.results.rounding["draws"]),
        "effects": [_effect(material, one) for one in results.effects],
        "models": [_model(results, one) for one in results.pooled["models"]],
        "model_anchors": anchors(
            "model", [f"{one['tau2_method']} {one['interval']}" for one in results.pooled["models"]]
        ),
        "estimators": ESTIMATOR_NAMES,
        "pooled": results.pooled,
        "regressions": regressions(results),
        "name": material.raw.folder.name,
        "robustness": second_opinions.robustness(results),
        "dependence": dependence(material.dependence, results.regression["models"], results.pooled["primary"]["p"]),
        "small_study": small_study(material.small_study),
        "elsewhere": elsewhere(results.elsewhere),
        "claims": claims(material.claims, material.raw),
        "influence": [_without(results, one) for one in material.influence["pooled"]["studies"]],
        "subsets_said": " ".join(influence_narrative.subsets_said(results)),
        "cumulative_said": " ".join(influence_narrative.cumulative_said(results)),
        "explorer": explorer(results, material.leave_out),
        "multiverse": multiverse(results.multiverse),
        "confounding": confounding(results.confounding, results.elsewhere, designs),
        "certification": material.certification,
        "certified": agreement(material.certification),
        "certified_left_out": left_out(material.certification),
        "changes": changes(results.changes),
        "methods": methods(results, material.settings["routes"]),
        "sensitivity_methods": sensitivity_methods(results, material.small_study, designs),
        "crosscheck": material.crosscheck,
        "computed_once": COMPUTED_ONCE,
        "primary_compared": primary_compared(material.crosscheck, results.pooled["primary"]),
        "compared": size(material.crosscheck["comparisons"]),
        "figures": {
            name: {
                **material.words[name],
                "svg": inline(svg, name, **_told(material.words[name])),
                "drawn": drawn(svg),
            }
            for name, svg in material.figures.items()
        },
        "take_away": take_away(material),
        "checksums": material.checksums,
        "stages": STAGES,
        "versions": versions(),
        "settings": material.settings,
        "statements_printed": material.raw.statements,
        "analysis": embedded(material),
        "input": in_script(carried(material.raw.folder.name, material.settings, material.files)),
        "lineage_place": Markup(LINEAGE_PLACE),  # noqa: S704 (a constant)
        "scripts": scripts(),
    }


def _told(words: Mapping[str, Any]) -> dict[str, Any]:
    return {name: words[name] for name in ("title", "description", "breaks")}


def _cell_anchor(material: Material, row: int, column: str) -> str:
    return anchor(row, material.raw.headings.index(column) + 1)


def _finding(material: Material, index: int, finding: Finding) -> dict[str, Any]:
    return {
        "number": index,
        "severity": finding.severity,
        "study": finding.study,
        "printed": finding.printed,
        "message": finding.message,
        "detail": finding.detail,
        "cell": _cell_anchor(material, finding.row, finding.column),
    }


def _effect(material: Material, effect: Effect) -> dict[str, Any]:
    """Return a row of the table of effects: what is printed, how it was used, how far rounding could move it."""
    results = material.results
    estimate = results.estimate(effect)
    low, high = effect.sei_low, effect.sei_high
    others = [
        f"{wording.ROUTE_NAMES[one.route]}: {wording.route_value(results.review.measure, one)}"
        for one in material.routes
        if (one.row, one.item) == (effect.row, effect.item) and not one.used
    ]
    return {
        "anchor": effect_anchor(effect),
        "label": wording.effect_label(effect, results.study(effect.row)),
        "mark": row_marks(results, effect),
        "outcome": effect.outcome or formatting.NONE,
        "printed": " ".join(estimate.text.split()),
        "cell": _cell_anchor(material, effect.row, estimate.column),
        "included": effect.included,
        "reason": effect.reason,
        "yi": formatting.number(effect.yi, 4),
        "sei": formatting.number(effect.sei, 4),
        "sei_range": f"{formatting.number(low, 4)} to {formatting.number(high, 4)}"
        if low is not None and high is not None
        else formatting.NONE,
        "route": wording.ROUTE_NAMES.get(effect.route, formatting.NONE) + (", inverted" if estimate.inverted else ""),
        "others": "; ".join(others) or formatting.NONE,
        "weight": mark(results.weights_printed[effect.row], results.weights[effect.row])
        if effect.included
        else formatting.NONE,
    }


def _model(results: Results, model: Mapping[str, Any]) -> dict[str, Any]:
    measure = results.review.measure
    on_print = {name: wording.on_print(measure, model, name) for name in ("estimate", "ci_low", "ci_high")}
    predicted = [wording.on_print(measure, model, name) for name in ("prediction_low", "prediction_high")]
    return {
        "tau2_method": model["tau2_method"],
        "interval": wording.INTERVAL_NAMES[model["interval"]],
        "estimate": formatting.number(on_print["estimate"], 3),
        "ci": formatting.interval(on_print["ci_low"], on_print["ci_high"], 3),
        "prediction": formatting.interval(predicted[0], predicted[1], 3),
        "tau2": formatting.number(model["tau2"], 4),
        "i2": formatting.percent(model["i2"]),
        "p": formatting.p_value(model["p"]),
        "primary": model == results.pooled["primary"],
    }


def _without(results: Results, one: Mapping[str, Any]) -> dict[str, Any]:
    """Return the primary analysis without a study, and how far that study stands from the others."""
    measure = results.review.measure
    predicted = [wording.on_print(measure, one, name) for name in ("prediction_low", "prediction_high")]
    return {
        "study": one["study"],
        "influential": one["influential"],
        "effect": wording.model_text(measure, one),
        "prediction": formatting.interval(predicted[0], predicted[1], 3),
        "tau2": formatting.number(one["tau2"], 4),
        "i2": formatting.percent(one["i2"]),
        "residual": formatting.number(one["rstudent"]),
        "cook": formatting.number(one["cooks_distance"]),
    }


def embedded(material: Material) -> str:
    """Return the whole analysis as JSON that can stand inside a script element of the page."""
    results = material.results
    content = {
        "schema_version": 1,
        "review": asdict(results.review),
        "settings": dict(material.settings),
        "table": {"headings": material.raw.headings, "rows": material.raw.rows},
        "corrections": [asdict(one) for one in material.raw.corrections],
        "effects": [asdict(one) for one in results.effects],
        "findings": [asdict(one) for one in material.findings],
        "pooled": results.pooled,
        "regression": results.regression,
        "rounding": results.rounding,
        "audit": material.audit,
        "dependence": material.dependence,
        "multiverse": results.multiverse,
        "confounding": results.confounding,
        "small_study": material.small_study,
        "elsewhere": results.elsewhere,
        "claims": material.claims["claims"],
    }
    return in_script(rounded(content))

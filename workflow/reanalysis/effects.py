"""From printed estimates to effects: every route computed, one used, one estimate a study in the analysis."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict

from reanalysis.errors import ReanalysisError
from reanalysis.printed import is_missing
from reanalysis.records import Effect, Estimate, Route, Study
from reanalysis.review import BUILT_IN_MODERATORS, Review
from reanalysis.routes import own_counts, reconstruct
from reanalysis.significance import of_print
from reanalysis.tables import number_text

# A number as a table with decimal commas prints it.
DECIMAL_COMMA = re.compile(r"[-+\u2212]?\d+,\d+")


def effects(
    studies: Sequence[Study], estimates: Sequence[Estimate], made: Sequence[Route], review: Review, file: str
) -> list[Effect]:
    """Return one effect a printed estimate, in the order of print.

    Parameters
    ----------
    made
        What `routes` returned.
    file
        The review's `review.yaml`, for messages.

    Raises
    ------
    ReanalysisError
        Where several estimates of a row could stand for its study, or a moderator does not exist.
    """
    used = {(route.row, route.item): route for route in made if route.used}
    reasons = {(one.row, one.item): _left_out(one, review, used) for one in estimates}
    _refuse_several(estimates, reasons, review, file)
    _refuse_unknown(studies, review, file)
    rows = {study.row: study for study in studies}
    result = []
    for estimate in estimates:
        key = estimate.row, estimate.item
        route, reason = used.get(key), reasons[key]
        result.append(
            Effect(
                row=estimate.row,
                item=estimate.item,
                study=estimate.study,
                outcome=estimate.outcome,
                contrast=estimate.contrast,
                included=not reason,
                reason=reason,
                yi=route.yi if route else None,
                sei=route.sei if route else None,
                route=route.route if route else "",
                yi_low=route.yi_low if route else None,
                yi_high=route.yi_high if route else None,
                sei_low=route.sei_low if route else None,
                sei_high=route.sei_high if route else None,
                **_print(estimate, rows[estimate.row], estimates, route, review.outcome),
                extra={name: _moderator(rows[estimate.row], name, review, file) for name in review.moderators},
            )
        )
    return result


def _print(
    estimate: Estimate, study: Study, estimates: Sequence[Estimate], route: Route | None, outcome: str
) -> dict[str, float | None]:
    """Return what print says of a result beside the effect that is pooled; nothing where there is none."""
    if route is None:
        return {}
    contrasts = [one.contrast for one in estimates if one.row == estimate.row]
    made = reconstruct(estimate, own_counts(study, estimate, outcome, contrasts))
    said = asdict(of_print(estimate, made, route.route))
    return said | {"z_high": said["z_high"] if math.isfinite(said["z_high"]) else None}


def _left_out(estimate: Estimate, review: Review, used: dict[tuple[int, int], Route]) -> str:
    """Return why an estimate is not in the primary analysis; empty if it is."""
    if not estimate.poolable:
        return estimate.reason
    if estimate.outcome != review.outcome:
        return f"another outcome ({estimate.outcome}); the analysis is of {review.outcome}"
    if estimate.study in review.left_out:
        return f"left out of the analysis: {review.left_out[estimate.study]}"
    contrast = review.contrasts.get(estimate.study)
    if contrast is not None and estimate.contrast != contrast:
        return f"another contrast; {contrast or 'the one without a name'} stands for the study"
    if (estimate.row, estimate.item) not in used:
        return "no route in config.yaml leads to its standard error"
    return ""


def _refuse_several(
    estimates: Sequence[Estimate], reasons: dict[tuple[int, int], str], review: Review, file: str
) -> None:
    for row in sorted({estimate.row for estimate in estimates}):
        chosen = [one for one in estimates if one.row == row and not reasons[one.row, one.item]]
        contrasts = ", ".join(repr(one.contrast) for one in chosen)
        if len(chosen) > 1:
            raise ReanalysisError(
                f"{len(chosen)} estimates of {review.outcome} could stand for this study (contrasts {contrasts})",
                file=file,
                study=chosen[0].study,
                column=chosen[0].column,
                printed="; ".join(one.text for one in chosen),
                remedy="name one under primary: contrast:",
            )
    for study, contrast in review.contrasts.items():
        if not any(one.study == study and one.contrast == contrast for one in estimates):
            raise ReanalysisError(
                f"the primary contrast {contrast!r} is not printed for this study",
                file=file,
                study=study,
                remedy="name one of: "
                + ", ".join(sorted({repr(one.contrast) for one in estimates if one.study == study})),
            )


def _refuse_unknown(studies: Sequence[Study], review: Review, file: str) -> None:
    names = [one.study for one in studies]
    for study in review.left_out:
        if study not in names:
            raise ReanalysisError(
                "no row of the table is about the study that is to be left out",
                file=file,
                study=study,
                column="primary: left_out",
                remedy=f"name one of: {', '.join(names)}",
            )


def _moderator(study: Study, name: str, review: Review, file: str) -> str:
    """Return the value of a moderator as text; empty where it is missing."""
    if name == "log_n":
        return number_text(math.log(study.n)) if study.n else ""
    if name in BUILT_IN_MODERATORS:
        if name in study.extra:
            raise ReanalysisError(
                f"the moderator {name!r} could be the printed column of that name, or what the period and counts give",
                file=file,
                column=name,
                remedy="give the column a role, if it is that; under its own heading it cannot be a moderator",
            )
        value = getattr(study, name)
        return "" if value is None else number_text(float(value))
    if name not in study.extra:
        raise ReanalysisError(
            f"the moderator {name!r} does not exist",
            file=file,
            remedy=f"name one of: {', '.join((*BUILT_IN_MODERATORS, *study.extra))}",
        )
    cell = " ".join(study.extra[name].split())
    if review.decimal_mark == "comma" and DECIMAL_COMMA.fullmatch(cell):
        return cell.replace(",", ".")
    return "" if is_missing(cell) else cell

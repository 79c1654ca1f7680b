"""What `review.yaml` says: the source, the roles of its columns, the primary analysis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reanalysis import schemas
from reanalysis.errors import ReanalysisError

COUNT_ROLES = ("n", "n_treated", "n_control", "events", "events_treated", "events_control")
SURVIVAL_ROLES = ("survival_treated", "survival_control")
YEAR_ROLES = ("year", "start", "end")
NUMBER_ROLES = ("estimate", "lower", "upper", "se", "log_estimate", "variance", "o_minus_e")
TEXT_ROLES = ("outcome", "contrast")
# Read by checks alone: what the row claims, and where its patients come from.
CHECKED_ROLES = ("claim", "database")

# Where a result is looked for, in this order.
ESTIMATE_ROLES = ("result", "estimate", "log_estimate", "o_minus_e")

# What a row without an estimate may be worked back from: both of them.
EVENT_ROLES = ("events_treated", "events_control")

# Of the ways in which a printed ratio may run the other way: times are compared where risks should be.
TIME_RATIO = "time_ratio"

# Moderators that every review has under the same name, once its columns are read.
BUILT_IN_MODERATORS = ("start", "mid", "end", "duration", "log_n", "year")


@dataclass(frozen=True)
class Review:
    """One review, as its `review.yaml` describes it; the schema says what each key means."""

    title: str
    source: dict[str, str]
    measure: str
    favours: dict[str, str]
    outcome: str
    columns: dict[str, str]
    also_called: list[str] = field(default_factory=list)
    level: float = 0.95
    p_sides: int = 2
    decimal_mark: str = ""
    inverted: dict[str, dict[str, str]] = field(default_factory=dict)
    question: dict[str, str] = field(default_factory=dict)
    contrasts: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    models: list[tuple[str, ...]] = field(default_factory=list)
    scenarios: dict[str, dict[str, Any]] = field(default_factory=dict)
    bias: dict[str, Any] = field(default_factory=dict)
    elsewhere: list[dict[str, str]] = field(default_factory=list)
    companion: str = ""
    subgroups: dict[str, Any] = field(default_factory=dict)
    terms: dict[str, str] = field(default_factory=dict)

    @property
    def outcomes(self) -> set[str]:
        """Return what cells may call the review's outcome, in small letters."""
        return {name.lower() for name in (self.outcome, *self.also_called)}

    @property
    def moderators(self) -> list[str]:
        """Return each moderator once, in the order of its first mention."""
        return list(dict.fromkeys(name for model in self.models for name in model))


def parse(content: Any, file: str) -> Review:  # noqa: ANN401 (whatever the YAML held; the schema types it)
    """Return the review that the content of a `review.yaml` describes.

    Raises
    ------
    ReanalysisError
        Where the schema does not allow the content.
    """
    schemas.check(content, "review.schema.yaml", file)
    models, primary = content.get("moderators", []), content.get("primary", {})
    unknown = sorted(set(primary.get("reason", {})) - set(primary.get("contrast", {})))
    if unknown:
        raise ReanalysisError(
            "a reason is given for a study of which no contrast is chosen",
            file=file,
            column="primary: reason",
            study=unknown[0],
            remedy="name a study that stands under primary: contrast",
        )
    return Review(
        title=content["title"],
        source=content["source"],
        measure=content["measure"],
        favours=content["favours"],
        outcome=content["outcome"],
        columns={role: " ".join(heading.split()) for role, heading in content["columns"].items()},
        also_called=content.get("also_called", []),
        level=content.get("level", 0.95),
        p_sides=content.get("p_sides", 2),
        decimal_mark=content.get("decimal_mark", ""),
        inverted=content.get("inverted", {}),
        question=content.get("question", {}),
        contrasts=primary.get("contrast", {}),
        reasons=primary.get("reason", {}),
        left_out=primary.get("left_out", {}),
        models=[(model,) if isinstance(model, str) else tuple(model) for model in models],
        scenarios=content.get("scenarios", {}),
        bias=content.get("bias", {}),
        elsewhere=content.get("elsewhere", []),
        companion=content.get("companion", ""),
        subgroups=content.get("subgroups", {}),
        terms=content.get("terms", {}),
    )


def check_columns(review: Review, headings: list[str], review_file: str, table_file: str) -> None:
    """Refuse a role whose column the table does not have, and roles that leave nothing to read.

    Raises
    ------
    ReanalysisError
        Which names the role, the column it asks for, and the headings that the table has.
    """
    for role, heading in review.columns.items():
        if heading not in headings:
            raise ReanalysisError(
                f"the role {role!r} asks for a column that {table_file} does not have",
                file=review_file,
                column=heading,
                remedy=f"name one of its headings: {'; '.join(map(repr, headings))}",
            )
    twice = next((one for one in review.columns.values() if list(review.columns.values()).count(one) > 1), None)
    if twice is not None:
        roles = [role for role, heading in review.columns.items() if heading == twice]
        raise ReanalysisError(
            f"one column plays the roles {' and '.join(roles)}",
            file=review_file,
            column=twice,
            remedy="give each column one role",
        )
    if not set(ESTIMATE_ROLES) & set(review.columns) and not set(EVENT_ROLES) <= set(review.columns):
        raise ReanalysisError(
            "no column holds an estimate",
            file=review_file,
            remedy="give the role result, estimate, log_estimate or o_minus_e a column under columns, or both "
            "events_treated and events_control",
        )

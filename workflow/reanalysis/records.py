"""The rows of the results tables. `schemas/*.yaml` says what each column means."""

from __future__ import annotations

from dataclasses import dataclass, field

from reanalysis.printed import PrintedNumber


@dataclass(frozen=True)
class Study:
    """One printed row of the review's table: who, when, how many."""

    row: int
    study: str
    reference: str = ""
    year: int | None = None
    start: float | None = None
    end: float | None = None
    mid: float | None = None
    duration: float | None = None
    n: int | None = None
    n_treated: int | None = None
    n_control: int | None = None
    events: int | None = None
    events_treated: int | None = None
    events_control: int | None = None
    survival_treated: PrintedNumber | None = None
    survival_control: PrintedNumber | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimate:
    """One printed estimate, or a statement that stands where an estimate was expected."""

    row: int
    item: int
    study: str
    outcome: str
    contrast: str
    measure: str
    estimate: PrintedNumber | None
    lower: PrintedNumber | None
    upper: PrintedNumber | None
    level: float
    p: PrintedNumber | None
    p_operator: str
    p_sides: int
    log_estimate: PrintedNumber | None
    se: PrintedNumber | None
    variance: PrintedNumber | None
    o_minus_e: PrintedNumber | None
    inverted: str
    text: str
    column: str
    poolable: bool
    reason: str


@dataclass(frozen=True)
class Provenance:
    """The characters of a cell that a value was read from."""

    table: str
    row: int
    item: int | None
    study: str
    field: str
    file: str
    column: str
    start: int
    end: int
    text: str
    correction: str


@dataclass(frozen=True)
class Route:
    """One way from printed numbers to an effect and its standard error."""

    row: int
    item: int
    study: str
    outcome: str
    contrast: str
    route: str
    used: bool
    inverted: str
    yi: float
    sei: float | None
    yi_low: float
    yi_high: float
    sei_low: float | None
    sei_high: float | None


@dataclass(frozen=True)
class Effect:
    """A printed estimate on the scale of the analysis, in the analysis or not, and why not."""

    row: int
    item: int
    study: str
    outcome: str
    contrast: str
    included: bool
    reason: str
    yi: float | None
    sei: float | None
    route: str
    yi_low: float | None
    yi_high: float | None
    sei_low: float | None
    sei_high: float | None
    printed_low: float | None = None
    printed_high: float | None = None
    printed_level: float | None = None
    z_low: float | None = None
    z_high: float | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """Something a check has to say about a printed cell."""

    severity: str
    check: str
    row: int
    study: str
    column: str
    printed: str
    message: str
    detail: str


@dataclass(frozen=True)
class Specification:
    """One way to pool the review, and what it gives."""

    scenario: str
    dependence: str
    tau2_method: str
    interval: str
    k: int
    estimate: float
    ci_low: float | None
    ci_high: float | None
    p: float | None
    tau2: float

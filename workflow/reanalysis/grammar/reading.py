"""What one part of a printed cell says, and the ways in which it may say nothing that can be pooled."""

from __future__ import annotations

from dataclasses import dataclass, field

from reanalysis.printed import PrintedNumber, Span

NOT_A_NUMBER = "printed as a statement, without an estimate"
NOT_SIGNIFICANT = "printed only as not significant, without an estimate"
REFERENCE = "printed as the group that the others are compared with"
UNREADABLE = "cannot be read: "

Located = tuple[PrintedNumber, Span]


@dataclass(frozen=True)
class Reading:
    """What one part of a cell says.

    Parameters
    ----------
    start, end
        The characters it covers.
    level
        The confidence level that is printed, between 0 and 1.
    p_operator
        ``=``, ``<``, ``<=``, ``>``, ``>=``, or ``ns`` where print only says "not significant".
    p_sides
        1 or 2 where print says which.
    adjusted
        Whether print calls it adjusted, by a word or an "a" before the measure.
    spans
        Field name to the characters that the field was read from.
    reason
        Why there is no estimate; empty where there is one.
    """

    start: int
    end: int
    measure: str = ""
    outcome: str = ""
    contrast: str = ""
    estimate: PrintedNumber | None = None
    lower: PrintedNumber | None = None
    upper: PrintedNumber | None = None
    level: float | None = None
    se: PrintedNumber | None = None
    p: PrintedNumber | None = None
    p_operator: str = ""
    p_sides: int | None = None
    adjusted: bool = False
    reason: str = ""
    spans: dict[str, Span] = field(default_factory=dict)

    @property
    def unreadable(self) -> bool:
        """Whether it looks like an estimate and cannot be read as one."""
        return self.reason.startswith(UNREADABLE)


class Unreadable(Exception):  # noqa: N818 (not an error: the row is kept, with this as its reason)
    """The cell says something else than the grammar expects."""


class NotAnEstimate(Exception):  # noqa: N818 (not an error: the row is kept as a statement)
    """The words begin like an estimate and are none."""


class Ambiguous(Exception):  # noqa: N818 (the caller makes it an error with a place)
    """The cell can be read in two ways, and neither is a guess worth making."""

"""A printed number: its characters are data, and its trailing zeros say how it was rounded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from reanalysis.errors import ReanalysisError

# Which characters of a cell: the first, and the one behind the last, counted from 0.
Span = tuple[int, int]

# What a table prints where it has nothing to say.
MISSING = frozenset({"", "-", "–", "—", "na", "n/a", "nr", "nd", "not reported", "not available"})


def is_missing(cell: str) -> bool:
    """Whether a cell says that nothing is printed."""
    return " ".join(cell.split()).lower() in MISSING


@dataclass(frozen=True)
class PrintedNumber:
    """A number as printed.

    Parameters
    ----------
    text
        Plain decimal digits, with the decimals that were printed: ``"0.60"``.
    """

    text: str

    def __post_init__(self) -> None:
        """Refuse what is no finite number.

        Raises
        ------
        ReanalysisError
            Where `text` is not a finite decimal number that a float can hold.
        """
        try:
            number = Decimal(self.text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(float(number)) == float("inf"):
            raise ReanalysisError(
                "a number was expected here",
                printed=self.text,
                remedy="check the cell against the print; leave it empty if no number is printed",
            )

    @property
    def value(self) -> float:
        """The number itself."""
        return float(self.text)

    # ASSUME: print does not drop trailing zeros, so that "1" may stand for anything from 0.5 to 1.5. Where a table does
    # drop them, ranges come out too wide, and checks too lenient, never too strict.
    @property
    def half_unit(self) -> float:
        """Half of one unit in the last printed place."""
        exponent = Decimal(self.text).as_tuple().exponent
        return float(Decimal(5).scaleb(int(exponent) - 1))

    @property
    def low(self) -> float:
        """The smallest number that rounds to the printed one."""
        return float(Decimal(self.text) - Decimal(repr(self.half_unit)))

    @property
    def high(self) -> float:
        """The largest number that rounds to the printed one."""
        return float(Decimal(self.text) + Decimal(repr(self.half_unit)))

    def __str__(self) -> str:
        """Return the printed digits."""
        return self.text

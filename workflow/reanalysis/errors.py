"""What is said when an input cannot be used: where it stands, what was printed, what to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

EXIT_STATUS = 2

# How much of a text a message shows: its beginning tells which it is.
MOST_OF_A_PLACE, MOST_OF_A_SENTENCE = 160, 1000


def visible(text: str, most: int) -> str:
    """Return a text as one line of at most so many characters, none of which commands a terminal.

    What cannot be printed stands as its escape, as in Python's strings.
    """
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    return "".join(one if one.isprintable() or one == "\u00a0" else repr(one)[1:-1] for one in cut)


class ReanalysisError(Exception):
    """An input that cannot be used.

    Parameters
    ----------
    problem
        What is wrong, and what was expected instead.
    remedy
        What the reader can do about it.
    file, study, column, printed
        Where it stands, as far as is known. `at` fills in what only a caller knows.
    """

    def __init__(
        self,
        problem: str,
        *,
        remedy: str,
        file: str = "",
        study: str = "",
        column: str = "",
        printed: str | None = None,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.file = file
        self.study = study
        self.column = column
        self.printed = printed

    def at(self, *, file: str = "", study: str = "", column: str = "", printed: str | None = None) -> ReanalysisError:
        """Return the same error with the places that were still unknown filled in."""
        return type(self)(
            self.problem,
            remedy=self.remedy,
            file=self.file or file,
            study=self.study or study,
            column=self.column or column,
            printed=printed if self.printed is None else self.printed,
        )

    def __reduce__(self) -> tuple[Callable[[str], ReanalysisError], tuple[str]]:
        """Return how to make it again in another process, which an exception with named arguments must say itself."""
        places = {"file": self.file, "study": self.study, "column": self.column}
        return partial(type(self), remedy=self.remedy, printed=self.printed, **places), (self.problem,)

    def __str__(self) -> str:
        """Return one line a fact, the known ones only, as `visible` shows them."""
        lines = [f"reanalysis: {visible(self.problem, MOST_OF_A_SENTENCE)}"]
        places = {"file": self.file, "study": self.study, "column": self.column}
        lines += [f"  {name + ':':<9}{visible(place, MOST_OF_A_PLACE)}" for name, place in places.items() if place]
        if self.printed is not None:
            cut = self.printed if len(self.printed) <= MOST_OF_A_PLACE else f"{self.printed[:MOST_OF_A_PLACE]}…"
            lines.append(f"  printed: {cut!r}")
        lines.append(f"  remedy:  {visible(self.remedy, MOST_OF_A_SENTENCE)}")
        return "\n".join(lines)

"""What is said when an input cannot be used: where it stands, what was printed, what to do."""

from __future__ import annotations

EXIT_STATUS = 2


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

    def __str__(self) -> str:
        """Return one line a fact, the known ones only."""
        lines = [f"reanalysis: {self.problem}"]
        places = {"file": self.file, "study": self.study, "column": self.column}
        lines += [f"  {name + ':':<9}{place}" for name, place in places.items() if place]
        if self.printed is not None:
            lines.append(f"  printed: {self.printed!r}")
        lines.append(f"  remedy:  {self.remedy}")
        return "\n".join(lines)

"""The design matrix of a model: its columns, their names, and what makes it unusable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reanalysis.errors import ReanalysisError

FloatArray = npt.NDArray[np.float64]

INTERCEPT = "intercept"

# Columns whose directions differ by less than this share of their length are the same to a double.
COLLINEAR = 1e-10


@dataclass(frozen=True)
class Design:
    """A design matrix of full rank, and its orthonormal form.

    Parameters
    ----------
    terms
        The names of the p coefficients.
    X
        Shape (k, p).
    Q, R
        X = Q R with orthonormal columns of Q: fits are made on Q, so that a year counted from 0 costs no digits.
    """

    terms: tuple[str, ...]
    X: FloatArray
    Q: FloatArray
    R: FloatArray

    @property
    def k(self) -> int:
        """The number of studies."""
        return int(self.X.shape[0])

    @property
    def p(self) -> int:
        """The number of coefficients."""
        return int(self.X.shape[1])


def design(moderators: Mapping[str, Sequence[float]], k: int) -> Design:
    """Return the design matrix of an intercept and numeric moderators.

    Parameters
    ----------
    moderators
        Name to k finite values; none for a model of the mean alone.
    k
        The number of studies.

    Raises
    ------
    ReanalysisError
        Where there are fewer studies than coefficients, or a moderator is constant or follows from others.
    """
    columns = {INTERCEPT: np.ones(k)} | {name: np.asarray(values, float) for name, values in moderators.items()}
    X = np.column_stack(list(columns.values()))
    if k < len(columns):
        raise ReanalysisError(
            f"{k} studies cannot estimate {len(columns)} coefficients ({', '.join(columns)})",
            remedy="name fewer moderators together",
        )
    lengths = np.linalg.norm(X, axis=0)
    lengths[lengths == 0] = 1.0
    _, R = np.linalg.qr(X / lengths)
    for index, name in enumerate(columns):
        if abs(R[index, index]) < COLLINEAR:
            others = [other for other in list(columns)[:index] if other != INTERCEPT]
            constant = float(np.ptp(columns[name])) == 0 or not others
            problem = "is the same for every study" if constant else f"follows from {', '.join(others)}"
            raise ReanalysisError(f"the moderator {name!r} {problem}", remedy="leave it out of this model")
    Q, R = np.linalg.qr(X)
    return Design(tuple(columns), X, Q, R)

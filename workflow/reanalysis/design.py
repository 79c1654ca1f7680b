"""The design matrix of a model: its columns, their names, and what makes it unusable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reanalysis.errors import ReanalysisError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

INTERCEPT = "intercept"

# Columns whose directions differ by less than this share of their length leave a slope no digit of its own.
COLLINEAR = 1e-7


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
        X = Q R with orthonormal columns of Q, the first one constant: fits are made on Q, so that a year counted from 0
        costs no digits.
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
    if INTERCEPT in moderators:
        raise ReanalysisError(
            f"a moderator cannot be called {INTERCEPT!r}: the constant of every model is",
            remedy="leave it out of the models",
        )
    columns = {INTERCEPT: np.ones(k)} | {name: np.asarray(values, float) for name, values in moderators.items()}
    if k < len(columns):
        raise ReanalysisError(
            f"{k} studies cannot estimate {len(columns)} coefficients ({', '.join(columns)})",
            remedy="name fewer moderators together",
        )
    X = np.column_stack(list(columns.values()))
    # Centred first, so that a moderator far from 0 loses no digits: X = centred @ back.
    back = np.eye(X.shape[1])
    back[0, 1:] = X[:, 1:].mean(axis=0)
    centred = X.copy()
    centred[:, 1:] -= back[0, 1:]
    _refuse_dependent(centred, list(columns))
    Q, R = np.linalg.qr(centred)
    return Design(tuple(columns), X, Q, R @ back)


def of_matrix(X: FloatArray) -> Design:
    """Return the design of a matrix of shape (k, p), whose first column is the intercept's.

    Raises
    ------
    ReanalysisError
        Where it is no such matrix, or a column follows from others.
    """
    if X.ndim != 2 or not X.shape[1] or not np.isfinite(X).all() or (X[:, 0] != 1).any():  # noqa: PLR2004 (a matrix)
        raise ReanalysisError(
            f"an array of shape {X.shape} is no design",
            remedy="give finite numbers, a row a study and a column a coefficient, the first of ones",
        )
    moderators = {f"column {place}": list(X[:, place]) for place in range(1, X.shape[1])}
    return design(moderators, len(X))


def _refuse_dependent(centred: FloatArray, names: list[str]) -> None:
    """Refuse columns that are constant, or follow from the columns before them."""
    lengths = np.linalg.norm(centred, axis=0)
    for name, column, length in zip(names[1:], centred.T[1:], lengths[1:], strict=True):
        if length == 0 or float(np.ptp(column)) == 0:
            raise ReanalysisError(
                f"the moderator {name!r} is the same for every study", remedy="leave it out of this model"
            )
    _, R = np.linalg.qr(centred / lengths)
    for index, name in enumerate(names):
        if abs(R[index, index]) < COLLINEAR:
            raise ReanalysisError(
                f"the moderator {name!r} follows from {', '.join(names[1:index])}", remedy="leave it out of this model"
            )


def rounding_error(k: int, total: float) -> float:
    """Return the size of a residual sum of squares by least squares of k rows that is rounding error.

    Parameters
    ----------
    total
        The sum of squares of what was fitted, on the same axes.
    """
    # Residuals that are truly 0 come out up to nine times k last digits of the length of what was fitted.
    return (10 * k * float(np.finfo(float).eps)) ** 2 * total

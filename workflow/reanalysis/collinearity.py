"""How far the moderators of a model stand in for each other.

With C the covariance of the slopes, the generalised variance inflation factor of a block B of them is

    det C_BB  det (C^-1)_BB,

which for one slope is the variance inflation factor C_jj (C^-1)_jj, and equals det R_11 det R_22 / det R of the
correlations (Fox and Monette 1992, J Am Stat Assoc 87:178). With w = 1 / (vi + tau2), C^-1 is proportional to the
products of the moderators' columns, centred and multiplied with w.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reanalysis.design import COLLINEAR, Design, FloatArray


def collinearity(design: Design, weights: FloatArray, blocks: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return what `regression.json` says of the collinearity of a model; the schema says what each key means.

    Parameters
    ----------
    design
        With one slope at least.
    weights
        Shape (k,): 1 / (vi + tau2).
    blocks
        Moderator to its terms.
    """
    found = []
    for name, terms in blocks.items():
        inflated = inflation(design.X, weights, [design.terms.index(term) for term in terms])
        # As for a moderator of one column, on the scale of a confidence interval's length.
        found.append(
            {"moderator": name, "terms": list(terms), "gvif": inflated, "gsif": inflated ** (1 / (2 * len(terms)))}
        )
    return {"condition_index": condition_index(design.X, weights), "moderators": found}


def inflation(X: FloatArray, weights: FloatArray, block: Sequence[int]) -> float:
    """Return the generalised variance inflation factor, at least 1, of some columns of a design.

    Parameters
    ----------
    X
        Shape (k, p), of full rank, the first column of ones.
    weights
        Shape (k,).
    block
        Places of columns, from 1.
    """
    slopes = X[:, 1:] - weights @ X[:, 1:] / weights.sum()
    slopes = np.sqrt(weights)[:, None] * slopes
    slopes /= np.linalg.norm(slopes, axis=0)
    places = [place - 1 for place in block]
    # C = H H' with H the inverse of R; determinants of products are squares of those of triangles.
    half = np.linalg.inv(np.linalg.qr(slopes).R)[places]
    own = _volume(slopes[:, places])
    return max(1.0, (_volume(half.T) * own) ** 2)


def condition_index(X: FloatArray, weights: FloatArray) -> float:
    """Return the largest condition index of a weighted design, its columns, the intercept's among them, of length 1.

    The largest over the smallest singular value (Belsley, Kuh and Welsch 1980, Regression Diagnostics, chapter 3). The
    columns are not centred: a year counted from 0 is nearly an intercept, and the index says so.
    """
    scaled = np.sqrt(weights)[:, None] * X
    values = np.linalg.svd(scaled / np.linalg.norm(scaled, axis=0), compute_uv=False)
    return float(values[0] / values[-1])


def follows_from(columns: FloatArray) -> tuple[int, list[int]] | None:
    """Return the first column that follows from columns before it, and from which; None where none does.

    Of several ways in which it follows the one is taken that can do with the first columns, and no column is named that
    can be left out.

    Parameters
    ----------
    columns
        Shape (k, p), none of them constant; a constant is taken out of all.
    """
    centred = columns - columns.mean(axis=0)
    centred = centred / np.linalg.norm(centred, axis=0)
    for place in range(1, columns.shape[1]):
        needed = list(range(place))
        if _distance(centred, place, needed) >= COLLINEAR:
            continue
        for earlier in reversed(range(place)):
            others = [one for one in needed if one != earlier]
            if _distance(centred, place, others) < COLLINEAR:
                needed = others
        return place, needed
    return None


def _distance(columns: FloatArray, place: int, others: list[int]) -> float:
    """Return how far a column lies from the span of others, all of length 1."""
    basis, _ = np.linalg.qr(columns[:, others])
    rest = columns[:, place] - basis @ (basis.T @ columns[:, place])
    return float(np.linalg.norm(rest))


def _volume(columns: FloatArray) -> float:
    """Return the root of det (columns' columns)."""
    return float(np.abs(np.prod(np.diagonal(np.linalg.qr(columns).R))))

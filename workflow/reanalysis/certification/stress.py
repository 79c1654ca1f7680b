"""Data sets that numerical engines get wrong, each for a reason of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reanalysis.certification.compare import Number
from reanalysis.certification.records import Record, coefficient_record, own
from reanalysis.certification.reference import fit

METHODS = ("REML", "ML", "PM", "DL")


@dataclass(frozen=True)
class Case:
    """A data set of k studies: effects, sampling variances, and the moderators of its model, k numbers each."""

    y: Sequence[float]
    v: Sequence[float]
    moderators: Sequence[Sequence[float]] = ()

    @property
    def X(self) -> list[list[float]]:
        """The design, k by p."""
        return [[1.0, *(values[place] for values in self.moderators)] for place in range(len(self.y))]


_SIX = (0.1, 0.5, -0.2, 0.9, 0.3, 0.7)
_SIX_V = (0.1, 0.2, 0.15, 0.3, 0.1, 0.05)
_YEARS = (1985.0, 1990.0, 1992.0, 2001.0, 2004.0, 2009.0)

CASES = {
    "no heterogeneity": Case((0.1, 0.2, 0.15, 0.05, 0.1), (0.1, 0.2, 0.15, 0.3, 0.1)),
    # The restricted likelihood of these effects has its maximum at 0 where they are 1.24949 times smaller.
    "tau2 just above 0": Case(tuple(1.2507 * one for one in (0.1, 0.5, -0.2, 0.9, 0.3)), (0.1, 0.2, 0.15, 0.3, 0.1)),
    "two studies": Case((1.5, -0.25), (0.5, 0.125)),
    "two studies, variances 24 orders of magnitude apart": Case((5e5, 0.0), (1e-12, 1e12)),
    "variances over 24 orders of magnitude": Case((0.5, -3.0, 2e5, 1.0, 7e-7), (1e-12, 1e12, 3e4, 1.0, 2e-12)),
    "one study dominates": Case((0.4, 0.9, -0.3, 1.2, 0.1), (1e-10, 0.5, 0.8, 0.3, 1.1)),
    "effects far from 0": Case((1e8 + 0.25, 1e8 + 1.0, 1e8 - 0.5, 1e8 + 2.0), (0.1, 0.2, 0.15, 0.3)),
    "equal effects": Case((0.3,) * 4, (0.1, 1e-9, 1e9, 2.0)),
    "equal effects, equal variances": Case((-0.7,) * 6, (0.04,) * 6),
    "two maxima, the far one higher": Case((0.0, 0.0, 0.0, 0.0, 9.0), (1e-4, 1e-4, 1e-4, 1e-4, 1.0)),
    "two maxima, the one at 0 higher": Case((0.0, 0.0, 0.0, 0.0, 5.0, -5.0), (1e-6, 1e-6, 1e-6, 1e-6, 1.0, 1.0)),
    # The heights differ by 7e-5 and 3e-4: restricted at 6.3105, full at 7.2141.
    "two maxima of nearly equal height, restricted": Case((0.0, 0.0, 0.0, 0.0, 6.3105), (1e-4, 1e-4, 1e-4, 1e-4, 1.0)),
    "two maxima of nearly equal height, full": Case((0.0, 0.0, 0.0, 0.0, 7.2141), (1e-4, 1e-4, 1e-4, 1e-4, 1.0)),
    "three maxima": Case((0.0,) * 6 + (0.4, 60.0), (1e-10,) * 6 + (1e-3, 10.0)),
    "calendar years": Case(_SIX, _SIX_V, (_YEARS,)),
    "a moderator far from 0": Case(_SIX, _SIX_V, (tuple(1e9 + year for year in _YEARS),)),
    "a tiny moderator": Case(_SIX, _SIX_V, (tuple(1e-12 * (year - 2000) for year in _YEARS),)),
    "nearly collinear moderators": Case(
        _SIX, _SIX_V, (_YEARS, tuple(year + 1e-3 * place * place for place, year in enumerate(_YEARS)))
    ),
    "a dominating study and a moderator": Case(_SIX, (1e-8, 0.2, 0.15, 0.3, 0.1, 0.05), (_YEARS,)),
    "one study more than coefficients": Case((0.1, 0.5, -0.4), (0.1, 0.2, 0.15), ((1.0, 2.0, 4.0),)),
}


def reference(case: Case, method: str) -> Record:
    """Return tau2, Q, the log likelihood, and each coefficient with its Wald standard error."""
    found = fit(case.y, case.v, case.X, method)
    record = {"tau2": own(found.tau2, min(case.v)), "q": own(found.q, len(case.y))}
    for place in range(len(found.coefficients)):
        one = coefficient_record(found, place)
        record |= {f"estimate {place}": one["estimate"], f"se {place}": one["se"]}
    height = found.restricted_log_likelihood if method == "REML" else found.log_likelihood
    return record | {"loglik": Number(height, abs(height) + len(case.y))}

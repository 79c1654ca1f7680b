"""Dependent estimates and Henmi and Copas in fifty digits; `reference_cases` says how the expected values were made."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from mpmath import mp, mpf
from reference_cases import CLUSTERS, FILES, Data, close, data, same

from reanalysis.certification.clusters import cr2
from reanalysis.certification.dependent import gls_mean, two_level_mean
from reanalysis.certification.henmi_copas import henmi_copas
from reanalysis.certification.reference import fit


@pytest.mark.parametrize(
    ("name", "level", "low", "high"),
    [
        # metafor::hc with integrate's rel.tol 1e-13 and uniroot's tol 1e-15: as shipped, it leaves seven digits.
        ("bcg", 0.95, -1.155548761972063, 0.294978434663880),
        ("le-scodan-2010", 0.9, -0.7189337103487263, -0.2852595932622640),
    ],
)
def test_henmi_copas(name: str, level: float, low: float, high: float) -> None:
    y, v, _ = data(name)
    ours = henmi_copas(y, v, level)
    close([ours.low, ours.high], [low, high])


SINGULAR = [[1.0, float(cluster == 3)] for cluster in CLUSTERS["bcg"]]


@pytest.mark.parametrize(
    ("case", "name", "expected"),
    [
        (data("bcg"), "bcg", "0.2151428716707299 4.5507392659436929 0.0241707670582853"),
        (data("le-scodan-2010"), "le-scodan-2010", "0.06429714344321086 4.18452128234698328 0.00173255944659080"),
        (data("bcg", "ablat"), "bcg", ("9.70503831589985e-02 6.24666421658927e-03 4.24186120039054 3.33700685465903 "
         "2.49148111653275e-03 1.46840126865479e-02")),
        (data("le-scodan-2010", "start"), "le-scodan-2010", ("2.54311925390908e-02 3.81071600801446e-03 "
         "2.30907886588474 1.74846997144536 1.49809436163314e-03 9.38689299592549e-02")),
        # A moderator that one cluster alone determines: its adjustment needs a pseudo-inverse.
        ((*data("bcg")[:2], SINGULAR), "bcg", ("0.245638540695293 0.260980457535155 3.570856616211575 4.55950420847526 "
         "0.066478411229605 0.143914348335932")),
    ],
)  # fmt: skip
def test_cr2(case: Data, name: str, expected: str) -> None:
    ours = cr2(*case, CLUSTERS[name])
    close([*ours.se, *ours.df, *ours.p], [float(value) for value in expected.split()])


@pytest.mark.parametrize("name", FILES)
def test_cr2_of_the_files(name: str) -> None:
    ours, oracle = cr2(*data(name), range(len(data(name)[0]))), FILES[name]["cr2"]
    close([ours.se[0], ours.df[0], ours.p[0]], [oracle["se"], oracle["df"], oracle["p"]])


def covariance(name: str, correlation: float) -> list[list[float]]:
    _, v, _ = data(name)
    named = list(enumerate(CLUSTERS[name]))
    return [
        [v[i] if i == j else (v[i] * v[j]) ** 0.5 * correlation * (a == b) for j, b in named] for i, a in named
    ]  # fmt: skip


def test_a_diagonal_covariance_is_the_usual_model() -> None:
    y, v, X = data("bcg")
    diagonal = covariance("bcg", 0.0)
    for method, between in (("FE", False), ("REML", True)):
        ours, usual = gls_mean(y, diagonal, between=between), fit(y, v, X, method)
        same(ours.estimate, usual.coefficients[0])
        same(ours.se, usual.se[0])
        same(ours.restricted_log_likelihood, usual.restricted_log_likelihood)


@pytest.mark.parametrize(
    ("name", "fixed", "estimate", "se", "tau2", "height"),
    [  # rma.mv(yi, V), then random = ~ 1 | id by optim's BFGS with reltol 1e-16
        ("bcg", (-0.420854089639187, 0.0409366511918147), -0.71014771574608, 0.184469085469663, 0.290677228985863,
         -11.8700373494491),
        ("le-scodan-2010", (-0.494709979250154, 0.0188097146545266), -0.453858792787935, 0.0613375634597657,
         0.0219087534865415, 1.88710004670679),
    ],
)  # fmt: skip
def test_correlated_estimates(
    name: str, fixed: tuple[float, float], estimate: float, se: float, tau2: float, height: float
) -> None:
    y, known = data(name)[0], covariance(name, 0.5)
    alone, ours = gls_mean(y, known), gls_mean(y, known, between=True)
    close([alone.estimate, alone.se], fixed)
    close([ours.restricted_log_likelihood], [height], 1e-13)
    # A maximum found from double-precision heights is known to half their digits.
    close([ours.estimate, ours.se, *ours.variances], [estimate, se, tau2], 1e-7)
    assert abs(slopes(y, known, CLUSTERS[name], (mpf(0), *ours.variances))[1]) < mpf(10) ** -45


def slopes(y: Sequence[float], known: list[list[float]], clusters: Sequence[int], at: tuple[mpf, mpf]) -> list[mpf]:
    """Return the derivatives of the restricted likelihood by dense matrices, one a variance component."""
    k = len(y)
    with mp.workdps(100):
        shared = mp.matrix([[mpf(a == b) for b in clusters] for a in clusters])
        total = mp.matrix([[mpf(cell) for cell in row] for row in known]) + at[0] * shared + at[1] * mp.eye(k)
        inverse, ones = mp.inverse(total), mp.ones(k, 1)
        P = inverse - inverse * ones * ones.T * inverse / (ones.T * inverse * ones)[0]  # noqa: N806
        pulled = P * mp.matrix([[mpf(value)] for value in y])
        return [
            ((pulled.T * part * pulled)[0] - mp.fsum((P * part)[i, i] for i in range(k))) / 2
            for part in (shared, mp.eye(k))
        ]


@pytest.mark.parametrize(
    ("name", "correlation", "expected", "height"),
    [  # rma.mv(yi, V, random = ~ 1 | cluster/id) by optim's BFGS with reltol 1e-16
        ("le-scodan-2010", 0.5, (-0.429431052735611, 0.0772399321415779, 0.0264067253530839, 0.00206166722848975),
         2.7921152023394),
        ("le-scodan-2010", 0.0, (-0.435018190896313, 0.0760578382767844, 0.0265536014538572, 0.00156754952319028),
         2.70769460792486),
    ],
)  # fmt: skip
def test_estimates_within_clusters(name: str, correlation: float, expected: tuple[float, ...], height: float) -> None:
    y, known = data(name)[0], covariance(name, correlation)
    ours, gap = two_level_mean(y, known, CLUSTERS[name], gap=0.2)
    close([ours.estimate, ours.se, *ours.variances], expected, 1e-6)
    close([ours.restricted_log_likelihood], [height], 1e-13)
    assert 0 <= gap <= 0.2
    assert all(abs(slope) < mpf(10) ** -45 for slope in slopes(y, known, CLUSTERS[name], ours.variances))


def test_no_variance_between_clusters() -> None:
    y, known = [0.0, 3.0, 0.5, 2.5], [[float(i == j) / 4 for j in range(4)] for i in range(4)]
    ours, _ = two_level_mean(y, known, "aabb")
    assert ours.variances[0] == 0
    same(ours.variances[1], gls_mean(y, known, between=True).variances[0])
    for between in (0.0, 0.5, 2.0):
        total = [[cell + between * (i // 2 == j // 2) for j, cell in enumerate(row)] for i, row in enumerate(known)]
        rival = gls_mean(y, total, between=True)
        assert rival.restricted_log_likelihood <= ours.restricted_log_likelihood


def test_two_levels_need_pairs_and_several_clusters() -> None:
    for clusters in ("abc", "aaa"):
        with pytest.raises(ValueError, match="two levels"):
            two_level_mean([1.0, 2.0, 3.0], [[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]], clusters)


def test_a_singular_covariance_is_refused() -> None:
    with pytest.raises(ValueError, match="positive definite"):
        gls_mean([1.0, 2.0, 3.0], [[1.0, 0, 0], [0, 0, 0], [0, 0, 0]])

"""The fifty-digit reference against metafor, closed forms and itself; `reference_cases` says how values were made."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from mpmath import mp, mpf
from reference_cases import FILES, SPREAD, TWO_MAXIMA, Data, close, data, same

from reanalysis.certification import precision
from reanalysis.certification.collinearity import condition_index, variance_inflation
from reanalysis.certification.contrasts import contrasts, stationary_points
from reanalysis.certification.reference import fit, intercept, weighted
from reanalysis.certification.tails import chi2_quantile, chi2_upper, f_upper, t_quantile, t_upper, two_sided_p
from reanalysis.certification.tau2 import ESTIMATORS, maxima, tau2_of
from reanalysis.certification.tau2_intervals import q_profile

INTERVALS = {"z": "wald", "knha": "hksj", "adhoc": "hksj_guarded"}


@pytest.mark.parametrize("name", FILES)
def test_every_pooled_value_of_the_files(name: str) -> None:
    for key, oracle in FILES[name]["pooled"].items():
        method, test = key.split("/")
        ours = fit(*data(name), method, INTERVALS[test])
        mean = [ours.coefficients[0], ours.se[0], ours.statistic[0], ours.p[0], ours.low[0], ours.high[0]]
        close(mean, [oracle[part] for part in ("estimate", "se", "stat", "p", "ci_low", "ci_high")])
        rest = [ours.tau2, ours.i2, ours.h2, ours.q, ours.q_p]
        close(rest, [oracle[part] for part in ("tau2", "i2", "h2", "q", "q_p")])
        if "pi_riley" in oracle:
            # metafor 3.8-1 multiplies a Wald prediction interval with the normal quantile, not that of t.
            ratio = t_quantile(0.95) / t_quantile(0.95, oracle["k"] - 2) if test == "z" else 1
            close([(1 - ratio) * mean[0] + ratio * limit for limit in ours.prediction], oracle["pi_riley"])
        if "tau2_ci" in oracle:
            ours_profile = q_profile(*data(name))
            close([*ours_profile.tau2, *ours_profile.i2], [*oracle["tau2_ci"], *oracle["i2_ci"]])


@pytest.mark.parametrize("name", FILES)
def test_every_regression_of_the_files(name: str) -> None:
    for key, oracle in FILES[name]["regression"].items():
        moderators, method, test = key[1:].split("/")
        if test != "z" and method != "REML":
            continue  # the scale of the covariance knows nothing of the estimator, and this file is to be quick
        ours = fit(*data(name, *moderators.split("+"), centred=False), method, INTERVALS[test])
        # Uncentred calendar years: metafor's own arithmetic leaves nine digits. The next test is the sharp one.
        for values, part in ((ours.coefficients, "estimate"), (ours.se, "se"), (ours.statistic, "stat"), (ours.p, "p")):
            close(values, oracle[part], 1e-9)
        close([ours.tau2, ours.i2, ours.h2, ours.q, ours.q_p, ours.r2], [
            oracle[part] for part in ("tau2", "i2", "h2", "q", "q_p", "r2")
        ], 1e-9)  # fmt: skip
        close([ours.omnibus.statistic, ours.omnibus.p], [oracle["qm"], oracle["qm_p"]], 1e-9)
        # A limit may lie near 0, where the digits that matter are those of the standard error.
        for values, part in ((ours.low, "ci_low"), (ours.high, "ci_high")):
            for value, se, expected in zip(values, ours.se, oracle[part], strict=True):
                assert abs(value - expected) < 1e-9 * se


REGRESSIONS = {  # tau2, three coefficients, three standard errors, R2, QM, I2, log likelihood, restricted
    "FE": "0 -0.52562728819089088 -0.03387544941047709 -0.00846603911484333 0.04187993312621541 0.00399633874101012 "
    "0.00545578022335883 77.67227172495874754 123.90786442441179815 64.69567773157876900 -8.26963769222510159 "
    "-11.32289520951652939",
    "DL": "0.079038957815253885 -0.623272947472945593 -0.028764483989566381 0.000772079782033016 0.109278711521728036 "
    "0.008979212235280417 0.012998474730700382 74.401188455237260655 15.931438269313387579 64.695677731578768999 "
    "-7.969577652845627469 -8.165489763222259612",
    "PM": "0.17163711572458115 -0.64126721934754671 -0.02701957800897203 0.00317995451421837 0.14420713594616058 "
    "0.01225231181870743 0.01733917032263010 46.03768008593770134 8.48153451687122306 79.91725153192277276 "
    "-8.88350950338262813 -8.22101837331944907",
    "REML": "0.11078469694742449 -0.63177138257515253 -0.02801132944421591 0.00190748044749024 0.12283790112889446 "
    "0.01023394323102118 0.01468368589204063 64.63301473541837083 12.20448687922009157 71.97731777876015258 "
    "-8.27448856402377331 -8.10687383701050024",
    "ML": "0.02687319931367727 -0.59266067846615544 -0.03085142265983164 -0.00319006208013743 0.07810839926716578 "
    "0.00628705770641171 0.00917980703564881 90.40339318191564644 33.93820493181607389 38.38774821258627412 "
    "-7.64611522773010499 -8.88748702362310716",
    "EB": "0.17163711572458260 -0.64126721934754738 -0.02701957800897193 0.00317995451421848 0.14420713594616108 "
    "0.01225231181870746 0.01733917032263015 46.03768008593727501 8.48153451687114490 79.91725153192290065 "
    "-8.88350950338264056 -8.22101837331945262",
    "SJ": "0.25322612318189452 -0.64781080980529049 -0.02617070166236723 0.00410984602744356 0.16765964507164555 "
    "0.01449366513651754 0.02025046968065065 26.71067566240977342 6.04581358824357729 85.44615241158209074 "
    "-9.66085678238881229 -8.53694483013708449",
    "HE": "0.23561076081707583 -0.64674893406599632 -0.02632367001110651 0.00395098450913583 0.16294732034944626 "
    "0.01404215161992757 0.01966568151743471 28.29072489765126619 6.44364353265719014 84.52640896702777695 "
    "-9.49872105027311697 -8.46188676011615293",
    "HS": "0.02513551736181392 -0.59072130202407458 -0.03095981157556158 -0.00341999841792275 0.07664487025334385 "
    "0.00617209075116255 0.00900649956925467 88.99316773441053385 35.37812795967686696 36.81945626003937377 "
    "-7.64691179707757662 -8.94646839939396266",
}  # fmt: skip
LIKELIHOODS = {  # of the mean model: full, restricted
    "FE": (-70.2235699044310, -71.2286408197942), "DL": (-12.6823357814279, -12.2027339222271),
    "PM": (-12.6943369162157, -12.2027777563167), "REML": (-12.6877716626704, -12.2023714154936),
    "ML": (-12.6650763482768, -12.2245240675230), "EB": (-12.6943369162157, -12.2027777563167),
    "SJ": (-12.7440226514002, -12.2189381926845), "HE": (-12.7109950510100, -12.2063221563585),
    "HS": (-12.7426653012772, -12.3822936574624),
}  # fmt: skip


@pytest.mark.parametrize("method", ESTIMATORS)
def test_every_estimator_on_centred_moderators(method: str) -> None:
    ours = fit(*data("bcg", "ablat", "year"), method)
    values = [ours.tau2, *ours.coefficients, *ours.se, ours.r2, ours.omnibus.statistic, ours.i2]
    close(
        [*values, ours.log_likelihood, ours.restricted_log_likelihood], [float(x) for x in REGRESSIONS[method].split()]
    )
    mean = fit(*data("bcg"), method)
    close([mean.log_likelihood, mean.restricted_log_likelihood], LIKELIHOODS[method], 1e-13)


@pytest.mark.parametrize("method", ESTIMATORS)
def test_centring_changes_no_digit_of_a_slope(method: str) -> None:
    near, far = fit(*data("bcg", "ablat", "year"), method), fit(*data("bcg", "ablat", "year", centred=False), method)
    for ours, theirs in ((near.tau2, far.tau2), *zip(near.se[1:], far.se[1:], strict=True)):
        same(ours, theirs)
    same(near.restricted_log_likelihood, far.restricted_log_likelihood)


@pytest.mark.parametrize(
    ("y", "v"), [((1.5, -0.25), (0.5, 0.125)), ((0.1, 0.2), (0.3, 0.4)), ((5e5, 0.0), (1e-12, 1e12))]
)
def test_closed_form_of_two_studies(y: tuple[float, float], v: tuple[float, float]) -> None:
    squared = (Fraction(y[0]) - Fraction(y[1])) ** 2
    exact = max(Fraction(0), (squared - Fraction(v[0]) - Fraction(v[1])) / 2)
    with mp.workdps(60):
        expected = mpf(exact.numerator) / exact.denominator
    for method in ("REML", "PM", "HE"):
        same(tau2_of(method, y, v, intercept(2)), expected)


def test_closed_forms_of_equal_variances() -> None:
    y, v = [0.5, -1.25, 3.0, 2.0, 0.75], [0.5] * 5
    squares = sum((Fraction(effect) - sum(map(Fraction, y)) / 5) ** 2 for effect in y)
    for method, expected in {
        **dict.fromkeys(("REML", "DL", "PM", "EB", "HE"), squares / 4 - Fraction(1, 2)),
        "ML": squares / 5 - Fraction(1, 2), "HS": squares / 5 - Fraction(1, 2),
    }.items():  # fmt: skip
        with mp.workdps(60):
            same(tau2_of(method, y, v, intercept(5)), mpf(expected.numerator) / expected.denominator)


def dense_likelihood(method: str, y: Sequence[float], v: Sequence[float], X: Sequence[Sequence[float]], t: mpf) -> mpf:
    design = mp.matrix([[mpf(cell) for cell in row] for row in X])
    here = weighted([mpf(value) for value in y], [mpf(value) for value in v], design, t)
    logs = mp.fsum(mp.log(mpf(value) + t) for value in v)
    return -(logs + here.q - (mp.log(mp.det(here.inverse)) if method == "REML" else 0)) / 2


@pytest.mark.parametrize(("case", "highest"), TWO_MAXIMA)
def test_the_higher_of_two_maxima(case: Data, highest: float) -> None:
    assert len(maxima("REML", *case)) == 2
    assert float(tau2_of("REML", *case)) == pytest.approx(highest, rel=1e-4)


@pytest.mark.parametrize("method", ["ML", "REML"])
@pytest.mark.parametrize(
    "case", [data("bcg"), data("le-scodan-2010", "start"), SPREAD, *(case for case, _ in TWO_MAXIMA)]
)
def test_no_tau2_is_higher_by_the_dense_formula(method: str, case: Data) -> None:
    with mp.workdps(200):
        best = tau2_of(method, *case)
        top = dense_likelihood(method, *case, best)
        for place, height in maxima(method, *case):
            rise = dense_likelihood(method, *case, place) - dense_likelihood(method, *case, mpf(0))
            assert abs(rise - height) <= mpf(10) ** -90 * (1 + abs(height))
        for exponent in range(-30, 31):
            assert dense_likelihood(method, *case, mpf(10) ** (mpf(exponent) / 2) * case[1][0]) <= top
        if best:
            step = best * mpf(10) ** -60
            slope = dense_likelihood(method, *case, best + step) - dense_likelihood(method, *case, best - step)
            assert abs(slope) <= mpf(10) ** -90


@pytest.mark.parametrize("case", [data("bcg"), *(case for case, _ in TWO_MAXIMA), SPREAD])
def test_as_many_stationary_points_as_the_polynomial_has_positive_roots(case: Data) -> None:
    with mp.workdps(200):
        model = contrasts(*case)
        # Sturm's theorem on the numerator of the score, in the unit of the smallest root.
        unit = min(model.roots)
        numerator = [mpf(0)]
        for j, square in enumerate(model.squared):
            term = [square / unit - model.roots[j] / unit, mpf(-1)]
            for i, root in enumerate(model.roots):
                if i != j:
                    term = times(times(term, [root / unit, mpf(1)]), [root / unit, mpf(1)])
            numerator = plus(numerator, term)
        assert len(stationary_points(model, model.roots)) == positive_roots(numerator)


def times(a: list[mpf], b: list[mpf]) -> list[mpf]:
    return [mp.fsum(a[i] * b[n - i] for i in range(len(a)) if 0 <= n - i < len(b)) for n in range(len(a) + len(b) - 1)]


def plus(a: list[mpf], b: list[mpf]) -> list[mpf]:
    n = max(len(a), len(b))
    return [(a[i] if i < len(a) else mpf(0)) + (b[i] if i < len(b) else mpf(0)) for i in range(n)]


def positive_roots(ascending: list[mpf]) -> int:
    chain = [ascending, [n * cell for n, cell in enumerate(ascending)][1:]]
    while len(chain[-1]) > 1:
        rest = list(chain[-2])
        while len(rest) >= len(chain[-1]):
            factor = rest[-1] / chain[-1][-1]
            shift = len(rest) - len(chain[-1])
            rest = [cell - (factor * chain[-1][n - shift] if n >= shift else 0) for n, cell in enumerate(rest)][:-1]
        chain.append([-cell for cell in rest])
    return changes([row[0] for row in chain]) - changes([row[-1] for row in chain])


def changes(signs: list[mpf]) -> int:
    return sum((a > 0) != (b > 0) for a, b in pairwise(signs))


@pytest.mark.parametrize("interval", ["wald", "hksj", "hksj_guarded"])
@pytest.mark.parametrize("method", ESTIMATORS)
def test_twice_the_digits_change_none(method: str, interval: str, monkeypatch: pytest.MonkeyPatch) -> None:
    once = fit(*SPREAD, method, interval)
    monkeypatch.setattr(precision, "WORKING", 400)
    twice = fit(*SPREAD, method, interval)
    for part in ("tau2", "typical", "i2", "h2", "q", "scale", "log_likelihood", "restricted_log_likelihood"):
        same(getattr(once, part), getattr(twice, part), 49)
    for part in ("coefficients", "se", "p", "low", "high"):
        same(getattr(once, part)[0], getattr(twice, part)[0], 49)


def test_equal_effects_leave_no_heterogeneity() -> None:
    y, v = [0.3] * 4, [0.1, 1e-9, 1e9, 2.0]
    for method in ESTIMATORS:
        assert tau2_of(method, y, v, intercept(4)) == 0
    ours = fit(y, v, intercept(4), "REML", "hksj")
    assert (ours.q, ours.q_p, ours.i2, ours.se[0], ours.p[0]) == (0, 1, 0, 0, 0)
    same(ours.coefficients[0], mpf(0.3))


@pytest.mark.parametrize(
    ("name", "moderators", "level", "expected"),
    [
        ("bcg", (), 0.9, (0.141002241583160, 0.909805471952731, 84.218940579281735, 97.177906538645118)),
        ("le-scodan-2010", (), 0.9, (0.00597286325654155, 0.05841057484124847, 59.32595851262685, 93.44856703708929)),
        ("bcg", ("ablat",), 0.95, (0.0166800683206483, 0.7848352545754980, 32.0978832359786423, 95.6974435368293399)),
        ("le-scodan-2010", ("start",), 0.95, (0.0, 0.0312559119294253, 0.0, 87.9756793820768053)),
    ],
)
def test_q_profile(name: str, moderators: tuple[str, ...], level: float, expected: tuple[float, ...]) -> None:
    ours = q_profile(*data(name, *moderators), level)
    close([*ours.tau2, *ours.i2], expected)


def test_tails_against_closed_forms() -> None:
    with mp.workdps(60):
        level = mpf("0.95")
        same(2 * mp.quad(mp.npdf, [0, 1, t_quantile(level)]), level)
        same(t_quantile(level, 1), mp.tan(mp.pi * level / 2))
        same(t_upper(mpf(3), mpf(1)), mpf(1) / 2 - mp.atan(3) / mp.pi)
        same(t_upper(mpf(-3), mpf(2)), (1 + 3 / mp.sqrt(11)) / 2)
        same(chi2_upper(mpf(300), mpf(2)), mp.exp(-150))
        same(chi2_quantile(mpf("1e-9"), mpf(2)), 18 * mp.log(10))
        same(chi2_quantile(1 - mpf("1e-9"), mpf(2)), -2 * mp.log(1 - mpf("1e-9")))
        same(f_upper(mpf(7), mpf(2), mpf(10)), (1 + mpf(14) / 10) ** -5)
        same(f_upper(mpf(9), mpf(1), mpf("4.5")), two_sided_p(mpf(3), mpf("4.5")))
        same(two_sided_p(t_quantile(level, mpf("4.5")), mpf("4.5")), 1 - level)


def test_collinearity() -> None:
    expected = (1.20668971231687, 1.24484720285739, 1.46775340547299)
    close(variance_inflation(*data("le-scodan-2010", "start", "end", "logn")), expected)
    close(variance_inflation(*data("bcg", "ablat", "year")), [1.53913018354822] * 2)
    # Two columns with cosine 0.6 have the eigenvalues 1.6 and 0.4.
    four = [[1.0, 2.0], [1.0, 2.0], [1.0, -1.0], [1.0, 1.0]]
    with mp.workdps(60):
        cosine = mpf(4) / mp.sqrt(40)
        same(condition_index([0.0] * 4, [0.5] * 4, four), mp.sqrt((1 + cosine) / (1 - cosine)))


@pytest.mark.parametrize(
    ("y", "v", "X", "message"),
    [
        ([1.0, 2.0], [1.0, 0.0], intercept(2), "positive"),
        ([1.0], [1.0], intercept(1), "cannot give"),
        ([1.0, 2.0, 4.0], [1.0] * 3, [[1.0, 3.0]] * 3, "dependent"),
        ([1.0, float("nan")], [1.0] * 2, intercept(2), "finite"),
        ([1.0, 2.0], [1.0] * 3, intercept(2), "as many"),
    ],
)
def test_what_cannot_be_fitted(y: list[float], v: list[float], X: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(y, v, X)


def test_the_precision_around_a_call_stays() -> None:
    before = mp.prec
    result = fit(*data("bcg"))
    assert mp.prec == before
    with mp.workdps(60):
        rounded = mp.mpf(mp.nstr(result.tau2, 51))
    same(result.tau2, rounded, 50)

"""The figures as printed: contrast, colours for those who see fewer, fonts in the PDF, pixels, pages."""

from __future__ import annotations

import itertools
import re
import struct
import zlib

import numpy as np
import pytest
from plotted import a_review
from test_figures import results

from reanalysis.figures import style
from reanalysis.figures.funnel import SHADES
from reanalysis.report.svg import inline
from reanalysis.views import FIGURES

OURS = ("forest", "funnel", "bubble")

# Machado, Oliveira and Fernandes 2009, IEEE Trans Vis Comput Graph 15:1291, deuteranopia (severity 1), for linear RGB.
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
# sRGB to XYZ with the white of D65, IEC 61966-2-1.
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


@pytest.fixture(autouse=True)
def _style() -> None:
    style.use()


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""
    light, dark = sorted((float(XYZ[1] @ linear(colour)) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE 1976 L*a*b* of linear RGB."""
    scaled = XYZ @ np.clip(rgb, 0, 1) / XYZ.sum(axis=1)
    x, y, z = np.where(scaled > (6 / 29) ** 3, np.cbrt(scaled), scaled / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_measures_of_colour_are_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.1)
    assert DEUTERANOPIA.sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-4)


@pytest.mark.parametrize("colour", [style.INK, style.GREY, style.RUST])
def test_text_has_contrast_enough(colour: str) -> None:
    assert contrast(colour, "#ffffff") >= 4.5


def test_names_of_studies_have_contrast_on_the_shades_of_a_funnel() -> None:
    assert min(contrast(style.INK, shade) for shade in SHADES) >= 4.5


@pytest.mark.parametrize("colour", [style.INK, style.GREY, style.BLUE, style.ORANGE])
def test_marks_have_contrast_enough(colour: str) -> None:
    assert contrast(colour, "#ffffff") >= 3
    assert min(contrast(colour, shade) for shade in SHADES) >= 3


def test_a_white_line_shows_on_a_square() -> None:
    assert contrast("#ffffff", style.BLUE) >= 3


@pytest.mark.parametrize("name", OURS)
def test_only_colours_that_were_looked_at_are_used_for_text(name: str) -> None:
    figure = FIGURES[name](results()).figure
    used = {text.get_color() for text in [*figure.texts, *(one for axes in figure.axes for one in axes.texts)]}
    assert used <= {style.INK, style.GREY, style.RUST}


def test_colours_stay_apart_without_the_sense_of_green() -> None:
    """Pairs that meet in a figure are apart by 20 CIELAB units; what is just noticed is about 2."""
    colours = [style.BLUE, style.ORANGE, style.INK, style.SKY]
    for one, other in itertools.combinations(colours, 2):
        seen = [lab(DEUTERANOPIA @ linear(colour)) for colour in (one, other)]
        assert np.linalg.norm(seen[0] - seen[1]) > 20, (one, other)


def test_no_red_is_set_against_a_green() -> None:
    greens = [c for c in (style.BLUE, style.SKY, style.ORANGE, style.RUST) if np.argmax(linear(c)) == 1]
    assert not greens


@pytest.mark.parametrize("name", OURS)
def test_fonts_are_in_the_pdf_as_outlines(name: str) -> None:
    shown = FIGURES[name](results())
    pdf = style.save(shown.figure, shown.breaks)["pdf"]
    described = len(re.findall(rb"/Type /FontDescriptor", pdf))
    assert described >= 1
    assert len(re.findall(rb"/FontFile2 \d+ 0 R", pdf)) == described
    assert b"/Type3" not in pdf
    assert {part.rpartition(b"+")[2] for part in re.findall(rb"/FontName /(\S+)", pdf)} <= {
        b"ReanalysisRoboto-Regular",
        b"ReanalysisRoboto-Bold",
    }
    assert b"/CreationDate" not in pdf


@pytest.mark.parametrize(("width", "pixels"), [(89, 1051), (183, 2161)])
def test_a_png_has_300_dots_an_inch(width: int, pixels: int) -> None:
    style.use(width)
    png = style.save(FIGURES["forest"](results()).figure)["png"]
    wide, high = struct.unpack(">II", png[16:24])
    assert abs(wide - pixels) <= 1
    at = png.index(b"pHYs")
    across, up, unit = struct.unpack(">IIB", png[at + 4 : at + 13])
    assert (across, up, unit) == (11811, 11811, 1)
    assert high > 300
    assert zlib.crc32(png[at : at + 13]) == struct.unpack(">I", png[at + 13 : at + 17])[0]


@pytest.mark.parametrize("width", [89, 183])
@pytest.mark.parametrize("name", OURS)
def test_a_figure_has_the_width_of_its_journal(name: str, width: int) -> None:
    style.use(width)
    made = FIGURES[name](results()).figure.get_size_inches()[0] * 25.4
    share = 0.78 if name == "funnel" and width == 183 else 1.0
    assert made == pytest.approx(share * width)


def many(k: int) -> object:
    spread = np.random.default_rng(7)
    sei = spread.uniform(0.05, 0.5, k)
    effects = spread.normal(-0.2, np.hypot(sei, 0.2))
    return a_review(
        [f"Study {i}" for i in range(k)], list(effects), list(sei), left_out=[f"Left {i}" for i in range(70)]
    )


def test_a_forest_of_many_studies_is_split_over_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "FORMATS", ("pdf",))
    shown = FIGURES["forest"](many(200))
    height = shown.figure.get_size_inches()[1] * 72
    ends = [0.0, *shown.breaks, height]
    assert len(ends) > 5
    assert max(b - a for a, b in itertools.pairwise(ends)) <= style.PAGE
    pdf = style.save(shown.figure, shown.breaks)["pdf"]
    assert len(re.findall(rb"/Type /Page\b", pdf)) == len(shown.breaks) + 1
    same = pdf == style.save(FIGURES["forest"](many(200)).figure, shown.breaks)["pdf"]
    assert same
    # Every page with studies has the headings; no text lies on a break.
    headings = [text for text in shown.figure.texts if text.get_text() == "Study"]
    assert len(headings) == len(shown.figure.axes)
    for text in shown.figure.texts:
        base = height - text.get_position()[1] * height
        assert all(not end - 2 < base < end + 7 for end in shown.breaks), text.get_text()


def test_the_page_shows_the_parts_of_a_split_figure() -> None:
    svg = '<?xml?><svg width="500pt" height="900pt" viewBox="0 0 500 900" xmlns="x"><g id="figure_1"/></svg>\n'
    page = inline(svg, "forest", "Title", "Words", [400.0, 700.0])
    assert re.findall(r'viewBox="([^"]*)"', page) == ["0 0 500 400", "0 400 500 300", "0 700 500 200"]
    assert page.count('<use href="#forest-figure_1"/>') == 2
    assert page.count("<title") == 1
    assert page.count("aria-hidden") == 2
    assert page.count("<svg") == page.count("</svg>") == 3

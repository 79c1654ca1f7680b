"""The explorer in a browser: what it shows is what a fit made anew shows, and its address brings it back."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import numpy as np
import pytest
from conftest import ROOT

from reanalysis import formatting, wording
from reanalysis.dataset import dataset
from reanalysis.mixed_effects import Choices
from reanalysis.pooling import pool
from reanalysis.records import Effect
from reanalysis.tables import read

pytest.importorskip("playwright")
from playwright.sync_api import Browser, Page

REPORT = ROOT / "results/le-scodan-2010/report.html"
DATA = dataset(read(REPORT.parent / "effects.csv", Effect), "effects.csv")
BOX = "#explorer input[value='{}']"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return the shipped report, opened from disk; a complaint of the browser fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(REPORT.as_uri())
    yield opened
    assert complaints == []
    context.close()


def choose(page: Page, out: set[int], tau2: str, interval: str) -> None:
    for place in sorted(out ^ state(page)[0]):
        page.set_checked(BOX.format(place), place in out)
    page.select_option("#explore-tau2", tau2)
    page.select_option("#explore-interval", interval)


def shown(page: Page) -> dict[str, str]:
    return dict(
        page.eval_on_selector_all("[data-shows]", "all => all.map((one) => [one.dataset.shows, one.textContent])")
    )


def expected(out: set[int], tau2: str, interval: str) -> dict[str, str]:
    there = [place for place in range(len(DATA.studies)) if place not in out]
    record = pool(DATA.yi[there], DATA.vi[there], "HR", Choices(tau2, interval, 0.95))
    return {
        "studies": f"{len(there)} of 11",
        "effect": wording.model_text("HR", record),
        "prediction": formatting.interval(record["ratio_prediction_low"], record["ratio_prediction_high"], 3),
        "tau2": formatting.number(record["tau2"], 4),
        "i2": formatting.percent(record["i2"]),
        "q": formatting.number(record["q"]),
    }


def choices(count: int, seed: int) -> Iterator[tuple[set[int], str, str]]:
    rng = np.random.default_rng(seed)
    ways = list(
        itertools.product(("FE", "DL", "PM", "REML", "ML", "EB", "SJ", "HE", "HS"), ("wald", "hksj", "hksj_guarded"))
    )
    for place in range(count):
        out = set(rng.choice(11, rng.integers(0, 11), replace=False).tolist())
        yield out, *ways[place % len(ways)]


def state(page: Page) -> tuple[set[int], str, str]:
    ticked = page.eval_on_selector_all("#explorer input:checked", "all => all.map((one) => Number(one.value))")
    return set(ticked), page.input_value("#explore-tau2"), page.input_value("#explore-interval")


def test_fifty_choices_show_what_a_fit_made_anew_shows(page: Page) -> None:
    for out, tau2, interval in choices(54, seed=3):
        choose(page, out, tau2, interval)
        found = expected(out, tau2, interval)
        assert shown(page) == found, (out, tau2, interval)
        told = page.inner_text("#explore-told")
        estimate, limits = found["effect"].removesuffix(")").split(" (")
        pooled = "pooled " if len(out) < 10 else ""
        assert f"the {pooled}hazard ratio is {estimate} (95% CI {limits})" in told
        assert (f"prediction interval is {found['prediction']}" in told) == (found["prediction"] != formatting.NONE)
        assert page.locator("#explore-forest text", has_text=found["effect"]).count() >= 1


def test_the_marks_of_the_drawing_stand_where_the_numbers_do(page: Page) -> None:
    for out, tau2, interval in choices(6, seed=11):
        choose(page, out, tau2, interval)
        ticks = page.eval_on_selector_all(
            "#explore-forest text[text-anchor=middle]",
            "all => all.map((one) => [one.textContent, Number(one.getAttribute('x'))])",
        )
        places = {float(text): x for text, x in ticks if re.fullmatch(r"[\d.]+", text)}
        per_unit = (places[1.0] - places[0.5]) / np.log(2)
        diamond = page.get_attribute("#explore-forest path.pooled", "d")
        record = pool(
            *(np.delete(values, sorted(out)) for values in (DATA.yi, DATA.vi)), "HR", Choices(tau2, interval, 0.95)
        )
        middle = float(re.findall(r"L([\d.]+) ", diamond)[0])
        assert middle == pytest.approx(places[1.0] + per_unit * record["estimate"], abs=0.5)
        assert page.locator("#explore-forest g.out").count() == len(out)


def test_the_address_brings_the_same_answer_back(page: Page) -> None:
    for out, tau2, interval in choices(5, seed=5):
        choose(page, out, tau2, interval)
        before, address = shown(page), page.url
        page.goto("about:blank")
        page.goto(address)
        assert shown(page) == before
        assert state(page) == (out, tau2, interval)
        page.reload()
        assert shown(page) == before


def test_the_way_back_undoes_each_choice(page: Page) -> None:
    page.goto(f"{REPORT.as_uri()}#influence")
    first = shown(page)
    page.check(BOX.format(0))
    one = shown(page)
    page.select_option("#explore-tau2", "DL")
    page.evaluate("location.hash = '#methods'")  # a section's link leaves the choice alone
    assert state(page) == ({0}, "DL", "hksj")
    page.go_back()
    assert page.url.endswith("#explore=Khan;tau2=DL;interval=hksj")
    page.go_back()
    assert shown(page) == one
    page.go_back()
    assert page.url.endswith("#influence")
    assert shown(page) == first
    page.go_forward()
    assert shown(page) == one


@pytest.mark.parametrize(
    "address",
    [
        "#explore=Nobody",
        "#explore=%E0%A4%A",
        "#explore=Khan;tau2=__proto__",
        "#explore=Khan;interval=constructor",
        "#explore=<img src=x onerror=alert(1)>",
        "#explore=Khan;explore=Shien",
        "#explore=Khan;else=1",
        "#explore=Khan;;",
        "#explore=" + "Khan," * 20_000,
    ],
)
def test_an_address_that_asks_for_what_is_not_there_is_ignored_and_said_to_be(page: Page, address: str) -> None:
    first = shown(page)
    page.evaluate("address => { location.hash = address; }", address)
    page.wait_for_function("document.getElementById('explore-told').textContent.includes('ignored')")
    assert shown(page) == first
    assert page.locator("#explorer img").count() == 0
    page.check(BOX.format(3))
    assert "ignored" not in page.inner_text("#explore-told")


@pytest.mark.parametrize("address", ["#explore", "#methods", "#explore%3DKhan", "#nothing", "#"])
def test_other_addresses_are_left_to_the_page(page: Page, address: str) -> None:
    first = shown(page)
    page.evaluate("address => { location.hash = address; }", address)
    page.wait_for_timeout(50)
    assert shown(page) == first
    assert "ignored" not in page.inner_text("#explore-told")


def test_it_is_used_by_keyboard_and_told_to_a_screen_reader(page: Page) -> None:
    page.focus(BOX.format(0))
    page.keyboard.press("Space")
    assert state(page)[0] == {0}
    assert page.get_attribute("#explore-told", "role") == "status"
    for _ in range(11):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "explore-tau2"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert state(page) == (set(), "REML", "hksj")
    assert shown(page) == expected(set(), "REML", "hksj")


def test_without_any_study_nothing_is_said(page: Page) -> None:
    choose(page, set(range(11)), "REML", "hksj")
    assert page.inner_text("#explore-told") == "No study is left."
    assert shown(page) == {"studies": "0 of 11"} | dict.fromkeys(
        ("effect", "prediction", "tau2", "i2", "q"), formatting.NONE
    )
    assert page.locator("#explore-forest path.pooled").count() == 0


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_it_fits_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    choose(page, {0, 4}, "SJ", "hksj_guarded")
    page.wait_for_timeout(50)
    assert page.evaluate(
        "document.getElementById('explorer').scrollWidth <= document.getElementById('explorer').clientWidth"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.eval_on_selector_all(
        "#explorer input, #explorer select, #explorer button",
        "all => all.map((one) => one.getBoundingClientRect()).map((one) => Math.min(one.width, one.height))",
    )
    assert min(boxes) >= 24


def test_print_has_the_table_and_not_the_controls(page: Page) -> None:
    page.emulate_media(media="print")
    assert not page.is_visible("#explorer")
    assert page.is_visible("#explore table >> nth=0")


def test_without_a_script_the_controls_are_not_there(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(REPORT.as_uri())
    assert not opened.is_visible("#explorer")
    assert "0.595" in opened.inner_text("#explore")
    context.close()

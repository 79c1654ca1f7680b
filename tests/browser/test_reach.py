"""Narrow screens and keyboards: no page that scrolls sideways, targets of 24 px, and every control within reach."""

from __future__ import annotations

import pytest

from browser.conftest import Opener
from browser.pages import LAPTOP, NARROWEST, PHONE

UNFOLD = "() => { for (const one of document.querySelectorAll('details')) one.open = true; }"


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize("viewport", [NARROWEST, PHONE])
def test_the_page_itself_does_not_scroll_sideways(open_page: Opener, viewport: dict[str, int], folded: bool) -> None:
    with open_page(viewport=viewport) as one:
        if not folded:
            one.run(UNFOLD)
        # A phone lays a page out as wide as its widest part, so that both are asked.
        assert one.run("[document.documentElement.scrollWidth, document.body.scrollWidth]") == [viewport["width"]] * 2
        wide = one.run("""() => [...document.querySelectorAll("table, svg")].filter((one) => {
          const region = one.closest("[role=region]");
          return one.getBoundingClientRect().right > innerWidth && getComputedStyle(region).overflowX !== "auto";
        }).length""")
        assert wide == 0


# WCAG 2.2, 2.5.8: at least 24 by 24 CSS pixels, but for links within a sentence.
SMALL = """() => {
  const sentence = (one) => {
    const around = one.closest("p, li, dd, figcaption, caption, td, .detail, .files");
    return one.tagName === "A" && around && around.textContent.trim() !== one.textContent.trim();
  };
  return [...document.querySelectorAll("a, button, summary, input, select, [role=button]")]
    .filter((one) => one.checkVisibility() && !one.matches(".skip") && !sentence(one))
    .map((one) => [one.outerHTML.slice(0, 90), ...one.getClientRects()])
    .filter(([, ...boxes]) => Math.max(...boxes.map((box) => Math.min(box.width, box.height))) < 23.9)
    .map(([html]) => html);
}"""


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP])
def test_a_finger_can_hit_what_it_must(open_page: Opener, viewport: dict[str, int]) -> None:
    with open_page(viewport=viewport) as one:
        one.run(UNFOLD)
        assert one.run(SMALL) == []


# What must be reached, each with a number; what was, and what its focus looked like when it had it.
PREPARE = """() => {
  const scrolls = (one) => /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth;
  const controls = "a[href], button, summary, input, select, textarea, [tabindex]";
  const must = [...document.body.querySelectorAll("*")].filter((one) => one.checkVisibility() && !one.disabled
    && (scrolls(one) || (one.matches(controls) && one.getAttribute("tabindex") !== "-1")));
  window.reached = [];
  window.unseen = [];
  must.forEach((one, index) => { one.dataset.reach = index; });
  document.addEventListener("focusin", ({target}) => {
    const style = getComputedStyle(target);
    window.reached.push(Number(target.dataset.reach ?? -1));
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const box = target.getBoundingClientRect();
    const within = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    if (!outlined || !within) window.unseen.push(target.outerHTML.slice(0, 90));
  });
  return must.map((one) => one.outerHTML.slice(0, 90));
}"""


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP])
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(
    open_page: Opener, viewport: dict[str, int]
) -> None:
    with open_page(viewport=viewport) as one:
        must = one.run(PREPARE)
        assert len(must) > 20
        for _ in must:
            one.page.keyboard.press("Tab")
        reached = one.run("window.reached")
        assert [must[index] for index in range(len(must)) if index not in reached] == []
        assert reached == sorted(reached)
        assert one.run("window.unseen") == []


def test_the_skip_link_skips(open_page: Opener) -> None:
    with open_page() as one:
        skip = one.page.locator(".skip")
        assert skip.evaluate("one => one.getBoundingClientRect().right") < 0
        one.page.keyboard.press("Tab")
        box = skip.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        one.page.keyboard.press("Enter")
        one.page.keyboard.press("Tab")
        assert one.run("document.activeElement.closest('main') !== null")


def test_a_key_scrolls_a_wide_table(open_page: Opener) -> None:
    with open_page(viewport=PHONE) as one:
        region = one.page.locator(".wide:has(th:nth-child(5))").first
        region.focus()
        assert region.evaluate("one => one.scrollLeft") == 0
        one.page.keyboard.press("ArrowRight")
        one.page.wait_for_timeout(300)  # it scrolls smoothly
        assert region.evaluate("one => one.scrollLeft") > 0


def test_a_key_unfolds(open_page: Opener) -> None:
    with open_page() as one:
        summary = one.page.locator("summary").first
        summary.focus()
        one.page.keyboard.press("Enter")
        assert summary.evaluate("one => one.parentElement.open")

"""What axe-core finds, and what it does not look for: structure, headings, names of figures, nothing on hover alone."""

from __future__ import annotations

import pytest

from browser.conftest import Opener

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Rules that must have had something to look at: a list of tags that selects nothing would find nothing.
LOOKED_AT = {"color-contrast", "heading-order", "landmark-one-main", "target-size"}

# At this width some tables scroll.
NARROW = 400

UNFOLD = "() => { for (const one of document.querySelectorAll('details')) one.open = true; }"

RUN_AXE = """async (tags) => {
  const found = await axe.run(document, {runOnly: tags, resultTypes: ["violations"]});
  return {
    violations: found.violations.map((one) => `${one.id} (${one.nodes.length}): ${one.nodes[0].html.slice(0, 200)}`),
    rules: [...found.violations, ...found.passes, ...found.incomplete].map((one) => one.id),
  };
}"""


@pytest.mark.parametrize(
    ("scheme", "media", "viewport"),
    [("light", "screen", 1280), ("dark", "screen", 1280), ("light", "print", 700), ("light", "screen", 320)],
)
def test_axe_finds_nothing(open_page: Opener, axe: str, scheme: str, media: str, viewport: int) -> None:
    with open_page(color_scheme=scheme, viewport={"width": viewport, "height": 800}) as one:
        one.page.emulate_media(media=media)
        if media == "screen":  # on paper the style sheet unfolds
            one.run(UNFOLD)
        one.run(axe)
        found = one.run(RUN_AXE, TAGS)
        assert found["violations"] == []
        assert LOOKED_AT - {"target-size" if media == "print" else ""} <= set(found["rules"])
        assert viewport > NARROW or "scrollable-region-focusable" in found["rules"]


STRUCTURE = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const short = (one) => (one.textContent || one.outerHTML).trim().slice(0, 60);
  const words = (ids) => (ids || "").split(/\\s+/).map((id) => document.getElementById(id)?.textContent ?? "");
  return {
    landmarks: ["body > header", "nav", "main", "body > footer"].map((one) => all(one).length),
    tops: all("h1").length,
    levels: all("h1, h2, h3, h4, h5, h6").map((one) => Number(one.tagName[1])),
    sections: all("main > section").filter((one) => !words(one.getAttribute("aria-labelledby"))[0].trim()).map(short),
    captions: all("table").filter((one) => !one.caption?.textContent.trim()).map(short),
    scopes: all("th").filter((one) => !/^(col|row|colgroup|rowgroup)$/.test(one.getAttribute("scope"))).map(short),
    heads: all("th").filter((one) => !one.textContent.trim()).map(short),
    figures: all("figure").length,
    legends: all("figure").filter((one) => !one.querySelector("figcaption")?.textContent.trim()).map(short),
    pictures: all("figure svg").filter((one) => one.getAttribute("role") !== "img"
      || words(one.getAttribute("aria-labelledby")).some((text) => text.length < 10)).length,
    tooltips: all("body [title]").map((one) => one.outerHTML.slice(0, 80)),
    language: document.documentElement.lang,
  };
}"""


def test_the_page_is_built_for_those_who_do_not_see_it(open_page: Opener) -> None:
    with open_page() as one:
        found = one.run(STRUCTURE)
    assert found["landmarks"] == [1, 1, 1, 1]
    assert found["tops"] == 1
    assert found["levels"][0] == 1
    assert all(after - before <= 1 for before, after in zip(found["levels"], found["levels"][1:], strict=False))
    for name in ("sections", "captions", "scopes", "heads", "legends", "tooltips"):
        assert found[name] == [], name
    assert found["figures"] >= 1
    assert found["pictures"] == 0
    assert found["language"] == "en"


# A rule for a hovered element may change its look, never what is shown: a finger does not hover.
LOOKS = {"color", "background", "background-color", "text-decoration", "text-decoration-line", "outline", "cursor"}

HOVERED = """() => {
  const found = [];
  const walk = (rules) => {
    for (const rule of rules) {
      if (rule.selectorText?.includes(":hover") && !/:focus|:target/.test(rule.selectorText)) found.push(...rule.style);
      if (rule.cssRules) walk(rule.cssRules);
    }
  };
  for (const sheet of document.styleSheets) walk(sheet.cssRules);
  return found;
}"""


def test_nothing_is_shown_on_hover_alone(open_page: Opener) -> None:
    with open_page() as one:
        changed = {name.removesuffix("-line") for name in one.run(HOVERED)}
        assert {name for name in changed if not name.startswith(("text-decoration", "background", "outline"))} <= LOOKS

"""The input that a page carries: byte for byte, whatever stands in it, and computed again to the same page."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from made import SPLIT

from reanalysis.commands.recompute import recompute
from reanalysis.commands.subjects import subject
from reanalysis.commands.verify import verify
from reanalysis.comparison.held import held
from reanalysis.errors import ReanalysisError
from reanalysis.files import dump_json, write_all
from reanalysis.inputs import Inputs, carried, companion, compared_text, from_page, raw_texts, settings
from reanalysis.report.scripts import in_script

SETTINGS = settings(yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8")))
# A byte order mark, line ends of Windows, what ends a script, letters of others, a quoted comma.
TABLE = (
    "\ufeffTrial,Year,N,OR,CI,P,End\r\n"
    '"</script><!-- & ""Ayer"", 1",1999,120,0.80,0.60-1.07,,death\r\n'
    "研究 Ö,2004,90,0.95,0.60-1.50,,death\r\n"
    "Cole,2006,300,0.70,0.55-0.89,,death\r\n"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a raw review of three hostile rows, named as nobody should name one."""
    folder = tmp_path_factory.mktemp("hostile & <other>")
    raw = folder / "data/raw/a.b_c-1"
    raw.mkdir(parents=True)
    (raw / "table.csv").write_bytes(TABLE.encode())
    review = {**SPLIT, "title": "Ärger </script> <b>", "moderators": ["log_n"]}
    (raw / "review.yaml").write_text(yaml.safe_dump(review), encoding="utf-8")
    return folder


def page(inputs: Inputs) -> str:
    content = in_script(carried(inputs.reviews[0], inputs.settings, inputs.files))
    return f'<script>x</script><script type="application/json" id="input">{content}</script>'


def test_what_a_page_carries_is_read_back_byte_for_byte(hostile: Path, tmp_path: Path) -> None:
    files = raw_texts(hostile / "data/raw/a.b_c-1")
    inputs = Inputs(("a.b_c-1",), SETTINGS, files)
    back = from_page(page(inputs), "page")
    assert (back.reviews, back.settings, back.files) == (inputs.reviews, SETTINGS, files)
    back.lay(tmp_path)
    assert (tmp_path / "data/raw/a.b_c-1/table.csv").read_bytes() == TABLE.encode()


def test_a_hostile_review_is_computed_again_from_its_page(hostile: Path) -> None:
    results = hostile / "results/a.b_c-1"
    write_all({results / "against.json": dump_json(held(None, "a.b_c-1", "0.1.0", ""))})
    recompute(hostile, ["a.b_c-1"], {}, SETTINGS)
    report = results / "report.html"
    given = subject(report)
    assert given.inputs.files == raw_texts(hostile / "data/raw/a.b_c-1") | compared_text(results)
    assert list(verify(given)) == []
    text = report.read_text(encoding="utf-8")
    forged = text.replace("0.95,0.60-1.50", "0.96,0.60-1.50")
    assert forged != text
    report.write_text(forged, encoding="utf-8")
    assert any(one.key.endswith("yi") for one in verify(subject(report)))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("companion: other", "other"),
        ("{title: x, companion: 'o-1'}", "o-1"),
        ("# companion: other\ntitle: x", ""),
        ("question: {companion: other}", ""),
        ("companion: [a]", ""),
        ("", ""),
        ("- companion", ""),
    ],
)
def test_a_companion_is_what_yaml_says(text: str, name: str) -> None:
    assert companion(text, "review.yaml") == name


def test_a_companion_that_is_missing_or_oneself_is_none() -> None:
    def inputs(text: str, *others: str) -> Inputs:
        files = {f"data/raw/{other}/table.csv": "" for other in others}
        return Inputs(("a",), {}, {"data/raw/a/review.yaml": text, "data/raw/a/table.csv": "", **files})

    assert inputs("companion: b", "b").companions == {"a": "b"}
    assert inputs("companion: b").companions == {}
    assert inputs("companion: a").companions == {}


def test_a_raw_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    raw = tmp_path / "data/raw/x"
    raw.mkdir(parents=True)
    (raw / "review.yaml").write_text("title: x")
    (raw / "table.csv").write_bytes(b"\xff")
    with pytest.raises(ReanalysisError, match="not UTF-8"):
        raw_texts(raw)

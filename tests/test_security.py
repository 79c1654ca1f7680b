"""What an input from elsewhere may not do: run something, lead out of its folder, pass for another, never end."""

from __future__ import annotations

import copy
import csv
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from made import edit

from reanalysis import files, raw, settings
from reanalysis.errors import MOST_OF_A_SENTENCE, ReanalysisError
from reanalysis.records import Finding
from reanalysis.tables import dump, load

sys.path.insert(0, str(ROOT / "tests" / "certify"))
import outputs

CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
TEMPLATES = sorted((ROOT / "workflow/reanalysis/report").glob("*.j2"))

# What stands in the page unescaped: JSON without "<", the page's own scripts, what matplotlib escaped, a constant.
UNESCAPED = {"head.json_ld", "analysis", "input", "one.text", "explorer.data", "figure.svg", "' class=\"primary\"'"}


def test_nothing_else_stands_in_the_page_unescaped() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    assert {one.strip() for one in re.findall(r"\{\{([^|{}]*)\|\s*safe\b", text)} == UNESCAPED
    assert not re.search(r"autoescape|\|\s*(?:safe|tojson)\s*\(", text)


@pytest.mark.parametrize("name", ["le-scodan-2010", "randomised-trials"])
def test_the_shipped_results_do_nothing_but_show(name: str) -> None:
    assert outputs.oddities(ROOT / "results" / name) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("report.html", "</main>", "<img src=x></main>"),
        ("report.html", "</main>", "<p onclick='x'></p></main>"),
        ("report.html", "</main>", "<script>1</script></main>"),
        ("report.html", "</main>", '<a href="javascript:x">y</a></main>'),
        ("report.html", "default-src 'none'", "default-src *"),
        ("studies.csv", "Khan", "=cmd|x"),
        ("citation.ris", "TI  - ", "TI  - x\nTY  - JOUR\n"),
        ("check.R", "library(metafor)", 'system("x")'),
        ("pooled.json", '"schema_version": 1', '"schema_version": NaN'),
        ("figures/forest.svg", "</svg>", "<script/></svg>"),
    ],
)
def test_an_odd_file_is_seen(tmp_path: Path, file: str, old: str, new: str) -> None:
    text = (ROOT / "results/le-scodan-2010" / file).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert outputs.oddities(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: !!binary 'AAAA'\n", "tag"),
        ("a: !!bool x\n", "tag"),
        ("!x a\n", "tag"),
        ("- ! a\n", "tag"),
        ("<<: {title: x}\n", "merged"),
        ("? [a]\n: b\n", "unhashable"),
        ("1: a\n", "no text: 1"),
        ("a: {b: [.nan]}\n", "the number at a › b › 0 is not finite"),
        ("a: -.inf\n", "not finite"),
        ("a: " + "9" * 4000, "not finite, or larger"),
        ("a: " + "9" * 5000, "not YAML"),
        ('a: "\\ud800"\n', "U+D800"),
        ('a: "x\\0"\n', "NUL"),
        ('"\\e[31m": a\n', "U+001B"),
        ('a: "x\\r=1"\n', "U+000D"),
        ('a: "\\u202e"\n', "right-to-left override"),
        ('a: "\\ue000x/y=1\\ue0012\\ue002"\n', "U+E000"),
        ("a: '" + "x" * files.MOST_CHARACTERS + "'", "more than 2000000"),
        ("".join(f"k{n}: 1\n" for n in range(20_000)) + "k0: 1\n", "'k0' is said twice"),
    ],
)
def test_yaml_that_no_review_needs_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "review.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReanalysisError, match=re.escape(said)) as error:
        files.read_yaml(path)
    assert error.value.file == str(path)


@pytest.mark.parametrize(
    "character", ["\0", "\x08", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\ue001", "\ufdd0", "\uffff"]
)
def test_a_character_that_no_print_has_is_named_with_its_line(review_folder: Path, character: str) -> None:
    edit(review_folder, "table.csv", "SEER", f"SE{character}ER")
    with pytest.raises(ReanalysisError) as error:
        raw.read(review_folder)
    assert f"U+{ord(character):04X}" in error.value.problem
    assert "in line " in error.value.problem
    assert character not in str(error.value)


@pytest.mark.parametrize("name", ["שלום\u200f", "نص", "می\u200cخواهم", "e\u0301", "中文", "👩‍👩‍👧", "\u00a0x", "𝒳"])
def test_scripts_and_their_marks_are_read(review_folder: Path, name: str) -> None:
    edit(review_folder, "table.csv", "SEER", name)
    assert any(name in cell for row in raw.read(review_folder).rows for cell in row.values())


def test_a_message_commands_no_terminal_and_ends() -> None:
    nasty = "a\x1b]0;x\x07\u202eb\nc" + "d" * 10_000
    said = str(ReanalysisError(nasty, remedy=nasty, file=nasty, study=nasty, column=nasty, printed=nasty))
    assert said.count("\n") == 5
    assert said.replace("\n", "").isprintable()
    assert len(said) < 4 * MOST_OF_A_SENTENCE
    assert "\\x1b]0;x\\x07\\u202eb\\nc" in said


@pytest.mark.parametrize("name", ["table.csv", "corrections.yaml"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "link away", "link to nothing", "circle"])
def test_what_is_no_file_of_the_review_is_refused_at_once(review_folder: Path, name: str, kind: str) -> None:
    path = review_folder / name
    path.unlink()
    secret = review_folder.parent / "secret.csv"
    secret.write_text("study,secret\nAyer,hidden\n", encoding="utf-8")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to({"device": "/dev/zero", "link away": secret, "circle": path}.get(kind, secret / "x"))
    with pytest.raises(ReanalysisError) as error:
        raw.read(review_folder)
    assert error.value.file == str(path)
    assert "hidden" not in str(error.value)


def test_a_link_inside_the_folder_is_followed(review_folder: Path) -> None:
    (review_folder / "table.csv").rename(review_folder / "table.txt")
    (review_folder / "table.csv").symlink_to("table.txt")
    assert raw.read(review_folder).rows


@pytest.mark.parametrize(
    "name",
    ["../x", "..", ".", "/etc", "x/y", "x\n", "x y", "X", "-x", "", "x\0", "x;id", "$(id)", "a" * 101, "x\\y", "ⅹ", 1],
)
def test_a_name_leads_nowhere_else(name: object) -> None:
    with pytest.raises(ReanalysisError):
        settings.check(CONFIG | {"reviews": [name]}, ROOT / "data/raw", "config.yaml")


@pytest.mark.parametrize("part", ["raw", "results"])
def test_a_review_that_is_a_link_to_elsewhere_is_refused(tmp_path: Path, part: str) -> None:
    for folder in ("raw", "results", "away"):
        (tmp_path / folder).mkdir()
    shutil.copytree(ROOT / "data/raw/randomised-trials", tmp_path / "raw" / "mine")
    config = CONFIG | {"reviews": ["mine"]}
    settings.check(config, tmp_path / "raw", "config.yaml", tmp_path / "results")
    if part == "raw":
        (tmp_path / "raw" / "mine").rename(tmp_path / "away" / "mine")
    (tmp_path / part / "mine").symlink_to(tmp_path / "away" / "mine")
    with pytest.raises(ReanalysisError, match="link"):
        settings.check(config, tmp_path / "raw", "config.yaml", tmp_path / "results")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("draws", 10**7),
        ("permutations", 10**8),
        ("seed", 2**60),
        ("level", float("nan")),
        ("draws", float("inf")),
        ("x", "\0"),
    ],
)
def test_settings_that_no_machine_can_follow_are_refused(key: str, value: object) -> None:
    with pytest.raises(ReanalysisError):
        settings.check(copy.deepcopy(CONFIG) | {key: value}, ROOT / "data/raw", "config.yaml")


@pytest.mark.parametrize("cell", ["＝1+1", "＠SUM(A1)", "－2+3", " =1+1", "\n@x", "\u00a0+1+1", "\t", "-\t1"])
def test_a_formula_behind_white_space_or_in_full_width_is_none(cell: str) -> None:
    finding = Finding("note", "x", 1, cell, "c", cell, "m", "d")
    (row,) = csv.DictReader(io.StringIO(dump([finding], Finding), newline=""))
    assert row["printed"] == (f"'{cell}" if len(cell) > 1 else cell)
    assert load(dump([finding], Finding), Finding) == [finding]


BOMB = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" if n else "l0: &l0 [x]\n" for n in range(9))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "alias"),
        ("reviews: [nope]\nreviews: [le-scodan-2010]\n", "'reviews' is said twice"),
        ("[1, 2]\n", "no settings"),
        ("a: \xff\xfe\n", "not UTF-8"),
    ],
)
def test_settings_are_read_strictly_before_snakemake_reads_them(tmp_path: Path, text: str, said: str) -> None:
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Snakefile", tmp_path)
    (tmp_path / "config.yaml").write_text(text, encoding="latin-1")
    command = [str(Path(sys.executable).with_name("snakemake")), "--cores", "1", "--dry-run"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "workflow")}
    run = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr

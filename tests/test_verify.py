"""`reanalysis verify`: what differs is said with its file, its place and both values, and the status says it too."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from archived import archive, project
from conftest import ROOT

from reanalysis import __main__, manifest
from reanalysis.archive.bag import bagged
from reanalysis.archive.reading import read_archive
from reanalysis.archive.zipped import zipped
from reanalysis.commands import verify
from reanalysis.errors import ReanalysisError
from reanalysis.inputs import Inputs, from_page

SMALL, LARGE = "randomised-trials", "le-scodan-2010"
REPORT = ROOT / "results" / SMALL / "report.html"
# Ten seconds on two free cores; a machine that does other work besides is given more.
MOST_SECONDS = 60


def called(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reanalysis", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.fixture
def as_committed(monkeypatch: pytest.MonkeyPatch) -> list[Inputs]:
    """Let the committed results stand for those computed again: what is asked here is what is compared and said."""
    seen: list[Inputs] = []

    def committed(
        folder: Path, reviews: Sequence[str], companions: Mapping[str, str], settings: Mapping[str, Any]
    ) -> None:
        seen.append(Inputs(tuple(reviews), settings, companions))
        for review in reviews:
            ignored = shutil.ignore_patterns("manifest.json", "*.png", "*.pdf")
            shutil.copytree(ROOT / "results" / review, folder / "results" / review, ignore=ignored, dirs_exist_ok=True)

    monkeypatch.setattr(verify, "recompute", committed)
    return seen


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return a copy of the results of the small review, in a project with its input."""
    for name in ("data", "config.yaml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "results" / SMALL, tmp_path / "results" / SMALL)
    return tmp_path / "results" / SMALL


def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, path: Path) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["reanalysis", "verify", str(path)])
    status = __main__.main()
    said = capsys.readouterr()
    return status, said.out + said.err


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_report_is_computed_again_from_what_it_carries(tmp_path: Path) -> None:
    alone = shutil.copy(REPORT, tmp_path / "somewhere else.html")
    started = time.monotonic()
    run = called("verify", str(alone))
    assert (run.returncode, run.stderr) == (0, "")
    assert "1 file computed again, no number differs by more than 1e-08" in run.stdout
    assert time.monotonic() - started < MOST_SECONDS


def test_a_tampered_cell_is_found_by_what_follows_from_it(results: Path) -> None:
    table = results.parents[1] / "data/raw" / SMALL / "table.csv"
    printed = re.search(r"0\.6\d", table.read_text(encoding="utf-8"))
    assert printed
    edit(table, printed[0], "0.99")
    run = called("verify", str(results))
    assert run.returncode == 1
    assert re.search(
        rf"{SMALL}/estimates.csv, row \d+ › estimate: {printed[0]} stands there, 0.99 was computed", run.stdout
    )
    assert re.search(r"effects.csv: \d+ more\n", run.stdout)


def test_a_cell_that_cannot_be_read_ends_with_two_and_its_place(results: Path) -> None:
    edit(results.parents[1] / "data/raw" / SMALL / "review.yaml", "measure:", "mesure:")
    run = called("verify", str(results))
    assert run.returncode == 2
    assert "review.yaml" in run.stderr
    assert "remedy" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.usefixtures("as_committed")
def test_a_tampered_number_is_named_with_both_values(
    results: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert say(capsys, monkeypatch, results)[0] == 0
    assert say(capsys, monkeypatch, results.parent)[0] == 0
    path = results / "pooled.json"
    content = json.loads(path.read_text())
    right = content["primary"]["estimate"]
    for factor, status in ((1 + 1e-9, 0), (1 + 1e-6, 1), (-1, 1)):
        content["primary"]["estimate"] = right * factor
        path.write_text(json.dumps(content))
        manifest.record({path: path.read_bytes()})  # so that only the number can tell
        got, said = say(capsys, monkeypatch, results)
        assert got == status, said
        if status:
            assert (
                f"{SMALL}/pooled.json, primary › estimate: {right * factor} stands there, {right} was computed" in said
            )


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a missing file": (lambda folder: (folder / "pooled.json").unlink(), "pooled.json, the whole file: (no such file)"),
    "a cut file": (lambda folder: (folder / "pooled.json").write_text('{"a": 1'), "pooled.json, the whole file"),
    "a cut table": (lambda folder: edit(folder / "effects.csv", "\n1,", "\n"), "effects.csv, row 1"),
    "a heading": (lambda folder: edit(folder / "effects.csv", "row,", "rows,"), "effects.csv, the headings: rows,"),
    "a word": (lambda folder: edit(folder / "findings.csv", "note", "error"), "findings.csv, row"),
    "a key": (lambda folder: edit(folder / "pooled.json", '"tau2"', '"tau3"'), "(nothing) stands there"),
    "a picture": (lambda folder: edit(folder / "figures/forest.svg", "<svg", "<svg x='1'"), "figures/forest.svg, line"),
    "a script": (lambda folder: edit(folder / "check.R", "metafor", "metaphor"), "check.R, line"),
    "not text": (lambda folder: (folder / "check.R").write_bytes(b"\xff"), "check.R, the whole file: not UTF-8"),
}  # fmt: skip


@pytest.mark.usefixtures("as_committed")
@pytest.mark.parametrize("change", CHANGES)
def test_whatever_else_is_changed_is_named(
    results: Path, change: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    edited, words = CHANGES[change]
    edited(results)
    status, said = say(capsys, monkeypatch, results)
    assert status == 1
    assert words in said
    if change != "a missing file":
        assert "its SHA-256 is not the one in manifest.json" in said


@pytest.mark.usefixtures("as_committed")
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"tau2_method":"REML","interval":"hksj","level":0.95', '"tau2_method":"DL","interval":"hksj","level":0.95',
         '#analysis, settings › tau2_method: "DL" stands there, "REML" was computed'),
        ("</h1>", " indeed</h1>", "report.html, line"),
        ("<tbody>", "<tbody><tr></tr>", "report.html, line"),
    ],
)  # fmt: skip
def test_a_tampered_report_is_told_by_part_and_key(
    tmp_path: Path, old: str, new: str, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "report.html"
    shutil.copy(REPORT, page)
    edit(page, old, new)
    status, said = say(capsys, monkeypatch, page)
    assert status == 1
    assert words in said


def test_results_without_their_project_are_computed_from_what_their_reports_carry(
    as_committed: list[Inputs], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "results", tmp_path / "kept")
    assert say(capsys, monkeypatch, tmp_path / "kept")[0] == 0
    assert sorted(as_committed[0].reviews) == sorted([LARGE, SMALL])
    assert as_committed[0].files == {LARGE: SMALL}  # the companion's table is carried too


@pytest.fixture(scope="module")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("verify") / "project")
    assert archive(folder).returncode == 0
    return folder / "archive/0.1.0.zip"


def test_an_archive_is_computed_again(archived: Path) -> None:
    run = called("verify", str(archived))
    assert (run.returncode, run.stderr) == (0, ""), run.stdout


@pytest.mark.usefixtures("as_committed")
def test_a_forged_archive_is_known_though_its_checksums_agree(
    archived: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = dict(read_archive(archived).files)
    name, listing = f"results/{SMALL}/pooled.json", f"results/{SMALL}/manifest.json"
    old, payload[name] = payload[name], re.sub(rb'("i2": )([\d.]+)', rb"\g<1>0.5", payload[name], count=1)
    payload[listing] = payload[listing].replace(*(sha256(one).hexdigest().encode() for one in (old, payload[name])))
    bag = bagged(payload, {})
    first = tmp_path / "forged.zip"
    first.write_bytes(zipped({f"x/{inner}": content for inner, content in bag.items()}, 0))
    status, said = say(capsys, monkeypatch, first)
    assert status == 1
    assert re.search(rf"{SMALL}/pooled.json, [^:]*i2: 0.5 stands there", said)
    assert "0 files not as the checksums say" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("report.html", "<html></html>", "does not carry its input"),
        ("report.html", '<script type="application/json" id="input">{</script>', "is not JSON"),
        ("report.html", '<script type="application/json" id="input">{"schema_version":1}</script>', "required"),
        ("archive.zip", "no zip", "not a whole zip"),
        ("notes.txt", "x", "cannot be verified"),
        ("folder/x.txt", "x", "holds no results"),
        ("", "", "there is no such file"),
    ],
)
def test_what_cannot_be_read_ends_with_two(tmp_path: Path, name: str, content: str, said: str) -> None:
    path = tmp_path / (name or "nothing")
    if name:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    run = called("verify", str(path.parent if name.startswith("folder") else path))
    assert run.returncode == 2
    assert said in run.stderr
    assert "remedy" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("name", ["data/raw/../../x.csv", "/etc/x.csv", "data/raw/a/../../../x.csv", "x.csv"])
def test_a_page_cannot_have_files_written_elsewhere(name: str) -> None:
    page = REPORT.read_text(encoding="utf-8")
    forged = page.replace(f'"data/raw/{SMALL}/table.csv":', f'"{name}":')
    assert forged != page
    with pytest.raises(ReanalysisError, match=r"does not match|table"):
        from_page(forged, "report.html")

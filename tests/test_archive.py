"""Archives: what is in one, the same bytes everywhere, never written over, read without trust."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml
from archived import archive, archive_with, commit, git, project, rewritten
from conftest import ROOT

from reanalysis.archive import zipped
from reanalysis.archive.bag import bagged
from reanalysis.archive.reading import read_archive
from reanalysis.errors import ReanalysisError

REVIEWS = ("le-scodan-2010", "randomised-trials")
NAME = "archive/0.1.0.zip"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with its archive; no test changes it."""
    folder = project(tmp_path_factory.mktemp("one") / "a project")
    run = archive(folder)
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture
def changed(made: Path, tmp_path: Path) -> Path:
    """Return a copy of that project, to change."""
    shutil.copytree(made, tmp_path / "changed", ignore=shutil.ignore_patterns("workflow"))
    return tmp_path / "changed"


def test_any_machine_writes_the_same_bytes(made: Path, tmp_path: Path) -> None:
    other = project(tmp_path / "Ordner mit Ümlaut")
    for path in other.rglob("*.csv"):
        path.chmod(0o600)
        os.utime(path, (1, 1))
    (other / "logs/le-scodan-2010").mkdir(parents=True)
    (other / "logs/le-scodan-2010/pool.log").touch()
    (other / "logs/le-scodan-2010/pool.tsv").write_text("s\n1.5\n")
    (other / "results/le-scodan-2010/figures/forest.png").write_bytes(b"PNG")
    (other / "results/le-scodan-2010/notes of mine.txt").write_text("mine")
    run = archive(other, TZ="Asia/Kathmandu", LC_ALL="C", LANG="C", PYTHONHASHSEED="7", OPENBLAS_NUM_THREADS="3")
    assert run.returncode == 0, run.stderr
    assert (other / NAME).read_bytes() == (made / NAME).read_bytes()


def test_a_later_commit_of_results_or_of_the_archive_makes_no_other_archive(changed: Path, made: Path) -> None:
    (changed / NAME).unlink()
    (changed / "notes").write_text("x")
    git(changed, "checkout", "--quiet", "--", "workflow")
    commit(changed)
    assert archive(changed).returncode == 0
    assert (changed / NAME).read_bytes() == (made / NAME).read_bytes()


def test_sha256sum_verifies_what_was_unpacked(made: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made / NAME) as packed:
        packed.extractall(tmp_path)
        assert {one.date_time for one in packed.infolist()} == {(2026, 1, 1, 18, 4, 4)}  # the commit, in UTC
        assert {one.compress_type for one in packed.infolist()} == {zipfile.ZIP_STORED}
        assert packed.namelist() == sorted(packed.namelist())
    (bag,) = tmp_path.iterdir()
    for listing in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", listing], cwd=bag, check=True)  # noqa: S607
    assert (bag / "bagit.txt").read_text() == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    payload = [path for path in (bag / "data").rglob("*") if path.is_file()]
    listed = {line.split("  ", 1)[1] for line in (bag / "manifest-sha256.txt").read_text().splitlines()}
    assert listed == {path.relative_to(bag).as_posix() for path in payload}
    oxum = f"{sum(path.stat().st_size for path in payload)}.{len(payload)}"
    assert f"Payload-Oxum: {oxum}\n" in (bag / "bag-info.txt").read_text()
    overhead = sum(path.stat().st_size for path in bag.iterdir() if path.is_file())
    assert overhead < 200 * len(payload)


def test_what_an_archive_holds_is_read_back(made: Path) -> None:
    archived = read_archive(made / NAME)
    assert (archived.version, archived.reviews, archived.wrong) == ("0.1.0", REVIEWS, [])
    assert archived.commit == git(made, "log", "-1", "--format=%H").strip()
    for review in REVIEWS:
        for file in (ROOT / "data/raw" / review).iterdir():
            assert archived.inputs.files[f"data/raw/{review}/{file.name}"] == file.read_text(encoding="utf-8")
        there = {
            path.relative_to(ROOT / "results" / review).as_posix(): path.read_bytes()
            for path in (ROOT / "results" / review).rglob("*.*")
            if path.suffix not in (".png", ".pdf")
        }
        assert archived.results(review) == there
    assert archived.inputs.companions == {"le-scodan-2010": "randomised-trials"}
    assert archived.inputs.settings["seed"] == 20101118
    assert {"Snakefile", "requirements.lock", "config.yaml", "logs/run.txt", "Makefile"} <= set(archived.files)
    assert "workflow/reanalysis/pooling.py" in archived.files


def test_the_same_analysis_again_leaves_the_archive_as_it_is(changed: Path) -> None:
    path, old = changed / NAME, (changed / NAME).stat()
    git(changed, "checkout", "--quiet", "--", "workflow")
    (changed / "README.md").write_text("other words")
    commit(changed)
    run = archive(changed)
    assert run.returncode == 0, run.stderr
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (old.st_mtime_ns, old.st_size)


@pytest.mark.parametrize("file", ["data/raw/randomised-trials/table.csv", "config.yaml", "requirements.lock"])
def test_a_changed_analysis_under_an_old_version_is_an_error_that_says_so(changed: Path, file: str) -> None:
    before = (changed / NAME).read_bytes()
    git(changed, "checkout", "--quiet", "--", "workflow")
    (changed / file).write_bytes((changed / file).read_bytes() + b"\n")
    commit(changed)
    run = archive(changed)
    assert run.returncode == 2
    assert f"version 0.1.0 is archived, and this is another analysis: {file} changed" in run.stderr
    assert "raise the version in config.yaml, CITATION.cff and .zenodo.json" in run.stderr
    assert (changed / NAME).read_bytes() == before
    config = (changed / "config.yaml").read_text().replace('version: "0.1.0"', 'version: "0.2.0"')
    (changed / "config.yaml").write_text(config)
    commit(changed)
    assert archive(changed).returncode == 0
    assert read_archive(changed / "archive/0.2.0.zip").version == "0.2.0"


def test_what_cannot_be_archived_is_said(changed: Path) -> None:
    git(changed, "checkout", "--quiet", "--", "workflow")
    (changed / NAME).unlink()
    used = yaml.safe_load((changed / "config.yaml").read_text()) | {"seed": 1, "tau2_method": "DL"}
    assert "other settings: seed, tau2_method" in archive_with(changed, json.dumps(used)).stderr
    table, pooled = changed / "data/raw/le-scodan-2010/table.csv", changed / "results/le-scodan-2010/pooled.json"
    content, results = table.read_bytes(), pooled.read_bytes()
    table.write_bytes(content + b"\n")
    assert "not committed: data/raw/le-scodan-2010/table.csv" in archive(changed).stderr
    table.write_bytes(content)
    pooled.write_bytes(results[:100])
    assert "not what its step wrote" in archive(changed).stderr
    pooled.unlink()
    assert "these results are missing: pooled.json" in archive(changed).stderr
    pooled.write_bytes(results)
    (changed / "results/le-scodan-2010/manifest.json").unlink()
    assert "--forceall" in archive(changed).stderr
    shutil.rmtree(changed / ".git")
    run = archive(changed, GIT_CEILING_DIRECTORIES=str(changed.parent))
    assert run.returncode == 2
    assert "git init" in run.stderr
    assert not (changed / NAME).exists()


def test_a_log_that_said_something_is_kept(changed: Path) -> None:
    git(changed, "checkout", "--quiet", "--", "workflow")
    (changed / NAME).unlink()
    (changed / "logs/randomised-trials").mkdir(parents=True)
    (changed / "logs/randomised-trials/pool.log").write_text("a warning\n")
    assert archive(changed).returncode == 0
    assert "\nrandomised-trials, pool\na warning\n" in read_archive(changed / NAME).text("logs/run.txt")


def damaged(made: Path, out: Path, kind: str) -> Path:
    source = made / NAME
    top = "reanalysis-0.1.0"
    if kind == "cut":
        out.write_bytes(source.read_bytes()[:-2000])
    elif kind == "no zip":
        out.write_bytes(b"PK\x03\x04")
    elif kind == "outside":
        rewritten(source, out, lambda _, content: content)
        with zipfile.ZipFile(out, "a") as more:
            more.writestr(f"{top}/../../evil", b"1")
    elif kind == "no bag":
        rewritten(source, out, lambda name, content: None if "manifest-sha256" in name else content)
    elif kind == "a byte":
        rewritten(source, out, lambda name, content: content + b" " if name.endswith("/table.csv") else content)
    elif kind == "a file less":
        rewritten(source, out, lambda name, content: None if name.endswith("/table.csv") else content)
    elif kind == "a file more":
        rewritten(source, out, lambda _, content: content)
        with zipfile.ZipFile(out, "a") as more:
            more.writestr(f"{top}/data/results/more.json", b"1")
    elif kind == "no config":
        with zipfile.ZipFile(out, "w") as new:
            for name, content in bagged({"x": b""}, {}).items():
                new.writestr(f"{top}/{name}", content)
    return out


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("cut", "not a whole zip"),
        ("no zip", "not a whole zip"),
        ("outside", "leads outside"),
        ("no bag", "no BagIt bag"),
        ("a byte", "its SHA-256 differs"),
        ("a file less", "is missing"),
        ("a file more", "is not listed"),
        ("no config", "is missing"),
        ("absent", "No such file"),
    ],
)
def test_a_damaged_or_hostile_archive_is_refused(made: Path, tmp_path: Path, kind: str, said: str) -> None:
    with pytest.raises(ReanalysisError, match=said) as error:
        read_archive(damaged(made, tmp_path / "archive.zip", kind))
    assert "remedy" in str(error.value)


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "C:\\x", "a\\..\\x", "C:x"])
def test_no_path_of_a_zip_leads_outside(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr(zipfile.ZipInfo(name), b"1")
    with pytest.raises(ReanalysisError, match="leads outside"):
        zipped.unzipped(tmp_path / "a.zip")


def test_a_zip_that_claims_too_much_or_says_a_path_twice_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped.zipped({"a": b"12345"}, 0))
    monkeypatch.setattr(zipped, "MOST", 4)
    with pytest.raises(ReanalysisError, match="more than 4 bytes"):
        zipped.unzipped(path)
    monkeypatch.undo()
    assert zipped.unzipped(path) == {"a": b"12345"}
    with zipfile.ZipFile(path, "a") as packed, pytest.warns(UserWarning, match="Duplicate"):
        packed.writestr("a", b"2")
    with pytest.raises(ReanalysisError, match="twice"):
        zipped.unzipped(path)

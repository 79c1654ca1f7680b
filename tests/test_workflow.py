"""The workflow as a user meets it: Snakemake from a copy of the project, steps from the command line."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

SNAKEMAKE = Path(sys.executable).with_name("snakemake")
COPIED = ("Snakefile", "config.yaml", "profiles", "workflow", "data")
RESULTS = "results/le-scodan-2010"
TEXTS = (".csv", ".json", ".svg", ".html", ".R", ".ris", ".bib")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project, run once from nothing."""
    folder = tmp_path_factory.mktemp("a project, copied")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, folder / name)
    run = snakemake(folder)
    assert run.returncode == 0, run.stderr
    return folder


def snakemake(folder: Path, *arguments: str, cores: int = 4) -> subprocess.CompletedProcess[str]:
    # The copied package, not the installed one: an edit of the copy must be seen.
    environment = {**os.environ, "PYTHONPATH": str(folder / "workflow"), "OPENBLAS_NUM_THREADS": "1"}
    command = [str(SNAKEMAKE), "--cores", str(cores), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def planned(folder: Path, *arguments: str) -> set[str]:
    """Return the rules that a run would start."""
    run = snakemake(folder, "--dry-run", *arguments)
    assert run.returncode == 0, run.stderr
    return set(re.findall(r"^(\w+) +\d+$", run.stdout + run.stderr, re.MULTILINE)) - {"total"}


@pytest.mark.parametrize("results", [RESULTS, "results/randomised-trials"])
def test_a_run_from_nothing_makes_the_committed_bytes(project: Path, results: str) -> None:
    made = sorted(path for path in (project / results).rglob("*") if path.is_file())
    committed = {path.name for path in (ROOT / results).rglob("*") if path.suffix in TEXTS}
    assert committed == {path.name for path in made if path.suffix in TEXTS}
    for path in made:
        other = ROOT / results / path.relative_to(project / results)
        if path.suffix not in (".png", ".pdf"):
            assert filecmp.cmp(path, other, shallow=False), path.name


def test_another_run_makes_the_same_bytes(project: Path) -> None:
    before = {path: path.read_bytes() for path in (project / RESULTS).rglob("*") if path.is_file()}
    assert {".png", ".pdf", ".svg", ".html"} <= {path.suffix for path in before}
    assert snakemake(project, "--forceall", cores=1).returncode == 0
    assert [path.name for path, content in before.items() if path.read_bytes() != content] == []


def test_nothing_is_left_to_do(project: Path) -> None:
    assert planned(project) == set()


def test_a_picture_that_was_deleted_is_drawn_again(project: Path) -> None:
    picture = project / RESULTS / "figures/forest.png"
    content = picture.read_bytes()
    picture.unlink()
    assert "draw" in planned(project)
    assert snakemake(project).returncode == 0
    assert picture.read_bytes() == content


@pytest.mark.parametrize(("content", "old"), [("{", True), ('{"schema_version": 1}', False), (None, True)])
def test_a_damaged_result_is_made_again_whatever_its_date(project: Path, content: str | None, old: bool) -> None:
    before = {path: path.read_bytes() for path in (project / RESULTS).rglob("*") if path.is_file()}
    path = project / RESULTS / "pooled.json"
    times = (path.stat().st_atime, path.stat().st_mtime)
    damaged = path.read_text().replace("REML", "RMEL") if content is None else content
    path.write_text(damaged)
    if old:
        os.utime(path, times)
    run = snakemake(project)
    assert run.returncode == 0, run.stderr
    assert f"{RESULTS}/pooled.json is not what its step wrote" in run.stderr
    assert (project / "logs/damaged/le-scodan-2010/pooled.json").read_text() == damaged
    assert [path.name for path, content in before.items() if path.read_bytes() != content] == []


def test_a_review_that_is_not_there_is_named(project: Path) -> None:
    run = snakemake(project, "results/nope/report.html")
    assert run.returncode != 0
    assert "data/raw/nope" in run.stderr
    assert "Traceback" not in run.stderr


def test_every_rule_has_its_log_and_benchmark(project: Path) -> None:
    steps = {path.stem for path in (ROOT / "workflow/reanalysis/steps").glob("[a-z]*.py")}
    rules = steps - {"command", "archive", "compare"}
    for ending in ("log", "tsv"):
        assert {path.stem for path in (project / "logs/le-scodan-2010").glob(f"*.{ending}")} == rules


AT_LAST = {"draw", "report", "all"}
AFTER_EFFECTS = {
    "pool",
    "regress",
    "subgroups",
    "rounding",
    "confounding",
    "dependence",
    "small_study",
    "elsewhere",
    "influence",
    "subsets",
    "claims",
    "certify",
    "crosscheck",
    "r_script",
    "draw",
    "report",
    "all",
}
EVERYTHING = {"extract", "reconstruct", "check", "audit", "multiverse", "changes"} | AFTER_EFFECTS


@pytest.mark.parametrize(
    ("file", "rules"),
    [
        ("data/raw/le-scodan-2010/table.csv", EVERYTHING),
        ("data/raw/le-scodan-2010/review.yaml", EVERYTHING),
        ("workflow/reanalysis/grammar/parser.py", EVERYTHING),
        ("workflow/reanalysis/schemas/review.schema.yaml", EVERYTHING | {"against"}),
        ("workflow/reanalysis/tau2.py", AFTER_EFFECTS | {"audit", "multiverse", "changes"}),
        (
            "workflow/reanalysis/pooling.py",
            {"pool", "subgroups", "audit", "claims", "small_study", "certify", "crosscheck", "draw", "elsewhere"}
            | {"r_script", "changes", "report", "all"},
        ),
        (
            "workflow/reanalysis/regression.py",
            {"regress", "subgroups", "audit", "changes", "claims", "certify", "crosscheck", "draw", "r_script"}
            | {"report", "all"},
        ),
        ("workflow/reanalysis/subgroups.py", {"subgroups", "draw", "report", "all"}),
        ("workflow/reanalysis/elsewhere.py", {"elsewhere", "draw", "report", "all"}),
        ("workflow/reanalysis/envelope.py", {"rounding", "claims", "draw", "report", "all"}),
        ("workflow/reanalysis/checks/words.py", {"check", "audit", "changes", "claims", "multiverse"} | AT_LAST),
        ("workflow/reanalysis/joint_test.py", {"multiverse"} | AT_LAST),
        ("workflow/reanalysis/crosscheck.py", {"crosscheck", "report", "all"}),
        ("workflow/reanalysis/expressions.py", {"claims", "report", "all"}),
        ("workflow/reanalysis/comparison/shapley.py", {"changes"} | AT_LAST),
        ("workflow/reanalysis/figures/funnel.py", AT_LAST),
        ("workflow/reanalysis/r_script/check.R.j2", {"r_script", "report", "all"}),
        ("workflow/reanalysis/report/answer.html.j2", {"report", "all"}),
        ("workflow/reanalysis/report/style.css", {"report", "all"}),
    ],
)
def test_an_edit_re_runs_what_it_touches(project: Path, file: str, rules: set[str]) -> None:
    path = project / file
    content, times = path.read_bytes(), (path.stat().st_atime, path.stat().st_mtime)
    try:
        path.write_bytes(content + b"\n")
        assert planned(project) == rules
    finally:
        path.write_bytes(content)
        os.utime(path, times)


def test_a_setting_re_runs_what_it_touches(project: Path) -> None:
    assert planned(project, "--config", "tau2_method=DL") == AFTER_EFFECTS | {"audit", "multiverse", "changes"}
    assert planned(project, "--config", "seed=1") == AFTER_EFFECTS - {"dependence", "influence"} | {
        "multiverse",
        "changes",
    }


def test_another_review_is_another_folder(project: Path) -> None:
    """A table in split columns, of odds ratios, with almost everything optional left out."""
    folder = project / "data/raw/small"
    folder.mkdir()
    (folder / "table.csv").write_text(
        "Trial,Patients,OR,95% CI,Group\nAyer 1999,120,0.80,0.60-1.07,a\nBell 2004,90,0.95,0.60-1.50,b\n"
        "Cole 2006,300,0.70,0.55-0.89,b\nDunn 2010,80,,,a\n"
    )
    (folder / "review.yaml").write_text(
        "title: Small\nsource: {citation: Nobody 2020, table: Table 1}\nmeasure: OR\n"
        "favours: {below: this, above: that}\noutcome: death\n"
        "columns: {study: Trial, n: Patients, estimate: OR, ci: 95% CI}\nmoderators: [log_n, Group]\n"
    )
    run = snakemake(project, "--config", "reviews=[small]")
    assert run.returncode == 0, run.stderr
    page = (project / "results/small/report.html").read_text()
    assert "Over 3 studies, the pooled odds ratio for death" in page
    assert "With Group = b instead of a, the odds ratio" in page
    assert "association" not in page.partition("</p>")[0]
    assert "the design of the studies is not declared" in page.lower()


def step(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"reanalysis.steps.{name}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("review.yaml", "period: Years of inclusion", "period: Years", ["review.yaml", "Years", "'period'", "remedy"]),
        ("review.yaml", "outcome: OS", "outcom: OS", ["review.yaml", "'outcom'", "'outcome'", "remedy"]),
        ("table.csv", "9734/4578/5156", "many", ["table.csv", "Gnerlich", "Number of patients", "'many'", "remedy"]),
        ("table.csv", "HR OS = 0.57 (0.55-0.60)", '"HR 1,571 (1,551-1,601)"',
         ["table.csv", "Gnerlich", "1,571 (1,551-1,601)", "two ways", "decimal_mark", "remedy"]),
    ],
)  # fmt: skip
def test_bad_input_ends_with_two_and_a_message_and_nothing_half_written(
    review_folder: Path, tmp_path: Path, file: str, old: str, new: str, said: list[str]
) -> None:
    path = review_folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    (review_folder / "corrections.yaml").unlink()
    told = (review_folder / "review.yaml").read_text(encoding="utf-8")
    told = re.sub(r"^primary:\n(?:  .*\n)+", "", told, flags=re.MULTILINE)
    (review_folder / "review.yaml").write_text(told, encoding="utf-8")
    (review_folder / "judgements.csv").unlink()
    (review_folder / "statements.csv").unlink()
    out = tmp_path / "out"
    run = step(
        "extract", "--raw", str(review_folder), "--studies", str(out / "s.csv"), "--estimates", str(out / "e.csv"),
        "--provenance", str(out / "p.csv"),
    )  # fmt: skip
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    for words in said:
        assert words in run.stderr
    assert not out.exists() or not list(out.iterdir())


def test_a_failed_step_is_explained_at_the_end_of_the_run(project: Path) -> None:
    folder = project / "data/raw/broken"
    shutil.copytree(project / "data/raw/le-scodan-2010", folder)
    (folder / "corrections.yaml").unlink()
    table = folder / "table.csv"
    table.write_text(table.read_text().replace("326/160/184", "326/abc/184"))
    run = snakemake(project, "--config", "reviews=[broken]")
    assert run.returncode != 0
    assert "printed: '326/abc/184'" in run.stderr
    assert "Shien" in run.stderr
    assert not (project / "results/broken/studies.csv").exists()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("reviews=[nope]", "the review 'nope' has no table.csv"),
        ("tau2_metod=DL", "did you mean"),
        ("level=2", "maximum of 1"),
        ("reviews=[../x]", "does not match"),
    ],
)
def test_wrong_settings_end_with_two_and_a_message(project: Path, setting: str, said: str) -> None:
    run = snakemake(project, "--config", setting)
    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def test_a_file_that_cannot_be_written_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "p.csv").mkdir()
    run = step(
        "extract", "--raw", str(ROOT / "data/raw/le-scodan-2010"), "--studies", str(tmp_path / "s.csv"),
        "--estimates", str(tmp_path / "e.csv"), "--provenance", str(tmp_path / "p.csv"),
    )  # fmt: skip
    assert run.returncode == 2
    assert "cannot be written" in run.stderr
    assert "p.csv" in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


def test_steps_are_thin() -> None:
    for path in (ROOT / "workflow/reanalysis/steps").glob("[a-z]*.py"):
        if path.stem != "command":
            assert len(path.read_text().splitlines()) <= 40, path.name


def test_no_file_names_a_registry() -> None:
    for name in ("Makefile", "requirements.lock", "pyproject.toml", ".ci/run", "workflow/Containerfile"):
        text = (ROOT / name).read_text()
        assert "http" not in text, name
        assert "index-url" not in text.replace("--no-emit-index-url", ""), name

"""Which results are what their steps wrote."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from conftest import ROOT

from reanalysis import manifest, schemas
from reanalysis.errors import ReanalysisError
from reanalysis.files import write_all


def written(folder: Path, **contents: str) -> None:
    made = {folder / name.replace("__", "/").replace("_", "."): text for name, text in contents.items()}
    write_all(made)
    manifest.record(made)


def test_a_step_records_what_it_wrote_also_in_the_folder_of_figures(tmp_path: Path) -> None:
    written(tmp_path, pooled_json="1\n", figures__forest_svg="<svg/>", figures__forest_png="PNG")
    known = manifest.read(tmp_path)
    assert known == {
        "figures/forest.svg": sha256(b"<svg/>").hexdigest(),
        "pooled.json": sha256(b"1\n").hexdigest(),
    }
    schemas.check(json.loads((tmp_path / "manifest.json").read_text()), "manifest.schema.yaml", "m")
    assert not (tmp_path / "figures/manifest.json").exists()


def test_what_is_not_there_any_more_is_forgotten(tmp_path: Path) -> None:
    written(tmp_path, old_json="1")
    (tmp_path / "old.json").unlink()
    written(tmp_path, new_json="2")
    assert list(manifest.read(tmp_path)) == ["new.json"]


def test_steps_that_end_at_once_all_record(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: written(tmp_path, **{f"n{n}_json": str(n)}), range(64)))
    assert len(manifest.read(tmp_path)) == 64
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_order_of_steps_leaves_no_trace(tmp_path: Path) -> None:
    for folder, order in (("a", "xy"), ("b", "yx")):
        for name in order:
            written(tmp_path / folder, **{f"{name}_json": name})
    assert (tmp_path / "a/manifest.json").read_bytes() == (tmp_path / "b/manifest.json").read_bytes()


@pytest.mark.parametrize("content", ["", "1", "12\n"])
def test_a_damaged_result_is_known_refused_and_set_aside(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "results"
    written(folder, pooled_json="1\n", figures__forest_svg="<svg/>")
    manifest.refuse_damaged(folder)
    damaged = folder / "pooled.json"
    damaged.write_text(content)
    assert manifest.damaged(folder) == [damaged]
    with pytest.raises(ReanalysisError, match="not what its step wrote") as error:
        manifest.refuse_damaged(folder)
    assert "delete it and run snakemake" in str(error.value)
    kept = tmp_path / "aside/pooled.json"
    assert list(manifest.set_aside(folder, tmp_path / "aside")) == [(damaged, kept)]
    assert kept.read_text() == content
    assert not damaged.exists()
    assert manifest.damaged(folder) == []


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "{}", '{"files": 1}', '{"files": {"a": 1}}', '{"files": {"a": "0"}}',
        json.dumps({"schema_version": 1, "files": {"../../other": "0" * 64}}),
        json.dumps({"schema_version": 1, "files": {"/etc/passwd": "0" * 64}}),
        json.dumps({"schema_version": 1, "files": {"a/../b": "0" * 64}}),
    ],
)  # fmt: skip
def test_what_is_no_manifest_says_nothing_and_moves_nothing(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "a" / "results"
    folder.mkdir(parents=True)
    (tmp_path / "other").write_text("mine")
    (folder / "manifest.json").write_text(content)
    assert list(manifest.set_aside(folder, tmp_path / "aside")) == []
    assert (tmp_path / "other").read_text() == "mine"
    with pytest.raises(ReanalysisError, match=r"forceall|run snakemake"):
        manifest.read(folder)


def test_code_and_schema_know_the_same_paths() -> None:
    schema = schemas.schema("manifest.schema.yaml")["properties"]["files"]
    assert schema["propertyNames"]["pattern"] == f"^{manifest.PATH.pattern}$"
    assert schema["additionalProperties"]["pattern"] == f"^{manifest.DIGEST.pattern}$"


@pytest.mark.parametrize("folder", sorted(path.parent for path in ROOT.glob("results/*/manifest.json")), ids=str)
def test_the_shipped_results_are_what_their_steps_wrote(folder: Path) -> None:
    assert manifest.damaged(folder) == []
    known = set(manifest.read(folder))
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.name != "manifest.json"}
    assert known == {name for name in there if not re.search(r"\.(png|pdf)$", name)}

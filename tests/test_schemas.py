"""The schemas against the code that writes the results, and against the shipped results themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from jsonschema import Draft202012Validator

from reanalysis import schemas, tables
from reanalysis.intervals import INTERVALS
from reanalysis.printed import PrintedNumber
from reanalysis.records import Effect, Estimate, Finding, Provenance, Route, Study
from reanalysis.review import COUNT_ROLES, ESTIMATE_ROLES, NUMBER_ROLES, TEXT_ROLES, YEAR_ROLES
from reanalysis.routes import USABLE
from reanalysis.tau2 import ESTIMATORS, NAMES
from reanalysis.wording import INTERVAL_NAMES

TABLES = {
    "studies": Study,
    "estimates": Estimate,
    "provenance": Provenance,
    "routes": Route,
    "effects": Effect,
    "findings": Finding,
}
ALL = sorted(path.name for path in Path(schemas.__file__).parent.glob("*.yaml"))
SHIPPED_RESULTS = sorted((ROOT / "results").glob("*/report.html"))


def test_there_are_shipped_results() -> None:
    assert SHIPPED_RESULTS


@pytest.mark.parametrize("name", ALL)
def test_every_schema_is_one_and_says_a_sentence_a_key(name: str) -> None:
    schema = schemas.schema(name)
    Draft202012Validator.check_schema(schema)

    def described(part: dict[str, Any]) -> None:
        for key, value in part.get("properties", {}).items():
            assert value.get("description", "").endswith("."), key
            described(value)
        if isinstance(part.get("items"), dict):
            described(part["items"])

    described(schema)


def test_the_settings_name_what_the_code_has() -> None:
    keys = schemas.schema("config.schema.yaml")["properties"]
    assert keys["tau2_method"]["enum"] == list(ESTIMATORS) == list(NAMES)
    assert keys["interval"]["enum"] == list(INTERVALS) == list(INTERVAL_NAMES)
    assert sorted(keys["routes"]["items"]["enum"]) == sorted(USABLE)
    roles = schemas.schema("review.schema.yaml")["properties"]["columns"]["properties"]
    assert {*COUNT_ROLES, *YEAR_ROLES, *NUMBER_ROLES, *TEXT_ROLES, *ESTIMATE_ROLES} <= set(roles)
    methods = schemas.schema("pooled.schema.yaml")["$defs"]["model"]["properties"]["tau2_method"]["description"]
    assert all(name in methods for name in ESTIMATORS)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_columns_of_its_schema(name: str) -> None:
    assert list(tables.columns(TABLES[name])) == list(schemas.schema(f"{name}.schema.yaml")["properties"])


@pytest.mark.parametrize("folder", [path.parent for path in SHIPPED_RESULTS], ids=lambda path: path.name)
@pytest.mark.parametrize("name", TABLES)
def test_shipped_tables_keep_to_their_schema(folder: Path, name: str) -> None:
    rows = tables.read(folder / f"{name}.csv", TABLES[name])
    assert rows
    for row in rows:
        values = {key: str(value) if isinstance(value, PrintedNumber) else value for key, value in vars(row).items()}
        values |= values.pop("extra", {})
        schemas.check(values, f"{name}.schema.yaml", name)


@pytest.mark.parametrize("folder", [path.parent for path in SHIPPED_RESULTS], ids=lambda path: path.name)
@pytest.mark.parametrize(
    "name",
    [
        "pooled",
        "regression",
        "crosscheck",
        "dependence",
        "influence",
        "subgroups",
        "subsets",
        "certification",
        "small_study",
        "claims",
    ],
)
def test_shipped_models_keep_to_their_schema(folder: Path, name: str) -> None:
    content = json.loads((folder / f"{name}.json").read_text())
    schemas.check(content, f"{name}.schema.yaml", name)
    assert content["schema_version"] == 1

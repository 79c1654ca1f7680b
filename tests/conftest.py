"""What several tests share: the project's folders, the shipped review, a small review to change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from reanalysis import raw

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "data" / "raw" / "le-scodan-2010"

# The suite tries the same examples on every machine; `make certify` looks for others.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def shipped() -> raw.RawReview:
    return raw.read(SHIPPED)


@pytest.fixture
def review_folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped review that a test may change."""
    folder = tmp_path / "le-scodan-2010"
    shutil.copytree(SHIPPED, folder)
    return folder

"""A small course of one's own to examine: the folders that the checks look into."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def course(tmp_path: Path) -> Path:
    for folder in ("notebooks", "tutor/lessons"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tutor/__init__.py").touch()
    return tmp_path

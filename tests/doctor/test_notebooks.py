"""Notebooks that cannot be read, keys in them, programs that hide a package."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutor.doctor import notebooks

EMPTY = '{"cells": [{"cell_type": "markdown", "metadata": {}, "source": "#"}], "nbformat": 4, "metadata": {}}'


def test_sound_notebooks_and_programs_of_ones_own_are_fine(tmp_path: Path) -> None:
    (tmp_path / "01_requests.ipynb").write_text(EMPTY)
    (tmp_path / "my_chat.py").touch()
    assert [each.state for each in notebooks.look(tmp_path)] == ["fine"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<<<<<<< HEAD\n" + EMPTY,
        "[]",
        '{"cells": [1]}',
        '{"cells": null}',
        "null",
        EMPTY.replace("{}", '{"tags": 3}'),
    ],
)
def test_a_notebook_that_cannot_be_read_is_named_with_the_way_back(tmp_path: Path, text: str) -> None:
    (tmp_path / "01_requests.ipynb").write_text(text)
    (found,) = notebooks.look(tmp_path)
    assert (found.state, found.words) == ("mend", "01_requests.ipynb cannot be read")
    assert "git checkout notebooks/01_requests.ipynb" in found.next_step


def test_a_key_in_a_notebook_is_found_and_not_shown(tmp_path: Path) -> None:
    key = "sk-ant-api03-planted-in-the-tests-0123456789"
    (tmp_path / "01_requests.ipynb").write_text(EMPTY.replace("#", key))
    (found,) = notebooks.look(tmp_path)
    assert (found.state, "01_requests.ipynb" in found.words, "Revoke" in found.next_step) == ("mend", True, True)
    assert key not in str(found)


@pytest.mark.parametrize("name", ["httpx", "json", "tutor"])
def test_a_program_that_hides_a_package_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").touch()
    (found,) = notebooks.look(tmp_path)
    assert (found.state, f"hides the package {name}" in found.words) == ("mend", True)


def test_a_folder_that_hides_a_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "json").mkdir()
    assert [each.state for each in notebooks.look(tmp_path)] == ["fine"]  # without __init__.py, the package wins
    (tmp_path / "json/__init__.py").touch()
    (found,) = notebooks.look(tmp_path)
    assert (found.state, found.words) == (
        "mend",
        "the folder json beside the notebooks hides the package json from them",
    )


def test_a_new_notebook_without_cells_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "Untitled.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    assert [each.state for each in notebooks.look(tmp_path)] == ["fine"]


def test_a_folder_named_like_a_notebook_does_not_end_the_search_for_keys(tmp_path: Path) -> None:
    (tmp_path / "00.ipynb").mkdir()
    (tmp_path / "01_requests.ipynb").write_text(EMPTY.replace("#", "sk-ant-api03-planted-in-the-tests-0123456789"))
    first, second = notebooks.look(tmp_path)
    assert ("00.ipynb cannot be read" in first.words, "a key stands in 01_requests.ipynb" in second.words) == (
        True,
        True,
    )

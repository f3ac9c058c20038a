"""Python and packages: what is missing or too old is named with whoever needs it."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tutor.doctor import packages

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


class Package(Distribution):
    """An installed package, as its metadata describe it."""

    def __init__(self, name: str, version: str, *needs: str) -> None:
        self.text = "\n".join([f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {each}" for each in needs)])

    def read_text(self, filename: str) -> str | None:
        return self.text if filename == "METADATA" else None

    def locate_file(self, path: object) -> Path:
        raise FileNotFoundError(path)


HERE = {
    each.metadata["Name"]: each
    for each in (
        Package("httpx", "0.28.1", "anyio", "socksio==1.*; extra == 'socks'", "trio; extra == 'trio'"),
        Package("anyio", "4.16.0", "exceptiongroup; python_version < '3.0'", "idna>=3", "httpx"),
        Package("idna", "2.9"),
    )
}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("anywidget>=0.9,<1", ["anywidget is missing (the course needs <1,>=0.9)"]),
        ("anywidget ; python_version < '3.0'", []),
        ("httpx>=1", ["httpx 0.28.1 (the course needs >=1)"]),
        ("httpx", ["idna 2.9 (anyio needs >=3)"]),
        ("httpx[socks]", ["socksio is missing (httpx needs ==1.*)", "idna 2.9 (anyio needs >=3)"]),
        ("idna", []),
    ],
)
def test_what_does_not_fit_is_named_with_who_needs_it(asked: str, found: list[str]) -> None:
    assert list(packages.unmet([Requirement(asked)], HERE)) == found


def test_a_version_that_was_not_tried_is_told_with_the_one_that_was() -> None:
    lock = map(Requirement, ["httpx==0.28.0", "anyio==4.16.0", "idna==3 ; python_version < '3.0'", "trio==1"])
    assert list(packages.untried(lock, HERE)) == ["httpx 0.28.1 (tried: 0.28.0)"]


@pytest.mark.parametrize(
    ("version", "state"),
    [("3.10.4", "mend"), ("3.11.0", "fine"), ("3.13.9", "fine"), ("3.14.0", "note"), ("3.1.1", "mend")],
)
def test_a_python_is_too_old_tried_or_newer_than_all_that_were_tried(version: str, state: str) -> None:
    found = packages.python(PROJECT, version)
    assert (found.state, version in found.words) == (state, True)
    assert bool(found.next_step) == (state != "fine")


def test_this_installation_fits(tmp_path: Path) -> None:
    assert {each.state for each in packages.look(ROOT)} <= {"fine", "note"}
    for name in ("pyproject.toml", "requirements.lock"):
        text = (ROOT / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace("anywidget>=0.9,<1", "anywidget>=99").replace("nh3==", "nh3==99."))
    assert "anywidget" in list(packages.look(tmp_path))[-1].words
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"))
    last = list(packages.look(tmp_path))[-1]
    assert (last.state, "nh3" in last.words) == ("note", True)


def test_long_lists_are_cut() -> None:
    assert packages.some(list("abcdefg")) == "a, b, c, d, e and 2 more"
    assert packages.some(["a"]) == "a"


@pytest.mark.parametrize(
    ("prefix", "conda", "words"),
    [(".venv", "", "delete the folder .venv"), ("env", "env", "conda env update"), ("env", "", "pip install")],
)
def test_packages_are_put_in_order_by_what_installed_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: str, conda: str, words: str
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / prefix))
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path / conda))
    assert words in packages.again(tmp_path)

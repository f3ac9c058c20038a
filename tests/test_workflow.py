"""GitHub runs the README's test command on three systems and three Pythons, with few rights and fixed actions."""

from __future__ import annotations

import re
import tomllib
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / ".github/workflows/test.yml").read_text("utf-8")
JOBS: dict[str, Any] = yaml.safe_load(TEXT)["jobs"]
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]


def commands(job: str) -> str:
    return "\n".join(step["run"] for step in JOBS[job]["steps"] if "run" in step)


def test_the_readme_s_test_command_runs_on_three_systems_and_three_pythons() -> None:
    matrix = JOBS["test"]["strategy"]["matrix"]
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    ours = [found[1] for each in classifiers if (found := re.search(r":: (3\.\d+)$", each))]
    assert matrix["python"] == ours == ["3.11", "3.12", "3.13"]
    assert {system.partition("-")[0] for system in matrix["system"]} == {"ubuntu", "macos", "windows"}
    assert len(list(product(*matrix.values()))) == 9
    command = "python3 start.py test"
    assert commands("test").startswith(command)
    assert command in (ROOT / "README.md").read_text("utf-8")


def test_known_holes_are_looked_up_as_security_md_says() -> None:
    (words,) = re.findall(r"`pip-audit (.+?)`", (ROOT / "SECURITY.md").read_text("utf-8"))
    assert words in commands("audit")
    assert "requirements.lock" in words


def test_the_lowest_versions_are_tried() -> None:
    assert "--resolution=lowest-direct pyproject.toml" in commands("lowest")
    paths = re.findall(r"\btests/\S+|\bnotebooks\b", commands("lowest"))
    assert paths
    assert all((ROOT / path).exists() for path in paths)


def test_conda_and_binder_are_built_from_what_learners_get() -> None:
    assert "conda env create -f environment.yml" in commands("conda")
    assert "conda env create -f environment.yml" in (ROOT / "README.md").read_text("utf-8")
    (version,) = re.findall(r"(?m)^jupyter-repo2docker==(\S+)$", (ROOT / "requirements-test.lock").read_text("utf-8"))
    assert f"jupyter-repo2docker=={version} " in commands("binder")


@pytest.mark.parametrize(("job", "step"), [(job, step) for job, step in STEPS if "uses" in step])
def test_an_action_has_a_fixed_version_and_keeps_no_credentials(job: str, step: dict[str, Any]) -> None:
    assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"])
    if "checkout" in step["uses"]:
        assert step["with"]["persist-credentials"] is False


def test_it_may_only_read_and_knows_no_secret() -> None:
    assert yaml.safe_load(TEXT)["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in JOBS.values())
    assert not re.search(r"secrets\.|pull_request_target|sk-ant", TEXT)
    assert all(job["timeout-minutes"] <= 60 for job in JOBS.values())


def test_it_says_that_it_was_written_and_not_run() -> None:
    assert "Written, not run" in TEXT.partition("jobs:")[0]

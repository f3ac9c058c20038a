"""The lock files, conda's and Binder's environments, and what CI runs say the same, and name nothing of one machine."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import checks
import lock
import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("requirements.lock", "requirements-test.lock")
PYTHONS = ("3.11.7", "3.12.1", "3.13.0")


def lines(name: str) -> list[str]:
    """The lines of a lock file that are not comments."""
    return [line for line in (ROOT / name).read_text("utf-8").splitlines() if not line.startswith("#")]


def pins(*names: str, python: str = PYTHONS[0], system: str = "linux") -> dict[str, list[str]]:
    """The versions that lock files choose, by package, for a Python on a system."""
    surroundings = {str(key): str(value) for key, value in default_environment().items()} | {
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "sys_platform": system,
        "os_name": "nt" if system == "win32" else "posix",
    }
    found: dict[str, list[str]] = {}
    for line in (line for name in names for line in lines(name)):
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(surroundings):
            found.setdefault(requirement.name, []).append(str(requirement.specifier).removeprefix("=="))
    return found


def conda(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


@pytest.mark.parametrize("name", [*LOCKS, "environment.yml", "binder/environment.yml"])
def test_no_address_and_no_path_is_in_what_is_locked(name: str) -> None:
    text = (ROOT / name).read_text("utf-8").replace("- -e .", "")
    assert not re.search(r"://|@|(^|\s)--?[a-z]|(^|[\s'\"])[/~]|\\", text, re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_exact_versions_and_nothing_else(name: str) -> None:
    wrong = [line for line in lines(name) if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; .+)?", line)]
    assert wrong == []


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("python", PYTHONS)
def test_each_package_has_one_version_on_each_platform(python: str, system: str) -> None:
    chosen = pins(*LOCKS, python=python, system=system)
    assert {name: set(versions) for name, versions in chosen.items() if len(set(versions)) > 1} == {}


@pytest.mark.parametrize("python", PYTHONS)
def test_the_locks_fit_what_pyproject_asks_for(python: str) -> None:
    asked = {"requirements.lock": PROJECT["project"]["dependencies"], "both": PROJECT["dependency-groups"]["test"]}
    for name, wanted in asked.items():
        chosen = pins(*([name] if name in LOCKS else LOCKS), python=python)
        for requirement in map(Requirement, wanted):
            assert requirement.specifier.contains(chosen[requirement.name][0]), requirement


def test_the_tests_lock_repeats_nothing_that_the_lessons_install_everywhere() -> None:
    everywhere = {line for line in lines(LOCKS[0]) if ";" not in line}
    assert everywhere.isdisjoint(line.partition(" ;")[0] for line in lines(LOCKS[1]))
    learner = pins(LOCKS[0])
    assert not {"pytest", "mypy", "ruff", "playwright", "hypothesis"} & set(learner)


def test_what_is_installed_fits_together() -> None:
    """Packages are installed without looking at what each asks for: the locks have to be complete."""
    installed = {found.metadata["Name"].lower().replace("_", "-").replace(".", "-"): found for found in distributions()}
    broken = []
    for name in pins(*LOCKS, python=sys.version.split()[0], system=sys.platform):
        for requirement in map(Requirement, installed[name].requires or []):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                needed = installed.get(requirement.name.lower().replace("_", "-").replace(".", "-"))
                if needed is None or not requirement.specifier.contains(needed.version, prereleases=True):
                    broken.append(f"{name} needs {requirement}")
    assert broken == []


def test_conda_gets_the_versions_of_the_lock_then_the_course() -> None:
    environment = conda("environment.yml")
    assert environment["dependencies"][:2] == ["python=3.12", "pip"]
    assert environment["dependencies"][2] == {"pip": [*lines("requirements.lock"), "-e ."]}


def test_binder_gets_the_same_without_the_course() -> None:
    ours, binders = conda("environment.yml"), conda("binder/environment.yml")
    assert ours["dependencies"][2]["pip"].pop() == "-e ."
    assert binders == ours


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="repo2docker does not run on Windows")
def test_binder_builds_our_python_from_our_environment() -> None:
    """What Binder would do, short of building the image: no container engine is needed, and no network."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "Building conda environment for python=3.12" in said
    assert '--file "binder/environment.yml"' in said
    assert "RUN ./binder/postBuild" in said
    assert "lab build" not in said + (ROOT / "binder/postBuild").read_text("utf-8")


def test_the_badge_opens_lesson_00_on_binder() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "(https://mybinder.org/badge_logo.svg)][binder]" in readme
    (address,) = re.findall(r"(?m)^\[binder\]: (\S+)$", readme)
    link = urlsplit(address)
    assert (link.scheme, link.netloc) == ("https", "mybinder.org")
    assert re.fullmatch(r"/v2/gh/[\w.-]+/[\w.-]+/HEAD", link.path)
    (opened,) = parse_qs(link.query)["urlpath"]
    assert (ROOT / opened.removeprefix("lab/tree/")).is_file()
    first_visit = f'return "{Path(opened).name}"'
    assert first_visit in (ROOT / "start.py").read_text("utf-8")


def test_binders_jupyterlab_asks_for_no_news_either() -> None:
    """postBuild puts our settings of the page where every JupyterLab of that environment looks."""
    assert "cp -r jupyter/labconfig" in (ROOT / "binder/postBuild").read_text("utf-8")
    settings = json.loads((ROOT / "jupyter/labconfig/default_setting_overrides.json").read_text("utf-8"))
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


@pytest.mark.parametrize("name", ["binder/postBuild", ".ci/run"])
@pytest.mark.skipif(os.name == "nt", reason="Windows knows no executable bit")
def test_a_script_can_be_run(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
    subprocess.run(["bash", "-n", str(ROOT / name)], check=True)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = "python3 start.py test"
    assert command in (ROOT / ".ci/run").read_text("utf-8")
    assert command in (ROOT / "README.md").read_text("utf-8")


def test_each_promise_names_tests_that_there_are() -> None:
    named = re.findall(r"`(tests/[\w/.]+)", (ROOT / "SECURITY.md").read_text("utf-8"))
    assert len(set(named)) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_course_is_free_to_use() -> None:
    licence = (ROOT / "LICENSE").read_text("utf-8")
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_what_start_makes_and_keys_stay_out_of_git() -> None:
    made = [".venv/x", ".jupyter/x", "printed/x", "wheels/x", ".env", "notebooks/.tutor/x", ".solved/x"]
    done = subprocess.run(["git", "check-ignore", *made], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 128:
        pytest.skip("this copy of the course is no git repository")
    assert done.stdout.split() == made


@pytest.mark.parametrize(
    ("words", "chosen", "rest"),
    [
        ([], "not long", []),
        (
            ["--fast", "-k", "haiku"],
            "not slow and not long and not hypothesis",
            [*checks.NOT_FAST, "-k", "haiku"],
        ),
        (["tests/api", "--long"], "", ["tests/api"]),
    ],
)
def test_the_test_command_chooses_by_marks_and_hands_other_words_on(
    words: list[str], chosen: str, rest: list[str]
) -> None:
    assert checks.checks(words)["pytest"] == ["pytest", "-m", chosen, *rest]
    assert list(checks.checks(words)) == ["ruff check", "ruff format", "mypy", "pytest"]


def test_tests_run_in_another_order_each_time_and_cells_in_their_own(request: pytest.FixtureRequest) -> None:
    ours = request.config.pluginmanager.get_plugin(str(ROOT / "conftest.py"))
    files = [f"test_{name}.py" for name in "abcdef"] + ["00_lesson.ipynb"]
    collected = [SimpleNamespace(path=Path(file), name=f"{file}::{n}") for file in files for n in range(9)]

    def ordered(seed: int) -> list[str]:
        items = list(collected)
        ours.pytest_collection_modifyitems(SimpleNamespace(option=SimpleNamespace(seed=seed)), items)
        return [item.name for item in items]

    assert ordered(1) == ordered(1)
    assert ordered(1) != ordered(2)
    assert sorted(ordered(1)) == sorted(item.name for item in collected)
    of_files = [name.partition("::")[0] for name in ordered(1)]
    assert [name for name, _ in itertools.groupby(of_files)] != files
    assert len(list(itertools.groupby(of_files))) == len(files)  # a file's tests, and so its fixtures, stay together
    assert [name for name in ordered(1) if ".ipynb" in name] == [f"00_lesson.ipynb::{n}" for n in range(9)]
    assert [name for name in ordered(1) if "test_a" in name] != [f"test_a.py::{n}" for n in range(9)]


def test_the_tests_lock_keeps_what_the_lessons_need_only_here_and_there() -> None:
    lessons = ["cffi==2.1", "overrides==7 ; python_full_version < '3.12'"]
    tests = ["cffi==2.1 ; implementation_name == 'pypy'", "overrides==7", "pytest==9"]
    assert lock.added(tests, lessons) == ["overrides==7", "pytest==9"]

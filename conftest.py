"""Every test runs on recorded replies, without network, and leaves nothing behind.

It stands at the root because pytest asks only the conftests above a notebook, and notebooks do not lie below `tests/`.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import environment
import pytest

ROOT = Path(__file__).resolve().parent
NOTEBOOKS, SOLVED = ROOT / "notebooks", ROOT / ".solved"
_state: dict[str, Any] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "which order the tests run in; without it another one each time"
    parser.addoption("--seed", type=int, default=random.randrange(100_000), help=told)


def pytest_report_header(config: pytest.Config) -> str:
    return f"order: any; the same again with --seed {config.option.seed}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    if exitstatus == pytest.ExitCode.TESTS_FAILED:
        terminalreporter.write_line(f"The same order again: --seed {config.option.seed}")


@pytest.hookimpl(tryfirst=True)  # then pytest brings the tests of one parametrized module fixture together
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files in any order, and in any order the tests of a file: none may lean on another. Cells lean on each other."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    dice = random.Random(config.option.seed)
    for path, tests in files.items():
        if path.suffix != ".ipynb":
            dice.shuffle(tests)
    order = list(files.values())
    dice.shuffle(order)
    items[:] = [item for tests in order for item in tests]


def pytest_configure(config: pytest.Config) -> None:
    # Fixtures do not run for notebook cells, so what they need is made here.
    _state["home"] = Path(tempfile.mkdtemp(prefix="tutor-tests-"))
    _state["environ"] = dict(os.environ)
    _replace_environ(environment.clean(_state["home"]))
    _state["beside"] = _files_beside_the_notebooks()
    ignored = config.option.ignore_glob or ()
    if "*.ipynb" not in ignored and any(Path(argument).resolve() == NOTEBOOKS for argument in config.args):
        import solved  # here, since it needs the whole package and most tests do not

        solved.write_solved(SOLVED)
        _state["solved"] = True
        config.args.append(str(SOLVED))


def pytest_unconfigure(config: pytest.Config) -> None:
    for path, content in (_files_beside_the_notebooks() | _state["beside"]).items():
        if path not in _state["beside"]:
            path.unlink()
        elif not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    if "solved" in _state:  # and not by another run of pytest that is under way
        shutil.rmtree(SOLVED, ignore_errors=True)
    shutil.rmtree(_state["home"], ignore_errors=True)
    _replace_environ(_state["environ"])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if type(item).__name__ == "IPyNbCell":  # each notebook starts as a learner's first visit
        os.environ["TUTOR_HOME"] = str(_state["home"] / Path(item.path).parent.name / item.path.stem)


def _files_beside_the_notebooks() -> dict[Path, bytes]:
    """What lies in the notebooks' folder besides notebooks, so that a learner's own files survive the tests."""
    return {path: path.read_bytes() for path in NOTEBOOKS.iterdir() if path.is_file() and path.suffix != ".ipynb"}


def _replace_environ(environ: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environ)


@pytest.fixture
def lesson_house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process in which no lesson has been started yet; relay and environment are put back afterwards."""
    from tutor import course

    before = dict(os.environ)
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path))
    course.house.cache_clear()
    yield
    course.house().close()
    course.house.cache_clear()
    _replace_environ(before)

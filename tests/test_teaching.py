"""What TEACHING.md and its neighbours say is so: minutes, exercises, commands, the table of a class, and every link."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import nbformat
import pytest
from test_start import start

from tutor import course, learners, settings
from tutor.practice import Progress
from tutor.practice.progress import written_as

ROOT = course.settings.ROOT
TEACHING = (ROOT / "TEACHING.md").read_text("utf-8")
BLOCKS = re.findall(r"(?ms)^ *```\n(.*?)^ *```$", TEACHING)
DOCUMENTS = [*sorted(ROOT.glob("*.md")), ROOT / "pages/corrections.md"]


def test_every_lesson_is_listed_with_its_minutes_and_its_exercises() -> None:
    rows = re.findall(r"(?m)^\| \[(.+?)\]\(notebooks/(.+?)\) \| (\d+) \| .+ \| (.+) \|$", TEACHING)
    told = []
    for stop in course.stops():
        title = nbformat.read(course.NOTEBOOKS / stop.file, as_version=4).cells[0].source
        minutes = re.search(r"Time: about (\d+) minutes", title)
        assert minutes, stop.file
        stretch = len(stop.exercises) - len(stop.core)
        exercises = f"{len(stop.core)} + {stretch}" if stretch else f"{len(stop.core)}"
        told.append((f"{stop.number} {stop.title}", stop.file, minutes[1], exercises))
    assert rows == told


def test_the_folder_of_wheels_gets_what_start_py_installs() -> None:
    (command,) = [block for block in BLOCKS if "pip download" in block]
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    assert {start.UV, start.PIP, *build} <= {word.strip('"') for word in command.split()}
    assert "-r requirements.lock" in command
    assert (ROOT / "requirements.lock").is_file()


def test_the_verbs_and_settings_that_are_named_exist() -> None:
    assert set(re.findall(r"start\.py ([a-z]+)", TEACHING)) - {"print", *start.SCRIPTS} == set()
    assert {name for name in re.findall(r"TUTOR_[A-Z]+", TEACHING) if name not in str(settings.__doc__)} == set()
    assert set(re.findall(r"-m (tutor\.[a-z]+)", TEACHING)) == {learners.__name__}


def test_the_gateways_file_is_read_as_it_is_shown(tmp_path: Path) -> None:
    (shown,) = [block for block in BLOCKS if "ANTHROPIC_BASE_URL" in block]
    (tmp_path / ".env").write_text(shown)
    got = settings.read({}, tmp_path)
    assert (got.mode, got.upstream, got.budget) == ("live", "https://gateway.example.school", 0.5)
    assert got.key == "a-word-that-the-gateway-knows"


def test_the_table_of_a_class_looks_as_it_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lessons = {stop.lesson: [(stop.lesson, name) for name in stop.exercises] for stop in course.stops()}
    for pair in [*lessons["start_here"], *lessons["requests"][:2]]:
        Progress(tmp_path / "amina").finish(*pair)
    ben = [*lessons["start_here"], *lessons["requests"], *lessons["system_prompts"][:1]]
    (tmp_path / "ben.txt").write_text(written_as(ben))
    assert learners.main([str(tmp_path)]) == 0
    shown = capsys.readouterr().out.replace(date.today().isoformat(), "2026-11-20")
    assert shown in BLOCKS


def test_answers_are_where_it_says() -> None:
    answers = ROOT / "tutor/answers"
    for stop in course.stops():
        assert all((answers / stop.lesson / name / "solution.py").is_file() for name in stop.exercises)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path: Path) -> None:
    text = path.read_text("utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)|(?:src|srcset|href)=\"([^\"]+)\"", text)
    local = ["".join(target) for target in targets if "://" not in "".join(target)]
    assert [target for target in local if not (path.parent / target).exists()] == []


def test_the_readme_leads_to_what_is_for_teachers() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {"(TEACHING.md)", "(pages/cards.html)", "(pages/corrections.md)"} <= set(re.findall(r"\([^()\s]+\)", readme))

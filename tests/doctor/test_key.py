"""The key: where it comes from, what it looks like, who could read it. No line ever shows it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tutor import settings
from tutor.doctor import key

KEY = "sk-ant-api03-planted-in-the-tests-0123456789"
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=Amina", "-c", "user.email=amina@example.org"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


@pytest.fixture
def repository(course: Path) -> Path:
    git(course, "init", "--quiet")
    (course / ".gitignore").write_text(".env\n")
    return course


def write(course: Path, mode: int = 0o600, value: str = KEY) -> None:
    (course / ".env").write_text(f"ANTHROPIC_API_KEY={value}\n")
    (course / ".env").chmod(mode)


def look(course: Path, **environ: str) -> list[tuple[str, str]]:
    found = list(key.look(environ, course))
    assert KEY not in " ".join(map(str, found))
    assert all(each.next_step for each in found if each.state in ("mend", "note"))
    return [(each.state, each.words) for each in found]


def test_no_key_is_fine(course: Path) -> None:
    assert [state for state, _ in look(course)] == ["fine"]


def test_it_says_where_the_key_comes_from(repository: Path) -> None:
    assert "from the environment" in look(repository, ANTHROPIC_API_KEY=KEY)[0][1]
    write(repository)
    assert [state for state, _ in look(repository)] == ["fine"] * 3
    assert "from .env" in look(repository)[0][1]
    assert "from .env" in look(repository, ANTHROPIC_API_KEY="tutor-local-abc")[0][1]


@pytest.mark.parametrize("value", ["hello", "sk-proj-" + "a" * 40, "sk-ant-admin01-" + "a" * 40, KEY[:20]])
def test_what_does_not_look_like_a_key_is_told(course: Path, value: str) -> None:
    (state, words) = look(course, ANTHROPIC_API_KEY=value)[0]
    assert (state, value in words) == ("note", False)


def test_another_address_may_have_keys_of_another_shape(course: Path) -> None:
    assert key.shape("room-7", "the environment", "https://gateway.example").state == "fine"
    assert key.shape("room-7", "the environment", settings.API).state == "note"


def test_a_setting_that_cannot_be_used_is_told_without_it(course: Path) -> None:
    ((state, words),) = look(course, ANTHROPIC_API_KEY=f"{KEY} {KEY}")
    assert (state, "holds a blank" in words) == ("mend", True)


@POSIX
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_to_be_mended(repository: Path, mode: int) -> None:
    write(repository, mode)
    assert ("mend", "others on this computer can read the key in .env") in look(repository)


def test_a_file_that_git_would_take_up_is_to_be_mended(repository: Path) -> None:
    write(repository)
    (repository / ".gitignore").write_text("")
    assert ("mend", "git would take up .env, with the key in it") in look(repository)


def test_a_file_in_git_and_one_that_was_in_git_are_to_be_mended(repository: Path) -> None:
    write(repository)
    git(repository, "add", "--force", ".env")
    assert ("mend", ".env, with the key in it, lies in git") in look(repository)
    git(repository, "commit", "--quiet", "--message=x")
    git(repository, "rm", "--quiet", "--cached", ".env")
    git(repository, "commit", "--quiet", "--message=y")
    assert ("mend", ".env lay in git once, and whoever has the history can read it") in look(repository)


def test_without_git_it_is_said_that_nobody_looked(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(course)
    monkeypatch.setenv("PATH", str(course))
    assert look(course)[-1][0] == "skipped"


@pytest.mark.parametrize(
    "line", [f"ANTHROPIC_API_KEY: {KEY}", KEY, f"set ANTHROPIC_API_KEY={KEY}", f"anthropic_api_key={KEY}"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_key_in_dotenv_that_is_not_understood_is_told_and_guarded(repository: Path, line: str, encoding: str) -> None:
    (repository / ".env").write_text(line, encoding)
    (repository / ".env").chmod(0o600)
    (repository / ".gitignore").unlink()
    (state, words), *_, (git_state, git_words) = look(repository)
    assert (state, "is not understood" in words) == ("mend", True)
    assert (git_state, "git would take up .env" in git_words) == ("mend", True)


def test_of_two_keys_in_dotenv_it_is_said_which_one_counts(repository: Path) -> None:
    (repository / ".env").write_text(
        f"export ANTHROPIC_API_KEY='{KEY}'\n# ANTHROPIC_API_KEY=x\nANTHROPIC_API_KEY = {KEY}x\n"
    )
    (repository / ".env").chmod(0o600)
    (state, words), *others = look(repository)
    assert (state, words) == ("note", "2 lines of .env give a key, and the last one counts")
    assert {state for state, _ in others} == {"fine"}


@POSIX
@pytest.mark.parametrize("broken", ["TUTOR_BUDGET=much\n", "TUTOR_MODE=\xff\n"])
def test_beside_a_setting_that_cannot_be_used_a_key_that_others_can_read_is_told(repository: Path, broken: str) -> None:
    (repository / ".env").write_text(f"ANTHROPIC_API_KEY={KEY}\n{broken}", "latin-1")
    (repository / ".env").chmod(0o644)
    found = look(repository)
    assert [state for state, _ in found] == ["mend", "mend", "fine"]
    assert "others on this computer can read the key in .env" in found[1][1]

"""`python -m tutor.relay`: two lines, stays until it is ended, and the verbs."""

from __future__ import annotations

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import httpx
import pytest

from tutor.relay.__main__ import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
RECORDINGS = ROOT / "tests" / "mock" / "recordings"
COMMAND = [sys.executable, "-m", "tutor.relay"]


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "TUTOR_"))}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def started(*arguments, **environ):
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**environ),
        cwd=ROOT,
    )
    return process, [process.stdout.readline().rstrip("\n") for _ in range(2)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_two_lines_answers_and_ends_quietly(number):
    process, lines = started("--port", "0")
    (base, url), (name, token) = (line.split("=", 1) for line in lines)
    assert (base, name) == ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY")
    assert url.startswith("http://127.0.0.1:")
    assert token.startswith("tutor-local-")
    answer = httpx.get(
        f"{url}/v1/models", headers={"x-api-key": token, "anthropic-version": "2026-10-21"}, trust_env=False
    )
    assert answer.status_code == 200
    process.send_signal(number)
    rest, errors = process.communicate(timeout=10)
    assert (rest, process.returncode) == ("", 0)
    assert "Traceback" not in errors


def test_a_taken_port_has_its_own_words():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, env=environment(), cwd=ROOT)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Port {port} is taken" in done.stderr
    assert "--port 0" in done.stderr


@pytest.mark.parametrize("port", ["-1", "70000"])
def test_a_port_that_cannot_be_is_refused(port):
    done = subprocess.run([*COMMAND, f"--port={port}"], capture_output=True, text=True, env=environment(), cwd=ROOT)
    assert done.returncode == 1
    assert "from 0 to 65535" in done.stderr


def test_a_setting_that_cannot_be_used_says_why_without_a_traceback():
    done = subprocess.run(COMMAND, capture_output=True, text=True, env=environment(TUTOR_MODE="alive"), cwd=ROOT)
    assert done.returncode == 1
    assert done.stderr.startswith("Expected TUTOR_MODE")


def run(*arguments):
    """Run a verb in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(list(arguments))
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def test_the_verbs_look_after_the_recordings(tmp_path):
    folder = tmp_path / "recordings"
    shutil.copytree(RECORDINGS, folder)
    listed = run("list", "--recordings", str(folder))
    assert "demo/tides" in listed.stdout
    assert "Write a haiku about tides." in listed.stdout
    checked = run("check", "--recordings", str(folder))
    assert (checked.returncode, checked.stdout) == (0, "Every recording is in order.\n")
    used = tmp_path / "used.txt"
    used.write_text("demo/tides\n")
    named = run("prune", str(used), "--recordings", str(folder))
    assert str(folder / "demo" / "photosynthesis.yaml") in named.stdout.splitlines()
    assert (folder / "demo" / "photosynthesis.yaml").exists()
    run("prune", str(used), "--delete", "--recordings", str(folder))
    assert [path.name for path in (folder / "demo").iterdir()] == ["tides.yaml"]


def test_prune_needs_to_know_what_was_used():
    done = run("prune")
    assert done.returncode == 1
    assert "TUTOR_USED" in done.stderr


def test_prune_deletes_nothing_on_the_word_of_another_file(tmp_path):
    folder = tmp_path / "recordings"
    shutil.copytree(RECORDINGS, folder)
    other = tmp_path / "notes.txt"
    other.write_text("milk, bread")
    done = run("prune", str(other), "--delete", "--recordings", str(folder))
    assert (done.returncode, done.stdout) == (1, "")
    assert "names of recordings" in done.stderr
    assert len(list((folder / "demo").iterdir())) == 5


@pytest.mark.parametrize("verb", ["list", "check", "serve"])
@pytest.mark.parametrize("more", ["used.txt", "--delete"])
def test_the_other_verbs_take_nothing(verb, more):
    done = run(verb, more)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"Expected nothing after {verb}, got {more}.\n")


@pytest.mark.parametrize("verb", [("list",), ("check",), ("prune", "used.txt", "--delete")])
@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_without_recordings_is_named(verb, folder, tmp_path):
    (tmp_path / "empty").mkdir()
    done = run(*verb, "--recordings", str(tmp_path / folder))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Expected a folder of recordings, found none in {tmp_path / folder}.\n"


@pytest.mark.parametrize(("name", "words"), [("missing.txt", "No such file or directory"), (".", "Is a directory")])
def test_a_list_that_cannot_be_read_is_named(name, words, tmp_path):
    done = run("prune", str(tmp_path / name), "--recordings", str(RECORDINGS))
    assert (done.returncode, done.stderr) == (1, f"{tmp_path / name}: {words}.\n")


def test_check_ends_with_1_when_something_is_wrong(tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "broken.yaml").write_text("a: [")
    assert run("check", "--recordings", str(tmp_path)).returncode == 1

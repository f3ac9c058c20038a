"""start.py: what it says and does when something is wrong, and that it leaves nothing behind when all is well.

The real runs work in a copy of the course whose lock files are empty and whose notebooks are not run: making .venv, uv,
locks and repairs are what they are, and a start takes two seconds. One run at the end takes the course as it is.
"""

from __future__ import annotations

import ast
import contextlib
import ctypes
import errno
import glob
import importlib.util
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals, and no such permissions")
REACHED = "the script was reached"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("start", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


start = load(ROOT / "start.py")


# What it says


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("cause: failed to copy file from /a to /b: No space left on device (os error 28)", "disk is full"),
        ("There is not enough space on the disk. (os error 112)", "disk is full"),
        (
            "NewConnectionError('<x>: Failed to establish a new connection: [Errno 111] Connection refused')",
            "No network",
        ),
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "No network"),
        ("[Errno 11001] getaddrinfo failed", "No network"),
        ("error: Request failed after 3 retries\n  cause: error sending request for url (https://x/)", "No network"),
        ("dns error: failed to lookup address information", "No network"),
        ("HTTPSConnectionPool(host='x', port=443): Read timed out.", "No network"),
        ("ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed'))", "No network"),
        ("ProxyError('Tunnel connection failed: 407 Proxy Authentication Required')", "refused the request"),
        ("ERROR: HTTP error 403 while getting x\n403 Client Error: Forbidden for url: x", "refused the request"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed'))", "certificate"),
        ("cause: invalid peer certificate: UnknownIssuer", "certificate"),
        ("/x/.venv/bin/python: No module named ensurepip", "no pip"),
        ("/usr/bin/python3: No module named pip", "no pip"),
        ("no such option: --python", "no pip"),
        ("[Errno 13] Permission denied: '/x/.jupyter'", "cannot be written"),
        ("[Errno 30] Read-only file system: '/x/.jupyter'", "cannot be written"),
        ("[WinError 5] Access is denied: 'C:\\\\x\\\\.venv\\\\Scripts\\\\python.exe'", "cannot be written"),
        ("[WinError 32] The process cannot access the file, it is being used by another process", "cannot be written"),
        ("ERROR: No matching distribution found for jupyterlab==4.6.6", "not to be had"),
        ("error: Failed to build `pyyaml==6.0.3`", "not to be had"),
        ("Segmentation fault", "unknown here"),
        ("", "unknown here"),
    ],
)
def test_a_failed_command_is_told_in_our_words_with_a_next_step(said: str, what: str) -> None:
    trouble = start.explain(said)
    assert what in trouble.what
    assert trouble.next_step.endswith((".", "start.py"))
    assert said.endswith(trouble.said)


def test_of_a_known_trouble_the_line_that_tells_it_is_shown_and_of_an_unknown_one_the_last_lines() -> None:
    retry = "WARNING: Retrying after connection broken by NewConnectionError" + 200 * "x"
    known = start.explain("\n".join(["Looking for uv", *5 * [retry], "ERROR: No matching distribution found for uv"]))
    assert (known.what[:10], len(known.said.splitlines()), " ... x" in known.said) == ("No network", 1, True)
    unknown = start.explain("\n".join(f"line {number}" for number in range(20)))
    assert unknown.said.splitlines() == [f"line {number}" for number in range(12, 20)]


def test_what_a_crashed_jupyterlab_left_behind_is_not_taken_for_a_running_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "HOME", tmp_path)
    (tmp_path / "runtime").mkdir()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        left = {"url": f"http://127.0.0.1:{closed.getsockname()[1]}/", "token": "x"}
    (tmp_path / "runtime/jpserver-1.json").write_text(json.dumps(left))
    (tmp_path / "runtime/jpserver-2.json").write_text("{")
    assert start.running() is None


class Answering(BaseHTTPRequestHandler):
    """A JupyterLab, as far as it is asked whether it runs: with its token it says so."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/status?token=right" else 403)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing: what a test prints is read."""


def test_a_jupyterlab_that_answers_is_the_running_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "HOME", tmp_path)
    (tmp_path / "runtime").mkdir()
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        for number, token in enumerate(("wrong", "right")):
            (tmp_path / f"runtime/jpserver-{number}.json").write_text(json.dumps({"url": url, "token": token}))
        found = start.running()
        server.shutdown()
        thread.join()
    assert found
    assert found[0].startswith(f"{url}lab/tree/notebooks/")
    assert found[0].endswith("?token=right")
    assert found[1] == tmp_path / "runtime/jpserver-1-open.html"


def test_no_trouble_has_the_words_of_another() -> None:
    assert len({what for _, what, _ in start.TROUBLES}) == len(start.TROUBLES)
    assert len({next_step for _, _, next_step in start.TROUBLES}) == len(start.TROUBLES)


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (errno.EACCES, "cannot be written"),
        (errno.EPERM, "cannot be written"),
        (errno.EROFS, "cannot be written"),
        (errno.ENOSPC, "The disk is full."),
        (errno.EEXIST, "/x/.jupyter is in the way."),
        (errno.ENOTDIR, "/x/.jupyter is in the way."),
    ],
)
def test_an_error_of_the_system_is_told_in_our_words(number: int, what: str) -> None:
    assert what in start.explain_system(OSError(number, os.strerror(number), "/x/.jupyter")).what


@pytest.mark.parametrize(
    ("newer", "next_step"),
    [("python3.12", "Next: python3.12 start.py"), (None, "Next: install Python 3.13 from https://www.python.org/")],
)
def test_an_old_python_is_told_what_to_take(newer: str | None, next_step: str) -> None:
    said = start.too_old((3, 8, 18), newer)
    assert said.startswith("This is Python 3.8; the course needs Python 3.11 or newer.\n")
    assert next_step in said


def test_an_old_python_can_read_the_file() -> None:
    ast.parse((ROOT / "start.py").read_text("utf-8"), feature_version=(3, 7))


def test_only_the_standard_library_is_used() -> None:
    tree = ast.parse((ROOT / "start.py").read_text("utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


# What it decides


def test_what_is_started_sees_this_folder_and_no_other_python() -> None:
    given = {"PATH": "/bin", "PYTHONPATH": "/ros", "PYTHONHOME": "/x", "JUPYTER_PATH": "/x", "ANTHROPIC_API_KEY": "key"}
    env = start.environment(given)
    assert "PYTHONPATH" not in env
    assert "PYTHONHOME" not in env
    assert env["ANTHROPIC_API_KEY"] == "key"
    assert env["PATH"] == f"{start.BIN}{os.pathsep}/bin"
    folders = {name for name, value in env.items() if value.startswith(str(ROOT / ".jupyter"))}
    assert folders >= {"JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR"}
    assert folders >= {"JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR", "MPLCONFIGDIR"}


@pytest.mark.parametrize(
    ("given", "index"),
    [
        ({}, None),
        ({"PIP_INDEX_URL": "pips"}, "pips"),
        ({"PIP_INDEX_URL": "pips", "UV_DEFAULT_INDEX": "uvs"}, "uvs"),
        ({"PIP_INDEX_URL": "pips", "UV_INDEX_URL": "uvs"}, None),
    ],
)
def test_uv_asks_the_index_that_pip_was_told_of(given: dict[str, str], index: str | None) -> None:
    assert start.for_installing(dict(given)).get("UV_DEFAULT_INDEX") == index


@pytest.mark.parametrize(("word", "port"), [("0", 0), ("8888", 8888), ("65535", 65535)])
def test_a_port_is_a_number(word: str, port: int) -> None:
    assert start.port_number(word) == port


@pytest.mark.parametrize("word", ["65536", "-1", "x", "", "8 8"])
def test_anything_else_is_no_port(word: str) -> None:
    with pytest.raises(ArgumentTypeError, match="expected a number from 0 to 65535"):
        start.port_number(word)


@pytest.mark.parametrize(
    ("port", "browser", "has", "has_not"),
    [
        (None, True, [], ["--no-browser", "--ServerApp.port"]),
        (None, False, ["--no-browser"], ["--ServerApp.port"]),
        (9000, True, ["--ServerApp.port=9000", "--ServerApp.port_retries=0"], ["--no-browser"]),
        (0, True, ["--ServerApp.port=0"], []),
    ],
)
def test_jupyterlab_is_told_only_what_was_asked_for(
    port: int | None, browser: bool, has: list[str], has_not: list[str]
) -> None:
    command = " ".join(map(str, start.lab_command(port, browser)))
    assert all(word in command for word in has)
    assert not any(word in command for word in has_not)


@pytest.mark.parametrize(
    ("solved", "page"),
    [
        ([], "00_start_here"),
        (["start_here/first_call"], "01_requests"),
        (["requests/remember", "requests/text_of"], "01_requests"),
        (["requests/remember", "requests/text_of", "requests/first_request"], "02_system_prompts"),
        (["requests/text_of", "start_here/first_call"], "01_requests"),
        (["errors/outcome", "errors/with_retries", "errors/friendly"], "05_errors"),  # the last lesson
        (["requests/text_of", "dropped/exercise"], "00_start_here"),
    ],
)
def test_jupyterlab_opens_on_the_lesson_of_the_exercise_solved_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, solved: list[str], page: str
) -> None:
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path))
    for second, exercise in enumerate(solved):
        path = tmp_path / "done" / f"{exercise}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (second, second))
    assert start.lesson_to_open() == f"{page}.ipynb"
    assert f"--LabApp.default_url=/lab/tree/notebooks/{page}.ipynb" in start.lab_command(None, True)


def test_the_lessons_to_print_are_those_that_begin_with_a_word_or_all() -> None:
    def lessons(*words: str) -> list[str]:
        return [Path(word).name for word in start.print_command(words) if str(word).endswith(".ipynb")]

    assert lessons("01", "03") == ["01_requests.ipynb", "03_parameters.ipynb"]
    assert lessons() == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    with pytest.raises(start.Trouble, match="No lesson begins with 77"):
        start.print_command(["77"])


@pytest.mark.parametrize("text", ['{"broken"', "[]", "3"])
def test_a_damaged_notebook_is_named_before_it_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/01_requests.ipynb").write_text(text)
    monkeypatch.setattr(start, "ROOT", tmp_path)
    with pytest.raises(start.Trouble, match=r"01_requests\.ipynb cannot be read"):
        start.print_command(["01"])


def test_a_stamp_changes_with_all_that_an_installation_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    stamps = [start.stamp("requirements.lock"), start.stamp("requirements.lock", "pyproject.toml")]
    for name, value in (("UV", "uv==0"), ("PIP", "pip==0"), ("ROOT", ROOT / "tests")):
        monkeypatch.setattr(start, name, value)
        stamps.append(start.stamp(*([] if name == "ROOT" else ["requirements.lock"])))
        monkeypatch.undo()
    assert len(set(stamps)) == len(stamps)


def test_what_pip_copies_out_of_the_course_is_among_what_an_installation_depends_on() -> None:
    copied = {path.relative_to(ROOT).as_posix() for path in (ROOT / "jupyter/prefix").rglob("*.*")}
    assert set() < copied <= set(start.BASIS)


# Real runs


def heed_ctrl_c() -> None:
    """Where the tests themselves run in the background of a script, they were told to ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Course:
    """A copy of the course in which a start is quick: nothing to install but uv, pip and the course."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.venv = folder, folder / ".venv"
        self.python = self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        (folder / "tests").mkdir(parents=True)
        for name in ("start.py", "pyproject.toml", "LICENSE", "README.md"):
            shutil.copy(ROOT / name, folder)
        shutil.copytree(ROOT / "jupyter/prefix", folder / "jupyter/prefix")
        for name in ("requirements.lock", "requirements-test.lock"):
            (folder / name).write_text("# nothing\n")
        (folder / "tests/refresh.py").write_text(f"import tutor\nprint({REACHED!r})\n")
        (folder / "tutor").mkdir()
        (folder / "tutor/__init__.py").write_text('"""Stands for the course."""\n')
        (folder / "tutor/doctor.py").write_text(f"print({REACHED!r})\n")

    def popen(
        self, *words: str, python: str = sys.executable, env: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [python, str(self.folder / "start.py"), *words],
            env=(os.environ if env is None else env) | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=heed_ctrl_c if os.name == "posix" else None,
        )

    def run(self, *words: str, python: str = sys.executable, env: dict[str, str] | None = None) -> tuple[int, str]:
        """Run start.py to its end: its exit code, and what it said."""
        with self.popen(*words, python=python, env=env) as child, ended(child):
            said = child.communicate(timeout=120)[0]
        return child.returncode, said

    def installed(self) -> None:
        """Assert that a start succeeds, and that the next one has nothing left to do."""
        code, said = self.run("refresh")
        assert (code, said.splitlines()[-1]) == (0, REACHED), said
        assert self.run("refresh") == (0, f"{REACHED}\n")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path / "Kurs für alle")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose .venv is there already; copy it with `damaged` before harming it."""
    course = Course(tmp_path_factory.mktemp("made") / "course")
    course.installed()
    return course


@pytest.fixture
def damaged(made: Course) -> Iterator[Course]:
    """The ready course, put back after the test by its own repair."""
    yield made
    made.installed()


def last_words(said: str) -> tuple[str, str]:
    """The two lines that a learner reads: what is wrong, and the next step."""
    what, next_step = said.strip().splitlines()[-2:]
    assert next_step.startswith("Next: ")
    assert "Traceback" not in said
    return what, next_step


@pytest.mark.slow
def test_a_second_start_installs_nothing_and_is_there_at_once(made: Course) -> None:
    times = []
    for _ in range(3):
        started = time.perf_counter()
        assert made.run("refresh") == (0, f"{REACHED}\n")
        times.append(time.perf_counter() - started)
    assert min(times) < 1


@pytest.mark.slow
def test_what_it_writes_into_venv_is_not_written_into_uvs_cache(made: Course) -> None:
    (link,) = {path.resolve() for path in made.venv.glob("[Ll]ib*/**/site-packages/tutor.pth")}
    assert link.stat().st_nlink == 1


def test_words_after_the_verb_go_to_its_script(course: Course) -> None:
    assert start.SCRIPTS["test"] == "tests/checks.py"
    assert all((ROOT / script).exists() for script in start.SCRIPTS.values())


@pytest.mark.slow
def test_help_and_wrong_words_install_nothing(course: Course) -> None:
    code, said = course.run("--help")
    assert (code, said.strip()) == (0, start.__doc__.strip())
    code, said = course.run("tset")
    assert (code, last_words(said)[0]) == (1, "start.py does not know the word 'tset'.")
    for verb in ("lock", "pictures"):
        code, said = course.run(verb, "httpx")
        assert (code, last_words(said)[0]) == (1, f"Expected nothing after {verb}, got 'httpx'.")
    code, said = course.run("--port", "70000")
    assert (code, "expected a number from 0 to 65535, came with '70000'" in said) == (2, True)
    assert not course.venv.exists()


def test_start_py_alone_says_what_is_missing(tmp_path: Path) -> None:
    shutil.copy(ROOT / "start.py", tmp_path)
    done = subprocess.run([sys.executable, str(tmp_path / "start.py")], capture_output=True, text=True, check=False)
    assert last_words(done.stderr)[0] == "The rest of the course is not here."
    assert os.listdir(tmp_path) == ["start.py"]


def test_a_taken_port_is_told_before_anything_is_installed(course: Course) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = course.run("--no-browser", "--port", str(port))
    assert code == 1
    what, next_step = last_words(said)
    assert what == f"Port {port} is taken by another program."
    assert "Leave --port away" in next_step
    assert not course.venv.exists()


def old_pythons() -> list[str]:
    """Pythons before 3.11 on this computer, on the path or under pyenv."""
    found = [shutil.which(f"python3.{minor}") for minor in range(6, 11)]
    found += glob.glob(os.path.expanduser(os.environ.get("PYENV_ROOT", "~/.pyenv") + "/versions/3.*/bin/python"))
    test = "import sys; sys.exit(not (3, 6) <= sys.version_info < (3, 11))"
    return [path for path in found if path and subprocess.call([path, "-c", test], stderr=subprocess.DEVNULL) == 0]


@pytest.mark.slow
def test_an_old_python_says_so_and_installs_nothing(course: Course) -> None:
    olds = old_pythons()
    if not olds:
        pytest.skip("there is no Python older than 3.11 on this computer")
    for old in {olds[0], olds[-1]}:
        code, said = course.run(python=old)
        assert code == 1
        assert re.match(r"This is Python 3\.\d+; the course needs Python 3\.11 or newer\.\nNext: ", said)
    assert not course.venv.exists()


@pytest.mark.slow
def test_without_network_it_says_so_and_the_next_start_succeeds(course: Course) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
    elsewhere = ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL")
    env = {name: value for name, value in os.environ.items() if name not in elsewhere}
    empty = {"PIP_INDEX_URL": index, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
    code, said = course.run("refresh", env=env | empty)
    assert (code, last_words(said)[0]) == (1, "No network: the packages could not be fetched.")
    course.installed()


@POSIX
@pytest.mark.slow
def test_a_folder_that_cannot_be_written_is_named(course: Course) -> None:
    def without_root_rights() -> None:  # root writes anywhere, unless it gives up that right (CAP_DAC_OVERRIDE)
        if os.geteuid() == 0:
            ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)

    course.folder.chmod(0o555)
    command = [sys.executable, str(course.folder / "start.py")]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=without_root_rights, check=False)
    course.folder.chmod(0o755)
    assert done.returncode == 1
    what, next_step = last_words(done.stderr)
    assert what == f"Something in {course.folder} cannot be written."
    assert "move it to one that is" in next_step


@pytest.mark.parametrize("name", [".venv", ".jupyter"])
def test_a_file_in_the_way_is_named_and_kept(course: Course, name: str) -> None:
    (course.folder / name).write_text("mine")
    code, said = course.run("refresh")
    assert code == 1
    assert f"{course.folder / name} is in the way" in last_words(said)[0]
    assert (course.folder / name).read_text() == "mine"


def test_a_folder_that_is_no_venv_is_never_deleted(course: Course) -> None:
    course.venv.mkdir()
    (course.venv / "thesis.txt").write_text("mine")
    code, said = course.run("refresh")
    assert (code, "is in the way" in last_words(said)[0]) == (1, True)
    assert (course.venv / "thesis.txt").read_text() == "mine"


def no_python(course: Course) -> None:
    for path in course.python.parent.glob("python*"):
        path.unlink()


def no_base(course: Course) -> None:
    config = course.venv / "pyvenv.cfg"
    config.write_text(re.sub(r"(?m)^home = .*$", "home = /gone/bin", config.read_text("utf-8")), "utf-8")


def empty_venv(course: Course) -> None:
    shutil.rmtree(course.venv)
    course.venv.mkdir()


def unfinished(course: Course) -> None:
    shutil.rmtree(course.python.parent)
    (course.venv / "pyvenv.cfg").unlink()
    (course.folder / ".jupyter/unfinished").touch()


def no_stamp(course: Course) -> None:
    (course.venv / "tutor-stamp").unlink()
    for package in course.venv.glob("[Ll]ib*/**/site-packages/pip/__init__.py"):
        package.unlink()  # it is the file in uv's cache, linked, and that of other .venvs
        package.write_text("raise SystemExit('broken')")


def no_package(course: Course) -> None:
    shutil.rmtree(next(course.venv.glob("[Ll]ib*/**/site-packages/pip")))


def no_packages(course: Course) -> None:
    shutil.rmtree(next(course.venv.glob("[Ll]ib*")))


def no_config(course: Course) -> None:
    (course.venv / "pyvenv.cfg").unlink()


def another_lock(course: Course) -> None:
    with open(course.folder / "requirements.lock", "a") as lock:
        lock.write("# renewed\n")


def another_uv(course: Course) -> None:
    shutil.copy(sys.executable, course.python.with_name("uv"))  # a program, but not the one


def settings_lost(course: Course) -> None:
    shutil.rmtree(course.folder / ".jupyter")
    (course.venv / "tutor-stamp").unlink()


HARMS = [no_python, no_base, empty_venv, unfinished, no_stamp, no_package, no_packages, no_config]
HARMS += [another_lock, another_uv, settings_lost]


def test_before_the_first_start_the_doctor_says_that_nothing_is_installed(course: Course) -> None:
    code, said = course.run("doctor")
    assert (code, last_words(said)[0]) == (1, "The course is not installed: there is no folder .venv.")
    assert not course.venv.exists()


@pytest.mark.slow
def test_with_a_sound_venv_the_courses_own_doctor_speaks(made: Course) -> None:
    assert made.run("doctor") == (0, f"{REACHED}\n")


@pytest.mark.slow
@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_venv_is_told_by_the_doctor_and_repaired_by_a_start(
    damaged: Course, harm: Callable[[Course], None]
) -> None:
    harm(damaged)
    if harm is not another_uv:  # that is found, and put right, when packages are installed
        before = sorted(damaged.folder.rglob("*"))
        code, said = damaged.run("doctor")
        assert (code, last_words(said)[1]) == (1, "Next: python3 start.py puts that in order.")
        assert sorted(damaged.folder.rglob("*")) == before
    if harm is another_uv:
        another_lock(damaged)
    damaged.installed()
    done = subprocess.run([str(damaged.python), "-m", "pip", "--version"], capture_output=True, check=False)
    assert done.returncode == 0


@pytest.mark.slow
def test_a_moved_course_gets_a_new_venv(made: Course, tmp_path: Path) -> None:
    moved = Course(tmp_path / "elsewhere")
    shutil.copytree(made.venv, moved.venv, symlinks=True)
    shutil.copytree(made.folder / ".jupyter", moved.folder / ".jupyter")
    moved.installed()
    where = subprocess.check_output([str(moved.python), "-I", "-c", "import tutor; print(tutor.__file__)"], text=True)
    assert Path(where).is_relative_to(moved.folder)


@pytest.mark.slow
def test_it_may_be_run_by_the_python_it_made(made: Course) -> None:
    assert made.run("refresh", python=str(made.python)) == (0, f"{REACHED}\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows does not delete a Python that runs")
@pytest.mark.slow
def test_the_python_it_made_can_make_it_anew(damaged: Course) -> None:
    (damaged.folder / ".jupyter/unfinished").touch()
    code, said = damaged.run("refresh", python=str(damaged.python))
    assert (code, said.splitlines()[-1]) == (0, REACHED)


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("ending", ["SIGINT", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("moment", ["Making .venv", "Installing uv", "Installing JupyterLab"])
def test_whenever_it_is_ended_the_next_start_recovers(course: Course, moment: str, ending: str) -> None:
    with course.popen("refresh") as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith(moment):
                break
        child.send_signal(getattr(signal, ending))
        said = child.stdout.read()
    if ending != "SIGKILL":
        assert child.returncode == 130, said
        assert said.splitlines()[-1] == "Interrupted. Nothing is lost: the next start goes on from here."
        assert running(course.folder) == []
    course.installed()


@POSIX
@pytest.mark.slow
def test_in_the_background_of_a_script_ctrl_c_is_meant_for_somebody_else(course: Course) -> None:
    command = ["sh", "-c", f"trap '' INT; exec {shlex.quote(sys.executable)} -u start.py refresh"]
    with subprocess.Popen(command, cwd=course.folder, stdout=subprocess.PIPE, text=True, env=os.environ) as child:
        assert child.stdout is not None
        for _ in child.stdout:
            child.send_signal(signal.SIGINT)
    assert child.returncode == 0


@pytest.mark.slow
def test_two_starts_at_the_same_time_share_the_work(course: Course) -> None:
    children = [course.popen("refresh") for _ in range(2)]
    said = [child.communicate(timeout=120)[0] for child in children]
    assert [child.returncode for child in children] == [0, 0], said
    assert all(text.endswith(f"{REACHED}\n") for text in said)
    assert sum("Making .venv" in text for text in said) == 1


@pytest.mark.slow
def test_pip_does_what_uv_cannot(course: Course) -> None:
    """Where uv does not run or finds no index, pip installs."""
    unreachable = {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "UV_NO_CACHE": "1"}
    code, said = course.run("refresh", env=os.environ | unreachable)
    assert "uv could not do it; pip tries now" in said
    assert (code, said.splitlines()[-1]) == (0, REACHED), said


@pytest.mark.slow
def test_a_folder_of_wheels_serves_a_room_without_network(course: Course) -> None:
    wheels, nowhere = course.folder / "wheels", "http://127.0.0.1:9/simple"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels)]
    subprocess.run([*command, start.UV, start.PIP, "flit-core>=3.12,<5"], check=True)
    cut_off = {"PIP_INDEX_URL": nowhere, "UV_DEFAULT_INDEX": nowhere, "PIP_FIND_LINKS": "none", "UV_NO_CACHE": "1"}
    code, said = course.run("refresh", env=os.environ | cut_off)
    assert (code, said.splitlines()[-1]) == (0, REACHED), said
    assert "pip tries now" not in said


@contextlib.contextmanager
def ended(child: subprocess.Popen[str]) -> Iterator[None]:
    """End the child with the block, also where an assertion fails in it: nobody would wait for it to end by itself."""
    try:
        yield
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)


def running(folder: Path) -> list[str]:
    """Processes whose command names the folder, and that do not end in the next seconds."""
    deadline = time.monotonic() + 10
    while True:
        commands = (" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))
        found = [command for command in commands if str(folder) in command]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "solved", "opened"),
    [
        (signal.SIGINT, "", "00_start_here.ipynb"),
        (signal.SIGTERM, "requests/text_of.txt", "01_requests.ipynb"),  # one of two
        (signal.SIGTERM, "start_here/first_call.txt", "01_requests.ipynb"),  # the only one
    ],
)
def test_the_course_opens_once_and_nothing_is_left_when_it_is_ended(
    made_whole: Course, number: signal.Signals, solved: str, opened: str
) -> None:
    home = made_whole.folder.parent / "home"
    progress = made_whole.folder / "progress"
    shutil.rmtree(progress, ignore_errors=True)
    if solved:  # in the lesson of which the next visit begins
        (progress / "done" / solved).parent.mkdir(parents=True)
        (progress / "done" / solved).touch()
    for exercise in ("requests/first_request", "requests/text_of", "start_here/first_call"):
        (made_whole.folder / "tutor/answers" / exercise).mkdir(parents=True, exist_ok=True)
    caches = {
        "TUTOR_HOME": str(progress),
        "UV_CACHE_DIR": cache("uv"),
        "PIP_CACHE_DIR": cache("pip"),
        "TMPDIR": str(home / "tmp"),
        "HOME": str(home),
    }
    (home / "tmp").mkdir(parents=True, exist_ok=True)
    with made_whole.popen("--no-browser", "--port", "0", env=os.environ | caches) as child, ended(child):
        assert child.stdout is not None
        for line in child.stdout:
            address = re.search(r"http://127\.0\.0\.1:(\d+)/(\S+)\?token=(\w+)", line)
            if address:
                break
        assert address
        port, page, token = address.groups()
        assert page == f"lab/tree/notebooks/{opened}"
        server = f"http://127.0.0.1:{port}/api"
        with urllib.request.urlopen(f"{server}/contents/notebooks/00_start_here.ipynb?token={token}") as reply:
            assert reply.status == 200
        exported = f"http://127.0.0.1:{port}/nbconvert/html/notebooks/00_start_here.ipynb?token={token}"
        with urllib.request.urlopen(exported) as reply:  # what JupyterLab's File > Print shows
            assert "A lesson on paper" in reply.read().decode()
        kernel = urllib.request.Request(f"{server}/kernels?token={token}", data=b"{}", method="POST")
        with urllib.request.urlopen(kernel) as reply:
            assert reply.status == 201
        (progress / "done/start_here").mkdir(parents=True, exist_ok=True)
        (progress / "done/start_here/first_call.txt").touch()  # since then the learner has gone on
        browser = home / "browser"
        browser.write_text("#!/bin/sh\nfor last; do true; done\ncat ${last#file://} > ${0}ed\n")
        browser.chmod(0o755)
        code, said = made_whole.run(env=os.environ | caches | {"BROWSER": f"{browser} %s"})
        address = f"http://127.0.0.1:{port}/lab/tree/notebooks/01_requests.ipynb?token={token}"
        assert (code, address in said) == (0, True), said
        assert address in (home / "browsered").read_text()
        browser.unlink()
        (home / "browsered").unlink()
        child.send_signal(number)
        child.communicate(timeout=60)
    assert child.returncode == 0
    assert running(made_whole.folder) == []
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", int(port)))
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert [path.name for path in (made_whole.folder / ".jupyter/runtime").glob("*.json")] == []


@POSIX
@pytest.mark.slow
def test_a_lesson_to_print_is_one_page_in_a_folder_of_its_own(made_whole: Course) -> None:
    caches = {"UV_CACHE_DIR": cache("uv"), "PIP_CACHE_DIR": cache("pip")}
    code, said = made_whole.run("print", "00", env=os.environ | caches)
    assert code == 0, said
    (made,) = (made_whole.folder / "printed").iterdir()
    assert made.name == "00_start_here.html"
    assert "A lesson on paper" in made.read_text("utf-8")


@pytest.fixture(scope="module")
def made_whole(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course as it is, in a fresh folder."""
    course = Course(tmp_path_factory.mktemp("whole") / "course")
    shutil.copy(ROOT / "requirements.lock", course.folder)
    shutil.copy(ROOT / "tutor/look.css", course.folder / "tutor")
    aside = shutil.ignore_patterns("__pycache__", "prefix")  # a course has the second already
    shutil.copytree(ROOT / "jupyter", course.folder / "jupyter", ignore=aside, dirs_exist_ok=True)
    shutil.copytree(ROOT / "notebooks", course.folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
    return course


def cache(tool: str) -> str:
    """Where a tool keeps its downloads; a test that moves HOME does not have to fetch them again."""
    return os.environ.get(f"{tool.upper()}_CACHE_DIR") or os.path.expanduser(f"~/.cache/{tool}")

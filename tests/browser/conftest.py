"""A real JupyterLab in a real Chromium.

    lab              the running JupyterLab: its address, and the folder with a copy of the notebooks
    open_notebook    open_notebook("01_requests.ipynb") -> page, ready and with an idle kernel
    run_all          run_all(page): run every cell, and wait until the last one has ended
    type_into_cell   type_into_cell(page, cell, source): replace the source of a cell by hand
    run_cell         run_cell(page, cell): run one cell, and wait until it has ended

A cell is named by its number in the notebook or by a tag. Pages reach nothing but this computer; what they asked for
outside is in `outside`.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fake_api import FakeApi

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 30_000  # ms; a slow machine is not a wrong answer

# Everything is in the page at once, nothing asks for news, and nothing is saved behind the test's back.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def find_chromium() -> str | None:
    """Where the system's Chromium is."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Lab(NamedTuple):
    """A running JupyterLab."""

    url: str
    token: str
    root: Path

    def api(self, method: str, path: str) -> Any:
        """The server's own interface, for clearing up."""
        headers = {"authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.url}/api/{path}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read()
        return json.loads(text) if text else None


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; without it the browser tests did not run, and in CI that is a failure."""
    path = find_chromium()
    if path is None:
        said = "Chromium was not found, so the browser tests did not run. On Debian: apt-get install chromium"
        pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)
    return path


@pytest.fixture(scope="session")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab on a copy of the notebooks, with folders of its own for everything it keeps."""
    with running_lab(sys.executable, tmp_path_factory.mktemp("lab")) as started:
        yield started


class running_lab:
    """Starts JupyterLab, or Notebook, with the given Python; a context manager that leaves no process behind."""

    def __init__(self, python: str, home: Path, app: str = "jupyterlab", **environ: str) -> None:
        root = home / "notebooks"
        shutil.copytree(ROOT / "notebooks", root, ignore=shutil.ignore_patterns(".*"))
        for name, settings in SETTINGS.items():
            file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings), encoding="utf-8")
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC", "TUTOR", "JUPYTER"))
        }
        self._environ = {
            **kept,
            "PYTHONPATH": str(ROOT),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
            "TUTOR_HOME": str(home / "progress"),
            "TUTOR_PACE": "0",
            **environ,
        }
        self._log = home / "lab.log"
        self._command = [python, "-m", app, "--no-browser", "--allow-root", "--expose-app-in-browser"]
        self._command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"]
        self._command += [f"--ServerApp.root_dir={root}", "--IdentityProvider.token=secret"]
        self._command += ["--LanguageServerManager.autodetect=False"]  # or npm is run, and writes a log at home
        self._lab = Lab(f"http://127.0.0.1:{port}", "secret", root)

    def __enter__(self) -> Lab:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._lab.root,
                env=self._environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        until(self._answers, f"JupyterLab did not answer; see {self._log}")
        return self._lab

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._log.read_text(encoding="utf-8")
        try:
            self._lab.api("GET", "status")
        except (urllib.error.URLError, ConnectionError):
            return False
        return True


def _end_with_parent() -> None:
    """Let the kernel of Linux end JupyterLab if the tests are killed, and so cannot do it."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def until(holds: Callable[[], Any], otherwise: str, seconds: float = 60) -> None:
    """Ask again until it holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


@pytest.fixture(scope="module")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium with a profile of its own. Once a module: while it runs, nothing else may use asyncio here."""
    from playwright.sync_api import expect, sync_playwright

    home = str(tmp_path_factory.mktemp("chromium"))
    environ = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM), env=environ)
        yield browser
        browser.close()


@pytest.fixture
def outside() -> list[str]:
    """The addresses outside this computer that a page asked for. They were not reached."""
    return []


@pytest.fixture
def open_notebook(lab: Lab, browser: Any, outside: list[str]) -> Iterator[Callable[..., Any]]:
    """Opens a notebook of `lab.root`: `open_notebook("01_requests.ipynb") -> page`."""
    with notebooks(lab, browser, outside) as open_it:
        yield open_it


@contextmanager
def notebooks(lab: Lab, browser: Any, outside: list[str]) -> Iterator[Callable[..., Any]]:
    """What opens notebooks, and closes them in the end. `before` is called with the page while it is still empty."""
    contexts = []

    def open_it(name: str, place: str = "lab/tree", before: Callable[[Any], object] = id, **context: Any) -> Any:
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context}))
        contexts[-1].set_default_timeout(PATIENCE)
        contexts[-1].route(
            lambda url: not url.startswith(lab.url), lambda route: (outside.append(route.request.url), route.abort())
        )
        page = contexts[-1].new_page()
        before(page)
        page.goto(f"{lab.url}/{place}/{name}?reset&token={lab.token}")
        ready(page)
        return page

    yield open_it
    for context in contexts:
        context.close()
    for session in lab.api("GET", "sessions"):
        lab.api("DELETE", f"sessions/{session['id']}")
    shutil.rmtree(lab.root.parent / "progress", ignore_errors=True)


def ready(page: Any) -> None:
    """Wait until the notebook is drawn and its kernel is idle."""
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")
    page.wait_for_function(
        """() => {
            const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
            return context?.isReady && context.session?.kernel?.status === "idle";
        }"""
    )


NUMBER = """which => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets;
    const tagged = cell => (cell.model.getMetadata("tags") ?? []).includes(which);
    return typeof which === "number" ? (which + cells.length) % cells.length : cells.findIndex(tagged);
}"""


# A command that runs cells ends when they have ended; two minutes are enough for any lesson.
RUN = """async ([command, number]) => {
    if (number !== null) window.jupyterapp.shell.currentWidget.content.activeCellIndex = number;
    const late = new Promise((_, fail) => setTimeout(() => fail(new Error("The cells did not end.")), 120_000));
    await Promise.race([window.jupyterapp.commands.execute(command), late]);
}"""


def cell(page: Any, which: int | str) -> Any:
    """The cell of that number or tag, as a locator."""
    number = page.evaluate(NUMBER, which)
    assert number >= 0, f"No cell is tagged {which!r}."
    return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell").nth(number)


@pytest.fixture
def run_all() -> Callable[[Any], None]:
    """`run_all(page)` runs every cell, and returns when the last one has ended."""

    def run(page: Any) -> None:
        page.evaluate(RUN, ["notebook:run-all-cells", None])

    return run


@pytest.fixture
def type_into_cell() -> Callable[[Any, int | str, str], Any]:
    """`type_into_cell(page, cell, source)` replaces what stands in a cell, through its editor."""

    def type_it(page: Any, which: int | str, source: str) -> Any:
        found = cell(page, which)
        found.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(source)
        number = page.evaluate(NUMBER, which)
        read = "n => window.jupyterapp.shell.currentWidget.content.widgets[n].model.sharedModel.source"
        assert page.evaluate(read, number) == source
        return found

    return type_it


@pytest.fixture
def run_cell() -> Callable[[Any, int | str], Any]:
    """`run_cell(page, cell)` runs one cell, and returns it when it has ended."""

    def run(page: Any, which: int | str) -> Any:
        page.evaluate(RUN, ["notebook:run-cell", page.evaluate(NUMBER, which)])
        return cell(page, which)

    return run


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """A loopback API that streams what the test tells it to."""
    with FakeApi() as started:
        yield started

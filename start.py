"""Sets the course up and opens it in JupyterLab.

python3 start.py                           install what is missing, then open the lesson you were in last
python3 start.py --no-browser --port 9000  the same without opening a browser, and on this port (0: any free one)
python3 start.py doctor                    say what is wrong with this installation, and the next step; change nothing
python3 start.py print [01 ...]            every lesson, or these, as pages to print: the folder printed/
python3 start.py test [--fast | --long]    every check of the course; other words go to pytest
python3 start.py refresh [...]             run the notebooks again and store what they show
python3 start.py pictures                  take the README's pictures again
python3 start.py bench [...]               measure, in one table: all, or what is named, as in `relay chat`
python3 start.py lock                      renew the exact versions in requirements*.lock and both environment.yml

Python 3.11 or newer is all it needs. Everything it makes stays in this folder, in `.venv` (the packages) and `.jupyter`
(JupyterLab's settings and running files); only pip and uv keep their downloads elsewhere, in their caches.
"""

# No syntax newer than Python 3.6 here: an old Python has to read this far to be told that it is too old.

import argparse
import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import webbrowser
from pathlib import Path

UV, PIP = "uv==0.13.8", "pip==26.3"  # uv installs everything else; pip is there for `%pip install` in a notebook
SCRIPTS = {
    "test": "tests/checks.py",
    "refresh": "tests/refresh.py",
    "pictures": "tests/browser/pictures.py",
    "bench": "benchmarks/run.py",
    "lock": "tests/lock.py",
}

WINDOWS = os.name == "nt"
ROOT = Path(__file__).resolve().parent
VENV, HOME = ROOT / ".venv", ROOT / ".jupyter"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
BASE = getattr(sys, "_base_executable", None) or sys.executable  # outside of .venv, even if .venv's Python runs this
UNFINISHED = HOME / "unfinished"  # exists while .venv is being made: what it holds then is not to be trusted
SITE = VENV.joinpath("Lib" if WINDOWS else "lib/python{}.{}".format(*sys.version_info), "site-packages")
STAMP, TEST_STAMP = VENV / "tutor-stamp", VENV / "tutor-test-stamp"
BASIS = ("requirements.lock", "pyproject.toml", "jupyter/prefix/etc/ipython/startup/next_step.py")  # .venv's
NAMES = VENV / "tutor-names"  # what lay in SITE after the last installation: none of it may be missing

# What a failed command said, our words for it, and the next step; the first that matches speaks.
DISK_FULL = r"No space left|not enough space|[Ee]rrno 28\b|os error (28|112)\b"
NO_PIP = r"No module named '?(pip|ensurepip|venv)\b|ensurepip is not available|no such option: --python"
TROUBLES = (
    (DISK_FULL, "The disk is full.", "Free about 1 GB, then run the same command again."),
    (
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer|SSLError",
        "This computer does not trust the certificate of what answered: perhaps the proxy of a company or school.",
        "Ask for its certificate file, set SSL_CERT_FILE and PIP_CERT to its path, then run the same command again.",
    ),
    (
        r"Proxy Authentication Required|\b(401|403|407) (Client Error|Unauthorized|Forbidden)",
        "The proxy or the package index refused the request.",
        "Check name and password in HTTPS_PROXY, PIP_INDEX_URL and UV_DEFAULT_INDEX, then run the same command again.",
    ),
    (
        r"NewConnectionError|(Connect|Read)Timeout|ProxyError|[Cc]onnection (refused|reset|aborted|broken|error)"
        r"|dns error|Failed to establish|[Nn]ame resolution|getaddrinfo|unreachable|timed out|error sending|tunnel",
        "No network: the packages could not be fetched.",
        "Check the connection (behind a proxy: set HTTPS_PROXY), then run the same command again.",
    ),
    (
        NO_PIP,
        "This Python has no pip that could install anything.",
        "On Debian and Ubuntu: sudo apt install python3-venv. Elsewhere: take Python from python.org. Then try again.",
    ),
    (
        r"Permission denied|not permitted|Access is denied|Read-only file system|another process|os error (5|13|30)\b",
        f"Something in {ROOT} cannot be written.",
        "If this folder is not yours to write in, move it to one that is; if JupyterLab runs, end it. Then try again.",
    ),
    (
        r"No matching distribution|No solution found|Failed (to build|building)|no usable wheels|not a supported wheel",
        "A package is not to be had for this Python on this computer.",
        "The course was tried with Python 3.11, 3.12 and 3.13: take one of these, as in: python3.13 start.py",
    ),
    ("", "A step failed in a way unknown here.", "Delete the folder .venv, then run the same command again."),
)


class Trouble(Exception):
    """What went wrong in our words, the next step, and what a failing command or the system said."""

    def __init__(self, what, next_step, said=""):
        super().__init__(what)
        self.what, self.next_step, self.said = what, next_step, said


def explain(said):
    """The trouble that the output of a failed command tells of, with the line that tells it, else the last ones."""
    for pattern, what, next_step in TROUBLES:
        telling = [line for line in said.strip().splitlines() if re.search(pattern, line)]
        if pattern and telling:
            return Trouble(what, next_step, shortened(telling[-1].strip()))
    return Trouble(what, next_step, "\n".join(said.strip().splitlines()[-8:]))


def shortened(line, most=160):
    """The line, with its middle left out if it is long."""
    return line if len(line) <= most else f"{line[: most // 2]} ... {line[-most // 2 :]}"


def explain_system(error):
    """The trouble that an operating system's error tells of."""
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return Trouble(f"{error.filename} is in the way.", "Rename it, then run the same command again.", str(error))
    return explain(str(error))


def too_old(version, newer):
    """What to tell someone whose Python is too old; `newer` is the command of a newer one, if there is one."""
    how = f"{newer} start.py" if newer else "install Python 3.13 from https://www.python.org/downloads/ and try again."
    return f"This is Python {version[0]}.{version[1]}; the course needs Python 3.11 or newer.\nNext: {how}"


def newer_python():
    """The command of a Python on this computer that is new enough: tried, since a name alone may lead nowhere."""
    test = ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    for name in ("python3.13", "python3.12", "python3.11", "python3.14", "py"):
        with contextlib.suppress(OSError):
            if subprocess.call([name, *test], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
                return name
    return None


def environment(given):
    """The environment of everything started here: this folder's packages and settings, nothing of another Python's."""
    env = {name: value for name, value in given.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    env.update(VIRTUAL_ENV=str(VENV), PATH=os.pathsep.join([str(BIN), given.get("PATH", os.defpath)]))
    env.update(JUPYTER_CONFIG_PATH=str(ROOT / "jupyter"), JUPYTER_PATH="")
    env.update(JUPYTER_CONFIG_DIR=str(HOME / "config"), JUPYTER_DATA_DIR=str(HOME / "data"))
    env.update(JUPYTER_RUNTIME_DIR=str(HOME / "runtime"), JUPYTERLAB_SETTINGS_DIR=str(HOME / "settings"))
    env.update(JUPYTERLAB_WORKSPACES_DIR=str(HOME / "workspaces"))
    env.update(IPYTHONDIR=str(HOME / "ipython"), MPLCONFIGDIR=str(HOME / "matplotlib"))
    env.update(PIP_USER="0")  # a personal `user = true` would send the packages past .venv
    env.setdefault("PYTHONUTF8", "1")  # on Windows, too, a file without further words is UTF-8
    env.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    env.setdefault("PIP_RETRIES", "2")  # pip's own five take half a minute to find that there is no network
    return env


def for_installing(env):
    """The same for pip and uv; uv learns what pip was told, since a class with a package index of its own tells pip."""
    if (ROOT / "wheels").is_dir():  # for a room without network; relative, since pip splits the name at blanks
        env.update(PIP_NO_INDEX="1", PIP_FIND_LINKS="wheels", UV_OFFLINE="1", UV_FIND_LINKS="wheels")
    if "PIP_INDEX_URL" in env and "UV_INDEX_URL" not in env:
        env.setdefault("UV_DEFAULT_INDEX", env["PIP_INDEX_URL"])
    if "PIP_CERT" in env:
        env.setdefault("SSL_CERT_FILE", env["PIP_CERT"])
    if not os.path.exists(os.path.expanduser("~/.rustup")):
        env.setdefault("RUSTUP_HOME", str(HOME / "rustup"))  # pip asks rustc for its version, which makes that folder
    return env


@contextlib.contextmanager
def undisturbed():
    """Let Ctrl-C and its like wait until the block is done."""
    came = []
    heeded = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, lambda *_: came.append(True)) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


def end(child):
    """End a child and what it started, as Ctrl-C does, so that it clears up; wait for it."""
    with contextlib.suppress(OSError):
        child.terminate() if WINDOWS else os.killpg(child.pid, signal.SIGINT)
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()


def run(title, command, lock):
    """Run a command quietly, with one line that says what is happening; return its exit code and what it printed."""
    live, started, lines = sys.stdout.isatty(), time.monotonic(), []
    width = shutil.get_terminal_size().columns - 1
    print(title, end="" if live else "\n", flush=True)
    # A session of its own, so that all of it can be ended; it holds the lock, in case it outlives us.
    options = {} if WINDOWS else {"start_new_session": True, "pass_fds": [lock.fileno()]}
    options.update(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    options.update(encoding="utf-8", errors="replace", cwd=ROOT, env=for_installing(environment(os.environ)))
    child = None
    try:
        with undisturbed():  # or it might run on with nobody to end it
            child = subprocess.Popen([str(word) for word in command], **options)
        reader = threading.Thread(target=lambda: [lines.append(line) for line in child.stdout], daemon=True)
        reader.start()
        while reader.is_alive():
            reader.join(0.2)
            if live:
                last = lines[-1].strip() if lines and reader.is_alive() else ""
                line = f"{title:<40}{time.monotonic() - started:4.0f} s  {last}"
                print("\r" + line.ljust(width)[:width], end="", flush=True)
        return child.wait(), "".join(lines)
    except OSError as error:  # it is not there, or not made for this computer
        return 127, str(error)
    except BaseException:
        if child:
            end(child)
        raise
    finally:
        print(end="\n" if live else "", flush=True)


@contextlib.contextmanager
def alone():
    """Wait until no other start.py installs here; the system frees the lock when its holder ends, however it ends."""
    HOME.mkdir(exist_ok=True)
    with open(HOME / "lock", "a") as file:
        told = False
        while not locked(file):
            if not told:
                print("Another start.py is installing here; waiting for it (Ctrl-C ends the waiting).", flush=True)
            told = True
            time.sleep(0.2)
        yield file


def locked(file):
    """True if the lock is ours now, or if this file system knows no locks."""
    try:
        if WINDOWS:
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True


def stamp(*names):
    """Where an installation is, and a hash of all it depends on: the named files, our tools, this Python."""
    parts = [UV, PIP, sys.implementation.cache_tag] + [(ROOT / name).read_text("utf-8") for name in names]
    return f"{ROOT}\n{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"


def text(path):
    """What a file holds; nothing if it cannot be read."""
    with contextlib.suppress(OSError, ValueError):
        return path.read_text("utf-8")
    return ""


def whole():
    """True if .venv's Python and the one it was made from are still there, as far as a glance tells."""
    home = re.search(r"^home *= *(.+)$", text(VENV / "pyvenv.cfg"), re.MULTILINE)
    there = PYTHON.exists() and home is not None and Path(home[1]).exists()
    return there and (not text(STAMP) or set(text(NAMES).splitlines()) <= names())


def names():
    """What lies in .venv's folder of packages, versions left out; nothing if it is not there."""
    with contextlib.suppress(OSError):
        return {name for name in os.listdir(SITE) if not name.endswith(("-info", "__pycache__"))}
    return set()


def usable():
    """True if .venv was made here, and has a Python of this version that starts."""
    test = "import os, sys; sys.exit([sys.implementation.cache_tag, os.path.realpath(sys.prefix)] != sys.argv[1:])"
    command = [str(PYTHON), "-I", "-c", test, sys.implementation.cache_tag, os.path.realpath(VENV)]
    moved = text(STAMP) and text(STAMP).splitlines()[0] != str(ROOT)
    with contextlib.suppress(OSError):
        return not moved and subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    return False


def remove_venv():
    """Delete .venv, if it is one and no link; anything else may be somebody's own."""
    signs = (UNFINISHED, STAMP, VENV / "pyvenv.cfg")
    made = VENV.is_dir() and (any(sign.exists() for sign in signs) or not any(VENV.iterdir()))
    if VENV.is_symlink() or not made:
        what = f"{VENV} is in the way, and start.py did not make it."
        raise Trouble(what, "Rename it, then run the same command again.")
    print("Removing a .venv that is unfinished, broken, or of another Python", flush=True)
    UNFINISHED.touch()
    shutil.rmtree(VENV)


def need(result):
    """Go on if the command succeeded."""
    code, said = result
    if code:
        raise explain(said)


def pip(title, words, lock):
    """Run pip for .venv: that of the Python we run on, told where to install, else the one it can bring along."""
    result = run(title, [BASE, "-m", "pip", "--python", PYTHON, *words], lock)
    if result[0] and re.search(NO_PIP, result[1]):
        need(run("Making pip", [PYTHON, "-m", "ensurepip"], lock))
        result = run(title, [PYTHON, "-m", "pip", *words], lock)
    need(result)


def install_uv(lock):
    """Put uv into .venv. That takes a second; pip alone would take half a minute for the rest."""
    version = UV.split("==")[1]
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        if version in subprocess.check_output([str(BIN / "uv"), "--version"], encoding="utf-8").split():
            return
    pip(f"Installing uv {version}", ["install", "--no-deps", "--no-compile", UV], lock)


def install_packages(title, words, again, lock):
    """Install exactly these packages with uv, else with pip; without bytecode, since so JupyterLab opens sooner."""
    command = [BIN / "uv", "pip", "install", "--python", PYTHON, "--no-deps", *words]
    code, said = run(title, command + ["--reinstall"] * again, lock)
    if code and re.search(DISK_FULL, said):
        raise explain(said)
    if code:
        print("uv could not do it; pip tries now, which takes a minute.", flush=True)
        pip(title, ["install", "--no-deps", "--no-compile", *words] + ["--force-reinstall"] * again, lock)


def link_course():
    """Say in .venv where the course is by a relative path: older Pythons misread a folder's name that is not ASCII."""
    path = SITE / "tutor.pth"
    with contextlib.suppress(FileNotFoundError):
        path.unlink()  # it is a file of uv's cache, linked: written there, it would lead other .venvs astray
    path.write_text(os.path.relpath(ROOT, SITE), "ascii")


def install(tests):
    """Bring .venv to what the lock files say; do nothing if it is there already."""
    packages = {STAMP: ("Installing JupyterLab and the course", ["-r", "requirements.lock", PIP, "-e", "."])}
    wanted = {STAMP: stamp(*BASIS)}
    if tests:
        packages[TEST_STAMP] = ("Installing what the tests need", ["-r", "requirements-test.lock"])
        wanted[TEST_STAMP] = stamp(*BASIS, "requirements-test.lock")

    def missing():
        return [path for path in wanted if text(path) != wanted[path] or not whole() or UNFINISHED.exists()]

    if not missing():
        return
    with alone() as lock:
        if not missing():  # the start that we waited for did it
            return
        started = time.monotonic()
        if os.path.lexists(VENV) and (UNFINISHED.exists() or not whole() or not usable()):
            remove_venv()
        again = VENV.exists() and not text(STAMP)  # made by somebody else: no package in it is taken on trust
        UNFINISHED.touch()
        if not VENV.exists():
            version = "{}.{}.{}".format(*sys.version_info)
            need(run(f"Making .venv with Python {version}", [BASE, "-m", "venv", "--without-pip", VENV], lock))
        install_uv(lock)
        for path in wanted:
            if text(path) != wanted[path]:
                install_packages(*packages[path], again, lock)
                link_course()
                NAMES.write_text("\n".join(sorted(names())), "utf-8")
                path.write_text(wanted[path], "utf-8")
        UNFINISHED.unlink()
        print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def doctor(words):
    """Say what is wrong here, and change nothing: a broken .venv is told at once, all else by tutor/doctor."""
    wrong = (
        (not VENV.is_dir(), "The course is not installed: there is no folder .venv."),
        (UNFINISHED.exists(), "The last installation was not finished."),
        (not usable(), "The Python in .venv does not start, or .venv was made elsewhere or by another Python."),
        (not whole(), "Packages in .venv are missing, or the Python that it was made from."),
        (text(STAMP) != stamp(*BASIS), ".venv belongs to another version of the course."),
    )
    for is_so, what in wrong:
        if is_so:
            raise Trouble(what, "python3 start.py puts that in order.")
    hand_over([PYTHON, "-m", "tutor.doctor", *words], environment(os.environ))


def port_number(word):
    """A port as argparse wants it."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 65535, came with {word!r}")
    return int(word)


def refuse_taken(port):
    """Say at once if a port that was asked for cannot be had."""
    with socket.socket() as probe:
        if not WINDOWS:  # as JupyterLab will: a port that was just given back counts as free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            taken = f"Port {port} is taken by another program."
            what = taken if error.errno == errno.EADDRINUSE else f"This computer does not give us port {port}."
            next_step = "Leave --port away and a free one is found, or name another one."
            raise Trouble(what, next_step, str(error)) from error


def lab_command(port, browser):
    """JupyterLab's command; what never changes stands in jupyter/jupyter_server_config.py."""
    command = [PYTHON, "-m", "jupyterlab", f"--LabApp.default_url=/lab/tree/notebooks/{lesson_to_open()}"]
    command += [] if port is None else [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command += [] if browser else ["--no-browser"]
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*command, "--allow-root"] if root else command  # a container may have nobody else


def lesson_to_open():
    """The notebook of the exercise solved last, or the next one if it has no other; on a first visit the first."""
    home = ROOT / (os.environ.get("TUTOR_HOME") or "notebooks/.tutor")
    solved = sorted(home.glob("done/*/*.txt"), key=os.path.getmtime)
    pages = {path.stem[3:]: path.name for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))}
    lesson = solved[-1].parent.name if solved else ""
    if lesson not in pages:
        return "00_start_here.ipynb"
    exercises = {path.name for path in (ROOT / "tutor/answers" / lesson).glob("*")}
    done = {path.stem for path in solved if path.parent.name == lesson}
    following = list(pages.values())[list(pages).index(lesson) :]
    return following[1] if set() < exercises <= done and following[1:] else following[0]


def lab(words):
    """Open JupyterLab, or say where it is open already."""
    parser = argparse.ArgumentParser(prog="start.py", allow_abbrev=False)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--port", type=port_number)
    args = parser.parse_args(words)
    if args.port:
        refuse_taken(args.port)
    install(tests=False)
    env = environment(os.environ)
    HOME.mkdir(exist_ok=True)
    HOME.chmod(0o700)
    if not WINDOWS and HOME.stat().st_mode & 0o077:  # a drive without permissions, such as Windows' under WSL
        env["JUPYTER_ALLOW_INSECURE_WRITES"] = "1"
    screen = {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"} & set(env)  # else a text browser would open
    browser = not args.no_browser and (WINDOWS or sys.platform == "darwin" or bool(screen))
    there = None if args.port is not None else running()
    if there:
        print(f"JupyterLab already runs for this folder; one is enough. Its address:\n\n    {there[0]}\n")
        if browser and there[1].exists():  # Jupyter's own page: nobody else can read it, as they can a command
            there[1].write_text(f'<meta http-equiv="refresh" content="0; url={there[0]}">', "utf-8")
            webbrowser.open(there[1].as_uri())
        return
    first = "" if (HOME / "runtime").exists() else " The first time takes about a quarter of a minute."
    print(f"Starting JupyterLab.{first} To end it: save your notebooks, then Ctrl-C here.", flush=True)
    hand_over(lab_command(args.port, browser), env)


def running():
    """The address of a JupyterLab that already runs for this folder, and the page that opens it; None if none does."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for path in sorted((HOME / "runtime").glob("jpserver-*.json")):
        with contextlib.suppress(OSError, ValueError, LookupError):  # a crash left the file behind
            server = json.loads(path.read_text("utf-8"))
            token = "?token=" + server["token"]
            with direct.open(f"{server['url']}api/status{token}", timeout=10):  # it may be busy
                address = f"{server['url']}lab/tree/notebooks/{lesson_to_open()}{token}"
                return address, path.with_name(path.stem + "-open.html")
    return None


def print_command(words):
    """nbconvert's command; how the pages look stands in jupyter/templates/."""
    lessons = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    chosen = [path for path in lessons if path.name.startswith(tuple(words) or "")]
    if not chosen:
        raise Trouble(
            f"No lesson begins with {' or '.join(words)}.", "Name its number, as in: python3 start.py print 01"
        )
    for path in chosen:
        try:
            broken = "cells" not in json.loads(path.read_text("utf-8"))
        except (ValueError, TypeError):
            broken = True
        if broken:
            next_step = f"Undo the last change to it. The lesson as published: git checkout notebooks/{path.name}"
            raise Trouble(f"{path.name} cannot be read: it is no notebook.", next_step)
    return [PYTHON, "-m", "nbconvert", "--to", "html", "--output-dir", ROOT / "printed", *chosen]


def hand_over(command, env):
    """Go on as this command, in the course's folder."""
    command = [str(word) for word in command]
    if not WINDOWS:
        os.chdir(ROOT)
        os.execve(command[0], command, env)
    with subprocess.Popen(command, cwd=ROOT, env=env) as child:
        while child.poll() is None:
            with contextlib.suppress(KeyboardInterrupt):  # it has had the same Ctrl-C, and ends by itself
                child.wait()
    sys.exit(child.returncode)


def main(words):
    """Do what the words say; return if there is trouble."""
    if "--help" in words[:1] or "-h" in words[:1]:
        print(__doc__.strip())
        sys.exit(0)
    verb = words[0] if words and not words[0].startswith("-") else None
    if not (ROOT / "requirements.lock").exists():
        raise Trouble("The rest of the course is not here.", "Fetch all of it, and run the start.py in its folder.")
    if verb is None:
        lab(words)
    elif verb == "doctor":
        doctor(words[1:])
    elif verb == "print":
        command = print_command(words[1:])
        install(tests=False)
        (ROOT / "printed").mkdir(exist_ok=True)  # what is in the way is told here; nbconvert would show a traceback
        hand_over(command, environment(os.environ))
    elif verb in ("pictures", "lock") and words[1:]:
        raise Trouble(f"Expected nothing after {verb}, got {words[1]!r}.", "See: python3 start.py --help")
    elif verb in SCRIPTS:
        install(tests=True)
        hand_over([PYTHON, ROOT / SCRIPTS[verb], *words[1:]], environment(os.environ))
    else:
        raise Trouble(f"start.py does not know the word {verb!r}.", "See: python3 start.py --help")


def interrupt(_number, _frame):
    """Being told to end is like Ctrl-C: what was started here ends too."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit(too_old(sys.version_info, newer_python()))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a path that the terminal cannot show is no reason to fail
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup says
            signal.signal(number, interrupt)
    try:
        try:
            main(sys.argv[1:])
        except OSError as error:
            raise explain_system(error) from error
    except KeyboardInterrupt:
        print("\nInterrupted. Nothing is lost: the next start goes on from here.", file=sys.stderr)
        sys.exit(130)
    except Trouble as trouble:
        said = [f"    {line}" for line in trouble.said.splitlines()]
        print(*said, trouble.what, f"Next: {trouble.next_step}", sep="\n", file=sys.stderr)
        sys.exit(1)

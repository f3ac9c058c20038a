"""The house: imports point downwards, heavy libraries stay in their room, and importing the package costs nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tutor"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "answers" not in path.parts)

# Each room may import from the rooms on the lines above it; rooms on one line do not know each other.
LAYERS = [
    {"files", "models", "journal", "plots", "look", "settings"},
    {"mock", "api"},
    {"practice", "relay", "chat"},
    {"lessons", "doctor"},
    {"course"},
    {"learners"},
    {"__init__"},
]
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
HOMES = {
    "httpx": {"api/client.py", "relay/upstream.py"},
    "anywidget": {"chat/widget.py"},
    "ipywidgets": {"chat/widget.py"},
    "matplotlib": {"plots.py"},
    "packaging": {"doctor/packages.py"},
}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports at run time, written out in full."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    only_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    here = ["tutor", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(tree):
        if id(node) in only_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [] if not node.level else here[: len(here) - node.level + 1]
            full = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{full}.{alias.name}" for alias in node.names) if full == "tutor" else [full]


@pytest.mark.parametrize("path", [path for path in MODULES if room(path) != "__init__"], ids=str)
def test_imports_point_downwards(path: Path) -> None:
    mine = room(path)
    for name in imports(path):
        if name.startswith("tutor.") and (other := name.split(".")[1]) != mine:
            if other == "__version__":
                continue
            same_floor = LEVEL[other] == LEVEL[mine] == 0
            assert LEVEL[other] < LEVEL[mine] or same_floor, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_heavy_library_is_imported_in_its_room_only(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    for name in imports(path):
        top = name.partition(".")[0]
        assert top not in HOMES or place in HOMES[top], f"{place} imports {name}"
        if top == "IPython":
            assert room(path) in {"course", "practice", "chat"}


@pytest.mark.parametrize("path", [path for path in MODULES if room(path) == "mock"], ids=str)
def test_the_stand_in_opens_no_socket_and_starts_no_thread(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {name.partition(".")[0] for name in imports(path)}
    assert names.isdisjoint({"socket", "socketserver", "http", "asyncio", "subprocess", "multiprocessing"})
    assert "urllib.request" not in set(imports(path))
    made = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert made.isdisjoint({"Thread", "Timer", "start_new_thread", "sleep"})


def test_importing_the_package_loads_nothing_else_and_starts_nothing() -> None:
    code = (
        "import sys, threading; before = set(sys.modules); import tutor; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new & {'httpx', 'IPython', 'matplotlib', 'yaml', 'anywidget'}), threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split("\n")[0] == "[] 1"


def test_a_lesson_has_one_name_everywhere() -> None:
    notebooks = [path.stem.partition("_")[2] for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))]
    assert sorted(notebooks) == sorted(path.stem for path in (PACKAGE / "lessons").glob("[a-z]*.py"))
    for lesson in notebooks:
        assert (PACKAGE / "recordings" / lesson).is_dir()
        assert (PACKAGE / "recordings" / "tutor" / f"{lesson}.yaml").is_file()
        assert (ROOT / "tests" / "lessons" / f"test_{lesson}.py").is_file()

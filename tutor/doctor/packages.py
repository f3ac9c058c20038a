"""Python and the packages: what pyproject.toml asks for, and the versions of requirements.lock that were tried."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .finding import Finding, fine, mend, note

if TYPE_CHECKING:
    from packaging.requirements import Requirement

SHOWN = ("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "httpx")  # the ones that a question is most often about
FIRST = 5


def look(root: Path) -> Iterator[Finding]:
    """What there is to say about Python and the packages of this process."""
    from packaging.requirements import Requirement

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    yield python(project, "{}.{}.{}".format(*sys.version_info))
    here, wanted = installed(), [Requirement(each) for each in project["dependencies"]]
    if broken := list(unmet(wanted, here)):
        yield mend("Packages", some(broken), again(root))
        return
    lock = (root / "requirements.lock").read_text(encoding="utf-8").splitlines()
    if other := list(untried([Requirement(line) for line in lock if not line.startswith("#")], here)):
        words = f"all that the course needs is here; not in the version that was tried: {some(other)}"
        yield note("Packages", words, f"Nothing, unless something fails. Then, for the versions tried: {again(root)}")
    else:
        named = (each.name for each in wanted if each.name in SHOWN)
        versions = ", ".join(f"{name} {here[name].version}" for name in named)
        yield fine("Packages", f"all in the versions that were tried ({versions}, ...)")


def python(project: dict[str, Any], version: str) -> Finding:
    """Whether this Python is one that the course knows, by `project`, the heading of pyproject.toml."""
    from packaging.specifiers import SpecifierSet

    tried = [line.rpartition(" ")[2] for line in project["classifiers"] if " :: 3." in line]
    get = f"Install Python {tried[-1]} from https://www.python.org/downloads/ and start the course with it."
    if not SpecifierSet(project["requires-python"]).contains(version):
        return mend("Python", f"{version}; the course needs {project['requires-python']}", get)
    if version.rpartition(".")[0] not in tried:
        return note("Python", f"{version}; the course was tried with {', '.join(tried)}", f"If something fails: {get}")
    return fine("Python", version)


def installed() -> dict[str, Distribution]:
    """Every package of this Python by its plain name; where there are two of a name, the one that is imported."""
    found: dict[str, Distribution] = {}
    for each in distributions():
        found.setdefault(plain(each.metadata["Name"]), each)
    return found


def plain(name: str) -> str:
    """`Markdown_It.py` and `markdown-it-py` are one package."""
    return name.lower().replace("_", "-").replace(".", "-")


def unmet(wanted: Iterable[Requirement], here: dict[str, Distribution]) -> Iterator[str]:
    """What is missing or does not fit, among these requirements and all that they need in turn."""
    from packaging.requirements import Requirement

    waiting, seen = [("the course", each) for each in wanted], set()
    while waiting:
        whose, each = waiting.pop(0)
        name, extras = plain(each.name), each.extras or {""}
        if each.marker and not each.marker.evaluate():
            continue
        package = here.get(name)
        if package is None or not each.specifier.contains(package.version, prereleases=True):
            yield f"{each.name} {package.version if package else 'is missing'} ({whose} needs {each.specifier or 'it'})"
        elif (name, *sorted(extras)) not in seen:
            seen.add((name, *sorted(extras)))
            for one in map(Requirement, package.requires or ()):
                if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras):
                    one.marker = None  # it has been asked
                    waiting.append((each.name, one))


def untried(lock: Iterable[Requirement], here: dict[str, Distribution]) -> Iterator[str]:
    """What is here in another version than the lock file's."""
    for each in lock:
        package = here.get(plain(each.name))
        if package and (each.marker is None or each.marker.evaluate()) and package.version not in each.specifier:
            yield f"{each.name} {package.version} (tried: {str(each.specifier).removeprefix('==')})"


def some(names: list[str]) -> str:
    """The first few, and how many more there are."""
    more = len(names) - FIRST
    return ", ".join(names[:FIRST]) + (f" and {more} more" if more > 0 else "")


def again(root: Path) -> str:
    """How the packages of this Python are put in order, whoever installed them."""
    if Path(sys.prefix).resolve() == (root / ".venv").resolve():
        return "End JupyterLab, delete the folder .venv, then: python3 start.py"
    if os.environ.get("CONDA_PREFIX") == sys.prefix:
        return "conda env update --file environment.yml"
    return "python -m pip install -r requirements.lock"

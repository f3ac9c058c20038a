"""Renews the lock files from pyproject.toml, and from them both environment.yml; `start.py lock` runs it."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv.exe" if sys.platform == "win32" else "uv")
RENEW = "Renewed by: python3 start.py lock"


def compiled(*options: str) -> list[str]:
    """The newest versions that fit, for every platform and from Python 3.11 on, with no address in any line."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "made.lock")
        command = [
            UV,
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--python-version=3.11",
            "--no-header",
            "--no-annotate",
        ]
        command += ["--no-emit-index-url", "--no-emit-find-links", "--output-file", made]
        subprocess.run([*command, *options], cwd=ROOT, check=True)
        return made.read_text("utf-8").splitlines()


def added(lines: list[str], lessons: list[str]) -> list[str]:
    """The lines of `lines` that ask for something which `lessons` does not install everywhere already."""
    everywhere = {line.split("==")[0] for line in lessons if ";" not in line}
    return [line for line in lines if line not in lessons and line.split("==")[0] not in everywhere]


def conda(lessons: list[str]) -> list[str]:
    """An environment.yml: Python and pip of conda, everything else exact, as in the lock file."""
    head = ["name: tutor", "channels:", "- conda-forge", "dependencies:", "- python=3.12", "- pip", "- pip:"]
    return [f"# For conda: the versions of requirements.lock. {RENEW}", *head, *(f"  - {line}" for line in lessons)]


def write(name: str, lines: list[str]) -> None:
    """Write a file of the repository, with the same line ends everywhere."""
    (ROOT / name).write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
    print(f"{name}: {len(lines)} lines")


def main() -> None:
    lessons = compiled("pyproject.toml")
    write("requirements.lock", [f"# Exact versions of what the lessons need, for every platform. {RENEW}", *lessons])
    tests = compiled("--group=test", "--constraint=requirements.lock")
    write("requirements-test.lock", [f"# What the tests add to requirements.lock. {RENEW}", *added(tests, lessons)])
    write("environment.yml", [*conda(lessons), "  - -e ."])
    write("binder/environment.yml", conda(lessons))  # without the course itself: there, `.` would be the folder binder


if __name__ == "__main__":
    main()

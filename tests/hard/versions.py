"""A drill: the tests with the lowest, or the highest, versions of everything that pyproject.toml allows.

python tests/hard/versions.py lowest
python tests/hard/versions.py highest --python python3.13 -x

Needs the network, and a minute to install into a folder of its own; other words go to pytest. The browser is left out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
TESTS = [f"tests/{name}" for name in ("api", "chat", "relay", "lessons", "test_course.py", "test_plots.py")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("which", choices=("lowest", "highest"))
    parser.add_argument("--python", default=f"{sys.version_info[0]}.{sys.version_info[1]}")
    given, words = parser.parse_known_args()
    resolution = "lowest-direct" if given.which == "lowest" else "highest"
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder, "Scripts/python.exe" if os.name == "nt" else "bin/python")
        install = [UV, "pip", "install", "--quiet", "--python", python]
        subprocess.run([UV, "venv", "--quiet", "--no-python-downloads", "--python", given.python, folder], check=True)
        subprocess.run([*install, "--resolution", resolution, "-r", "pyproject.toml"], cwd=ROOT, check=True)
        subprocess.run([*install, "--no-deps", "-r", "requirements-test.lock", "-e", "."], cwd=ROOT, check=True)
        subprocess.run([UV, "pip", "list", "--quiet", "--python", python], check=True)
        environ = {**os.environ, "PATH": os.pathsep.join([str(python.parent), os.environ["PATH"]])}
        # The types are those of the versions in the lock file.
        chosen = ["-m", "not long and not browser", "--ignore=tests/api/test_types.py", *TESTS, "notebooks", *words]
        tests = [python, "-m", "pytest", *chosen]
        return subprocess.run(tests, cwd=ROOT, env=environ).returncode


if __name__ == "__main__":
    sys.exit(main())

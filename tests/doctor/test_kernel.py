"""The kernel: another Python, a broken one, another package of the same name."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tutor import settings
from tutor.doctor import kernel


def listed(*argv: str, **env: str) -> dict[str, Any]:
    return {"resource_dir": "kernels/python3", "spec": {"argv": [*argv, "-m", "ipykernel_launcher"], "env": env}}


@pytest.mark.parametrize("python", ["python", "python3", "python3.11", sys.executable])
def test_jupyters_own_python_is_this_one(python: str) -> None:
    assert kernel.started(listed(python), settings.ROOT).state == "fine"


def test_a_python_that_is_gone_is_named_with_the_folder_to_delete() -> None:
    found = kernel.started(listed("/nowhere/bin/python"), settings.ROOT)
    assert found.state == "mend"
    assert "/nowhere/bin/python, which does not run" in found.words
    assert "Delete the folder kernels/python3" in found.next_step


def test_a_python_that_does_not_come_up_is_told_in_its_own_words() -> None:
    found = kernel.started(listed("python", PYTHONHOME="/nowhere"), settings.ROOT)
    assert (found.state, "cannot run the course: " in found.words, "encodings" in found.words) == ("mend", True, True)


def test_another_python_is_named() -> None:
    base = Path(sys.base_prefix) / ("python.exe" if sys.platform == "win32" else "bin/python3")
    found = kernel.started(listed(str(base)), settings.ROOT)
    assert (found.state, found.words) == ("mend", f"Jupyter would start another Python than this one: {base}")


def test_a_second_package_of_the_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "tutor").mkdir()
    (tmp_path / "tutor/__init__.py").touch()
    found = kernel.started(listed("python", PYTHONPATH=str(tmp_path)), settings.ROOT)
    assert (found.state, str(tmp_path / "tutor") in found.words) == ("mend", True)


def test_a_kernel_of_this_python_that_starts_another_is_installed_again() -> None:
    found = kernel.started(listed("/nowhere/bin/python") | {"resource_dir": f"{sys.prefix}/share/x"}, settings.ROOT)
    assert found.next_step == "python -m ipykernel install --sys-prefix"


@pytest.mark.slow
def test_jupyter_is_asked_which_kernel_it_would_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [each.state for each in kernel.look(settings.ROOT)] == ["fine"]
    own = tmp_path / "kernels" / "python3"  # a learner's own, which Jupyter finds before ours
    own.mkdir(parents=True)
    spec = {"argv": ["/nowhere/bin/python", "-f", "{connection_file}"], "display_name": "Old", "language": "python"}
    (own / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    (found,) = kernel.look(settings.ROOT)
    assert (found.state, str(own) in found.next_step) == ("mend", True)

"""The command: one line a check, the next step beneath, and an exit status; it goes on after a check that failed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import checks
import pytest

from tutor import look, settings
from tutor.doctor import __main__ as command
from tutor.doctor.finding import MARKS, mend

KEY = "sk-ant-api03-planted-in-the-tests-0123456789"


@pytest.mark.slow
def test_a_sound_installation_is_told_so() -> None:
    done = subprocess.run([sys.executable, "-m", "tutor.doctor"], capture_output=True, text=True, check=False)
    *lines, empty, last = done.stdout.splitlines()
    assert (done.returncode, empty, last.partition(";")[0].rstrip(".")) == (0, "", "Nothing must be mended"), (
        done.stdout
    )
    shape = re.compile(rf"[{''.join(map(re.escape, (look.sign(name) for name in MARKS.values())))}] \w+ +[\w ]+: .+")
    assert [line for line in lines if not shape.fullmatch(line) and not re.match(r" +Next: .", line)] == []
    subjects = [line.split(":")[0].split(maxsplit=2)[2] for line in lines if not line.startswith(" ")]
    assert list(dict.fromkeys(subjects)) == [
        "Python", "Packages", "Kernel", "Notebooks", "Relay", "Proxy", "Disk", "Saving", "Key", "Clock", "Model table",
        "API",
    ]  # fmt: skip
    assert done.stderr == ""


@pytest.mark.slow
def test_a_folder_that_is_no_course_gets_every_check_and_status_1(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)  # TUTOR_MODE is recorded: nothing is sent
    monkeypatch.setenv("HTTPS_PROXY", f"http://{KEY}")  # pasted into the wrong place
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    assert command.main([], course) == 1
    said = capsys.readouterr().out
    assert "! mend     Packages: this check could not be made. FileNotFoundError" in said
    assert "✓ fine     Relay" in said
    assert re.search(r"\n\n\d things must be mended\.\n$", said)
    assert "HTTPS_PROXY leads over [a key, left out]" in said
    assert KEY not in said


@pytest.mark.slow
def test_a_setting_that_cannot_be_used_is_told_once(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTOR_MODE", "alive")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    assert command.main([], course) == 1
    assert capsys.readouterr().out.count("'alive'") == 1


def test_a_finding_is_a_line_and_its_next_step() -> None:
    assert str(mend("Disk", "it is full", "Free some.")) == "! mend     Disk: it is full\n           Next: Free some."


@pytest.mark.slow
def test_without_its_packages_the_doctor_still_says_what_is_missing(tmp_path: Path) -> None:
    """Isolated from the packages of this Python, as if none were installed."""
    code = (
        f"import sys; sys.path.append({str(settings.ROOT)!r}); from tutor.doctor.__main__ import main; sys.exit(main())"
    )
    command = [sys.executable, "-S", "-I", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert "mend     Packages: No module named 'packaging'" in done.stdout
    assert "mend     Relay: No module named" in done.stdout
    assert "fine     Disk" in done.stdout
    assert done.stderr == ""


def test_the_summary_of_the_tests_names_what_is_not_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    checks.sum_up({"mypy": 0, "pytest": 1}, 12.4, [mend("Models", "claude-x ended", "Fetch.")])
    assert capsys.readouterr().out == (
        "\nmypy         passed\npytest       failed\n! mend     Models: claude-x ended\n           Next: Fetch.\n"
        "Not everything passed. It took 12 s.\n"
    )

"""What is done stays done: beside the notebooks, after a crash, with two kernels, and on another computer by a code."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tutor import course, settings
from tutor.practice import Progress
from tutor.practice.overview import AS_OF, Overview, Stop
from tutor.practice.progress import read_from, written_as

HERE = [(stop.lesson, name) for stop in course.stops() for name in stop.exercises]


def test_progress_lies_beside_the_notebooks_where_git_does_not_look() -> None:
    home = settings.read({}, Path("/nowhere")).home
    assert home.relative_to("/nowhere") == Path("notebooks/.tutor")
    assert "/notebooks/.tutor/" in (settings.ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_another_process_finds_what_this_one_finished(tmp_path: Path) -> None:
    Progress(tmp_path).finish("sums", "double")
    code = (
        "import sys, pathlib; from tutor.practice import Progress\n"
        "print(*Progress(pathlib.Path(sys.argv[1])).done('sums'))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "double\n"


@pytest.mark.slow
def test_two_kernels_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from tutor.practice import Progress\n"
        "progress = Progress(pathlib.Path(sys.argv[1]))\n"
        "sys.stdin.readline()\n"
        "assert all([progress.finish('sums', f'{name}_{n}') for n in range(200) for name in ('both', sys.argv[2])])"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    kernels = [subprocess.Popen([*command, name], stdin=subprocess.PIPE, text=True) for name in ("one", "two")]
    for kernel in kernels:
        assert kernel.stdin is not None
        kernel.stdin.write("go\n")
        kernel.stdin.close()
    assert [kernel.wait(60) for kernel in kernels] == [0, 0]
    done = Progress(tmp_path).done("sums")
    assert done == {f"{name}_{n}" for name in ("one", "two", "both") for n in range(200)}


def test_a_truncated_file_still_counts(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    progress.finish("sums", "double")
    (tmp_path / "done" / "sums" / "double.txt").write_text("")
    assert progress.count("sums", ["double", "triple"]) == "1 of 2 exercises done"


def test_an_exercise_that_a_new_version_dropped_is_not_counted(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    progress.finish("sums", "dropped")
    assert progress.count("sums", ["double"]) == "0 of 1 exercises done"


# --- the code ----------------------------------------------------------------------------------------


def test_a_code_brings_back_what_was_done() -> None:
    found, unknown = read_from(written_as(HERE), HERE)
    assert (set(found), unknown) == (set(HERE), 0)
    assert read_from(written_as([]), HERE) == ([], 0)


def test_the_whole_course_fits_into_one_line() -> None:
    code = written_as(HERE)
    assert re.fullmatch("[0-9a-z]+", code)
    assert len(code) == 3 * len(HERE) + 3 <= 80


def test_no_two_exercises_share_their_mark() -> None:
    assert len({written_as([each])[:3] for each in HERE}) == len(HERE)


def test_a_code_may_come_with_quotes_blanks_and_capitals() -> None:
    code = written_as(HERE[:2])
    assert set(read_from(f' "{code[:4].upper()}\n {code[4:]}" ', HERE)[0]) == set(HERE[:2])


def test_exercises_that_no_longer_exist_are_left_out_and_counted() -> None:
    assert read_from(written_as([HERE[0], ("sums", "dropped")]), HERE) == ([HERE[0]], 1)


@pytest.mark.parametrize(
    "code", ["", "abc", "hello world", written_as(HERE)[1:], written_as(HERE)[:-1], "x" * 500, "é–"]
)
def test_what_is_no_code_says_so(code: str) -> None:
    with pytest.raises(ValueError, match=r"Expected a whole code, .* Copy the code again"):
        read_from(code, HERE)


# --- the map ------------------------------------------------------------------------------------------

STOPS = [
    Stop("00", "start", "Start", "00_start.ipynb", ("call",), ("call",)),
    Stop("01", "sums", "Sums", "01_sums.ipynb", ("double", "power"), ("double",)),
]


def the_map(home: Path, *done: tuple[str, str], lent: bool = False) -> Overview:
    progress = Progress(home)
    for lesson, exercise in done:
        progress.finish(lesson, exercise)
    return Overview(STOPS, progress, lent)


ALL = [("start", "call"), ("sums", "double"), ("sums", "power")]


@pytest.mark.parametrize(
    ("done", "last"),
    [
        ([], "Next: exercise call, in lesson 00 Start"),
        (ALL[1:2], "Next: exercise call, in lesson 00 Start"),
        (ALL[:1], "Next: lesson 01 Sums"),
        ([ALL[0], ALL[2]], "Next: exercise double, in lesson 01 Sums"),
        (ALL[:2], "Next: stretch exercise power, in lesson 01 Sums"),
        (ALL, "Every exercise is done."),
    ],
)
def test_the_map_names_exactly_one_next_thing(tmp_path: Path, done: list[tuple[str, str]], last: str) -> None:
    here = the_map(tmp_path, *done)
    assert repr(here).splitlines()[-2:] == [last, AS_OF]
    assert AS_OF in here._repr_html_()
    assert repr(here).count("Next") == here._repr_html_().count("Next") == (done != ALL)


def test_a_code_restores_the_map_on_another_computer(tmp_path: Path) -> None:
    code = the_map(tmp_path / "here", *ALL[:2]).code
    there = the_map(tmp_path / "there", ALL[2])
    assert there.restore(code) is there
    assert "Every exercise is done." in repr(there)


def test_a_wrong_code_changes_nothing_and_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = the_map(tmp_path, ALL[0])
    assert here.restore("not a code") is None
    assert "Not restored · map\nExpected a whole code" in capsys.readouterr().out
    assert here.code == written_as(ALL[:1])


def test_a_code_of_another_version_says_what_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = the_map(tmp_path)
    assert here.restore(written_as([*ALL[:1], ("sums", "dropped")])) is here
    assert "1 of 2 exercises are not in this copy of the course." in capsys.readouterr().out
    assert here.code == written_as(ALL[:1])


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "done").write_text("a file in the place of the folder")
    assert the_map(tmp_path).restore(written_as(ALL)) is None
    assert "read-only" in capsys.readouterr().out


def test_where_the_disk_goes_away_the_map_shows_the_line_to_keep(tmp_path: Path) -> None:
    line = f'exercises.map.restore("{written_as(ALL[:1])}")'
    lent, own = the_map(tmp_path, ALL[0], lent=True), the_map(tmp_path)
    assert line in repr(lent)
    assert line.replace('"', "&quot;") in lent._repr_html_()
    assert "restore" not in repr(own) + own._repr_html_()
    assert "restore" not in repr(the_map(tmp_path / "new", lent=True))


@pytest.mark.parametrize("variable", ["", "BINDER_SERVICE_HOST"])
def test_a_lesson_knows_whether_it_runs_on_binder(
    lesson_house: None, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    if variable:
        monkeypatch.setenv(variable, "binder.example")
    _, exercises, _ = course.start("start_here")
    exercises.map.restore(written_as([("start_here", "first_call")]))
    assert ("This computer forgets." in repr(exercises.map)) == bool(variable)
    assert ("This computer forgets." in repr(exercises)) == bool(variable)


@pytest.mark.parametrize(
    ("variable", "line"),
    [
        ("BINDER_SERVICE_HOST", f'exercises.map.restore("{written_as([("start_here", "first_call")])}")'),
        ("ANY_OTHER", "Run exercises.map.code here"),
    ],
)
def test_the_exercises_alone_say_where_the_code_is_once_something_is_done(
    lesson_house: None, monkeypatch: pytest.MonkeyPatch, variable: str, line: str
) -> None:
    monkeypatch.setenv(variable, "binder.example")
    _, exercises, _ = course.start("start_here")
    shown = repr(exercises), exercises._repr_html_()
    assert not any("restore" in each or "map.code" in each for each in shown)
    exercises.map.restore(written_as([("start_here", "first_call")]))
    assert line in repr(exercises).replace("`", "")
    assert line in html.unescape(re.sub("<[^>]+>", "", exercises._repr_html_()))

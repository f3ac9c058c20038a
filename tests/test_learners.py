"""The table of a class: whatever learners hand in is a row or a note, and nothing stops it."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tutor import course, learners
from tutor.practice import Progress
from tutor.practice.progress import written_as

EXERCISES = [(stop.lesson, name) for stop in course.stops() for name in stop.exercises]
LESSON_01 = [pair for pair in EXERCISES if pair[0] == "requests"]
CODE = written_as(LESSON_01[:2])
Said = pytest.CaptureFixture[str]


def finish(home: Path, *pairs: tuple[str, str], on: str = "2026-11-20") -> None:
    """What a learner's kernel leaves behind."""
    for lesson, exercise in pairs:
        assert Progress(home).finish(lesson, exercise)
        (home / "done" / lesson / f"{exercise}.txt").write_text(f"done on {on}\n")


def table(folder: Path, capsys: Said, status: int = 0) -> tuple[dict[str, list[str]], list[str]]:
    """The rows by learner, and the notes."""
    assert learners.main([str(folder)]) == status
    said = capsys.readouterr()
    rows = [re.split(r"\s{2,}", line.strip()) for line in said.out.splitlines()]
    return {name: words for name, *words in rows}, said.err.splitlines()


def counts(*done: tuple[str, str]) -> list[str]:
    each = [f"{sum(lesson == stop.lesson for lesson, _ in done)}/{len(stop.exercises)}" for stop in course.stops()]
    return [*each, f"{len(done)}/{len(EXERCISES)}"]


@pytest.mark.parametrize("place", [".", ".tutor", "notebooks/.tutor", "claude-course/notebooks/.tutor"])
def test_a_folder_is_a_learner_wherever_in_it_the_progress_lies(tmp_path: Path, capsys: Said, place: str) -> None:
    finish(tmp_path / "amina" / place, EXERCISES[0], on="2026-11-24")
    finish(tmp_path / "amina" / place, LESSON_01[1])
    rows, notes = table(tmp_path, capsys)
    assert rows["amina"] == [*counts(EXERCISES[0], LESSON_01[1]), "2026-11-24"]
    assert rows["learner"] == [*(stop.number for stop in course.stops()), "all", "last active"]
    assert notes == []


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        f"{CODE}\n\n",
        f"'{CODE.upper()}'",
        f'exercises.map.restore("{CODE}")',
        f"\ufeff{CODE}\r\n",
    ],
)
def test_a_text_file_with_a_code_is_a_learner(tmp_path: Path, capsys: Said, text: str) -> None:
    (tmp_path / "ben.txt").write_text(text, encoding="utf-8")
    rows, notes = table(tmp_path, capsys)
    assert rows["ben"] == [*counts(*LESSON_01[:2]), "-"]
    assert (len(rows), notes) == (2, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("between", [",", ", ", ";", "\t", ": ", " "])
def test_a_text_file_may_hold_a_class(tmp_path: Path, capsys: Said, between: str, encoding: str) -> None:
    lines = [f'"Müller, Jörg"{between}{CODE}', f'Ada Lovelace{between}exercises.map.restore("{CODE}")', CODE]
    (tmp_path / "class.csv").write_text("\n".join(lines), encoding=encoding)
    rows, notes = table(tmp_path, capsys)
    assert set(rows) == {"learner", "Müller, Jörg", "Ada Lovelace", "class.csv, line 3"}
    assert {tuple(words) for name, words in rows.items() if name != "learner"} == {(*counts(*LESSON_01[:2]), "-")}
    assert notes == []


def test_what_is_damaged_or_strange_is_named_and_the_rest_is_shown(tmp_path: Path, capsys: Said) -> None:
    finish(tmp_path / "amina", LESSON_01[0], ("requests", "dropped"))
    (tmp_path / "amina/done/requests" / f"{LESSON_01[1][1]}.txt").write_bytes(b"\x00\xff")  # a crash
    (tmp_path / "photos").mkdir()
    (tmp_path / ".DS_Store").write_text("hidden")
    (tmp_path / "notes.md").write_text("See you\non Monday.\n")
    (tmp_path / "nothing.txt").touch()
    (tmp_path / "all.zip").write_bytes(b"PK\x03\x04" + bytes(range(256)) * 4)
    (tmp_path / "large.txt").write_text(f"{CODE}\n" * 40_000)
    (tmp_path / "long.txt").write_text("a" + 200_000 * " " + "!\nb")  # would take the pattern hours
    (tmp_path / "01_requests.ipynb").write_text(f'"{CODE}"')
    (tmp_path / "cut.txt").write_text(CODE[:-1])
    (tmp_path / "class.csv").write_text(f"name,code\nben,{written_as([*LESSON_01, ('requests', 'dropped')])}\n")
    rows, notes = table(tmp_path, capsys)
    assert rows["amina"] == [*counts(*LESSON_01[:2]), "2026-11-20"]
    assert rows["ben"] == [*counts(*LESSON_01), "-"]
    assert set(rows) == {"learner", "amina", "ben"}
    code = "Expected a whole code, as the map showed it; got {} characters that do not fit together."
    assert [note.removesuffix(" Copy the code again, from its first character to its last.") for note in notes] == [
        "01_requests.ipynb: no progress in it.",
        "all.zip: no progress in it.",
        f'amina/done/requests/{LESSON_01[1][1]}.txt: expected "done on" and a day. It counts as done, without a day.',
        "amina: 1 of the exercises are not in this copy of the course.",
        "class.csv, line 2: 1 of the exercises are not in this copy of the course.",
        f"class.csv, line 1: {code.format(4)}",
        f"cut.txt: {code.format(len(CODE) - 1)}",
        "large.txt: no progress in it.",
        "long.txt: no progress in it.",
        "notes.md: no progress in it.",
        "nothing.txt: no progress in it.",
        "photos: no progress in it.",
        learners.GIVE,
    ]


def test_two_of_one_name_are_both_shown_with_where_they_come_from(tmp_path: Path, capsys: Said) -> None:
    finish(tmp_path / "amina", LESSON_01[0])
    (tmp_path / "class.csv").write_text(f"Amina,{CODE}\nben,{CODE}\n")
    rows, notes = table(tmp_path, capsys)
    assert list(rows) == ["learner", "amina (amina)", "Amina (class.csv, line 1)", "ben"]
    assert notes == ["amina came 2 times: amina; class.csv, line 1."]


def test_who_has_begun_and_done_nothing_is_in_the_table(tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "zoe/notebooks/.tutor").mkdir(parents=True)
    assert table(tmp_path, capsys)[0]["zoe"] == [*counts(), "-"]


def test_the_folder_of_one_learner_is_a_table_of_one(tmp_path: Path, capsys: Said) -> None:
    finish(tmp_path / "notebooks/.tutor", LESSON_01[0])
    rows, notes = table(tmp_path, capsys)
    assert rows[tmp_path.name] == [*counts(LESSON_01[0]), "2026-11-20"]
    assert (len(rows), notes) == (2, [])


def test_an_empty_folder_and_no_folder_say_what_is_expected(tmp_path: Path, capsys: Said) -> None:
    assert learners.main([str(tmp_path)]) == 1
    assert capsys.readouterr() == (f"No progress was found in {tmp_path}.\n", f"{learners.GIVE}\n")
    for wrong, reason in ((tmp_path / "none", "No such file or directory"), (Path(__file__), "Not a directory")):
        assert learners.main([str(wrong), "--csv", "class.csv"]) == 1
        assert capsys.readouterr() == ("", f"Expected a folder of progress, got {wrong} ({reason}).\n")


def test_in_a_spreadsheet_a_count_is_a_number_and_no_name_a_formula(tmp_path: Path, capsys: Said) -> None:
    finish(tmp_path / "handed-in/amina", LESSON_01[0])
    lines = f"=1+1,{CODE}\nJos\u00e9,{CODE}\nmoved\x1b[2J,{CODE}\nx,wrong\n"
    (tmp_path / "handed-in/class.txt").write_text(lines, "utf-8")
    sheet = tmp_path / "class.csv"
    assert learners.main([str(tmp_path / "handed-in"), "--csv", str(sheet)]) == 0
    said = capsys.readouterr()
    assert said.out == f"4 learners in {sheet}.\n"
    text = sheet.read_bytes().decode("utf-8")
    assert text[0] == "\ufeff"  # or Excel would take it for Windows' own letters
    head, *rows = csv.reader(io.StringIO(text[1:]))
    assert head[:3] == ["learner", "00 Start here (of 1)", "01 Requests (of 3)"]
    assert head[-2:] == [f"all (of {len(EXERCISES)})", "last active"]
    assert [(row[0], row[2], row[-2], row[-1]) for row in rows] == [
        ("'=1+1", "2", "2", ""),
        ("amina", "1", "1", "2026-11-20"),
        ("Jos\u00e9", "2", "2", ""),
        ("moved[2J", "2", "2", ""),
    ]
    assert all(word.isdigit() for row in rows for word in row[1:-1])
    assert said.err.startswith("class.txt, line 4: Expected a whole code")


def test_a_sheet_that_cannot_be_written_is_told(tmp_path: Path, capsys: Said) -> None:
    finish(tmp_path / "amina", LESSON_01[0])
    sheet = tmp_path / "none/class.csv"
    assert learners.main([str(tmp_path), "--csv", str(sheet)]) == 1
    assert capsys.readouterr().err == f"{sheet} cannot be written (No such file or directory).\n"


def test_nothing_in_the_folder_is_changed(tmp_path: Path, capsys: Said) -> None:
    finish(tmp_path / "amina", *LESSON_01)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    table(tmp_path, capsys)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files and names")
def test_a_pipe_is_not_waited_for_and_a_files_name_moves_no_cursor(tmp_path: Path, capsys: Said) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "x\x1b[2J\n.txt").write_text(f"amina,{CODE}\n")
    (tmp_path / "z.txt").write_text(f"amina,{CODE}\n")
    rows, notes = table(tmp_path, capsys)
    assert set(rows) == {"learner", "amina (x[2J.txt)", "amina (z.txt)"}
    assert notes == ["pipe.txt: no progress in it.", "amina came 2 times: x[2J.txt; z.txt.", learners.GIVE]


def test_a_terminal_of_few_letters_still_gets_every_row(tmp_path: Path) -> None:
    (tmp_path / "class.txt").write_text(f"\u540d\u524d,{CODE}\nben,{CODE}\n", "utf-8")
    env = {**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}
    command = [sys.executable, "-m", "tutor.learners", str(tmp_path)]
    done = subprocess.run(command, cwd=course.settings.ROOT, env=env, capture_output=True, check=True)
    assert [row.split()[0] for row in done.stdout.splitlines()] == [b"learner", b"ben", b"??"]

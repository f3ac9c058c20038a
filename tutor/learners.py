"""`python -m tutor.learners FOLDER`: a table of what each learner has done, from the progress that they handed in.

python -m tutor.learners FOLDER                    a table to read
python -m tutor.learners FOLDER --csv class.csv    the same in a file for a spreadsheet

In the folder, one entry for each learner: a copy of their folder `.tutor`, or of the folder around it, or a text file
with the code that `exercises.map.code` shows. A text file may also hold many: in each line a name, a comma, a code.
Nothing is changed, and nothing leaves this computer.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from tutor import course
from tutor.practice.overview import Stop
from tutor.practice.progress import Progress, read_from

HOMES = (".", ".tutor", "notebooks/.tutor", "*/notebooks/.tutor")  # where progress may lie in what a learner gives
LARGEST, LONGEST = 300_000, 500  # bytes of a text file, in which a class of ten thousand fits; letters of a line
LINE = re.compile(r"""(?:(.*?)[\s,;:]+)?["'`]*(?:exercises\.map\.restore\()?["'`]*([0-9A-Za-z]+)["'`)]*""")
NOTHING = "no progress in it."
GIVE = "Expected a copy of a learner's folder .tutor, or a text file with the code that exercises.map.code shows."


@dataclass(frozen=True)
class Learner:
    """A learner's name, where it was found, the exercises done, and the day of the last one, where that is stored."""

    name: str
    where: str
    done: frozenset[tuple[str, str]]
    last: date | None = None


class Register:
    """The learners of a folder, and `notes` about whatever in it could not be read or needs a look."""

    def __init__(self, folder: Path, stops: Sequence[Stop]) -> None:
        self.stops = stops
        self.notes: list[str] = []
        self._known = [(stop.lesson, name) for stop in stops for name in stop.exercises]
        one = _home(folder, HOMES[:-1])  # it is the folder of one learner
        entries = [folder.resolve()] if one else sorted(path for path in folder.iterdir() if path.name[0] != ".")
        found = [learner for path in entries for learner in self._read(path)]
        self.learners = sorted(self._told_apart(found), key=lambda learner: learner.name.casefold())
        if any(note.endswith(NOTHING) for note in self.notes) or not found:
            self.notes.append(GIVE)

    def table(self) -> str:
        """A line for each learner, in columns: name, done in each lesson and in all, the last day."""
        rows = [["learner", *(stop.number for stop in self.stops), "all", "last active"]]
        for learner in self.learners:
            counts = [f"{done}/{of}" for done, of in zip(self._counts(learner), self._sizes, strict=True)]
            rows.append([learner.name, *counts, str(learner.last or "-")])
        first, *wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
        shape = "  ".join([f"{{:<{first}}}", *(f"{{:>{width}}}" for width in wide)])
        return "\n".join(shape.format(*row) for row in rows)

    def sheet(self) -> list[list[str]]:
        """The same for a spreadsheet: numbers alone, since "1/3" would become a date there, and no name a formula."""
        titles = [*(f"{stop.number} {stop.title}" for stop in self.stops), "all"]
        head = [f"{title} (of {of})" for title, of in zip(titles, self._sizes, strict=True)]
        rows = [["learner", *head, "last active"]]
        for learner in self.learners:
            name = f"'{learner.name}" if learner.name[0] in "=+-@" else learner.name
            rows.append([name, *map(str, self._counts(learner)), str(learner.last or "")])
        return rows

    @property
    def _sizes(self) -> list[int]:
        return [*(len(stop.exercises) for stop in self.stops), len(self._known)]

    def _counts(self, learner: Learner) -> list[int]:
        done = Counter(lesson for lesson, _ in learner.done)
        return [*(done[stop.lesson] for stop in self.stops), len(learner.done)]

    def _read(self, path: Path) -> Iterator[Learner]:
        try:
            if path.is_dir():
                yield from self._folder(path)
            elif not path.is_symlink() and not path.is_file():  # a pipe, which would be waited for without end
                self.notes.append(f"{path.name}: {NOTHING}")
            else:
                yield from self._file(path)
        except OSError as error:
            self.notes.append(f"{path.name}: cannot be read ({error.strerror}).")

    def _folder(self, path: Path) -> Iterator[Learner]:
        home = _home(path)
        if home is None:
            self.notes.append(f"{path.name}: {NOTHING}")
            return
        files = sorted(Progress(home).folder.glob("*/*.txt"))
        done = {(file.parent.name, file.stem) for file in files}
        days = [day for file in files if (day := self._day_in(file, path))]
        self._say_unknown(path.name, len(done - set(self._known)))
        yield Learner(_plain(path.name), _plain(path.name), frozenset(done & set(self._known)), max(days, default=None))

    def _day_in(self, file: Path, learner: Path) -> date | None:
        try:
            return date.fromisoformat(file.read_text("utf-8").removeprefix("done on ").strip())
        except (OSError, ValueError):
            where = file.relative_to(learner.parent).as_posix()
            self.notes.append(f'{where}: expected "done on" and a day. It counts as done, without a day.')
            return None

    def _file(self, path: Path) -> Iterator[Learner]:
        if path.suffix == ".ipynb":
            self.notes.append(f"{path.name}: {NOTHING}")
            return
        lines = [(number, line.strip()) for number, line in enumerate(_text(path).splitlines(), 1) if line.strip()]
        found, faults = [], []
        for number, line in lines:
            where = path.name if len(lines) == 1 else f"{path.name}, line {number}"
            match = LINE.fullmatch(line) if len(line) <= LONGEST else None
            try:
                done, unknown = read_from(match[2] if match else line, self._known)
            except ValueError as error:
                faults.append(f"{where}: {error}")
                continue
            name = (match and match[1]) or (path.stem if len(lines) == 1 else where)
            found.append(Learner(_plain(name), _plain(where), frozenset(done)))
            self._say_unknown(where, unknown)
        self.notes += faults if found or len(lines) == 1 else [f"{path.name}: {NOTHING}"]
        yield from found

    def _say_unknown(self, where: str, count: int) -> None:
        if count:
            self.notes.append(f"{where}: {count} of the exercises are not in this copy of the course.")

    def _told_apart(self, found: list[Learner]) -> list[Learner]:
        """The same, but where one name came more than once, each with the place it comes from."""
        places: dict[str, list[str]] = {}
        for learner in found:
            places.setdefault(learner.name.casefold(), []).append(learner.where)
        twice = {name: where for name, where in places.items() if len(where) > 1}
        self.notes += [f"{name} came {len(where)} times: {'; '.join(where)}." for name, where in twice.items()]
        return [
            replace(learner, name=f"{learner.name} ({learner.where})") if learner.name.casefold() in twice else learner
            for learner in found
        ]


def _home(path: Path, shapes: Sequence[str] = HOMES) -> Path | None:
    """The folder of a learner's progress in what they gave."""
    places = [place for shape in shapes for place in ([path] if shape == "." else sorted(path.glob(shape)))]
    return next((place for place in places if place.name == ".tutor" or (place / "done").is_dir()), None)


def _text(path: Path) -> str:
    """What stands in a text file, also in one that PowerShell (UTF-16) or Excel (Windows' own letters) wrote."""
    data = path.read_bytes() if path.stat().st_size <= LARGEST else b""
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _plain(name: str) -> str:
    """A name without quotes around it, and without signs that would move the cursor of a terminal."""
    return "".join(sign for sign in name if sign.isprintable()).strip(" \"'`") or "?"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of a folder; returns the exit status."""
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m tutor.learners", description=__doc__, formatter_class=shape)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write a file for a spreadsheet")
    given = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # on Windows, what goes into a file may have few letters
    try:
        register = Register(given.folder, course.stops())
    except OSError as error:
        print(f"Expected a folder of progress, got {given.folder} ({error.strerror}).", file=sys.stderr)
        return 1
    if register.learners and given.csv:
        try:
            with given.csv.open("w", encoding="utf-8-sig", newline="") as file:  # by its first sign Excel knows UTF-8
                csv.writer(file, lineterminator="\n").writerows(register.sheet())
        except OSError as error:
            print(f"{given.csv} cannot be written ({error.strerror}).", file=sys.stderr)
            return 1
        print(f"{len(register.learners)} learners in {given.csv}.")
    else:
        print(register.table() if register.learners else f"No progress was found in {given.folder}.")
    for note in register.notes:
        print(_plain(note), file=sys.stderr)
    return 0 if register.learners else 1


if __name__ == "__main__":
    sys.exit(main())

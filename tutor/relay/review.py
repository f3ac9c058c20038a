"""Looking after the recordings: list them, check them, prune those that nothing asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ..mock import recordings, rules, search
from ..mock.recordings import FOLDER, Recording, RecordingError


def listed(folder: Path = FOLDER) -> Iterator[str]:
    """One line for each recording: its name, who wrote it, for which model, and the question."""
    library = recordings.load(folder)
    yield from library.broken
    for one in library.recordings:
        asked = one.asked.split("\n")[0]
        replies = f" ({len(one.replies)} replies)" if len(one.replies) > 1 else ""
        yield f"{one.name:<50} {one.kind:<9} {one.model:<20} {asked[:70]}{replies}"


def problems(folder: Path = FOLDER) -> Iterator[str]:
    """What is wrong: files that do not load, requests that the API would refuse, questions asked twice."""
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*/*.yaml")):
        try:
            if path.parent.name == "tutor":
                recordings.read_yaml(path)
                continue
            one = recordings.recording(path, folder)
        except RecordingError as error:
            yield str(error)
            continue
        if fault := _refused(one):
            yield f"{one.name}: the API would refuse this request: {fault}"
            continue
        asked = recordings.fingerprint(recordings.question(one.request))
        if asked in seen:
            yield f"{one.name}: asks the same question as {seen[asked]}"
        seen[asked] = one.name
    try:
        search.load(folder)
    except RecordingError as error:
        yield str(error)


def _refused(one: Recording) -> str | None:
    """Why the stand-in would refuse the request of a recording, or None."""
    body = json.dumps({"max_tokens": 1024, **one.request}).encode()
    given = {"x-api-key": "any", "anthropic-version": rules.VERSIONS[-1]}
    asked = rules.look("POST", rules.MESSAGES, given, body, None)
    judged = asked if isinstance(asked, rules.Refusal) else rules.judge(asked, new_account=False)
    return judged.message if isinstance(judged, rules.Refusal) else None


def unused(used: Path, folder: Path = FOLDER) -> Iterator[Path]:
    """The files of recordings whose names are not in the file `used`, which a run with TUTOR_USED wrote.

    Raises `RecordingError` if that file names none of them: then it is another file, or of another folder.
    """
    names = set(used.read_text(encoding="utf-8").split())
    known = recordings.load(folder).recordings
    if not any(one.name in names for one in known):
        raise RecordingError(f"{used}: expected names of recordings, as a run with TUTOR_USED writes them, found none.")
    for one in known:
        if one.name not in names:
            yield folder / f"{one.name}.yaml"

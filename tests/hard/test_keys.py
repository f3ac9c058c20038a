"""Where a key might turn up after a lesson: nowhere but in the request to the API and, if asked for, in `.env`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import planted
import pytest
from fake_api import FakeApi, Reply
from hard.conftest import Kernel

pytestmark = pytest.mark.slow

KEY = "sk-ant-api03-planted-Zq7mW2xK9vB4nT6yR1cD8sF3"
SETUP = "%xmode Verbose\nfrom tutor import start, text_of, log\nclient, exercises, chat = start('requests')"
ASK = (
    "print(text_of(client.messages.create(model='claude-haiku-5-5', max_tokens=9, "
    "messages=[{'role': 'user', 'content': 'Is it safe here'}])))"
)
STREAM = ASK.replace("print(text_of(", "with (").replace("create", "stream").replace(")))", ")) as s: print(list(s))")
ERRORS = (400, 401, 402, 403, 404, 409, 413, 429, 500, 504, 529)
# What a curious learner prints: every public object, whatever hangs on it, and what a program started here would see.
CURIOUS = """
import os, subprocess, sys, tutor, tutor.course
house, talk = tutor.course.house(), chat.conversation
things = [client, client.messages, exercises, chat, log, *log, talk, *talk, house, house.relay, house.settings]
things += [getattr(tutor, name) for name in tutor.__all__]
for thing in things:
    print(repr(thing), str(thing))
    for show in ("_repr_html_", "_repr_mimebundle_", "_ipython_display_"):
        if not isinstance(thing, type) and hasattr(thing, show):
            print(getattr(thing, show)())
get_ipython().run_line_magic("whos", "")
print(dict(os.environ))
print(subprocess.check_output([sys.executable, "-c", "import os; print(dict(os.environ))"], text=True))
"""
# The cell does not hold the key, only a word of it; what holds it itself is a control.
ALL = """
import gc, tutor.course
rooms = ("tutor", "httpx", "anthropic")
ours = [each for each in gc.get_objects() if str(type(each).__module__).partition(".")[0] in rooms]
ways = (repr, str, *(lambda each, way=way: getattr(each, way)() for way in ("_repr_html_", "_repr_mimebundle_")))
def shown(each, way):
    try: return str(way(each))
    except Exception as error: return str(error)
bare = {type(each).__name__ for each in ours for way in ways if "planted-" in shown(each, way)}
control = "planted-" in str(vars(tutor.course.house().relay._upstream))
print(f"{len(ours) > 50}, {sorted(bare)}, {control}")
"""


def lived_through(kernel: Kernel, api: FakeApi) -> None:
    """A lesson with all that can go wrong in it; the server repeats the key wherever it can."""
    api.replies = [
        Reply(pieces=["Hello."]),
        Reply(pieces=["Hello."], then="cut"),
        *(Reply(status=code, error=("some_error", f"The key {KEY} is refused")) for code in ERRORS for _ in range(3)),
        Reply(pieces=["And the tutor."]),
    ]
    kernel.run("client.max_retries = 0; client._sleep = lambda seconds: None")
    kernel.run("import logging; logging.basicConfig(level=logging.DEBUG)")
    kernel.run("chat")
    kernel.run(STREAM)
    kernel.run(STREAM)
    for _ in ERRORS:
        kernel.run(ASK)
        kernel.run(STREAM)
        kernel.run("chat.ask('Hi?')")
    kernel.run("chat.ask('What is a token?')")
    kernel.run("chat.save()")
    kernel.run("exercises.text_of.check(lambda reply: 1 / 0)")
    kernel.run("raise RuntimeError(client)")
    kernel.run(CURIOUS)
    assert "True, [], True" in kernel.run(ALL)


def found_in(kernel: Kernel, folder: Path) -> list[str]:
    """Where the key is: in what the kernel showed, and in every file below the folder."""
    shown = ["an output"] if KEY in json.dumps(kernel.outputs) else []
    return shown + planted.found(KEY, folder)


@pytest.mark.parametrize("where", ["environment, recording", ".env", "the field", "the field, remembered"])
def test_a_key_goes_to_the_api_and_nowhere_else(
    make_kernel: Callable[..., Kernel], course: Path, tmp_path: Path, api: FakeApi, where: str
) -> None:
    given = {"PYTHONPATH": str(course), "ANTHROPIC_BASE_URL": api.url, "IPYTHONDIR": str(tmp_path / "ipython")}
    mode = "recorded"
    if where == "environment, recording":
        given["ANTHROPIC_API_KEY"], mode = KEY, "record"
    if where == ".env":
        (course / ".env").write_text(f"ANTHROPIC_API_KEY={KEY}\n")
        mode = ""
    before = len(list(course.rglob("*.yaml")))
    kernel = make_kernel(**given, TUTOR_MODE=mode)
    kernel.run(SETUP)
    if where.startswith("the field"):  # typed into the page it comes in a message, which leaves no trace in a cell
        (tmp_path / "typed").write_text(KEY)
        kernel.run(f"import os; from pathlib import Path; typed = Path({str(tmp_path / 'typed')!r})")
        kernel.run(f"chat.go_live(typed.read_text(), {'remembered' in where}); typed.unlink()")
    lived_through(kernel, api)
    assert any(KEY in str(headers) for headers in api.headers), "the key was not used, so nothing was tested"
    assert (len(list(course.rglob("*.yaml"))) > before) == (mode == "record")
    kernel.shut_down()  # IPython writes its history a moment after a cell, in a thread of its own
    assert found_in(kernel, tmp_path) == ([".env"] if where in (".env", "the field, remembered") else [])

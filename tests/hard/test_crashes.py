"""Crashes: killed kernels, full disks, damaged files. What was done stays done, and a message says what happened."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
from fake_api import FakeApi, Reply
from hard.conftest import Kernel
from hard.test_learners import ASK, SETUP, works

pytestmark = pytest.mark.slow

SOLVE = """
def text_of_reply(reply):
    return "".join(block["text"] for block in reply["content"] if block["type"] == "text")

exercises.text_of.check(text_of_reply)
"""
FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))"
AS_UNIX = pytest.mark.skipif(sys.platform == "win32", reason="no such signals and no such permissions on Windows")
WITH_LIMITS = pytest.mark.skipif(sys.platform == "win32", reason="a limit on files is set the way of Unix")
ROOM = "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.getrlimit(resource.RLIMIT_FSIZE)[1],) * 2)"


def test_killed_in_a_stream_or_while_it_saves_the_next_kernel_goes_on(
    make_kernel: Callable[..., Kernel], tmp_path: Path
) -> None:
    chance = random.Random(8)
    for _ in range(4):
        kernel = make_kernel()
        kernel.run(SETUP)
        kernel.run("chat.ask('What is a token?')")
        kernel.run(
            "import threading\ndef save():\n    while True: chat.save('kept.md')\nthreading.Thread(target=save).start()"
        )
        kernel.run(SOLVE)
        cell = kernel.begin("print('begun')\nwhile True: chat.ask('What is a token?')")
        kernel.until(cell, "begun")
        kernel.until(cell, "piece")
        time.sleep(chance.random() / 4)  # at another moment each time
        kernel.kill()
        fresh = make_kernel()
        fresh.run(SETUP)
        assert "1 of 3 exercises done" in fresh.run("exercises")
        fresh.run("chat.load('kept.md')")
        assert fresh.run("len(chat.conversation) > 0").strip() == "True"


@WITH_LIMITS
def test_on_a_full_disk_verdicts_and_replies_come_all_the_same(kernel: Kernel) -> None:
    kernel.run(SETUP)
    kernel.run("chat.ask('What is a token?'); chat.save('kept.md')")
    kernel.run(FULL)
    shown = kernel.run(SOLVE)
    assert "Done" in shown
    assert "not saved" in shown
    assert "File too large" in kernel.run("chat.save('kept.md')")
    works(kernel)
    kernel.run(ROOM)
    assert "What is a token?" in kernel.run("print(open('kept.md').read())")
    assert "not saved" not in kernel.run(SOLVE)
    assert "1 of 3 exercises done" in kernel.run("exercises")


@pytest.mark.parametrize(
    "harm", [b"", b"\xff\xfe\x00", b"# half", b"x" * 1_000_000], ids=["empty", "no text", "half", "huge"]
)
def test_files_that_somebody_damaged_are_named_and_the_lesson_goes_on(
    kernel: Kernel, tmp_path: Path, harm: bytes
) -> None:
    kernel.run(SETUP)
    kernel.run("chat.ask('What is a token?'); chat.save()")
    kernel.run(SOLVE)
    damaged = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in damaged} == {".md", ".txt"}
    for path in damaged:
        path.write_bytes(harm)
    assert "Expected a conversation that the tutor saved" in kernel.run("chat.load()")
    kernel.run(SETUP)
    assert "1 of 3 exercises done" in kernel.run("exercises")
    assert "piece of text" in kernel.run("chat.ask('What is a token?')")


def test_a_damaged_recording_and_a_damaged_env_file_are_named_and_only_they_are_missing(
    make_kernel: Callable[..., Kernel], course: Path, api: FakeApi
) -> None:
    given = {"PYTHONPATH": str(course), "ANTHROPIC_BASE_URL": api.url}
    kernel = make_kernel(TUTOR_MODE="record", ANTHROPIC_API_KEY="sk-ant-test", **given)
    kernel.run(SETUP)
    before = set(course.rglob("*.yaml"))
    stream = ASK.replace("print(text_of(client.messages.create(", "with client.messages.stream(")
    kernel.run(stream.replace("Explain photosynthesis in one", "What is in the").replace(")))", ") as s: list(s)"))
    (made,) = set(course.rglob("*.yaml")) - before
    made.write_bytes(made.read_bytes()[:-40])
    (course / ".env").write_bytes(b"TUTOR_PACE=0 \xff\n")
    fresh = make_kernel(TUTOR_MODE="recorded", **given)
    words = "Expected .env to be readable text, got UnicodeDecodeError. Save it as UTF-8, or delete it."
    assert fresh.run(SETUP).rstrip().endswith(words)
    (course / ".env").unlink()
    fresh.run(SETUP)
    works(fresh)
    assert f"A recording cannot be read. {made.name}" in fresh.run(ASK.replace("Explain", "Who can explain"))


@WITH_LIMITS
def test_a_reply_that_cannot_be_saved_as_a_recording_still_arrives(
    make_kernel: Callable[..., Kernel], api: FakeApi
) -> None:
    api.replies = [Reply(pieces=["Photosynthesis is how plants live."])]
    kernel = make_kernel(TUTOR_MODE="record", ANTHROPIC_API_KEY="sk-ant-test", ANTHROPIC_BASE_URL=api.url)
    kernel.run(SETUP)
    kernel.run(FULL)
    stream = ASK.replace("print(text_of(client.messages.create(", "with client.messages.stream(")
    assert "how plants live" in kernel.run(stream.replace(")))", ") as s: print(*s.text_stream)"))
    assert "could not be written" in kernel.run(
        "import tutor.course; print(tutor.course.house().relay.recorder.refused)"
    )


def test_two_kernels_of_one_lesson_disturb_neither_progress_nor_conversations(
    make_kernel: Callable[..., Kernel], tmp_path: Path
) -> None:
    first, second = make_kernel(), make_kernel()
    for kernel, question in ((first, "What is a token?"), (second, "Why is the reply a list of blocks?")):
        kernel.run(SETUP)
        kernel.run(f"chat.ask({question!r}); chat.save()")
    first.run(SOLVE)
    assert "1 of 3 exercises done" in second.run("exercises")
    assert "What is a token?" in (tmp_path / "requests-conversation.md").read_text(encoding="utf-8")
    assert "list of blocks?" in (tmp_path / "requests-conversation-2.md").read_text(encoding="utf-8")


def test_the_line_that_binder_shows_brings_progress_to_its_next_computer(
    make_kernel: Callable[..., Kernel], tmp_path: Path
) -> None:
    first = make_kernel(BINDER_LAUNCH_HOST="https://mybinder.org/")
    first.run(SETUP)
    first.run(SOLVE)
    line = re.search(r'exercises\.map\.restore\("\w+"\)', first.run("exercises.map"))
    assert line is not None
    second = make_kernel(BINDER_LAUNCH_HOST="https://mybinder.org/", TUTOR_HOME=str(tmp_path / "fresh"))
    second.run(SETUP)
    assert "0 of 3 exercises done" in second.run("exercises")
    second.run(line[0])
    assert "1 of 3 exercises done" in second.run("exercises")


def test_after_the_clock_jumped_everything_works(kernel: Kernel) -> None:
    kernel.run(SETUP)
    kernel.run("import time; real = time.time; time.time = lambda: real() - 3 * 365 * 86_400")
    works(kernel)
    kernel.run("time.time = lambda: real() + 3 * 365 * 86_400")
    works(kernel)


@AS_UNIX
def test_a_computer_that_slept_for_an_hour_in_a_stream_goes_on_or_says_that_it_broke_off(
    make_kernel: Callable[..., Kernel], api: FakeApi, tmp_path: Path
) -> None:
    """The kernel stands still while the other side goes on or goes away; when it wakes, an hour has gone by."""
    kernel = make_kernel(TUTOR_MODE="live", ANTHROPIC_API_KEY="sk-ant-test", ANTHROPIC_BASE_URL=api.url)
    kernel.run(SETUP)
    hours = tmp_path / "hours"
    kernel.run(f"import os, time; real = time.time; time.time = lambda: real() + 3600 * os.path.exists({str(hours)!r})")
    stream = ASK.replace("print(text_of(client.messages.create(", "with client.messages.stream(")
    stream = stream.replace(")))", ") as s:\n    for piece in s.text_stream: print(piece)")
    for cell, then, words in (
        (stream, "whole", "the end"),
        (stream, "cut", "IncompleteStreamError"),
        ("chat.ask('Hi?')", "whole", "the end"),
        ("chat.ask('Hi?')", "cut", "The reply was cut off."),
    ):
        api.replies = [Reply(pieces=["begun ", *["and "] * 20, "the end"], gap=0.01, then=then)]
        hours.unlink(missing_ok=True)
        asking = kernel.begin(cell)
        kernel.until(asking, "begun")
        os.kill(kernel.pid, signal.SIGSTOP)
        hours.touch()
        time.sleep(0.5)  # longer than the rest of the reply takes
        os.kill(kernel.pid, signal.SIGCONT)
        assert words in kernel.end(asking)
    assert kernel.run("for turn in chat.conversation: print(turn.text)").count("the end") == 2
    assert kernel.run("log").count("POST") == 4


TCP_REPAIR = 19  # linux/tcp.h: a connection that is closed in this state is forgotten without a word to the other side


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may forget a connection")
def test_a_connection_that_the_api_forgot_while_the_computer_slept_is_noticed_within_a_minute(
    make_kernel: Callable[..., Kernel], api: FakeApi
) -> None:
    """A drill: the API restarts or a router forgets, and no packet ever says so. It takes half a minute."""
    forgotten = threading.Event()

    class Forgetful(StreamRequestHandler):
        def handle(self) -> None:
            while (came := self.connection.recv(65536)) and not came.endswith(b"}"):
                continue
            self.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
            for event in api.events(Reply(pieces=["begun"], then="cut")):
                self.connection.sendall(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
            time.sleep(0.2)  # until all of it is acknowledged
            self.connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
            self.server.shutdown_request = self.server.close_request  # which would say goodbye
            self.connection.close()
            forgotten.set()

        def finish(self) -> None:
            """Nothing more is said."""

    with ThreadingTCPServer(("127.0.0.1", 0), Forgetful) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        kernel = make_kernel(TUTOR_MODE="live", ANTHROPIC_API_KEY="sk-ant-test", ANTHROPIC_BASE_URL=url)
        kernel.run(SETUP)
        asking = kernel.begin("chat.ask('Hi?')")
        kernel.until(asking, "begun")
        assert forgotten.wait(10)
        before = time.monotonic()
        assert "The reply was cut off" in kernel.end(asking)
        assert time.monotonic() - before < 65
        server.shutdown()


@AS_UNIX
def test_in_a_folder_that_cannot_be_written_everything_but_saving_works(
    make_kernel: Callable[..., Kernel], tmp_path: Path
) -> None:
    weak = ("setpriv", "--bounding-set", "-dac_override") if os.geteuid() == 0 else ()  # root may write everywhere
    kernel = make_kernel(*weak)
    folder = tmp_path / "home"
    folder.mkdir()
    kernel.run(f"import os, pathlib; os.chdir({str(folder)!r})")
    folder.chmod(0o555)
    try:
        kernel.run(SETUP)
        works(kernel)
        shown = kernel.run(SOLVE)
        assert "Done" in shown
        assert "not saved" in shown
        assert "Permission denied" in kernel.run("chat.save()")
        kernel.run("import tutor.course; tutor.course.house().relay.root = pathlib.Path.cwd()")
        assert "Permission denied" in kernel.run("chat.go_live('sk-ant-' + 'api03-abcdefghijklmnop', True)")
        works(kernel)
        assert list(folder.iterdir()) == []
    finally:
        folder.chmod(0o755)

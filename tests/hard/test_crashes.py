"""Crashes: killed kernels, full disks, damaged files. What was done stays done, and a message says what happened."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable
from pathlib import Path

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
        kernel.begin(f"import time; time.sleep({chance.random()})")
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

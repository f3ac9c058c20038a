"""Unlucky learners: whatever they do to their kernel, the next cell works or the set-up cell repairs it."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable

import nbformat
import pytest
from hard.conftest import ROOT, Kernel

pytestmark = pytest.mark.slow

SETUP = "from tutor import start, text_of, log\nclient, exercises, chat = start('requests')"
QUESTION = (
    "{'model': 'claude-haiku-5-5', 'max_tokens': 200, "
    "'messages': [{'role': 'user', 'content': 'Explain photosynthesis in one sentence.'}]}"
)
ASK = f"print(text_of(client.messages.create(**{QUESTION})))"
SDK = f"import anthropic\nprint(anthropic.Anthropic().messages.create(**{QUESTION}).content[-1].text)"
ANSWER = "Photosynthesis is how plants"


def works(kernel: Kernel, *cells: str) -> None:
    """The client, the tutor and the exercises answer as if nothing had happened."""
    for cell in cells or (ASK, SDK):
        assert ANSWER in kernel.run(cell)
    assert "piece of text" in kernel.run("chat.ask('What is a token?')")
    assert "0 of 3 exercises done" in kernel.run("exercises")


@pytest.mark.parametrize(
    "harm",
    [
        "client = None",
        "start = client = exercises = chat = log = text_of = 1",
        "import os; os.environ.clear()",
        "import os, sys; os.environ['ANTHROPIC_BASE_URL'] = 'https://api.anthropic.com'",
        "%reset -f",
        "import sys\nfor name in [name for name in sys.modules if name.startswith('tutor')]: del sys.modules[name]",
        "client.close()",
        "import tutor.course; tutor.course.house().relay.stop()",
        "def again(): return again()\nagain()",
        "raise SystemExit",
    ],
)
def test_the_set_up_cell_repairs_what_a_learner_broke(kernel: Kernel, harm: str) -> None:
    kernel.run(SETUP)
    kernel.run(harm)
    assert "Requests · replies written in advance" in kernel.run(SETUP)
    works(kernel)


@pytest.mark.parametrize(
    "harm",
    [
        "json = str = list = dict = len = open = 5",
        "import os; os.chdir('/')",
        "import asyncio\nawait asyncio.sleep(0.01)",
        "import asyncio\nasyncio.set_event_loop(asyncio.new_event_loop())",
        "import socket; socket.setdefaulttimeout(0.001)",
        "import signal; signal.signal(signal.SIGALRM, signal.SIG_IGN)",
        "import threading\nfor _ in range(200): threading.Thread(target=int).start()",
        "for _ in range(50_000): print('x' * 1000)",
        "import warnings; warnings.simplefilter('error')",
        "import sys; sys.setrecursionlimit(400)",
    ],
)
def test_what_a_learner_does_beside_a_lesson_does_not_disturb_it(kernel: Kernel, harm: str) -> None:
    kernel.run(SETUP)
    kernel.run(harm)
    works(kernel)


def test_without_the_set_up_cell_the_missing_name_is_in_the_last_line(kernel: Kernel) -> None:
    assert kernel.run("client").rstrip().endswith("NameError: name 'client' is not defined")


def test_a_cell_run_twice_and_a_lesson_started_twice_change_nothing(kernel: Kernel) -> None:
    for _ in range(2):
        kernel.run(SETUP)
        works(kernel)


LESSONS = [path.name for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))]


@pytest.mark.parametrize(
    "name", [LESSONS[2], *(pytest.param(name, marks=pytest.mark.long) for name in LESSONS if name != LESSONS[2])]
)
def test_cells_in_any_order_miss_names_or_are_refused_and_in_order_work_again(kernel: Kernel, name: str) -> None:
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    kernel.run(cells[0])
    for cell in random.Random(8).sample(cells, len(cells)):
        kernel.run(cell)
    raised = {shown["ename"]: shown["evalue"] for shown in kernel.outputs if "ename" in shown}
    assert raised.keys() <= {"NameError", "BadRequestError"}, raised
    kernel.outputs.clear()
    for cell in cells:
        kernel.run(cell)
    assert [shown for shown in kernel.outputs if "ename" in shown] == []
    kernel.run(SETUP)
    works(kernel)


def test_a_restart_in_the_middle_needs_only_the_set_up_cell(kernel: Kernel) -> None:
    kernel.run(SETUP)
    kernel.restart()
    assert "NameError" in kernel.run(ASK)
    kernel.run(SETUP)
    works(kernel)


def test_interrupted_in_a_stream_the_next_call_works(kernel: Kernel) -> None:
    kernel.run(SETUP)
    kernel.run("from tutor import faults, slow")
    cell = kernel.begin(
        f"with faults(slow(2)):\n    with client.messages.stream(**{QUESTION}) as stream:\n"
        "        for piece in stream.text_stream: print('begun')"
    )
    kernel.until(cell, "begun")
    kernel.interrupt()
    assert "KeyboardInterrupt" in kernel.end(cell)
    works(kernel)


@pytest.mark.skipif(sys.platform == "win32", reason="a check has no time limit on Windows")
def test_an_endless_loop_in_an_exercise_ends_and_says_so(kernel: Kernel) -> None:
    kernel.run(SETUP)
    kernel.run("from tutor.practice import limit; limit.SECONDS = 2")
    shown = kernel.run("def endless(reply):\n    while True: pass\n\nexercises.text_of.check(endless)")
    assert "Not yet" in shown or "not yet" in shown
    works(kernel)


@pytest.mark.parametrize(("each", "more"), [(50, 30), pytest.param(334, 25, marks=pytest.mark.long)])
def test_many_questions_leave_memory_and_threads_where_they_were(kernel: Kernel, each: int, more: int) -> None:
    """A thousand in the long run. The log is bounded, and one conversation that was cleared is kept for Undo."""
    kernel.run(SETUP)
    kernel.run(
        "import contextlib, io, resource, threading, time\n"
        "def ask(n, most=10_000):\n"
        "    with contextlib.redirect_stdout(io.StringIO()):\n"
        "        for i in range(n): chat.ask(f'What is a token? {i}')\n"
        "    chat.clear()\n"
        "    deadline = time.monotonic() + 20\n"
        "    while threading.active_count() > most and time.monotonic() < deadline: time.sleep(0.05)\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, threading.active_count()"
    )
    kernel.run(f"ask({each})")
    memory, threads = eval(kernel.run(f"ask({each})"))
    later, left = eval(kernel.run(f"ask({each}, most={threads})"))  # one that is about to end gets the time to
    assert later - memory < more, "megabytes"
    assert left <= threads
    works(kernel)


def test_eight_kernels_at_once_all_work(make_kernel: Callable[..., Kernel]) -> None:
    kernels = [make_kernel() for _ in range(8)]
    begun = [kernel.begin(f"{SETUP}\n{ASK}") for kernel in kernels]
    assert all(ANSWER in kernel.end(cell) for kernel, cell in zip(kernels, begun, strict=True))

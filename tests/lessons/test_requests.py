"""Lesson 01: what its demos promise, with other clients than the lesson's, and the program it leaves behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tutor import course

CELLS = {cell.id: cell.source for cell in nbformat.read(course.NOTEBOOKS / "01_requests.ipynb", as_version=4).cells}


@pytest.fixture
def ran(lesson_house: None) -> dict[str, Any]:
    """The names that the lesson's demos leave behind, run in order up to the program."""
    names: dict[str, Any] = {}
    for name, source in CELLS.items():
        if name == "write-program":
            break
        if not source.startswith(("#", "*", "**")) and name in DEMOS:
            exec(source, names)
    return names


DEMOS = ("setup", "first-call", "travelled", "by-hand", "thinking", "cut", "two-turns", "predict", "forget", "cure")


def test_every_demo_has_a_written_reply(ran: dict[str, Any]) -> None:
    assert {exchange.source for exchange in course.LOG.calls[-8:]} == {"written"}


@pytest.mark.parametrize("listed", ["prompts", "puzzles"])
def test_every_prompt_a_demo_offers_has_a_written_reply(ran: dict[str, Any], listed: str) -> None:
    for prompt in ran[listed]:
        ran["client"].messages.create(
            model="claude-haiku-5-5", max_tokens=2000, messages=[{"role": "user", "content": prompt}]
        )
        assert course.LOG[-1].source == "written", prompt


def test_the_first_block_of_a_puzzle_is_thinking(ran: dict[str, Any]) -> None:
    assert [block["type"] for block in ran["thoughtful"]["content"]] == ["thinking", "text"]
    assert ran["thoughtful"]["content"][0]["thinking"] == ""


def test_the_cut_reply_says_why(ran: dict[str, Any]) -> None:
    assert ran["short"].stop_reason == "max_tokens"
    assert ran["short"].usage.output_tokens == 8


def test_the_second_call_carries_no_name_and_the_cure_carries_three_turns(ran: dict[str, Any]) -> None:
    assert ran["known"] is False
    assert [len(exchange.request["messages"]) for exchange in course.LOG.calls[-3:]] == [1, 1, 3]


def test_the_curl_of_the_lesson_works_as_it_stands(ran: dict[str, Any]) -> None:
    match = re.search(r"(?s)```bash\n(curl .*?)```", CELLS["by-hand-remark"])
    assert match
    done = subprocess.run(["bash", "-c", match[1]], capture_output=True, text=True, timeout=30, check=True)
    assert '"stop_reason":"end_turn"' in done.stdout.replace(" ", "")


def test_the_program_taken_home_runs_without_the_course(ran: dict[str, Any], tmp_path: Path) -> None:
    program = CELLS["write-program"].partition("\n")[2]
    assert "tutor" not in program
    assert len(program.split("\n\n", 1)[1].splitlines()) <= 12
    (tmp_path / "ask_claude.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "ask_claude.py", "Why is the sky blue? Answer in one sentence."],
        cwd=tmp_path,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("Air scatters the short, blue waves")

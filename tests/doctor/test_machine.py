"""This computer: the relay's port, proxies, disk, clock."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tutor import models, settings
from tutor.doctor import machine


@pytest.mark.slow
def test_the_relay_opens_a_port_and_leaves_none_open() -> None:
    assert machine.relay().state == "fine"


@pytest.mark.slow
def test_a_proxy_that_swallows_what_is_meant_for_this_computer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        assert machine.relay().state == "mend"
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "127.0.0.1")
        assert machine.relay().state == "fine"


@pytest.mark.slow
def test_an_address_of_a_proxy_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://proxy.example")
    found = machine.relay()
    assert (found.state, "HTTPS_PROXY" in found.words) == ("mend", True)


@pytest.mark.parametrize(
    ("environ", "states", "words"),
    [
        ({}, ["fine"], "no variable names one"),
        ({"NO_PROXY": "intranet"}, ["fine"], "no variable names one"),
        ({"https_proxy": "http://u:secret@proxy.example:3128"}, ["fine"], "HTTPS_PROXY leads over proxy.example;"),
        ({"HTTPS_PROXY": "proxy.example:3128"}, ["fine"], "proxy.example;"),
        ({"ALL_PROXY": "http://["}, ["fine"], "an address that cannot be read"),
        ({"NO_PROXY": "a", "no_proxy": "b"}, ["note", "fine"], "NO_PROXY and no_proxy differ"),
        ({"HTTP_PROXY": "//a", "http_proxy": "//b"}, ["note", "fine"], "HTTP_PROXY and http_proxy differ"),
        ({"NO_PROXY": "a", "no_proxy": "a"}, ["fine"], "no variable names one"),
    ],
)
def test_proxies_are_named_in_both_spellings(environ: dict[str, str], states: list[str], words: str) -> None:
    found = list(machine.proxy(environ))
    said = " ".join(map(str, found))
    assert [each.state for each in found] == states
    assert words in said
    assert "secret" not in said


@pytest.mark.parametrize(("free", "state"), [(2_000_000_000, "fine"), (500_000_000, "note"), (50_000_000, "mend")])
def test_room_on_the_disk(free: int, state: str) -> None:
    assert machine.room(free).state == state


def test_a_folder_that_cannot_be_written_is_named(course: Path) -> None:
    assert {each.state for each in machine.saving(course, course / "notebooks/.tutor")} == {"fine"}
    assert os.listdir(course / "notebooks") == []
    (course / "progress").touch()  # a file stands where a folder would
    found = list(machine.saving(course, course / "progress/of/amina"))
    assert [each.state for each in found] == ["fine", "mend"]
    assert str(course / "progress/of/amina") in found[1].words


def test_a_clock_behind_the_files_of_the_course_is_told(course: Path) -> None:
    now = datetime.now()
    assert machine.clock(now, course).state == "fine"
    ahead = (now + timedelta(days=3)).timestamp()
    os.utime(course / "tutor/__init__.py", (ahead, ahead))
    assert machine.clock(now, course).state == "mend"
    os.utime(course / "tutor/__init__.py", (0, 0))
    assert machine.clock(now, course).state == "fine"
    long_ago = datetime.combine(models.as_of(), datetime.min.time()) - timedelta(days=1)
    assert machine.clock(long_ago, course).state == "mend"


def test_the_course_as_it_is_has_a_sound_machine() -> None:
    assert machine.clock(datetime.now(), settings.ROOT).state == "fine"

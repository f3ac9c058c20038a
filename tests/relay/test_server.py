"""The relay as its neighbours see it: who is let in, what is kept, how it lives and ends."""

from __future__ import annotations

import gzip
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from tutor.journal import HIDDEN, Journal
from tutor.mock.faults import cut, error_event, rate_limit, silent, slow
from tutor.relay import Relay, current, faults
from tutor.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parent.parent.parent
TIDES = "Write a haiku about tides."
KEY = "sk-ant-api03-planted-in-the-tests-0123456789"


# --- life ------------------------------------------------------------------------------------------


def test_it_listens_on_this_computer_only(house):
    address = house.relay._server.socket.getsockname()
    assert address[0] == "127.0.0.1"
    assert house.relay.url == f"http://127.0.0.1:{address[1]}"


def test_starting_twice_changes_nothing(house):
    url, token = house.relay.url, house.relay.token
    house.relay.start()
    assert (house.relay.url, house.relay.token) == (url, token)


def test_every_relay_has_a_token_of_its_own(make_house):
    one, two = make_house().relay, make_house().relay
    assert one.token.startswith("tutor-local-")
    assert one.token != two.token


def test_it_can_be_stopped_and_started_again():
    relay = Relay(Settings(pace=0), Journal())
    with pytest.raises(RuntimeError, match="Call start"):
        _ = relay.url
    relay.start()
    port = int(relay.url.rpartition(":")[2])
    assert current() is relay
    relay.stop()
    relay.stop()
    assert current() is not relay
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", port), timeout=2)
    relay.start()
    assert httpx.get(f"{relay.url}/v1/models", trust_env=False).status_code == 401
    relay.stop()


def test_stopping_ends_a_reply_on_its_way(make_house):
    house = make_house(pace=1000.0)
    got: list[str] = []

    def read():
        try:
            with house.client.stream("POST", "/v1/messages", json=asked(TIDES, stream=True)) as response:
                got.extend(response.iter_lines())
        except httpx.HTTPError as error:
            got.append(type(error).__name__)

    thread = threading.Thread(target=read)
    thread.start()
    while thread.is_alive() and not len(house.journal):
        threading.Event().wait(0.01)
    house.relay.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert got[-1] in ("RemoteProtocolError", "ReadError")


def asked(content, **fields):
    messages = [{"role": "user", "content": content}]
    return {"model": "claude-haiku-5-5", "max_tokens": 1000, "messages": messages, **fields}


def test_nothing_is_printed_whatever_comes(house, capfd):
    house.ask()
    house.raw(b"\x16\x03\x01\x02\x00garbage\r\n\r\n")
    house.raw(b"GET / HTTP/9.9\r\n\r\n")
    house.raw(house.head("Content-Length: nonsense"))
    assert capfd.readouterr() == ("", "")


def test_a_fault_of_our_own_is_a_500_with_words_and_prints_nothing(house, capfd, monkeypatch):
    monkeypatch.setattr(house.relay.mock, "respond", lambda request: 1 / 0)
    answer = house.ask()
    assert answer.status_code == 500
    assert "ZeroDivisionError" in answer.json()["error"]["message"]
    assert answer.headers["tutor-source"] == "relay"
    assert house.journal[-1].status == 500
    assert capfd.readouterr() == ("", "")


FORK = """
import os, sys, httpx
from tutor.relay import Relay, current
from tutor.journal import Journal
from tutor.settings import Settings
relay = Relay(Settings(pace=0), Journal()); relay.start()
url = relay.url
child = os.fork()
if child == 0:
    assert current() is None
    status = httpx.get(url + "/v1/models", trust_env=False).status_code  # the parent answers
    os._exit(0 if status == 401 else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_asks_its_parents_relay():
    subprocess.run([sys.executable, "-W", "ignore", "-c", FORK], cwd=ROOT, check=True, timeout=30)


# --- strangers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["recorded", "live"])
@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"authorization": ""}, "x-api-key header is required"),
        ({"authorization": "Bearer tutor-local-guessed"}, "Invalid bearer token"),
        ({"x-api-key": "sk-ant-guessed"}, "invalid x-api-key"),
    ],
)
def test_a_missing_or_wrong_token_gets_the_apis_own_401(make_house, upstream, mode, headers, words):
    house = make_house(mode=mode, key=KEY, upstream=upstream.url)
    answer = house.client.post("/v1/messages", json=asked("Hello"), headers=headers)
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, words)
    assert upstream.requests == []


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "127.0.0.1:x", "[::1]"]
)
def test_a_foreign_host_is_refused(house, host):
    answer = house.client.get("/v1/models", headers={"host": host})
    assert answer.status_code == 403
    assert "answers only as 127.0.0.1" in answer.json()["error"]["message"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:8765", "127.0.0.1:1"])
def test_this_computers_names_are_fine(house, host):
    assert house.client.get("/v1/models", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:8888", "null"])
def test_web_pages_are_refused_and_never_told_they_may(house, origin):
    for method in ("OPTIONS", "POST", "GET"):
        answer = house.client.request(method, "/v1/messages", headers={"origin": origin})
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1/../secret",
        "/v1/messages/../../x",
        "/v1/messages/%2e%2e/x",
        "/v1/messages/..",
        "/v1/messages/.hidden",
        "/v1/messagesx",
        "/v1/organizations",
        "http://evil.example/v1/messages",
        "/v1/messages\\x",
        "/v1/files/a@evil.example",
        "*",
    ],
)
def test_live_only_the_apis_paths_are_forwarded(live, upstream, path):
    answer = live.raw(live.head("Connection: close", method="GET", path=path))
    assert b" 404 Not Found\r\n" in answer
    assert upstream.requests == []


@pytest.mark.parametrize(
    "path",
    ["/v1/messages/batches/msgbatch_1/results", "/v1/models/claude-haiku-5-5", "/v1/files?page=x%20y", "/v1/models"],
)
def test_live_the_apis_paths_are_forwarded_as_they_are(live, upstream, path):
    upstream.json({})
    assert live.client.get(path).status_code == 200
    assert upstream.requests[0][0].startswith(f"GET {path} HTTP/1.1\r\n".encode())


# --- the journal -----------------------------------------------------------------------------------


def test_the_exchange_is_in_the_journal_before_the_reply_can_be_read(house):
    for number in range(50):
        answer = house.ask(stream=bool(number % 2))
        kept = house.journal.find(answer.headers["request-id"])
        assert kept.reply["stop_reason"] == "end_turn"
        assert kept.ended >= kept.started


def test_what_is_kept(house):
    answer = house.client.post("/v1/messages", json=asked(TIDES), headers={"x-stainless-retry-count": "2"})
    kept = house.journal[-1]
    assert (kept.method, kept.path, kept.status, kept.attempt) == ("POST", "/v1/messages", 200, 2)
    assert (kept.source, kept.origin, kept.question) == ("written", "", TIDES)
    assert kept.reply == answer.json()
    assert kept.request_headers["authorization"] == HIDDEN
    assert house.relay.token not in str(vars(kept))


def test_a_compressed_request_is_kept_as_it_reads(house):
    body = b'{"model": "claude-haiku-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}'
    for data, kept in ((gzip.compress(body), body), (b"not gzip", b"not gzip")):
        house.client.post("/v1/messages", content=data, headers={"content-encoding": "gzip"})
        assert (house.journal[-1].request_body, house.journal[-1].sizes.up_body) == (kept, len(data))


def test_the_tutors_own_requests_are_marked_and_their_mark_is_not_kept(house):
    house.client.post("/v1/messages", json=asked("What is a token?"), headers={"tutor-origin": "chat; lesson=demo"})
    kept = house.journal[-1]
    assert kept.origin == "chat"
    assert not [name for name in kept.request_headers if name.startswith("tutor-")]
    assert house.journal.calls == []


@pytest.mark.parametrize("stream", [False, True])
def test_sizes_are_those_on_the_wire(house, stream):
    body = json.dumps(asked(TIDES, stream=stream)).encode()
    head = house.head(f"Content-Length: {len(body)}", "Connection: close")
    answer = house.raw(head + body)
    came_head, _, came_body = answer.partition(b"\r\n\r\n")
    assert house.journal[-1].sizes == (len(head), len(body), len(came_head) + 4, len(came_body))


def test_sizes_of_a_chunked_request_are_those_on_the_wire(house):
    body = json.dumps(asked(TIDES)).encode()
    head = house.head("Transfer-Encoding: chunked", "Connection: close")
    chunked = b"%x;note=x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    house.raw(head + chunked)
    assert house.journal[-1].sizes[:2] == (len(head), len(chunked))
    assert house.journal[-1].request_body == body


def test_a_cut_stream_is_kept_as_far_as_it_came(house):
    with faults(cut(after_bytes=900)):
        answer = house.ask(TIDES, stream=True)
    kept = house.journal[-1]
    assert kept.reply_body == answer.content
    assert kept.reply["stop_reason"] is None
    assert kept.source == "fault"


def test_a_client_that_hangs_up_leaves_the_relay_well(make_house, capfd):
    house = make_house(pace=0.5)
    with house.client.stream("POST", "/v1/messages", json=asked(TIDES, stream=True)) as response:
        next(response.iter_raw())
    assert house.ask(TIDES).status_code == 200
    assert house.journal[0].reply["content"] is not None
    assert capfd.readouterr() == ("", "")


def test_names_of_replayed_recordings_are_noted_for_those_who_look_after_them(make_house, tmp_path):
    house = make_house(used=tmp_path / "used.txt")
    for content in (TIDES, TIDES, "Hello", "Explain photosynthesis in one sentence."):
        house.ask(content)
    assert (tmp_path / "used.txt").read_text().split() == ["demo/tides", "demo/photosynthesis"]


# --- weather ---------------------------------------------------------------------------------------


def test_the_weather_is_this_relays_and_ends_with_its_block(house):
    with faults(529, rate_limit(retry_after=1)):
        first, second, third = (house.ask() for _ in range(3))
    assert [first.status_code, second.status_code, third.status_code] == [529, 429, 200]
    assert second.headers["retry-after"] == "1"
    with faults(500):
        pass
    assert house.ask().status_code == 200


def test_an_exception_ends_the_block_too(house):
    with pytest.raises(KeyError), faults(529, 529):
        raise KeyError
    assert house.ask().status_code == 200


def test_blocks_do_not_nest_and_the_outer_one_goes_on(house):
    with faults(529):
        with pytest.raises(RuntimeError, match="one inside another"), faults(500):
            pass
        assert house.ask().status_code == 529


def test_without_a_lesson_there_is_no_weather_to_order():
    assert current() is None
    with pytest.raises(RuntimeError, match="Run the cell with start"), faults(529):
        pass


def test_an_unclean_cut_breaks_the_connection(house):
    with faults(cut(200, clean=False), cut(20, clean=False)):
        with pytest.raises(httpx.RemoteProtocolError):
            house.ask(TIDES, stream=True)
        with pytest.raises(httpx.RemoteProtocolError):
            house.ask(TIDES)


def test_an_error_may_come_after_the_200(house):
    with faults(error_event(3)):
        answer = house.ask(TIDES, stream=True)
    assert answer.status_code == 200
    assert answer.text.endswith(
        'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}\n\n'
    )


def test_silence_lasts_until_the_client_gives_up(house):
    with faults(silent(seconds=600)), pytest.raises(httpx.ReadTimeout):
        house.client.post("/v1/messages", json=asked(TIDES), timeout=0.2)


def test_silence_may_end_by_itself(house):
    with faults(silent(seconds=0.05)), pytest.raises(httpx.RemoteProtocolError):
        house.ask(TIDES)


def test_slowness_is_before_every_piece(house):
    with faults(slow(0.01)):
        house.ask(TIDES, stream=True)
    times = [at for at, _ in house.journal[-1].events]
    assert all(later - earlier >= 0.009 for earlier, later in pairwise(times))


# --- keys ------------------------------------------------------------------------------------------


def test_go_live_and_back(house, upstream):
    house.relay.settings = Settings(upstream=upstream.url)
    upstream.json({"type": "message", "usage": {}})
    house.relay.go_live(f"  {KEY}\n")
    assert house.relay.mode == "live"
    assert house.ask().status_code == 200
    assert f"authorization: Bearer {KEY}".encode() in upstream.requests[0][0]
    house.relay.go_recorded()
    assert house.ask().headers["tutor-source"] == "written"
    assert KEY not in str(vars(house.relay))


@pytest.mark.parametrize("typed", [f"  {KEY} ", f'"{KEY}"', f"ANTHROPIC_API_KEY={KEY}", f"ANTHROPIC_API_KEY='{KEY}'"])
def test_a_key_may_come_as_it_stands_in_a_file(make_house, typed):
    relay = make_house().relay
    relay.go_live(typed)
    assert (relay.mode, relay.settings.key) == ("live", KEY)


@pytest.mark.parametrize("key", ["", "   ", "two words", "tutor-local-abc", "é"])
def test_what_cannot_be_a_key_is_refused_and_not_repeated(house, key):
    with pytest.raises((ValueError, SettingsError)) as caught:
        house.relay.go_live(key)
    assert house.relay.mode == "recorded"
    assert not key.strip() or key not in str(caught.value)


def test_a_key_is_remembered_only_when_asked_and_only_for_its_owner(house, tmp_path):
    house.relay.root = tmp_path
    house.relay.go_live(KEY)
    assert not (tmp_path / ".env").exists()
    (tmp_path / ".env").write_text("# mine\nexport ANTHROPIC_API_KEY=old\nTUTOR_PACE=0\n")
    house.relay.go_live(KEY, remember=True)
    assert (tmp_path / ".env").read_text() == f"# mine\nTUTOR_PACE=0\nANTHROPIC_API_KEY={KEY}\n"
    assert os.name == "nt" or stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_a_key_that_cannot_be_remembered_changes_nothing(house, tmp_path):
    house.relay.root = tmp_path / "nowhere"
    with pytest.raises(OSError, match="No such file"):
        house.relay.go_live(KEY, remember=True)
    assert (house.relay.mode, house.relay.settings.key) == ("recorded", None)


def test_the_relay_shows_no_key(make_house):
    relay = make_house(mode="live", key=KEY, upstream="http://127.0.0.1:1").relay
    assert KEY not in repr(relay) + repr(relay.settings) + repr(relay._upstream)

"""Live: byte for byte both ways, as it arrives, with the key added on the way and nothing else."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import sys
import threading
import time
import zlib
from contextlib import closing

import httpx
import pytest
from relay.conftest import Upstream

from tutor import models
from tutor.mock.faults import cut, draining, error_event, slow
from tutor.relay import faults
from tutor.relay.budget import Budget
from tutor.relay.traffic import Incoming
from tutor.relay.upstream import ALIVE

KEY = "sk-ant-api03-planted-in-the-tests-0123456789"
HAIKU = "claude-haiku-5-5"


def event(kind, **fields):
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}   \n\n".encode()


START = event(
    "message_start",
    message={
        "id": "msg_live",
        "type": "message",
        "role": "assistant",
        "model": HAIKU,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 1_000_000, "output_tokens": 1},
    },
)
BLOCK = event("content_block_start", index=0, content_block={"type": "text", "text": ""})
TEXT = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "Moon pulls, water climbs"})
STOP = event("content_block_stop", index=0)
END = event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 41})
LAST = event("message_stop")


def sent(upstream, number=-1):
    """The head of a forwarded request as a list of (name, value), and its body."""
    head, body = upstream.requests[number]
    lines = head.decode().split("\r\n")[1:-2]
    return [tuple(line.split(": ", 1)) for line in lines], body


# --- there -----------------------------------------------------------------------------------------


def test_the_request_goes_on_byte_for_byte(live, upstream):
    upstream.json({})
    body = b'{ "model" :"claude-haiku-5-5",\n"caf\xc3\xa9": 1.0, "big": 123456789012345678901234567890 }'
    live.client.post("/v1/messages?beta=true", content=body, headers={"X-Custom-CASE": "kept As It Is"})
    headers, came = sent(upstream)
    assert came == body
    assert upstream.requests[0][0].startswith(b"POST /v1/messages?beta=true HTTP/1.1\r\n")
    assert ("X-Custom-CASE", "kept As It Is") in headers
    assert ("anthropic-version", "2026-10-21") in headers


def test_a_compressed_request_goes_on_as_it_is_and_is_read_here(live, upstream):
    upstream.json({"type": "message", "usage": {"input_tokens": 1_000_000, "output_tokens": 0}})
    body = json.dumps({"model": HAIKU, "messages": [{"role": "user", "content": "Hello"}]}).encode()
    packed = gzip.compress(body)
    live.client.post("/v1/messages", content=packed, headers={"content-encoding": "gzip"})
    headers, got = sent(upstream)
    assert (("content-encoding", "gzip") in headers, got) == (True, packed)
    kept = live.journal[-1]
    assert (kept.question, kept.request_body, kept.sizes.up_body) == ("Hello", body, len(packed))
    assert live.relay.budget.spent == pytest.approx(0.5)


def test_header_bytes_beyond_ascii_go_on_as_they_are(live, upstream):
    upstream.answer(b"{}")
    live.raw(
        live.head("X-Name: Am\u00e9lie", "Content-Length: 2", "Connection: close").decode().encode("latin-1") + b"{}"
    )
    assert b"X-Name: Am\xe9lie\r\n" in upstream.requests[0][0]


@pytest.mark.parametrize("control", [0, 1, 11, 12, 13, 27, 31, 127])
def test_a_control_character_in_a_header_is_a_400_that_names_the_header(live, upstream, control):
    answer = live.raw(live.head(f"X-Name: a{chr(control)}b", "Content-Length: 2") + b"{}")
    assert answer.startswith(b"HTTP/1.1 400 ")
    words = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"]
    assert words == "The header X-Name holds a control character, such as a line break."
    assert upstream.requests == []


def test_the_key_goes_into_the_header_the_client_used(live, upstream):
    for given in ({}, {"x-api-key": live.relay.token}):
        upstream.json({})
        live.client.post("/v1/messages", json={}, headers=given)
    (first, _), (second, _) = sent(upstream, 0), sent(upstream, 1)
    assert ("authorization", f"Bearer {KEY}") in first
    assert ("x-api-key", KEY) in second
    for headers in (first, second):
        assert sum(name.lower() in ("authorization", "x-api-key") for name, _ in headers) == 1
        assert live.relay.token not in str(headers)


def test_without_a_key_no_credential_is_sent(make_house, upstream):
    house = make_house(mode="live", upstream=upstream.url)
    upstream.json({})
    house.client.post("/v1/messages", json={})
    assert not [name for name, _ in sent(upstream)[0] if name.lower() in ("authorization", "x-api-key")]


def test_what_belongs_here_stays_here(live, upstream):
    upstream.json({})
    kept_back = {
        "tutor-origin": "chat; lesson=x",
        "tutor-anything": "x",
        "cookie": "a=b",
        "proxy-authorization": "Basic x",
        "x-forwarded-for": "10.0.0.1",
        "forwarded": "for=10.0.0.1",
        "referer": "http://127.0.0.1/lab",
        "connection": "keep-alive, x-private",
        "x-private": "x",
        "te": "trailers",
    }
    live.client.post("/v1/messages", json={}, headers=kept_back)
    names = {name.lower() for name, _ in sent(upstream)[0]}
    assert not names & set(kept_back)
    assert dict(sent(upstream)[0])["host"] == upstream.url.removeprefix("http://")


@pytest.mark.parametrize(("asked", "passed"), [("gzip, br;q=0.5, zstd", "gzip"), ("br", "identity"), ("", "identity")])
def test_only_codings_that_the_meter_can_read_are_asked_for(live, upstream, asked, passed):
    upstream.json({})
    live.client.post("/v1/messages", json={}, headers={"accept-encoding": asked})
    assert dict(sent(upstream)[0])["accept-encoding"] == passed


def test_an_upstream_may_have_a_path_of_its_own(make_house, upstream):
    house = make_house(mode="live", upstream=f"{upstream.url}/gateway")
    upstream.json({})
    house.client.post("/v1/messages", json={})
    assert upstream.requests[0][0].startswith(b"POST /gateway/v1/messages HTTP/1.1\r\n")


# --- and back --------------------------------------------------------------------------------------


def test_the_reply_comes_back_byte_for_byte(live, upstream):
    body = b'{"type" : "message","usage":{"input_tokens":3,"output_tokens":4}}   \n'
    upstream.answer(
        body,
        "Content-Type: application/json",
        "request-id: req_live",
        "Anthropic-RateLimit-Requests-Remaining: 42",
        "X-Odd-CASE: a",
        "X-Odd-CASE: b",
        "Set-Cookie: _cfuvid=x",
        status="200 Fine",
    )
    answer = live.raw(live.head("Content-Length: 2", "Connection: close") + b"{}")
    head, _, came = answer.partition(b"\r\n\r\n")
    assert came == body
    assert head.startswith(b"HTTP/1.1 200 Fine\r\n")
    for line in (
        b"request-id: req_live",
        b"Anthropic-RateLimit-Requests-Remaining: 42",
        b"X-Odd-CASE: a\r\nX-Odd-CASE: b",
    ):
        assert line in head
    assert b"cookie" not in head.lower()


def test_errors_come_back_as_they_are(live, upstream):
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_9"}
    upstream.json(error, "x-should-retry: true", "retry-after: 3", status="529 Overloaded")
    answer = live.ask()
    assert (answer.status_code, answer.json()) == (529, error)
    assert (answer.headers["retry-after"], answer.headers["x-should-retry"]) == ("3", "true")


def test_an_event_is_never_held_back(live, upstream):
    """The next event is sent only when the one before has been read: held back, this would never end."""
    seen = [threading.Event() for _ in range(5)]
    parts: list[bytes | threading.Event] = []
    for number, gate in enumerate(seen):
        parts += [event("ping", number=number), gate]
    upstream.stream(*parts)
    with live.client.stream("POST", "/v1/messages", json={}) as response:
        number = 0
        for line in response.iter_lines():
            if line.startswith("data"):
                assert f'"number": {number}' in line
                seen[number].set()
                number += 1
    assert number == 5


def test_a_streamed_body_comes_back_byte_for_byte(live, upstream):
    whole = START + BLOCK + TEXT + STOP + END + LAST
    upstream.stream(*(whole[at : at + 37] for at in range(0, len(whole), 37)))
    assert live.ask(stream=True).content == whole
    kept = live.journal[-1]
    assert kept.reply_body == whole
    assert (kept.source, kept.reply["stop_reason"], kept.reply["usage"]["output_tokens"]) == ("live", "end_turn", 41)


def test_a_stream_that_breaks_off_upstream_breaks_off_here(live, upstream):
    upstream.scripts.append(
        [b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n5\r\nevent"]
    )
    upstream.scripts[-1].append(threading.Event())  # then nothing: the connection ends after the test's patience

    with live.client.stream("POST", "/v1/messages", json={}) as response:
        assert next(response.iter_raw()) == b"event"


def test_a_compressed_reply_passes_as_it_is_and_is_still_metered(live, upstream):
    plain = json.dumps({"type": "message", "usage": {"input_tokens": 2_000_000, "output_tokens": 0}}).encode()
    for coding, packed in (("gzip", gzip.compress(plain)), ("deflate", zlib.compress(plain))):
        upstream.answer(packed, "Content-Type: application/json", f"Content-Encoding: {coding}")
        before = live.relay.budget.spent
        live.relay.budget.cap = 100
        raw = live.raw(live.head("Content-Length: 28", "Connection: close") + b'{"model":"claude-haiku-5-5"}')
        assert raw.endswith(packed)
        assert live.relay.budget.spent - before == pytest.approx(1.0)
        assert live.journal[-1].reply == json.loads(plain)


# --- what can go wrong -----------------------------------------------------------------------------


def test_a_redirect_is_not_followed(live, upstream):
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        where = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/v1/messages"
        upstream.answer(b"", f"Location: {where}", status="307 Temporary Redirect")
        live.client.timeout = 5
        answer = live.ask()
        elsewhere.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody came
            elsewhere.accept()
    assert (answer.status_code, answer.json()["error"]["type"]) == (502, "api_error")
    assert "location" not in answer.headers
    assert len(upstream.requests) == 1


def test_an_upstream_that_is_not_there_is_named(make_house):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    house = make_house(mode="live", key=KEY, upstream=f"http://127.0.0.1:{port}")
    answer = house.ask()
    assert answer.status_code == 502
    said = answer.json()["error"]["message"]
    assert "127.0.0.1 could not be reached (ConnectError). Is this computer online? If it is, check ANTHROPIC" in said
    assert house.journal[-1].source == "relay"
    assert "x-should-retry" not in answer.headers  # a network may be back in a second
    assert KEY not in answer.text


def test_an_address_that_nobody_chose_is_not_to_be_checked(make_house, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nothing listens there
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    house = make_house(mode="live", key=KEY)
    said = house.ask().json()["error"]["message"]
    asked = (
        "api.anthropic.com could not be reached (ConnectError). Is this computer online? If it is, check HTTPS_PROXY."
    )
    assert said == asked


def test_an_upstream_that_says_nothing_is_a_504(live, upstream, monkeypatch):
    monkeypatch.setattr("tutor.relay.upstream.READ", 0.1)
    upstream.scripts.append([threading.Event()])
    answer = live.ask()
    assert (answer.status_code, answer.json()["error"]["type"]) == (504, "timeout_error")


def test_an_upstream_that_does_not_speak_http_is_a_502(live, upstream):
    upstream.scripts.append([b"220 smtp.example ESMTP\r\n\r\n"])
    assert live.ask().status_code == 502


def test_a_proxy_of_the_environment_is_honoured(make_house, upstream, monkeypatch):
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", upstream.url)
    house = make_house(mode="live", key=KEY, upstream="https://api.example")
    upstream.scripts.append([b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"])
    assert house.ask().status_code == 502
    assert upstream.requests[0][0].startswith(b"CONNECT api.example:443 HTTP/1.1\r\n")
    assert KEY.encode() not in upstream.requests[0][0]


def test_a_proxy_that_is_not_there_is_named_by_its_variable(make_house, monkeypatch):
    for name in ("ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    words = make_house(mode="live", key=KEY, upstream="https://api.example").ask().json()["error"]["message"]
    assert words == (
        "api.example could not be reached (ConnectError). Is this computer online? "
        "If it is, check ANTHROPIC_BASE_URL, HTTPS_PROXY and ALL_PROXY."
    )


@pytest.mark.parametrize(
    ("listens", "asked"),
    [("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost"), ("::1", "[::1]")],
)
def test_over_either_protocol_no_proxy_is_shown_a_key_that_is_for_this_computer(
    make_house, monkeypatch, listens, asked
):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with closing(Upstream(listens)) as upstream:
        upstream.json({})
        address = f"{asked}:{upstream.url.rpartition(':')[2]}"
        assert make_house(mode="live", key=KEY, upstream=f"http://{address}").ask().status_code == 200
        assert ("authorization", f"Bearer {KEY}") in sent(upstream)[0]
        assert ("host", address) in sent(upstream)[0]


def test_the_system_looks_after_a_connection_that_says_nothing(live, upstream):
    """A laptop that slept for an hour holds connections of which the other side knows nothing any more."""
    upstream.json({})
    with live.relay._upstream.send(Incoming("POST", "/v1/messages", [], b"{}", 0, 2)) as response:
        connection = response.extensions["network_stream"].get_extra_info("socket")
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT"):
            if hasattr(socket, name):
                assert connection.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) == ALIVE[name]


# --- what it costs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [("HTTPS_PROXY", "garbage://proxy"), ("SSL_CERT_FILE", "/nowhere")],
)
def test_settings_of_the_network_that_cannot_be_used_are_named(make_house, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    house = make_house(mode="live", key=KEY, upstream="https://localhost:9")
    answer = house.ask()
    assert answer.status_code == 502
    assert name in answer.json()["error"]["message"]
    assert value not in answer.text


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here, which makes the certificate")
def test_through_tls_it_arrives_event_by_event_as_well(make_house, upstream, monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(upstream.behind_tls(tmp_path)))
    house = make_house(mode="live", key=KEY, upstream=upstream.url)
    more = threading.Event()
    upstream.stream(START, more, LAST)
    with house.client.stream("POST", "/v1/messages", json={"model": HAIKU, "stream": True}) as response:
        pieces = response.iter_raw()
        assert next(pieces) == START
        more.set()
        assert b"".join(pieces) == LAST
    assert ("authorization", f"Bearer {KEY}") in sent(upstream)[0]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here, which makes the certificate")
def test_a_certificate_that_is_not_trusted_is_named(make_house, upstream, tmp_path):
    upstream.behind_tls(tmp_path)
    answer = make_house(mode="live", key=KEY, upstream=upstream.url).ask()
    assert (answer.status_code, upstream.requests) == (502, [])
    assert "certificate that is not trusted here" in answer.json()["error"]["message"]
    assert "SSL_CERT_FILE" in answer.json()["error"]["message"]


def test_a_reply_is_metered(live, upstream):
    upstream.json({"type": "message", "usage": {"input_tokens": 1_000_000, "output_tokens": 200_000}})
    live.ask()
    assert live.relay.budget.spent == pytest.approx(0.5 + 0.5)  # above 100,000 tokens of prompt the higher price holds


def charged(live):
    """Wait until a reply that nobody waits for has been counted."""
    deadline = time.monotonic() + 20
    while not live.relay.budget.spent:
        assert time.monotonic() < deadline, "nothing was charged"
        time.sleep(0.01)


def test_a_client_that_goes_away_is_still_charged_and_the_upstream_is_let_go(live, upstream):
    never = threading.Event()
    upstream.stream(
        START, BLOCK, TEXT, TEXT, *([event("ping", pad="x" * 8_000)] * 2000), never
    )  # more than sockets hold
    with live.client.stream("POST", "/v1/messages", json={"model": HAIKU, "stream": True}) as response:
        next(response.iter_raw())
    charged(live)
    said = live.journal[-1]
    assert said.reply["content"][0]["text"].startswith("Moon pulls")
    assert live.relay.budget.spent >= models.cost({"input_tokens": 1_000_000, "output_tokens": 1}, HAIKU)


def test_an_unstreamed_reply_that_nobody_waits_for_is_charged_too(live, upstream):
    reply = json.dumps({"type": "message", "content": ["x" * 3_000_000], "usage": {"input_tokens": 1_000_000}}).encode()
    gone = threading.Event()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(reply)}\r\n\r\n".encode()
    upstream.scripts.append([head + reply[:100], gone, reply[100:]])
    with live.client.stream("POST", "/v1/messages", json={"model": HAIKU}) as response:
        next(response.iter_raw())
    gone.set()
    charged(live)
    assert live.relay.budget.spent == pytest.approx(0.5)


def refused(category):
    details = {"type": "refusal", "category": category, "explanation": None}
    return {"stop_reason": "refusal", "stop_details": details}


def test_a_refusal_is_charged_by_its_category(live, upstream):
    usage = {"input_tokens": 1_000_000, "output_tokens": 0}
    upstream.json({"type": "message", "content": [], **refused("cyber"), "usage": usage})
    upstream.json({"type": "message", "content": [], **refused("bio"), "usage": usage})
    live.ask()
    assert live.relay.budget.spent == 0
    live.ask()
    assert live.relay.budget.spent == pytest.approx(0.5)


def test_a_streamed_refusal_without_output_is_free(live, upstream):
    upstream.stream(START, event("message_delta", delta=refused("general_harms"), usage={"output_tokens": 1}), STOP)
    assert live.ask(stream=True).status_code == 200
    assert (live.journal[-1].reply["stop_reason"], live.relay.budget.spent) == ("refusal", 0)


def test_a_gateway_that_counts_in_another_way_does_not_break_the_reply(live, upstream):
    said = {"type": "message", "content": "words", "stop_details": "none", "usage": [1, 2]}
    upstream.json(said)
    assert live.ask().json() == said


def test_a_spent_budget_is_a_403_that_clients_do_not_repeat(live, upstream):
    live.relay.budget.cap = 0.4
    upstream.json({"type": "message", "usage": {"input_tokens": 1_000_000, "output_tokens": 0}})
    assert live.ask().status_code == 200
    answer = live.ask()
    assert (answer.status_code, answer.json()["error"]["type"]) == (403, "permission_error")
    assert "This notebook has spent $0.50 of its $0.40" in answer.json()["error"]["message"]
    assert answer.headers["x-should-retry"] == "false"
    assert len(upstream.requests) == 1


def test_what_is_free_goes_on_after_the_budget_is_spent(live, upstream):
    live.relay.budget.cap = 0
    for _ in range(2):
        upstream.json({"input_tokens": 3})
    assert live.client.post("/v1/messages/count_tokens", json={}).status_code == 200
    assert live.client.get("/v1/models").status_code == 200


def test_an_unknown_model_counts_as_the_dearest_one_so_that_the_cap_holds():
    budget = Budget(100)
    dearest = max(models.cost({"input_tokens": 1_000_000}, each.id) for each in models.all())
    assert (
        budget.add({"usage": {"input_tokens": 1_000_000}}, "claude-of-tomorrow-9", paid=True) == dearest == budget.spent
    )


def test_the_cap_holds_at_the_last_cent_and_for_threads_together():
    reply = {"usage": {"input_tokens": 1000}}
    budget = Budget(4000 * models.bill(reply, HAIKU))
    adding = [
        threading.Thread(target=lambda: [budget.add(reply, HAIKU, paid=True) for _ in range(1000)]) for _ in range(4)
    ]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in adding:
            thread.start()
        for thread in adding:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert budget.spent == pytest.approx(budget.cap)
    budget.cap = budget.spent
    assert budget.is_spent


def test_a_key_that_a_gateway_repeats_comes_back_to_nobody(live, upstream):
    said = f'{{"error": {{"message": "no such key: {KEY}"}}}}'.encode()
    for coding, body in (("identity", said), ("gzip", gzip.compress(said))):
        upstream.answer(body, f"Seen: {KEY}", f"Content-Encoding: {coding}", status="401 Unauthorized")
        answer = live.client.post("/v1/messages", json={}, headers={"accept-encoding": "gzip"})
        assert (answer.status_code, answer.json()["error"]["message"]) == (401, "no such key: [hidden]")
        assert answer.headers["seen"] == "[hidden]"
        assert KEY not in repr(vars(live.journal[-1]))
    upstream.answer(b"{}", f"Seen: {KEY}")
    assert live.client.post("/v1/messages", json={}).headers["seen"] == "[hidden]"


def test_somebody_else_s_model_costs_nothing_here(live, upstream):
    upstream.json({"type": "message", "usage": {"input_tokens": 1_000_000}})
    live.client.post("/v1/messages", json={"model": "llama"})
    assert live.relay.budget.spent == 0


# --- weather, live ---------------------------------------------------------------------------------


def test_live_the_weather_is_the_relays_own_and_says_so(live, upstream):
    with faults(529):
        answer = live.ask()
    assert (answer.status_code, answer.headers["tutor-source"]) == (529, "fault")
    assert upstream.requests == []


def test_live_limits_drain_and_show_in_the_headers(live, upstream):
    usage = {"input_tokens": 700, "output_tokens": 30}
    for _ in range(3):
        upstream.json({"type": "message", "usage": usage}, "anthropic-ratelimit-input-tokens-limit: 2000000")
    with faults(draining(input_tokens=1000)):
        first, second, third = live.ask(), live.ask(), live.ask()
    assert (first.status_code, second.status_code, third.status_code) == (200, 200, 429)
    names = ("anthropic-ratelimit-input-tokens-limit", "anthropic-ratelimit-input-tokens-remaining")
    assert [first.headers[name] for name in names] == ["1000", "1000"]
    assert int(second.headers[names[1]]) < 400
    assert (first.headers["tutor-limits"], third.headers["tutor-source"]) == ("weather", "fault")
    assert (third.headers[names[1]], "1,000 input tokens per minute" in third.text) == ("0", True)
    assert "tutor-limits" not in live.ask().headers


def test_live_the_tutors_own_requests_drain_nothing(live, upstream):
    upstream.json({"type": "message", "usage": {"input_tokens": 700, "output_tokens": 30}})
    upstream.json({"type": "message", "usage": {"input_tokens": 700, "output_tokens": 30}})
    with faults(draining(input_tokens=1000)):
        mark = {"tutor-origin": "chat; lesson=demo"}
        answer = live.client.post("/v1/messages", json={"model": HAIKU}, headers=mark)
        assert "tutor-limits" not in answer.headers
        assert live.ask().headers["anthropic-ratelimit-input-tokens-remaining"] == "1000"


def test_live_a_stream_may_be_cut_and_spoiled(live, upstream):
    whole = START + BLOCK + TEXT + STOP + END + LAST
    live.relay.budget.cap = 100
    for _ in range(3):
        upstream.stream(START + BLOCK, TEXT, STOP + END + LAST)
    with faults(cut(after_bytes=len(START) + 5), error_event(2), cut(10, clean=False)):
        assert live.ask(stream=True).content == whole[: len(START) + 5]
        spoiled = live.ask(stream=True)
        assert spoiled.content.startswith(START + BLOCK + b"event: error\n")
        assert spoiled.headers["tutor-source"] == "fault"
        with pytest.raises(httpx.RemoteProtocolError):
            live.ask(stream=True)


def test_live_a_reply_may_be_slow(live, upstream):
    upstream.json({"type": "message", "usage": {}})
    with faults(slow(0.01)):
        assert live.ask().status_code == 200


# --- nothing leaks ---------------------------------------------------------------------------------


def test_the_key_is_nowhere_but_upstream(live, upstream, capfd):
    upstream.json({"type": "message", "usage": {}})
    live.ask()
    upstream.scripts.append([b"nonsense\r\n\r\n"])
    live.ask()
    for kept in live.journal:
        assert KEY not in repr(kept) + kept._repr_html_() + str(vars(kept))
        assert live.relay.token not in str(vars(kept))
    assert KEY not in repr(live.relay) + repr(live.relay.settings)
    assert capfd.readouterr() == ("", "")

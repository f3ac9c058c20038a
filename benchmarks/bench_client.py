"""How much the client costs, beside the official SDK and the bare limit, as ratios of one run.

A loopback server in its own process sends a prepared reply; its body goes out in one write. Every contender is run in
turn, round after round, and its fastest round counts.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Connection
from typing import Any

from figures import ROOT, Figure, fastest, serving, table

EVENTS = 10_000
ROUNDS = 25
CALLS = 400
QUESTION: dict[str, Any] = {
    "model": "claude-haiku-5-5",
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Tell me a long story."}],
}
USAGE = {"input_tokens": 14, "output_tokens": 41, "cache_read_input_tokens": 0, "service_tier": "standard"}
MESSAGE = {
    "id": "msg_bench",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-5-5",
    "content": [{"type": "text", "text": "Once upon a time there was a tide. " * 20}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": USAGE,
}
HEAD = b"HTTP/1.1 200 OK\r\nrequest-id: req_bench\r\ncontent-type: "


def sse(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def stream_of(events: int) -> list[bytes]:
    """A reply of so many events, in pieces of about a megabyte."""
    start = {**MESSAGE, "content": [], "stop_reason": None}
    delta = sse({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": " and then"}})
    first = sse({"type": "message_start", "message": start})
    first += sse({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
    last = sse({"type": "content_block_stop", "index": 0})
    last += sse({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": events}})
    last += sse({"type": "message_stop"})
    deltas = events - 5
    return [first, *[delta * 10_000] * (deltas // 10_000), delta * (deltas % 10_000) + last]


def serve(out: Connection) -> None:
    """Answers until the process is ended."""
    server = socket.create_server(("127.0.0.1", 0))
    out.send(f"http://127.0.0.1:{server.getsockname()[1]}")
    while True:
        connection, _ = server.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def answer(connection: socket.socket) -> None:
    """Answers the requests of one connection: a stream of as many events as the path says, or a whole message."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    whole = json.dumps(MESSAGE).encode()
    prepared: dict[int, list[bytes]] = {}
    data = b""
    while got := connection.recv(65536):
        data += got
        head, found, rest = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if not found or len(rest) < length:
            continue
        data = b""
        if b'"stream":true' not in rest.replace(b" ", b""):
            connection.sendall(HEAD + b"application/json\r\ncontent-length: %d\r\n\r\n" % len(whole) + whole)
            continue
        events = int(head.partition(b"/events-")[2].partition(b"/")[0])
        if events not in prepared:
            prepared[events] = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in stream_of(events)]
        headers = HEAD + b"text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        if events <= EVENTS:
            connection.sendall(headers + b"".join(prepared[events]) + b"0\r\n\r\n")  # one write
            continue
        for piece in [headers, *prepared[events], b"0\r\n\r\n"]:
            connection.sendall(piece)


def streams(url: str) -> list[Figure]:
    """Ratios for reading one long stream."""
    import anthropic
    import httpx

    from tutor.api import Client

    base = f"{url}/events-{EVENTS}"
    http = httpx.Client(trust_env=False)
    ours = Client(api_key="sk-ant-bench", base_url=base)
    sdk = anthropic.Anthropic(api_key="sk-ant-bench", base_url=base)

    def bare() -> None:
        with http.stream("POST", f"{base}/v1/messages", json={**QUESTION, "stream": True}) as response:
            for line in response.iter_lines():
                if line.startswith("data:"):
                    json.loads(line[5:])

    def final() -> None:
        with ours.messages.stream(**QUESTION) as stream:
            assert stream.get_final_message().usage.output_tokens == EVENTS

    def text() -> None:
        with ours.messages.stream(**QUESTION) as stream:
            for _ in stream.text_stream:
                pass

    def events() -> None:
        for _ in ours.messages.create(**QUESTION, stream=True):
            pass

    def helper() -> None:
        with ours.messages.stream(**QUESTION) as stream:
            for _ in stream:
                pass

    def sdk_events() -> None:
        for _ in sdk.messages.create(**QUESTION, stream=True):
            pass

    def sdk_helper() -> None:
        with sdk.messages.stream(**QUESTION) as stream:
            for _ in stream:
                pass

    took = fastest({f.__name__: f for f in (bare, final, text, events, helper)}, ROUNDS)
    took |= fastest({f.__name__: f for f in (sdk_events, sdk_helper)}, rounds=5)

    def ratio(what: str, ours: str, theirs: str, bound: float) -> Figure:
        of = f"{took[ours] * 1e3:.1f} ms : {took[theirs] * 1e3:.1f} ms"
        return Figure(what, took[ours] / took[theirs], "times", bound, of)

    return [
        ratio("a stream parsed and folded, beside a bare loop", "final", "bare", 1.6),
        ratio("text_stream, beside a bare loop", "text", "bare", 1.6),
        ratio("events, beside the SDK's stream=True", "events", "sdk_events", 0.4),
        ratio("helper's events, beside the SDK's helper", "helper", "sdk_helper", 0.25),
    ]


def calls(url: str) -> list[Figure]:
    """Ratio for a call without a stream."""
    import httpx

    from tutor.api import Client

    http = httpx.Client(trust_env=False)
    ours = Client(api_key="sk-ant-bench", base_url=url)
    headers = {"authorization": "Bearer sk-ant-bench", "anthropic-version": "2026-10-21"}

    def bare() -> None:
        http.post(f"{url}/v1/messages", json=QUESTION, headers=headers, timeout=600).json()

    def client() -> None:
        ours.messages.create(**QUESTION)

    took = {"bare": [0.0], "client": [0.0]}
    for run in (bare, client):
        took[run.__name__] = []
        for _ in range(50):
            run()
    for _ in range(CALLS):
        for run in (bare, client):
            start = time.perf_counter()
            run()
            took[run.__name__].append(time.perf_counter() - start)
    bare_time, client_time = statistics.median(took["bare"]), statistics.median(took["client"])
    of = f"{client_time * 1e3:.2f} ms : {bare_time * 1e3:.2f} ms"
    return [Figure("a call, beside bare httpx", client_time / bare_time, "times", 1.15, of)]


def imports() -> list[Figure]:
    """Ratios of the times to import: the client brings httpx along, so what it adds is measured after httpx."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def took(modules: list[str]) -> list[float]:
        """Milliseconds to import each of them, one after the other; of the fastest process."""
        code = "from time import perf_counter as now; a = now()\n"
        code += "\n".join(f"import {name}; b = now(); print(b - a); a = b" for name in modules)
        command = [sys.executable, "-c", code]
        runs = [subprocess.check_output(command, cwd=ROOT, env=environ, text=True).split() for _ in range(ROUNDS)]
        return [min(map(float, column)) * 1e3 for column in zip(*runs, strict=True)]

    (course,), (httpx, added) = took(["tutor"]), took(["httpx", "tutor.api"])
    return [
        Figure("import tutor, beside httpx", course / httpx, "times", 1.5, f"{course:.1f} ms : {httpx:.1f} ms"),
        Figure("import tutor.api, beside httpx", (httpx + added) / httpx, "times", 1.3, f"{added:.1f} ms more"),
    ]


def memory(url: str) -> list[Figure]:
    """How much the peak grows from a stream of 10,000 events to one of a million, in megabytes beyond its text."""
    if not os.path.exists("/proc/self/status"):
        return []  # only Linux tells a process its own peak
    code = f"""
import sys
from tutor.api import Client

def peak(events):
    client = Client(api_key="sk-ant-bench", base_url=f"{{sys.argv[1]}}/events-{{events}}")
    with client.messages.stream(**{QUESTION!r}) as stream:
        for text in stream.text_stream:
            pass
        size = len(stream.get_final_message().text)
    with open("/proc/self/status") as status:
        return int(status.read().partition("VmHWM:")[2].split()[0]) / 1000, size / 1e6

(few, short), (many, long) = peak(10_000), peak(1_000_000)
print(many - few - (long - short), long)
"""
    out = subprocess.check_output([sys.executable, "-c", code, url], cwd=ROOT, text=True)
    grown, size = map(float, out.split())
    return [Figure("a million events hold more than 10,000", grown, "MB", 16, f"beside {size:.0f} MB of text")]


def measure() -> list[Figure]:
    with serving(serve) as url:
        return [*streams(url), *calls(url), *imports(), *memory(url)]


if __name__ == "__main__":
    sys.exit(table(measure()))

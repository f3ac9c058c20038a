"""What the relay costs, beside a bare server and a direct call, as ratios of one run.

The contenders take turns, round after round. A time is the median of a round, and the best round counts: noise only
ever adds.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx
from figures import ROOT, Figure, fastest, serving, table

from tutor.journal import Journal
from tutor.mock import Mock
from tutor.mock.recordings import Library, Recording
from tutor.relay import Relay
from tutor.settings import Settings

ROUNDS, CALLS = 8, 250
QUESTION: dict[str, Any] = {
    "model": "claude-haiku-5-5",
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Explain photosynthesis in one sentence."}],
}
RECORDING = """\
source: {kind: written, on: 2026-11-20}
request: {model: claude-haiku-5-5, messages: [{role: user, content: Explain photosynthesis in one sentence.}]}
replies: [{content: "Plants use sunlight to turn water and carbon dioxide into sugar, and give off oxygen."}]
"""
MEMORY = "import httpx, os; httpx.Client(); {}; print(int(open('/proc/self/statm').read().split()[1]) * 4096)"
RELAY = (
    "from tutor.relay import Relay; from tutor.journal import Journal; from tutor.settings import Settings; "
    "r = Relay(Settings(pace=0), Journal()); r.start(); "
    "c = httpx.Client(base_url=r.url, headers=dict([('x-api-key', r.token), ('anthropic-version', '2026-10-21')]), "
    "trust_env=False); [c.post('/v1/messages', json=dict(model='claude-haiku-5-5', max_tokens=9, "
    "messages=[dict(role='user', content='Hello')])) for _ in range(20)]"
)


class Echo(BaseHTTPRequestHandler):
    """The least that the standard library's server can do: the body comes back."""

    protocol_version = "HTTP/1.1"
    wbufsize = 0
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


def echo() -> str:
    """A bare server in a thread of this process; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def upstream(out: Connection) -> None:
    """A bare server in a process of its own, until that is ended."""
    out.send(echo())
    threading.Event().wait()


def median(client: httpx.Client) -> float:
    """Milliseconds of a call, the middle one of a round."""
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        client.post("/v1/messages", json=QUESTION)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def asked(content: str) -> dict[str, Any]:
    return {**QUESTION, "messages": [{"role": "user", "content": content}]}


def resident(code: str) -> float:
    """Megabytes that a Python process holds after running some code."""
    command = [sys.executable, "-c", MEMORY.format(code)]
    return min(int(subprocess.check_output(command, cwd=ROOT)) for _ in range(3)) / 1e6


def calls(recordings: Path) -> list[Figure]:
    """A call in turn: to a bare server, recorded, to another process, and forwarded there."""
    recorded = Relay(Settings(pace=0), Journal(), Mock(recordings, pace=0))
    with serving(upstream) as far:
        live = Relay(Settings(mode="live", key="a key", upstream=far), Journal())
        recorded.start()
        live.start()
        head = {"anthropic-version": "2026-10-21"}
        clients = [
            httpx.Client(base_url=url, headers={**head, "authorization": f"Bearer {token}"}, trust_env=False)
            for url, token in ((echo(), "x"), (recorded.url, recorded.token), (far, "x"), (live.url, live.token))
        ]
        times = [[median(client) for client in clients] for _ in range(ROUNDS)]
    recorded.stop()
    live.stop()
    bare, ours, direct, forwarded = (min(column) for column in zip(*times, strict=True))
    shown, between = f"{ours:.2f} ms : {bare:.2f} ms", f"{forwarded:.2f} ms - {direct:.2f} ms"
    return [
        Figure("a recorded reply, beside a bare server", ours / bare, "times", 2.0, shown),
        Figure("forwarding adds", forwarded - direct, "ms", 1.5, between),
    ]


def matching() -> list[Figure]:
    """To find one of 2,000 recordings, and to find the closest: time of this process alone."""
    words = ["sea", "tide", "moon", "rain", "wind", "leaf", "stone", "bird", "river", "cloud"]
    texts = [f"Tell me about {words[n % 10]} and {words[n // 10 % 10]} in the year {n}. " * 5 for n in range(2000)]
    shelf = Library([Recording(f"a/{n}", asked(text), ({},), "written", "m") for n, text in enumerate(texts)])
    wanted, other = asked(texts[1234]), asked("Tell me about a moon")
    took = fastest({"hit": lambda: shelf.find(wanted), "closest": lambda: shelf.closest(other, 5)}, 20)
    return [
        Figure("one of 2,000 recordings found", took["hit"] * 1e3, "ms", 1.0),
        Figure("the closest of 2,000 recordings", took["closest"] * 1e3, "ms", 60.0),
    ]


def memory() -> list[Figure]:
    """What a process with the relay holds more than one with httpx alone."""
    if not Path("/proc/self/statm").exists():
        return []  # only Linux tells a process in this way what it holds
    without, with_relay = resident("pass"), resident(RELAY)
    of = f"{with_relay:.1f} MB - {without:.1f} MB"
    return [Figure("a process with the relay holds more", with_relay - without, "MB", 20.0, of)]


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "plants").mkdir()
        (Path(name) / "plants" / "photosynthesis.yaml").write_text(RECORDING)
        return [*calls(Path(name)), *matching(), *memory()]


if __name__ == "__main__":
    sys.exit(table(measure()))

"""What the relay costs, beside a bare server and a direct call, as ratios of one run.

    python benchmarks/bench_relay.py            prints a table; ends with 1 if a bound is not kept

The contenders take turns, round after round. A time is the median of a round, and the best round counts: noise only
ever adds.
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from tutor.journal import Journal
from tutor.mock import Mock, search
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


def fastest(call: Callable[[], object], rounds: int = 30) -> float:
    """Milliseconds of the fastest of some calls."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def asked(content: str) -> dict[str, Any]:
    return {**QUESTION, "messages": [{"role": "user", "content": content}]}


def resident(code: str) -> float:
    """Megabytes that a Python process holds after running some code."""
    command = [sys.executable, "-c", MEMORY.format(code)]
    root = Path(__file__).resolve().parent.parent
    return min(int(subprocess.run(command, capture_output=True, cwd=root, check=True).stdout) for _ in range(3)) / 1e6


def calls(recordings: Path) -> tuple[float, float, float, float]:
    """Milliseconds of a call: bare, recorded, direct to another process, and forwarded there."""
    out, into = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=upstream, args=(into,), daemon=True)
    process.start()
    far = out.recv()
    recorded = Relay(Settings(pace=0), Journal(), Mock(recordings, pace=0))
    live = Relay(Settings(mode="live", key="a key", upstream=far), Journal())
    recorded.start()
    live.start()
    head = {"anthropic-version": "2026-10-21"}
    clients = [
        httpx.Client(base_url=url, headers={**head, "authorization": f"Bearer {token}"}, trust_env=False)
        for url, token in ((echo(), "x"), (recorded.url, recorded.token), (far, "x"), (live.url, live.token))
    ]
    times = [[median(client) for client in clients] for _ in range(ROUNDS)]
    process.terminate()
    recorded.stop()
    live.stop()
    bare, ours, direct, forwarded = (min(column) for column in zip(*times, strict=True))
    return bare, ours, direct, forwarded


def matching() -> tuple[float, float]:
    """Milliseconds to find one of 2,000 recordings, and to find the closest."""
    words = ["sea", "tide", "moon", "rain", "wind", "leaf", "stone", "bird", "river", "cloud"]
    texts = [f"Tell me about {words[n % 10]} and {words[n // 10 % 10]} in the year {n}. " * 5 for n in range(2000)]
    shelf = Library([Recording(f"a/{n}", asked(text), ({},), "written", "m") for n, text in enumerate(texts)])
    wanted = asked(texts[1234])
    return fastest(lambda: shelf.find(wanted)), fastest(lambda: shelf.closest(asked("Tell me about a moon"), 5), 10)


def tutoring(folder: Path) -> tuple[float, float]:
    """Milliseconds until the first answer among 1,000 entries, and until a later one."""
    nouns = ["token", "header", "body", "stream", "limit", "retry", "model", "prompt", "cache", "batch"]
    entries = [
        {"ask": [f"Why does the {nouns[n % 10]} {n} need a {nouns[n // 10 % 10]}?"], "answer": "Because it does. " * 30}
        for n in range(1000)
    ]
    (folder / "tutor").mkdir()
    (folder / "tutor" / "many.yaml").write_text(json.dumps({"source": {}, "entries": entries}))
    bank = search.load(folder)
    body = asked("Would the strem 77 need some heders?")
    return fastest(lambda: search.Bank(bank.entries, {}).answer(body, "many"), 5), fastest(
        lambda: bank.answer(body, "many")
    )


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "plants").mkdir()
        (folder / "plants" / "photosynthesis.yaml").write_text(RECORDING)
        bare, ours, direct, forwarded = calls(folder)
        first, later = tutoring(folder)
    hit, closest = matching()
    without, with_relay = resident("pass"), resident(RELAY)
    rows = [
        ("recorded reply, beside a bare server", f"{ours:.2f} ms : {bare:.2f} ms", ours / bare, 2.0, "times"),
        ("forwarding adds", f"{forwarded:.2f} ms - {direct:.2f} ms", forwarded - direct, 1.5, "ms"),
        ("one of 2,000 recordings found", "", hit, 1.0, "ms"),
        ("the closest of 2,000 recordings", "", closest, 60.0, "ms"),
        ("the tutor's first answer of 1,000", "", first, 150.0, "ms"),
        ("the tutor's next answer", "", later, 15.0, "ms"),
        (
            "a process with the relay holds more",
            f"{with_relay:.1f} MB - {without:.1f} MB",
            with_relay - without,
            20.0,
            "MB",
        ),
    ]
    print(f"{'':<38} {'measured':<22} {'result':>8}   at most")
    for what, measured, result, bound, unit in rows:
        kept = "" if result <= bound else "   NOT KEPT"
        print(f"{what:<38} {measured:<22} {result:>8.2f}   {bound:g} {unit}{kept}")
    return int(any(result > bound for _, _, result, bound, _ in rows))


if __name__ == "__main__":
    sys.exit(main())

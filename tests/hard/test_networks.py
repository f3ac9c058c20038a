"""Networks: recorded lessons do not notice them; live ones say what is wrong in words that help."""

from __future__ import annotations

import ast
import errno
import random
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fake_api import FakeApi, Reply
from hard.conftest import Kernel
from hard.test_learners import ASK, SETUP, works

pytestmark = pytest.mark.slow

NOWHERE = "127.0.0.1:9"  # "discard": nobody listens there
KEY = "sk-ant-api03-planted-for-networks-0123456789"


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_PROXY": f"http://{NOWHERE}", "HTTPS_PROXY": f"http://{NOWHERE}"},
        {"http_proxy": f"http://{NOWHERE}", "https_proxy": f"http://{NOWHERE}"},
        {"ALL_PROXY": f"socks5://{NOWHERE}"},
        {"all_proxy": f"socks5h://{NOWHERE}", "NO_PROXY": "example.com"},
    ],
    ids=lambda environ: " ".join(environ),
)
def test_without_a_key_a_lesson_asks_no_proxy(make_kernel: Callable[..., Kernel], environ: dict[str, str]) -> None:
    kernel = make_kernel(**environ)
    kernel.run(SETUP)
    works(kernel)


def test_a_file_of_certificates_that_is_not_there_is_named(make_kernel: Callable[..., Kernel]) -> None:
    shown = make_kernel(SSL_CERT_FILE="/nowhere/ca.pem").run(SETUP)
    assert "settings for the network cannot be used (FileNotFoundError)" in shown
    assert "SSL_CERT_FILE" in shown


@contextmanager
def answering(data: bytes, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of a server that says the same to everybody; without data it hangs up."""
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
                with (
                    connection,
                    context.wrap_socket(connection, server_side=True) if context else connection as talking,
                ):
                    while (came := talking.recv(65536)) and not came.endswith(b"}"):  # the end of the request's body
                        continue
                    talking.sendall(data)
            except OSError:  # nobody came for a while, or somebody did not like the certificate
                continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http{'s' if context else ''}://localhost:{listener.getsockname()[1]}"
        finally:
            ended.set()
            thread.join()


LOGIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 31\r\n\r\n<html>Welcome to our WiFi</html>"
TO_LOGIN = b"HTTP/1.1 302 Found\r\nLocation: https://wifi.example/login\r\nContent-Length: 0\r\n\r\n"


def lesson(make_kernel: Callable[..., Kernel], url: str, **environ: str) -> Kernel:
    kernel = make_kernel(TUTOR_MODE="live", ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=url, **environ)
    kernel.run(SETUP)
    kernel.run("client.max_retries = 0")
    return kernel


@pytest.mark.parametrize(
    ("data", "words"),
    [(LOGIN, "Welcome to our WiFi"), (TO_LOGIN, "redirect"), (b"", "could not be reached")],
    ids=["a page to log in", "a redirect to one", "a hang-up"],
)
def test_live_a_network_that_wants_a_login_is_told(make_kernel: Callable[..., Kernel], data: bytes, words: str) -> None:
    with answering(data) as url:
        kernel = lesson(make_kernel, url)
        assert words in kernel.run(ASK)
        assert "Your question is kept" in kernel.run("chat.ask('Hi?')") or data == LOGIN


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here, which makes the certificate")
def test_live_a_certificate_of_ones_company_is_told_and_can_be_named(
    make_kernel: Callable[..., Kernel], tmp_path: Path
) -> None:
    files = [str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", files[0], "-out", files[1]]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[1], files[0])
    with answering(LOGIN, context) as url:
        shown = lesson(make_kernel, url).run(ASK)
        assert "certificate" in shown
        assert "SSL_CERT_FILE" in shown
        assert "Welcome to our WiFi" in lesson(make_kernel, url, SSL_CERT_FILE=files[1]).run(ASK)


def test_live_without_network_the_tutor_and_the_client_say_so(make_kernel: Callable[..., Kernel]) -> None:
    kernel = lesson(make_kernel, f"http://{NOWHERE}")
    assert "could not be reached" in kernel.run(ASK)
    assert "No connection" in kernel.run("chat.ask('Hi?')")


def test_live_a_proxy_that_is_not_there_is_named(make_kernel: Callable[..., Kernel]) -> None:
    kernel = lesson(make_kernel, "https://api.example", all_proxy=f"socks5://{NOWHERE}", HTTPS_PROXY="", https_proxy="")
    words = "api.example could not be reached (ConnectError). Is this computer online? "
    words += "If it is, check ANTHROPIC_BASE_URL and ALL_PROXY"
    assert words in kernel.run(ASK)
    assert words in kernel.run("chat.ask('Hi?')")


def test_live_a_slow_network_is_waited_for(make_kernel: Callable[..., Kernel], api: FakeApi) -> None:
    api.replies = [Reply(pieces=["At last."], gap=3.0)]
    kernel = lesson(make_kernel, api.url)
    assert "At last." in kernel.run("chat.ask('Hi?')")


CUT = "The stream ended before message_stop, so this is not the whole reply. Send the request again."


def test_live_of_connections_that_drop_a_reply_not_begun_is_asked_for_again_and_one_begun_is_told(
    make_kernel: Callable[..., Kernel], api: FakeApi
) -> None:
    """One connection in a hundred: half of them before the first byte, half in the middle of the stream."""
    chance = random.Random(0)
    ends = [chance.choice(("hang up", "cut")) if chance.random() < 0.01 else "whole" for _ in range(400)]
    dropped, cut = ends.count("hang up"), ends.count("cut")
    assert dropped >= 2
    assert cut >= 2
    api.replies = [Reply(pieces=["There."], then=end) for end in ends]
    kernel = lesson(make_kernel, api.url)
    kernel.run("import collections, tutor.api\nclient.max_retries, client._sleep = 2, lambda seconds: None")
    stream = ASK.replace("print(text_of(client.messages.create(", "with client.messages.stream(")
    shown = kernel.run(
        "came = collections.Counter()\n"
        f"for _ in range({len(ends) - dropped}):\n"
        f"    try:\n        {stream.replace(')))', ')')} as s: came[''.join(s.text_stream)] += 1\n"
        "    except tutor.api.IncompleteStreamError as error: came[f'{error.partial.text} {error}'] += 1\n"
        "print(dict(came))"
    )
    assert ast.literal_eval(shown) == {"There.": len(ends) - dropped - cut, f"There. {CUT}": cut}
    assert len(api.requests) == len(ends)
    for end, words in (("hang up", "No connection. 127.0.0.1 could not be reached"), ("cut", "The reply was cut off.")):
        api.replies = [Reply(pieces=["There."], then=end)]
        assert words in kernel.run("chat.ask('Hi?')")


ALONE = ("unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
"""Starts a program on a network of its own that has nothing but the loopback interface."""


def alone_is_possible() -> bool:
    """Whether this user of this system may make such a network."""
    return sys.platform == "linux" and subprocess.call([*ALONE, "true"], stderr=subprocess.DEVNULL) == 0


@pytest.mark.skipif(not alone_is_possible(), reason="this system lets nobody make a network of one's own")
def test_with_no_network_at_all_a_lesson_does_not_notice_and_live_it_is_told(
    make_kernel: Callable[..., Kernel],
) -> None:
    kernel = make_kernel(*ALONE)
    kernel.run(SETUP)
    reached = "import socket; print(socket.socket(type=socket.SOCK_DGRAM).connect_ex(('192.0.2.1', 9)))"
    assert kernel.run(reached).strip() == str(errno.ENETUNREACH)
    works(kernel)
    # Neither a name nor an address of the newer protocol leads anywhere from here.
    for url, host in (("https://api.anthropic.com", "api.anthropic.com"), ("https://[100::1]", "100::1")):
        live = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": KEY, "TUTOR_MODE": "live"}
        kernel.run(f"import os, tutor.course\nos.environ |= {live}\ntutor.course.house.cache_clear()")
        kernel.run(SETUP)
        kernel.run("client.max_retries = 0")
        assert f"{host} could not be reached (ConnectError). Is this computer online?" in kernel.run(ASK)
        assert f"No connection. {host} could not be reached" in kernel.run("chat.ask('Hi?')")

"""Networks: recorded lessons do not notice them; live ones say what is wrong in words that help."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
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
                    while not talking.recv(65536).endswith(b"}"):  # the end of the request's body
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


def test_live_a_slow_network_is_waited_for(make_kernel: Callable[..., Kernel], api: FakeApi) -> None:
    api.replies = [Reply(pieces=["At last."], gap=3.0)]
    kernel = lesson(make_kernel, api.url)
    assert "At last." in kernel.run("chat.ask('Hi?')")


def test_live_a_connection_that_breaks_now_and_then_is_tried_again(
    make_kernel: Callable[..., Kernel], api: FakeApi
) -> None:
    broken = Reply(status=502, error=("api_error", "Bad gateway"))
    api.replies = [reply for _ in range(10) for reply in (broken, Reply(pieces=["There."]))]
    kernel = lesson(make_kernel, api.url)
    kernel.run("client.max_retries, client._sleep = 2, lambda seconds: None")
    stream = ASK.replace("print(text_of(client.messages.create(", "with client.messages.stream(")
    shown = kernel.run("for _ in range(10):\n    " + stream.replace(")))", ") as s: print(*s.text_stream)"))
    assert shown.count("There.") == 10

"""What goes over the wire, how often, and what is said before anything goes out."""

from __future__ import annotations

import gc
import threading
import traceback
from typing import Any

import anthropic
import httpx
import httpx2
import pytest

from tutor.api import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    Client,
    MissingKeyError,
    OverloadedError,
)
from tutor.api.client import _certificates

Json = dict[str, Any]


def test_the_request_as_it_arrives(api: Any, client: Client, key: str, question: Json, hello: Json) -> None:
    api.says(hello)
    client.messages.create(**question)
    seen = api.seen[0]
    assert (seen.method, seen.path, seen.body) == ("POST", "/v1/messages", question)
    assert seen.headers["authorization"] == f"Bearer {key}"
    assert seen.headers["anthropic-version"] == "2026-10-21"
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["accept-encoding"] == "gzip, deflate"
    assert seen.headers["user-agent"].startswith("tutor-course/")
    assert seen.headers["x-stainless-retry-count"] == "0"
    assert "x-api-key" not in seen.headers


def test_the_sdk_sends_the_same_body_path_and_credentials(
    api: Any, client: Client, key: str, question: Json, hello: Json
) -> None:
    api.says(hello)
    extras: Json = {"system": "Be brief.", "stop_sequences": ["\n"], "metadata": {"user_id": "1"}}
    client.messages.create(**question, **extras)
    with anthropic.Anthropic(api_key=key, base_url=api.url) as sdk:
        sdk.messages.create(**question, **extras)
    ours, theirs = api.seen
    assert (ours.method, ours.path, ours.body) == (theirs.method, theirs.path, theirs.body)
    for name in ("authorization", "anthropic-version", "content-type", "accept"):
        assert ours.headers[name] == theirs.headers[name]


def test_a_reply_of_the_sdk_and_of_this_client_can_be_sent_back(
    api: Any, client: Client, key: str, question: Json, hello: Json
) -> None:
    api.says(hello)
    reply = client.messages.create(**question)
    with anthropic.Anthropic(api_key=key, base_url=api.url) as sdk:
        theirs = sdk.messages.create(**question)
    again: Json = {"role": "user", "content": "Again."}
    for turn in (reply.to_param(), {"role": "assistant", "content": reply.content}, theirs.to_param()):
        client.messages.create(**{**question, "messages": [*question["messages"], turn, again]})
        assert api.seen[-1].body["messages"][1] == {"role": "assistant", "content": hello["content"]}


def test_extra_headers_and_extra_body_win(api: Any, client: Client, question: Json, hello: Json) -> None:
    api.says(hello)
    old = {"Anthropic-Version": "2023-06-01", "tutor-origin": "chat; lesson=requests"}
    client.messages.create(**question, extra_headers=old, extra_body={"temperature": 0.2, "max_tokens": 7})
    seen = api.seen[0]
    assert seen.headers["anthropic-version"] == "2023-06-01"
    assert seen.headers["tutor-origin"] == "chat; lesson=requests"
    assert seen.body == {**question, "temperature": 0.2, "max_tokens": 7}


def test_a_key_in_the_older_header_replaces_the_other(api: Any, question: Json, hello: Json) -> None:
    api.says(hello)
    with Client(base_url=api.url, default_headers={"X-Api-Key": "sk-ant-other"}) as client:
        client.messages.create(**question)
    assert api.seen[0].headers["x-api-key"] == "sk-ant-other"
    assert "authorization" not in api.seen[0].headers


def test_key_and_address_come_from_the_environment(
    api: Any, question: Json, hello: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-from-environment\n")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url + "/")
    api.says(hello)
    with Client() as client:
        client.messages.create(**question)
    assert api.seen[0].headers["authorization"] == "Bearer sk-ant-from-environment"
    assert api.seen[0].path == "/v1/messages"


def test_without_a_key_nothing_is_sent(api: Any, question: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with Client(base_url=api.url) as client, pytest.raises(MissingKeyError, match="ANTHROPIC_API_KEY") as caught:
        client.messages.create(**question)
    assert isinstance(caught.value, TypeError)  # which is what the official SDK raises
    assert isinstance(caught.value, anthropic.AnthropicError) is False
    assert api.seen == []


@pytest.mark.parametrize("bad", ["sk-ant-“quoted”", "sk-ant-1 sk-ant-2", "sk-ant-1\nsk-ant-2"])
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(bad: str) -> None:
    with pytest.raises(ValueError, match="Copy it again") as caught:
        Client(api_key=bad)
    assert "sk-ant" not in str(caught.value)


@pytest.mark.parametrize("bad", ["sk-ant-1\n", " sk-ant-1", "sk-ant-ä", 5, None])
@pytest.mark.parametrize("name", ["X-Api-Key", "authorization"])
def test_a_header_that_cannot_be_one_is_refused_without_being_shown(
    api: Any, question: Json, name: str, bad: Any
) -> None:
    client = Client(base_url=api.url, api_key="", default_headers={name: bad})
    with pytest.raises(ValueError, match=f"Expected the header '{name}' to be a line of plain letters") as caught:
        client.messages.create(**question)
    assert "sk-ant" not in str(caught.value)
    assert api.seen == []


def test_a_client_that_could_not_be_made_can_be_shown() -> None:
    with pytest.raises(ValueError, match="Copy it again") as caught:
        Client(api_key="sk-ant-1 sk-ant-2")
    assert "repr() failed" not in everything_shown(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SSL_CERT_FILE", "/nowhere.pem"), ("NO_PROXY", "[::1]"), ("ALL_PROXY", "gopher://me:secret@proxy.example")],
)
def test_settings_of_the_machine_that_cannot_be_used_are_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    if name == "ALL_PROXY":
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(name, value)
    _certificates.cache_clear()
    with pytest.raises(ValueError, match=rf"Check the environment variables .*{name}") as caught:
        Client("sk-ant-test")
    assert "secret" not in str(caught.value)


def test_a_socks_proxy_of_the_environment_is_no_reason_to_fail(
    api: Any, key: str, question: Json, hello: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    api.says(hello)
    with Client(key, api.url) as client:
        assert client.messages.create(**question).text


@pytest.mark.parametrize(
    "bad",
    [
        "https://api.example/?v=1",
        "https://api.example/#top",
        "https://a..b",
        "api.anthropic.com",
        "localhost:8000",
        "ftp://api",
        "http://",
        "http://x:y",
        "htp//x",
    ],
)
def test_an_address_that_cannot_be_one_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match=r"Expected base_url to be like https://api\.anthropic\.com"):
        Client(api_key="sk-ant-test", base_url=bad)


@pytest.mark.parametrize("secret", ["sk-ant-in-the-wrong-place", "https://me:password@api.example"])
def test_an_address_with_a_secret_in_it_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ValueError, match=r"got \[hidden\]"):
        Client("sk-ant-test", secret)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503, 504, 529])
@pytest.mark.parametrize("told", ["", "true", "false"])
def test_as_many_sendings_and_the_same_waits_as_the_sdk(
    api: Any,
    client: Client,
    naps: list[float],
    key: str,
    question: Json,
    hello: Json,
    status: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api.says(hello, status, **({"x_should_retry": told} if told else {}))
    theirs: list[float] = []
    monkeypatch.setattr("anthropic._base_client.random", lambda: 0.5)
    monkeypatch.setattr("anthropic._base_client.time.sleep", theirs.append)
    outcome = []
    with anthropic.Anthropic(api_key=key, base_url=api.url) as sdk:
        for call in (client.messages.create, sdk.messages.create):
            try:
                call(**question)  # type: ignore[operator]
                outcome.append("a message")
            except (APIStatusError, anthropic.APIStatusError) as error:
                outcome.append(type(error).__name__)
    counts = [seen.headers["x-stainless-retry-count"] for seen in api.seen]
    half = len(counts) // 2
    assert counts[:half] == counts[half:]
    assert naps == pytest.approx(theirs)
    assert outcome[0] == outcome[1]


def test_the_wait_is_what_the_server_asked(
    api: Any, client: Client, naps: list[float], question: Json, hello: Json
) -> None:
    api.fails(429, "rate_limit_error", "Slow down.", retry_after="12")
    api.fails(429, "rate_limit_error", "Slow down.", retry_after_ms="250")
    api.says(hello)
    message = client.messages.create(**question)
    assert naps == [12.0, 0.25]
    assert message.attempts == (429, 429, 200)


def test_max_retries_for_one_client_and_for_one_call(api: Any, client: Client, question: Json) -> None:
    api.fails(529, "overloaded_error", "Overloaded")
    with pytest.raises(OverloadedError) as caught:
        client.with_options(max_retries=0).messages.create(**question)
    assert caught.value.attempts == (529,)
    with pytest.raises(OverloadedError, match="It was sent 5 times") as caught:
        client.with_options(max_retries=4).messages.create(**question)
    assert caught.value.attempts == (529,) * 5
    assert len(api.seen) == 6


def test_nobody_there(naps: list[float], question: Json) -> None:
    with (
        Client("sk-ant-test", "http://127.0.0.1:9", sleep=naps.append, chance=lambda: 0.0) as client,
        pytest.raises(APIConnectionError, match=r"No reply from http://127\.0\.0\.1:9 \(ConnectError") as caught,
    ):
        client.messages.create(**question)
    assert naps == [0.5, 1.0]
    assert caught.value.attempts == ("APIConnectionError",) * 3
    assert isinstance(caught.value.__cause__, httpx.ConnectError)
    assert not hasattr(caught.value, "status_code")


def test_too_late(api: Any, client: Client, naps: list[float], question: Json) -> None:
    api.streams(30.0)
    slow = client.with_options(timeout=0.05, max_retries=1)
    with pytest.raises(APITimeoutError, match="in time") as caught:
        slow.messages.create(**question)
    assert caught.value.attempts == ("APITimeoutError",) * 2
    assert len(naps) == 1
    with pytest.raises(APITimeoutError):
        client.with_options(max_retries=0).messages.create(**question, timeout=0.05)


def test_a_reply_that_breaks_off_is_tried_again(
    api: Any, client: Client, naps: list[float], question: Json, hello: Json
) -> None:
    api.streams(b'{"id": "msg_', cut=True)
    api.says(hello)
    assert client.messages.create(**question).attempts == ("APIConnectionError", 200)


@pytest.mark.parametrize("body", [b"<html>Welcome to the hotel's network</html>", b"[1, 2]", b'{"ok": true}', b""])
def test_a_reply_that_is_none_of_the_apis(api: Any, client: Client, question: Json, body: bytes) -> None:
    api.says(body)
    with pytest.raises(APIResponseValidationError, match="Check base_url"):
        client.messages.create(**question)


@pytest.mark.parametrize("content", [None, "abc", [3], [{}], [{"type": ["a"]}], [{"type": "tool_use"}]])
def test_a_reply_that_is_not_as_promised_can_still_be_looked_at(
    api: Any, client: Client, question: Json, hello: Json, content: Any
) -> None:
    api.says({**hello, "content": content, "usage": {"input_tokens": "x", "output_tokens": None}})
    message = client.messages.create(**question)
    assert repr(message).startswith("Message(id='msg_hello'")
    assert "not as the API promises" in message._repr_html_()


def test_a_reply_is_no_dict_and_says_so(api: Any, client: Client, question: Json, hello: Json) -> None:
    api.says(hello)
    with pytest.raises(TypeError, match=r"Message is an object, not a dict: write \.content, or \.to_dict"):
        client.messages.create(**question)["content"]


@pytest.mark.parametrize("told", ["{key}", '{{"error": {{"message": "{escaped}"}}}}'])
@pytest.mark.parametrize("name", ["authorization", "x-api-key"])
def test_a_key_that_a_server_repeats_is_hidden_however_it_was_sent(
    api: Any, key: str, question: Json, told: str, name: str
) -> None:
    api.says(told.format(key=key, escaped=key.replace("-", "\\u002d")).encode(), 401, seen=key)
    client = Client("", api.url, default_headers={name: f"Bearer {key}" if name == "authorization" else key})
    with pytest.raises(AuthenticationError, match=r"\[hidden\]") as caught:
        client.messages.create(**question)
    error = caught.value
    assert error.response.headers["seen"] == "[hidden]"
    assert key not in f"{error} {error.body} {error.response} {error.api_message} {everything_shown(error)}"


@pytest.mark.parametrize("case", ["refused", "late", "broken"])
def test_no_cause_of_an_error_holds_the_request_with_its_key(api: Any, key: str, question: Json, case: str) -> None:
    api.streams(*([30.0] if case == "late" else [b"{"]), cut=True)
    url = "http://127.0.0.1:9" if case == "refused" else api.url
    with Client(key, url, max_retries=0, timeout=0.2) as client, pytest.raises(APIConnectionError) as caught:
        client.messages.create(**question)
    assert vars(caught.value.__cause__).get("_request") is None


def test_an_error_that_is_no_json(api: Any, client: Client, question: Json) -> None:
    api.says(b"<html>\n<b>Bad gateway</b>", 502)
    with pytest.raises(APIStatusError, match=r"^502: <html> <b>Bad gateway</b>\. This is not your fault"):
        client.with_options(max_retries=0).messages.create(**question)


def test_a_redirect_is_not_followed(api: Any, client: Client, question: Json) -> None:
    api.says(b"", 307, location="https://elsewhere.example/v1/messages")
    with pytest.raises(APIStatusError) as caught:
        client.messages.create(**question)
    assert caught.value.status_code == 307
    assert str(caught.value).startswith("307: no words came with it. Check base_url")
    assert len(api.seen) == 1


def test_requests_share_a_connection_also_after_errors(api: Any, client: Client, question: Json, hello: Json) -> None:
    api.says(hello)
    api.fails(400, "invalid_request_error", "No.")
    api.says(hello)
    client.messages.create(**question)
    with pytest.raises(APIStatusError):
        client.messages.create(**question)
    client.with_options(max_retries=1).messages.create(**question)
    assert len({seen.connection for seen in api.seen}) == 1


@pytest.mark.slow
def test_a_dropped_client_closes_its_connections_when_its_copies_are_gone_too(
    api: Any, key: str, question: Json, hello: Json
) -> None:
    api.says(hello)
    client = Client(key, api.url)
    copy = client.with_options(max_retries=0)
    copy.messages.create(**question)
    del client
    gc.collect()
    assert not api.gone.wait(0.05)
    del copy
    gc.collect()
    assert api.gone.wait(20)


def test_with_options_leaves_the_client_as_it_is(client: Client) -> None:
    other = client.with_options(
        api_key="sk-ant-other", base_url="https://other.example/", max_retries=7, timeout=3, default_headers={"a": "b"}
    )
    assert (other.api_key, other.base_url, other.max_retries) == ("sk-ant-other", "https://other.example", 7)
    assert (other.timeout, other.default_headers) == (3, {"a": "b"})
    assert (client.max_retries, client.default_headers) == (2, {})
    assert client.with_options(timeout=None).timeout is None


@pytest.mark.parametrize("max_tokens", [21_333, 21_334, 30_000, 128_000])
def test_long_replies_must_be_streamed_as_with_the_sdk(
    api: Any, client: Client, key: str, question: Json, hello: Json, max_tokens: int
) -> None:
    api.says(hello)
    long = {**question, "max_tokens": max_tokens}
    with anthropic.Anthropic(api_key=key, base_url=api.url) as sdk:
        for call in (client.messages.create, sdk.messages.create):
            if max_tokens == 21_333:
                call(**long)  # type: ignore[operator]
            else:
                with pytest.raises(ValueError, match="Streaming is required for operations"):
                    call(**long)  # type: ignore[operator]
    sent = len(api.seen)
    assert sent == (2 if max_tokens == 21_333 else 0)
    client.messages.create(**long, timeout=3600)
    client.with_options(timeout=3600).messages.create(**long)
    assert len(api.seen) == sent + 2


def test_the_proxy_of_the_environment_is_used(
    api: Any, key: str, question: Json, hello: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.says(hello)
    monkeypatch.setenv("HTTP_PROXY", api.url)
    monkeypatch.setenv("http_proxy", api.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    with Client(key, "http://api.invalid") as client:
        client.messages.create(**question)
    assert api.seen[0].path == "http://api.invalid/v1/messages"


def everything_shown(error: BaseException) -> str:
    """A traceback with every variable of every frame, as the most talkative tools print it."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    # The frames of this file hold the key on purpose: they are the learner's own.
    pending, texts = [told], []
    while pending:
        one = pending.pop()
        one.stack = traceback.StackSummary.from_list([frame for frame in one.stack if frame.filename != __file__])
        texts.append("".join(one.format()))
        pending += [cause for cause in (one.__cause__, one.__context__) if cause]
    return "\n".join(texts)


@pytest.mark.parametrize("case", ["status", "repeated", "refused", "late", "broken", "incomplete", "wrong", "html"])
def test_no_traceback_shows_the_key(api: Any, key: str, question: Json, hello_events: list[Json], case: str) -> None:
    match case:
        case "status":
            api.fails(401, "authentication_error", "Invalid bearer token")
        case "repeated":
            api.fails(401, "authentication_error", f"Invalid bearer token: {key}")
        case "html":
            api.says(f"<html>{key}</html>".encode())
        case "late":
            api.streams(30.0)
        case "broken":
            api.streams(b"{", cut=True)
        case "incomplete" | "wrong":
            api.streams(
                *hello_events[: 3 if case == "incomplete" else 1], b"" if case == "incomplete" else b"data: x\n\n"
            )
    url = "http://127.0.0.1:9" if case == "refused" else api.url
    with Client(key, url, max_retries=0, timeout=0.2) as client:

        def call() -> None:
            if case in ("incomplete", "wrong"):
                with client.messages.stream(**question) as stream:
                    stream.until_done()
            else:
                client.messages.create(**question)

        with pytest.raises((APIConnectionError, APIResponseValidationError, APIStatusError)) as caught:
            call()
        error = caught.value
        assert key not in everything_shown(error)
        assert key not in f"{error} {error!r} {error.request} {vars(error)} {client!r}"
        if isinstance(error, APIStatusError):
            assert error.request.headers["authorization"] == "[hidden]"
            assert key not in f"{error.response} {error.body}"


def test_a_wrong_key(api: Any, client: Client, question: Json) -> None:
    api.fails(401, "authentication_error", "Invalid bearer token")
    with pytest.raises(AuthenticationError, match=r"^401 authentication_error: Invalid bearer token\. Check the key"):
        client.messages.create(**question)


def test_many_threads_share_a_client(api: Any, client: Client, question: Json, hello: Json) -> None:
    api.says(hello)
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda: texts.append(client.messages.create(**question).text)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == ["Hello, you."] * 20


def test_the_client_of_the_sdk_would_not_be_told_apart(hello: Json, question: Json) -> None:
    """The defaults that matter are the SDK's own."""
    with anthropic.Anthropic(api_key="sk-ant-test") as sdk, Client(api_key="sk-ant-test") as client:
        assert client.max_retries == sdk.max_retries
        assert client.base_url == str(sdk.base_url).rstrip("/")
        assert isinstance(client.timeout, httpx.Timeout)
        assert isinstance(sdk.timeout, httpx2.Timeout)
        assert client.timeout.as_dict() == sdk.timeout.as_dict()

"""Streams over real connections: text as it comes, the SDK's events, stopping, failing, and leaving nothing open."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import anthropic
import pytest

from tutor.api import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    Client,
    IncompleteStreamError,
)
from tutor.api.client import _certificates

Json = dict[str, Any]


def seen_events(stream: Any) -> list[Json]:
    return [event.to_dict() for event in stream]


def wait_until(true: Any, seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(true())


def test_text_comes_piece_by_piece(api: Any, client: Client, question: Json, hello_events: list[Json]) -> None:
    api.streams(*hello_events)
    with client.messages.stream(**question) as stream:
        assert list(stream.text_stream) == ["Hello", ", you."]


def test_text_is_there_before_the_stream_has_ended(
    api: Any, client: Client, question: Json, hello_events: list[Json]
) -> None:
    api.streams(*hello_events[:5], 5.0, *hello_events[5:])
    with client.messages.stream(**question) as stream:
        pieces = stream.text_stream
        assert [next(pieces), next(pieces)] == ["Hello", ", you."]


def test_the_final_message_is_the_reply(
    api: Any, client: Client, question: Json, hello: Json, hello_events: list[Json]
) -> None:
    api.streams(*hello_events)
    with client.messages.stream(**question) as stream:
        message = stream.get_final_message()
        assert stream.get_final_text() == "Hello, you."
    assert message.to_dict() == hello
    assert message.request == {**question, "stream": True}
    assert (message.request_id, message.attempts) == ("req_test", (200,))


def test_a_loop_goes_on_where_another_stopped(
    api: Any, client: Client, question: Json, hello_events: list[Json]
) -> None:
    api.streams(*hello_events)
    with client.messages.stream(**question) as stream:
        for text in stream.text_stream:
            assert text == "Hello"
            break
        assert stream.current_message_snapshot.text == "Hello"
        assert list(stream.text_stream) == [", you."]
        assert stream.get_final_message().stop_reason == "end_turn"


def test_create_with_stream_gives_the_events_of_the_api(
    api: Any, client: Client, question: Json, hello_events: list[Json]
) -> None:
    api.streams(*hello_events)
    with client.messages.create(**question, stream=True) as stream:
        assert seen_events(stream) == [event for event in hello_events if event["type"] != "ping"]


def test_the_helper_has_the_events_of_the_sdk(
    api: Any, client: Client, key: str, question: Json, hello_events: list[Json]
) -> None:
    blank = {"type": "thinking", "thinking": "", "signature": ""}
    tool = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
    thinking = [
        {"type": "content_block_start", "index": 0, "content_block": blank},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "m."}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "EqQB"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": tool},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '{"a": '}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "1}"}},
        {"type": "content_block_stop", "index": 1},
    ]
    text = [{**event, "index": 2} if "index" in event else event for event in hello_events[1:6]]
    api.streams(hello_events[0], *thinking, *text, *hello_events[6:])
    with client.messages.stream(**question) as stream:
        ours = list(stream)
    with anthropic.Anthropic(api_key=key, base_url=api.url) as sdk, sdk.messages.stream(**question) as their_stream:
        theirs = [event.to_dict(mode="json", warnings=False) for event in their_stream]
    assert [event.type for event in ours] == [event["type"] for event in theirs]
    for mine, their in zip(ours, theirs, strict=True):
        for name, value in mine.to_dict().items():
            assert their[name] == value
    snapshots = [event.snapshot for event in ours if event.type in ("text", "thinking")]
    assert snapshots == [event["snapshot"] for event in theirs if event["type"] in ("text", "thinking")]


def test_a_stream_without_message_stop_raises_and_keeps_what_came(
    api: Any, client: Client, question: Json, hello_events: list[Json]
) -> None:
    for cut in (False, True):  # HTTP ends as it should, or the connection breaks
        api.streams(*hello_events[:-1], cut=cut)
    for _ in range(2):
        with client.messages.stream(**question) as stream:
            pieces = []
            with pytest.raises(IncompleteStreamError, match="before message_stop") as caught:
                pieces.extend(stream.text_stream)
            with pytest.raises(IncompleteStreamError):
                stream.get_final_message()
        assert caught.value.partial.text == "Hello, you."
        assert caught.value.attempts == (200,)
    assert len(api.seen) == 2  # a stream that has begun is never sent again


def test_an_error_event_is_the_sdks_error_and_keeps_what_came(
    api: Any, client: Client, key: str, question: Json, hello_events: list[Json]
) -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    api.streams(*hello_events[:4], error)
    with client.messages.stream(**question) as stream, pytest.raises(APIStatusError) as caught:
        stream.until_done()
    with (
        anthropic.Anthropic(api_key=key, base_url=api.url) as sdk,
        sdk.messages.stream(**question) as their_stream,
        pytest.raises(anthropic.APIStatusError) as theirs,
    ):
        their_stream.until_done()
    assert type(caught.value).__name__ == type(theirs.value).__name__
    assert (caught.value.status_code, caught.value.type) == (theirs.value.status_code, theirs.value.type)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hello"


def test_an_event_that_does_not_fit_closes_the_connection(api: Any, client: Client, question: Json) -> None:
    api.streams({"type": "content_block_stop", "index": 0}, 30.0)
    with pytest.raises(APIResponseValidationError) as caught, client.messages.stream(**question) as stream:
        stream.until_done()
    assert caught.value.partial is None
    assert api.gone.wait(20)


@pytest.mark.slow
def test_silence_ends_in_a_timeout_with_what_came(
    api: Any, client: Client, question: Json, hello_events: list[Json]
) -> None:
    api.streams(*hello_events[:4], 30.0)
    with client.messages.stream(**question, timeout=1.0) as stream, pytest.raises(APITimeoutError) as caught:
        stream.until_done()
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hello"


@pytest.mark.parametrize("silent_after", [0, 4])
def test_close_from_another_thread_ends_a_silent_stream_at_once(
    api: Any, client: Client, question: Json, hello_events: list[Json], silent_after: int
) -> None:
    api.streams(*hello_events[:silent_after], 30.0)
    took = []
    for _ in range(3):
        api.silent.clear()
        api.gone.clear()
        pieces: list[str] = []
        with client.messages.stream(**question) as stream:
            reader = threading.Thread(target=pieces.extend, args=(stream.text_stream,), daemon=True)
            reader.start()
            assert api.silent.wait(20)
            time.sleep(0.02)  # so that the reader waits for bytes
            start = time.perf_counter()
            stream.close()
            reader.join(20)
            took.append(time.perf_counter() - start)
            assert not reader.is_alive()
            assert api.gone.wait(20)
        assert pieces == ["Hello"] * bool(silent_after)
        with pytest.raises(IncompleteStreamError):
            stream.get_final_message()
    assert min(took) < 2  # the stream would be silent for 30 s


def test_what_is_read_after_the_with_block_says_where_to_read_it(
    api: Any, client: Client, question: Json, hello_events: list[Json]
) -> None:
    api.streams(*hello_events[:4], 30.0)
    with client.messages.stream(**question) as stream:
        assert next(stream).type == "message_start"
    for read in (list, lambda each: list(each.text_stream)):
        with pytest.raises(RuntimeError, match="Read it inside its `with` block"):
            read(stream)
    with pytest.raises(IncompleteStreamError, match="The stream was closed before message_stop"):
        stream.get_final_message()


def test_before_the_with_block_there_is_no_stream_yet(client: Client, question: Json) -> None:
    manager: Any = client.messages.stream(**question)
    with pytest.raises(AttributeError, match=r"as stream:`, then stream\.text_stream\."):
        manager.text_stream  # noqa: B018
    with pytest.raises(TypeError, match="The stream has not begun"):
        list(manager)


def test_threads_that_share_a_stream_lose_nothing(
    api: Any, client: Client, question: Json, hello_events: list[Json]
) -> None:
    words = [f"{number} " for number in range(2000)]
    pieces = [{**hello_events[3], "delta": {"type": "text_delta", "text": word}} for word in words]
    assert hello_events[3]["type"] == "content_block_delta"
    api.streams(*hello_events[:3], *pieces, *hello_events[-3:])
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with client.messages.stream(**question) as stream:
            readers = [threading.Thread(target=lambda: list(stream)) for _ in range(3)]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
            assert stream.get_final_text().endswith("".join(words))
    finally:
        sys.setswitchinterval(before)


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"{}", b""])
def test_what_is_no_stream_points_to_base_url(api: Any, client: Client, question: Json, body: bytes) -> None:
    api.says(body, content_type="text/html")
    with (
        pytest.raises(APIResponseValidationError, match="Expected a stream of events, got text/html"),
        client.messages.stream(**question) as stream,
    ):
        stream.until_done()


def test_an_error_event_in_plain_words_is_an_error_of_the_api(api: Any, client: Client, question: Json) -> None:
    api.streams(b"event: error\ndata: upstream died\n\n")
    with (
        pytest.raises(APIStatusError, match=r"^In the stream: upstream died\."),
        client.messages.stream(**question) as stream,
    ):
        stream.until_done()


@pytest.mark.parametrize("data", ['{"type": "error", "error": {"message": "no such key: %s"}}', '{"type": "x %s", bad'])
def test_a_key_that_an_event_repeats_is_hidden(api: Any, client: Client, question: Json, key: str, data: str) -> None:
    api.streams(f"event: x\ndata: {data % key}\n\n".encode())
    with pytest.raises(APIError) as caught, client.messages.stream(**question) as stream:
        stream.until_done()
    assert "[hidden]" in str(caught.value)
    assert key not in str(caught.value) + repr(caught.value.body)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here, which makes the certificate")
def test_close_from_another_thread_works_through_tls_too(
    api: Any, question: Json, hello_events: list[Json], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(api.behind_tls(tmp_path)))
    _certificates.cache_clear()
    api.streams(*hello_events[:4], 30.0)
    try:
        with Client("sk-test", api.url, max_retries=0) as client, client.messages.stream(**question) as stream:
            pieces: list[str] = []
            reader = threading.Thread(target=pieces.extend, args=(stream.text_stream,), daemon=True)
            reader.start()
            assert api.silent.wait(5)
            assert wait_until(lambda: pieces == ["Hello"])
            stream.close()
            reader.join(5)
            assert not reader.is_alive()
            assert api.gone.wait(5)
    finally:
        _certificates.cache_clear()


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no such signals")
def test_an_interrupted_cell_leaves_no_connection(
    api: Any, client: Client, question: Json, hello_events: list[Json]
) -> None:
    api.streams(*hello_events[:4], 30.0)
    pieces: list[str] = []

    def interrupt() -> None:
        if wait_until(lambda: pieces == ["Hello"]):
            os.kill(os.getpid(), signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    interrupting = threading.Thread(target=interrupt)
    try:
        with client.messages.stream(**question) as stream:
            interrupting.start()
            with pytest.raises(KeyboardInterrupt):
                pieces.extend(stream.text_stream)
        interrupting.join()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert stream.current_message_snapshot.text == "Hello"
    assert wait_until(lambda: api.open == 0)


def test_close_again_and_again_is_fine(api: Any, client: Client, question: Json, hello_events: list[Json]) -> None:
    api.streams(*hello_events[:4], 30.0)
    with client.messages.stream(**question) as stream:
        next(stream.text_stream)
        stream.close()
        stream.close()
        with pytest.raises(RuntimeError, match="This stream is closed"):
            list(stream)


def test_a_stream_dropped_half_way_leaves_no_connection(
    api: Any, client: Client, question: Json, hello_events: list[Json]
) -> None:
    api.streams(*hello_events[:4], 30.0)
    for event in client.messages.create(**question, stream=True):
        if event.type == "content_block_delta":
            break
    del event
    gc.collect()
    assert api.gone.wait(20)
    assert wait_until(lambda: api.open == 0)


def test_leaving_the_with_block_early_leaves_no_connection(
    api: Any, client: Client, question: Json, hello_events: list[Json]
) -> None:
    api.streams(*hello_events[:4], 30.0)
    with client.messages.stream(**question) as stream:
        next(stream.text_stream)
    assert api.gone.wait(20)
    assert wait_until(lambda: api.open == 0)


def test_a_whole_stream_leaves_its_connection_for_the_next_request(
    api: Any, client: Client, question: Json, hello_events: list[Json]
) -> None:
    api.streams(*hello_events)
    for _ in range(3):
        with client.messages.stream(**question) as stream:
            stream.get_final_message()
    assert len({seen.connection for seen in api.seen}) == 1


@pytest.mark.slow
def test_a_server_that_never_ends_its_reply_holds_nobody_up(
    api: Any, client: Client, question: Json, hello: Json, hello_events: list[Json]
) -> None:
    api.streams(*hello_events, 30.0)
    start = time.perf_counter()
    with client.messages.stream(**question) as stream:
        assert stream.get_final_message().to_dict() == hello
    assert time.perf_counter() - start < 20
    assert api.gone.wait(20)


def test_what_comes_after_message_stop_is_not_read(
    api: Any, client: Client, question: Json, hello: Json, hello_events: list[Json]
) -> None:
    api.streams(*hello_events, {"type": "content_block_stop", "index": 7}, b"data: nonsense\n\n")
    with client.messages.stream(**question) as stream:
        assert stream.get_final_message().to_dict() == hello


def test_a_failure_before_the_stream_is_tried_again(
    api: Any, client: Client, naps: list[float], question: Json, hello_events: list[Json]
) -> None:
    api.fails(529, "overloaded_error", "Overloaded")
    api.streams(*hello_events)
    with client.messages.stream(**question) as stream:
        assert stream.get_final_message().attempts == (529, 200)
    assert naps == [0.4375]


def test_an_error_instead_of_a_stream(api: Any, client: Client, question: Json) -> None:
    api.fails(404, "not_found_error", "model: claude-nobody")
    with (
        pytest.raises(APIStatusError, match="404 not_found_error: model: claude-nobody"),
        client.messages.stream(**question),
    ):
        pass


def test_text_of_a_reply_without_text(api: Any, client: Client, question: Json, hello_events: list[Json]) -> None:
    api.streams(hello_events[0], *hello_events[6:])
    with (
        client.messages.stream(**question) as stream,
        pytest.raises(RuntimeError, match=r"Expected a text block, got \[\]"),
    ):
        stream.get_final_text()


def test_no_message_before_message_start(api: Any, client: Client, question: Json) -> None:
    api.streams(1.0)
    with client.messages.stream(**question) as stream, pytest.raises(RuntimeError, match="No message_start"):
        _ = stream.current_message_snapshot


def test_gzip_is_read_too(api: Any, client: Client, question: Json, hello: Json, hello_events: list[Json]) -> None:
    import gzip
    import json

    lines = b"".join(b"event: %s\ndata: %s\n\n" % (e["type"].encode(), json.dumps(e).encode()) for e in hello_events)
    api.streams(gzip.compress(lines), content_encoding="gzip")
    api.streams(b"this is not gzip", content_encoding="gzip")
    with client.messages.stream(**question) as stream:
        assert stream.get_final_message().to_dict() == hello
    with client.messages.stream(**question) as stream, pytest.raises(APIConnectionError, match="DecodingError"):
        stream.until_done()

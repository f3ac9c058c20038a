"""Every recording, over HTTP: its stream makes the message that comes without a stream, and the SDK's message too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import pytest

from tutor.api import Client
from tutor.journal import Journal
from tutor.mock import recordings
from tutor.relay import Relay
from tutor.settings import Settings

pytestmark = pytest.mark.slow

RECORDINGS = {one.name: one for one in recordings.load(recordings.FOLDER).recordings}


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    relay = Relay(Settings(pace=0.0), Journal())
    relay.start()
    yield relay
    relay.stop()


@pytest.fixture(scope="module")
def both(relay: Relay) -> Iterator[tuple[Client, anthropic.Anthropic]]:
    with (
        Client(relay.token, relay.url) as client,
        anthropic.Anthropic(api_key=relay.token, base_url=relay.url) as sdk,
    ):
        yield client, sdk


@pytest.mark.parametrize("name", RECORDINGS)
def test_four_ways_to_one_reply(relay: Relay, both: tuple[Client, anthropic.Anthropic], name: str) -> None:
    recording = RECORDINGS[name]
    request: dict[str, Any] = {"max_tokens": 20_000, **recording.request}
    client, sdk = both

    def streamed(messages: Any) -> Any:
        with messages.stream(**request) as stream:
            return stream.get_final_message()

    ways: list[Callable[[], Any]] = [
        lambda: client.messages.create(**request),
        lambda: streamed(client.messages),
        lambda: sdk.messages.create(**request),
        lambda: streamed(sdk.messages),
    ]
    replies = []
    for way in ways:
        relay.mock.reset()
        replies.append([way().to_dict() for _ in recording.replies])
        for one in replies[-1]:
            del one["id"]  # every request has its own
    for one in replies[0]:
        assert one["stop_reason"] is not None
    for others in replies[1:]:
        assert others == replies[0]

"""Another independent witness: curl, as the lessons show it."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
TURN = '{"role": "user", "content": "Write a haiku about tides."}'
BODY = f'{{"model": "claude-haiku-5-5", "max_tokens": 1000, "messages": [{TURN}]}}'


def curl(house, *arguments, body=BODY):
    given = ["-H", f"x-api-key: {house.relay.token}", "-H", "anthropic-version: 2026-10-21"]
    command = [
        "curl",
        "-sS",
        "--noproxy",
        "*",
        "--max-time",
        "20",
        f"{house.relay.url}/v1/messages",
        *given,
        *arguments,
    ]
    if body is not None:
        command += ["-H", "content-type: application/json", "-d", body]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


def test_a_message(house):
    assert json.loads(curl(house))["content"][1]["text"].startswith("Moon pulls")


def test_a_stream(house):
    lines = curl(house, "-N", body=BODY.replace("{", '{"stream": true, ', 1)).splitlines()
    assert lines[0] == "event: message_start"
    assert "event: message_stop" in lines


def test_a_large_body_waits_for_100_continue(house):
    body = json.dumps({**json.loads(BODY), "system": "x " * 1_000_000})
    given = ["-H", "Expect: 100-continue", "--data-binary", "@-", "-H", f"x-api-key: {house.relay.token}"]
    command = ["curl", "-sS", "--noproxy", "*", f"{house.relay.url}/v1/messages", *given]
    done = subprocess.run(
        [*command, "-H", "anthropic-version: 2026-10-21"], input=body, capture_output=True, text=True, timeout=30
    )
    assert json.loads(done.stdout)["error"]["message"].startswith("prompt is too long")


@pytest.mark.parametrize("version", ["--http1.0", "--http1.1"])
def test_both_versions_of_http(house, version):
    assert json.loads(curl(house, version))["type"] == "message"


def test_head(house):
    assert curl(house, "-I", body=None).startswith("HTTP/1.1 405 ")

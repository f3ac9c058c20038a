"""A witness for version 2023-06-01: the official SDK 0.121, in an environment of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
PROGRAM = """
import json, sys, anthropic
client = anthropic.Anthropic(base_url=sys.argv[1], api_key=sys.argv[2])
tides = dict(max_tokens=1000, messages=[dict(role="user", content="Write a haiku about tides.")])
seen = {"version": anthropic.__version__}
seen["text"] = client.messages.create(model="claude-sonnet-4-6", temperature=0.2, **tides).content[-1].text
with client.messages.stream(model="claude-sonnet-4-6", **tides) as stream:
    seen["streamed"] = "".join(stream.text_stream)
try:
    client.messages.create(model="claude-haiku-5-5", temperature=0.2, **tides)
except anthropic.BadRequestError as error:
    seen["refused"] = error.body["error"]["message"]
try:
    anthropic.Anthropic(base_url=sys.argv[1], api_key="wrong").messages.create(model="claude-haiku-5-5", **tides)
except anthropic.AuthenticationError as error:
    seen["stranger"] = error.body["error"]["message"]
prefill = [*tides["messages"], dict(role="assistant", content="Moon")]
seen["prefill"] = client.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=prefill).model
print(json.dumps(seen))
"""


@pytest.fixture(scope="session")
def old_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the SDK of August 2026."""
    place = tmp_path_factory.mktemp("old-sdk")
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed")
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(place)], check=True, capture_output=True)
    done = subprocess.run(
        [uv, "pip", "install", "-q", "--python", str(python), "anthropic==0.121.0"], capture_output=True
    )
    if done.returncode:
        pytest.skip("the old SDK could not be installed: no network?")
    return python


def test_the_old_sdk_under_the_old_version(old_python, house):
    command = [str(old_python), "-W", "ignore", "-c", PROGRAM, house.relay.url, house.relay.token]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    seen = json.loads(done.stdout)
    assert seen == {
        "version": "0.121.0",
        "text": "Moon pulls, water climbs,\nthen the harbour breathes it out:\nboats nod, and nod, yes.",
        "streamed": seen["text"],
        "refused": "`temperature` is deprecated for this model.",
        "stranger": "invalid x-api-key",
        "prefill": "claude-haiku-4-5-20251001",
    }
    assert {kept.request_headers["anthropic-version"] for kept in house.journal} == {"2023-06-01"}
    assert all("x-api-key" in kept.request_headers for kept in house.journal)

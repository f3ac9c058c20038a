"""What was sent and what came back, for the fold under each reply: four ways to write the request, events, cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby
from typing import Any

from tutor import look, models
from tutor.chat.conversation import Turn
from tutor.chat.render import code, visible

Timed = tuple[float, dict[str, Any]]
VERSION = "2026-10-21"
_WHO = {
    "written": ("page", "written in advance"),
    "recorded": ("page", "recorded"),
    "none": ("page", "no answer was written for this"),
    "live": ("live", "live"),
}


def who(turn: Turn) -> tuple[str, str]:
    """The mark and the words that say who wrote a reply."""
    return _WHO.get(turn.source, ("live", turn.source or "live"))


def tag(turn: Turn) -> str:
    """The line above a reply, as HTML."""
    if not turn.source:
        return "Tutor"
    mark, words = who(turn)
    return f'Tutor <span class="tag">{look.mark(mark, small=True)}{escape(words)}</span>'


def summary(turn: Turn) -> str:
    """The line that unfolds: tokens and dollars."""
    if not turn.usage:
        return "What was sent"
    about = "≈ " if turn.estimated else ""
    fresh, kept, out = _counts(turn.usage)
    if turn.stop_reason is None:
        came = f"{about}{fresh + sum(kept):,} tokens in, the reply did not end"
        return f'What was sent · <span class="tutor-num">{came}</span>'
    cost = _cost(turn)
    price = "free" if turn.source != "live" else "" if cost is None else f"{about}${money(cost)}"
    came = ", ".join(filter(None, [f"{about}{fresh + sum(kept):,} tokens in", f"{about}{out:,} out", price]))
    return f'What was sent · <span class="tutor-num">{came}</span>'


def money(dollars: float) -> str:
    """Two decimals; below one cent, one significant digit."""
    if dollars >= 0.01 or dollars <= 0:
        return f"{dollars:.2f}"
    return f"{dollars:.10f}"[: 3 + next(n for n, digit in enumerate(f"{dollars:.10f}"[2:]) if digit != "0")]


def unfolded(turn: Turn, lesson: str, events: list[Timed]) -> str:
    """The inside of the fold, as HTML; the page gives tabs and panels their ids."""
    origin = "" if turn.source == "live" else f"chat; lesson={lesson}"
    ways = {
        "JSON": code(as_json(turn.request), "json", limit=400_000),
        "curl": code(as_curl(turn.request, origin), "bash", limit=400_000),
        "httpx": code(as_httpx(turn.request, origin), "python", limit=400_000),
        "SDK": code(as_sdk(turn.request, origin), "python", limit=400_000),
    }
    tabs = panels = ""
    for n, (name, text) in enumerate(ways.items()):
        rest = ' tabindex="-1"' if n else ""
        tabs += f'<button role="tab" type="button" aria-selected="{"false" if n else "true"}"{rest}>{name}</button>'
        panels += f'<div role="tabpanel"{" hidden" if n else ""}><pre tabindex="0">{text}</pre></div>'
    ways_row = f'<div role="tablist" aria-label="What was sent, written as">{tabs}</div>'
    return f"{ways_row}{panels}{_events(turn, events)}{_costs(turn)}"


def as_json(body: Mapping[str, Any]) -> str:
    """The body of the request."""
    return json.dumps(body, indent=2, ensure_ascii=False)


def as_curl(body: Mapping[str, Any], origin: str) -> str:
    """A command for a shell. The key comes from the environment."""
    extra = f'  -H "tutor-origin: {origin}" \\\n' if origin else ""
    return (
        'curl --no-buffer "${ANTHROPIC_BASE_URL:-https://api.anthropic.com}/v1/messages" \\\n'
        '  -H "authorization: Bearer $ANTHROPIC_API_KEY" \\\n'
        f'  -H "anthropic-version: {VERSION}" \\\n'
        f'  -H "content-type: application/json" \\\n{extra}'
        f"  -d @- <<'JSON'\n{as_json(body)}\nJSON"
    )


def as_httpx(body: Mapping[str, Any], origin: str) -> str:
    """A program with httpx that prints the raw lines of the stream."""
    extra = f'    "tutor-origin": "{origin}",\n' if origin else ""
    return (
        "import os\n\nimport httpx\n\n"
        f"body = {_python(body)}\n"
        'url = os.environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com") + "/v1/messages"\n'
        "headers = {\n"
        '    "authorization": "Bearer " + os.environ["ANTHROPIC_API_KEY"],\n'
        f'    "anthropic-version": "{VERSION}",\n{extra}}}\n'
        'with httpx.stream("POST", url, headers=headers, json=body, timeout=60) as reply:\n'
        "    for line in reply.iter_lines():\n"
        "        print(line)"
    )


def as_sdk(body: Mapping[str, Any], origin: str) -> str:
    """A program with the official SDK that prints the text as it comes."""
    fields = "".join(f"    {name}={_python(value, 1)},\n" for name, value in body.items() if name != "stream")
    extra = f'    extra_headers={{"tutor-origin": "{origin}"}},\n' if origin else ""
    return (
        "from anthropic import Anthropic\n\nclient = Anthropic()\n"
        f"with client.messages.stream(\n{fields}{extra}) as stream:\n"
        "    for piece in stream.text_stream:\n"
        '        print(piece, end="", flush=True)'
    )


def _python(value: Any, depth: int = 0) -> str:
    """A JSON value as Python source, indented."""
    inner, outer = "    " * (depth + 1), "    " * depth
    if isinstance(value, Mapping) and value:
        rows = "".join(f"{inner}{json.dumps(name)}: {_python(item, depth + 1)},\n" for name, item in value.items())
        return f"{{\n{rows}{outer}}}"
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"{inner}{_python(item, depth + 1)},\n" for item in value) + f"{outer}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _events(turn: Turn, events: list[Timed]) -> str:
    if not events:
        return ""
    rows = "".join(
        f'<tr><td class="r">{when}</td><td>{name}</td><td>{inside}</td></tr>'
        for when, name, inside in _rows(turn, events)
    )
    return (
        '<h4>What came back</h4><table class="wide"><thead><tr><th scope="col" class="r">ms</th>'
        f'<th scope="col">event</th><th scope="col">inside</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _rows(turn: Turn, events: list[Timed]) -> Iterator[tuple[str, str, str]]:
    """One row for each event; deltas of one kind that follow each other share a row."""

    def kind(timed: Timed) -> tuple[str, str]:
        event = timed[1]
        return str(event.get("type")), str(event.get("delta", {}).get("type", ""))

    for (name, inner), group in groupby(events, key=kind):
        found = list(group)
        if name != "content_block_delta":
            for seconds, event in found:
                yield _ms(seconds), f"<code>{_foldable(name)}</code>", _inside(turn, event)
            continue
        first, last = _ms(found[0][0]), _ms(found[-1][0])
        times = f" × {len(found)}" if len(found) > 1 else ""
        letters = sum(len(event["delta"].get("text", "")) for _, event in found)
        inside = f"{letters:,} characters" if inner == "text_delta" else escape(inner)
        yield (first if first == last else f"{first} to {last}"), f"<code>{_foldable(name)}</code>{times}", inside


def _foldable(name: str) -> str:
    """A name as HTML that a narrow page breaks after an underscore and nowhere else."""
    return escape(name).replace("_", "_<wbr>")


def _inside(turn: Turn, event: dict[str, Any]) -> str:
    about = "≈ " if turn.estimated else ""
    name = event.get("type")
    if name == "message_start":
        fresh, kept, _ = _counts(event["message"].get("usage") or {})
        return f"id, model, {about}{fresh + sum(kept):,} input tokens"
    if name == "content_block_start":
        return escape(f"block {event.get('index')}, {event['content_block'].get('type')}")
    if name == "content_block_stop":
        return f"block {int(event.get('index', 0))}"
    if name == "ping":
        return "keeps the line open"
    if name == "message_delta":
        out = (event.get("usage") or {}).get("output_tokens", 0)
        return f"<code>{escape(str(event['delta'].get('stop_reason')))}</code>, {about}{out:,} output tokens"
    if name == "error":
        return escape(visible(str(event.get("error", {}).get("type"))))
    return ""


def _costs(turn: Turn) -> str:
    model = models.find(str(turn.request.get("model")))
    if not turn.usage or model is None or turn.stop_reason is None:
        return ""
    about = "≈ " if turn.estimated else ""
    fresh, (written, read), out = _counts(turn.usage)
    rate = models.price(model, fresh + written + read)
    lines = [("in", fresh, rate.input), ("cache written", written, rate.cache_write_5m)]
    lines += [("cache read", read, rate.cache_read), ("out", out, rate.output)]
    in_all = _cost(turn) or 0.0
    rows = "".join(
        f'<tr><th scope="row">{name}</th><td class="r">{about}{count:,}</td><td class="r">{_price(dollars)}</td>'
        f'<td class="r">{about}{money(count * dollars / 1e6 if in_all else 0)}</td></tr>'
        for name, count, dollars in lines
        if count or name in ("in", "out")
    )
    total = f"{about}{fresh + written + read + out:,}"
    rows += (
        f'<tr><th scope="row"><strong>sum</strong></th><td class="r">{total}</td><td class="r"></td>'
        f'<td class="r"><strong>{about}{money(in_all)}</strong></td></tr>'
    )
    title = "What it cost" if turn.source == "live" else "What this request would cost live"
    more = f"<p>Live, the lesson goes along as well: ≈ {turn.more:,} tokens more.</p>" if turn.more else ""
    return (
        f'<h4>{title}</h4><table><thead><tr><td></td><th scope="col" class="r">tokens</th>'
        '<th scope="col" class="r">dollars per million</th><th scope="col" class="r">dollars</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{more}"
    )


def _cost(turn: Turn) -> float | None:
    """Dollars, or None for a model that the table does not know (any more)."""
    known = models.find(str(turn.request.get("model")))
    if known is None:
        return None
    blocks = [event for _, event in turn.events if event.get("type") == "content_block_start"]
    ends = [event["delta"] for _, event in turn.events if event.get("type") == "message_delta"]
    details = ends[-1].get("stop_details") if ends else None
    reply = {"usage": turn.usage, "stop_reason": turn.stop_reason, "stop_details": details}
    return models.bill({**reply, "content": turn.text or blocks}, known.id)


def _counts(usage: Mapping[str, Any]) -> tuple[int, tuple[int, int], int]:
    """Fresh input, input written to and read from the cache, output."""
    cached = (usage.get("cache_creation_input_tokens") or 0, usage.get("cache_read_input_tokens") or 0)
    return usage.get("input_tokens") or 0, cached, usage.get("output_tokens") or 0


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f}"


def _price(dollars: float) -> str:
    return f"{dollars:.2f}" if round(dollars, 2) == dollars else f"{dollars:g}"

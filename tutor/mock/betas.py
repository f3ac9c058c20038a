"""Betas: which there are, and the request fields that only a request with their header may have.

The names are those the official SDK 2.11.0 lists. Of the fields, the shape is checked; what they do is simulated for
`output_format` alone, and nobody wrote replies to requests with the others. Marks of the sources as in `schema.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import schema
from .shapes import Check, array, choice, dictionary, integer, optional, string
from .shapes import fields as shape

KNOWN = frozenset(
    """
    admin-user-sign-out-2026-10-08 advisor-tool-2026-03-01 agent-memory-2026-07-22 analytics-usage-cost-2026-08-24
    cache-diagnosis-2026-04-07 ce-claude-code-managed-settings-2026-10-06 ce-plugins-2026-09-01
    ce-user-management-2026-07-13 code-execution-2025-05-22 compact-2026-01-12 compact-2026-09-04
    computer-use-2024-10-22 computer-use-2025-01-24 computer-use-2025-11-24 context-1m-2025-08-07
    context-management-2025-06-27 dev-full-thinking-2025-05-14 dreaming-2026-04-21 experimental-claude-tag-2026-10-21
    extended-cache-ttl-2025-04-11 fallback-credit-2026-06-01 fallback-credit-2026-07-01 fast-mode-2026-02-01
    files-api-2025-04-14 inline-tools-2026-09-15 interleaved-thinking-2025-05-14 managed-agents-2026-04-01
    mcp-client-2025-04-04 mcp-client-2025-11-20 mcp-client-2026-09-15 mcp-tunnels-2026-06-22
    message-batches-2024-09-24 message-threads-2026-08-12 mid-conversation-output-config-2026-07-01
    mid-conversation-system-clear-at-2026-08-21 mid-conversation-tool-changes-2026-07-01
    model-context-window-exceeded-2025-08-26 output-128k-2025-02-19 output-300k-2026-03-24 pdfs-2024-09-25
    prompt-caching-2024-07-31 server-side-fallback-2026-06-01 server-side-fallback-2026-07-01 skills-2025-10-02
    spend-limit-reads-2026-09-26 structured-outputs-2025-11-13 task-budgets-2026-03-13
    telemetry-destinations-2026-08-11 thinking-binding-controls-2026-08-01 thinking-display-updates-2026-08-18
    thinking-token-count-2026-05-13 token-counting-2024-11-01 token-efficient-tools-2025-02-19
    user-profiles-2026-03-24 user-profiles-2026-08-18 user-profiles-2026-09-04 user-profiles-billing-2026-10-01
    webhooks-2026-10-07
    """.split()  # noqa: SIM905 - sixty strings in quotes are harder to read
)

_MANAGED: dict[str, Check] = {"context_management": optional(dictionary)}
_SERVERS: dict[str, Check] = {"mcp_servers": array(dictionary)}


def _fallbacks(value: Any, path: str) -> str | None:
    return None if value in (None, "default") else array(dictionary)(value, path)


_FALLBACKS: dict[str, Check] = {"fallbacks": _fallbacks}
_CREDIT: dict[str, Check] = {"fallback_credit_token": optional(string)}
_BUDGET = shape({"type": choice("tokens"), "total": integer, "remaining": optional(integer)}, ("type", "total"))
FIELDS: dict[str, dict[str, Check]] = {
    "structured-outputs-2025-11-13": {"output_format": optional(schema.FORMAT)},
    "thinking-display-updates-2026-08-18": {"thinking": schema.thinking("summarized", "omitted", "updates")},
    "task-budgets-2026-03-13": {"output_config": schema.output_config({"task_budget": optional(_BUDGET)})},
    "context-management-2025-06-27": _MANAGED,
    "compact-2026-01-12": _MANAGED,
    "compact-2026-09-04": {"compaction": optional(dictionary)},
    "mcp-client-2025-04-04": _SERVERS,
    "mcp-client-2025-11-20": _SERVERS,
    "mcp-client-2026-09-15": _SERVERS,
    "server-side-fallback-2026-06-01": _FALLBACKS,
    "server-side-fallback-2026-07-01": _FALLBACKS,
    "fallback-credit-2026-06-01": _CREDIT,
    "fallback-credit-2026-07-01": _CREDIT,
    "message-threads-2026-08-12": {"thread": optional(dictionary)},
    "user-profiles-billing-2026-10-01": {"billing_policy": optional(dictionary)},
}  # [S] the fields, [I] that they need a beta; which one is told by the names


def fields(chosen: Iterable[str]) -> dict[str, Check]:
    """The fields that these betas add or change."""
    return {field: check for beta in sorted(chosen) for field, check in FIELDS.get(beta, {}).items()}


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """The body with `output_format` where the API has it now, in `output_config.format`. [F]"""
    if not body.get("output_format"):
        return body
    rest = {field: value for field, value in body.items() if field != "output_format"}
    return {**rest, "output_config": {"format": body["output_format"], **(body.get("output_config") or {})}}

"""Writes an answer as body fields, response headers and log fields: the one place that knows all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from sentinel_core.cache import outcome, tool_calls
from sentinel_core.cache.answer import Answer
from sentinel_core.cache.entry import Entry
from sentinel_core.chat.messages import Json
from sentinel_core.telemetry.records import Answered
from sentinel_core.tenants.limit_plan import RateState

ENTRY = "x-sentinel-entry"
SIMILARITY = "x-sentinel-similarity"

LARGE = 1_048_576
"""Characters; to write 8 MiB of escapes as JSON takes 30 ms."""

_RATE_HEADERS = {
    unit: tuple(f"x-ratelimit-{fact}-{unit}".encode() for fact in ("limit", "remaining", "reset"))
    for unit in ("requests", "tokens")
}
"""OpenAI's names, by the unit of a limit."""

RATE_HEADERS = tuple(name.decode() for names in _RATE_HEADERS.values() for name in names)
ANTHROPIC_RATE_HEADERS = tuple(
    f"anthropic-ratelimit-{unit}-{name}" for unit in _RATE_HEADERS for name in ("limit", "remaining", "reset")
)


class AnswerView:
    """
    One answer as callers and operators see it.

    Bodies are written from plain dictionaries, because validating a response model costs as much as an exact hit;
    tests hold their keys equal to the fields of `QueryResponse` and `SentinelFields`.
    """

    __slots__ = ("age", "answer", "avoided_tokens", "name", "reason", "similarity")

    def __init__(self, answer: Answer) -> None:
        usage, found = answer.completion.usage, answer.outcome
        self.answer = answer
        self.name = outcome.name(found)
        self.reason = outcome.detail(found)
        self.similarity = outcome.similarity(found)
        self.age = outcome.age(found)
        self.avoided_tokens = usage.total_tokens if usage is not None and (answer.reused or answer.collapsed) else 0

    @property
    def is_large(self) -> bool:
        """Whether to write the body outside the event loop."""
        size = tool_calls.answer_characters(self.answer.completion) + len(self.answer.matched_prompt or "")
        return size > LARGE

    def query_fields(self, latency_ms: float) -> dict[str, Json]:
        """Return the fields of a `QueryResponse`."""
        answer = self.answer
        return {
            "response": answer.completion.text,
            "cache_hit": answer.reused,
            "similarity_score": self.similarity,
            "matched_prompt": answer.matched_prompt,
            "provider": answer.completion.provider,
            "model": answer.completion.model,
            "tokens_used": answer.billed.total_tokens,
            "latency_ms": latency_ms,
            "cost_usd": answer.cost_usd,
            "saved_usd": answer.saved_usd,
            "estimated_usd": answer.estimated_usd,
            "outcome": self.name,
            "reason": self.reason,
            "volatile": answer.volatile,
            "personal": answer.personal,
            "shadow": answer.shadow,
            "age_seconds": self.age,
            "entry_id": answer.entry_id,
            "finish_reason": answer.completion.finish_reason,
        }

    def chat_fields(self) -> dict[str, Json]:
        """Return the fields of `sentinel` in a chat completion."""
        answer = self.answer
        return {
            "outcome": self.name,
            "reason": self.reason,
            "volatile": answer.volatile,
            "personal": answer.personal,
            "shadow": answer.shadow,
            "unstored": self._unstored(),
            "provider": answer.completion.provider,
            "similarity": self.similarity,
            "matched_prompt": answer.matched_prompt,
            "age_seconds": self.age,
            "entry_id": answer.entry_id,
            "cost_usd": answer.cost_usd,
            "saved_usd": answer.saved_usd,
            "estimated_usd": answer.estimated_usd,
            "avoided_tokens": self.avoided_tokens,
        }

    def headers(self, latency_ms: float) -> dict[str, str]:
        """Return the outcome as headers of RFC 9211, RFC 9111 and Server-Timing."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.raw_headers(latency_ms)}

    def raw_headers(self, latency_ms: float) -> list[tuple[bytes, bytes]]:
        """Return the same as a server takes them."""
        answer = self.answer
        stages = [f"{name};dur={ms:.3f}" for name, ms in answer.timings.items()]
        timing = ", ".join([*stages, f"total;dur={latency_ms:.3f}"])
        written = [
            (b"server-timing", timing.encode("latin-1")),
            *fixed_headers(self),
        ]
        if self.age is not None:
            written.append((b"age", b"%d" % self.age))
        return written

    def facts(
        self, *, route: str, latency_ms: float, request_id: str | None = None, tenant: str | None = None
    ) -> Answered:
        """Return the facts that are counted, logged and measured."""
        answer = self.answer
        return Answered(
            route=route,
            outcome=self.name,
            status=200,
            latency_ms=latency_ms,
            detail=self.reason,
            provider=answer.completion.provider,
            model=answer.completion.model,
            prompt_tokens=answer.billed.prompt_tokens,
            completion_tokens=answer.billed.completion_tokens,
            avoided_tokens=self.avoided_tokens,
            cost_usd=answer.cost_usd,
            saved_usd=answer.saved_usd,
            similarity=self.similarity,
            unstored=self._unstored(),
            personal=answer.personal,
            shadow=answer.shadow,
            is_shadow_equal=answer.is_shadow_equal,
            collapsed=answer.collapsed,
            timings_ms=answer.timings,
            request_id=request_id,
            tenant=tenant,
        )

    def _unstored(self) -> str | None:
        unstorable = self.answer.unstorable
        return None if unstorable is None else unstorable.value


def fixed_headers(view: AnswerView) -> Sequence[tuple[bytes, bytes]]:
    """Return the headers that are the same each time an entry answers."""
    answer = view.answer
    status = outcome.cache_status(answer.outcome, stored=answer.stored, collapsed=answer.collapsed)
    return _fixed_headers(status, answer.entry_id, view.similarity)


@lru_cache(maxsize=1_024)
def _fixed_headers(status: str, entry_id: str | None, similarity: float | None) -> Sequence[tuple[bytes, bytes]]:
    written = [(b"cache-status", status.encode("latin-1"))]
    if entry_id is not None:
        written.append((ENTRY.encode(), entry_id.encode("latin-1")))
    if similarity is not None:
        written.append((SIMILARITY.encode(), b"%.4f" % similarity))
    return written


def entry_fields(entry: Entry) -> dict[str, Json]:
    """Return the facts of a stored entry that every route shows."""
    return {
        "prompt": entry.prompt,
        "provider": entry.completion.provider,
        "model": entry.completion.model,
        "tags": list(entry.tags),
    }


def rate_headers(requests: Iterable[Iterable[RateState]]) -> list[tuple[bytes, bytes]]:
    """Return OpenAI's rate limit headers; of several requests, as in a batch, those with the least left."""
    return [pair for state in _least(requests) for pair in _written(state)]


def anthropic_rate_headers(requests: Iterable[Iterable[RateState]], now: float) -> list[tuple[bytes, bytes]]:
    """Return Anthropic's rate limit headers, whose times of reset are dates; `now` is Unix time."""
    headers = []
    for state in _least(requests):
        reset = datetime.fromtimestamp(math.ceil(now + state.resets), UTC).isoformat().replace("+00:00", "Z")
        values = {"limit": str(state.limit), "remaining": str(state.remaining), "reset": reset}
        headers += [
            (f"anthropic-ratelimit-{state.unit}-{name}".encode(), text.encode()) for name, text in values.items()
        ]
    return headers


def _least(requests: Iterable[Iterable[RateState]]) -> Iterable[RateState]:
    least: dict[str, RateState] = {}
    for state in (state for states in requests for state in states):
        if state.unit not in least or state.remaining < least[state.unit].remaining:
            least[state.unit] = state
    return least.values()


def _written(state: RateState) -> zip[tuple[bytes, bytes]]:
    values = b"%d" % state.limit, b"%d" % state.remaining, b"%.3fs" % state.resets
    return zip(_RATE_HEADERS[state.unit], values, strict=True)

"""Anthropic's answers as chat: whole messages, and the events of a stream as chunks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sentinel_core.chat.messages import Chunk, Completion, Json, Usage
from sentinel_core.chat.streaming import NATIVE
from sentinel_core.chat.usage import write

EVENT = "x_anthropic"
"""Field of a chunk or body that holds Anthropic's own event or message, for callers who speak its API."""
MOST_CHARACTERS = 8_388_608

_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "pause_turn": "length",
    "refusal": "content_filter",
    "compaction": "length",
}
_SIMPLE_ENDS = frozenset({"end_turn", "tool_use", "max_tokens"})
_TEXTS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}
_SAFE = frozenset({"text", "thinking", "redacted_thinking", "tool_use"})
_READING = ("web_search", "web_fetch", "tool_search")
"""Tools of the provider that only read."""


def usage_of(value: Any) -> Usage | None:
    """Read Anthropic's usage: its input tokens exclude those read from and written to the prompt cache."""
    if not isinstance(value, dict) or _count(value.get("input_tokens")) is None:
        return None
    fresh, read = _count(value.get("input_tokens")) or 0, _count(value.get("cache_read_input_tokens")) or 0
    written = _count(value.get("cache_creation_input_tokens")) or 0
    kinds = value.get("cache_creation")
    hour = _count(kinds.get("ephemeral_1h_input_tokens")) if isinstance(kinds, dict) else None
    return Usage(
        prompt_tokens=fresh + read + written,
        completion_tokens=_count(value.get("output_tokens")) or 0,
        cached_tokens=read,
        written_tokens=written,
        hour_tokens=min(hour or 0, written),
    )


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= 10_000_000_000 else None


def is_message(payload: Any) -> bool:
    """Return whether a JSON value is a whole message."""
    return isinstance(payload, dict) and payload.get("type") == "message" and isinstance(payload.get("content"), list)


def completion(payload: Mapping[str, Any], *, provider: str, model: str, is_native: bool) -> Completion:
    """Build from a whole message; for a native request its body goes along."""
    blocks = [block for block in payload["content"] if isinstance(block, dict)]
    reason, stop = _text(payload.get("stop_reason")), payload.get("stop_sequence")
    usage = usage_of(payload.get("usage"))
    tier = _tier(payload.get("usage"))
    body = {EVENT: dict(payload), **tier} if is_native else tier
    named = _text(payload.get("model")) or model
    return Completion(provider, named, message_of(blocks, reason, stop), finish_of(reason, blocks), usage, body or None)


def _tier(usage: Any) -> dict[str, Json]:
    """Return the tier that served, in chat's field; `standard` is the usual price."""
    tier = usage.get("service_tier") if isinstance(usage, dict) else None
    return {"service_tier": tier} if isinstance(tier, str) else {}


def message_of(blocks: Sequence[Mapping[str, Any]], reason: str, stop: Json) -> dict[str, Json]:
    """Return the assistant's message of a chat; what chat cannot carry is kept under `anthropic`."""
    texts = [_text(block.get("text")) for block in blocks if block.get("type") == "text"]
    thoughts = [_text(block.get("thinking")) for block in blocks if block.get("type") == "thinking"]
    calls: list[Json] = [_call(block) for block in blocks if block.get("type") == "tool_use"]
    message: dict[str, Json] = {"role": "assistant", "content": "".join(texts) if texts else None}
    if any(thoughts):
        message["reasoning_content"] = "".join(thoughts)
    if calls:
        message["tool_calls"] = calls
    kept = native_of(blocks, reason, stop)
    return message if kept is None else {**message, NATIVE: kept}


def native_of(blocks: Sequence[Mapping[str, Any]], reason: str, stop: Json) -> dict[str, Json] | None:
    """Return Anthropic's blocks and end; None where chat says the same."""
    kinds = [block.get("type") for block in blocks]
    calls = kinds[1:] if kinds[:1] == ["text"] else kinds
    is_plain = all(kind == "tool_use" for kind in calls) and not any(block.get("citations") for block in blocks)
    if is_plain and reason in _SIMPLE_ENDS and stop is None:
        return None
    return {"content": [dict(block) for block in blocks], "stop_reason": reason or None, "stop_sequence": stop}


def finish_of(reason: str, blocks: Sequence[Mapping[str, Any]]) -> str:
    """Return chat's finish reason; an answer in which the provider ran a tool with effects has none that is kept."""
    if any(not _is_repeatable(block) for block in blocks):
        return "provider_tool"
    return _FINISH.get(reason, reason)


def _is_repeatable(block: Mapping[str, Any]) -> bool:
    kind = _text(block.get("type"))
    return kind in _SAFE or _text(block.get("name")).startswith(_READING) or kind.startswith(_READING)


def _call(block: Mapping[str, Any]) -> Json:
    arguments = json.dumps(block.get("input") or {}, ensure_ascii=False, separators=(",", ":"))
    return {
        "id": _text(block.get("id")),
        "type": "function",
        "function": {"name": _text(block.get("name")), "arguments": arguments},
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


@dataclass(slots=True)
class EventReader:
    """Reads the events of one stream as chunks; a native request's chunks carry the events themselves."""

    model: str
    is_native: bool
    _blocks: list[dict[str, Any]] = field(default_factory=list)
    _pieces: dict[tuple[int, str], list[str]] = field(default_factory=dict)
    _usage: dict[str, Any] = field(default_factory=dict)
    _id: str = ""
    _reason: str = ""
    _left: int = MOST_CHARACTERS

    def read(self, event: Mapping[str, Any]) -> Chunk | None:
        """Return the chunk of one event; None for pings and events without meaning for chat."""
        kind = _text(event.get("type"))
        delta = self._delta(kind, event)
        if delta is None and not (self.is_native and kind in _EVENTS):
            return None
        finish = finish_of(self._reason, self._blocks) if kind == "message_delta" and self._reason else None
        choices = [] if delta is None else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
        chunk: Chunk = {"id": self._id, "object": "chat.completion.chunk", "model": self.model, "choices": choices}
        if kind == "message_delta" and (usage := usage_of(self._usage)) is not None:
            chunk |= {"usage": write(usage), **_tier(self._usage)}
        if self.is_native:
            chunk[EVENT] = dict(event)
        return chunk

    def _delta(self, kind: str, event: Mapping[str, Any]) -> dict[str, Any] | None:
        if kind == "message_start":
            return self._start(event.get("message"))
        if kind == "content_block_start":
            return self._open(event.get("content_block"))
        if kind == "content_block_delta":
            return self._add(event.get("index"), event.get("delta"))
        if kind == "content_block_stop":
            return self._close(event.get("index"))
        return self._end(event) if kind == "message_delta" else None

    def _start(self, message: Any) -> dict[str, Any]:
        message = message if isinstance(message, dict) else {}
        self._id, self.model = _text(message.get("id")), _text(message.get("model")) or self.model
        self._usage |= message["usage"] if isinstance(message.get("usage"), dict) else {}
        return {"role": "assistant", "content": ""}

    def _open(self, block: Any) -> dict[str, Any] | None:
        block = dict(block) if isinstance(block, dict) else {}
        self._blocks.append(block)
        if block.get("type") == "tool_use":
            return self._tool({"id": _text(block.get("id")), "type": "function"}, _text(block.get("name")), "")
        return {"content": block["text"]} if block.get("type") == "text" and block.get("text") else None

    def _add(self, index: Any, delta: Any) -> dict[str, Any] | None:
        if type(index) is not int or not 0 <= index < len(self._blocks) or not isinstance(delta, dict):
            return None
        kind = _text(delta.get("type"))
        if kind == "citations_delta":
            earlier = self._blocks[index].get("citations")
            self._blocks[index]["citations"] = [*(earlier if isinstance(earlier, list) else []), delta.get("citation")]
            return None
        name = _TEXTS.get(kind, "input")
        piece = _text(delta.get("partial_json" if kind == "input_json_delta" else name))
        self._left -= len(piece)
        if self._left >= 0:
            self._pieces.setdefault((index, name), []).append(piece)
        if kind == "text_delta":
            return {"content": piece}
        if kind == "thinking_delta":
            return {"reasoning_content": piece}
        is_call = kind == "input_json_delta" and self._blocks[index].get("type") == "tool_use"
        return self._tool({}, None, piece, index) if is_call and piece else None

    def _tool(self, head: dict[str, Any], name: str | None, arguments: str, place: int | None = None) -> dict[str, Any]:
        before = self._blocks[:place] if place is not None else self._blocks[:-1]
        index = sum(block.get("type") == "tool_use" for block in before)
        function = {"arguments": arguments} if name is None else {"name": name, "arguments": arguments}
        return {"tool_calls": [{"index": index, **head, "function": function}]}

    def _close(self, index: Any) -> dict[str, Any] | None:
        """Put a block together; a call without arguments is one with none."""
        if type(index) is not int or not 0 <= index < len(self._blocks):
            return None
        block = self._blocks[index]
        for name in ("text", "thinking", "signature"):
            if (index, name) in self._pieces:
                block[name] = _text(block.get(name)) + "".join(self._pieces.pop((index, name)))
        written = "".join(self._pieces.pop((index, "input"), []))
        if written:
            block["input"] = _parsed(written)
        elif block.get("type") == "tool_use":
            return self._tool({}, None, json.dumps(block.get("input") or {}), index)
        return None

    def _end(self, event: Mapping[str, Any]) -> dict[str, Any]:
        delta = event.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        self._reason = _text(delta.get("stop_reason"))
        usage = event.get("usage")
        if isinstance(usage, dict):
            self._usage |= {name: value for name, value in usage.items() if value is not None}
        kept = native_of(self._blocks, self._reason, delta.get("stop_sequence")) if self._left >= 0 else None
        return {} if kept is None else {NATIVE: kept}


_EVENTS = frozenset(
    {
        *("message_start", "content_block_start", "content_block_delta", "content_block_stop"),
        *("message_delta", "message_stop"),
    }
)


def _parsed(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def native_in(chunk: Chunk) -> dict[str, Any] | None:
    """Return Anthropic's own blocks and end that the first chunk of a replay holds; None where it has none."""
    choices = chunk.get("choices") or [{}]
    native = (choices[0].get("delta") or {}).get(NATIVE)
    blocks = native.get("content") if isinstance(native, dict) else None
    is_sound = isinstance(blocks, list) and all(isinstance(block, dict) for block in blocks)
    return native if isinstance(native, dict) and is_sound else None


def block_events(index: int, block: Mapping[str, Any]) -> Iterator[dict[str, Json]]:
    """Yield the events of one whole block, in the order in which Anthropic streams it."""
    kind = _text(block.get("type"))
    started = {**block, **_EMPTY.get(kind, {})}
    if kind == "text":
        started.pop("citations", None)
    if "input" in block:
        started["input"] = {}
    yield {"type": "content_block_start", "index": index, "content_block": started}
    for delta in _deltas(kind, block):
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


_EMPTY: Mapping[str, Mapping[str, Json]] = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}}


def _deltas(kind: str, block: Mapping[str, Any]) -> Iterator[dict[str, Json]]:
    citations = block.get("citations")
    for citation in citations if isinstance(citations, list) else ():
        yield {"type": "citations_delta", "citation": citation}
    if kind == "text" and block.get("text"):
        yield {"type": "text_delta", "text": block["text"]}
    if kind == "thinking":
        if block.get("thinking"):
            yield {"type": "thinking_delta", "thinking": block["thinking"]}
        yield {"type": "signature_delta", "signature": _text(block.get("signature"))}
    if "input" in block:
        yield {"type": "input_json_delta", "partial_json": json.dumps(block["input"], ensure_ascii=False)}

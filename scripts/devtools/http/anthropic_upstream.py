"""Anthropic's Messages API as routes of the local `Upstream`: whole messages, events, errors, counted tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from scripts.devtools.http.replies import Call, Reply, raw

USAGE: dict[str, Any] = {
    "input_tokens": 100,
    "cache_creation_input_tokens": 40,
    "cache_read_input_tokens": 60,
    "cache_creation": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 10},
    "output_tokens": 50,
    "service_tier": "standard",
}
TEXT: dict[str, Any] = {"type": "text", "text": "The capital of France is Paris."}
THOUGHT: dict[str, Any] = {"type": "thinking", "thinking": "It is Paris.", "signature": "EqQB"}
TOOL: dict[str, Any] = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Paris"}}


def messages(*blocks: dict[str, Any], reason: str = "end_turn", stop: str | None = None) -> Callable[[Call], Reply]:
    """Answer each call to `/messages` with these blocks."""

    def reply(call: Call) -> Reply:
        whole = {
            "id": "msg_upstream",
            "type": "message",
            "role": "assistant",
            "model": f"{call.body['model']}-20261001",
            "content": list(blocks or (TEXT,)),
            "stop_reason": reason,
            "stop_sequence": stop,
            "usage": USAGE,
        }
        if not call.stream:
            return raw(json.dumps(whole).encode())
        return raw(b"".join(map(_event, events(whole))), content_type="text/event-stream")

    return reply


def failure(status: int, kind: str, message: str = "Something went wrong") -> Callable[[Call], Reply]:
    """Answer with an error in Anthropic's shape."""
    error = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    return lambda _: raw(json.dumps(error).encode(), status=status)


def counted(_: Call) -> Reply:
    """Answer a call to `/messages/count_tokens`."""
    return raw(b'{"input_tokens": 1234}')


def events(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a message in the order in which Anthropic streams it."""
    started = {**whole, "content": [], "stop_reason": None, "stop_sequence": None}
    yield {"type": "message_start", "message": {**started, "usage": {**USAGE, "output_tokens": 1}}}
    yield {"type": "ping"}
    for index, block in enumerate(whole["content"]):
        empty = {name: {} if name == "input" else "" for name in ("text", "thinking", "signature", "input")}
        shown = {name: empty.get(name, value) for name, value in block.items() if name != "citations"}
        yield {"type": "content_block_start", "index": index, "content_block": shown}
        for delta in _deltas(block):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": whole["stop_reason"], "stop_sequence": whole["stop_sequence"]}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": USAGE["output_tokens"]}}
    yield {"type": "message_stop"}


def _deltas(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for citation in block.get("citations") or ():
        yield {"type": "citations_delta", "citation": citation}
    for name in ("text", "thinking"):
        for word in block.get(name, "").split(" ") if block.get("type") == name else ():
            yield {"type": f"{name}_delta", name: f"{word} "}
    if "signature" in block:
        yield {"type": "signature_delta", "signature": block["signature"]}
    if block.get("input"):
        text = json.dumps(block["input"])
        yield {"type": "input_json_delta", "partial_json": text[:5]}
        yield {"type": "input_json_delta", "partial_json": text[5:]}


def _event(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()

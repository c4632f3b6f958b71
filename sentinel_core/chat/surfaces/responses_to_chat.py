"""OpenAI's responses as chat: whole ones, and the events of a stream as chunks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sentinel_core.chat.messages import Chunk, Completion, Json, Usage
from sentinel_core.chat.streaming import RESPONSES
from sentinel_core.chat.usage import MAX_COUNT, write

EVENT = "x_responses"
"""Field of a chunk or body that holds the provider's own event or response, for callers who speak its API."""
ENDED = frozenset({"completed", "incomplete"})

_REPEATABLE = frozenset(
    {"message", "reasoning", "function_call", "custom_tool_call", "web_search_call", "file_search_call"}
)
"""Items of answers that may be given again: the provider ran no tool with effects, and waits for none."""
_PLAIN_FIELDS = {
    "message": frozenset({"id", "type", "status", "role", "content"}),
    "reasoning": frozenset({"id", "type", "status", "summary"}),
    "function_call": frozenset({"id", "type", "status", "arguments", "call_id", "name"}),
}
_ORDER = ("reasoning", "message", "function_call")
_WHY = {"max_output_tokens": "length", "content_filter": "content_filter"}


def is_response(payload: Any) -> bool:
    """Return whether a JSON value is a whole response."""
    is_one = isinstance(payload, dict) and payload.get("object") == "response"
    return is_one and _text(payload.get("status")) in ENDED and isinstance(payload.get("output"), list)


def completion(payload: Mapping[str, Any], *, provider: str, model: str, is_native: bool) -> Completion:
    """Build from a whole response; for a native request its body goes along."""
    items = _items(payload)
    body = {EVENT: dict(payload), **_tier(payload)} if is_native else _tier(payload)
    named = _text(payload.get("model")) or model
    return Completion(
        provider, named, message_of(items), finish_of(payload, items), usage_of(payload.get("usage")), body or None
    )


def usage_of(value: Any) -> Usage | None:
    """Read a response's usage; None where it is absent or unreadable."""
    if not isinstance(value, dict):
        return None
    given, written = _count(value, "input_tokens"), _count(value, "output_tokens")
    if given is None or written is None:
        return None
    cached = _count(value.get("input_tokens_details"), "cached_tokens") or 0
    thought = _count(value.get("output_tokens_details"), "reasoning_tokens") or 0
    return Usage(given, written, cached_tokens=min(given, cached), reasoning_tokens=thought)


def _count(value: Any, name: str) -> int | None:
    found = value.get(name) if isinstance(value, dict) else None
    return found if type(found) is int and 0 <= found <= MAX_COUNT else None


def _tier(payload: Mapping[str, Any]) -> dict[str, Json]:
    tier = payload.get("service_tier")
    return {"service_tier": tier} if isinstance(tier, str) else {}


def message_of(items: Sequence[Mapping[str, Any]]) -> dict[str, Json]:
    """Return the assistant's message of a chat; what chat cannot carry is kept under `responses`."""
    parts = [part for item in items if item.get("type") == "message" for part in _parts(item)]
    texts = [_text(part.get("text")) for part in parts if part.get("type") == "output_text"]
    refusals = [_text(part.get("refusal")) for part in parts if part.get("type") == "refusal"]
    message: dict[str, Json] = {"role": "assistant", "content": "".join(texts) if texts else None}
    if thought := "".join(_thoughts(items)):
        message["reasoning_content"] = thought
    if any(refusals):
        message["refusal"] = "".join(refusals)
    if annotations := [nested(each) for part in parts for each in _listed(part.get("annotations"))]:
        message["annotations"] = annotations
    calls: list[Json] = [call for item in items if (call := call_of(item)) is not None]
    if calls:
        message["tool_calls"] = calls
    return message if is_plain(items) else {**message, RESPONSES: {"output": [dict(item) for item in items]}}


def nested(annotation: Mapping[str, Any]) -> Json:
    """Return an annotation as chat writes it: its fields under its type."""
    kind = _text(annotation.get("type"))
    return {"type": kind, kind: {name: value for name, value in annotation.items() if name != "type"}}


def call_of(item: Mapping[str, Any]) -> Json:
    """Return a call of the caller's function or tool; None for any other item."""
    id_, name = _text(item.get("call_id")), _text(item.get("name"))
    if item.get("type") == "function_call":
        function: Json = {"name": name, "arguments": _text(item.get("arguments"))}
        return {"id": id_, "type": "function", "function": function}
    if item.get("type") == "custom_tool_call":
        return {"id": id_, "type": "custom", "custom": {"name": name, "input": _text(item.get("input"))}}
    return None


def _thoughts(items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for item in items:
        if item.get("type") == "reasoning":
            for part in _listed(item.get("summary")) or _listed(item.get("content")):
                yield _text(part.get("text"))


def is_plain(items: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a chat's message says the same as these items: a thought, a text and calls, in this order."""
    kinds = [_text(item.get("type")) for item in items]
    places = [_ORDER.index(kind) if kind in _ORDER else -1 for kind in kinds]
    is_ordered = -1 not in places and places == sorted(places)
    return is_ordered and max(map(kinds.count, _ORDER[:2])) <= 1 and all(map(_is_plain_item, items))


def _is_plain_item(item: Mapping[str, Any]) -> bool:
    kind = _text(item.get("type"))
    if not {name for name, value in item.items() if value is not None} <= _PLAIN_FIELDS[kind]:
        return False
    if kind == "reasoning":
        return len(_listed(item.get("summary"))) == 1
    parts = _parts(item)
    return kind != "message" or (len(parts) == 1 and _is_plain_part(parts[0]))


def _is_plain_part(part: Mapping[str, Any]) -> bool:
    annotations = _listed(part.get("annotations"))
    is_cited = all(each.get("type") == "url_citation" for each in annotations)
    return is_cited and not part.get("logprobs") and not set(part) - _PLAIN_PARTS


_PLAIN_PARTS = frozenset({"type", "text", "refusal", "annotations", "logprobs"})


def finish_of(payload: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> str:
    """Return chat's finish reason; an answer with a tool of the provider that has effects has none that is kept."""
    if payload.get("status") == "incomplete":
        details = payload.get("incomplete_details")
        reason = _text(details.get("reason")) if isinstance(details, dict) else ""
        return _WHY.get(reason, reason or "incomplete")
    if any(_text(item.get("type")) not in _REPEATABLE for item in items):
        return "provider_tool"
    return "tool_calls" if any(call_of(item) is not None for item in items) else "stop"


def _items(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    return _listed(payload.get("output"))


def _parts(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    return _listed(item.get("content"))


def _listed(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


@dataclass(slots=True)
class EventReader:
    """Reads the events of one stream as chunks; a native request's chunks carry the events themselves."""

    model: str
    is_native: bool
    _id: str = ""
    _calls: dict[Any, int] = field(default_factory=dict)

    def read(self, event: Mapping[str, Any]) -> Chunk | None:
        """Return the chunk of one event; None for events without meaning for chat, or without a type."""
        kind = _text(event.get("type")).removeprefix("response.")
        ended = event.get("response") if kind in ENDED else None
        delta = self._delta(kind, event)
        if delta is None and not (self.is_native and kind):
            return None
        ended = ended if isinstance(ended, dict) else None
        finish = None if ended is None else finish_of(ended, _items(ended))
        choices = [] if delta is None else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
        chunk: Chunk = {"id": self._id, "object": "chat.completion.chunk", "model": self.model, "choices": choices}
        if ended is not None:
            usage = usage_of(ended.get("usage"))
            chunk |= {**({} if usage is None else {"usage": write(usage)}), **_tier(ended)}
        if self.is_native:
            chunk[EVENT] = dict(event)
        return chunk

    def _delta(self, kind: str, event: Mapping[str, Any]) -> dict[str, Any] | None:
        if name := _DELTAS.get(kind):
            return {name: _text(event.get("delta"))}
        if kind == "created":
            return self._start(event.get("response"))
        if kind == "output_text.annotation.added":
            annotation = event.get("annotation")
            return {"annotations": [nested(annotation)]} if isinstance(annotation, dict) else None
        if kind in ("output_item.added", "output_item.done"):
            return self._item(event, is_done=kind.endswith("done"))
        if kind == "function_call_arguments.delta":
            return self._call(event.get("output_index"), {"function": {"arguments": _text(event.get("delta"))}})
        return self._end(event.get("response")) if kind in ENDED else None

    def _start(self, response: Any) -> dict[str, Any]:
        response = response if isinstance(response, dict) else {}
        self._id, self.model = _text(response.get("id")), _text(response.get("model")) or self.model
        return {"role": "assistant", "content": ""}

    def _item(self, event: Mapping[str, Any], *, is_done: bool) -> dict[str, Any] | None:
        """Return the beginning of a function's call, or the whole call of another tool of the caller."""
        item = event.get("item")
        item = item if isinstance(item, dict) else {}
        if is_done != (item.get("type") == "custom_tool_call"):
            return None
        call = call_of({**item, "arguments": ""})
        return None if not isinstance(call, dict) else self._call(event.get("output_index"), call)

    def _call(self, place: Any, call: Mapping[str, Any]) -> dict[str, Any]:
        index = self._calls.setdefault(place if isinstance(place, int) else None, len(self._calls))
        return {"tool_calls": [{"index": index, **call}]}

    def _end(self, response: Any) -> dict[str, Any]:
        items = _items(response) if isinstance(response, dict) else []
        return {} if is_plain(items) else {RESPONSES: {"output": [dict(item) for item in items]}}


_DELTAS = {
    "output_text.delta": "content",
    "refusal.delta": "refusal",
    "reasoning_summary_text.delta": "reasoning_content",
    "reasoning_text.delta": "reasoning_content",
}

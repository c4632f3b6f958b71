"""A chat stream as the events of Anthropic's Messages API, and the message they build."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sentinel_core.chat.messages import Chunk, Json, Usage
from sentinel_core.chat.surfaces import finish
from sentinel_core.chat.surfaces.anthropic_to_chat import EVENT, block_events, native_in
from sentinel_core.chat.surfaces.deltas import CallPiece, DeltaReader

Event: TypeAlias = dict[str, Json]
_NO_USAGE = Usage()
_DELTAS = {"text": ("text_delta", "text"), "thinking": ("thinking_delta", "thinking")}


@dataclass(slots=True)
class MessageEvents:
    """
    Writes one message; `id` names it, `model` is the caller's name of the model, where the answer does not name one.

    Call `begin`, then `add` for each chunk, then `end`: in this order they yield a valid stream, and `message` is
    the whole answer. Blocks of tools that arrive together are written one after the other. Anthropic's own events and
    blocks are written as they are.
    """

    id: str
    model: str
    content: list[Json] = field(default_factory=list)
    _open: str = ""
    _text: list[str] = field(default_factory=list)
    _calls: dict[int, tuple[str, str, list[str]]] = field(default_factory=dict)
    _current: int = -1
    _reader: DeltaReader = field(default_factory=DeltaReader)
    _reason: str = ""
    _usage: Usage | None = None
    _refused: bool = False
    _has_begun: bool = False
    _is_passed_on: bool = False
    _native: dict[str, Json] | None = None

    def begin(self) -> Iterator[Event]:
        """Yield nothing: the first event comes with the first chunk, which may be Anthropic's own."""
        return iter(())

    def add(self, chunk: Chunk) -> Iterator[Event]:
        """Yield the events of one chunk."""
        event, self._is_passed_on = chunk.get(EVENT), self._is_passed_on or EVENT in chunk
        if self._is_passed_on:
            yield from [event] if isinstance(event, dict) else []
            return
        yield from self._begin(chunk)
        piece = self._reader.read(chunk)
        self._reason = piece.finish_reason or self._reason
        self._usage = piece.usage or self._usage
        self._refused = self._refused or bool(piece.refusal)
        if self._native is not None:
            return
        if piece.thought:
            yield from self._write("thinking", piece.thought)
        if piece.text or piece.refusal:
            yield from self._write("text", piece.text or piece.refusal)
        for call in piece.calls:
            yield from self._call(call)

    def end(self, billed: Usage | None = None) -> Iterator[Event]:
        """Yield the last events; `billed` is the usage of this request where the chunks did not say."""
        if self._is_passed_on:
            return
        yield from self._begin({})
        yield from self._close()
        for index in [index for index in self._calls if index > self._current]:
            yield from self._late(index)
        self._usage = self._usage or billed
        whole = self.message()
        yield {
            "type": "message_delta",
            "delta": {"stop_reason": whole["stop_reason"], "stop_sequence": whole["stop_sequence"]},
            "usage": whole["usage"],
        }
        yield {"type": "message_stop"}

    def _begin(self, chunk: Chunk) -> Iterator[Event]:
        """Yield the first event, once, and Anthropic's own blocks where the first chunk holds them."""
        if self._has_begun:
            return
        self._has_begun = True
        answered = chunk.get("model")
        self.model = answered if isinstance(answered, str) and answered else self.model
        yield {"type": "message_start", "message": {**self.message(), "content": [], "stop_reason": None}}
        native = native_in(chunk)
        if native is not None:
            self._native = native
            for index, block in enumerate(native["content"]):
                self.content.append(block)
                yield from block_events(index, block)

    def message(self) -> dict[str, Json]:
        """Return the message as it is so far."""
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": self.content,
            "stop_reason": self._stop_reason(),
            "stop_sequence": None if self._native is None else self._native.get("stop_sequence"),
            "usage": written_usage(self._usage or _NO_USAGE),
        }

    def _stop_reason(self) -> Json:
        if self._native is not None:
            return self._native.get("stop_reason")
        reason = self._reason.casefold()
        if reason in finish.CUT:
            return "max_tokens"
        if self._refused or reason in finish.FILTERED:
            return "refusal"
        return "tool_use" if self._calls else "end_turn"

    def _write(self, kind: str, said: str) -> Iterator[Event]:
        delta, name = _DELTAS[kind]
        if self._open != kind:
            yield from self._close()
            block: dict[str, Json] = {"type": kind, name: "", **({"signature": ""} if kind == "thinking" else {})}
            yield from self._start(kind, block)
        self._text.append(said)
        yield self._delta({"type": delta, name: said})

    def _call(self, call: CallPiece) -> Iterator[Event]:
        """Write a tool's pieces as they come; those of a later one wait until the one before has ended."""
        if call.index not in self._calls:
            self._calls[call.index] = (call.id or f"toolu_{self.id}_{call.index}", call.name, [])
            if call.index == self._current + 1:
                yield from self._close()
                yield from self._start_tool(call.index)
        self._calls[call.index][2].append(call.arguments)
        if call.index == self._current and call.arguments:
            yield self._delta({"type": "input_json_delta", "partial_json": call.arguments})

    def _late(self, index: int) -> Iterator[Event]:
        yield from self._start_tool(index)
        yield self._delta({"type": "input_json_delta", "partial_json": "".join(self._calls[index][2])})
        yield from self._close()

    def _start_tool(self, index: int) -> Iterator[Event]:
        id_, name, _ = self._calls[index]
        self._current = index
        yield from self._start("tool_use", {"type": "tool_use", "id": id_, "name": name, "input": {}})

    def _start(self, kind: str, block: dict[str, Json]) -> Iterator[Event]:
        self._open, self._text = kind, []
        self.content.append(block)
        yield {"type": "content_block_start", "index": len(self.content) - 1, "content_block": dict(block)}

    def _delta(self, delta: Json) -> Event:
        return {"type": "content_block_delta", "index": len(self.content) - 1, "delta": delta}

    def _close(self) -> Iterator[Event]:
        if not self._open:
            return
        block = self.content[-1]
        assert isinstance(block, dict)  # noqa: S101  written here
        if self._open == "tool_use":
            block["input"] = _parsed("".join(self._calls[self._current][2]))
        else:
            block[_DELTAS[self._open][1]] = "".join(self._text)
        self._open = ""
        yield {"type": "content_block_stop", "index": len(self.content) - 1}


def _parsed(arguments: str) -> dict[str, Any]:
    """Read a tool's arguments; {} for anything but an object, which Anthropic's shape cannot hold."""
    try:
        value = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def written_usage(usage: Usage) -> dict[str, Json]:
    """Write usage as Anthropic does: input tokens without those read from the provider's cache."""
    return {
        "input_tokens": usage.prompt_tokens - usage.cached_tokens - usage.written_tokens,
        "cache_creation_input_tokens": usage.written_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.completion_tokens,
    }


def written_error(status: int, message: str, request_id: str | None = None) -> Mapping[str, Json]:
    """Write an error in Anthropic's shape; the kind follows from the status (docs.anthropic.com/en/api/errors)."""
    kind = _KINDS.get(status, "api_error" if status >= 500 else "invalid_request_error")
    error: dict[str, Json] = {"type": "error", "error": {"type": kind, "message": message}}
    return error if request_id is None else {**error, "request_id": request_id}


_KINDS = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}

"""A streamed answer: put together from its chunks, and taken apart into them again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from typing import Any

from sentinel_core.chat import usage
from sentinel_core.chat.growing import WHOLE, joined, plain, size_of
from sentinel_core.chat.messages import Chunk, Completion, Json, Usage

_BLOCK = 65_536

NATIVE, RESPONSES = "anthropic", "responses"
"""Fields of a message that hold a provider's own blocks or items, where chat cannot carry them (such as signatures)."""
_OWN = (NATIVE, RESPONSES)

MOST_CHARACTERS = 8_388_608
"""Of one collected message."""


class Collector:
    """
    Puts one answer together while its chunks go by, the first where there are several.

    Every field of the deltas is kept, known or not: text is joined, list items meet by their `index`,
    other values replace earlier ones. `provider` and `model` stand in where no chunk names its own. A message of
    more than `most` characters is dropped, and the completion is partial.
    """

    def __init__(self, *, provider: str, model: str, most: int = MOST_CHARACTERS) -> None:
        self._provider = provider
        self._model = model
        self._message: dict[str, Any] = {}
        self._texts: dict[str, list[str]] = {}
        self._usage: Usage | None = None
        self._fallback: tuple[str, str] | None = None
        self._also_asked: tuple[tuple[str, str], ...] = ()
        self._finish_reason = ""
        self._left = most

    def add(self, chunk: Chunk) -> None:
        self._provider = answered_by(chunk) or self._provider
        self._fallback = fallback_of(chunk) or self._fallback
        self._also_asked = also_asked(chunk) or self._also_asked
        self._model = chunk.get("model") or self._model
        self._usage = usage.read_chunk(chunk) or self._usage
        for choice in chunk.get("choices") or ():
            if choice.get("index", 0) == 0:
                self._finish_reason = choice.get("finish_reason") or self._finish_reason
                self._add_delta(choice.get("delta") or {})

    def completion(self) -> Completion:
        """Return the first answer, as it is so far; `finish_reason` is "" where it has not ended."""
        return Completion(
            provider=self._provider,
            model=self._model,
            message=self._whole_message(),
            finish_reason=self._finish_reason,
            usage=self._usage,
            is_partial=self._left < 0,
            fallback=self._fallback,
            also_asked=self._also_asked,
        )

    def _add_delta(self, delta: Mapping[str, Any]) -> None:
        """Extend the message while it is small enough to keep."""
        if self._left >= 0:
            self._left -= size_of(delta)
        if self._left >= 0:
            self._extend(delta)
        else:
            self._message, self._texts = {}, {}

    def _extend(self, delta: Mapping[str, Any]) -> None:
        for name, value in delta.items():
            if isinstance(value, str) and name not in WHOLE:
                self._texts.setdefault(name, []).append(value)
                self._message.setdefault(name)  # keeps its place among the fields
            else:
                self._message[name] = joined(name, self._message.get(name), value)

    def _whole_message(self) -> dict[str, Json]:
        message: dict[str, Json] = {"role": "assistant"}
        for name, grown in self._message.items():
            value = plain(grown)
            text = "".join(self._texts[name]) if name in self._texts else None
            message[name] = value if text is None else _with_text(value, text)
        if isinstance(calls := message.get("tool_calls"), list):
            message["tool_calls"] = [_without_index(call) for call in calls]
        return message


def _with_text(value: Any, text: str) -> Json:
    """Mistral's reasoning models stream their thoughts as parts and then their answer as text."""
    if not isinstance(value, list):
        return text
    return [*value, {"type": "text", "text": text}] if text else value


def _without_index(call: Json) -> Json:
    return {name: value for name, value in call.items() if name != "index"} if isinstance(call, dict) else call


def answered_by(chunk: Chunk) -> str | None:
    """Return the provider a fallback chain names in the first chunk of its streams; None elsewhere."""
    ours = chunk.get("x_sentinel")
    name = ours.get("provider") if isinstance(ours, dict) else None
    return name if isinstance(name, str) else None


def fallback_of(chunk: Chunk) -> tuple[str, str] | None:
    """Return the provider and model that were asked in place of the first choice; None where that answers."""
    ours = chunk.get("x_sentinel")
    model = ours.get("model") if isinstance(ours, dict) else None
    provider = answered_by(chunk)
    return None if provider is None or not isinstance(model, str) else (provider, model)


def also_asked(chunk: Chunk) -> tuple[tuple[str, str], ...]:
    """Return provider and model of calls that were overtaken, as a fallback chain names them in the first chunk."""
    ours = chunk.get("x_sentinel")
    named = ours.get("also_asked") if isinstance(ours, dict) else None
    return tuple((provider, model) for provider, model in named) if isinstance(named, tuple) else ()


def visible(chunk: Chunk, *, include_usage: bool) -> Chunk | None:
    """
    Return the chunk as a caller is to see it; None where there is nothing left to see.

    Usage is always asked of the provider, but shown only to callers who asked for it.
    """
    if include_usage:
        return chunk
    if chunk.get("usage") is not None and not chunk.get("choices"):
        return None
    shown = {name: value for name, value in chunk.items() if name != "usage"}
    if isinstance(groq := shown.get("x_groq"), dict):
        shown["x_groq"] = {name: value for name, value in groq.items() if name != "usage"}
    return shown


def in_blocks(text: str) -> Iterable[str]:
    """Cut a long text into blocks of 65,536 characters: to write 8 MiB at once takes 40 ms of the event loop."""
    return (text[at : at + _BLOCK] for at in range(0, len(text), _BLOCK))


def replay(
    completion: Completion,
    *,
    id: str,  # noqa: A002  the field's name
    created: int,
    usage: Mapping[str, Json] | None = None,
    pieces: Callable[[str], Iterable[str]] = in_blocks,
    native_first: bool = False,
) -> Iterator[Chunk]:
    """
    Take an answer apart into the chunks of a valid stream, from which a Collector makes it again.

    `created` is Unix time; `usage` is sent last, None where the caller did not ask; `pieces` cuts the content.
    A provider's own blocks come last, as from the provider, or first for surfaces that write them as they are.
    """
    native = {name: value for name, value in completion.message.items() if name in _OWN and value is not None}
    message = {name: value for name, value in completion.message.items() if name not in _OWN}
    envelope: Chunk = {"id": id, "object": "chat.completion.chunk", "created": created, "model": completion.model}
    if usage is not None:
        envelope["usage"] = None
    if native and native_first:
        yield {**envelope, "choices": [_choice(native, None)]}
    for delta in _deltas(message, pieces):
        yield {**envelope, "choices": [_choice(delta, None)]}
    yield {**envelope, "choices": [_choice({} if native_first else native, completion.finish_reason)]}
    if usage is not None:
        yield {**envelope, "choices": [], "usage": usage}


def _choice(delta: Mapping[str, Any], finish_reason: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


_THOUGHTS = ("reasoning", "reasoning_content", "reasoning_details", "thinking", "thinking_blocks")
_LAST = ("tool_calls", "function_call", "annotations")


def _deltas(message: Mapping[str, Json], pieces: Callable[[str], Iterable[str]]) -> Iterator[dict[str, Json]]:
    """
    Yield deltas in the order in which models write: role, thoughts, text, other fields, tool calls, annotations.

    The first one has every field that is null, and the empty beginning of the content. Providers that name thoughts
    twice do so in one delta.
    """
    yield {
        name: "" if isinstance(value, str) and name == "content" else value
        for name, value in {"role": "assistant", **message}.items()
        if (name in ("role", "content") and not isinstance(value, list)) or value is None
    }
    if thoughts := {name: message[name] for name in _THOUGHTS if message.get(name) is not None}:
        yield thoughts
    others = [name for name in message if name not in (*_THOUGHTS, *_LAST, "role", "content")]
    for name in ("content", *others, *_LAST):
        value = message.get(name)
        if name == "content" and isinstance(value, str):
            for piece in filter(None, pieces(value)):
                yield {name: piece}
        elif name == "tool_calls" and isinstance(value, list):
            yield {name: [_with_index(call, index) for index, call in enumerate(value)]}
        elif value is not None:
            yield {name: value}


def _with_index(call: Json, index: int) -> Json:
    return {**call, "index": index} if isinstance(call, dict) else call


async def continued(first: Chunk, rest: AsyncGenerator[Chunk, None]) -> AsyncGenerator[Chunk, None]:
    """Yield the chunk that has been read of a stream, and the others; close the stream at the end."""
    async with aclosing(rest):
        yield first
        async for chunk in rest:
            yield chunk

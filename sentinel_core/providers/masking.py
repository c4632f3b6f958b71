"""Hides personal data from a provider, and puts it back in its answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from functools import partial
from typing import Any

from sentinel_core.cache import tool_calls
from sentinel_core.cache.ports import Provider
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion
from sentinel_core.providers.disguise import Disguise, disguise
from sentinel_core.support.off_loop import off_loop

_TEXTS = ("content", "refusal", "reasoning", "reasoning_content")
_CALLS, _CALL = "tool_calls", "function_call"
_LONG_ANSWER = 65_536
"""Characters in which data is put back in a thread."""


class Masking:
    """
    A provider that gets placeholders instead of cards, accounts, addresses, ids and credentials.

    `is_on` holds for requests that do not say `is_masked` themselves. A request whose texts cannot be searched is
    refused, because an unknown text is not a harmless one. Pictures, sound and files are passed on.
    """

    def __init__(self, provider: Provider, *, is_on: bool) -> None:
        self._provider = provider
        self._is_on = is_on

    @property
    def name(self) -> str:
        return self._provider.name

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        hiding = await self._disguise(request)
        if hiding is None:
            return await self._provider.complete(request, timeout=timeout)
        answer = await self._provider.complete(hiding.hidden(request), timeout=timeout)
        is_long = tool_calls.answer_characters(answer) > _LONG_ANSWER
        return await off_loop(partial(hiding.revealed, answer), is_large=is_long)

    async def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        hiding = await self._disguise(request)
        hidden = request if hiding is None else hiding.hidden(request)
        revealing = None if hiding is None else _Revealing(hiding)
        async with aclosing(self._provider.stream(hidden, timeout=timeout, patience=patience)) as chunks:
            async for chunk in chunks:
                yield chunk if revealing is None else revealing.chunk(chunk)
        if revealing is not None:
            for chunk in revealing.rest():
                yield chunk

    async def aclose(self) -> None:
        await self._provider.aclose()

    async def _disguise(self, request: ChatRequest) -> Disguise | None:
        is_masked = self._is_on if request.is_masked is None else request.is_masked
        return await off_loop(partial(disguise, request), is_large=True) if is_masked else None


class _Revealing:
    """
    Puts data back into the chunks of one stream.

    The end of a text that may become a placeholder waits for the next chunk, at most until its choice ends.
    """

    def __init__(self, hiding: Disguise) -> None:
        self._hiding = hiding
        self._waiting: dict[tuple[int, str, int], str] = {}
        self._last: Chunk = {}

    def chunk(self, chunk: Chunk) -> Chunk:
        choices = chunk.get("choices")
        if not choices:
            return chunk
        self._last = chunk
        return {**chunk, "choices": [self._choice(each) for each in choices]}

    def rest(self) -> Iterator[Chunk]:
        """Yield what still waits, of a stream that ended without a finish reason."""
        for number in sorted({choice for choice, *_ in self._waiting}):
            yield {
                **{name: value for name, value in self._last.items() if name != "usage"},
                "choices": [{"index": number, "delta": self._flushed(number, {}), "finish_reason": None}],
            }

    def _choice(self, choice: dict[str, Any]) -> dict[str, Any]:
        number, delta = choice.get("index", 0), choice.get("delta")
        shown = self._delta(number, delta if isinstance(delta, dict) else {})
        if choice.get("finish_reason"):
            shown = self._flushed(number, shown)
        return {**choice, "delta": shown} if shown or isinstance(delta, dict) else choice

    def _delta(self, number: int, delta: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, value in delta.items():
            if name in _TEXTS and isinstance(value, str):
                shown[name] = self._text((number, name, 0), value)
            elif name == _CALLS and isinstance(value, list):
                shown[name] = [self._call(number, place, call) for place, call in enumerate(value)]
            elif name == _CALL and isinstance(value, dict):
                shown[name] = self._function((number, _CALL, 0), value)
            else:
                shown[name] = self._hiding.shown(value)
        return shown

    def _call(self, number: int, place: int, call: dict[str, Any]) -> dict[str, Any]:
        function, index = call.get("function"), call.get("index")
        where = number, _CALLS, index if isinstance(index, int) else place
        return {**call, "function": self._function(where, function)} if isinstance(function, dict) else call

    def _function(self, where: tuple[int, str, int], function: dict[str, Any]) -> dict[str, Any]:
        arguments = function.get("arguments")
        if not isinstance(arguments, str):
            return function
        return {**function, "arguments": self._text(where, arguments)}

    def _text(self, where: tuple[int, str, int], text: str) -> str:
        """Return what of a text is certain; keep the rest."""
        text = self._waiting.pop(where, "") + text
        text, rest = text[: (end := self._hiding.begun(text))], text[end:]
        if rest:
            self._waiting[where] = rest
        return self._hiding.text(text, is_json=where[1] in (_CALLS, _CALL))

    def _flushed(self, number: int, delta: dict[str, Any]) -> dict[str, Any]:
        """Add to a choice's delta what waits of it."""
        for where in sorted(each for each in self._waiting if each[0] == number):
            _, name, index = where
            text = self._waiting.pop(where)
            if name in _TEXTS:
                delta = {**delta, name: f"{delta.get(name) or ''}{text}"}
            elif name == _CALL:
                delta = {**delta, name: _longer(delta.get(name), text)}
            else:
                delta = {**delta, name: _with_call(delta.get(name), index, text)}
        return delta


def _longer(function: Any, text: str) -> dict[str, Any]:
    known = function if isinstance(function, dict) else {}
    return {**known, "arguments": f"{known.get('arguments') or ''}{text}"}


def _with_call(calls: Any, index: int, text: str) -> list[Any]:
    """Return a delta's calls with `text` at the end of the arguments of the call at `index`."""
    known = list(calls) if isinstance(calls, list) else []
    for place, call in enumerate(known):
        if isinstance(call, dict) and call.get("index") == index:
            known[place] = {**call, "function": _longer(call.get("function"), text)}
            return known
    return [*known, {"index": index, "function": {"arguments": text}}]

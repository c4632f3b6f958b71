"""One streamed chat completion: waits for its beginning, passes it on, and writes errors as events."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias

from fastapi import Request, Response
from starlette.types import Receive

from sentinel_core.cache import outcome
from sentinel_core.cache.answer import Answer, Streaming
from sentinel_core.chat import usage
from sentinel_core.chat.messages import ChatRequest, Chunk, Usage
from sentinel_core.chat.streaming import replay, visible
from sentinel_core.support.loop_turns import LoopTurns
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web import errors
from sentinel_core.web.context import context_of
from sentinel_core.web.event_stream import COMMENT, EventStreamResponse
from sentinel_core.web.presenting import AnswerView
from sentinel_core.web.recording import CLIENT_CLOSED_REQUEST
from sentinel_core.web.service import Service

Begun: TypeAlias = Answer | Streaming
DONE = b"data: [DONE]\n\n"
_TURNS = LoopTurns()
_TURN_BYTES = 8_192
"""Of events that a stream passes on before it gives way: about 0.3 ms."""
UNWATCHED_SECONDS = 0.05
"""A beginning that comes sooner, as every hit does, is not worth a watch over the caller."""


def new_id() -> str:
    """Return an id for a completion."""
    return f"chatcmpl-{secrets.token_hex(12)}"


class StreamWriter(Protocol):
    """
    Writes the chunks of one answer as the events of a surface: `begin`, each `chunk`, then `end` or `failed`.

    `own` names the field of a message whose blocks or items, a provider's own, it writes as they are; "" for none.
    """

    @property
    def own(self) -> str: ...

    def begin(self) -> Iterable[bytes]:
        """Return the events before the first chunk."""

    def chunk(self, chunk: Chunk) -> Iterable[bytes]:
        """Return the events of one chunk."""

    def end(self, billed: Usage | None) -> Iterable[bytes]:
        """Return the last events; `billed` is the usage of this request."""

    def failed(self, error: Mapping[str, object]) -> bytes:
        """Return the event that ends a broken stream; `error` is OpenAI's error object."""


@dataclass(frozen=True, slots=True)
class ChatWriter:
    """Writes chunks as they are."""

    include_usage: bool
    own: str = ""

    def begin(self) -> Iterable[bytes]:
        return ()

    def chunk(self, chunk: Chunk) -> Iterable[bytes]:
        shown = visible(chunk, include_usage=self.include_usage)
        return () if shown is None else (_event(shown),)

    def end(self, billed: Usage | None) -> Iterable[bytes]:
        return (DONE,)

    def failed(self, error: Mapping[str, object]) -> bytes:
        """After an error event there is no [DONE]."""
        return _event({"error": error})


async def _keep_nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class ChatStream:
    """One streamed answer on its way out; `keep` is awaited before its last event."""

    service: Service
    request: Request
    chat: ChatRequest
    writer: StreamWriter
    keep: Callable[[], Awaitable[None]] = _keep_nothing

    async def respond(self, begin: Coroutine[Any, Any, Begun]) -> Response:
        """
        Respond when the answer has begun, or after the heartbeat without it; stop where the caller leaves.

        Until then errors are raised, with their status; afterwards they are events.
        """
        opening = _Opening(asyncio.create_task(begin))
        try:
            has_left = await opening.wait(self.request.receive, self._heartbeat or None)
        except BaseException:
            await opening.aclose()
            raise
        if opening.task.done():
            return self._respond_now(opening.task.result())
        if has_left:
            await opening.aclose()
            self._note_departure()
            return Response(status_code=CLIENT_CLOSED_REQUEST)
        return EventStreamResponse(self._begun_late(opening), {}, source=opening, heartbeat=self._heartbeat)

    @property
    def _heartbeat(self) -> float:
        """Seconds between comments; 0 on a platform that hands answers over whole."""
        return 0.0 if context_of(self.request.scope).is_buffered else self.service.defaults.heartbeat

    def _respond_now(self, begun: Begun) -> Response:
        if isinstance(begun, Answer):
            view = AnswerView(begun)
            return EventStreamResponse(
                self._replayed(view), view.headers(self.service.recording.elapsed_ms(self.request))
            )
        headers = {"cache-status": outcome.cache_status(begun.outcome, stored=False, collapsed=False)}
        return EventStreamResponse(self._passed_on(begun), headers, source=begun, heartbeat=self._heartbeat)

    async def _begun_late(self, opening: _Opening) -> AsyncGenerator[bytes, None]:
        """Send comments until the answer begins; the headers have left, so an error is an event."""
        yield COMMENT
        try:
            begun = await opening.task
        except asyncio.CancelledError:
            self._note_departure()
            raise
        except Exception as error:  # noqa: BLE001  a cut connection says nothing
            yield self._failed(error)
            return
        events = self._replayed(AnswerView(begun)) if isinstance(begun, Answer) else self._passed_on(begun)
        async with aclosing(events):
            async for event in events:
                yield event

    async def _replayed(self, view: AnswerView) -> AsyncGenerator[bytes, None]:
        """Write a stored answer as its provider would have streamed it."""
        answer, is_large = view.answer, view.is_large or context_of(self.request.scope).is_large
        created = int(self.service.clock.now())
        self._record(view)
        for event in await self._begun():
            yield event
        chunks = replay(
            answer.completion,
            id=new_id(),
            created=created,
            usage=usage.write(answer.billed),
            native_first=bool(self.writer.own),
        )
        for chunk in chunks:
            for event in await off_loop(partial(_events_of, self.writer, chunk), is_large=is_large):
                yield event
        for event in await self._ended(answer.billed, is_large=is_large):
            yield event

    async def _passed_on(self, streaming: Streaming) -> AsyncGenerator[bytes, None]:
        """Pass on each chunk."""
        try:
            for event in await self._begun():
                yield event
            async with aclosing(self._written(streaming.chunks)) as events:
                async for event in events:
                    yield event
        except (GeneratorExit, asyncio.CancelledError):
            self._note_departure()
            raise
        except Exception as error:  # noqa: BLE001  a cut connection says nothing
            yield self._failed(error)
            return
        view = None if streaming.answer is None else AnswerView(streaming.answer)
        if view is not None:
            self._record(view)
        billed = None if view is None else view.answer.billed
        for event in await self._ended(billed, is_large=view is not None and view.is_large):
            yield event

    async def _written(self, chunks: AsyncGenerator[Chunk, None]) -> AsyncGenerator[bytes, None]:
        """
        Write each chunk, and give way to other callers after some.

        With the first one some surfaces repeat the request, which may be large.
        """
        passed, owner, is_large = 0, self._owner, context_of(self.request.scope).is_large
        async for chunk in chunks:
            for event in await off_loop(partial(_events_of, self.writer, chunk), is_large=is_large):
                passed += len(event)
                yield event
            is_large = False
            if passed >= _TURN_BYTES:
                passed = 0
                await _TURNS.take(owner)

    @property
    def _owner(self) -> str:
        """The id of the caller's key; "" without keys."""
        known = context_of(self.request.scope).caller
        return "" if known is None or known.key is None else known.key.id

    async def _begun(self) -> Iterable[bytes]:
        """Write the first events, which some surfaces repeat the request in."""
        return await off_loop(lambda: list(self.writer.begin()), is_large=context_of(self.request.scope).is_large)

    async def _ended(self, billed: Usage | None, *, is_large: bool) -> Iterable[bytes]:
        """Write the last events, which some surfaces repeat the whole answer in, and keep the answer."""
        context = context_of(self.request.scope)
        context.is_large = is_large = is_large or context.is_large
        events = await off_loop(lambda: list(self.writer.end(billed)), is_large=is_large)
        await self.keep()
        return events

    def _failed(self, error: Exception) -> bytes:
        return self.writer.failed(errors.as_event(self.service.recording, self.request, error)["error"])

    def _note_departure(self) -> None:
        self.service.recording.departure(self.request, self.chat.provider)

    def _record(self, view: AnswerView) -> None:
        recording = self.service.recording
        recording.answer(self.request, self.chat, view, latency_ms=recording.elapsed_ms(self.request))


@dataclass(frozen=True, slots=True)
class _Opening:
    """An answer that has not begun yet."""

    task: asyncio.Task[Begun]

    async def wait(self, receive: Receive, seconds: float | None) -> bool:
        """Wait at most `seconds` for the beginning, or until the caller leaves; return whether that happened."""
        await asyncio.wait({self.task}, timeout=UNWATCHED_SECONDS)
        if self.task.done():
            return False
        leaving = asyncio.create_task(_departure(receive))
        try:
            await asyncio.wait({self.task, leaving}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return leaving.done()
        finally:
            leaving.cancel()
            with suppress(asyncio.CancelledError):
                await leaving

    async def aclose(self) -> None:
        """Stop asking, and close the begun stream."""
        self.task.cancel()
        (result,) = await asyncio.gather(self.task, return_exceptions=True)
        if isinstance(result, Streaming):
            await result.aclose()


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _events_of(writer: StreamWriter, chunk: Chunk) -> list[bytes]:
    return list(writer.chunk(chunk))


def _event(content: Mapping[str, object] | Chunk) -> bytes:
    return b"data: " + json.dumps(content, separators=(",", ":")).encode() + b"\n\n"

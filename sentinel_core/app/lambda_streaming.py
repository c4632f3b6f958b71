"""Answers of the ASGI application in parts, in the format of Lambda's response streaming: JSON, eight NULs, body."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Scope

    from sentinel_core.app.lambda_event_kinds import Event

_END_OF_METADATA = b"\0" * 8
_NOT_PASSED_ON = {"content-length", "transfer-encoding", "connection"}
"""Headers of a body whose length is known; the platform sends it in chunks."""


class StreamedResponse(Protocol):
    """A response on its way to the platform."""

    async def write(self, part: bytes) -> None: ...

    async def end(self) -> None: ...

    async def fail(self, error: BaseException) -> None:
        """End it as cut off: the platform breaks the caller's connection instead of ending the answer."""


class OpeningResponse(Protocol):
    """A response to the platform that is not open yet."""

    def begin(self) -> None:
        """Connect while the answer is made."""

    async def open(self) -> StreamedResponse:
        """Begin the response."""


def metadata(status: int, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return what precedes the body; repeated headers are joined by commas, cookies stay apart."""
    joined: dict[str, str] = {}
    cookies: list[str] = []
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "set-cookie":
            cookies.append(value)
        elif name not in _NOT_PASSED_ON:
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
    given = {"statusCode": status, "headers": joined} | ({"cookies": cookies} if cookies else {})
    return json.dumps(given).encode() + _END_OF_METADATA


async def answer(app: ASGIApp, scope: Scope, body: bytes, opening: OpeningResponse) -> Exception | None:
    """
    Answer one request; return the error that the application raised, if any, after the caller has been answered.

    An error before the first part is a 500; after it, the response ends as cut off.
    """
    opening.begin()
    outgoing = _Outgoing(opening)
    try:
        await app(scope, _incoming(body), outgoing.send)
        await outgoing.end()
    except Exception as error:  # noqa: BLE001  the last resort: the platform must get an end
        await outgoing.fail(error)
        return error
    return None


async def send_whole(answered: Event, opening: OpeningResponse) -> None:
    """Send an answer in the buffered format, whose body is text."""
    response = await opening.open()
    headers = [(name.encode(), value.encode()) for name, value in answered["headers"].items()]
    await response.write(metadata(answered["statusCode"], headers) + answered["body"].encode())
    await response.end()


def _incoming(body: bytes) -> Callable[[], Awaitable[Message]]:
    """Return a `receive` that gives the body and then waits: Lambda does not say that a caller has left."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else await asyncio.get_running_loop().create_future()

    return receive


class _Outgoing:
    """The application's messages, written to a response that opens with the first part of the body."""

    def __init__(self, opening: OpeningResponse) -> None:
        self._opening = opening
        self._response: StreamedResponse | None = None
        self._head = b""
        self._has_ended = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = metadata(message["status"], message.get("headers", ()))
        elif message["type"] == "http.response.body" and not self._has_ended:
            await self._write(message.get("body", b""))
            if not message.get("more_body", False):
                await self.end()

    async def end(self) -> None:
        """End the response, once; an application that never began one has failed."""
        if self._has_ended:
            return
        if not self._head:
            raise RuntimeError("the application did not answer")
        if self._response is None:
            await self._write(b"")
        self._has_ended = True
        await self._opened().end()

    async def fail(self, error: Exception) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        if self._response is not None:
            await self._response.fail(error)
            return
        self._head = metadata(500, [(b"content-type", b"application/json")])
        await self._write(json.dumps(_INTERNAL).encode())
        await self._opened().end()

    async def _write(self, part: bytes) -> None:
        if self._response is None:
            self._response = await self._opening.open()
            part = self._head + part
        if part:
            await self._response.write(part)

    def _opened(self) -> StreamedResponse:
        assert self._response is not None  # noqa: S101  written to before
        return self._response


_INTERNAL: dict[str, Any] = {
    "error": {"message": "internal error", "type": "internal_error", "param": None, "code": "internal_error"}
}

"""A loop over Lambda's Runtime API, for what the managed Python runtime cannot do: stream responses."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentinel_core.app.lambda_event_kinds import is_http, is_warm_up
from sentinel_core.errors import UnknownEventError

if TYPE_CHECKING:
    from sentinel_core.app.lambda_function import Function

_PREFIX = "/2018-06-01/runtime"
_ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
_ERROR_BODY = "Lambda-Runtime-Function-Error-Body"
_ANSWER_SECONDS = 5.0
"""Most seconds until the Runtime API, on this machine, confirms a response."""

_FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Context:
    """The part of Lambda's context object that the function reads; `deadline_ms` is Unix time."""

    aws_request_id: str
    deadline_ms: int

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self.deadline_ms - int(time.time() * 1000))


class RuntimeApi:
    """The Runtime API at `address`, HOST:PORT; one event at a time. Raises OSError where it does not answer."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection = http.client.HTTPConnection(address)

    def next(self) -> tuple[Any, Context]:
        """Wait for the next event; the environment is frozen meanwhile, so the wait blocks and has no end."""
        self._connection.request("GET", f"{_PREFIX}/invocation/next")
        response = self._connection.getresponse()
        event = json.loads(response.read())
        request_id = response.getheader("Lambda-Runtime-Aws-Request-Id", "")
        return event, Context(request_id, int(response.getheader("Lambda-Runtime-Deadline-Ms", "0")))

    def answer(self, context: Context, payload: object) -> None:
        """Answer an event that is no HTTP request."""
        self._post(f"/invocation/{context.aws_request_id}/response", payload)

    def fail(self, context: Context | None, error: BaseException) -> None:
        """Report an event that failed, or, without a context, a start."""
        path = "/init/error" if context is None else f"/invocation/{context.aws_request_id}/error"
        self._post(path, _described(error), {_ERROR_TYPE: f"Runtime.{type(error).__name__}"})

    def response(self, context: Context) -> Opening:
        """Return a streamed response that is not open yet."""
        return Opening(self._address, context)

    def _post(self, path: str, payload: object, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(payload).encode()
        self._connection.request("POST", _PREFIX + path, body, {"Content-Type": "application/json", **(headers or {})})
        self._connection.getresponse().read()


class Opening:
    """
    A streamed response that opens with its first part; where it is begun before, its connection is there by then.

    That spares the first event of an answer the 0.3 ms of a connection. One that is older than `_FRESH_SECONDS` is not
    used: how long the Runtime API waits for a request on it is not documented.
    """

    def __init__(self, address: str, context: Context) -> None:
        self._address = address
        self._context = context
        self._begun = 0.0
        self._connecting: asyncio.Task[tuple[asyncio.StreamReader, asyncio.StreamWriter]] | None = None

    def begin(self) -> None:
        """Connect while the answer is made."""
        self._begun = time.monotonic()
        self._connecting = asyncio.create_task(self._connect())

    async def open(self) -> ChunkedResponse:
        """Begin the response; raises OSError where the Runtime API does not answer."""
        reader, writer = await (self._connecting or self._connect())
        if self._connecting is not None and time.monotonic() - self._begun > _FRESH_SECONDS:
            writer.close()
            reader, writer = await self._connect()
        writer.write(
            f"POST {_PREFIX}/invocation/{self._context.aws_request_id}/response HTTP/1.1\r\nHost: {self._address}\r\n"
            "Content-Type: application/vnd.awslambda.http-integration-response\r\n"
            "Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
            f"Trailer: {_ERROR_TYPE}, {_ERROR_BODY}\r\n\r\n".encode()
        )
        return ChunkedResponse(reader, writer)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, port = self._address.partition(":")
        return await asyncio.open_connection(host, int(port or 80))


class ChunkedResponse:
    """
    A request to the Runtime API whose body is the response, in chunks.

    Where the platform has stopped reading, the rest is dropped: the answer is still finished and stored.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def write(self, part: bytes) -> None:
        """Send one chunk, at the speed at which the platform takes it."""
        if not self._writer.is_closing():
            await self._send(b"%x\r\n%b\r\n" % (len(part), part))

    async def end(self) -> None:
        await self._close(b"0\r\n\r\n")

    async def fail(self, error: BaseException) -> None:
        """End with the error in trailers."""
        body = base64.b64encode(json.dumps(_described(error)).encode())
        kind = f"Runtime.{type(error).__name__}".encode()
        await self._close(b"0\r\n%b: %b\r\n%b: %b\r\n\r\n" % (_ERROR_TYPE.encode(), kind, _ERROR_BODY.encode(), body))

    async def _close(self, ending: bytes) -> None:
        await self._send(ending)
        with suppress(OSError):
            await asyncio.wait_for(self._reader.readline(), _ANSWER_SECONDS)
        self._writer.close()

    async def _send(self, content: bytes) -> None:
        try:
            self._writer.write(content)
            await self._writer.drain()
        except OSError:
            self._writer.close()


def serve(function: Function, api: RuntimeApi, *, events: float = float("inf")) -> None:
    """Answer events, for ever on the platform: HTTP requests in parts, all others as the managed runtime does."""
    while events > 0:
        events -= 1
        event, context = api.next()
        if is_http(event) and not is_warm_up(event):
            function.stream(event, context, api.response(context))
            continue
        try:
            api.answer(context, function.handle(event, context))
        except UnknownEventError as error:
            api.fail(context, error)


def _described(error: BaseException) -> dict[str, object]:
    return {"errorType": type(error).__name__, "errorMessage": str(error), "stackTrace": []}

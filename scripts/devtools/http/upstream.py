"""A local server that speaks OpenAI's and Groq's chat protocol over a real socket, and misbehaves on demand.

In tests: `with Upstream.running() as upstream: upstream.script(failure(429), answer("Hi."))`.
For benches: `python -m scripts.devtools.http.upstream --port 9100 --delay-ms 0`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from scripts.devtools.http.replies import CREATED, Call, Fault, Reply, answer

STALL_SECONDS = 600.0


class Upstream:
    """
    The server. Replies are used up in the order of the script; after that, each call gets `default`.

    Calls to a path that ends as one of `routes` are answered by it.
    Those of `models` are for the calls that name this model, in their order, the last one for good.
    """

    def __init__(self, default: Reply | None = None) -> None:
        self.default = default or answer()
        self.models: dict[str, deque[Reply] | Callable[[Call], Reply]] = {}
        self.routes: dict[str, Callable[[Call], Reply]] = {}
        self.calls: list[Call] = []
        self.connections = 0
        self.left = threading.Event()
        """Set when a client left in the middle of an exchange."""

        self._script: deque[Reply] = deque()
        self._server: asyncio.Server | None = None
        self.url = ""

    def script(self, *replies: Reply) -> None:
        self._script.extend(replies)

    def script_nothing(self) -> None:
        self._script.clear()

    @classmethod
    @contextlib.contextmanager
    def running(cls, default: Reply | None = None) -> Iterator[Upstream]:
        """Serve on a free port of the loopback, in a thread of its own."""
        upstream, loop, started = cls(default), asyncio.new_event_loop(), threading.Event()

        def serve() -> None:
            loop.run_until_complete(upstream.start())
            loop.call_soon(started.set)
            loop.run_forever()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        started.wait()
        try:
            yield upstream
        finally:
            asyncio.run_coroutine_threadsafe(upstream.stop(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def start(self, port: int = 0) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port, backlog=4096)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (call := await _read(reader)) is not None:
                await self._reply(call, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.left.set()
        finally:
            writer.transport.abort()

    async def _reply(self, call: Call, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if call.path.endswith("/models"):
            await _send(writer, Reply(body=b'{"object":"list","data":[{"id":"gpt-oss","object":"model"}]}'))
            return
        self.calls.append(call)
        route = next((route for end, route in self.routes.items() if call.path.endswith(end)), None)
        reply = self.reply_to(call) if route is None else route(call)
        if reply.delay:
            await _pause(reply.delay, reader)
        if reply.fault is Fault.STALL:
            await _pause(STALL_SECONDS, reader)
        if reply.fault is Fault.CUT:
            raise ConnectionAbortedError
        if reply.body is not None or not call.stream:
            await _send(writer, _plain(reply, call), reader)
        else:
            await _stream(writer, reader, reply, call)

    def reply_to(self, call: Call) -> Reply:
        """Return the next reply that is scripted for this call."""
        if replies := self.models.get(str(call.model)):
            if not isinstance(replies, deque):
                return replies(call)
            return replies.popleft() if len(replies) > 1 else replies[0]
        return self._script.popleft() if self._script else self.default


async def _read(reader: asyncio.StreamReader) -> Call | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    request, *lines = head.decode("latin-1").split("\r\n")[:-2]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    is_json = "json" in headers.get("content-type", "")
    return Call(request.split(" ")[1], headers, json.loads(body) if body and is_json else body or None)


async def _pause(seconds: float, reader: asyncio.StreamReader) -> None:
    """Wait, unless the client leaves first."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            if not await reader.read(1):
                raise ConnectionAbortedError


def _plain(reply: Reply, call: Call) -> Reply:
    if reply.body is not None:
        return reply
    choice = {"index": 0, "message": reply.message, "logprobs": None, "finish_reason": reply.finish_reason}
    body = {**_envelope("chat.completion", reply, call), "choices": [choice]}
    if reply.usage is not None:
        body["usage"] = reply.usage
    return replace(reply, body=json.dumps(body).encode())


def _envelope(kind: str, reply: Reply, call: Call) -> dict[str, Any]:
    model = reply.model or call.model
    return {"id": "chatcmpl-upstream", "object": kind, "created": CREATED, "model": model}


async def _send(writer: asyncio.StreamWriter, reply: Reply, reader: asyncio.StreamReader | None = None) -> None:
    body = reply.body or b""
    headers = {"content-type": "application/json", **reply.headers, "content-length": str(len(body))}
    whole = _head(reply.status, headers) + body
    midway = reply.fault in (Fault.STALL_MIDWAY, Fault.CUT_MIDWAY)
    writer.write(whole[: -len(body) // 2] if midway else whole)
    await writer.drain()
    if midway:
        await _break(reply, reader)


async def _break(reply: Reply, reader: asyncio.StreamReader | None) -> None:
    if reply.fault is Fault.STALL_MIDWAY and reader is not None:
        await _pause(STALL_SECONDS, reader)
    await asyncio.sleep(0.02)  # a reset may overtake what was sent before it
    raise ConnectionAbortedError


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode("latin-1")


async def _stream(writer: asyncio.StreamWriter, reader: asyncio.StreamReader, reply: Reply, call: Call) -> None:
    writer.write(_head(reply.status, {"content-type": "text/event-stream", "transfer-encoding": "chunked"}))
    for position, chunk in enumerate(chunks(reply, call)):
        if position == reply.after and reply.fault not in (None, Fault.NO_DONE):
            await _break_stream(writer, reader, reply)
            return
        if position and reply.pace:
            await _pause(reply.pace, reader)
        await _event(writer, json.dumps(chunk).encode())
    if reply.fault is not Fault.NO_DONE:
        await _event(writer, b"[DONE]")
    writer.write(b"0\r\n\r\n")


async def _break_stream(writer: asyncio.StreamWriter, reader: asyncio.StreamReader, reply: Reply) -> None:
    if reply.fault is not Fault.ERROR_EVENT:
        await _break(reply, reader)
    await _event(writer, json.dumps({"error": reply.error}).encode())
    writer.write(b"0\r\n\r\n")


async def _event(writer: asyncio.StreamWriter, data: bytes) -> None:
    event = b"data: " + data + b"\n\n"
    writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
    await writer.drain()


def chunks(reply: Reply, call: Call) -> Iterator[dict[str, Any]]:
    """The answer as providers stream it: the role, text by words, tool calls in two parts, the end, the usage."""
    envelope = _envelope("chat.completion.chunk", reply, call)
    content = reply.message.get("content")
    yield _chunk(envelope, {"role": "assistant", "content": None if content is None else ""})
    for name, value in reply.message.items():
        for delta in _deltas(name, value):
            yield _chunk(envelope, delta)
    last = _chunk(envelope, {}, reply.finish_reason)
    if reply.groq and reply.usage is not None:
        last["x_groq"] = {"id": "req_1", "usage": reply.usage}
    yield last
    if reply.usage is not None and (call.body.get("stream_options") or {}).get("include_usage"):
        yield {**envelope, "choices": [], "usage": reply.usage}


def _chunk(envelope: dict[str, Any], delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {**envelope, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}]}


def _deltas(name: str, value: Any) -> Iterator[dict[str, Any]]:
    if name == "role" or value is None:
        return
    if name == "tool_calls":
        for index, call in enumerate(value):
            arguments = call["function"]["arguments"]
            first = {**call, "index": index, "function": {**call["function"], "arguments": arguments[:3]}}
            yield {"tool_calls": [first]}
            yield {"tool_calls": [{"index": index, "function": {"arguments": arguments[3:]}}]}
    elif isinstance(value, str):
        words = value.split(" ")
        yield from ({name: word if position == 0 else " " + word} for position, word in enumerate(words))
    else:
        yield {name: value}


async def _main() -> None:
    parser = argparse.ArgumentParser(description="Serve chat completions for benches.")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--delay-ms", type=float, default=0.0, help="before the answer begins")
    parser.add_argument("--pace-ms", type=float, default=0.0, help="between streamed chunks")
    arguments = parser.parse_args()
    upstream = Upstream(answer(delay=arguments.delay_ms / 1000, pace=arguments.pace_ms / 1000))
    await upstream.start(arguments.port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())

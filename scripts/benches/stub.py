"""A fast upstream in OpenAI's protocol, whose answer quotes the prompt; it misbehaves when told to."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import uvloop

ANSWER = "It is the seat of government, lies on a river, and about two million people live there. " * 4
ASKED = "Asked: "
_REFUSAL = b'{"error":{"message":"slow down","type":"rate_limit_error"}}'


class Reply(NamedTuple):
    """The parts of a whole HTTP response, and the seconds before the first and between them."""

    parts: list[bytes]
    delay: float = 0.0
    pace: float = 0.0


class Upstream:
    """What all connections share: the manner of answering, and how often a completion was asked for."""

    def __init__(self, delay_ms: float) -> None:
        self.delay = delay_ms / 1000
        self.manner = "honest"
        self.calls = 0

    def reply(self, path: str, body: bytes) -> Reply:
        if path.startswith("/manner/"):
            self.manner = path.removeprefix("/manner/")
            return Reply([_http(b"{}")])
        if not path.endswith("/chat/completions"):
            return Reply([_http(b'{"calls":%d}' % self.calls)])
        self.calls += 1
        return self._complete(json.loads(body))

    def _complete(self, asked: dict[str, Any]) -> Reply:
        if self.manner == "throttled":
            return Reply([_http(_REFUSAL, b"429 Too Many Requests", b"retry-after: 1\r\n")])
        if self.manner == "lying":
            return Reply([_http(b'{"choices": "none of your business"')])
        # A model named `stub-50ms` has its own delay, so that one stub serves several workloads.
        name, prompt = str(asked["model"]), str(asked["messages"][-1]["content"])
        if name.startswith("talk-"):
            words, _, pace = name[5:-2].partition("-")
            return Reply(_streamed(name, spoken(prompt, int(words))), pace=int(pace) / 1000)
        if name.startswith("fail-"):
            return Reply(
                [_http(b'{"error":{"message":"broken","type":"server_error"}}', name[5:].encode() + b" Failed")]
            )
        delay = float(name[5:-2]) / 1000 if name.startswith("stub-") else self.delay
        text = ANSWER + ASKED + prompt
        pieces = [text[at : at + 40] for at in range(0, len(text), 40)]
        return Reply(_streamed(name, pieces) if asked.get("stream") else [_http(_completion(name, text))], delay)


class _Connection(asyncio.Protocol):
    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # TCP gives a Transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            size = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(self._buffer) < end + 4 + size:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + size], self._buffer[end + 4 + size :]
            self._answer(self._upstream.reply(head.split(b" ", 2)[1].decode(), body))

    def _answer(self, reply: Reply) -> None:
        if reply.delay:
            asyncio.get_running_loop().call_later(reply.delay, self._send, reply.parts)
        elif reply.pace:
            self._tell(reply)
        else:
            self._send(reply.parts)

    def _tell(self, reply: Reply) -> None:
        """Send one part now, the head with the first of the body, and the rest later."""
        now = 2 if reply.parts[0].startswith(b"HTTP") else 1
        self._send(reply.parts[:now])
        if len(reply.parts) > now and not self._transport.is_closing():
            asyncio.get_running_loop().call_later(reply.pace, self._tell, reply._replace(parts=reply.parts[now:]))

    def _send(self, parts: list[bytes]) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"".join(parts))


def _http(body: bytes, status: bytes = b"200 OK", headers: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\n%bcontent-length: %d\r\n\r\n"
    return head % (status, headers, len(body)) + body


def _completion(model: str, text: str) -> bytes:
    message = {"role": "assistant", "content": text}
    return json.dumps(
        {
            "id": "chatcmpl-stub",
            "object": "chat.completion",
            "created": 0,
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 14, "completion_tokens": 90, "total_tokens": 104},
        }
    ).encode()


def spoken(prompt: str, words: int) -> list[str]:
    """Return the pieces of a long answer, which is like no other's."""
    return [f"{prompt} {number} " for number in range(words)]


def _streamed(model: str, pieces: Sequence[str]) -> list[bytes]:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    deltas: list[dict[str, str]] = [{"content": piece} for piece in pieces]
    events = [_event(model, delta, None) for delta in [{"role": "assistant", "content": ""}, *deltas]]
    usage = {"prompt_tokens": 14, "completion_tokens": 90, "total_tokens": 104}
    last = _event(model, {}, "stop", usage=usage)
    return [head, *map(_chunk, [*events, last, b"data: [DONE]\n\n"]), b"0\r\n\r\n"]


def _event(model: str, delta: dict[str, str], finish: str | None, **more: object) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "chatcmpl-stub", "object": "chat.completion.chunk", "created": 0, "model": model}
    return b"data: " + json.dumps({**head, "choices": [choice], **more}).encode() + b"\n\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def _serve(port: int, delay_ms: float) -> None:
    upstream = Upstream(delay_ms)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(upstream), "127.0.0.1", port, backlog=512
    )
    await server.serve_forever()


def main(argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.benches.stub", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay-ms", type=float, default=0)
    arguments = parser.parse_args(argv)
    uvloop.run(_serve(arguments.port, arguments.delay_ms))


if __name__ == "__main__":
    main(sys.argv[1:])

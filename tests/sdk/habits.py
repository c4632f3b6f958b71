"""Habits of upstream servers as data: what they send to a plain and to a streamed call, byte by byte."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Step: TypeAlias = bytes | float
"""Bytes to send, or seconds to pause."""

TEXT = "The capital is Paris."
USAGE = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Habit:
    """What one kind of server sends, and then closes the connection; `is_cut` resets it instead."""

    plain: Sequence[Step]
    stream: Sequence[Step]
    is_cut: bool = False


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def message(content: Any = TEXT, **fields: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **fields}


def body(
    of: dict[str, Any] | None = None, *, reason: Any = "stop", usage: Any = USAGE, **fields: Any
) -> dict[str, Any]:
    """Build a plain answer; a field given as None is null."""
    choice = {"index": 0, "message": message() if of is None else of, "finish_reason": reason}
    whole = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "m",
        "choices": [choice],
    }
    return {**whole, "usage": usage, **fields}


def chunk(delta: Any = None, reason: Any = None, **fields: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {} if delta is None else delta, "finish_reason": reason}
    whole = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": "m"}
    return {**whole, "choices": [choice], **fields}


FIRST, REST = chunk({"role": "assistant", "content": "The capital"}), chunk({"content": " is Paris."})
STOP = chunk({}, "stop")
BILL = {**chunk(), "choices": [], "usage": USAGE}
ORDINARY = (FIRST, REST, STOP, BILL)


def event(value: Any) -> bytes:
    return b"data: " + dumped(value) + b"\n\n"


def events(*values: Any, done: bytes = DONE) -> bytes:
    return b"".join(map(event, values)) + done


def head(status: int = 200, kind: str | None = "application/json", *lines: str) -> bytes:
    named = [] if kind is None else [f"content-type: {kind}"]
    return "\r\n".join([f"HTTP/1.1 {status} Said", *named, *lines, "", ""]).encode()


def whole(raw: bytes, status: int = 200, kind: str | None = "application/json", *lines: str) -> list[Step]:
    """Send a body with its length."""
    return [head(status, kind, f"content-length: {len(raw)}", *lines) + raw]


def chunked(parts: Iterable[Step], kind: str | None = "text/event-stream", end: bytes = b"0\r\n\r\n") -> list[Step]:
    """Send parts as chunks of HTTP/1.1, with the pauses between them."""
    framed = [part if isinstance(part, float) else b"%x\r\n%s\r\n" % (len(part), part) for part in parts]
    return [head(200, kind, "transfer-encoding: chunked"), *framed, end]


def streamed(raw: bytes, kind: str | None = "text/event-stream") -> list[Step]:
    return chunked([raw], kind)


def says(of: dict[str, Any] | None = None, *chunks: Any, **fields: Any) -> Habit:
    """Answer like this when plain, with these chunks when streamed."""
    return Habit(whole(dumped(body(of, **fields))), streamed(events(*(chunks or ORDINARY))))


def streams(raw: bytes | list[Step], *, is_cut: bool = False) -> Habit:
    """Answer in the ordinary way when plain, with these bytes when streamed."""
    return Habit(whole(dumped(body())), streamed(raw) if isinstance(raw, bytes) else raw, is_cut)


def fails(status: int, raw: bytes, kind: str = "application/json") -> Habit:
    return Habit(whole(raw, status, kind), whole(raw, status, kind))


def error(**fields: Any) -> bytes:
    return dumped({"error": {"message": "No.", "type": "some_error", "param": None, "code": None, **fields}})


def call(index: Any = 0, **fields: Any) -> dict[str, Any]:
    """A piece of a tool call; without an index if that is None."""
    placed = {} if index is None else {"index": index}
    return {**placed, **fields}


def calls(*pieces: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    deltas = [chunk({"role": "assistant", "content": None, "tool_calls": list(pieces[0])})]
    return (*deltas, *(chunk({"tool_calls": list(piece)}) for piece in pieces[1:]), chunk({}, "tool_calls"), BILL)


def bytewise(raw: bytes, size: int = 7) -> list[Step]:
    steps: list[Step] = []
    for start in range(0, len(raw), size):
        steps += [raw[start : start + size], 0.001]
    return chunked(steps)


ANSWER = events(*ORDINARY)
PIECES: tuple[dict[str, Any], ...] = (
    call(id="call_1", type="function", function={"name": "f", "arguments": ""}),
    call(function={"arguments": '{"a"'}),
    call(function={"arguments": ":1}"}),
)
SECOND = {**CALL, "id": "call_2", "function": {"name": "g", "arguments": "{}"}}
TOOLS = message(None, tool_calls=[CALL])
BOTH = message(None, tool_calls=[CALL, SECOND])

HABITS: dict[str, Habit] = {
    # How events are written
    "ordinary": says(),
    "no-done": streams(events(*ORDINARY, done=b"")),
    "no-last-line-end": streams(events(*ORDINARY, done=b"data: [DONE]")),
    "done-without-space": streams(events(*ORDINARY, done=b"data:[DONE]\n\n")),
    "events-after-done": streams(ANSWER + event(chunk({"content": "more"}))),
    "no-space-after-colon": streams(ANSWER.replace(b"data: ", b"data:")),
    "crlf": streams(ANSWER.replace(b"\n", b"\r\n")),
    "cr": streams(ANSWER.replace(b"\n", b"\r")),
    "byte-order-mark": streams(b"\xef\xbb\xbf" + b": hello\n\n" + ANSWER),
    "comments": streams(b": hello\n\n" + ANSWER.replace(b"\n\n", b"\n\n: keep-alive\n\n")),
    "comment-in-event": streams(ANSWER.replace(b"data: {", b": note\ndata: {")),
    "names-and-ids": streams(ANSWER.replace(b"data: {", b"event: message\nid: 7\nretry: 100\ndata: {")),
    "blank-lines": streams(b"\n\n\n" + ANSWER.replace(b"\n\n", b"\n\n\n\n")),
    "several-data-lines": streams(ANSWER.replace(b'"object": ', b'"object":\ndata: ')),
    "openrouter-processing": streams(b": OPENROUTER PROCESSING\n\n" * 3 + ANSWER),
    "split-anywhere": streams(bytewise(ANSWER)),
    "split-in-a-character": Habit(
        whole(json.dumps(body(message("Zürich 🙂")), ensure_ascii=False).encode()),
        bytewise(
            b"data: "
            + json.dumps(chunk({"content": "Zürich 🙂"}), ensure_ascii=False).encode()
            + b"\n\n"
            + events(STOP),
            1,
        ),
    ),
    "pauses": streams(chunked([event(FIRST), 0.2, event(REST), 0.2, events(STOP, BILL)])),
    "until-it-closes": Habit([head() + dumped(body())], [head(200, "text/event-stream") + ANSWER]),
    "with-a-length": streams(whole(ANSWER, 200, "text/event-stream")),
    "trailers": streams(chunked([ANSWER], end=b"0\r\nx-took: 5\r\n\r\n")),
    "interim-response": Habit(
        [b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", *whole(dumped(body()))],
        [b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", *streamed(ANSWER)],
    ),
    # Media types
    "stream-as-text": streams(streamed(ANSWER, "text/plain")),
    "stream-as-octets": streams(streamed(ANSWER, "application/octet-stream")),
    "stream-with-charset": streams(streamed(ANSWER, "text/event-stream; charset=utf-8")),
    "no-media-type": Habit(whole(dumped(body()), 200, None), streamed(ANSWER, None)),
    "json-with-charset": Habit(whole(dumped(body()), 200, "application/json; charset=utf-8"), streamed(ANSWER)),
    "plain-with-mark": Habit(whole(b"\xef\xbb\xbf" + dumped(body())), streamed(ANSWER)),
    "pretty-json": Habit(whole(json.dumps(body(), indent=2).encode() + b"\n\n"), streamed(ANSWER)),
    # Events that are no part of the answer
    "empty-choices-first": says(None, {**chunk(), "choices": [], "prompt_filter_results": []}, *ORDINARY),
    "ping-object": says(None, {"type": "ping"}, *ORDINARY),
    "choices-null": says(None, {**chunk(), "choices": None}, *ORDINARY),
    "named-ping": streams(b'event: ping\ndata: {"type": "ping"}\n\n' + ANSWER),
    "empty-data": streams(b"data:\n\n" + ANSWER),
    # Usage
    "no-usage": says(None, FIRST, REST, STOP, usage=None),
    "usage-with-the-end": says(None, FIRST, REST, {**STOP, "usage": USAGE}),
    "usage-null-everywhere": says(None, *({**each, "usage": None} for each in (FIRST, REST, STOP)), BILL),
    "usage-in-every-chunk": says(None, *({**each, "usage": USAGE} for each in (FIRST, REST, STOP))),
    "usage-before-the-end": says(None, FIRST, REST, BILL, STOP),
    "usage-of-groq": says(None, FIRST, REST, {**STOP, "x_groq": {"id": "r", "usage": USAGE}}, BILL),
    "usage-with-details": says(None, FIRST, REST, STOP, {**BILL, "usage": {**USAGE, "queue_time": 0.1}}),
    # How it ends
    "reason-apart": says(),
    "reason-with-the-text": says(None, FIRST, chunk({"content": " is Paris."}, "stop"), BILL),
    "reason-length": says(None, FIRST, chunk({}, "length"), BILL, reason="length"),
    "reason-content-filter": says(None, FIRST, chunk({}, "content_filter"), BILL, reason="content_filter"),
    "reason-eos": says(None, FIRST, REST, chunk({}, "eos"), BILL, reason="eos"),
    "reason-end-turn": says(None, FIRST, REST, chunk({}, "end_turn"), BILL, reason="end_turn"),
    "reason-in-capitals": says(None, FIRST, REST, chunk({}, "STOP"), BILL, reason="STOP"),
    "reason-empty": says(None, chunk({"content": "The capital"}, ""), chunk({"content": " is Paris."}, "stop")),
    "no-reason": says(None, FIRST, REST, reason=None),
    "late-error-after-the-end": streams(events(*ORDINARY, done=event({"error": {"message": "late"}}))),
    "cut-after-the-end": streams(
        [
            head(200, "text/event-stream", "transfer-encoding: chunked"),
            b"%x\r\n%s\r\n" % (len(ANSWER[:-14]), ANSWER[:-14]),
        ],
        is_cut=True,
    ),
    # Deltas and messages
    "role-apart": says(None, chunk({"role": "assistant"}), chunk({"content": TEXT}), STOP, BILL),
    "role-in-every-delta": says(None, chunk(message("The capital")), chunk(message(" is Paris.")), STOP, BILL),
    "no-role": says({"content": TEXT}, chunk({"content": TEXT}), STOP, BILL),
    "null-content-first": says(None, chunk(message(None)), chunk({"content": TEXT}), STOP, BILL),
    "empty-deltas": says(None, chunk({"content": ""}), FIRST, chunk({"content": ""}), REST, STOP, BILL),
    "no-delta": says(None, FIRST, REST, {**STOP, "choices": [{"index": 0, "finish_reason": "stop"}]}, BILL),
    "delta-null": says(None, FIRST, REST, {**STOP, "choices": [{"index": 0, "delta": None, "finish_reason": "stop"}]}),
    "empty-answer": says(message(""), chunk(message("")), STOP, BILL),
    "reasoning-content": says(
        message(TEXT, reasoning_content="Hm."), chunk({"reasoning_content": "Hm."}), FIRST, REST, STOP, BILL
    ),
    "thoughts-in-the-text": says(
        message(f"<think>Hm.</think>{TEXT}"), chunk({"content": "<think>Hm.</think>"}), chunk({"content": TEXT}), STOP
    ),
    "refusal-field": says(message(None, refusal="No."), chunk({"refusal": "No."}), STOP, BILL),
    "annotations": says(message(TEXT, annotations=[]), *ORDINARY),
    "long-answer": says(
        message("word " * 40_000), *(chunk({"content": "word " * 400}) for _ in range(100)), STOP, BILL
    ),
    "escaped-pairs": says(message("a \U0001f600 b"), chunk({"content": "a \U0001f600 b"}), STOP),
    # Tool calls
    "call-in-pieces": says(TOOLS, *calls(*([piece] for piece in PIECES)), reason="tool_calls"),
    "call-whole": says(TOOLS, *calls([{**CALL, "index": 0}]), reason="tool_calls"),
    "calls-in-parallel": says(BOTH, *calls([{**CALL, "index": 0}], [{**SECOND, "index": 1}]), reason="tool_calls"),
    "calls-in-one-chunk": says(BOTH, *calls([{**CALL, "index": 0}, {**SECOND, "index": 1}]), reason="tool_calls"),
    "call-with-stop": says(TOOLS, *calls([{**CALL, "index": 0}])[:-2], STOP, BILL),
    "tool-calls-empty": says(message(TEXT, tool_calls=[]), chunk(message(TEXT, tool_calls=[])), STOP, BILL),
    "function-call": says(
        message(None, function_call={"name": "f", "arguments": "{}"}),
        chunk({"function_call": {"name": "f", "arguments": ""}}),
        chunk({"function_call": {"arguments": "{}"}}),
        chunk({}, "function_call"),
        reason="function_call",
    ),
    # What stands around
    "no-id": says(None, *({name: value for name, value in each.items() if name != "id"} for each in ORDINARY), id=None),
    "model-null": says(None, *({**each, "model": None} for each in ORDINARY), model=None),
    "unknown-fields": says(None, *({**each, "more": {"a": [1]}} for each in ORDINARY), more={"a": [1]}),
    "fingerprint-and-tier": says(None, *ORDINARY, system_fingerprint="fp", service_tier="default"),
    "object-null": says(None, *({**each, "object": None} for each in ORDINARY), object=None),
    # Errors
    "error-400": fails(400, error(code="bad", param="messages")),
    "error-401": fails(401, error(code="invalid_api_key")),
    "error-403-moderation": fails(403, error(code="content_policy_violation")),
    "error-404": fails(404, error(code="model_not_found")),
    "error-413": fails(413, error(code="request_too_large")),
    "error-422": fails(422, dumped({"detail": [{"loc": ["body", "n"], "msg": "bad"}]})),
    "error-429": fails(429, error(code="rate_limit_exceeded")),
    "error-quota": fails(429, error(code="insufficient_quota")),
    "error-500": fails(500, error()),
    "error-page": fails(503, b"<html>Service Unavailable</html>", "text/html"),
    "error-numeric-code": fails(400, error(code=400)),
    "error-as-text": fails(400, dumped({"error": "bad model"})),
    "error-in-a-list": fails(400, dumped([{"error": {"code": 400, "message": "bad", "status": "INVALID"}}])),
    "error-with-200": Habit(whole(error(code="server_error")), whole(error(code="server_error"))),
    "error-event": streams(events(FIRST, {"error": {"message": "over", "type": "t", "code": "c"}}, done=b"")),
    "cut-at-once": Habit([], [], is_cut=True),
    "cut-in-the-middle": Habit(
        [head(200, "application/json", "content-length: 9999"), dumped(body())],
        [
            head(200, "text/event-stream", "transfer-encoding: chunked"),
            b"%x\r\n%s\r\n" % (len(event(FIRST)), event(FIRST)),
        ],
        is_cut=True,
    ),
    "closed-in-the-middle": streams(events(FIRST, done=b"")),
    "nothing": Habit(whole(b"", 204), streamed(b"")),
    "not-json": Habit(whole(b"Hello"), streamed(b"data: Hello\n\n")),
    "plain-in-place-of-a-stream": Habit(whole(dumped(body())), whole(dumped(body()))),
    "half-a-character": Habit(
        whole(dumped(body(message("a \ud83d b")))), streamed(events(chunk({"content": "a \ud83d b"}), STOP, BILL))
    ),
    "not-a-number": Habit(
        whole(dumped(body(took=float("nan")))), streamed(events(*({**each, "took": float("nan")} for each in ORDINARY)))
    ),
    "calls-under-one-index": says(BOTH, *calls([{**CALL, "index": 0}], [{**SECOND, "index": 0}]), reason="tool_calls"),
    "call-without-index": says(TOOLS, *calls([CALL]), reason="tool_calls"),
}

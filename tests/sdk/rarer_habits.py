"""Rarer habits of upstream servers, in the shape of `habits.py`: media, marks, wrong types, errors and ends."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

from tests.sdk.habits import (
    ANSWER,
    BILL,
    DONE,
    FIRST,
    ORDINARY,
    REST,
    STOP,
    Habit,
    Step,
    body,
    bytewise,
    chunk,
    chunked,
    dumped,
    error,
    event,
    events,
    fails,
    head,
    message,
    says,
    streamed,
    streams,
    whole,
)

OVER = {"message": "Overloaded", "type": "overloaded_error", "code": 529}
PAGE = b"<!DOCTYPE html><html><head><title>520</title></head><body>Web server error</body></html>"


def zipped(raw: bytes, coding: str) -> bytes:
    return gzip.compress(raw) if coding == "gzip" else zlib.compress(raw)


def unescaped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def encoded(coding: str) -> Habit:
    named = f"content-encoding: {coding}"
    stream = zipped(ANSWER, coding)
    return Habit(
        whole(zipped(dumped(body()), coding), 200, "application/json", named),
        [head(200, "text/event-stream", named, f"content-length: {len(stream)}") + stream],
    )


def answers(*steps: Step) -> Habit:
    """Answer with these bytes, plain and streamed."""
    return Habit(steps, steps)


RARER: dict[str, Habit] = {
    # How events are written
    "mark-then-data": streams(b"\xef\xbb\xbf" + ANSWER),
    "mark-in-pieces": streams(bytewise(b"\xef\xbb\xbf" + ANSWER, 1)),
    "mark-in-the-middle": streams(event(FIRST) + b"\xef\xbb\xbf: hm\n\n" + events(REST, STOP, BILL)),
    "crlf-and-lf": streams(event(FIRST).replace(b"\n", b"\r\n") + event(REST) + events(STOP, BILL)),
    "crlf-in-two-pieces": streams(
        chunked([event(FIRST)[:-2] + b"\r", 0.02, b"\n\r", 0.02, b"\n", events(REST, STOP, BILL)])
    ),
    "cr-at-the-end-of-a-piece": streams(chunked([event(FIRST)[:-2] + b"\r\r", 0.05, events(REST, STOP, BILL)])),
    "comments-and-pauses": streams(chunked([b": a\n\n", 0.1, b":\n\n", 0.1, b":b\n", 0.1, ANSWER])),
    "colon-alone": streams(b":\n\n:\n\n" + ANSWER),
    "retry-alone": streams(b"retry: 3000\n\n" + ANSWER),
    "id-alone": streams(b"id: 5\n\n" + ANSWER),
    "event-name-alone": streams(b"event: start\n\n" + ANSWER),
    "data-without-colon": streams(b"data\n" + ANSWER),
    "many-spaces": streams(ANSWER.replace(b"data: ", b"data:    ")),
    "tab-after-colon": streams(ANSWER.replace(b"data: ", b"data:\t")),
    "capital-field": streams(b"Data: {}\n\n" + ANSWER),
    "indented-field": streams(b" data: {}\n\n" + ANSWER),
    "ndjson": streams(b"".join(dumped(each) + b"\n" for each in ORDINARY)),
    "one-huge-event": says(message("word " * 60_000), chunk({"content": "word " * 60_000}), STOP, BILL),
    "nul-in-text": says(message("a\0b"), chunk({"content": "a\0b"}), STOP, BILL),
    "line-separators-in-text": Habit(
        whole(unescaped(body(message("a\u2028b\u0085c")))),
        streamed(b"data: " + unescaped(chunk({"content": "a\u2028b\u0085c"})) + b"\n\n" + events(STOP, BILL)),
    ),
    # Transport
    "gzip": encoded("gzip"),
    "deflate": encoded("deflate"),
    "http-1.0": Habit(
        [b"HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n" + dumped(body())],
        [b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + ANSWER],
    ),
    "chunk-extensions": streams(
        [
            head(200, "text/event-stream", "transfer-encoding: chunked"),
            b"%x;a=b\r\n%s\r\n0;last\r\n\r\n" % (len(ANSWER), ANSWER),
        ]
    ),
    "status-201": Habit(
        whole(dumped(body()), 201), [head(201, "text/event-stream", f"content-length: {len(ANSWER)}") + ANSWER]
    ),
    "blanks-before-json": Habit(
        chunked([b"\n", 0.1, b"   \n", 0.1, b"\n" + dumped(body())], "application/json"), streamed(ANSWER)
    ),
    "slow-head": Habit([0.3, *whole(dumped(body()))], [0.3, *streamed(ANSWER)]),
    "stream-as-json": streams(streamed(ANSWER, "application/json")),
    "stream-as-html": streams(streamed(ANSWER, "text/html")),
    # Events that are no part of the answer
    "data-null": streams(b"data: null\n\n" + ANSWER),
    "data-number": streams(b"data: 1\n\n" + ANSWER),
    "data-string": streams(b'data: "hello"\n\n' + ANSWER),
    "data-list": streams(b"data: []\n\n" + ANSWER),
    "data-object-empty": streams(b"data: {}\n\n" + ANSWER),
    "done-twice": streams(ANSWER + DONE),
    "done-with-blanks": streams(events(*ORDINARY, done=b"data:  [DONE]  \n\n")),
    "done-in-small-letters": streams(events(*ORDINARY, done=b"data: [done]\n\n")),
    "done-as-json": streams(events(*ORDINARY, done=b'data: "[DONE]"\n\n')),
    "done-named": streams(events(*ORDINARY, done=b"event: done\ndata: {}\n\n")),
    "error-null": says(None, *({**each, "error": None} for each in ORDINARY), error=None),
    "error-empty": says(None, *({**each, "error": {}} for each in ORDINARY), error={}),
    "filter-results": says(
        None,
        {**chunk(), "choices": [], "prompt_filter_results": [{"prompt_index": 0}]},
        *ORDINARY,
        {**chunk(), "choices": [{"index": 0, "finish_reason": None, "content_filter_offsets": {"check_offset": 1}}]},
    ),
    # Errors
    "error-402": fails(402, error(code="payment_required")),
    "error-405": fails(405, dumped({"detail": "Method Not Allowed"})),
    "error-408": fails(408, error()),
    "error-409": fails(409, error(code="conflict")),
    "error-451": fails(451, error(code="legal")),
    "error-529": fails(529, dumped({"type": "error", "error": OVER})),
    "error-520-page": fails(520, PAGE, "text/html"),
    "error-404-page": fails(404, PAGE, "text/html"),
    "error-400-empty": fails(400, b""),
    "error-400-words": fails(400, b"bad request", "text/plain"),
    "error-400-json-string": fails(400, b'"bad request"'),
    "error-400-message-alone": fails(400, dumped({"message": "bad", "code": 1210})),
    "error-400-errors-list": fails(400, dumped({"success": False, "errors": [{"code": 7003, "message": "bad"}]})),
    "error-400-message-object": fails(400, error(message={"detail": "bad"}, code="bad")),
    "error-429-after-ms": answers(*whole(error(code="slow_down"), 429, "application/json", "retry-after-ms: 20")),
    "error-429-after-a-date": answers(
        *whole(error(code="slow_down"), 429, "application/json", "retry-after: Wed, 21 Oct 2099 07:28:00 GMT")
    ),
    "error-429-after-soon": answers(*whole(error(code="slow_down"), 429, "application/json", "retry-after: soon")),
    "redirect": answers(*whole(b"", 307, None, "location: /v1/moved")),
    "page-with-200": Habit(whole(PAGE, 200, "text/html"), whole(PAGE, 200, "text/html")),
    "error-in-the-choice": says(
        message(""),
        chunk({"content": "The"}),
        {**chunk(), "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error", "error": OVER}]},
        reason="error",
    ),
    "error-with-choices": streams(
        events(FIRST, {**chunk({"content": ""}, "error"), "error": {"code": 502, "message": "Provider disconnected"}})
    ),
    "error-named-event": streams(event(FIRST) + b'event: error\ndata: {"message": "over", "code": 500}\n\n'),
    "error-event-first": streams(events({"error": OVER}, done=b"")),
    "error-words-in-the-stream": streams(event(FIRST) + b"data: Internal error\n\n"),
}

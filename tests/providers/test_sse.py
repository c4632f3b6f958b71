"""Events out of bytes."""

from __future__ import annotations

import pytest

from sentinel_core.errors import EventTooLongError
from sentinel_core.providers.sse import MAX_EVENT_BYTES, Decoder

STREAM = (
    b': comment\n\nevent: x\nid: 7\ndata: {"a":\ndata:1}\n\nretry: 3\r\n\r\n'
    b"data: caf\xc3\xa9\r\n\r\ndata:\n\ndata: [DONE]\n\n"
)
EVENTS = [b'{"a":\n1}', b"caf\xc3\xa9", b"[DONE]"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_mark_and_bare_carriage_returns_are_read(size: int) -> None:
    stream, decoder = b"\xef\xbb\xbfdata:a\r\rdata: b\r\n\r\ndata: c\n\n", Decoder()
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]

    assert [event for piece in pieces for event in decoder.feed(piece)] == [b"a", b"b", b"c"]


def test_an_event_without_its_last_line_end_comes_at_the_end() -> None:
    decoder = Decoder()

    assert (decoder.feed(b"data: a\n\ndata: b"), decoder.finish()) == ([b"a"], [b"b"])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_the_same_however_the_bytes_are_cut(size: int) -> None:
    decoder = Decoder()
    pieces = [STREAM[start : start + size] for start in range(0, len(STREAM), size)]

    assert [event for piece in pieces for event in decoder.feed(piece)] == EVENTS


def test_an_unfinished_event_is_not_given_out() -> None:
    assert Decoder().feed(b"data: half\n") == []


@pytest.mark.parametrize("line", [b"x" * 1000, b"data: " + b"x" * 1000 + b"\n"])
def test_an_endless_event_is_an_error(line: bytes) -> None:
    with pytest.raises(EventTooLongError):
        Decoder().feed(line * (MAX_EVENT_BYTES // 1000 + 1))

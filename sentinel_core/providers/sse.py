"""Server-sent events out of bytes as they come (WHATWG HTML, section 9.2)."""

from __future__ import annotations

from sentinel_core.errors import EventTooLongError

MAX_EVENT_BYTES = 8 * 1024 * 1024
BOM = b"\xef\xbb\xbf"


class Decoder:
    """
    Splits a stream into the data of its events; names, ids, comments and empty events are left out.

    Lines end in LF, CRLF or CR; a byte order mark at the beginning is skipped.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._is_new = True
        self._had_cr = False

    def feed(self, received: bytes) -> list[bytes]:
        """Return the data of the events that are now complete. Raises EventTooLongError."""
        if self._had_cr or b"\r" in received:
            received = self._with_line_feeds(received)
        *lines, self._rest = (self._rest + received).split(b"\n")
        if self._is_new and lines:
            lines[0] = lines[0].removeprefix(BOM)
            self._is_new = False
        events = [event for line in lines if (event := self._line(line)) is not None]
        if len(self._rest) + sum(map(len, self._data)) > MAX_EVENT_BYTES:
            raise EventTooLongError
        return events

    def finish(self) -> list[bytes]:
        """Return the data of an event whose last line end never came."""
        return self.feed(b"\n\n")

    def _with_line_feeds(self, received: bytes) -> bytes:
        """Split into lines: a CR ends its line at once; an LF right after it, even in the next piece, belongs to it."""
        if self._had_cr:
            received = received.removeprefix(b"\n")
        self._had_cr = received.endswith(b"\r")
        return received.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _line(self, line: bytes) -> bytes | None:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        if line or not self._data:
            return None
        event, self._data = b"\n".join(self._data), []
        return event if event.strip() else None

"""Server-sent events out of bytes as they come."""

from __future__ import annotations

from sentinel_core.errors import EventTooLongError

MAX_EVENT_BYTES = 8 * 1024 * 1024


class Decoder:
    """
    Splits a stream into the data of its events; names, ids and comments are left out.

    Lines end in LF or CRLF. The standard's lone CR is not split: no provider sends it, and JSON never
    holds one.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, received: bytes) -> list[bytes]:
        """Return the data of the events that are now complete. Raises EventTooLongError."""
        *lines, self._rest = (self._rest + received).split(b"\n")
        events = [event for line in lines if (event := self._line(line.removesuffix(b"\r"))) is not None]
        if len(self._rest) + sum(map(len, self._data)) > MAX_EVENT_BYTES:
            raise EventTooLongError
        return events

    def _line(self, line: bytes) -> bytes | None:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        if line or not self._data:
            return None
        event, self._data = b"\n".join(self._data), []
        return event

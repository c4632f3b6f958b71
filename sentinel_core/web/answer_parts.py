"""Sends large answers in parts, and counts their bytes until the caller has taken them."""

from __future__ import annotations

from starlette.types import Message, Send

from sentinel_core.web.body_room import FREE_BYTES, BodyPlace

PART_BYTES = 65_536
"""Of one message: a server waits between messages for a caller that does not read."""


class AnswerParts:
    """
    The way out of one request.

    A whole answer of more than `FREE_BYTES` takes room before its head is sent: as long as its caller does not read it,
    all of it is held. Without a `place` it takes none. A streamed answer is held event by event and takes no room.
    """

    def __init__(self, send: Send, place: BodyPlace | None) -> None:
        self._send = send
        self._place = place
        self.has_begun = False
        """Whether a head was sent."""

    async def __call__(self, message: Message) -> None:
        """Send a message on; raises ServiceUnavailableError, before the head, where there is no room."""
        if message["type"] == "http.response.start":
            size = _size(message)
            if self._place is not None and size > FREE_BYTES:
                self._place.take(size - FREE_BYTES)
            self.has_begun = True
        body = message.get("body", b"")
        if message["type"] != "http.response.body" or len(body) <= PART_BYTES:
            await self._send(message)
            return
        parts = memoryview(body)
        for at in range(0, len(body), PART_BYTES):
            is_last = at + PART_BYTES >= len(body)
            more = message.get("more_body", False) or not is_last
            part = bytes(parts[at : at + PART_BYTES])
            await self._send({"type": "http.response.body", "body": part, "more_body": more})


def _size(message: Message) -> int:
    """Return the announced length of an answer's body, 0 for one that is streamed."""
    for name, value in message.get("headers", ()):
        if name.lower() == b"content-length":
            return int(value)
    return 0

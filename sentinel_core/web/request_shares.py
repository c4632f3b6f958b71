"""Bounds the requests of one key that are under way at once: each holds a connection, which other keys need as well."""

from __future__ import annotations

from sentinel_core.errors import ServiceUnavailableError
from sentinel_core.support.clock import SYSTEM_CLOCK, Clock

_RETRY_SECONDS = 1.0
LATELY_SECONDS = 1.0
_NO_KEY = ""
"""Of pages and health checks, and of every request to an open server."""


class RequestShares:
    """
    At most `most` requests of each key at once. Those without a key are not bounded: they share with no one.

    A connection that answers is never closed for a new one, so that one key with a slow model, or with many callers
    who wait for the same answer, could take all connections of the server.
    """

    def __init__(self, most: int, clock: Clock = SYSTEM_CLOCK) -> None:
        self._most = most
        self._now = clock.monotonic
        self._ended: dict[str, float] = {}
        """The two keys whose requests ended last, and when."""
        self._running: dict[str, int] = {}

    def begin(self, key: str) -> None:
        """Count a request; raises ServiceUnavailableError if it is one too many. Call `end` after it."""
        running = self._running.get(key, 0)
        if key and running >= self._most:
            raise ServiceUnavailableError(
                f"{self._most} requests of this key are under way", what="connections", retry_after=_RETRY_SECONDS
            )
        self._running[key] = running + 1

    def are_others(self, key: str) -> bool:
        """Whether requests of other keys are under way, or were in the last second; no key is no other one."""
        running, ended = self._running, self._ended
        if len(running) - (_NO_KEY in running) > (key != _NO_KEY and key in running):
            return True
        if not ended or (len(ended) == 1 and key in ended):  # asked several times by each request of a lone key
            return False
        since = self._now() - LATELY_SECONDS
        return any(each != key and at > since for each, at in ended.items())

    def end(self, key: str) -> None:
        """Note the end of a request; a key without any is forgotten."""
        running = self._running.pop(key, 0) - 1
        if running > 0:
            self._running[key] = running
        if key == _NO_KEY:
            return
        self._ended.pop(key, None)
        self._ended[key] = self._now()
        if len(self._ended) > 2:
            del self._ended[next(iter(self._ended))]

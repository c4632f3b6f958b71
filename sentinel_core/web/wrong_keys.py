"""Counts wrong keys by the address they come from, so that guessing is answered with 429."""

from __future__ import annotations

import logging

from sentinel_core.errors import RateLimitedError
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock
from sentinel_core.web.client_address import block_of

MOST_ADDRESSES = 10_000
WINDOW_SECONDS = 60.0

_log = logging.getLogger("sentinel")


class WrongKeys:
    """
    At most `most` wrong keys a minute for each address, or each /64 network of IPv6.

    Only wrong keys are counted and refused: a right key passes whatever came from its address before. Past
    `MOST_ADDRESSES` the address that was least recently wrong is forgotten.
    """

    def __init__(self, clock: Clock, most: int) -> None:
        self._monotonic = clock.monotonic
        self._most = most
        self._counts: BoundedMap[str, tuple[int, float]] = BoundedMap(MOST_ADDRESSES)

    def note(self, address: str) -> None:
        """Count one wrong key; raises RateLimitedError if it is one too many."""
        now, block = self._monotonic(), block_of(address)
        count, ends = self._counts.get(block) or (0, 0.0)
        if ends <= now:
            count, ends = 0, now + WINDOW_SECONDS
        self._counts.put(block, (count + 1, ends))
        if count + 1 <= self._most:
            return
        if count == self._most:
            _log.warning("keys.guessed", extra={"fields": {"address": block, "wrong_keys": self._most}})
        raise RateLimitedError(
            "too many wrong API keys from this address", code="too_many_wrong_keys", retry_after=ends - now
        )

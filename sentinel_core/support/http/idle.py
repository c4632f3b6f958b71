"""The idle connections of a pool: which of them may carry another request, and how long they are kept."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import NamedTuple, TypeAlias

from sentinel_core.support.clock import SYSTEM_CLOCK, Clock
from sentinel_core.support.http.connection import Connection

Origin: TypeAlias = tuple[str, str, int]
"""Scheme, host and port."""

DISTRUST_SECONDS = 600.0


class _Idle(NamedTuple):
    since: float
    connection: Connection


class IdleConnections:
    """
    Keeps connections between requests, at most `keep_seconds` each.

    A connection is reused after `silent_seconds` without a byte: a surplus response that arrives later than
    the one it follows (RFC 9112 section 9.3 has no request ids) then closes the connection, and does not
    answer the next request. For the same reason an origin that was `distrust`ed gets no reuse for ten minutes.
    """

    def __init__(self, *, keep_seconds: float, silent_seconds: float = 0.0, clock: Clock = SYSTEM_CLOCK) -> None:
        self._keep_seconds = keep_seconds
        self._silent_seconds = silent_seconds
        self._monotonic = clock.monotonic
        self._idle: dict[Origin, deque[_Idle]] = {}
        self._distrusted: dict[Origin, float] = {}
        self._pruning: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return sum(map(len, self._idle.values()))

    def take(self, origin: Origin) -> Connection | None:
        """Return the connection used last among those silent for long enough; None if there is none."""
        now = self._monotonic()
        self._prune(now)
        queue, too_young = self._idle.get(origin) or deque(), list[_Idle]()
        found = None
        while queue and found is None:
            idle = queue.pop()
            if now - idle.since < self._silent_seconds:
                too_young.append(idle)
            elif idle.connection.is_silent():
                found = idle.connection
            else:
                idle.connection.close()
        queue.extend(reversed(too_young))
        return found

    def put(self, origin: Origin, connection: Connection) -> None:
        """Keep a connection whose response has ended, or close it."""
        now = self._monotonic()
        if not connection.is_reusable or self._is_distrusted(origin, now):
            connection.close()
            return
        connection.rest()
        self._idle.setdefault(origin, deque()).append(_Idle(now, connection))
        self._prune(now)
        self._prune_later()

    def close_oldest(self) -> None:
        if queues := list(filter(None, self._idle.values())):
            min(queues, key=lambda queue: queue[0].since).popleft().connection.close()

    def distrust(self, origin: Origin) -> None:
        """Close the idle connections of an origin that sent bytes without a request, and keep none for a while."""
        self._distrusted[origin] = self._monotonic() + DISTRUST_SECONDS
        for idle in self._idle.pop(origin, ()):
            idle.connection.close()

    def clear(self) -> None:
        if self._pruning is not None:
            self._pruning.cancel()
            self._pruning = None
        for queue in self._idle.values():
            for idle in queue:
                idle.connection.close()
        self._idle.clear()

    def _is_distrusted(self, origin: Origin, now: float) -> bool:
        until = self._distrusted.get(origin, now)
        if until <= now:
            self._distrusted.pop(origin, None)
        return until > now

    def _prune(self, now: float) -> None:
        for queue in self._idle.values():
            while queue and now - queue[0].since > self._keep_seconds:
                queue.popleft().connection.close()

    def _prune_later(self) -> None:
        """Close expired connections even if no request comes; a timer that an ended loop left behind is replaced."""
        loop = asyncio.get_running_loop()
        if self._pruning is None or self._pruning.cancelled() or self._pruning.when() < loop.time():
            self._pruning = loop.call_later(self._keep_seconds + 0.01, self._prune_silence)

    def _prune_silence(self) -> None:
        self._pruning = None
        self._prune(self._monotonic())
        if len(self):
            self._prune_later()

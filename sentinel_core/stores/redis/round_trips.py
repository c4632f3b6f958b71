"""Round trips to Redis, behind a circuit breaker; each also reads new purges and carries counters that are due."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from sentinel_core.cache.events import NO_EVENTS, Events
from sentinel_core.cache.ports import Purge
from sentinel_core.errors import ForeignValueError, StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.cargo import Load, Queue
from sentinel_core.stores.redis.connection import Command, RedisConnection, Reply, is_of_another_type, listed
from sentinel_core.stores.redis.daily_counters import Tally
from sentinel_core.stores.redis.known_purges import PurgeLog, item_of, text_of
from sentinel_core.stores.redis.refusals import RefusalLog
from sentinel_core.support.breaker import Breaker
from sentinel_core.support.clock import Clock

PAGE = 1000
_FOREIGN_LOG = "another value stands in place of the log of purges"
_FLUSHES = 200


class Trips:
    """
    A round trip also reads new purges if the last reading is `sync_seconds` old.

    `on_purge` is called with each of them.
    """

    def __init__(
        self,
        wire: RedisConnection,
        *,
        sync_seconds: float,
        breaker: Breaker,
        clock: Clock,
        on_purge: Callable[[Purge], None],
        events: Events = NO_EVENTS,
    ) -> None:
        self.purges = PurgeLog()
        self.tally = Tally()
        self.queues: list[Queue] = [self.tally]
        self.breaker = breaker
        self._wire = wire
        self._sync_seconds = sync_seconds
        self._monotonic = clock.monotonic
        self._on_purge = on_purge
        self._events = events
        self._synced_at = 0.0
        self._is_behind = True
        self._later: list[Command] = []
        self._riders: list[Load] = []
        self._is_foreign = False
        self._refusals = RefusalLog()

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        """Send in one round trip; raises StoreError, at once while the breaker is open."""
        started = self._monotonic()
        learning = self._learning() if self._must_learn(started) else []
        replies = await self._carry([*commands, *learning], self._loads(started))
        if learning:
            await self._learn(replies[-1], started)
        return replies[: len(commands)]

    def ride(self, load: Load) -> None:
        """Send a load with the next round trip of any caller."""
        self._riders.append(load)

    def later(self, commands: Sequence[Command]) -> None:
        """Send commands with the next round trip, without reading their replies; they may get lost."""
        self._later += commands

    async def trust(self) -> None:
        """After a `run`: return when all purges of that time are known, so that entries can be judged."""
        while self._is_behind:
            await self.run([])

    async def catch_up(self) -> None:
        """Return when the purges are known up to now; raises StoreError."""
        self._is_behind = True
        await self.trust()

    async def flush(self) -> None:
        """Send all that waits, in as many round trips as it takes."""
        for _ in range(_FLUSHES):
            loads = self._loads(self._monotonic(), is_flush=True)
            if not loads:
                return
            await self._carry([], loads)

    async def flush_last(self) -> None:
        """Send all that waits even while the breaker is open, again after one failure: no later trip follows."""
        self.breaker = self.breaker.succeeded()
        try:
            await self.flush()
        except StoreError:
            self.breaker = self.breaker.succeeded()
            await self.flush()

    def _loads(self, now: float, *, is_flush: bool = False) -> list[Load]:
        """
        Take the due amounts of the queues, then the riders, whose totals include them.

        While the breaker is open the queues keep what they have.
        """
        riders, self._riders = self._riders, []
        later, self._later = self._later, []
        if later:
            riders.append(Load(later, _ignore))
        if self.breaker.wait(now) > 0:
            return riders
        return [*(load for queue in self.queues if (load := queue.take(now, is_flush=is_flush))), *riders]

    async def _carry(self, commands: Sequence[Command], loads: Sequence[Load]) -> list[Reply]:
        """Send commands with loads; return the replies to the commands, and hand each load its own."""
        replies: list[Reply] | None = None
        try:
            replies = await self._guarded([*commands, *(command for load in loads for command in load.commands)])
            return replies[: len(commands)]
        finally:
            _unload(loads, None if replies is None else replies[len(commands) :])

    async def _guarded(self, commands: Sequence[Command]) -> list[Reply]:
        if not commands:
            return []
        now = self._monotonic()
        if self.breaker.wait(now) > 0:
            raise StoreError("not tried: it failed just now")
        self.breaker = self.breaker.asked(now)
        try:
            replies = await self.watched(commands)
        except StoreError as error:
            self._refusals.note([error], now)
            raise
        self._refusals.note(replies, now)
        return replies

    async def watched(self, commands: Sequence[Command]) -> list[Reply]:
        """Send even while the breaker is open: it closes if Redis answers."""
        try:
            replies = await self._wire.run(commands)
        except StoreError:
            before, self.breaker = self.breaker, self.breaker.failed(self._monotonic())
            if before.opens(self.breaker):
                self._events.breaker_opened(None)
            raise
        self.breaker = self.breaker.succeeded()
        self.tally.commands += len(commands)
        return replies

    def _must_learn(self, now: float) -> bool:
        return self._is_behind or now - self._synced_at >= self._sync_seconds

    def _learning(self) -> list[Command]:
        """Return commands, the last of which reads the log; they replace a foreign value by a purge of everything."""
        if not self._is_foreign:
            return [self._reading()]
        return [("DEL", key_names.PURGES), ("XADD", key_names.PURGES, "*", *item_of(Purge())), self._reading()]

    def _reading(self) -> Command:
        return "XRANGE", key_names.PURGES, f"({text_of(self.purges.last)}", "+", "COUNT", str(PAGE)

    async def _learn(self, reply: Reply, started: float) -> None:
        """Learn new purges; raise StoreError if the log cannot be read, since then no entry can be trusted."""
        try:
            items = self._noted(reply)
        except ForeignValueError:
            self._is_foreign = await self._is_overwritten()
            raise
        self._is_foreign = False
        self._is_behind = len(items) >= PAGE
        self._synced_at = started

    async def _is_overwritten(self) -> bool:
        """Look again: a reply that belongs to another question says nothing of the log, and costs no entries."""
        token = secrets.token_hex(8)
        echoed, reply = await self._guarded([("ECHO", token), self._reading()])
        try:
            self._noted(reply)
        except ForeignValueError:
            return echoed == token
        return False

    def _noted(self, reply: Reply) -> list[Reply]:
        """Note the purges read and return the items; raise ForeignValueError for anything but a log."""
        if is_of_another_type(reply):
            raise ForeignValueError(_FOREIGN_LOG)
        items = listed(reply)
        try:
            learned = self.purges.learn(items, is_last=len(items) < PAGE)
        except (ValueError, TypeError, IndexError) as error:
            raise ForeignValueError(_FOREIGN_LOG) from error
        for purge in learned:
            self._on_purge(purge)
        return items


def _unload(loads: Sequence[Load], replies: Sequence[Reply] | None) -> None:
    """Hand each load its replies, in order; None if the round trip failed or was cancelled."""
    start = 0
    for load in loads:
        end = start + len(load.commands)
        load.unload(None if replies is None else replies[start:end])
        start = end


def _ignore(replies: Sequence[Reply] | None) -> None:
    """Read no replies."""

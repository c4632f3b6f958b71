"""Round trips to Redis, guarded by a breaker, and carrying what is due besides: purges to learn, counters to add."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sentinel_core.cache.events import NO_EVENTS, Events
from sentinel_core.cache.ports import Purge
from sentinel_core.errors import ForeignValueError, RefusedError, StoreError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import (
    Command,
    RedisConnection,
    Reply,
    is_of_another_type,
    listed,
)
from sentinel_core.stores.redis.daily_counters import Counter, Tally
from sentinel_core.stores.redis.purge_log import PurgeLog, item_of, text_of
from sentinel_core.support.breaker import Breaker
from sentinel_core.support.clock import Clock

PAGE = 1000
_FOREIGN_LOG = "the log of purges is not ours"
_LASTING = frozenset({"ERR", "WRONGTYPE"})  # refusals of a counter that trying again cannot cure


@dataclass(frozen=True, slots=True)
class _Rider:
    commands: list[Command]
    replies: asyncio.Future[list[Reply]]
    lost: Callable[[], None] | None


class Trips:
    """
    Every round trip also learns of new purges if the last one that did is `sync_seconds` old.

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
        self.breaker = breaker
        self._wire = wire
        self._sync_seconds = sync_seconds
        self._monotonic = clock.monotonic
        self._on_purge = on_purge
        self._events = events
        self._synced_at = 0.0
        self._is_behind = True
        self._later: list[Command] = []
        self._riders: list[_Rider] = []
        self._is_foreign = False

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        """Send in one round trip; raises StoreError, at once while the breaker is open."""
        started = self._monotonic()
        learning = self._learning() if self._must_learn(started) else []
        taken = self.tally.take() if self.tally.is_due(started) else {}
        replies = await self._send(commands, learning, taken)
        if learning:
            await self._learn(replies[-1], started)
        return replies[: len(commands)]

    async def send_rest(self) -> None:
        """Send all that waits for a round trip: riders, later commands and counters. Raises StoreError."""
        await self._send([], [], self.tally.take())

    async def _send(
        self, commands: Sequence[Command], learning: Sequence[Command], taken: Mapping[Counter, int | float]
    ) -> list[Reply]:
        later, self._later = self._later, []
        riders, self._riders = self._riders, []
        riding = [command for rider in riders for command in rider.commands]
        replies: list[Reply] = []
        try:
            replies = await self._carry([*commands, *riding, *later, *learning], taken)
        finally:
            _alight(riders, replies[len(commands) :])
        return replies

    def ride(self, commands: Sequence[Command], lost: Callable[[], None] | None = None) -> asyncio.Future[list[Reply]]:
        """
        Have commands sent with the next round trip, whoever makes it; the replies come, or a StoreError.

        `lost` is called if that round trip fails.
        """
        rider = _Rider(list(commands), asyncio.get_running_loop().create_future(), lost)
        self._riders.append(rider)
        return rider.replies

    def later(self, commands: Sequence[Command]) -> None:
        """Have commands sent with the next round trip; nobody waits for their replies, and they may get lost."""
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
        """Add all counters now."""
        await self._carry([], self.tally.take())

    async def ping(self) -> None:
        """Ask whether the database answers, breaker or not: it closes if it does."""
        replies = await self._watched([("PING",)])
        if isinstance(replies[0], StoreError):
            raise replies[0]

    async def _carry(self, commands: list[Command], taken: Mapping[Counter, int | float]) -> list[Reply]:
        counting = self.tally.commands(taken)
        refused = dict(taken)
        try:
            replies = await self._guarded([*commands, *counting])
            outcomes = zip(taken, replies[len(commands) :], strict=False)
            refused = {key: taken[key] for key, reply in outcomes if _may_pass(reply)}
        finally:
            if refused:
                self.tally.put_back(refused, self._monotonic())
        return replies[: len(commands)]

    async def _guarded(self, commands: Sequence[Command]) -> list[Reply]:
        if not commands:
            return []
        now = self._monotonic()
        if self.breaker.wait(now) > 0:
            raise StoreError("not tried: it failed just now")
        self.breaker = self.breaker.asked(now)
        return await self._watched(commands)

    async def _watched(self, commands: Sequence[Command]) -> list[Reply]:
        try:
            replies = await self._wire.run(commands)
        except StoreError:
            before, self.breaker = self.breaker, self.breaker.failed(self._monotonic())
            if before.opens(self.breaker):
                self._events.breaker_opened(None)
            raise
        self.breaker = self.breaker.succeeded()
        return replies

    def _must_learn(self, now: float) -> bool:
        return self._is_behind or now - self._synced_at >= self._sync_seconds

    def _learning(self) -> list[Command]:
        """Commands of which the last reads on in the log; one that was overwritten begins anew, nothing trusted."""
        if not self._is_foreign:
            return [self._reading()]
        return [("DEL", key_names.PURGES), ("XADD", key_names.PURGES, "*", *item_of(Purge())), self._reading()]

    def _reading(self) -> Command:
        return "XRANGE", key_names.PURGES, f"({text_of(self.purges.last)}", "+", "COUNT", str(PAGE)

    async def _learn(self, reply: Reply, started: float) -> None:
        """Raises StoreError where the log cannot be read: then no entry can be trusted."""
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
        """Note the purges read and return the items; raises ForeignValueError for what is no log."""
        if is_of_another_type(reply):
            raise ForeignValueError(_FOREIGN_LOG)
        items = listed(reply)
        try:
            learned = self.purges.learn(items)
        except (ValueError, TypeError, IndexError) as error:
            raise ForeignValueError(_FOREIGN_LOG) from error
        for purge in learned:
            self._on_purge(purge)
        return items


def _alight(riders: Sequence[_Rider], replies: list[Reply]) -> None:
    """Hand each rider its replies; where there are none, the round trip failed or was given up."""
    for rider in riders:
        own, replies = replies[: len(rider.commands)], replies[len(rider.commands) :]
        if len(own) < len(rider.commands):
            _lose(rider)
        elif not rider.replies.done():
            rider.replies.set_result(own)


def _lose(rider: _Rider) -> None:
    if rider.lost is not None:
        rider.lost()
    if not rider.replies.done():
        rider.replies.set_exception(StoreError("the round trip failed"))
        rider.replies.exception()  # taken here, or asyncio warns of it where nobody asks


def _may_pass(reply: Reply) -> bool:
    return isinstance(reply, StoreError) and not (isinstance(reply, RefusedError) and reply.code in _LASTING)

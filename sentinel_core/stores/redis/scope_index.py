"""Keeps the mirrors up to date with the index streams in Redis, and the streams within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sentinel_core.cache.pairs import Scope
from sentinel_core.cache.ports import Purge
from sentinel_core.cache.scope import Query
from sentinel_core.errors import RefusedError, StoreError
from sentinel_core.matching import vectors
from sentinel_core.stores.judged_pairs import MOST_PAIRS, JudgedPairs
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, Reply
from sentinel_core.stores.redis.faults import Faults
from sentinel_core.stores.redis.known_purges import text_of
from sentinel_core.stores.redis.mirror import Item, Mirror, PairItem
from sentinel_core.stores.redis.mirrors import Mirrors
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.stores.redis.vector_engine import Engine
from sentinel_core.support.clock import Clock

_LIST_SECONDS = 3_600.0
_NEARLY = 0.9  # of a full mirror; a few may have expired since it was full
_MOVED_AT_ONCE = 20

MAX_PAIRS = 5_000
"""Judged pairs for which a stream has room beside its entries."""


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """
    Times in seconds. Entries of other instances are known after `sync_seconds` at the latest.

    One request reads on in an index for `catch_up_seconds`, so that it has time left to search; the next goes on
    from there. A stream keeps about `max_items` items of at most `max_lifetime`; the mirrors keep `max_bytes` in all,
    and this process `judged_pairs`.
    """

    sync_seconds: float = 1.0
    catch_up_seconds: float = 0.4
    page: int = 1_000
    max_items: int = 50_000
    max_lifetime: float = 30 * 86_400.0
    max_bytes: int = 256 * 1024 * 1024
    judged_pairs: int = MOST_PAIRS


class Scopes:
    """
    Items that Sentinel did not write go to `faults`; `learn_pairs` is called with the judged pairs that
    the streams hold beside the entries; `pairs` keeps them.

    A scope keeps its newest `max_items` in stream and mirror; older ones move to the `engine`, and are
    searched there. A server that does not know the engine's commands has none.
    """

    def __init__(
        self,
        embedder_id: str,
        options: IndexOptions,
        *,
        clock: Clock,
        faults: Faults,
        engine: Engine | None,
    ) -> None:
        self.engine = engine
        self.mirrors = Mirrors(options.max_bytes)
        self._embedder_id = embedder_id
        self._options = options
        self._now = clock.now
        self._monotonic = clock.monotonic
        self._faults = faults
        self.pairs = JudgedPairs(clock, most=options.judged_pairs)
        self.learn_pairs: Callable[[Scope, Sequence[PairItem]], None] = lambda scope, items: None

    def key(self, namespace: str, fingerprint: str) -> str:
        return key_names.index(namespace, self._embedder_id, fingerprint)

    def engine_key(self, query: Query) -> str:
        return self.vectors_key(*query.scope)

    def vectors_key(self, namespace: str, fingerprint: str) -> str:
        return key_names.vectors(namespace, self._embedder_id, fingerprint)

    @property
    def lifetime(self) -> int:
        """Seconds that a stream lives after its last item."""
        return int(self._options.max_lifetime)

    def is_over(self, mirror: Mirror) -> bool:
        """Whether the engine may hold more of this scope."""
        return mirror.has_overflowed or len(mirror) >= self._options.max_items * _NEARLY

    def forget(self, purge: Purge) -> list[tuple[str, str]]:
        """
        Empty the mirrors of a namespace that was purged as a whole; take an erased writer's items out of mirrors.

        Return the fingerprints and digests of the erased items.
        """
        if purge == Purge(purge.namespace):
            self.mirrors.forget(purge.namespace)
            self.pairs.forget(purge.namespace)
        erased = self.mirrors.erase(purge) if purge.is_erasure else []
        self.pairs.erase(purge.namespace or "", erased)
        return erased

    def mirror(self, query: Query, trips: Trips) -> Mirror:
        return self.mirrors.get_or_make(query.scope, lambda: trips.purges.start_of(query.namespace))

    async def refresh(self, query: Query, trips: Trips, first: Sequence[Command]) -> list[Reply]:
        """Read new items of this scope; `first` goes in the same round trip, and its replies are returned."""
        mirror = self.mirror(query, trips)
        if mirror.syncing is not None:
            replies, failure = await asyncio.gather(_run(trips, first), asyncio.shield(mirror.syncing))
            if failure is not None:
                raise failure
            return replies
        if mirror.synced_at is not None and self._monotonic() - mirror.synced_at < self._options.sync_seconds:
            return await _run(trips, first)
        return await self._sync(query, mirror, trips, first)

    def adding(self, query: Query, mirror: Mirror, item: Item) -> list[Command]:
        """Return commands that add an item to the scope's stream and keep the stream within bounds."""
        key = self.key(*query.scope)
        lifetime = str(int(self._options.max_lifetime))
        oldest = str(max(0, int((self._now() - self._options.max_lifetime) * 1000)))
        commands: list[Command] = [("DEL", key)] if mirror.is_foreign else []
        commands += [("XADD", key, "MINID", "~", oldest, "*", *item.fields()), ("EXPIRE", key, lifetime)]
        if len(mirror) >= self._options.max_items:
            commands.append(("XTRIM", key, "MAXLEN", "~", str(self._options.max_items + MAX_PAIRS)))
        if mirror.listed_at is None or self._monotonic() - mirror.listed_at > _LIST_SECONDS:
            scopes = key_names.scopes(query.namespace)
            commands += [("ZADD", scopes, "0", query.fingerprint), ("EXPIRE", scopes, lifetime)]
        return commands

    def adding_pair(self, key: str, item: PairItem) -> list[Command]:
        """Return commands that add a judged pair to a stream, and keep the stream within bounds."""
        most, lifetime = self._options.max_items + MAX_PAIRS, str(int(self._options.max_lifetime))
        return [("XADD", key, "MAXLEN", "~", str(most), "*", *item.fields()), ("EXPIRE", key, lifetime)]

    def added(self, query: Query, mirror: Mirror, item: Item) -> None:
        """Note an item that `adding` has stored; its vector is kept as other instances will read it."""
        mirror.is_foreign = False
        mirror.listed_at = self._monotonic()
        mirror.add(item, vectors.decode(item.vector) if item.vector else None)
        self._shrink(mirror)
        self.mirrors.settle(query.scope)

    def moving(self, query: Query, mirror: Mirror) -> list[Command]:
        """Return commands that copy the items which the next one pushes out of the stream to the engine."""
        over = len(mirror) + 1 - self._options.max_items
        if self.engine is None or over <= 0:
            return []
        key = self.engine_key(query)
        known = [(digest, mirror.index.vector(digest)) for digest in mirror.oldest(min(over, _MOVED_AT_ONCE))]
        pairs = [(digest, vector) for digest, vector in known if vector is not None]
        adding = [command for digest, vector in pairs for command in self.engine.add(key, digest, vector)]
        return [*adding, ("EXPIRE", key, str(int(self._options.max_lifetime)))]

    def moved(self, replies: Sequence[Reply]) -> None:
        """Go on without the engine where the server refused its commands as unknown or wrong."""
        if any(isinstance(reply, RefusedError) and reply.code == "ERR" for reply in replies):
            self.engine = None

    def _shrink(self, mirror: Mirror) -> None:
        for digest in mirror.oldest(len(mirror) - self._options.max_items):
            mirror.remove(digest)
            mirror.has_overflowed = True

    async def _sync(self, query: Query, mirror: Mirror, trips: Trips, first: Sequence[Command]) -> list[Reply]:
        syncing = mirror.syncing = asyncio.get_running_loop().create_future()
        failure: StoreError | None = None
        try:
            return await self._read_on(query, mirror, trips, first)
        except StoreError as error:
            failure = error
            raise
        finally:
            mirror.syncing = None
            syncing.set_result(failure)
            self.mirrors.settle(query.scope)

    async def _read_on(self, query: Query, mirror: Mirror, trips: Trips, first: Sequence[Command]) -> list[Reply]:
        until = self._monotonic() + self._options.catch_up_seconds
        asked = self._monotonic()
        *replies, page = await trips.run([*first, self._delta(query, mirror)])
        while not self._learn(query, mirror, page, asked) and self._monotonic() < until:
            asked = self._monotonic()
            [page] = await trips.run([self._delta(query, mirror)])
        return replies

    def _delta(self, query: Query, mirror: Mirror) -> Command:
        return "XRANGE", self.key(*query.scope), f"({text_of(mirror.last)}", "+", "COUNT", str(self._options.page)

    def _learn(self, query: Query, mirror: Mirror, page: Reply, asked: float) -> bool:
        """Return whether that was the last page."""
        if isinstance(page, RefusedError) and page.code == "WRONGTYPE":
            mirror.is_foreign = True
            self._faults.note_corrupt(1)
            page = []
        if isinstance(page, StoreError):
            raise page
        if not isinstance(page, list):
            raise StoreError("not a page of a stream")
        self._faults.note_corrupt(mirror.learn(page, self._now()))
        if mirror.unread_pairs:
            self.learn_pairs(query.scope, mirror.unread_pairs)
            mirror.unread_pairs = []
        if len(page) >= self._options.page:
            return False
        mirror.synced_at = asked
        mirror.drop_expired(self._now())
        self._shrink(mirror)
        return True


async def _run(trips: Trips, commands: Sequence[Command]) -> list[Reply]:
    return await trips.run(commands) if commands else []

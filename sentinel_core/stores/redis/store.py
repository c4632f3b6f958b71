"""Keeps entries in Redis, shared by all instances, over any connection."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from sentinel_core.cache.entry import Entry, EntryFilter
from sentinel_core.cache.events import NO_EVENTS, Events
from sentinel_core.cache.ports import LEASE_SECONDS, Candidate, Page, Purge, Vector
from sentinel_core.cache.scope import Query
from sentinel_core.errors import StoreError
from sentinel_core.matching import vectors
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.alert_claims import RedisClaims
from sentinel_core.stores.redis.connection import Command, RedisConnection, Reply, amount, checked, paired
from sentinel_core.stores.redis.curated import RedisCurated
from sentinel_core.stores.redis.encryption import Cipher
from sentinel_core.stores.redis.entry_reader import Reader
from sentinel_core.stores.redis.envelope import Value, Values
from sentinel_core.stores.redis.faults import Faults
from sentinel_core.stores.redis.known_purges import Stamp
from sentinel_core.stores.redis.learning_states import RedisLearningStates
from sentinel_core.stores.redis.leases import Leases, pause_after
from sentinel_core.stores.redis.limit_counters import RedisCounts
from sentinel_core.stores.redis.listing import Listing
from sentinel_core.stores.redis.mirror import Item, writer_of
from sentinel_core.stores.redis.options import RedisOptions as RedisOptions
from sentinel_core.stores.redis.probe import Probe
from sentinel_core.stores.redis.removals import RedisRemovals
from sentinel_core.stores.redis.rings import RedisRings
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.stores.redis.scope_index import Scopes
from sentinel_core.stores.redis.search import Search
from sentinel_core.stores.redis.shared_pairs import SharedPairs
from sentinel_core.stores.redis.shared_series import RedisSeries
from sentinel_core.stores.redis.top_entries import RedisTops
from sentinel_core.stores.redis.vector_engine import Engine
from sentinel_core.stores.redis.waiting_pairs import RedisWaitingPairs
from sentinel_core.support.batcher import Batcher
from sentinel_core.support.clock import Clock


class RedisStore:
    """
    A `Store` over one wire; `engine` searches the scopes that are too large for a mirror.

    Redis alone decides which entries exist; mirrors only name candidates. `corrupt` counts values
    under our keys that were not ours, `forged` those that claimed to be.
    """

    def __init__(
        self,
        wire: RedisConnection,
        *,
        embedder_id: str,
        options: RedisOptions | None = None,
        clock: Clock,
        engine: Engine | None = None,
        secret: bytes = b"",
        cipher: Cipher | None = None,
        events: Events = NO_EVENTS,
    ) -> None:
        self._wire = wire
        self._options = options or RedisOptions()
        self._now = clock.now
        self._monotonic = clock.monotonic
        index = self._options.index
        self._leases = Leases(secrets.token_hex(8), clock)
        self._trips = Trips(
            wire,
            sync_seconds=index.sync_seconds,
            breaker=self._options.breaker,
            clock=clock,
            on_purge=self._note_purge,
            events=events,
        )
        self.faults = Faults(self._trips.tally, clock, events)
        self._scopes = Scopes(embedder_id, index, clock=clock, faults=self.faults, engine=engine)
        self._probe = Probe(self._trips, clock)
        self._counts = RedisCounts(self._trips, clock)
        self._tops = RedisTops(self._trips, clock=clock, most=self._options.rankings)
        self._values = Values(embedder_id, secret, cipher)
        self._events = events
        self.removals = RedisRemovals(self._trips, self._values, self._scopes, clock=clock, secret=secret)
        self._reader = Reader(self._values, self._trips.purges, self.faults)
        self.search = Search(self._trips, self._scopes, self._reader)
        self.curated = RedisCurated(self._trips, secret, cipher)
        self.pairs = SharedPairs(self._trips, self._scopes, self._values, self.faults, clock)
        self.learning_states = RedisLearningStates(self._trips, secret, self.faults)
        self.waiting = RedisWaitingPairs(self._trips, secret, cipher, self.faults, clock)
        self.rings = RedisRings(self._trips, secret, cipher, self.faults, clock)
        self.series = RedisSeries(self._trips, secret, cipher, self.faults, clock)
        self._loading: Batcher[Query, Entry | None] = Batcher(self.load_many)

    @property
    def is_resting(self) -> bool:
        """Whether the breaker is open."""
        return self._trips.breaker.wait(self._monotonic()) > 0

    def counts(self) -> RedisCounts:
        """Return counters that travel with this store's round trips."""
        return self._counts

    def claims(self) -> RedisClaims:
        """Return the claims by which one instance sends an alert."""
        return RedisClaims(self._trips)

    def tops(self) -> RedisTops:
        """Return the rankings of the entries that answer most, of all instances."""
        return self._tops

    async def load(self, query: Query) -> Entry | None:
        """Load an entry; all loads of one turn of the event loop share a round trip."""
        return await self._loading.one(query)

    async def load_many(self, queries: Sequence[Query]) -> Sequence[Entry | None]:
        replies = await self._trips.run([("GET", key_names.entry_of(query)) for query in queries])
        await self._trips.trust()
        return [self._entry(query, reply) for query, reply in zip(queries, replies, strict=True)]

    async def refresh(
        self, query: Query, *, lease_seconds: float | None = None, stale_entry: Entry | None = None
    ) -> bool:
        """
        Learn the entries that others stored in this scope since, and take the lease if `lease_seconds` are given.

        False: another instance asks upstream, or has just stored an entry other than `stale_entry`: `wait` for it.
        """
        asking = self._leases.asking.get(key_names.lease(query))
        if lease_seconds is not None and asking is None and not self._leases.holds(query):
            return await self._ask_for_lease(query, lease_seconds, stale_entry)
        await self._scopes.refresh(query, self._trips, [])
        return asking is None or lease_seconds is None or await asyncio.shield(asking)

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[Candidate]:
        return await self.search.nearest(query, vector, floor=floor, limit=limit)

    async def glimpse(self, query: Query, vector: Vector, *, floor: float) -> tuple[str, float] | None:
        return await self.search.glimpse(query, vector, floor=floor)

    async def wait(self, query: Query, *, timeout: float, stale_entry: Entry | None = None) -> Entry | None:
        """
        Wait for the entry another instance is about to store; None means: ask upstream yourself.

        None comes after `timeout` seconds, or as soon as the lease is free without a new entry: then it is ours.
        """
        started = self._monotonic()
        while (left := started + timeout - (asked := self._monotonic())) > 0:
            seconds = min(left, LEASE_SECONDS)
            *replies, rest = await self._trips.run([*self._leases.take(query, seconds), self._leases.rest(query)])
            is_leader, entry = await self._outcome(query, replies, asked + seconds, stale_entry)
            if is_leader or entry is not None:
                return entry
            await asyncio.sleep(min(left, pause_after(self._monotonic() - started, rest)))
        return None

    async def save(self, query: Query, entry: Entry, vector: Vector | None) -> None:
        lifetime = min(entry.ttl + self._options.grace, self._options.index.max_lifetime)
        seconds = math.ceil(entry.created + lifetime - self._now())
        if seconds <= 0 or self._trips.purges.erases(query.namespace, entry, self._options.in_flight):
            await self.release(query)
            return
        encoded = "" if vector is None else vectors.encode(vector)
        item = Item(query.digest, encoded, math.ceil(entry.created + lifetime), writer_of(entry))
        written = await self._write(query, entry, item, seconds)
        await self._trips.trust()
        if self._trips.purges.covers(written, query.namespace, entry):
            # Of a purge from before this answer was learned only now: the value has to say that it came later.
            if self._trips.purges.erases(query.namespace, entry, self._options.in_flight):
                await self.delete(query.namespace, query.fingerprint, query.digest)
                await self.removals.begin(Purge(query.namespace, before=0.0))  # takes the item out of the index
            else:
                await self._write(query, entry, item, seconds)

    async def renew(self, query: Query) -> None:
        asked = self._monotonic()
        if renewing := self._leases.renew(query):
            [reply] = await self._trips.run(renewing)
            self._leases.note(query, asked + LEASE_SECONDS if reply == 1 else asked)

    async def release(self, query: Query, *, soon: bool = False) -> None:
        """Let others ask upstream, for there will be no entry from here: now, or `soon` with the next round trip."""
        returning = self._leases.give_back(query)
        if soon:
            self._trips.later(returning)
        elif returning:
            await self._trips.run(returning)

    async def delete(self, namespace: str, fingerprint: str, digest: str) -> bool:
        """Delete one entry; return whether there was one. Other instances notice when they touch it."""
        [deleted] = checked(await self._trips.run([("DEL", key_names.entry(namespace, fingerprint, digest))]))
        if (mirror := self._scopes.mirrors.get((namespace, fingerprint))) is not None:
            mirror.remove(digest)
        return deleted == 1

    async def purge(self, purge: Purge) -> None:
        """Make misses of all that is stored and covered, in every instance within the index's `sync_seconds`."""
        await self.removals.begin(purge)

    async def entries(
        self,
        namespace: str,
        *,
        cursor: str | None = None,
        limit: int = 50,
        wanted: EntryFilter | None = None,
    ) -> Page:
        return await self._listing(namespace, wanted).page(cursor, limit)

    async def scopes(self, namespace: str, *, after: str = "", limit: int = 50) -> Sequence[str]:
        return await self._listing(namespace).scopes(after, limit)

    async def count(self) -> int:
        return self._scopes.mirrors.items

    async def check(self) -> None:
        await self._probe.check()

    def add_counters(self, counters: Mapping[str, int | float], owner: str | None = None) -> None:
        """Add to today's counters of the fleet, and to their owner's; they travel with a later round trip."""
        self._trips.tally.add(counters, self._now(), self._monotonic(), owner)

    async def read_counters(self, *days: str, owner: str | None = None) -> list[dict[str, float]]:
        """Return the counters of UTC days (2026-01-31), this instance's up to now included."""
        await self._trips.flush()
        replies = await self._trips.run([("HGETALL", key_names.stats(day, owner)) for day in days])
        return [{name: amount(value) for name, value in paired(reply).items()} for reply in replies]

    async def aclose(self) -> None:
        """Send the charges and counters that wait for a round trip, then close the connection; never raises."""
        with suppress(StoreError):
            await self._trips.flush_last()
        await self._wire.aclose()

    async def _write(self, query: Query, entry: Entry, item: Item, seconds: int) -> Stamp:
        """Store one entry in one round trip; return the last purge that was known as it was sent."""
        value = Value(entry, self._trips.purges.last, item.expires, item.vector)
        text = self._values.pack(query.namespace, key_names.entry_of(query), value)
        mirror = self._scopes.mirror(query, self._trips)
        storing: list[Command] = [
            ("SET", key_names.entry_of(query), text, "EX", str(seconds)),
            *self._scopes.adding(query, mirror, item),
        ]
        returning, moving = self._leases.give_back(query), self._scopes.moving(query, mirror)
        replies = await self._trips.run([*storing, *returning, *moving])
        checked(replies[: len(storing)])
        self._scopes.moved(replies[len(storing) + len(returning) :])
        self._scopes.added(query, mirror, item)
        return value.written

    async def _ask_for_lease(self, query: Query, seconds: float, stale_entry: Entry | None) -> bool:
        asking = self._leases.asking[key_names.lease(query)] = asyncio.get_running_loop().create_future()
        is_leader = True  # if asking fails, no other instance is known to hold it
        until = self._monotonic() + seconds
        try:
            replies = await self._scopes.refresh(query, self._trips, self._leases.take(query, seconds))
            is_leader, _ = await self._outcome(query, replies, until, stale_entry)
            return is_leader
        finally:
            del self._leases.asking[key_names.lease(query)]
            asking.set_result(is_leader)

    async def _outcome(
        self, query: Query, replies: Sequence[Reply], until: float, stale_entry: Entry | None
    ) -> tuple[bool, Entry | None]:
        """Read the replies to `Leases.take`: whether to ask upstream, and the entry if a new one is there."""
        took, reply = replies
        await self._trips.trust()
        entry = self._entry(query, reply)
        if entry is not None and stale_entry is not None and entry.created == stale_entry.created:
            entry = None
        if isinstance(took, StoreError):  # read-only or full: no instance can lead
            return entry is None, entry
        if took == "OK":
            self._leases.note(query, until)
            if entry is not None:
                await self.release(query)
        return took == "OK" and entry is None, entry

    def _entry(self, query: Query, reply: Reply) -> Entry | None:
        value = self._reader.read(*query.scope, query.digest, reply)
        return None if value is None else value.entry

    def _listing(self, namespace: str, wanted: EntryFilter | None = None) -> Listing:
        return Listing(self._trips, self._reader, namespace, partial(self._scopes.key, namespace), wanted)

    def _note_purge(self, purge: Purge) -> None:
        """Forget purged entries in this process, as soon as their purge is known here."""
        erased = self._scopes.forget(purge)
        if purge.is_erasure:
            self._tops.forget(purge.namespace or "", erased)
            self._values.forget()
            self.rings.erase(purge.namespace or "")
            self._events.erased(purge)

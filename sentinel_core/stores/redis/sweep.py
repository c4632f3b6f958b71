"""Frees the bytes of purged entries in Redis: values, index streams and top lists of one namespace."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeAlias

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.pairs import halves, is_of
from sentinel_core.cache.ports import Rank
from sentinel_core.cache.purge import Removal
from sentinel_core.errors import CacheError, StoreError
from sentinel_core.stores.rankings import RANKS
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Reply, checked, listed
from sentinel_core.stores.redis.daily_counters import KEEP_SECONDS
from sentinel_core.stores.redis.envelope import Values
from sentinel_core.stores.redis.mirror import Item, PairItem
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.stores.redis.scope_index import Scopes
from sentinel_core.stores.redis.stream_rewrite import TEMPORARY, Stream, batched
from sentinel_core.stores.redis.sweep_place import PHASES, Place
from sentinel_core.stores.redis.vector_engine import Engine

SCANNED = 100
"""Keys that one SCAN looks at."""

READ = 48
"""Values read at once: few, so that Redis answers others in between."""

JUDGED = 16
"""Values judged in one step of the event loop: each takes 30 µs, in which no request of this process is answered."""

MOST_MEMBERS = 100_000
"""Vectors of one scope that are read to find those without an entry; an erasure drops a larger set as a whole."""

_DAY = 86_400

Pace: TypeAlias = Callable[[], Awaitable[None]]
"""Is called between steps: waits, so that others are served, and may raise to end the sweep."""


@dataclass(slots=True)
class _Found:
    """Of one stream: the number of its items, the ids of those to go, digests of erased prompts, pairs and counts."""

    items: int = 0
    gone: set[str] = field(default_factory=set)
    erased: list[str] = field(default_factory=list)
    pairs: list[tuple[str, PairItem]] = field(default_factory=list)
    by: Counter[str] = field(default_factory=Counter)


class Sweep:
    """
    One walk through a namespace, or through all if it is None.

    Removes the values that the log of purges covers, then the items of index streams whose values are gone, or whose
    writer is erased. `removed` counts the removed things, by removal. It may be cut anywhere and run again, from
    `place` on.
    """

    def __init__(
        self,
        trips: Trips,
        values: Values,
        scopes: Scopes,
        removals: Sequence[Removal],
        place: Place,
        pace: Pace,
    ) -> None:
        self.removed: Mapping[str, Counter[str]] = {removal.id: Counter() for removal in removals}
        self._trips = trips
        self._values = values
        self._scopes = scopes
        self._removals = removals
        self._pace = pace
        self._namespace = removals[0].purge.namespace
        self._erases = any(each.purge.is_erasure for each in removals)
        self.place = place
        self._goes_on = place.phase != PHASES[0] or place.cursor != "0"
        self._erased: set[tuple[str, str]] = set()

    async def run(self, now: float) -> None:
        """Sweep; raises StoreError and the errors of `pace`."""
        if self.place.phase == "entry":
            await self._entries()
            self._go_to("index")
        if self.place.phase == "index":
            await self._indexes(now)
            self._go_to("vectors")
        if self.place.phase == "vectors":
            await self._vectors()
            self._go_to("rest")
        if self._namespace is not None:
            checked(await self._trips.run([("UNLINK", key_names.judging(self._namespace))]))
        if self._namespace is not None and self._erases:
            await self._rankings(self._namespace, now)
            await self._rings()

    def _go_to(self, phase: str) -> None:
        self.place = replace(self.place, phase=phase, cursor="0", done=())

    async def _entries(self) -> None:
        async for keys in self._scan("entry"):
            for some in batched(keys, READ):
                [values] = await self._trips.run([("MGET", *some)])
                await self._trips.trust()
                for part in batched(list(zip(some, listed(values), strict=True)), JUDGED):
                    await self._unlink([key for key, value in part if self._go(key, value)])
                    await self._pace()

    def _go(self, key: str, value: Reply) -> bool:
        """Whether the value under a key was purged; count it."""
        namespace, _, fingerprint, digest = _parts(key)
        if value is None:
            return False
        try:
            read = self._values.read_once(namespace, key_names.entry(namespace, fingerprint, digest), value)
        except CacheError:
            self._count("unreadable", self._removals[0])
            return False
        if not self._trips.purges.covers(read.written, namespace, read.entry):
            return False
        removal = self._removal_of(read.entry)
        self._count("entries", removal)
        if removal.purge.is_erasure:
            self._erased.add((fingerprint, digest))
        return True

    async def _unlink(self, keys: Sequence[str]) -> None:
        if not keys:
            return
        checked(await self._trips.run([("UNLINK", *keys)]))
        engine = self._scopes.engine
        if engine is not None:
            places = [_parts(key) for key in keys]
            self._trips.later(
                [engine.remove(self._scopes.vectors_key(ns, scope), digest) for ns, _, scope, digest in places]
            )

    async def _indexes(self, now: float) -> None:
        async for keys in self._scan("index"):
            for key in keys:
                if key.endswith(TEMPORARY):
                    await self._trips.run([("UNLINK", key)])  # of a sweep that was cut
                elif key not in self.place.done:
                    await self._index(key, now)
                    self.place = replace(self.place, done=[*self.place.done, key])

    async def _index(self, key: str, now: float) -> None:
        namespace, _, fingerprint = _stream_parts(key)
        stream = Stream(self._trips, key, self._pace, lifetime=self._scopes.lifetime)
        found = _Found()
        async for page in stream.pages():
            items = [(identifier, item) for identifier, item in page if isinstance(item, Item)]
            asking = [("EXISTS", key_names.entry(namespace, fingerprint, item.digest)) for _, item in items]
            there = checked(await self._trips.run(asking)) if asking else []
            for (identifier, item), exists in zip(items, there, strict=True):
                self._judge(stream, fingerprint, identifier, item, bool(exists) and item.expires >= now, found)
            found.items += len(page)
            found.pairs += [(identifier, item) for identifier, item in page if isinstance(item, PairItem)]
            await self._pace()
        self._judge_pairs(namespace, key, found)
        if found.gone and await stream.without(found.gone, found.items, is_strict=bool(found.erased)):
            self._count("streams", next((each for each in self._removals if each.purge.is_erasure), self._removals[0]))
        for identifier, number in found.by.items():  # a rewrite that was cut counts nothing
            self.removed[identifier]["vectors"] += number

    def _judge(
        self, stream: Stream, fingerprint: str, identifier: str, item: Item, is_there: bool, found: _Found
    ) -> None:
        """
        Note an item that has to go: the erased writer's, or one whose entry is gone.

        Which entries an earlier part of the sweep erased is not known, so that all without one count as erased.
        """
        erasures = (each for each in self._removals if each.purge.is_erasure)
        by = next((each for each in erasures if stream.is_by(each, identifier, item.writer)), None)
        was_erased = (fingerprint, item.digest) in self._erased or (self._goes_on and self._erases and not is_there)
        is_erased = by is not None or was_erased
        if is_erased:
            found.erased.append(item.digest)
        if is_erased or not is_there:
            found.gone.add(identifier)
            found.by[(by or self._removals[0]).id] += 1

    def _judge_pairs(self, namespace: str, key: str, found: _Found) -> None:
        """Note the judged pairs that have an erased prompt."""
        erased = halves(found.erased)
        for identifier, item in found.pairs if erased else []:
            with suppress(CacheError):
                if is_of(self._values.unpack_pair(namespace, key, item.text)[1].key, erased):
                    found.gone.add(identifier)

    async def _vectors(self) -> None:
        """Take vectors without an entry out of the engine: their entries have expired, or were erased."""
        engine = self._scopes.engine
        if engine is None:
            return
        async for keys in self._scan("vectors"):
            for key in keys:
                members = await self._members(engine, key)
                if members is None:
                    await self._drop(key)
                else:
                    await self._without_entries(engine, key, members)

    async def _members(self, engine: Engine, key: str) -> Sequence[str] | None:
        """Return the digests under a key; None if the engine cannot say, or there are too many."""
        command = engine.members(key, MOST_MEMBERS)
        if command is None:
            return None
        [reply] = await self._trips.run([command])
        found = engine.digests(reply)
        return None if isinstance(reply, StoreError) or len(found) >= MOST_MEMBERS else found

    async def _drop(self, key: str) -> None:
        """Remove the vectors of a scope that nothing can list, if a writer is erased: misses, not leftovers."""
        by = next((each for each in self._removals if each.purge.is_erasure), None)
        if by is not None:
            await self._trips.run([("UNLINK", key)])
            self._count("streams", by)

    async def _without_entries(self, engine: Engine, key: str, digests: Sequence[str]) -> None:
        namespace, _, fingerprint = _stream_parts(key)
        for some in batched(digests, SCANNED):
            asking = [("EXISTS", key_names.entry(namespace, fingerprint, digest)) for digest in some]
            there = checked(await self._trips.run(asking))
            gone = [digest for digest, exists in zip(some, there, strict=True) if not exists]
            if gone:
                await self._trips.run([engine.remove(key, digest) for digest in gone])
                self._count("vectors", self._removals[0], len(gone))
            await self._pace()

    async def _rankings(self, namespace: str, now: float) -> None:
        """Take lines out of top lists whose entries are gone."""
        keys = list(_tops(namespace, now))
        there = checked(await self._trips.run([("EXISTS", key) for key in keys]))
        for key in (key for key, exists in zip(keys, there, strict=True) if exists):
            [members] = await self._trips.run([("ZRANGE", key, "0", "-1")])
            for some in batched([str(member) for member in listed(members)], READ):
                names = [key_names.entry(namespace, *each.split(":")) for each in some]
                there = checked(await self._trips.run([("EXISTS", name) for name in names]))
                gone = [each for each, exists in zip(some, there, strict=True) if not exists]
                if gone:
                    await self._trips.run([("ZREM", key, *gone)])
                    self._count("rankings", next(each for each in self._removals if each.purge.is_erasure), len(gone))
                await self._pace()

    async def _rings(self) -> None:
        """Drop the latest requests and served hits of the namespace: they do not say whose answer they show."""
        async for keys in self._scan("ring"):
            if keys:
                checked(await self._trips.run([("UNLINK", *keys)]))

    async def _scan(self, kind: str) -> AsyncIterator[list[str]]:
        """Yield the keys of one kind, page by page."""
        pattern, cursor = f"{key_names.ROOT}{self._namespace or '*'}:{kind}:*", self.place.cursor
        while True:
            [reply] = await self._trips.run([("SCAN", cursor, "MATCH", pattern, "COUNT", str(SCANNED))])
            following, keys = listed(reply, 2)
            yield [key for key in map(str, listed(keys)) if len(_parts(key)) == 4]
            cursor = str(following)
            if cursor == "0":
                return
            self.place = replace(self.place, cursor=cursor, done=())
            await self._pace()

    def _removal_of(self, entry: Entry) -> Removal:
        return next((each for each in self._removals if each.purge.covers(entry)), self._removals[0])

    def _count(self, what: str, removal: Removal, number: int = 1) -> None:
        self.removed[removal.id][what] += number


def _parts(key: str) -> list[str]:
    """Return namespace, kind and the rest of a key's name: of an entry its fingerprint and digest."""
    return key.removeprefix(key_names.ROOT).split(":", 3)


def _stream_parts(key: str) -> tuple[str, str, str]:
    """Return namespace, kind and fingerprint of an index stream; the embedder's id stands in between."""
    namespace, kind, _, rest = _parts(key)
    return namespace, kind, rest.rpartition(":")[2]


def _tops(namespace: str, now: float) -> Iterator[str]:
    for ago in range(KEEP_SECONDS // _DAY + 1):
        day = datetime.fromtimestamp(now - ago * _DAY, UTC).date().isoformat()
        ranks: Sequence[Rank] = RANKS
        yield from (key_names.tops(namespace, day, rank) for rank in ranks)

"""Purges in Redis whose bytes are freed: their records, and the work on them by one instance at a time."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from sentinel_core.cache.purge import Purge, Removal
from sentinel_core.errors import StoreError
from sentinel_core.stores.redis import key_names, purge_writing
from sentinel_core.stores.redis.connection import Command, checked, paired
from sentinel_core.stores.redis.envelope import Values
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.stores.redis.scope_index import Scopes
from sentinel_core.stores.redis.sealing import derived, seal
from sentinel_core.stores.redis.sweep import Sweep
from sentinel_core.stores.redis.sweep_place import WHICH_NODES, Place, beginning, decode, run_ids
from sentinel_core.support.clock import Clock
from sentinel_core.tenants.api_key import same

MOST_KEPT = 1_000
"""Removals that Redis keeps; past it the oldest finished ones go."""

LEASE_SECONDS = 30
SETTLE_SECONDS = 2.0
"""Seconds before a sweep begins: it then finds the entries of instances that did not know of the purge yet."""

SAVE_SECONDS = 2.0
"""Between two notes of how far a sweep is."""

IDLE_SHARE = 2.0
"""Times as long as a step took, the next one waits: two thirds of the time belong to other requests."""

LONGEST_PAUSE = 0.25
STEP_SHARE = 0.9
"""Of the time for a sweep, after which no step begins: the place is noted then."""

_POLL_SECONDS = 0.5


class RedisRemovals:
    """
    `Removals` in one Redis: a sealed record of each, worked on by one instance at a time.

    An interrupted sweep leaves the record unfinished, and its place; the next call of `work`, in any instance, goes on
    there. Purges begun meanwhile wait for a sweep of their own.
    Purges of one namespace are one record: a sweep removes all that is purged.
    """

    def __init__(self, trips: Trips, values: Values, scopes: Scopes, *, clock: Clock, secret: bytes) -> None:
        self._trips = trips
        self._values = values
        self._scopes = scopes
        self._now = clock.now
        self._monotonic = clock.monotonic
        self._key = derived(secret, "removals")
        self._token = secrets.token_hex(8)
        self._working = asyncio.Lock()
        self._until = self._stepped_at = self._saved_at = 0.0

    async def begin(self, purge: Purge, counters: Sequence[str] = ()) -> Removal:
        identifier = secrets.token_hex(16) if purge.is_erasure else f"purge-{purge.namespace or 'all'}"
        removal = Removal(identifier, purge, self._now(), counters=len(counters))
        if purge.is_erasure:
            checked(await self._trips.run([self._writing(removal)]))
            if counters:
                checked(await self._trips.run([("UNLINK", key_names.count(name)) for name in counters]))
        else:
            self._trips.later([self._writing(removal)])
        await purge_writing.write(self._trips, purge)
        return removal

    async def get(self, identifier: str) -> Removal | None:
        texts = await self._trips.run([("HGET", key, identifier) for key in (key_names.UNDER_WAY, key_names.REMOVALS)])
        found = [self._read(identifier, text) for text in checked(texts) if isinstance(text, str)]
        return next((each for each in found if each is not None), None)

    async def recent(self) -> Sequence[Removal]:
        done = await self._all(key_names.REMOVALS)
        if superfluous := [each.id for each in done[MOST_KEPT:]]:
            self._trips.later([("HDEL", key_names.REMOVALS, *superfluous)])
        known = {each.id: each for each in [*done[:MOST_KEPT], *await self._all(key_names.UNDER_WAY)]}
        return _latest_first(known.values())

    async def work(self, *, within: float) -> None:
        until = self._monotonic() + within * STEP_SHARE
        try:
            async with asyncio.timeout(within), self._working:
                self._until = until
                while under_way := await self._all(key_names.UNDER_WAY):
                    await self._work_on(under_way)
        except TimeoutError:
            return

    async def _work_on(self, under_way: Sequence[Removal]) -> None:
        """Sweep the namespace that waits longest, or wait for the instance that does."""
        oldest = under_way[-1]
        taking = "SET", key_names.REMOVING, self._token, "NX", "EX", str(LEASE_SECONDS)
        settled = oldest.started + SETTLE_SECONDS - self._now()
        if settled > 0:
            await asyncio.sleep(min(settled, SETTLE_SECONDS))
        if (await self._trips.run([taking]))[0] != "OK":
            await asyncio.sleep(_POLL_SECONDS)
            return
        try:
            together = [each for each in under_way if each.purge.namespace == oldest.purge.namespace]
            await self._sweep([each for each in together if each.started + SETTLE_SECONDS <= self._now()] or [oldest])
        finally:
            self._trips.later([("DEL", key_names.REMOVING)])
            await asyncio.shield(self._let_go())

    async def _let_go(self) -> None:
        try:
            await self._trips.run([])
        except StoreError:
            return  # the lease ends by itself

    async def _sweep(self, all_due: Sequence[Removal]) -> None:
        removals, place = await self._left_at(all_due)
        sweep = Sweep(self._trips, self._values, self._scopes, removals, place, lambda: self._pace(sweep, removals))
        self._stepped_at = self._saved_at = self._monotonic()
        await sweep.run(self._now())
        now = {each.id: each for each in await self._all(key_names.UNDER_WAY)}
        for removal in removals:
            if removal.id in now and now[removal.id].started == removal.started:  # else it was purged once more
                done = replace(_counted(removal, sweep), finished=self._now())
                checked(await self._trips.run([self._writing(done), ("HDEL", key_names.UNDER_WAY, removal.id)]))
        await self._trips.run([("HDEL", key_names.SWEEPS, _space(removals[0]))])

    async def _left_at(self, due: Sequence[Removal]) -> tuple[Sequence[Removal], Place]:
        """Return the removals of a sweep that was cut, and its place; all of them, and the beginning, without one."""
        space = _space(due[0])
        reply, info = await self._trips.run([("HGET", key_names.SWEEPS, space), WHICH_NODES])
        nodes, found = run_ids(info), "" if not isinstance(reply, str) else self._opened(f"sweep-{space}", reply)
        if found and nodes:
            place = decode(found)
            going_on = [each for each in due if place.is_of(each)]
            if going_on and place.nodes == nodes:
                return going_on, place
        return due, beginning(due, nodes)

    def _noting(self, sweep: Sweep, removals: Sequence[Removal]) -> list[Command]:
        """Write how far the sweep is; the counts of purges are written at the end only."""
        space = _space(removals[0])
        text = sweep.place.encode()
        sealed = f"{self._seal(f'sweep-{space}', text)} {text}"
        counts = [self._writing(_counted(each, sweep)) for each in removals if each.purge.is_erasure]
        return [("HSET", key_names.SWEEPS, space, sealed), *counts]

    async def _pace(self, sweep: Sweep, removals: Sequence[Removal]) -> None:
        """Wait, keep the lease and note how far the sweep is; raises TimeoutError when the time for it is over."""
        now = self._monotonic()
        if now - self._saved_at > SAVE_SECONDS or now > self._until:
            self._saved_at = now
            await self._trips.run([("EXPIRE", key_names.REMOVING, str(LEASE_SECONDS)), *self._noting(sweep, removals)])
        if now > self._until:
            raise TimeoutError
        await asyncio.sleep(min(LONGEST_PAUSE, IDLE_SHARE * (now - self._stepped_at)))
        self._stepped_at = self._monotonic()

    def _writing(self, removal: Removal) -> Command:
        fields = asdict(removal)
        if removal.purge.keeps is None:
            del fields["purge"]["keeps"]  # so that older versions read the record
        text = json.dumps(fields)
        key = key_names.UNDER_WAY if removal.finished is None else key_names.REMOVALS
        return "HSET", key, removal.id, f"{self._seal(removal.id, text)} {text}"

    async def _all(self, key: str) -> list[Removal]:
        [reply] = await self._trips.run([("HGETALL", key)])
        found = (self._read(identifier, text) for identifier, text in paired(reply).items())
        return _latest_first(each for each in found if each is not None)

    def _read(self, identifier: str, sealed: str) -> Removal | None:
        """Read a record; None if it was not sealed under this secret."""
        text = self._opened(identifier, sealed)
        if not text:
            return None
        fields = json.loads(text)
        return Removal(**{**fields, "purge": Purge(**fields["purge"])})

    def _opened(self, identifier: str, sealed: str) -> str:
        """Return a sealed text; "" if it was not sealed under this secret."""
        found, _, text = sealed.partition(" ")
        return text if same(found, self._seal(identifier, text)) else ""

    def _seal(self, identifier: str, text: str) -> str:
        return seal(self._key, f"{key_names.REMOVALS}\n{identifier}", text)


def _space(removal: Removal) -> str:
    return removal.purge.namespace or "*"


def _latest_first(removals: Iterable[Removal]) -> list[Removal]:
    return sorted(removals, key=lambda each: -each.started)


def _counted(removal: Removal, sweep: Sweep) -> Removal:
    """Add the counts of a sweep to a removal's."""
    removed = sweep.removed[removal.id]
    return replace(removal, **{name: getattr(removal, name) + number for name, number in removed.items()})

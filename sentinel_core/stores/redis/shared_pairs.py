"""Judged pairs in Redis: sealed, in the index stream of their scope, so that reading them costs no round trip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sentinel_core.cache.pairs import JudgedPair, PairKey, PairLearner, Placed, Scope, merged, next_page, says_more
from sentinel_core.cache.scope import Query
from sentinel_core.errors import CorruptEntryError, ForgedEntryError
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, checked, listed
from sentinel_core.stores.redis.envelope import Values
from sentinel_core.stores.redis.faults import Faults
from sentinel_core.stores.redis.known_purges import FIRST, text_of
from sentinel_core.stores.redis.mirror import PairItem, read_item
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.stores.redis.scope_index import Scopes
from sentinel_core.support.clock import Clock

_STEPS = 50
"""Scopes read for one page of a backup; so a page may be short, or empty, and not the last."""

_PAGE = 500


class SharedPairs:
    """
    `Pairs` of all instances: what one notes, the others know as soon as they read on in the scope's stream.

    Texts that are no pairs, and forged ones, go to `faults`.
    """

    def __init__(
        self,
        trips: Trips,
        scopes: Scopes,
        values: Values,
        faults: Faults,
        clock: Clock,
    ) -> None:
        self._trips = trips
        self._scopes = scopes
        self._values = values
        self._faults = faults
        self._now = clock.now
        scopes.learn_pairs = self._learn

    def of(self, scope: Scope) -> Mapping[PairKey, JudgedPair]:
        return self._scopes.pairs.of(scope)

    def follow(self, learner: PairLearner) -> None:
        self._scopes.pairs.follow(learner)

    async def note(self, query: Query, pair: JudgedPair, *, soon: bool = False) -> None:
        self._scopes.pairs.learn(query.scope, pair)
        key = self._scopes.key(*query.scope)
        item = PairItem(self._values.pack_pair(query.namespace, key, pair, self._trips.purges.last))
        commands = self._scopes.adding_pair(key, item)
        if soon:
            self._trips.later(commands)
        else:
            checked(await self._trips.run(commands))

    async def page(self, namespace: str, cursor: str, limit: int) -> tuple[Sequence[Placed], str | None]:
        fingerprint, _, key = cursor.partition(":")
        found: list[Placed] = []
        for _ in range(_STEPS):
            if not key:
                following = await self._scope_after(namespace, fingerprint)
                if following is None:
                    return found, None
                fingerprint = following
            pairs = {fingerprint: await self._stored(namespace, fingerprint)}
            more, after = next_page(pairs, f"{fingerprint}:{key}", limit - len(found), self._now())
            found += more
            if after is not None:
                return found, after
            if len(found) == limit:
                break
            key = ""
        return found, fingerprint

    async def restore(self, namespace: str, saved: Sequence[Placed]) -> int:
        news: list[Placed] = []
        for fingerprint in dict.fromkeys(scope for scope, _ in saved):
            known, now = await self._stored(namespace, fingerprint), self._now()
            pairs = [pair for scope, pair in saved if scope == fingerprint]
            news += [(fingerprint, pair) for pair in pairs if says_more(pair, known.get(pair.key), now)]
        commands: list[Command] = []
        for fingerprint, pair in news:
            key = self._scopes.key(namespace, fingerprint)
            item = PairItem(self._values.pack_pair(namespace, key, pair, self._trips.purges.last))
            commands += self._scopes.adding_pair(key, item)
            self._scopes.pairs.learn((namespace, fingerprint), pair)
        if commands:
            scopes = key_names.scopes(namespace)
            named = [part for fingerprint in dict.fromkeys(scope for scope, _ in news) for part in ("0", fingerprint)]
            kept: list[Command] = [("ZADD", scopes, *named), ("EXPIRE", scopes, str(self._scopes.lifetime))]
            checked(await self._trips.run([*commands, *kept]))
        return len(news)

    async def _scope_after(self, namespace: str, fingerprint: str) -> str | None:
        start = f"({fingerprint}" if fingerprint else "-"
        command = "ZRANGE", key_names.scopes(namespace), start, "+", "BYLEX", "LIMIT", "0", "1"
        [scopes] = await self._trips.run([command])
        return next((str(scope) for scope in listed(scopes)), None)

    async def _stored(self, namespace: str, fingerprint: str) -> dict[PairKey, JudgedPair]:
        """Read all pairs of a scope's stream."""
        key, last, found = self._scopes.key(namespace, fingerprint), FIRST, dict[PairKey, JudgedPair]()
        while True:
            [page] = checked(await self._trips.run([("XRANGE", key, f"({text_of(last)}", "+", "COUNT", str(_PAGE))]))
            await self._trips.trust()
            items = [read_item(item) for item in listed(page)]
            for pair in self._read((namespace, fingerprint), [each for _, each in items if isinstance(each, PairItem)]):
                found[pair.key] = merged(found.get(pair.key), pair)
            if len(items) < _PAGE or items[-1][0] <= last:
                return found
            last = items[-1][0]

    def _learn(self, scope: Scope, items: Sequence[PairItem]) -> None:
        for pair in self._read(scope, items):
            self._scopes.pairs.learn(scope, pair)

    def _read(self, scope: Scope, items: Sequence[PairItem]) -> Iterator[JudgedPair]:
        """Yield the pairs of items, without those that a purge of the namespace covers."""
        key = self._scopes.key(*scope)
        for item in items:
            try:
                written, pair = self._values.unpack_pair(scope[0], key, item.text)
            except ForgedEntryError:
                self._faults.note_forged({"namespace": scope[0], "fingerprint": scope[1], "digest": ""})
            except CorruptEntryError:
                self._faults.note_corrupt(1)
            else:
                if written >= self._trips.purges.start_of(scope[0]):
                    yield pair

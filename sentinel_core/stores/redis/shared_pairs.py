"""Judged pairs in Redis: sealed, in the index stream of their scope, so that reading them costs no round trip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sentinel_core.cache.pairs import JudgedPair, PairKey, PairLearner, Scope
from sentinel_core.cache.scope import Query
from sentinel_core.errors import CorruptEntryError, ForgedEntryError
from sentinel_core.stores.redis.connection import checked
from sentinel_core.stores.redis.envelope import Values
from sentinel_core.stores.redis.faults import Faults
from sentinel_core.stores.redis.mirror import PairItem
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.stores.redis.scope_index import Scopes


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
    ) -> None:
        self._trips = trips
        self._scopes = scopes
        self._values = values
        self._faults = faults
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

    def _learn(self, scope: Scope, items: Sequence[PairItem]) -> None:
        key = self._scopes.key(*scope)
        for item in items:
            try:
                written, pair = self._values.unpack_pair(scope[0], key, item.text)
                if written >= self._trips.purges.start_of(scope[0]):
                    self._scopes.pairs.learn(scope, pair)
            except ForgedEntryError:
                self._faults.note_forged({"namespace": scope[0], "fingerprint": scope[1], "digest": ""})
            except CorruptEntryError:
                self._faults.note_corrupt(1)

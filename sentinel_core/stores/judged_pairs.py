"""The judged pairs that this process knows, within a bound that namespaces share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from sentinel_core.cache.pairs import (
    JudgedPair,
    PairKey,
    PairLearner,
    Placed,
    Scope,
    halves,
    is_of,
    merged,
    next_page,
    says_more,
)
from sentinel_core.cache.scope import Query
from sentinel_core.stores.shares import Shares
from sentinel_core.support.clock import Clock

MOST_PAIRS = 30_000
"""About 22 MB if each is of another scope, measured with tracemalloc."""

_NONE: Mapping[PairKey, JudgedPair] = MappingProxyType({})


class JudgedPairs:
    """
    `Pairs` of one process.

    Past `most`, the namespace with most pairs loses the oldest pair of its least recently noted scope.
    """

    def __init__(self, clock: Clock, *, most: int = MOST_PAIRS) -> None:
        self._now = clock.now
        self._most = most
        self._scopes: dict[str, OrderedDict[str, OrderedDict[PairKey, JudgedPair]]] = {}
        self._counts = Shares()
        self._learner: PairLearner | None = None

    def __len__(self) -> int:
        return int(self._counts.total)

    def of(self, scope: Scope) -> Mapping[PairKey, JudgedPair]:
        space = self._scopes.get(scope[0])
        return _NONE if space is None else space.get(scope[1], _NONE)

    def follow(self, learner: PairLearner) -> None:
        self._learner = learner

    async def note(self, query: Query, pair: JudgedPair, *, soon: bool = False) -> None:
        self.learn(query.scope, pair)

    async def page(self, namespace: str, cursor: str, limit: int) -> tuple[Sequence[Placed], str | None]:
        return next_page(self._scopes.get(namespace, {}), cursor, limit, self._now())

    async def restore(self, namespace: str, saved: Sequence[Placed]) -> int:
        changed = 0
        for fingerprint, pair in saved:
            scope = namespace, fingerprint
            if says_more(pair, self.of(scope).get(pair.key), self._now()):
                self.learn(scope, pair)
                changed += 1
        return changed

    def learn(self, scope: Scope, pair: JudgedPair) -> None:
        """Merge a pair with what is known of it; one that is over leaves nothing behind."""
        namespace, fingerprint = scope
        space = self._scopes.setdefault(namespace, OrderedDict())
        pairs = space.setdefault(fingerprint, OrderedDict())
        space.move_to_end(fingerprint)
        known = pairs.pop(pair.key, None)
        if known is not None and known.expires <= self._now():
            known = None
            self._counts.add(namespace, -1)
        self._counts.add(namespace, known is None)
        pairs[pair.key] = merged(known, pair)
        if pairs[pair.key] is not known and self._learner is not None:
            self._learner.learn(scope, pairs[pair.key])
        self._drop_expired(namespace, fingerprint)
        while self._counts.total > self._most:
            self._evict()

    def forget(self, namespace: str | None) -> None:
        """Forget the pairs of a namespace, or all."""
        for each in [*self._scopes] if namespace is None else [namespace]:
            self._scopes.pop(each, None)
            self._counts.add(each, -self._counts.of(each))

    def erase(self, namespace: str, places: Iterable[tuple[str, str]]) -> None:
        """Forget the pairs that have one of these prompts, by fingerprint and digest."""
        digests: dict[str, list[str]] = {}
        for fingerprint, digest in places:
            digests.setdefault(fingerprint, []).append(digest)
        space = self._scopes.get(namespace, OrderedDict())
        for fingerprint, erased in ((each, halves(digests[each])) for each in digests if each in space):
            pairs = space[fingerprint]
            for key in [key for key in pairs if is_of(key, erased)]:
                del pairs[key]
                self._counts.add(namespace, -1)
            if not pairs:
                del space[fingerprint]
        if not space:
            self._scopes.pop(namespace, None)

    def _drop_expired(self, namespace: str, fingerprint: str) -> None:
        """Drop the oldest pairs while they are over."""
        pairs = self._scopes[namespace][fingerprint]
        while pairs and next(iter(pairs.values())).expires <= self._now():
            self._drop_oldest(namespace, fingerprint)

    def _evict(self) -> None:
        namespace = self._counts.largest() or next(iter(self._scopes))
        self._drop_oldest(namespace, next(iter(self._scopes[namespace])))

    def _drop_oldest(self, namespace: str, fingerprint: str) -> None:
        space = self._scopes[namespace]
        space[fingerprint].popitem(last=False)
        self._counts.add(namespace, -1)
        if not space[fingerprint]:
            del space[fingerprint]
        if not space:
            del self._scopes[namespace]

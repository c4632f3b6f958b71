"""Keeps the latest near misses; an operator tunes threshold and gate by them."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import replace

from sentinel_core.cache.near_miss import NearMiss
from sentinel_core.cache.purge import Purge

LONGEST_PROMPT = 500
MOST = 5_000
"""Of all namespaces: about 10 MB if all are long and of wide characters."""


class NearMisses:
    """
    The last `each` near misses of each namespace, in this process only, with the beginnings of the prompts.

    Holds at most `namespaces` tenants; the least recently updated is evicted. Past `most` near misses of all, the
    namespace with most loses its oldest.
    """

    def __init__(self, *, each: int = 200, namespaces: int = 100, most: int = MOST) -> None:
        self._each = each
        self._namespaces = namespaces
        self._most = most
        self._noted: OrderedDict[str, deque[NearMiss]] = OrderedDict()

    def note(self, near_miss: NearMiss) -> None:
        space = near_miss.query.namespace
        if space not in self._noted:
            self._noted[space] = deque(maxlen=self._each)
        self._noted.move_to_end(space)
        query = replace(near_miss.query, prompt=near_miss.query.prompt[:LONGEST_PROMPT])
        self._noted[space].append(replace(near_miss, query=query))
        if len(self._noted) > self._namespaces:
            self._noted.popitem(last=False)
        while sum(map(len, self._noted.values())) > self._most:
            max(self._noted.values(), key=len).popleft()

    def erase(self, purge: Purge) -> None:
        """Forget the near misses of one writer, and in those of others the words of stored prompts: they may be its."""
        noted = self._noted.get(purge.namespace or "")
        if noted is not None:
            kept = [_without_stored_words(near) for near in noted if not purge.is_writer(near.author, near.key)]
            noted.clear()
            noted.extend(kept)

    def of(self, namespace: str) -> Sequence[NearMiss]:
        """Return the near misses of a namespace, latest first."""
        return list(reversed(self._noted.get(namespace, ())))


def _without_stored_words(near: NearMiss) -> NearMiss:
    return near if near.verdict is None else replace(near, verdict=replace(near.verdict, stored_span=""))

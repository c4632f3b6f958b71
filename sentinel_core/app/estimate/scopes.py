"""Finds which parts of a scope keep equal prompts from sharing an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.scope import Query, canonical_json, parts
from sentinel_core.chat.messages import Json
from sentinel_core.support.bounded import BoundedMap

_MOST = 200_000


class ScopeParts:
    """Counts misses whose prompt was asked before in another scope, by the parts in which the scopes differ."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.misses = 0
        self._last: BoundedMap[str, str] = BoundedMap(_MOST)
        self._parts: BoundedMap[str, dict[str, int]] = BoundedMap(_MOST // 10)

    def note(self, ask: CacheRequest, query: Query, *, is_miss: bool) -> None:
        """Note one request."""
        if self._parts.get(query.fingerprint) is None:
            self._parts.put(query.fingerprint, dict(_hashed(ask)))
        other = self._last.get(query.digest)
        if is_miss and other is not None and other != query.fingerprint:
            self._count(self._parts.peek(other) or {}, self._parts.peek(query.fingerprint) or {})
            self.misses += 1
        self._last.put(query.digest, query.fingerprint)

    def _count(self, left: dict[str, int], right: dict[str, int]) -> None:
        for name in left.keys() | right.keys():
            if left.get(name) != right.get(name):
                self.counts[name] += 1


def _hashed(ask: CacheRequest) -> Iterator[tuple[str, int]]:
    for name, value in parts(ask.request, ask.namespace).items():
        for part, inner in _named(name, value):
            yield part, hash(canonical_json(inner))


def _named(name: str, value: Json) -> Iterator[tuple[str, Json]]:
    if name == "params" and isinstance(value, dict):
        yield from ((param, inner) for param, inner in value.items())
    elif name == "earlier" and isinstance(value, list):
        yield "system prompt", [each for each in value if _is_system(each)]
        yield "earlier turns", [each for each in value if not _is_system(each)]
    else:
        yield (
            {"user": "end user", "mixed": "pictures and files", "last": "fields of the last message"}.get(name, name),
            value,
        )


def _is_system(message: Json) -> bool:
    return isinstance(message, dict) and message.get("role") in ("system", "developer")

"""All mirrors of this process, within a bound that namespaces share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator

from sentinel_core.cache.ports import Purge
from sentinel_core.stores.redis.known_purges import Stamp
from sentinel_core.stores.redis.mirror import Mirror
from sentinel_core.stores.shares import Shares

TRIMMED_SHARE = 8
"""Of a mirror that is too large by itself, one item in this many goes at once, the oldest first."""


class Mirrors:
    """
    Mirrors by namespace and fingerprint, empty ones included.

    Past `max_bytes` the namespace that holds most loses its least recently used mirror, or the oldest items of its
    only one. The mirror in use stays.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._spaces: dict[str, OrderedDict[str, Mirror]] = {}
        self._sizes: dict[tuple[str, str], int] = {}
        self._bytes = Shares()

    def __len__(self) -> int:
        return len(self._sizes)

    @property
    def nbytes(self) -> int:
        return int(self._bytes.total)

    @property
    def items(self) -> int:
        return sum(len(mirror) for _, mirror in self._all())

    def get(self, scope: tuple[str, str]) -> Mirror | None:
        namespace, fingerprint = scope
        space = self._spaces.get(namespace, OrderedDict())
        if fingerprint in space:
            space.move_to_end(fingerprint)
        return space.get(fingerprint)

    def get_or_make(self, scope: tuple[str, str], start: Callable[[], Stamp]) -> Mirror:
        """Return a scope's mirror; a new one reads on from `start`."""
        mirror = self.get(scope)
        if mirror is None:
            mirror = Mirror(start())
            self._spaces.setdefault(scope[0], OrderedDict())[scope[1]] = mirror
            self.settle(scope)
        return mirror

    def settle(self, scope: tuple[str, str]) -> None:
        """Count a scope's bytes again after a change, and make room."""
        namespace, fingerprint = scope
        space = self._spaces.get(namespace)
        mirror = None if space is None else space.get(fingerprint)
        if mirror is None:
            return
        self._count(scope, mirror.nbytes)
        while self._bytes.total > self._max_bytes and self._make_room(scope):
            pass

    def forget(self, namespace: str | None) -> None:
        """Empty the mirrors of a namespace, or all."""
        for scope, mirror in self._all():
            if namespace in (None, scope[0]):
                mirror.clear()
                self._count(scope, mirror.nbytes)

    def erase(self, purge: Purge) -> list[tuple[str, str]]:
        """Forget the items of one writer in a namespace; return their fingerprints and digests."""
        erased: list[tuple[str, str]] = []
        for scope, mirror in self._all():
            if purge.namespace == scope[0] and (digests := mirror.erase(purge)):
                erased += [(scope[1], digest) for digest in digests]
                self._count(scope, mirror.nbytes)
        return erased

    def _make_room(self, used: tuple[str, str]) -> bool:
        """Take something from the namespace that holds most; False if nothing can go."""
        namespace = self._bytes.largest()
        if namespace is None:
            return False
        space = self._spaces[namespace]
        oldest = next(fingerprint for fingerprint in space if (namespace, fingerprint) != used or len(space) == 1)
        if (namespace, oldest) != used and (len(space) > 1 or not len(space[oldest])):
            self._drop((namespace, oldest))
            return True
        return self._trim((namespace, oldest))

    def _trim(self, scope: tuple[str, str]) -> bool:
        mirror = self._spaces[scope[0]][scope[1]]
        for digest in mirror.oldest(1 + len(mirror) // TRIMMED_SHARE):
            mirror.remove(digest)
        before = self._sizes[scope]
        self._count(scope, mirror.nbytes)
        return self._sizes[scope] < before

    def _drop(self, scope: tuple[str, str]) -> None:
        namespace, fingerprint = scope
        del self._spaces[namespace][fingerprint]
        if not self._spaces[namespace]:
            del self._spaces[namespace]
        self._bytes.add(namespace, -self._sizes.pop(scope))

    def _count(self, scope: tuple[str, str], size: int) -> None:
        self._bytes.add(scope[0], size - self._sizes.get(scope, 0))
        self._sizes[scope] = size

    def _all(self) -> Iterator[tuple[tuple[str, str], Mirror]]:
        for namespace, space in self._spaces.items():
            for fingerprint, mirror in space.items():
                yield (namespace, fingerprint), mirror

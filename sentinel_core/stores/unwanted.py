"""Entries that this process must not keep any more: of erased writers, and of older versions of documents."""

from __future__ import annotations

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.purge import Purge
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock

MAX_DOCUMENTS = 10_000
"""Documents whose newest version is known."""


class Unwanted:
    """The purges that reach beyond their time; `in_flight` are the seconds that a request may have begun before."""

    def __init__(self, clock: Clock, in_flight: float) -> None:
        self._now = clock.now
        self._in_flight = in_flight
        self._erasures: dict[Purge, float] = {}
        self._newest: BoundedMap[tuple[str, str], str] = BoundedMap(MAX_DOCUMENTS)

    def note(self, purge: Purge) -> None:
        """Take in a purge."""
        if purge.is_erasure:
            self._erasures[purge] = self._now()
        if purge.keeps is not None:
            self._newest.put((purge.namespace or "", purge.tag or ""), purge.keeps)

    def has(self, namespace: str, entry: Entry) -> bool:
        """Whether the entry must not be stored."""
        return self._is_erased(namespace, entry) or self._is_outdated(namespace, entry)

    def _is_erased(self, namespace: str, entry: Entry) -> bool:
        """Whether the entry's writer was erased so lately that its request may have begun before."""
        since = self._now() - self._in_flight
        self._erasures = {purge: at for purge, at in self._erasures.items() if at > since}
        return any(
            purge.namespace == namespace and purge.is_writer(entry.author, entry.key) for purge in self._erasures
        )

    def _is_outdated(self, namespace: str, entry: Entry) -> bool:
        """Whether the entry names another version of a document than the newest one."""
        newest = (self._newest.peek((namespace, tag)) for tag in entry.tags) if self._newest else ()
        return any(each is not None and each not in entry.tags for each in newest)

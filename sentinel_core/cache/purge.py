"""Purges of stored entries, and the removal of their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sentinel_core.cache.entry import Entry


@dataclass(frozen=True, slots=True)
class Purge:
    """
    Entries to remove: all of a namespace, or its entries of one model, with one tag or by one writer.

    Without any, everything. With `before` (Unix time), only those created earlier. A writer is the end user of a
    request (`author`, a pseudonym) or its API key (`key`, an id); removing theirs is an erasure. With `keeps`, entries
    that have that tag too stay, and later ones with `tag` but without it are misses as well: `keeps` is the newest
    version of the document that `tag` names.
    """

    namespace: str | None = None
    model: str | None = None
    tag: str | None = None
    before: float | None = None
    author: str | None = None
    key: str | None = None
    keeps: str | None = None

    @property
    def is_erasure(self) -> bool:
        """Whether the data of one writer has to go, and not only become unreachable."""
        return self.author is not None or self.key is not None

    def covers(self, entry: Entry) -> bool:
        """Whether an entry of the purge's namespace has to go."""
        return (
            self.model in (None, entry.completion.model)
            and (self.tag is None or self.tag in entry.tags)
            and (self.keeps is None or self.keeps not in entry.tags)
            and (self.before is None or entry.created < self.before)
            and self.is_writer(entry.author, entry.key)
        )

    def is_writer(self, author: str | None, key: str | None) -> bool:
        """Whether a writer is the one this purge names; every writer is if it names none."""
        return self.author in (None, author) and self.key in (None, key)


@dataclass(frozen=True, slots=True)
class Removal:
    """
    A purge, and how far the bytes that it covers are freed. Times are Unix times.

    `finished` is None while bytes may be left. `entries` are stored answers, `vectors` items of the index, `streams`
    index streams written again or dropped, `rankings` lines of top lists, `counters` those of a key's limits.
    `unreadable` values were not written by this deployment, or are encrypted with a key it lacks; they stay.
    """

    id: str
    purge: Purge
    started: float
    finished: float | None = None
    entries: int = 0
    vectors: int = 0
    streams: int = 0
    rankings: int = 0
    counters: int = 0
    unreadable: int = 0


class Removals(Protocol):
    """Purges whose bytes are freed, not only made unreachable. All methods raise StoreError, and nothing else."""

    async def begin(self, purge: Purge, counters: Sequence[str] = ()) -> Removal:
        """Make misses of all that the purge covers; `counters` names a key's own, which go as well."""

    async def work(self, *, within: float) -> None:
        """Free the bytes of all removals under way, for about `within` seconds; later calls go on with the rest."""

    async def get(self, identifier: str) -> Removal | None:
        """Return a removal; None if there was none, or if it was long ago."""

    async def recent(self) -> Sequence[Removal]:
        """Return the removals that are known, latest first."""

"""Ports of the gateway: embedder, store, counters, provider."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sentinel_core.cache.entry import Entry, EntryFilter
from sentinel_core.cache.purge import Purge as Purge
from sentinel_core.cache.scope import Query
from sentinel_core.chat.messages import ChatRequest, Chunk, Completion

Vector: TypeAlias = NDArray[np.float32]
"""Unit length, shape (384,)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored entry near enough to be asked about; `similarity` is the cosine, recomputed exactly."""

    entry: Entry
    similarity: float

    @property
    def prompt(self) -> str:
        return self.entry.prompt


@dataclass(frozen=True, slots=True)
class Listed:
    """
    One entry and where it is.

    `expires` is when the store drops it, in Unix time; `vector` is encoded, "" without one of this embedder.
    """

    fingerprint: str
    digest: str
    entry: Entry
    expires: float
    vector: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """`cursor` leads to the next page; None after the last."""

    entries: tuple[Listed, ...]
    cursor: str | None


class Embedder(Protocol):
    """Text to vector, in this process, off the event loop."""

    @property
    def id(self) -> str:
        """Model, weights hash and token limit: vectors of two ids never meet."""

    @property
    def state(self) -> str:
        """`loading`, `ready` or `failed`."""

    async def embed(self, text: str) -> Vector:
        """Embed a text; raises PromptTooLongError past the token limit, EmbeddingError if the model fails."""

    async def embed_many(self, texts: Sequence[str]) -> Sequence[Vector | Exception]:
        """Embed each as `embed` would, in the order given, with its error in place of a vector that failed."""

    async def aclose(self) -> None:
        """Give threads back; never raises."""


class Entries(Protocol):
    """
    Entries and their vectors.

    Entries past their ttl are still returned for the grace period: the gateway judges freshness.
    """

    async def load(self, query: Query) -> Entry | None:
        """Return the entry of exactly this prompt in this scope."""

    async def load_many(self, queries: Sequence[Query]) -> Sequence[Entry | None]:
        """Load each as `load` would, in one round trip."""

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[Candidate]:
        """Return up to `limit` entries of this scope with `similarity >= floor`, nearest first."""

    async def glimpse(self, query: Query, vector: Vector, *, floor: float) -> tuple[str, float] | None:
        """
        Return digest and similarity of the nearest entry of this scope with `similarity >= floor`.

        As far as this process knows: no round trip, and the entry may be gone.
        """

    async def save(self, query: Query, entry: Entry, vector: Vector | None) -> None:
        """Store or replace; without a vector the entry can only be hit exactly. Ends the lease."""


LEASE_SECONDS = 2.0
"""Lifetime of a lease after it is taken or renewed: how long others wait for an instance that was killed."""

RENEW_SECONDS = 1.0
"""Seconds between renewals; an answer that takes less costs no command."""


class Leases(Protocol):
    """Which instance asks upstream for a prompt, while the others wait for its answer."""

    async def refresh(
        self, query: Query, *, lease_seconds: float | None = None, stale_entry: Entry | None = None
    ) -> bool:
        """
        Read the entries that other instances stored in this scope since; runs while the prompt is embedded.

        With `lease_seconds`, also ask for the lease of this prompt. False: another instance holds it, or has
        just stored an entry other than the `stale_entry` that `load` returned; `wait` for it.
        """

    async def wait(self, query: Query, *, timeout: float, stale_entry: Entry | None = None) -> Entry | None:
        """
        Wait for the entry another instance is about to store, at most `timeout` seconds.

        None means: ask upstream yourself, because the time is over or no other instance holds the lease any more.
        A holder that renews nothing is waited for until `LEASE_SECONDS` after its last renewal.
        """

    async def renew(self, query: Query) -> None:
        """Hold the lease for `LEASE_SECONDS` from now; without effect if it is not held any more."""

    async def release(self, query: Query, *, soon: bool = False) -> None:
        """End the lease without an entry, so that another instance may ask: now, or `soon` if that costs less."""


class Maintenance(Protocol):
    """Purging, counting, checking and closing a store."""

    async def purge(self, purge: Purge) -> None:
        """Make misses of all stored entries that the purge covers."""

    async def count(self) -> int:
        """Return the number of stored entries, as far as this instance knows."""

    async def check(self) -> None:
        """Raise StoreError with the reason, unless the store reads and writes now."""

    async def aclose(self) -> None:
        """Close connections; never raises."""


class Store(Entries, Leases, Maintenance, Protocol):
    """
    All that the gateway needs of a store. All methods raise StoreError, and nothing else.

    One request calls `load`, `refresh`, `nearest`, then `wait`, `save` or `release`: in this order each is
    one round trip at most.
    """


class Inventory(Protocol):
    """
    Listing and deleting of entries, for the admin API; no request waits for it.

    All methods raise StoreError. Results are in no particular order.
    """

    async def entries(
        self,
        namespace: str,
        *,
        cursor: str | None = None,
        limit: int = 50,
        wanted: EntryFilter | None = None,
    ) -> Page:
        """
        List up to `limit` entries of a namespace, only those `wanted` if that is given.

        A page reads a bounded number of entries: it may be short, or empty, without being the last. Raises
        ValueError for a malformed cursor.
        """

    async def scopes(self, namespace: str, *, after: str = "", limit: int = 50) -> Sequence[str]:
        """Return up to `limit` fingerprints of a namespace in ascending order."""

    async def delete(self, namespace: str, fingerprint: str, digest: str) -> bool:
        """Delete one entry; return whether there was one."""


class Count(NamedTuple):
    """An amount to add to a counter, 0 to read it only; the counter expires `seconds` after its first amount."""

    name: str
    amount: int
    seconds: float


class Total(NamedTuple):
    """The value of a counter, and the seconds until it expires."""

    amount: int
    resets: float


class Adding(Protocol):
    """Amounts on their way to the counters."""

    async def totals(self) -> Sequence[Total]:
        """Return the totals, one for each count, once they are known; raises StoreError."""


class Counts(Protocol):
    """Counters that every instance adds to."""

    def add(self, counts: Sequence[Count], *, keep: bool = False) -> Adding:
        """Add with the next round trip; an amount that fails is dropped, or sent again later with `keep`."""


class Books(Protocol):
    """Counters of all instances by UTC day (2026-01-31), in total and by owner; an owner is a namespace."""

    def add_counters(self, counters: Mapping[str, int | float], owner: str | None = None) -> None:
        """Add to today's counters; never raises and never waits."""

    async def read_counters(self, *days: str, owner: str | None = None) -> Sequence[Mapping[str, float]]:
        """Return the counters of each day by name; raises StoreError."""


class Popular(NamedTuple):
    """How often an entry answered, and the dollars it saved."""

    entry_id: str
    hits: int
    saved_usd: float


Rank: TypeAlias = Literal["hits", "saved_usd"]


class Popularity(Protocol):
    """The entries that answer most, by namespace and UTC day; rare ones may be missing, or counted too low."""

    def note(self, namespace: str, entry_id: str, saved_usd: float) -> None:
        """Count one hit; never raises and never waits."""

    async def top(self, namespace: str, *, rank: Rank, day: str, limit: int) -> Sequence[Popular]:
        """Return the first `limit` of a day; raises StoreError."""


class Meter(Protocol):
    """Counts one request against its sender's limits."""

    async def admit(self) -> None:
        """Raise RateLimitedError if it is one too many; after the first round trip, which has carried the count."""

    def forward(self) -> None:
        """Raise BudgetSpentError if a provider must not be asked any more."""

    def charge(self, tokens: int, cost_usd: float | None) -> None:
        """Note the billed usage, for the next round trip to carry."""

    async def settle(self) -> None:
        """Return when the charges have been counted; never raises."""


class Provider(Protocol):
    """One upstream that completes chats."""

    @property
    def name(self) -> str:
        """As callers write it in `provider`."""

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        """Ask, within `timeout` seconds in all, retries included. Raises ProviderError and nothing else."""

    def stream(
        self, request: ChatRequest, *, timeout: float, patience: float | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """
        Ask, and pass the answer's chunks on as they come, the last of them with its usage.

        The whole answer takes at most `timeout` seconds, its first chunk at most `patience`.
        Raises ProviderError and nothing else, at any step: an answer is whole only if the stream ends
        without. Close it (`contextlib.aclosing`), or the provider goes on writing unread.
        """

    async def aclose(self) -> None:
        """Give connections back; never raises."""

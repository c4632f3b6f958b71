"""The storage a gateway runs on: one record of ports, whose data lies in this process or in Redis."""

from __future__ import annotations

from dataclasses import dataclass

from sentinel_core.cache.curated import CuratedStore
from sentinel_core.cache.pairs import Pairs
from sentinel_core.cache.ports import Books, Counts, Inventory, Popularity, Store
from sentinel_core.cache.purge import Removals
from sentinel_core.cache.rewording import Recall
from sentinel_core.learning.odds_book import LearningStates
from sentinel_core.learning.waiting import WaitingPairs
from sentinel_core.telemetry.alert_delivery import Claims
from sentinel_core.telemetry.audit import AuditStore
from sentinel_core.telemetry.shared_rings import SharedRings, SharedSeries
from sentinel_core.tenants.key_store import KeyStore


@dataclass(frozen=True, slots=True)
class Backend:
    """
    Every port of storage, over one place: callers never ask which place it is.

    `books`, `claims`, `waiting`, `learning_states`, `rings` and `series` are None where the data is this
    process's alone: there is no fleet to add up, to agree with or to leave work to.
    """

    entries: Store
    inventory: Inventory
    counts: Counts
    popularity: Popularity
    keys: KeyStore
    removals: Removals
    pairs: Pairs
    recall: Recall
    audit: AuditStore
    curated: CuratedStore
    books: Books | None = None
    claims: Claims | None = None
    waiting: WaitingPairs | None = None
    learning_states: LearningStates | None = None
    rings: SharedRings | None = None
    series: SharedSeries | None = None

"""The parts of a running service, and what is done with all of them: check, warm up, work between requests, close."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from sentinel_core.cache import wording
from sentinel_core.cache.ports import Counts, Embedder, Provider, Store
from sentinel_core.cache.purge import Removals
from sentinel_core.errors import CacheError, StoreError
from sentinel_core.gateway.curated_book import CuratedBook
from sentinel_core.learning.backlog import Backlog
from sentinel_core.learning.learning import Learning
from sentinel_core.matching.gate import Gate
from sentinel_core.providers import pricing
from sentinel_core.support.background import Background
from sentinel_core.telemetry.alert_delivery import AlertDelivery
from sentinel_core.telemetry.audit import AuditTrail
from sentinel_core.telemetry.webhook import Webhook

DRAIN_SECONDS = 5.0
"""Time for the background work to end at shutdown: longer than the store's and shorter than a platform's patience."""

_ASKED, _STORED = "Where are additional models?", "Where are extra models?"
"""Two prompts that make the gate read all its tables, so that the first semantic hit need not."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The implementations of the ports."""

    store: Store
    counts: Counts
    embedder: Embedder
    providers: Mapping[str, Provider]
    default: str
    outbox: AlertDelivery
    webhook: Webhook | None
    background: Background
    removals: Removals
    audit: AuditTrail
    curated: CuratedBook
    learning: Learning | None = None
    backlog: Backlog | None = None

    async def check(self) -> Mapping[str, str]:
        """Say how each part is doing; never raises."""
        try:
            await self.store.check()
            store = "ok"
        except StoreError as error:
            store = str(error)
        return {"store": store, "embedder": self.embedder.state, "provider": self.providers[self.default].name}

    async def warm(self) -> Mapping[str, str]:
        """Run model and gate once, read all tables, reach the store, and say how each part is doing; never raises."""
        with suppress(CacheError):
            await self.embedder.embed(_ASKED)
        Gate().judge(_ASKED, _STORED, similarity=0.9)
        pricing.load()
        await asyncio.to_thread(wording.load)  # takes about 15 ms
        return await self.check()

    async def free(self, *, within: float) -> None:
        """Free the bytes of purged entries and old audit records, for about `within` seconds; never raises."""
        await self.audit.retain()
        with suppress(StoreError):
            await self.removals.work(within=within)

    async def tell(self, *, within: float) -> None:
        """Send the alerts that are due; never raises."""
        await self.outbox.deliver(within=within)

    async def judge(self, *, within: float) -> int:
        """Have pairs judged that wait for it, for at most `within` seconds; return their number. Never raises."""
        return 0 if self.backlog is None else await self.backlog.work(within=within)

    async def drain(self, *, within: float) -> None:
        """Finish the background work, for so many seconds at the most; never raises."""
        await self.background.drain(within=within)

    async def disconnect(self) -> None:
        """Finish the background work, then close all connections; a part used again reconnects. Never raises."""
        await self.background.drain(within=DRAIN_SECONDS)
        connected: list[Store | Provider | Webhook] = [self.store, *self.providers.values()]
        connected += [] if self.webhook is None else [self.webhook]
        await asyncio.gather(*(each.aclose() for each in {id(each): each for each in connected}.values()))

    async def aclose(self) -> None:
        """Finish the background work, then close all connections and threads; never raises."""
        await self.background.drain(within=DRAIN_SECONDS)
        await self.outbox.aclose()
        await asyncio.gather(self.disconnect(), self.embedder.aclose())

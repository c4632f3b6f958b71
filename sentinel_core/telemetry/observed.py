"""The latest requests, in this process and in the store that instances share, for the console and its routes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from sentinel_core.cache.events import Alert
from sentinel_core.cache.purge import Purge
from sentinel_core.errors import StoreError
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.alike import AlikeHit, hit_batches
from sentinel_core.telemetry.cost_ledger import CostLedger
from sentinel_core.telemetry.fair_ring import FairRing
from sentinel_core.telemetry.late_hits import LateHits
from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.series import SECONDS, Point, Series, Step
from sentinel_core.telemetry.shared_rings import SeenHit, SharedRings, SharedSeries, Texts, Verdict, Whose
from sentinel_core.telemetry.sums import Batch, SeenRequest, batches

MOST_REQUESTS = 2_000
MOST_HITS = 400
LONGEST_PROMPT = 400
LONGEST_HIT_TEXT = 2_000
"""Characters kept of prompts of requests, and of each text of a served hit. All rings: at most about 14 MB."""

MOST_SERIES = 128
"""Tenants with a time series of their own in this process, about 0.15 MB each; the least recently used is evicted."""

MOST_ALERTS = 100
MOST_UNSETTLED = 64
"""Requests that are added to the rings and summed at once, which takes a third of the time of one by one."""

SEMANTIC_HIT = "hit_semantic"
ANYONE = ""
"""The owner of requests without a tenant."""

NOWHERE = "nowhere"
"""The namespace of requests without a known key."""

_SHARED_NUMBERS = 1 << 40
"""Numbers from here on are those of all instances."""


def _series() -> BoundedMap[str, Series]:
    return BoundedMap(MOST_SERIES)


class Circuits(Protocol):
    """Knows the circuit breakers of the providers."""

    def of_providers(self) -> Mapping[str, Sequence[tuple[str, int, bool, float]]]:
        """Return each provider's breakers that count failures: model, failures, whether it is open, seconds to wait."""


@dataclass(slots=True)
class Observed:
    """
    The latest requests and served semantic hits, the time series, and the costs by row.

    Call `settle` before they are read. `shared` and `shared_series` are those of all instances, None without
    Redis. `late` are hits that are answered and not noted yet.
    """

    clock: Clock
    ledger: CostLedger
    requests: FairRing[SeenRequest | AlikeHit] = field(default_factory=lambda: FairRing(MOST_REQUESTS))
    hits: FairRing[SeenHit] = field(default_factory=lambda: FairRing(MOST_HITS))
    everyone: Series = field(default_factory=Series)
    series: BoundedMap[str, Series] = field(default_factory=_series)
    unsettled: list[SeenRequest] = field(default_factory=list)
    alerts: deque[Alert] = field(default_factory=lambda: deque(maxlen=MOST_ALERTS))
    circuits: Circuits | None = None
    late: LateHits | None = None
    shared: SharedRings | None = None
    shared_series: SharedSeries | None = None

    def note(
        self, answered: Answered, key: str | None, prompt: str = "", entry_id: str | None = None, namespace: str = ""
    ) -> None:
        """Note one answered request, with its prompt where that may be kept."""
        seen = SeenRequest(self.clock.now(), answered, key, prompt[:LONGEST_PROMPT], entry_id, namespace)
        self.unsettled.append(seen)
        if self.shared is not None:
            self.shared.note(Whose(namespace or NOWHERE, answered.tenant or ANYONE), seen)
        if len(self.unsettled) >= MOST_UNSETTLED:
            self.settle()

    def note_hits(self, hits: Sequence[AlikeHit]) -> None:
        """Note repeated exact hits; each is written out when it is read."""
        self._settle()
        for hit in hits:
            tenant = hit.alike.answered.tenant or ANYONE
            self.requests.add(tenant, hit)
            if self.shared is not None:
                self.shared.note(Whose(hit.namespace or NOWHERE, tenant), hit.seen())
        self._sum(hit_batches(hits))

    def note_fetched(self, answered: Answered) -> None:
        """Add an answer that no request waited for to the ledger; it is none of the latest requests."""
        for batch in batches([SeenRequest(self.clock.now(), answered, None)]):
            self.ledger.add(batch)

    def note_hit(self, answered: Answered, texts: Texts) -> None:
        """Note a served semantic hit."""
        whose, hit = Whose(texts.namespace, answered.tenant or ANYONE), SeenHit(self.clock.now(), answered, _cut(texts))
        self.hits.add(whose.tenant, hit)
        if self.shared is not None:
            self.shared.note_hit(whose, hit)

    def settle(self) -> None:
        """Add the latest requests to ring, time series and ledger; those that were not noted yet, too."""
        if self.late is not None:
            self.late.settle()
        self._settle()

    def _settle(self) -> None:
        unsettled, self.unsettled = self.unsettled, []
        for seen in unsettled:
            self.requests.add(seen.answered.tenant or ANYONE, seen)
        self._sum(batches(unsettled))

    def _sum(self, summed: Iterable[Batch]) -> None:
        for batch in summed:
            for series in self._series_of(batch.tenant):
                series.add(batch)
            self.ledger.add(batch)

    def note_alert(self, alert: Alert) -> None:
        """Note an alert; the same one again is not noted."""
        if all(each.id != alert.id for each in self.alerts):
            self.alerts.append(alert)

    def spend(self, usd: float) -> None:
        """Add dollars spent on the cache's own work to everyone's time series."""
        for series in self._series_of(None):
            series.spend(usd, self.clock.now())

    def judge(self, tenant: str | None, verdict: str) -> None:
        """Count a verdict in the time series of everyone and of the tenant."""
        self.settle()
        for series in self._series_of(tenant):
            series.judge(verdict, self.clock.now())

    async def latest_requests(self, whose: Whose | None, after: int = 0) -> Sequence[tuple[int, SeenRequest]]:
        """
        Return requests with numbers above `after`, the latest first: of one owner, or of all.

        They are those of all instances; while the shared store is away, those of this process.
        """
        self.settle()
        if self.shared is not None:
            with suppress(StoreError):
                return await self.shared.requests(whose, after=after)
        held = self.requests.latest(None if whose is None else whose.tenant)
        latest = [(number, each.seen() if isinstance(each, AlikeHit) else each) for number, each in held]
        return latest if after >= _SHARED_NUMBERS else [each for each in latest if each[0] > after]

    async def latest_hits(self, whose: Whose | None) -> Sequence[tuple[int, SeenHit]]:
        """Return served hits, the latest first, as `latest_requests` does."""
        if self.shared is not None:
            with suppress(StoreError):
                return await self.shared.hits(whose)
        return self.hits.latest(None if whose is None else whose.tenant)

    async def judge_hit(self, number: int, hit: SeenHit, verdict: Verdict) -> bool:
        """Keep the verdict on a hit; return whether it is the first one. Raises StoreError."""
        is_first, hit.verdict = hit.verdict is None, verdict
        if self.shared is None:
            return is_first
        whose = Whose(hit.texts.namespace, hit.answered.tenant or ANYONE)
        return await self.shared.judge(whose, number, verdict) and is_first

    async def points(self, tenant: str | None, step: Step, last: int) -> tuple[Sequence[Point], bool]:
        """
        Return the last steps of the series of one tenant, or of everyone, and whether they are all instances'.

        While the shared store is away they are this process's.
        """
        self.settle()
        now = self.clock.now()
        since = (int(now) // SECONDS[step] - last + 1) * SECONDS[step]
        if self.shared_series is not None:
            with suppress(StoreError):
                return await self.shared_series.points(tenant or ANYONE, step, since), True
        series = self.everyone if tenant is None else self.series.peek(tenant)
        held = [] if series is None else series.points(step, now)
        return [point for point in held if point.at >= since], False

    def _series_of(self, tenant: str | None) -> Sequence[Series]:
        """Return the series that an event of a tenant belongs to, which are about to change."""
        found = {ANYONE: self.everyone} if tenant is None else {ANYONE: self.everyone, tenant: self.of_tenant(tenant)}
        if self.shared_series is not None:
            for name, series in found.items():
                self.shared_series.changed(name, series)
        return list(found.values())

    def of_tenant(self, tenant: str) -> Series:
        """Return the time series of one tenant, made on first use."""
        series = self.series.get(tenant)
        if series is None:
            series = Series()
            self.series.put(tenant, series)
        return series

    def erase(self, purge: Purge) -> None:
        """
        Drop the texts that may be an erased writer's: the namespace's hits and requests, of one key if it names one.

        End users are not kept with requests, and a hit shows another writer's answer; hence more goes than is theirs.
        """
        self.settle()
        self.hits.remove(lambda hit: hit.texts.namespace == purge.namespace)
        self.requests.remove(
            lambda seen: seen.namespace == purge.namespace and (purge.key is None or purge.key == seen.key)
        )


def _cut(texts: Texts) -> Texts:
    prompt, matched, answer = (text[:LONGEST_HIT_TEXT] for text in (texts.prompt, texts.matched_prompt, texts.answer))
    return texts._replace(prompt=prompt, matched_prompt=matched, answer=answer)

"""The composition root: builds everything from the settings, once, and hands it down."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial

from fastapi import FastAPI
from starlette.types import ASGIApp

from sentinel_core.app import alerts, providers, stores
from sentinel_core.app.list_settings import split
from sentinel_core.app.settings import SIMULATED, Settings
from sentinel_core.cache import volatility
from sentinel_core.cache.answer import Answer
from sentinel_core.cache.policy import Rules
from sentinel_core.cache.ports import Books, Embedder, Provider, Store
from sentinel_core.errors import CacheError, ConfigurationError, StoreError
from sentinel_core.gateway.gateway import Gateway
from sentinel_core.gateway.lookup import Lookup
from sentinel_core.gateway.near_misses import NearMiss, NearMisses
from sentinel_core.matching.embedders.choice import choose
from sentinel_core.matching.gate import RULES, Gate
from sentinel_core.providers import pricing
from sentinel_core.providers.catalogue import refused, split_model
from sentinel_core.providers.simulated import Simulated
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.alert_delivery import AlertDelivery
from sentinel_core.telemetry.alerts import Alert, of_provider, of_store
from sentinel_core.telemetry.counters import REVALIDATED, Counters, FleetCounters
from sentinel_core.telemetry.records import Recorder
from sentinel_core.telemetry.webhook import Webhook
from sentinel_core.tenants import api_key
from sentinel_core.tenants.directory import Directory
from sentinel_core.web.app import create_app
from sentinel_core.web.presenting import AnswerView
from sentinel_core.web.recording import MOST_TENANTS, Recording
from sentinel_core.web.service import Access, Defaults, Service, Stored

_log = logging.getLogger("sentinel")
_ASKED, _STORED = "Where is the model kept?", "Where is the model stored?"
"""Two prompts that take the gate through all its tables: what it has read, the first semantic hit need not read."""

CLOCK = Clock(now=time.time, monotonic=time.monotonic)


@dataclass(frozen=True, slots=True)
class Parts:
    """What stands behind the ports."""

    store: Store
    embedder: Embedder
    providers: Mapping[str, Provider]
    default: str
    outbox: AlertDelivery
    webhook: Webhook | None

    async def check(self) -> Mapping[str, str]:
        """Say how each part is doing; never raises."""
        try:
            await self.store.check()
            store = "ok"
        except StoreError as error:
            store = str(error)
        return {"store": store, "embedder": self.embedder.state, "provider": self.providers[self.default].name}

    async def warm(self) -> Mapping[str, str]:
        """Run model and gate once, read the prices, reach the store, and say how each part is doing; never raises."""
        with suppress(CacheError):
            await self.embedder.embed(_ASKED)
        Gate().judge(_ASKED, _STORED, similarity=0.9)
        pricing.load()
        return await self.check()

    async def tell(self, *, within: float) -> None:
        """Send the alerts that are due; never raises."""
        await self.outbox.deliver(within=within)

    async def disconnect(self) -> None:
        """Give back all connections; what is used again opens its own anew. Never raises."""
        connected: list[Store | Provider | Webhook] = [self.store, *self.providers.values()]
        connected += [] if self.webhook is None else [self.webhook]
        await asyncio.gather(*(each.aclose() for each in {id(each): each for each in connected}.values()))

    async def aclose(self) -> None:
        """Give back all connections and threads; never raises."""
        await self.outbox.aclose()
        await asyncio.gather(self.disconnect(), self.embedder.aclose())


@dataclass(frozen=True, slots=True)
class Sentinel:
    """Everything that runs. `app` is a plain ASGI application; `chosen` says what stands behind each port."""

    app: ASGIApp
    parts: Parts
    chosen: Mapping[str, str]


def build(
    settings: Settings,
    *,
    recorders: Sequence[Recorder] = (),
    clock: Clock = CLOCK,
    embedder: Embedder | None = None,
    has_background: bool = False,
    on_forged: Callable[[Mapping[str, str]], None] | None = None,
    on_alert: Callable[[Alert], None] = lambda _: None,
) -> Sentinel:
    """
    Build the whole service, around an embedder that is there already if one is given.

    Only in a process that `lives_on` between requests is anything done behind a caller's back. `on_forged` hears
    where in Redis a value or a key was that somebody else has written, `on_alert` of each alert.
    Opens no connection and loads no model yet.

    Raises ConfigurationError where settings do not fit together.
    """
    specs = providers.specs(settings)
    default = settings.provider or next(iter(specs), SIMULATED)
    embedder = embedder or choose(settings.embedder)
    backend = stores.backend(
        settings,
        stores.wire(settings),
        embedder_id=embedder.id,
        clock=clock,
        on_forged=on_forged,
        on_open=lambda: outbox.add(of_store(clock.now())),
    )
    webhook = alerts.webhook(settings, clock)
    outbox = alerts.outbox(backend.claims, webhook, clock, on_alert=on_alert, has_background=has_background)
    spent = alerts.spending(settings, backend.counts, clock, outbox.add)
    asked = providers.providers(settings, specs, lambda name: outbox.add(of_provider(name, clock.now())))
    parts = Parts(backend.entries, embedder, asked, default, outbox, webhook)
    counters = Counters(clock.now)
    directory = stores.directory(settings, backend.keys, clock)
    recorders = [*recorders, *_fleet_recorders(backend.books, directory)]
    noting = _noting([counters, *recorders]) if has_background else None
    near_misses = NearMisses()
    service = Service(
        gateway=_gateway(settings, parts, clock, noting, spent, near_misses.note),
        defaults=Defaults(
            provider=default,
            models=providers.models(settings, parts.providers, default),
            split=partial(split_model, known=parts.providers.keys(), default=default),
            timeout=settings.request_timeout_seconds,
            refusal=lambda request: refused(specs[request.provider], request) if request.provider in specs else None,
            batch_concurrency=settings.batch_concurrency,
        ),
        clock=clock,
        recording=Recording(
            clock=clock,
            counters=counters,
            popularity=backend.popularity,
            recorders=recorders,
            books=backend.books,
            owner_of=_owner_of(directory),
            log_prompts=settings.log_prompts,
        ),
        stored=Stored(parts.store, backend.inventory, backend.popularity, parts.embedder, parts.check, near_misses),
        access=Access(
            directory, None if settings.admin_key is None else api_key.digest(settings.admin_key.get_secret_value())
        ),
        limiter=stores.limiter(settings, backend.counts, clock, outbox.add),
    )
    app = create_app(
        service,
        max_body_bytes=settings.max_body_bytes,
        lifespan=_lifespan(parts),
        cors_origins=split(settings.cors_origins, ","),
    )
    return Sentinel(app, parts, _chosen(settings, parts, directory))


def _noting(recorders: Sequence[Recorder]) -> Callable[[Answer], None]:
    """Tell the recorders what was spent on an answer that no request waited for."""

    def note(answer: Answer) -> None:
        facts = AnswerView(answer).facts(route=REVALIDATED, latency_ms=answer.timings["provider"])
        for recorder in recorders:
            recorder.record(facts._replace(outcome=REVALIDATED))

    return note


def _gateway(
    settings: Settings,
    parts: Parts,
    clock: Clock,
    revalidated: Callable[[Answer], None] | None,
    spent: Callable[[float], None],
    near_missed: Callable[[NearMiss], None],
) -> Gateway:
    rules = Rules(
        threshold=settings.similarity_threshold,
        ttl=settings.ttl_seconds,
        stale=settings.stale_seconds,
        max_temperature=settings.max_temperature,
        volatile_ttl=settings.volatile_ttl_seconds if settings.volatile else None,
        volatile_off=_off(settings.volatile_rules_off, volatility.NAMES, "SENTINEL_VOLATILE_RULES_OFF"),
        volatile_words=tuple(split(settings.volatile_words, ",")),
        store_tool_calls=settings.store_tool_calls,
    )
    return Gateway(
        lookup=Lookup(parts.store, parts.embedder, rules, _gate(settings), now=clock.now),
        store=parts.store,
        provider=parts.providers.__getitem__,
        price=pricing.cost_usd,
        rules=rules,
        clock=clock,
        revalidated=revalidated,
        near_missed=near_missed,
        spent=spent,
        patience=settings.store_timeout_ms / 1000,
    )


def _gate(settings: Settings) -> Gate:
    off = _off(settings.gate_rules_off, RULES, "SENTINEL_GATE_RULES_OFF")
    return Gate(frozenset(RULES.keys() - off), settings.max_wrong)


def _off(names: str, rules: Collection[str], variable: str) -> frozenset[str]:
    """Read which rules are switched off; raises ConfigurationError for one that does not exist."""
    off = frozenset(split(names, ","))
    unknown = sorted(off.difference(rules))
    if unknown:
        raise ConfigurationError(f"{variable}: no such rule: {', '.join(unknown)}")
    return off


async def _warm(parts: Parts) -> None:
    """Say at the start what would otherwise show as nothing but misses."""
    state = await parts.check()
    if state["store"] != "ok":
        _log.warning("store.unavailable", extra={"fields": {"reason": state["store"]}})
    await parts.warm()


def _lifespan(parts: Parts) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        """Load the model while the first requests are already served; close everything at the end."""
        warming = asyncio.create_task(_warm(parts))
        yield
        warming.cancel()
        await parts.aclose()

    return lifespan


def _owner_of(directory: Directory | None) -> Callable[[str], str]:
    """Return the namespace under which the books of all instances keep a tenant's counters."""
    return str if directory is None else lru_cache(MOST_TENANTS)(directory.own_namespace)


def _fleet_recorders(books: Books | None, directory: Directory | None) -> Sequence[Recorder]:
    """Return the recorders of all instances' counters; none without Redis."""
    return [] if books is None else [FleetCounters(books, _owner_of(directory))]


def _chosen(settings: Settings, parts: Parts, directory: Directory | None) -> Mapping[str, str]:
    is_simulated = isinstance(parts.providers[parts.default], Simulated)
    return {
        "store": stores.NAMES[stores.kind(settings)],
        "embedder": f"{parts.embedder.id} on {settings.embedder}",
        "provider": "simulated (no key is set; try GROQ_API_KEY)" if is_simulated else parts.default,
        "keys": "none asked for: open to everyone who reaches it" if directory is None else "asked of every caller",
    }

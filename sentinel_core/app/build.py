"""The composition root: builds everything from the settings, once, and hands it down."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import httpx
from starlette.types import ASGIApp

from sentinel_core.app import alerts, direct, learning, observation, providers, rules, signing, stores
from sentinel_core.app.access import access as build_access
from sentinel_core.app.access import describe as describe_access
from sentinel_core.app.lifespan import lifespan
from sentinel_core.app.marking import mark_of
from sentinel_core.app.memory_plan import plan_of
from sentinel_core.app.parts import Parts
from sentinel_core.app.provider_settings import SIMULATED
from sentinel_core.app.reactions import Reactions
from sentinel_core.app.settings import Settings
from sentinel_core.cache.events import NO_EVENTS, Events
from sentinel_core.cache.ports import Embedder
from sentinel_core.gateway.conversations import MOST_TURNS, Conversations
from sentinel_core.gateway.curated_book import CuratedBook
from sentinel_core.gateway.gateway import Gateway
from sentinel_core.gateway.lookup import Lookup
from sentinel_core.gateway.near_misses import MOST as MOST_NEAR_MISSES
from sentinel_core.gateway.near_misses import NearMisses
from sentinel_core.gateway.rewordings import MOST_PROMPTS, Rewordings
from sentinel_core.learning.account import Prices
from sentinel_core.learning.experiments import Experiments
from sentinel_core.learning.feedback import MOST_RECENT, RecentAnswers
from sentinel_core.matching.embedders.choice import choose
from sentinel_core.providers.catalogue import ProviderSpec, split_model
from sentinel_core.providers.simulated import Simulated
from sentinel_core.stores.backend import Backend
from sentinel_core.support.background import Background
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import SYSTEM_CLOCK, Clock
from sentinel_core.support.work_places import WorkPlaces
from sentinel_core.telemetry.counters import Counters
from sentinel_core.telemetry.records import Recorder
from sentinel_core.telemetry.scope_varieties import MOST_NAMESPACES, ScopeVarieties
from sentinel_core.telemetry.webhook import Webhook
from sentinel_core.web.access import Access
from sentinel_core.web.app import create_app
from sentinel_core.web.body_limits import BodyLimits
from sentinel_core.web.recording import MOST_TENANTS, Recording
from sentinel_core.web.repeats import MOST_REPEATS, Repeats
from sentinel_core.web.service import Defaults, Service, Stored

if TYPE_CHECKING:
    from sentinel_core.stores.redis.connection import RedisConnection

_log = logging.getLogger("sentinel")


@dataclass(frozen=True, slots=True)
class Sentinel:
    """Everything that runs. `app` is a plain ASGI application; `chosen` names the implementation of each port."""

    app: ASGIApp
    parts: Parts
    chosen: Mapping[str, str]
    recording: Recording


@dataclass(frozen=True, slots=True)
class _Base:
    """The base of all parts."""

    settings: Settings
    clock: Clock
    background: Background
    events: Reactions
    wire: RedisConnection | None
    backend: Backend
    specs: Mapping[str, ProviderSpec]
    transport: httpx.AsyncBaseTransport


def build(
    settings: Settings,
    *,
    recorders: Sequence[Recorder] = (),
    clock: Clock = SYSTEM_CLOCK,
    embedder: Embedder | None = None,
    has_background: bool = False,
    drains_background: bool = False,
    metrics: Events = NO_EVENTS,
) -> Sentinel:
    """
    Build the whole service, around `embedder` if one is given. Open no connection and load no model yet.

    Only a process that `has_background` works between requests; one that `drains_background` works after each answer.
    `metrics` receives forged values and raised alerts. Raises ConfigurationError where settings do not fit together.
    """
    webhook = alerts.webhook(settings, clock)
    outbox = alerts.outbox(webhook, clock, events=metrics, has_background=has_background)
    embedder = embedder or choose(settings.embedder)
    base = _base(settings, clock, Reactions(clock, outbox, metrics), embedder.id)
    parts = _parts(base, embedder, webhook, base.background if has_background or drains_background else None)
    access = build_access(settings, base.backend.keys, clock, wire=base.wire)
    counters = Counters(clock)
    base.events.recorders += [counters, *recorders, *observation.fleet_recorders(base.backend.books, access.owner_of)]
    gateway = _gateway(base, parts, base.background if has_background or drains_background else None)
    if has_background or base.backend.rings is not None:
        base.events.observed = observation.observed(plan_of(settings), clock, parts.providers, base.backend)
    service = _service(base, parts, gateway, access, counters, is_late=has_background)
    return Sentinel(_app(settings, service, parts), parts, _chosen(settings, parts, access), service.recording)


def _app(settings: Settings, service: Service, parts: Parts) -> ASGIApp:
    return create_app(
        service,
        body_limits=BodyLimits(settings.max_body_bytes, settings.max_json_values, stores.body_room(settings)),
        lifespan=lifespan(parts),
        cors_origins=settings.cors_origins,
        base_path=settings.base_path,
        deployments=settings.azure_deployments,
        mark=mark_of(settings),
    )


def _base(settings: Settings, clock: Clock, events: Reactions, embedder_id: str) -> _Base:
    """Build the storage, and attach its users to the events."""
    background = Background()
    wire = stores.wire(settings)
    backend = stores.backend(settings, wire, embedder_id=embedder_id, clock=clock, events=events)
    events.alerts.claims = backend.claims
    plan = plan_of(settings)
    events.rewordings = Rewordings(min(settings.remembered_prompts, plan.most(MOST_PROMPTS)))
    events.conversations = Conversations(min(settings.remembered_prompts, plan.most(MOST_TURNS)))
    events.repeats = Repeats(plan.most(MOST_REPEATS) if settings.remembered_prompts else 0)
    events.near_misses = NearMisses(most=plan.most(MOST_NEAR_MISSES))
    events.spending = alerts.spending(settings, backend.counts, clock, events=events, background=background)
    specs = providers.specs(settings)
    return _Base(settings, clock, background, events, wire, backend, specs, providers.connections(settings, specs))


def _parts(base: _Base, embedder: Embedder, webhook: Webhook | None, background: Background | None) -> Parts:
    known = providers.providers(base.settings, base.specs, base.events, base.transport)
    learned = learning.learning(base.settings, base.backend, known, base.clock, background, base.events)
    return Parts(
        store=base.backend.entries,
        counts=base.backend.counts,
        embedder=embedder,
        providers=known,
        default=base.settings.provider or next(iter(base.specs), SIMULATED),
        outbox=base.events.alerts,
        webhook=webhook,
        background=base.background,
        removals=base.backend.removals,
        audit=signing.audit_trail(base.settings, base.backend.audit, base.clock),
        curated=CuratedBook(base.backend.curated, embedder, base.clock),
        learning=learned,
        backlog=learning.backlog(learned, base.backend),
    )


def _service(
    base: _Base, parts: Parts, gateway: Gateway, access: Access, counters: Counters, *, is_late: bool
) -> Service:
    settings, backend, plan = base.settings, base.backend, plan_of(base.settings)
    return Service(
        gateway=gateway,
        defaults=_defaults(base, parts),
        clock=base.clock,
        recording=Recording(
            clock=base.clock,
            counters=counters,
            popularity=backend.popularity,
            recorders=base.events.recorders[1:],
            books=backend.books,
            owner_of=access.owner_of,
            tenants=BoundedMap(plan.most(MOST_TENANTS)),
            recent=RecentAnswers(plan.most(MOST_RECENT)),
            log_prompts=settings.log_prompts,
            privacy=rules.privacy(settings),
            observed=base.events.observed,
            keeps_prompts=observation.keeps_prompts(settings),
            experiments=Experiments(base.clock, backend.books),
            is_late=is_late,
        ),
        stored=Stored(
            backend.entries,
            backend.inventory,
            backend.popularity,
            parts.embedder,
            parts.check,
            backend.removals,
            backend.pairs,
            stores.backup_sealer(settings),
            base.events.near_misses,
            signing.receipt_key(settings),
            parts.curated,
        ),
        access=access,
        limiter=stores.limiter(settings, backend.counts, base.clock, base.events),
        end_users=rules.end_users(settings),
        privacy=rules.privacy(settings),
        learning=gateway.learning,
        prices=Prices(settings.compute_usd_per_second, settings.store_usd_per_million),
        policies=rules.policies(settings, base.clock, parts.providers),
        direct=direct.parts(settings, base.specs, base.transport, base.clock),
        settings=partial(observation.settings_rows, settings),
        audit=parts.audit,
        repeats=base.events.repeats,
    )


def _defaults(base: _Base, parts: Parts) -> Defaults:
    settings, specs = base.settings, base.specs
    return Defaults(
        provider=parts.default,
        models=providers.models(settings, parts.providers, parts.default),
        split=partial(split_model, known=parts.providers.keys(), default=parts.default),
        timeout=settings.request_timeout_seconds,
        refusal=partial(providers.refusal, settings, specs),
        batch_concurrency=settings.batch_concurrency,
        heartbeat=settings.stream_heartbeat_seconds,
        native_responses=frozenset(name for name, spec in specs.items() if spec.has_responses),
    )


def _gateway(base: _Base, parts: Parts, background: Background | None) -> Gateway:
    settings, policy = base.settings, rules.policy_rules(base.settings)
    return Gateway(
        lookup=Lookup(
            parts.store,
            parts.embedder,
            rules.gate(settings),
            raw_rules=rules.raw_rules(settings),
            pairs=base.backend.pairs,
            curated=parts.curated,
            learning=parts.learning,
            rewordings=base.events.rewordings,
            conversations=base.events.conversations,
            recall=base.backend.recall,
            work=WorkPlaces(),
            is_local=stores.kind(settings) == "memory",
        ),
        providers=parts.providers,
        billing=direct.billing(settings),
        rules=policy,
        clock=base.clock,
        events=base.events,
        background=background,
        store_budget=settings.store_timeout_ms / 1000,
        is_eager=settings.eager,
        varieties=ScopeVarieties(namespaces=plan_of(settings).most(MOST_NAMESPACES)),
    )


def _chosen(settings: Settings, parts: Parts, access: Access) -> Mapping[str, str]:
    is_simulated = isinstance(parts.providers[parts.default], Simulated)
    return {
        "store": stores.NAMES[stores.kind(settings)],
        "embedder": f"{parts.embedder.id} on {settings.embedder}",
        "provider": _simulated(settings) if is_simulated else parts.default,
        "keys": describe_access(access, settings),
    }


def _simulated(settings: Settings) -> str:
    seconds = settings.simulated_delay_ms / 1000
    delay = f"each answer after {seconds:g} s, as of a model; SENTINEL_SIMULATED_DELAY_MS changes that"
    return f"simulated (no key is set; try GROQ_API_KEY), {delay if seconds else 'at once'}"

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from sentinel_core.chat.messages import ChatRequest
from sentinel_core.learning.experiments import Experiments
from sentinel_core.stores.backup_sealer import BackupSealer
from sentinel_core.stores.days import day_of
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.stores.memory_removals import MemoryRemovals
from sentinel_core.stores.memory_tops import MemoryTops
from sentinel_core.support.signing_key import FixedKey
from sentinel_core.telemetry.audit import AuditTrail
from sentinel_core.telemetry.cost_ledger import CostLedger
from sentinel_core.telemetry.counters import Counters, FleetCounters
from sentinel_core.telemetry.observed import Observed
from sentinel_core.telemetry.records import Answered
from sentinel_core.tenants import api_key
from sentinel_core.tenants.key_directory import Directory
from sentinel_core.tenants.key_watch import KeyWatch
from sentinel_core.tenants.limits import Limiter
from sentinel_core.tenants.policy import NO_POLICY, Policy
from sentinel_core.web.access import Access
from sentinel_core.web.app import create_app
from sentinel_core.web.body_limits import BodyLimits
from sentinel_core.web.body_room import BodyRoom
from sentinel_core.web.end_users import EndUsers
from sentinel_core.web.local_access import LocalAccess
from sentinel_core.web.policies import Policies
from sentinel_core.web.privacy import Privacy
from sentinel_core.web.recording import Recording
from sentinel_core.web.service import Defaults, DirectParts, Service, Stored
from tests.support.fakes import MemoryBooks, World

LIMIT = 2_000_000
"""Bytes of a body; large enough for the deepest JSON of these tests."""

PRIVATE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
"""Headers of every answer."""


@dataclass
class Noted:
    """A Recorder that keeps what it was told."""

    answers: list[Answered] = field(default_factory=list)

    def record(self, answered: Answered) -> None:
        self.answers.append(answered)


def split(model: str) -> tuple[str, str]:
    """`other/…` is the other provider's."""
    provider, _, rest = model.partition("/")
    return (provider, rest) if provider == "other" and rest else ("fake", model)


@dataclass
class Api:
    """The application over fakes, and a client of it."""

    world: World
    max_body_bytes: int = LIMIT
    max_json_values: int = 50_000
    body_room: BodyRoom = field(default_factory=lambda: BodyRoom(67_108_864))
    refusal: Callable[[ChatRequest], tuple[str, str] | None] = lambda _: None
    parts: Mapping[str, str] = field(default_factory=lambda: {"store": "ok", "embedder": "ready", "provider": "fake"})
    log_prompts: bool = False
    directory: Directory | None = None
    limiter: Limiter | None = None
    admin: str | None = None
    cors_origins: Sequence[str] = ()
    watch: KeyWatch | None = None
    local: LocalAccess | None = None
    books: MemoryBooks | None = None
    end_users: EndUsers = field(default_factory=EndUsers)
    privacy: Privacy = field(default_factory=Privacy)
    policy: Policy = NO_POLICY
    heartbeat: float = 0.0
    native_responses: frozenset[str] = frozenset()
    audit: AuditTrail | None = None
    access: Mapping[str, Any] = field(default_factory=dict)
    base_path: str = ""
    keeps_prompts: bool = True
    direct: DirectParts = field(default_factory=DirectParts)
    is_late: bool = False

    def __post_init__(self) -> None:
        self.noted = Noted()
        clock, store = self.world.clock, self.world.broken_store
        popularity = MemoryTops(clock)
        self.service = service = Service(
            gateway=self.world.gateway,
            defaults=Defaults(
                "fake",
                {"fake": "small", "other": "tiny"},
                split,
                10.0,
                self.refusal,
                heartbeat=self.heartbeat,
                native_responses=self.native_responses,
            ),
            clock=clock,
            recording=Recording(
                clock=clock,
                counters=Counters(clock),
                popularity=popularity,
                recorders=[self.noted, *self._fleet()],
                books=self.books,
                owner_of=self._owner_of,
                log_prompts=self.log_prompts,
                privacy=self.privacy,
                observed=Observed(clock, CostLedger(day_of)),
                keeps_prompts=self.keeps_prompts,
                experiments=Experiments(clock, self.books),
                is_late=self.is_late,
            ),
            stored=Stored(
                store,
                store,
                popularity,
                self.world.embedder,
                self._checks,
                MemoryRemovals(self.world.memory, MemoryCounts(clock), popularity, self.world.events, clock),
                self.world.memory.pairs,
                BackupSealer(b"the secret of backups", None),
                self.world.events.near_misses,
                FixedKey(b"the key of receipts"),
                self.world.curated,
            ),
            access=Access(
                self.directory,
                None if self.admin is None else api_key.digest(self.admin),
                self.watch,
                self.local,
                **self.access,
            ),
            limiter=self.limiter,
            end_users=self.end_users,
            privacy=self.privacy,
            policies=Policies(lambda: self.policy, self.world.rules),
            direct=self.direct,
            settings=lambda: [("SENTINEL_PORT", "8001", "port")],
            audit=self.audit,
        )
        self.app = create_app(
            service,
            body_limits=BodyLimits(self.max_body_bytes, self.max_json_values, self.body_room),
            cors_origins=self.cors_origins,
            base_path=self.base_path,
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://sentinel.test")

    def _fleet(self) -> Sequence[FleetCounters]:
        return [] if self.books is None else [FleetCounters(self.books, self._owner_of)]

    def _owner_of(self, tenant: str) -> str:
        return tenant if self.directory is None else self.directory.own_namespace(tenant)

    async def _checks(self) -> Mapping[str, str]:
        return self.parts

    async def query(self, body: object = None, **headers: str) -> httpx.Response:
        """Ask `body`, or the usual prompt; header names have dashes for underlines."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"prompt": "what is machine learning"} if body is None else body
        return await self.client.post("/v1/query", json=given, headers=named)

    async def metrics(self) -> dict[str, object]:
        told: dict[str, object] = (await self.client.get("/v1/metrics")).json()
        return told


@pytest.fixture
async def api(world: Callable[..., World]) -> AsyncIterator[Callable[..., Api]]:
    """A way to build the application; what is not its own is the world's."""
    built: list[Api] = []
    own = {
        "max_body_bytes",
        "max_json_values",
        "body_room",
        "refusal",
        "parts",
        "log_prompts",
        "directory",
        "limiter",
        "admin",
        "cors_origins",
        "watch",
        "local",
        "books",
        "end_users",
        "privacy",
        "policy",
        "heartbeat",
        "audit",
        "access",
        "base_path",
        "keeps_prompts",
        "direct",
        "native_responses",
        "is_late",
    }

    def build(**parts: object) -> Api:
        it = world(**{name: part for name, part in parts.items() if name not in own})
        built.append(Api(it, **{name: part for name, part in parts.items() if name in own}))  # type: ignore[arg-type]
        return built[-1]

    yield build
    for it in built:
        await it.client.aclose()

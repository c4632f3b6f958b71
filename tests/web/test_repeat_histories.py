"""The same gateway twice, in random histories: one remembers requests and records late, the other does neither."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sentinel_core.cache.curated import Record
from sentinel_core.cache.purge import Purge
from sentinel_core.chat.messages import Json
from sentinel_core.errors import ProviderTimeoutError
from sentinel_core.gateway.rewordings import Rewordings
from sentinel_core.stores.memory_counts import MemoryCounts
from sentinel_core.telemetry.late_hits import LateHits
from sentinel_core.telemetry.records import Answered
from sentinel_core.tenants.limits import Limiter
from sentinel_core.tenants.policy import NO_POLICY, Effects
from tests.support.fakes import RULES, FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api
from tests.web.test_policies import policy

pytestmark = pytest.mark.anyio

STEPS = 100
BROKEN = ("load", "load_pair", "refresh", "nearest", "save")
PROMPTS = ("what is machine learning", "what is learning", "what is my balance")
DIRECTIVES = ("", "", "", "", "max-age=5", "max-age=5", "no-cache", "no-store", "only-if-cached", "stale-if-error=30")
POLICIES = (
    NO_POLICY,
    NO_POLICY,
    NO_POLICY,
    NO_POLICY,
    policy((Effects(mode="off"), {})),
    policy((Effects(mode="shadow"), {})),
)
SECONDS = (1.0, 6.0, 6.0, 30.0, 101.0, 86_400.0)
EACH_TIME = ("server-timing",)
ADMIN = "sk-admin-of-the-twins"
READ = (
    *("/v1/metrics", "/v1/cache/requests", "/v1/cache/series?step=minute"),
    *(
        "/v1/admin/stats",
        "/v1/admin/requests",
        "/v1/admin/costs.csv",
        "/v1/admin/top?tenant=acme",
        "/v1/admin/ledger",
        "/metrics",
    ),
)


def request(draw: random.Random) -> tuple[str, dict[str, Json], dict[str, str]]:
    """Return a path, a body and headers."""
    path, prompt = draw.choice(("/v1/query", "/v1/query", "/v1/chat/completions")), draw.choice(PROMPTS)
    chat: dict[str, Json] = {"model": "small", "messages": [{"role": "user", "content": prompt}]}
    headers = {
        "x-api-key": shown_to(draw.choice(("acme",) * 6 + ("other", "nobody"))),
        "cache-control": draw.choice(DIRECTIVES),
        "x-sentinel-user": draw.choice(("",) * 7 + ("bob",)),
    }
    body: dict[str, Json] = {"prompt": prompt} if path == "/v1/query" else chat
    return path, body, {name: value for name, value in headers.items() if value}


class Twins:
    """The gateway that remembers, and the other one; each step is the same for both."""

    def __init__(self, build: Callable[..., Api], clock: FakeClock, draw: random.Random) -> None:
        self.clock, self.draw = clock, draw
        self.requests = [request(draw) for _ in range(40)]
        keys = MemoryKeys(key_of("acme", limits={"requests_per_minute": 60, "usd_per_day": 1.5}), key_of("other"))
        self.directory = directory(clock, keys)
        parts: dict[str, Any] = {"rules": replace(RULES, stale=draw.choice((0.0, 50.0))), "has_curated": True}
        self.both = [
            build(
                directory=self.directory,
                limiter=Limiter(MemoryCounts(clock), clock=clock),
                rewordings=Rewordings(),
                admin=ADMIN,
                is_late=is_late,
                **parts,
            )
            for is_late in (True, False)
        ]
        self.asked = 0
        self.changes = (
            *[self.wait] * 6,
            self.break_steps,
            self.rule,
            self.fail,
            self.curate,
            self.purge,
        )

    async def step(self) -> None:
        """Ask most of the time, else change something."""
        await (self.ask if self.draw.random() < 0.8 else self.draw.choice(self.changes))()

    async def wait(self) -> None:
        self.clock.advance(self.draw.choice(SECONDS))

    async def break_steps(self) -> None:
        steps = self.draw.sample(BROKEN, self.draw.choice((0, 0, 0, 1)))
        for it in self.both:
            it.world.broken_store.steps = set(steps)

    async def rule(self) -> None:
        chosen = self.draw.choice(POLICIES)
        for it in self.both:
            it.policy = chosen

    async def fail(self) -> None:
        for it in self.both:
            it.world.provider.queue.append(ProviderTimeoutError("late", provider="fake"))

    async def curate(self) -> None:
        record = Record("r", (self.draw.choice(PROMPTS),), f"curated {self.draw.random()}")
        for it in self.both:
            await it.world.curated.put(self.directory.namespace("acme"), [record])

    async def purge(self) -> None:
        for it in self.both:
            await it.world.memory.purge(Purge(None))

    async def ask(self) -> None:
        """Ask both, and compare their answers; the other one forgets each request before."""
        path, body, headers = self.draw.choice(self.requests)
        self.asked += 1
        headers = {**headers, "x-request-id": f"request-{self.asked}"}
        self.both[1].service.repeats.erase(Purge(None))
        given = [await it.client.post(path, json=body, headers=headers) for it in self.both]
        shown = [
            ({**each.json(), "id": None}, [pair for pair in each.headers.items() if pair[0] not in EACH_TIME])
            for each in given
        ]
        assert (given[0].status_code, *shown[0]) == (given[1].status_code, *shown[1])

    async def read(self, path: str) -> None:
        """Read counters, latest requests or a given answer of both: each request is in them."""
        key = ADMIN if path.startswith("/v1/admin") or path == "/metrics" else shown_to("acme")
        judged = {"request_id": f"request-{self.asked}", "verdict": self.draw.choice(("right", "wrong"))}
        given = [
            await it.client.post("/v1/cache/feedback", json=judged, headers={"x-api-key": key})
            if path == "feedback"
            else await it.client.get(path, headers={"x-api-key": key, "x-request-id": "reading-it"})
            for it in self.both
        ]
        assert path == "feedback" or given[0].status_code == 200, given[0].text
        assert given[0].text == given[1].text

    def noted(self, it: Api) -> tuple[object, ...]:
        """What a gateway has counted and recorded."""
        spaces = [self.directory.namespace(tenant) for tenant in ("acme", "other")]
        varieties = [it.service.gateway.varieties.of(space) for space in spaces]
        return (
            it.service.recording.counters,
            [facts(each) for each in it.noted.answers],
            varieties,
            it.world.provider.calls,
        )


def facts(answered: Answered) -> Answered:
    return answered._replace(request_id=None)


@pytest.mark.parametrize("seed", [37, 6, 17, 5, 18])
async def test_a_gateway_that_remembers_requests_answers_as_ever(
    api: Callable[..., Api], clock: FakeClock, seed: int
) -> None:
    twins = Twins(api, clock, random.Random(seed))  # noqa: S311  no secret
    for _ in range(STEPS):
        await twins.step()

    assert twins.noted(twins.both[0]) == twins.noted(twins.both[1])
    assert len(twins.both[0].service.repeats) > 0


@pytest.mark.parametrize("seed", [1, 2])
async def test_readers_find_hits_that_are_not_recorded_yet(
    api: Callable[..., Api], clock: FakeClock, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in one long turn of the event loop: hits are recorded only where others are, or where any are read.
    monkeypatch.setattr(LateHits, "add", lambda late, hit: late._hits.append(hit))
    twins = Twins(api, clock, random.Random(seed))  # noqa: S311  no secret
    acme = {"x-api-key": shown_to("acme")}
    twins.requests = [("/v1/query", {"prompt": prompt}, acme) for prompt in PROMPTS]
    for path in [*READ, "feedback"] * 4:
        for _ in range(4):
            await twins.ask()
        clock.advance(5.0)
        await twins.read(path)

"""Nobody is answered from what is not theirs: tenants that try, through the whole application."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest
from hypothesis import settings

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Candidate, Vector
from sentinel_core.cache.scope import Query
from sentinel_core.chat.messages import ChatRequest, Completion
from sentinel_core.stores.memory import MemoryStore
from sentinel_core.tenants import api_key
from tests.support.fakes import CountingProvider, FakeClock, completion
from tests.tenants.doors import SECRET, MemoryKeys, directory, key_of
from tests.web import crossing
from tests.web.conftest import Api
from tests.web.crossing import TENANTS, Attempt, attempt, other_than

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
TRIES = 40 * settings().max_examples
"""2,000 in the suite, and 80,000 by the profile `thorough`."""


class Marking(CountingProvider):
    """Answers with the mark of whoever is asking; the test says who that is."""

    asking = ""

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        self.requests.append(request)
        return completion(f"for {self.asking}", model=request.model)


class Working(MemoryStore):
    """Notes what was done, in this order."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(max_entries=100, max_bytes=1_000_000, grace=50.0, clock=clock)
        self.done: list[str] = []

    async def load(self, query: Query) -> Entry | None:
        self.done.append("load")
        return await super().load(query)

    async def refresh(
        self, query: Query, *, lease_seconds: float | None = None, stale_entry: Entry | None = None
    ) -> bool:
        self.done.append("refresh")
        return await super().refresh(query, lease_seconds=lease_seconds, stale_entry=stale_entry)

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[Candidate]:
        found = await super().nearest(query, vector, floor=floor, limit=limit)
        self.done.append(f"nearest: {len(found)}")
        return found


@pytest.fixture
def shared(api: Build, clock: FakeClock) -> Api:
    keys = MemoryKeys(*(key_of(tenant) for tenant in TENANTS))
    return api(directory=directory(clock, keys), provider=Marking())


async def ask(it: Api, tenant: str, body: dict[str, Any], headers: Sequence[tuple[str, str]] = ()) -> httpx.Response:
    return await tried(it, tenant, Attempt("/v1/query", body, headers))


async def tried(it: Api, tenant: str, attempted: Attempt) -> httpx.Response:
    assert isinstance(it.world.provider, Marking)
    it.world.provider.asking = tenant
    return await crossing.ask(it.app, tenant, attempted)


def text_of(response: httpx.Response) -> str:
    body = response.json()
    return str(body["response"] if "response" in body else body["choices"][0]["message"]["content"])


@pytest.mark.no_cover  # later tries pass the same lines
async def test_of_thousands_of_tries_none_is_answered_from_the_other_side(shared: Api) -> None:
    draw = random.Random(6)  # noqa: S311  the same tries each time
    told: Counter[str] = Counter()
    for _ in range(TRIES):
        tenant = draw.choice(TENANTS)
        attempted = attempt(draw, other_than(tenant))
        response = await tried(shared, tenant, attempted)
        if response.status_code != 200:
            told[str(response.status_code)] += 1
            continue
        assert text_of(response) == f"for {tenant}", attempted
        told["hit" if "hit" in response.headers["cache-status"] else "miss"] += 1

    assert sum(told.values()) == TRIES
    assert min(told["hit"], told["miss"]) > 100, told
    spaces = set(shared.world.memory._spaces)
    assert spaces == {api_key.namespace(SECRET, tenant) for tenant in TENANTS}


async def test_the_tenant_of_a_body_or_a_header_is_not_who_asks(shared: Api) -> None:
    await ask(shared, "acme", {"prompt": "a secret of acme's"})
    space = api_key.namespace(SECRET, "acme")
    told = [
        await ask(
            shared, "globex", {"prompt": "a secret of acme's"}, [(name, value), ("cache-control", "only-if-cached")]
        )
        for name in ("x-sentinel-namespace", "x-namespace", "x-tenant", "x-sentinel-tag")
        for value in ("acme", space)
    ]

    assert {response.status_code for response in told} == {504}
    refused = await ask(shared, "globex", {"prompt": "a secret of acme's", "namespace": space})
    assert refused.json()["error"]["message"] == "namespace: Extra inputs are not permitted"


async def test_the_same_is_done_for_what_another_has_as_for_what_nobody_has(api: Build, clock: FakeClock) -> None:
    store = Working(clock)
    keys = MemoryKeys(*(key_of(tenant) for tenant in TENANTS))
    it = api(directory=directory(clock, keys), provider=Marking(), store=store)
    await ask(it, "acme", {"prompt": "what is machine learning"})
    work = []
    for prompt in ("what is machine learning", "what is deep learning", "why do cats purr"):
        store.done.clear()
        await ask(it, "globex", {"prompt": prompt, "model": prompt[:11]}, [("cache-control", "no-store")])
        work.append(list(store.done))

    assert work == [["load", "refresh", "nearest: 0"]] * 3


async def test_the_tenants_of_a_pool_are_answered_from_what_the_others_asked(api: Build, clock: FakeClock) -> None:
    keys = MemoryKeys(*(key_of(tenant) for tenant in (*TENANTS, "initech")))
    it = api(directory=directory(clock, keys, pools=dict.fromkeys(TENANTS, "docs")), provider=Marking())

    told = [text_of(await ask(it, tenant, {"prompt": "hi"})) for tenant in (*TENANTS, "initech")]

    assert told == ["for acme", "for acme", "for initech"]

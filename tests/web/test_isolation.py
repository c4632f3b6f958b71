"""Nobody is answered from what is not theirs: tenants that try, through the whole application."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from sentinel_core import apikey
from sentinel_core.chat import ChatRequest, Completion
from sentinel_core.entry import Entry
from sentinel_core.ports import Candidate, Vector
from sentinel_core.scope import Query
from sentinel_core.stores.memory import MemoryStore
from tests.fakes import CountingProvider, FakeClock, completion
from tests.tenants.doors import SECRET, MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]
TENANTS = ("acme", "globex")
REQUESTS = 10_000


class Marking(CountingProvider):
    """Answers with the mark of whoever is asking; the test says who that is."""

    asking = ""

    async def complete(self, request: ChatRequest, *, timeout: float) -> Completion:
        self.requests.append(request)
        return completion(f"for {self.asking}", model=request.model)


class Working(MemoryStore):
    """Notes what was done, in this order."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(max_entries=100, max_bytes=1_000_000, grace=50.0, now=clock.now)
        self.done: list[str] = []

    async def load(self, query: Query) -> Entry | None:
        self.done.append("load")
        return await super().load(query)

    async def refresh(self, query: Query, *, lease_seconds: float | None = None, seen: Entry | None = None) -> bool:
        self.done.append("refresh")
        return await super().refresh(query, lease_seconds=lease_seconds, seen=seen)

    async def nearest(self, query: Query, vector: Vector, *, floor: float, limit: int) -> Sequence[Candidate]:
        found = await super().nearest(query, vector, floor=floor, limit=limit)
        self.done.append(f"nearest: {len(found)}")
        return found


@pytest.fixture
def shared(api: Build, clock: FakeClock) -> Api:
    keys = MemoryKeys(*(key_of(tenant) for tenant in TENANTS))
    return api(directory=directory(clock, keys), provider=Marking())


async def ask(it: Api, tenant: str, body: dict[str, Any], headers: Sequence[tuple[str, str]] = ()) -> httpx.Response:
    assert isinstance(it.world.provider, Marking)
    it.world.provider.asking = tenant
    named = [("authorization", f"Bearer {shown_to(tenant)}"), *headers]
    raw = [(name.encode(), value.encode("utf-8")) for name, value in named]
    path = "/v1/chat/completions" if "messages" in body else "/v1/query"
    return await _sent(it.app, path, json.dumps(body).encode(), raw)


async def _sent(app: ASGIApp, path: str, body: bytes, headers: list[tuple[bytes, bytes]]) -> httpx.Response:
    """Ask without a client: for ten thousand requests that would take longer than answering them."""
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers, "scheme": "http"}
    await app(scope, receive, send)
    start, *parts = told
    content = b"".join(part.get("body", b"") for part in parts)
    return httpx.Response(start["status"], headers=start["headers"], content=content)


def text_of(response: httpx.Response) -> str:
    body = response.json()
    return str(body["response"] if "response" in body else body["choices"][0]["message"]["content"])


def attempt(draw: random.Random, other: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """One request of someone who wants what `other` has, by prompts, fields, tags and headers."""
    space = apikey.namespace(SECRET, other)
    words = ["what", "is", "machine", "learning", other, space, f"sentinel:v1:{space}:entry:*", "\x00", "';--"]
    prompt = " ".join(draw.choices(words, k=draw.randint(1, 5)))
    headers = draw.choice([
        [],
        [("x-sentinel-namespace", space)],
        [("x-sentinel-tenant", other)],
        [("x-sentinel-tag", draw.choice([other, space, "faq"]))],
        [("x-sentinel-threshold", "0")],
        [("cache-control", draw.choice(["only-if-cached", "no-cache", "max-age=9", f"namespace={space}"]))],
        [("x-request-id", space)],
        [("x-forwarded-for", other), ("x-tenant", other), ("cookie", f"tenant={other}")],
        [("openai-organization", other), ("openai-project", space)],
    ])  # fmt: skip
    if draw.random() < 0.5:
        own: Mapping[str, Any] = draw.choice(
            [{}, {"similarity_threshold": 0.0}, {"system": other}, {"temperature": 0.1}]
        )
        return {"prompt": prompt, **own}, headers
    extra: Mapping[str, Any] = draw.choice(
        [{}, {"user": other}, {"metadata": {"tenant": other}}, {"namespace": space}, {"tenant": other}]
    )
    return {"messages": [{"role": "user", "content": prompt}], **extra}, headers


async def test_of_ten_thousand_tries_none_is_answered_from_the_other_side(shared: Api) -> None:
    draw = random.Random(6)  # noqa: S311  the same tries each time
    told: Counter[str] = Counter()
    for _ in range(REQUESTS):
        tenant = draw.choice(TENANTS)
        [other] = set(TENANTS) - {tenant}
        body, headers = attempt(draw, other)
        response = await ask(shared, tenant, body, headers)
        if response.status_code != 200:
            told[str(response.status_code)] += 1
            continue
        assert text_of(response) == f"for {tenant}", (body, headers)
        told["hit" if "hit" in response.headers["cache-status"] else "miss"] += 1

    assert sum(told.values()) == REQUESTS
    assert min(told["hit"], told["miss"]) > 100, told
    spaces = {key[0] for key in shared.world.memory._kept}
    assert spaces == {apikey.namespace(SECRET, tenant) for tenant in TENANTS}


async def test_the_tenant_of_a_body_or_a_header_is_not_who_asks(shared: Api) -> None:
    await ask(shared, "acme", {"prompt": "a secret of acme's"})
    space = apikey.namespace(SECRET, "acme")
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

"""The whole of it: what goes wrong in a service that is built as in production reaches a real receiver once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from scripts.devtools.http.replies import failure
from scripts.devtools.http.upstream import Upstream
from sentinel_core.app.build import Sentinel, build
from sentinel_core.app.settings import Settings
from sentinel_core.tenants import api_key
from tests.support.fakes import WordEmbedder
from tests.support.receiver import Receiver

pytestmark = pytest.mark.anyio

SECRET = {"SENTINEL_ALERT_SECRET": "canary-secret-of-alerts"}


@asynccontextmanager
async def served(receiver: Receiver, **environ: str) -> AsyncIterator[tuple[Sentinel, httpx.AsyncClient]]:
    opened = {} if "SENTINEL_NAMESPACE_SECRET" in environ else {"SENTINEL_OPEN": "true"}
    settings = Settings.from_environ({**SECRET, **opened, "SENTINEL_ALERT_URL": receiver.url, **environ})
    sentinel = build(settings, embedder=WordEmbedder(), has_background=True)
    transport = httpx.ASGITransport(sentinel.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sentinel.test") as client:
        yield sentinel, client
    await sentinel.parts.aclose()


async def test_a_provider_and_a_store_that_fail_are_told_once_each() -> None:
    with Upstream.running(failure(503, retry_after="60")) as upstream:
        async with (
            Receiver.running() as receiver,
            served(
                receiver,
                GROQ_API_KEY="k",
                GROQ_BASE_URL=upstream.url,
                SENTINEL_REDIS_URL="redis://127.0.0.1:1",
                SENTINEL_STAGE="test",
            ) as (_, client),
        ):
            for number in range(4):
                answer = await client.post("/v1/query", json={"prompt": f"Is it up, {number}?"})
                assert answer.status_code == 503
            [call, *more] = await receiver.have(1)

    # That the provider fails too waits for the store: only there instances agree on who tells.
    assert (call.told["kind"], call.told["stage"], more) == ("store", "test", [])


async def test_a_provider_that_fails_is_told_with_connections_given_back_before() -> None:
    with Upstream.running(failure(503, retry_after="60")) as upstream:
        async with (
            Receiver.running(500) as receiver,
            served(receiver, GROQ_API_KEY="k", GROQ_BASE_URL=upstream.url) as (sentinel, client),
        ):
            await sentinel.parts.disconnect()  # as before a snapshot
            for number in range(4):
                await client.post("/v1/query", json={"prompt": f"Is it up, {number}?"})
            first, second = await receiver.have(2)

    assert first.told == second.told
    assert first.told["id"].startswith("provider:groq:")


async def test_a_budget_is_told_at_each_of_its_shares_and_spending_that_jumps(tmp_path: Path) -> None:
    environ = {
        "SENTINEL_NAMESPACE_SECRET": "canary-namespace-secret",
        "SENTINEL_KEYS_FILE": str(tmp_path / "keys.json"),
        "SENTINEL_ADMIN_KEY": "canary-admin-key-of-the-operator",
        "SENTINEL_ALERT_SPIKE_USD": "0.0001",
    }
    with Upstream.running() as upstream:
        async with (
            Receiver.running() as receiver,
            served(receiver, GROQ_API_KEY="k", GROQ_BASE_URL=upstream.url, **environ) as (_, client),
        ):
            made = await client.post(
                "/v1/admin/keys",
                json={"tenant": "acme", "limits": {"usd_per_day": 0.0003}},
                headers={"x-api-key": environ["SENTINEL_ADMIN_KEY"]},
            )
            key = made.json()["key"]
            for number in range(3):
                await client.post("/v1/query", json={"prompt": f"p{number}"}, headers={"x-api-key": key})
            calls = await receiver.have(4)

    told = [(call.told["kind"], call.told.get("percent")) for call in calls]
    assert sorted(told, key=str) == [("budget", 100), ("budget", 50), ("budget", 80), ("spending", None)]
    assert all(api_key.digest(key) not in call.body.decode() for call in calls)

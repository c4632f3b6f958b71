from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from scripts.devtools.http.replies import failure
from scripts.devtools.http.upstream import Upstream
from sentinel_core.app.build import Sentinel, build
from sentinel_core.app.settings import Settings
from sentinel_core.cache.events import Alert
from tests.support.fakes import FakeClock
from tests.web.operator import Build, call, kept_apart, told

pytestmark = pytest.mark.anyio


async def test_providers_are_shown_without_failures(api: Build, clock: FakeClock) -> None:
    it = kept_apart(api, clock)
    shown = (await told(it, "/providers"))["providers"]
    assert {each["name"]: (each["state"], each["circuits"]) for each in shown} == {
        each["name"]: ("ok", []) for each in shown
    }
    assert [each["is_default"] for each in shown].count(True) == 1


async def test_tenants_see_neither_providers_nor_alerts(api: Build, clock: FakeClock) -> None:
    it = kept_apart(api, clock)
    for path in ("/providers", "/alerts"):
        assert (await it.client.get(f"/v1/admin{path}")).status_code == 401
        assert (await call(it, "GET", path)).status_code == 200


@asynccontextmanager
async def failing() -> AsyncIterator[tuple[Sentinel, httpx.AsyncClient]]:
    """A server whose only provider fails."""
    with Upstream.running(failure(500)) as upstream:
        named = {"CUSTOM_BASE_URL": upstream.url, "CUSTOM_API_KEY": "k", "SENTINEL_MODEL": "tiny"}
        sentinel = build(Settings.from_environ({**named, "SENTINEL_PROVIDER": "custom"}), has_background=True)
        transport = httpx.ASGITransport(sentinel.app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield sentinel, http
        await sentinel.parts.aclose()


async def test_open_circuit_breaker_is_shown_with_its_alert() -> None:
    async with failing() as (_, http):
        for number in range(3):
            await http.post("/v1/query", json={"prompt": f"tell me of {number}"})
        shown = (await http.get("/v1/admin/providers")).json()["providers"]
        alerts = (await http.get("/v1/admin/alerts")).json()["alerts"]

    custom = next(each for each in shown if each["name"] == "custom")
    assert (custom["state"], [each["model"] for each in custom["circuits"]]) == ("open", ["tiny"])
    assert (custom["circuits"][0]["state"], custom["circuits"][0]["retry_seconds"] > 0) == ("open", True)
    assert [alert["kind"] for alert in alerts] == ["provider"]


async def test_alerts_are_shown_latest_first_within_a_bound() -> None:
    async with failing() as (sentinel, http):
        observed = sentinel.recording.observed
        assert observed is not None
        for number in range(300):
            observed.note_alert(Alert(f"a-{number // 2}", "budget", "spent", float(number // 2), {"usd": 1.5}))
        alerts = (await http.get("/v1/admin/alerts")).json()["alerts"]

    latest = {"id": "a-149", "kind": "budget", "text": "spent", "at": 149.0, "facts": {"usd": 1.5}}
    assert (len(alerts), alerts[0]) == (100, latest)

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from sentinel_core.web.context import context_of
from tests.support.fakes import FakeClock
from tests.tenants.doors import MemoryKeys, directory, key_of, shown_to
from tests.web.conftest import Api

Build = Callable[..., Api]


class _Platform:
    """Sets a deadline of its own, as a function's time limit does."""

    def __init__(self, app: ASGIApp, deadline: float) -> None:
        self._app = app
        self._deadline = deadline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        context_of(scope).deadline = self._deadline
        await self._app(scope, receive, send)


@pytest.mark.anyio
@pytest.mark.parametrize(("left", "timeout"), [(3.0, 3.0), (10.0, 10.0), (900.0, 10.0)])
async def test_the_earlier_of_the_operators_and_the_platforms_deadline_counts(
    api: Build, left: float, timeout: float
) -> None:
    it = api()
    app = _Platform(it.app, it.world.clock.monotonic() + left)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sentinel.test") as client:
        await client.post("/v1/query", json={"prompt": "hi"})

    assert it.world.provider.timeouts == [timeout]


@pytest.mark.anyio
async def test_a_call_takes_its_place_from_the_share_of_its_key(api: Build, clock: FakeClock) -> None:
    keys = [key_of("acme"), key_of("globex")]
    it = api(directory=directory(clock, MemoryKeys(*keys)))
    for key in keys:
        await it.query(authorization=f"Bearer {shown_to(key.tenant)}")

    assert [request.key for request in it.world.provider.requests] == [key.id for key in keys]

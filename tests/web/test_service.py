from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from sentinel_core.cache.answer import NO_USAGE, Answer
from sentinel_core.cache.outcome import Hit, HitKind, Miss, Stale
from sentinel_core.web.service import headers
from tests.support.fakes import completion
from tests.web.conftest import Api

Build = Callable[..., Api]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            Answer(completion(), Miss(), NO_USAGE, None, None, timings={"store": 0.1234, "provider": 1000.0}),
            {
                "cache-status": "sentinel; fwd=miss; stored",
                "server-timing": "store;dur=0.123, provider;dur=1000.000, total;dur=3.500",
            },
        ),
        (
            Answer(completion(), Hit(HitKind.SEMANTIC, 0.96666, 59.99), NO_USAGE, 0.0, None),
            {
                "cache-status": "sentinel; hit; detail=semantic",
                "server-timing": "total;dur=3.500",
                "age": "59",
                "x-sentinel-similarity": "0.9667",
            },
        ),
        (
            Answer(completion(), Stale(HitKind.EXACT, 1.0, 120.0), NO_USAGE, 0.0, None),
            {
                "cache-status": "sentinel; fwd=stale; detail=exact",
                "server-timing": "total;dur=3.500",
                "age": "120",
                "x-sentinel-similarity": "1.0000",
            },
        ),
    ],
)
def test_the_headers_tell_the_outcome(answer: Answer, told: dict[str, str]) -> None:
    assert headers(answer, 3.5) == told


class _Platform:
    """Sets a deadline of its own, as a function's time limit does."""

    def __init__(self, app: ASGIApp, deadline: float) -> None:
        self._app = app
        self._deadline = deadline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["sentinel.deadline"] = self._deadline
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

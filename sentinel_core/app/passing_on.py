"""Carries the trace of a request on to its provider."""

from __future__ import annotations

import httpx

from sentinel_core.support.trace import TRACE


class PassingOn(httpx.AsyncBaseTransport):
    """Sends `traceparent` and `tracestate` with each call to a provider."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        trace = TRACE.get()
        if trace is not None:
            request.headers.update(trace.onward)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()

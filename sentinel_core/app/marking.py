"""Marks the calls to servers whose address the operator set, so that one that leads back here is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Set

import httpx

from sentinel_core.app.settings import Settings
from sentinel_core.providers.catalogue import ProviderSpec
from sentinel_core.providers.endpoint import chat_url
from sentinel_core.support.route_marks import HEADER, onward


def mark_of(settings: Settings) -> str:
    """
    Return this gateway's mark, "" where no address is set; equal in all of its instances.

    It is a digest of the addresses without their passwords: two gateways with the same ones never ask each other.
    """
    if not settings.base_urls:
        return ""
    addresses = sorted(f"{name}={_bare(url)}" for name, url in settings.base_urls.items())
    return hashlib.sha256("\n".join(addresses).encode()).hexdigest()[:16]


def _bare(url: str) -> str:
    return url.partition("://")[2].rsplit("@", 1)[-1]


class Marking(httpx.AsyncBaseTransport):
    """Sends the marks with each call to one of `hosts`."""

    def __init__(self, inner: httpx.AsyncBaseTransport, mark: str, hosts: Set[str]) -> None:
        self._inner = inner
        self._mark = mark
        self._hosts = hosts

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host in self._hosts:
            request.headers[HEADER] = onward(self._mark)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def marked(
    transport: httpx.AsyncBaseTransport, settings: Settings, specs: Mapping[str, ProviderSpec]
) -> httpx.AsyncBaseTransport:
    """Return a transport that marks the calls to addresses the operator set; providers' own get no header of ours."""
    hosts = {chat_url(specs[name]).host for name in settings.base_urls if name in specs}
    return Marking(transport, mark_of(settings), hosts) if hosts else transport

"""Calls to a provider's other routes, with the gateway's key: embeddings, moderations, images, audio, models."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

import httpx

from sentinel_core.errors import ProviderError, ProviderProtocolError, ProviderUnavailableError
from sentinel_core.providers import endpoint, failures, openai_wire
from sentinel_core.providers.catalogue import ProviderSpec
from sentinel_core.providers.event_stream import bounded
from sentinel_core.support.fair_places import FairPlaces


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A provider's body as it came."""

    content_type: str
    body: bytes


class DirectCalls:
    """
    One provider's routes beside chat; each call is made once, for most of them cost money.

    At most `limit` calls at once, shared fairly by key. The caller's own headers are never sent.
    """

    def __init__(
        self,
        spec: ProviderSpec,
        *,
        key: str | None,
        transport: httpx.AsyncBaseTransport,
        limit: int = 1000,
        connect_timeout: float = 5.0,
        secrets: Sequence[str] = (),
    ) -> None:
        """Raise ConfigurationError for an address or a key that HTTP cannot carry."""
        chat = endpoint.chat_url(spec)
        self._name = spec.name
        self._base = chat.copy_with(path=chat.path.removesuffix(endpoint.PATHS[spec.api]))
        self._headers = endpoint.request_headers(spec, key, chat)
        self._secrets = endpoint.secrets(chat, key, secrets)
        self._transport = transport
        self._extensions: dict[str, Any] = {"timeout": {"connect": connect_timeout}}
        self._places = FairPlaces(limit)

    @property
    def name(self) -> str:
        return self._name

    async def get(self, path: str, *, timeout: float) -> Any:
        """Return the JSON at a path. Raises ProviderError."""
        answer = await self._ask("GET", path, b"", "", timeout, "")
        return openai_wire.decode(answer.body, provider=self._name)

    async def post(
        self, path: str, body: bytes, *, timeout: float, content_type: str = "application/json", owner: str = ""
    ) -> RawAnswer:
        """Post to a path such as `/embeddings`, as the key `owner`. Raises ProviderError."""
        return await self._ask("POST", path, body, content_type, timeout, owner)

    async def aclose(self) -> None:
        """Leave the transport open for its owner."""

    async def _ask(
        self, method: str, path: str, body: bytes, content_type: str, timeout: float, owner: str
    ) -> RawAnswer:
        began = time.monotonic()
        async with bounded(self._name, timeout):
            has_place = await self._places.acquire(owner)
        if not has_place:
            raise ProviderUnavailableError(f"too many calls to {self._name} at once", provider=self._name)
        try:
            return await self._exchange(method, path, body, content_type, timeout - (time.monotonic() - began))
        except ProviderError as error:
            raise failures.struck(error, self._secrets) from error.__cause__
        finally:
            self._places.release(owner)

    async def _exchange(self, method: str, path: str, body: bytes, content_type: str, left: float) -> RawAnswer:
        headers = {**self._headers, "content-type": content_type} if content_type else dict(self._headers)
        url = self._base.copy_with(path=self._base.path.rstrip("/") + path)
        message = httpx.Request(method, url, headers=headers, content=body, extensions=self._extensions)
        async with bounded(self._name, left), aclosing(await self._transport.handle_async_request(message)) as response:
            await response.aread()
        if not response.is_success:
            raise self._failure(response)
        kind = response.headers.get("content-type", "application/json")
        return RawAnswer(
            kind if kind.isascii() and kind.isprintable() else "application/octet-stream", response.content
        )

    def _failure(self, response: httpx.Response) -> ProviderError:
        payload: Any = None
        with suppress(ProviderProtocolError):
            payload = openai_wire.decode(response.content, provider=self._name)
        wait = failures.wait_asked_for(response.headers, now=time.time())
        return failures.from_status(response.status_code, payload, provider=self._name, retry_after=wait)

"""Upstash Redis over HTTP, by its own SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from json import dumps, loads
from types import SimpleNamespace
from typing import Any, Protocol

import httpx
from upstash_redis import http as sdk_http
from upstash_redis.asyncio import Redis
from upstash_redis.errors import UpstashError

from sentinel_core.errors import StoreError
from sentinel_core.stores.redis.connection import DEFAULT_TIMEOUT, Command, Reply, refusal

FOREIGN = (httpx.HTTPError, httpx.InvalidURL, UpstashError, OSError, ValueError, RecursionError)


class Poster(Protocol):
    """An HTTP client, such as `LeanTransport`."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[Mapping[str, str], bytes]:
        """Return headers, in lower case, and body; raises httpx's exceptions."""

    async def aclose(self) -> None:
        """Give connections back."""


class UpstashConnection:
    """
    The SDK with additions: a time budget, replies one by one, and one kind of error.

    The SDK builds requests and keeps the sync token (read your writes). Its HTTP client is replaced at
    `Redis._http._client`, the only place where a timeout and a transport can be set.
    """

    def __init__(self, url: str, token: str, *, timeout: float = DEFAULT_TIMEOUT, transport: Poster) -> None:
        self._timeout = timeout
        with _no_client():
            self._redis = Redis(url.rstrip("/"), token, rest_encoding=None, rest_retries=0, allow_telemetry=False)
        self._redis._http._client = _Client(transport)  # type: ignore[assignment]

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        pipeline = self._redis.pipeline()
        self._redis._maybe_set_sync_token_header(pipeline._headers)
        try:
            async with asyncio.timeout(self._timeout):
                replies: Any = await self._redis._http.execute(
                    pipeline._url, pipeline._headers, [list(command) for command in commands], from_pipeline=True
                )
        except StoreError:
            raise
        except FOREIGN as error:
            raise StoreError(f"no answer: {type(error).__name__}") from error
        if len(replies) != len(commands):
            raise StoreError("not as many replies as commands")
        return list(replies)

    async def aclose(self) -> None:
        await self._redis.close()


@contextmanager
def _no_client() -> Iterator[None]:
    """Keep the SDK from making the client that is replaced: its certificates alone take 20 ms of a cold start."""
    names = vars(sdk_http)
    kept = names["httpx"]
    names["httpx"] = SimpleNamespace(AsyncClient=lambda **_: None)  # all that the SDK's module takes from it
    try:
        yield
    finally:
        names["httpx"] = kept


class _Client:
    """
    Stands in for the SDK's httpx client, whose pipeline would drop all replies when one is an error.

    Redirects, cookies and proxies, which a client adds, are not for a database.
    """

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    async def post(self, url: str, *, headers: dict[str, str], json: Any) -> _Response:
        body = dumps(json, separators=(",", ":")).encode("ascii")
        return _Response(*await self._poster.post(url, {**headers, "content-type": "application/json"}, body))

    async def aclose(self) -> None:
        await self._poster.aclose()


class _Response:
    def __init__(self, headers: Mapping[str, str], body: bytes) -> None:
        # The name by which the SDK asks for its sync token.
        self.headers = {"Upstash-Sync-Token": headers.get("upstash-sync-token")}
        self._body = body

    def json(self) -> list[dict[str, Any]]:
        """Turn each error into a result, which the SDK hands on; raises StoreError if the whole request failed."""
        body = loads(self._body)
        if isinstance(body, dict) and "error" in body:
            raise refusal(body["error"])
        if not isinstance(body, list):
            raise StoreError("not an answer of Upstash")
        return [_item(item) for item in body]


def _item(item: Any) -> dict[str, Any]:
    if isinstance(item, dict) and "result" in item:
        return item
    if isinstance(item, dict) and "error" in item:
        return {"result": refusal(item["error"])}
    raise StoreError("not an answer of Upstash")

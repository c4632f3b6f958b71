"""What a tenant may try in order to be answered from what is another's."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp

from sentinel_core.tenants import api_key
from tests.tenants.doors import SECRET, shown_to

TENANTS = ("acme", "globex")
WORDS = ("what", "is", "machine", "learning")


@dataclass(frozen=True, slots=True)
class Attempt:
    path: str
    body: Mapping[str, Any]
    headers: Sequence[tuple[str, str]] = ()


def other_than(tenant: str) -> str:
    [other] = set(TENANTS) - {tenant}
    return other


def attempt(draw: random.Random, other: str) -> Attempt:
    """One request of someone who wants what `other` has, by prompts, fields, tags and headers."""
    space = api_key.namespace(SECRET, other)
    words = [*WORDS, other, space, f"sentinel:v1:{space}:entry:*", "\x00", "';--"]
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
        return Attempt("/v1/query", {"prompt": prompt, **own}, headers)
    extra: Mapping[str, Any] = draw.choice(
        [{}, {"user": other}, {"metadata": {"tenant": other}}, {"namespace": space}, {"tenant": other}]
    )
    body = {"messages": [{"role": "user", "content": prompt}], **extra}
    return Attempt("/v1/chat/completions", body, headers)


def any_attempt(draw: random.Random, other: str) -> Attempt:
    """As `attempt`, on every route that shows something of the cache."""
    tried = attempt(draw, other)
    kind = "query" if tried.path == "/v1/query" else "chat"
    chosen = draw.random()
    if chosen < 0.15:
        return Attempt("/v1/cache/explain", {kind: tried.body}, tried.headers)
    if chosen < 0.3 and kind == "query":
        return Attempt("/v1/query/batch", {"items": [tried.body, {"prompt": " ".join(WORDS)}]}, tried.headers)
    if chosen < 0.5 and kind == "chat":
        return Attempt(tried.path, {**tried.body, "stream": True}, tried.headers)
    return tried


async def ask(app: ASGIApp, tenant: str, tried: Attempt) -> httpx.Response:
    """Ask without a client: for ten thousand requests that would take longer than answering them."""
    named = [("authorization", f"Bearer {shown_to(tenant)}"), *tried.headers]
    content = json.dumps(tried.body).encode()
    told: list[Any] = []
    asked = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if asked.is_set():
            await asyncio.Event().wait()  # nobody leaves
        asked.set()
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    headers = [(name.encode(), value.encode()) for name, value in named]
    scope = {
        "type": "http",
        "method": "POST",
        "path": tried.path,
        "query_string": b"",
        "headers": headers,
        "scheme": "http",
    }
    await app(scope, receive, send)
    start, *parts = told
    answered = b"".join(part.get("body", b"") for part in parts)
    return httpx.Response(start["status"], headers=start["headers"], content=answered)

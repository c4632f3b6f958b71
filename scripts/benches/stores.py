"""The stores Sentinel can be measured with."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from scripts.benches import servers
from scripts.benches.bridge import TOKEN
from scripts.benches.servers import Running
from scripts.devtools.redis.bridge import Bridge
from scripts.devtools.redis.server import RedisServer

T = TypeVar("T")
KINDS = ("memory", "redis", "upstash")
BEARER = {"authorization": f"Bearer {TOKEN}"}


@contextmanager
def environ(kind: str) -> Iterator[Mapping[str, str]]:
    """Have a store of this kind ready, empty; gives the variables that point Sentinel at it."""
    if kind == "memory":
        yield {"SENTINEL_STORE": kind}
        return
    with _redis() as server, pointing_at(server, kind) as variables:
        yield variables


@contextmanager
def _redis() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory() as directory:
        server = RedisServer(Path(directory), durable=False)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def pointing_at(server: RedisServer, kind: str) -> Iterator[Mapping[str, str]]:
    """Give the variables that point Sentinel at this server, over TCP or by a bridge in a process of its own."""
    if kind == "redis":
        yield {"SENTINEL_STORE": kind, "SENTINEL_REDIS_URL": server.url}
        return
    with servers.module("bridge", "--redis-port", str(server.address[1])) as bridge:
        yield {"SENTINEL_STORE": kind, "UPSTASH_REDIS_REST_URL": bridge.url, "UPSTASH_REDIS_REST_TOKEN": TOKEN}


@contextmanager
def bridge() -> Iterator[Running]:
    """Serve a bridge before an empty Redis."""
    with _redis() as server, servers.module("bridge", "--redis-port", str(server.port)) as one:
        yield one


@contextmanager
def bare_route(variables: Mapping[str, str]) -> Iterator[Running]:
    """Serve the bare route with one raw round trip to the store these variables point at."""
    if "SENTINEL_REDIS_URL" in variables:
        flags = ["--redis", variables["SENTINEL_REDIS_URL"]]
    else:
        flags = ["--upstash", variables["UPSTASH_REDIS_REST_URL"], "--token", TOKEN]
    with servers.module("bare_store", *flags) as server:
        yield server


@contextmanager
def bridge_before(server: RedisServer) -> Iterator[tuple[Bridge, str]]:
    """Serve a bridge from a thread of this process, which has nothing else to do while others are measured."""
    with loop_in_thread() as run:
        bridge = Bridge(server.address, TOKEN)
        port = run(bridge.start())
        try:
            yield bridge, f"http://127.0.0.1:{port}"
        finally:
            run(bridge.close())


@contextmanager
def loop_in_thread() -> Iterator[Callable[[Coroutine[Any, Any, T]], T]]:
    """Give a way to run coroutines on an event loop in a thread, and wait for their results."""
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(5)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)

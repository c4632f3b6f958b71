"""Real processes: the instance that asks the provider is killed, and another one takes over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from scripts.devtools.http.replies import Fault, Reply
from scripts.devtools.http.serving import Server, serving
from scripts.devtools.http.upstream import Upstream
from scripts.devtools.redis.server import RedisServer
from sentinel_core.cache.ports import LEASE_SECONDS
from tests.support.processes import PATIENT

BODY = {"prompt": "Who asks the provider?"}
GIVES_UP_LATER = 12.0
"""Seconds until this test fails; a waiter that outwaits a dead holder takes half of its 30-second deadline."""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path, durable=False)
    server.start()
    yield server
    server.kill()


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 120.0
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_ready(server: Server) -> bool:
    return bool(server.http.get("/health?deep=1").json()["embedder"] == "ready")


def test_another_instance_takes_over_from_a_killed_one(redis: RedisServer) -> None:
    """Takes about 8 s: two servers start, a lease outlives its 2 s by renewal, and another one ends."""
    with Upstream.running() as upstream, ThreadPoolExecutor(2) as pool:
        environ = {"GROQ_API_KEY": "none", "GROQ_BASE_URL": upstream.url, "SENTINEL_REDIS_URL": redis.url, **PATIENT}
        with serving(**environ) as holder, serving(**environ) as waiter:
            until(lambda: is_ready(holder) and is_ready(waiter))
            upstream.script(Reply(fault=Fault.STALL))
            lost = pool.submit(holder.http.post, "/v1/query", json=BODY)
            until(lambda: len(upstream.calls) == 1)
            time.sleep(LEASE_SECONDS)
            answered = pool.submit(waiter.http.post, "/v1/query", json=BODY)
            time.sleep(0.5)
            assert len(upstream.calls) == 1, "the lease was not renewed"
            holder.process.kill()

            assert answered.result(GIVES_UP_LATER).status_code == 200
            assert isinstance(lost.exception(), httpx.HTTPError)
            assert len(upstream.calls) == 2

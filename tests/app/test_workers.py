"""Several workers on one address: their bounds, what they share, and their end."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import httpx
import pytest

from scripts.devtools.http.serving import serving
from scripts.devtools.redis.server import RedisServer
from sentinel_core.app.settings import Settings
from sentinel_core.app.workers import check, share_of
from sentinel_core.errors import ConfigurationError
from tests.support.processes import PATIENT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


def test_several_workers_without_redis_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"^3 workers need Redis, .* set SENTINEL_REDIS_URL or"):
        check(Settings(workers=3))
    check(Settings(workers=1))
    check(Settings(workers=3, redis_url="redis://127.0.0.1:1"))


def test_workers_divide_the_bounds_of_one_server() -> None:
    whole = Settings(workers=3, max_connections=10, provider_concurrency=2, max_memory_mb=300)
    part = share_of(whole)
    assert (part.max_connections, part.provider_concurrency, part.max_memory_mb, part.port) == (3, 1, 100, whole.port)


def test_workers_answer_as_one_and_end_together(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    redis = RedisServer(tmp_path / "redis", durable=False)
    redis.start()
    host, port = redis.address
    environ = {**PATIENT, "SENTINEL_REDIS_URL": f"redis://{host}:{port}", "SENTINEL_OPEN": "true"}
    try:
        with serving("--workers", "2", "--provider", "simulated", **environ) as running:
            url, process = running.said["address"], running.process
            workers = _children(process.pid, 2)
            outcomes = [_ask(url) for _ in range(8)]
            assert outcomes == ["miss", *["hit_exact"] * 7]

            os.kill(workers[0], signal.SIGKILL)
            replaced = _children(process.pid, 2, other_than=workers[0])
            assert (_ask(url), workers[0] in replaced) == ("hit_exact", False)

            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
            assert process.returncode == 0
            assert [each for each in replaced if Path(f"/proc/{each}").exists()] == []
    finally:
        redis.kill()


def _ask(url: str) -> str:
    """Ask over a new connection, which any worker may take."""
    outcome: str = httpx.post(f"{url}/v1/query", json={"prompt": "Why is the sky blue?"}, timeout=120).json()["outcome"]
    return outcome


def _children(pid: int, count: int, other_than: int | None = None) -> list[int]:
    """Return the workers once there are so many; multiprocessing's resource tracker is none."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        found = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        names = {each: Path(f"/proc/{each}/cmdline").read_bytes() for each in found if each != other_than}
        workers = [each for each, command in names.items() if b"spawn_main" in command]
        if len(workers) == count:
            return workers
        time.sleep(0.05)
    raise AssertionError("the workers did not start")
